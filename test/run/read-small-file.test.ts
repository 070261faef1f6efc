import { execFileSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { readSmallFile } from "../../src/run/read-small-file.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sevgate-small-file-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A path in a folder of this test alone. */
const at = (name: string) => join(folder, name);

function pipe(name: string): string {
  execFileSync("mkfifo", [at(name)]);
  return at(name);
}

describe("A file that a setting names", () => {
  it("is read whole, also through the links that Kubernetes exchanges when a Secret changes", () => {
    for (const version of ["1", "2"]) {
      mkdirSync(at(`..${version}`));
      writeFileSync(at(`..${version}/KEY`), `é${version.repeat(200_000)}\n`);
    }
    symlinkSync("..1", at("..data"));
    symlinkSync("..data/KEY", at("KEY"));
    expect(readSmallFile(at("KEY"))).toBe(`é${"1".repeat(200_000)}\n`);
    symlinkSync("..2", at("..data_tmp"));
    renameSync(at("..data_tmp"), at("..data"));
    expect(readSmallFile(at("KEY"))).toBe(`é${"2".repeat(200_000)}\n`);
  });

  it("is not read to its end when it is far too large, or has none", () => {
    writeFileSync(at("large"), "");
    truncateSync(at("large"), 1024 ** 3);
    for (const path of [at("large"), "/dev/zero"]) {
      expect(() => readSmallFile(path)).toThrow(expect.objectContaining({ code: "EFBIG" }));
    }
  });

  it("that is a folder, or not there, is refused as by Node", () => {
    symlinkSync("nowhere", at("dangling"));
    expect(() => readSmallFile(folder)).toThrow(expect.objectContaining({ code: "EISDIR" }));
    expect(() => readSmallFile(at("dangling"))).toThrow(expect.objectContaining({ code: "ENOENT" }));
  });

  it("may be a pipe that somebody writes to, and one that nobody opens is empty", () => {
    expect(readSmallFile(pipe("unopened"))).toBe("");
    const script = `import { readSmallFile } from "${new URL("../../src/run/read-small-file.ts", import.meta.url)}";
      process.stdout.write(readSmallFile("/dev/stdin"));`;
    const command = `(cat "$1"; echo two) | "$2" --input-type=module-typescript --eval "$3"`;
    writeFileSync(at("one"), "one\n");
    expect(execFileSync("sh", ["-c", command, "sh", at("one"), process.execPath, script]).toString()).toBe(
      "one\ntwo\n",
    );
  });

  it("that is a pipe with somebody who never writes is given up", () => {
    const path = pipe("silent");
    // Opened for both: it has somebody who writes, and it is not waited for.
    const writer = openSync(path, "r+");
    expect(() => readSmallFile(path, 20)).toThrow(expect.objectContaining({ code: "ETIMEDOUT" }));
    closeSync(writer);
  });
});
