import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

const BIN = fileURLToPath(new URL("../../bin", import.meta.url));
/** In place of the program: `LISTENS` listens for itself, as `start` does once it has begun. */
const MAIN = `
  if (process.env.LISTENS) process.on("SIGTERM", () => process.exit(0));
  setInterval(() => {}, 60_000);
  process.stdout.write("begun");
`;
/** What Node is told of itself in a container. */
const AS_PROCESS_ONE = `data:text/javascript,Object.defineProperty(process, "pid", { value: 1 })`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sevgate-process-one-"));
  cpSync(BIN, join(folder, "bin"), { recursive: true });
  mkdirSync(join(folder, "dist/cli"), { recursive: true });
  writeFileSync(join(folder, "package.json"), `{"type":"module"}`);
  writeFileSync(join(folder, "dist/cli/main.js"), MAIN);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function endedBy(
  signal: NodeJS.Signals,
  env: Readonly<Record<string, string>> = {},
  node = ["--import", AS_PROCESS_ONE],
) {
  const child: ChildProcess = spawn(process.execPath, [...node, join(folder, "bin/sevgate.js")], { env });
  await new Promise((begun) => child.stdout?.once("data", begun));
  const ended = new Promise((done) => child.once("exit", (code, by) => done({ code, by })));
  child.kill(signal);
  return await ended;
}

describe("As process 1 of a container, to which Linux delivers no signal that nobody listens to", () => {
  it("every command ends by SIGTERM and by Ctrl-C, also one that has not begun to listen", async () => {
    expect(await endedBy("SIGTERM")).toEqual({ code: 143, by: null });
    expect(await endedBy("SIGINT")).toEqual({ code: 130, by: null });
  });

  it("a server that listens ends in its own way", async () => {
    expect(await endedBy("SIGTERM", { LISTENS: "1" })).toEqual({ code: 0, by: null });
  });

  it("and elsewhere nothing is different from any other program", async () => {
    expect(await endedBy("SIGTERM", {}, [])).toEqual({ code: null, by: "SIGTERM" });
  });
});
