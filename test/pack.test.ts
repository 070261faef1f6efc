import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Manifest } from "../scripts/published-manifest.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const LONG_AGO = new Date(Date.UTC(2026, 0, 1));

let clone: string;
let own: string;
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), "sevgate-pack-"));
  mkdirSync(join(clone, "scripts"));
  for (const name of ["swap-manifest.ts", "published-manifest.ts"])
    cpSync(join(ROOT, "scripts", name), join(clone, "scripts", name));
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;
  // What is built is tried by test/e2e/package.test.ts.
  const scripts = { ...manifest.scripts, build: "node --eval 0", prepare: "node --eval 0" };
  own = `${JSON.stringify({ ...manifest, scripts }, null, 2)}\n`;
  writeFileSync(join(clone, "package.json"), own);
});
afterEach(() => {
  rmSync(clone, { recursive: true });
});

function run(program: string, ...args: readonly string[]): readonly [number | null, string] {
  const env = { PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`, HOME: clone, TMPDIR: clone };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: clone, env, encoding: "utf8" });
  return [status, `${stdout}${stderr}`];
}
const npm = (...args: readonly string[]) => run("npm", ...args, "--no-update-notifier", "--offline");
const swap = (wish: string) => run(process.execPath, "scripts/swap-manifest.ts", wish);
const manifest = () => readFileSync(join(clone, "package.json"), "utf8");

/** As it is when npm was killed between `prepack` and `postpack`. */
function cutOff(): void {
  expect(swap("publish")).toEqual([0, ""]);
  expect(manifest()).not.toContain('"private"');
}

describe("An npm pack that was cut off", () => {
  it("is put right by the next one", () => {
    cutOff();
    utimesSync(join(clone, "package.own.json"), LONG_AGO, LONG_AGO);
    expect(npm("pack")).toEqual([0, expect.stringContaining("sevgate-")]);
    expect(manifest()).toBe(own);
    expect(existsSync(join(clone, "package.own.json"))).toBe(false);
  });

  it("lets nobody publish what it left", () => {
    cutOff();
    expect(npm("publish", "--dry-run")).toEqual([1, expect.stringContaining("release.yml")]);
  });

  it("is put right by hand", () => {
    cutOff();
    expect(swap("restore")).toEqual([0, ""]);
    expect(manifest()).toBe(own);
  });
});

describe("Two npm packs at once in one folder", () => {
  it("never mix: the second says that it has to wait, and spoils nothing", () => {
    cutOff();
    const published = manifest();
    expect(npm("pack")).toEqual([1, expect.stringContaining("Another npm pack is at work")]);
    expect(swap("publish")).toEqual([1, expect.stringContaining("Another npm pack is at work")]);
    expect(manifest()).toBe(published);
    expect(swap("restore")).toEqual([0, ""]);
    expect(manifest()).toBe(own);
  });
});
