import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { SignedWebhook } from "./signed-webhooks.ts";

/** A server in a process of its own, and so on a core of its own. */
export interface ServerProcess {
  /** Without a path. */
  readonly url: string;
  readonly webhookUrl: string;
  /** From starting the process to its first answer to `first`, ms. */
  readonly firstAnswerMs: number;
  /** Resident memory now, MB. */
  memoryMb(): number;
  /** The largest it has been, MB; not a number where there is no `/proc`. */
  largestMb(): number;
  /** Processor time since it was started, of all its threads, ms; not a number where there is no `/proc`. */
  processorMs(): number;
  /** The sum of a metric's values that have all these labels, each as `name="value"`. */
  metric(name: string, ...labels: readonly string[]): Promise<number>;
  /** Ends it at once, as losing the machine would. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** A first start on a machine that is busy with other work. */
const START_LIMIT_MS = 240_000;
const ROOT = fileURLToPath(new URL("../", import.meta.url));
const running = new Set<ChildProcess>();

process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/**
 * Starts a program of this repository on a free port, or that of `PORT`, and waits until it accepts a webhook.
 *
 * @param program from the root of the repository
 * @param first   sent again and again until it is answered with 2xx; `null`: any answer will do
 */
export async function startServer(
  program: readonly string[],
  settings: Readonly<Record<string, string>>,
  first: SignedWebhook | null,
): Promise<ServerProcess> {
  const port = Number(settings["PORT"] ?? (await freePort()));
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...program], {
    cwd: ROOT,
    env: { PATH: process.env["PATH"] ?? "", PORT: String(port), HOST: "127.0.0.1", ...settings },
    stdio: ["ignore", "ignore", "inherit"],
  });
  running.add(child);
  const ended = once(child, "close").then(() => running.delete(child));
  const url = `http://127.0.0.1:${port}`;
  const webhookUrl = `${url}/api/github/webhooks`;
  const server = {
    url,
    webhookUrl,
    memoryMb: () => residentKb(child.pid ?? 0) / 1_024,
    largestMb: () => Number(/^VmHWM:\s+(\d+) kB$/m.exec(ofProcess(child.pid, "status"))?.[1]) / 1_024,
    processorMs() {
      // The name, in brackets, may hold anything; user and system time are the 14th and 15th of all, in ticks of 10 ms.
      const fields = ofProcess(child.pid, "stat")
        .replace(/^.*\) /s, "")
        .split(" ");
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    async metric(name: string, ...labels: readonly string[]) {
      const text = await (await fetch(`${url}/metrics`)).text();
      return text
        .split("\n")
        .filter((line) => /^\w+/.exec(line)?.[0] === name && labels.every((label) => line.includes(label)))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await ended;
      clearTimeout(timer);
    },
  };
  while (performance.now() - startedAt < START_LIMIT_MS && child.exitCode === null) {
    const answer = await (first === null ? fetch(url) : fetch(webhookUrl, first)).catch(() => null);
    if (answer !== null && (first === null || answer.ok)) {
      return { ...server, firstAnswerMs: performance.now() - startedAt };
    }
    await pause(2);
  }
  await server.stop();
  throw new Error(`${program.join(" ")} did not start`);
}

/** What Linux says of a process; empty where there is no `/proc`. */
function ofProcess(pid: number | undefined, file: string): string {
  const path = `/proc/${pid}/${file}`;
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function residentKb(pid: number): number {
  // Starting `ps` would disturb anything that is measuring times meanwhile.
  const status = ofProcess(pid, "status");
  if (status !== "") return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
