import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

jest.setTimeout(120_000);

const CHECK = "scripts/check-patterns.ts";
const NONE = { exceptions: [], filled: [] };

/** Runs the checker over one source file. */
function check(source: string, allowed: object = NONE): Promise<{ readonly code: number; readonly says: string }> {
  const root = mkdtempSync(join(folder, "root-"));
  for (const name of ["src", "scripts"]) mkdirSync(join(root, name));
  writeFileSync(join(root, "src/read.ts"), source);
  writeFileSync(join(root, "scripts/pattern-exceptions.json"), JSON.stringify(allowed));
  return new Promise((done) => {
    const child = execFile(process.execPath, [CHECK, `--root=${root}`], (_, out, err) =>
      done({ code: child.exitCode ?? -1, says: out + err }),
    );
  });
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sevgate-patterns-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a regular expression of the product", () => {
  it.each([
    ["takes four times the time for twice the text", "export const a = /[ \\t]+$/gm;", "polynomial"],
    ["takes twice the time for one more letter", "export const a = /^(?:a|a)*$/;", "exponential"],
    ["does so where it is put together", 'const E = "x+$"; export const a = new RegExp(`${E}`, "m");', "polynomial"],
    ["is made of what nobody knows", "export const a = (t: string) => new RegExp(t);", 'is made of "t"'],
  ])("fails the check when it %s", async (_, source, problem) => {
    const { code, says } = await check(source);
    expect({ code, says }).toEqual({ code: 1, says: expect.stringContaining(problem) });
    expect(says).toContain("src/read.ts: ");
  });

  it("passes when it takes time in proportion to the text, also put together from constants", async () => {
    const source = 'const P = { a: "a{1,3}" }; export const r = [/^a+$/, new RegExp(String.raw`^\\s${P.a}` + "b")];';
    expect(await check(source)).toMatchObject({ code: 0 });
  });

  it("is excepted by name alone, with what stands in its gaps, and an exception that nothing needs fails", async () => {
    const file = "src/read.ts";
    const bad = "export const a = /x+$/; export const b = (t: string) => new RegExp(`^${t}`);";
    const exceptions = [{ file, begins: "/x+$/", why: "a test" }];
    const filled = [{ file, expression: "t", example: "1", why: "a test" }];
    expect(await check(bad, { exceptions, filled })).toMatchObject({ code: 0 });
    const { code, says } = await check("export {};", { exceptions, filled });
    expect(code).toBe(1);
    expect(says).toContain("nothing begins with /x+$/ any more");
    expect(says).toContain("nothing is made of t any more");
  });
});
