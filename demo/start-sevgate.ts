import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { until } from "./until.ts";

/** What the server has to know to serve an emulated GitHub. */
export interface SevgateOptions {
  readonly githubUrl: string;
  readonly appId: number;
  readonly privateKey: string;
  readonly webhookSecret: string;
  /** Where the embedded store lives; created if it is missing, and outlives the process. */
  readonly dataDir: string;
  /** Further settings, by environment variable. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The real server, in a process of its own. */
export interface SevgateProcess {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly webhookUrl: string;
  readonly pid: number;
  /** Lines of its log and error output, oldest first. */
  readonly log: readonly string[];
  /** The exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<number | string>;
  /** SIGKILL: the process gets no chance to finish anything. */
  kill(): Promise<number | string>;
  /** A value of `/metrics`, summed over its labels that match. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
}

/** On a machine that is very busy. */
const START_LIMIT_MS = 60_000;
const MAX_LOG_LINES = 5_000;
/** Node's arguments: the sources, or what was built of them, which is where this is built to as well (scripts/build.js). */
const PROGRAM = import.meta.url.endsWith(".ts")
  ? [fileURLToPath(new URL("../src/cli/main.ts", import.meta.url))]
  : [...process.execArgv, fileURLToPath(new URL("../../bin/sevgate.js", import.meta.url))];

/**
 * Runs `sevgate start` on a free loopback port, and waits until it is ready.
 *
 * It never outlives this process, unless that is killed by SIGKILL. Nothing of the surrounding environment reaches it, and it
 * runs in the data folder: a `.env` or DATABASE_URL of somebody's own must not be used.
 *
 * @throws Error with the end of the log when the server does not start
 */
export async function startSevgate(options: SevgateOptions): Promise<SevgateProcess> {
  mkdirSync(options.dataDir, { recursive: true });
  const child = spawn(process.execPath, [...PROGRAM, "start"], {
    cwd: options.dataDir,
    env: {
      PATH: process.env["PATH"] ?? "",
      ...(process.env["TMPDIR"] === undefined ? {} : { TMPDIR: process.env["TMPDIR"] }),
      ...(process.env["NODE_COMPILE_CACHE"] === undefined
        ? {}
        : { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] }),
      APP_ID: String(options.appId),
      PRIVATE_KEY: options.privateKey,
      WEBHOOK_SECRET: options.webhookSecret,
      GITHUB_API_URL: options.githubUrl,
      DATA_DIR: options.dataDir,
      HOST: "127.0.0.1",
      PORT: "0",
      LOG_FORMAT: "json",
      // There is no load balancer in front that would have to notice.
      DRAIN_FOR: "0s",
      ...options.settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | string>((resolve) => {
    child.on("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
    child.on("error", (error) => resolve(error.message));
  });
  let isRunning = true;
  const killWithUs = () => child.kill("SIGKILL");
  // First of all, because others may be about to remove its folder.
  process.prependOnceListener("exit", killWithUs);
  void ended.then(() => {
    isRunning = false;
    process.off("exit", killWithUs);
  });
  const log = readLines(child);
  try {
    const url = await until(
      "Sevgate listens",
      async () => {
        if (!isRunning) throw new Error(`Sevgate ended before it listened.\n${log.slice(-20).join("\n")}`);
        return listeningUrl(log);
      },
      { limitMs: START_LIMIT_MS },
    );
    await until("Sevgate is ready", async () => (await fetch(`${url}/readyz`)).ok, { limitMs: START_LIMIT_MS });
    return {
      url,
      webhookUrl: `${url}/api/github/webhooks`,
      pid: child.pid ?? 0,
      log,
      ended,
      stop() {
        child.kill("SIGTERM");
        return ended;
      },
      kill() {
        child.kill("SIGKILL");
        return ended;
      },
      async metric(name, labels = {}) {
        return sumOf(await (await fetch(`${url}/metrics`)).text(), name, labels);
      },
    };
  } catch (error) {
    child.kill("SIGKILL");
    await ended;
    throw error;
  }
}

function readLines(child: ChildProcess): readonly string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (lines.length > MAX_LOG_LINES) lines.shift();
    });
  }
  return lines;
}

function listeningUrl(log: readonly string[]): string | null {
  for (const line of log) {
    const url = /"url":"(http:[^"]+)".*"msg":"Sevgate listens/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  return null;
}

/** Adds up the samples of a metric in Prometheus' text format. */
function sumOf(text: string, name: string, labels: Readonly<Record<string, string>>): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}
