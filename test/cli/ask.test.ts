import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "@jest/globals";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
/** A terminal to type into: `script` of util-linux. */
const HAS_SCRIPT = spawnSync("script", ["-qec", "true", "/dev/null"], { input: "" }).status === 0;

/** This command in an empty folder; these keys are the answer to its first question. */
async function answering(args: string, keys: string) {
  const folder = mkdtempSync(join(tmpdir(), "sevgate-ask-"));
  const command = `'${process.execPath}' '${MAIN}' ${args}`;
  const child = spawn("script", ["-qec", command, "/dev/null"], { cwd: folder });
  let shown = "";
  let isAnswered = false;
  child.stdout.on("data", (text) => {
    shown += String(text);
    if (isAnswered || !/[\]:] $/.test(stripVTControlCharacters(shown))) return;
    isAnswered = true;
    child.stdin.write(keys);
  });
  const code = await new Promise((done) => child.once("close", done));
  const written = readdirSync(folder);
  rmSync(folder, { recursive: true });
  return { code, shown, written };
}

(HAS_SCRIPT ? describe : describe.skip)("A question in a terminal", () => {
  it.each([
    ["init --no-git", "Ctrl-C", "\x03"],
    ["init --no-git", "Ctrl-D", "\x04"],
    ["setup", "Ctrl-C", "\x03"],
    ["setup", "Ctrl-D", "\x04"],
  ])("of `sevgate %s` may be answered with %s: it ends, and nothing is written", async (command, _, keys) => {
    const { code, shown, written } = await answering(command, keys);
    expect({ code, written }).toEqual({ code: 1, written: [] });
    expect(shown).toMatch(/\r\n(?:error: )?Stopped: nothing was written\.\r\n$/);
  });
});
