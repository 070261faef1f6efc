import { existsSync, globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PAGE = "docs/assumptions.md";
const NUMBER = /\bA-\d{3}\b/g;

const page = read(PAGE);

/** A row of the page. */
interface Assumption {
  readonly number: string;
  readonly belief: string;
  readonly source: string;
  readonly sure: string;
  /** A path from the root; `null`: not relied on. */
  readonly code: string | null;
  readonly tests: readonly string[];
  /** What is next to the links. */
  readonly reason: string;
  readonly live: string;
}

const assumptions: readonly Assumption[] = page
  .split("\n")
  .filter((line) => /^\| A-\d{3} \|/.test(line))
  .map((line) => {
    const [number = "", belief = "", source = "", sure = "", code = "", tests = "", live = ""] = line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim());
    return {
      number,
      belief,
      source,
      sure,
      code: linksIn(code)[0] ?? null,
      tests: linksIn(tests),
      reason: tests.replaceAll(/\[[^\]]*\]\([^)]*\)/g, "").replaceAll(/[;\s]/g, ""),
      live,
    };
  });

function read(path: string): string {
  return readFileSync(`${ROOT}${path}`, "utf8");
}

/** The files a cell links to, from the root. */
function linksIn(cell: string): readonly string[] {
  return [...cell.matchAll(/\]\(\.\.\/([^)#]+)\)/g)].map(([, path = ""]) => path);
}

/** Every number that occurs in a file of certain folders, except the page itself. */
function cited(...patterns: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const file of patterns.flatMap((pattern) => globSync(pattern, { cwd: ROOT }))) {
    if (file === PAGE || file === "test/assumptions.test.ts") continue;
    for (const [number] of read(file).matchAll(NUMBER)) found.set(number, [...(found.get(number) ?? []), file]);
  }
  return found;
}

describe("docs/assumptions.md", () => {
  it("has a row for each number, once and in order, with every cell filled", () => {
    const numbers = assumptions.map(({ number }) => number);
    expect(numbers.length).toBeGreaterThan(100);
    expect(numbers).toEqual([...new Set(numbers)].toSorted());
    const gaps = assumptions.filter(
      ({ belief, source, sure, live }) =>
        [belief, source, live].includes("") || !/^(?:documented|documented, seen|seen by others|unknown)$/.test(sure),
    );
    expect(gaps.map(({ number }) => number)).toEqual([]);
  });

  it("knows every number that the code, the tests and the other pages name", () => {
    const known = new Set(assumptions.map(({ number }) => number));
    const unknown = [...cited("src/**/*.ts", "test/**/*.ts", "docs/**/*.md", "README.md", "CHANGELOG.md")].filter(
      ([number]) => !known.has(number),
    );
    expect(unknown).toEqual([]);
  });

  it("leads from each belief to code that rests on it and names it, or says why none does", () => {
    const inCode = cited("src/**/*.ts", "scripts/**/*.ts", ".github/workflows/*.yml", "Dockerfile");
    const lost = assumptions.filter(({ number, code, reason }) =>
      code === null ? reason === "" : !(inCode.get(number) ?? []).includes(code),
    );
    expect(lost.map(({ number, code }) => `${number} ${code ?? "not relied on"}`)).toEqual([]);
  });

  it("names for each belief a test that plays GitHub's side, which names it too, or says why there is none", () => {
    const inTests = cited("test/**/*.ts");
    const bare = assumptions.flatMap(({ number, tests, reason }) => {
      const wrong = tests.filter((path) => !existsSync(`${ROOT}${path}`) || !inTests.get(number)?.includes(path));
      if (wrong.length > 0) return wrong.map((path) => `${number} ${path}`);
      return tests.length === 0 && reason === "" ? [`${number} no test and no reason`] : [];
    });
    expect(bare).toEqual([]);
  });

  it("has a one-minute test behind every one it names, and settles only what it lists", () => {
    const rows = [...page.matchAll(/^\| (T-\d{1,2}) \|/gm)].map(([, test]) => test);
    expect(rows).toEqual(Array.from({ length: 21 }, (_, at) => `T-${at + 1}`));
    const [list = "", tests = ""] = page.split("## One-minute tests");
    const named = [...list.matchAll(/\bT-\d{1,2}\b/g)].map(([test]) => test);
    expect(named.filter((test) => !rows.includes(test))).toEqual([]);
    const known = new Set(assumptions.map(({ number }) => number));
    expect([...tests.matchAll(NUMBER)].map(([number]) => number).filter((number) => !known.has(number))).toEqual([]);
  });
});
