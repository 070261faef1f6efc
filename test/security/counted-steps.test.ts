import { beforeAll, describe, expect, it, jest } from "@jest/globals";
import { matchesAny } from "../../src/core/policy/glob.ts";
import { matchRunbooks } from "../../src/core/runbooks/match-runbooks.ts";
import { readRunbook } from "../../src/core/runbooks/runbook.ts";
import { StepLimit } from "../../src/core/step-limit.ts";
import { codeOwnersOf } from "../../src/core/who/code-owners.ts";
import { type Counted, countReadings } from "../support/count-readings.ts";

jest.setTimeout(300_000);

/** Every reader, on every twelfth hostile text; test/faults/security-counted-steps.test.ts takes all of them. */
let counted: readonly Counted[];
beforeAll(async () => {
  counted = await countReadings(12);
});

describe("what others wrote, four times as much of it", () => {
  it("takes about four times the steps, and not their square, whoever reads it: texts, files, templates, lists", () => {
    expect(counted.length).toBeGreaterThan(300);
    expect(counted.filter(({ once, fourfold }) => fourfold > 8 * once + 5_000)).toEqual([]);
  });

  it("is counted by what is done, so that work that grows faster is seen", async () => {
    const [slow] = await countReadings(1, "quadratic");
    expect(slow!.fourfold).toBeGreaterThan(14 * slow!.once);
  });
});

describe("patterns and words that never come to an end", () => {
  const stars = "*a*a*a*b";
  const long = "a".repeat(5_000);

  it("of code owners are given up: then nobody is named", () => {
    expect(codeOwnersOf(`* @bob\n${`${stars} @eve\n`.repeat(4_999)}`, `${long}/c.ts`)).toEqual([]);
    expect(codeOwnersOf(`* @bob\n${stars} @eve\n`, `${long}/c.ts`)).toEqual([{ name: "bob", isTeam: false }]);
  });

  it("of globs match nothing more, and say so", () => {
    const limit = new StepLimit(1_000);
    expect(matchesAny([stars], long, limit)).toBe(false);
    expect(limit.isUsedUp).toBe(true);
    expect(matchesAny(["*"], "a", limit)).toBe(false);
    expect(matchesAny(["*"], "a", new StepLimit(10))).toBe(true);
  });

  it("of runbooks are looked for so long, and the best found by then are shown", () => {
    const words = readRunbook("");
    const keywords = Array.from({ length: 50 }, () => `${"a ".repeat(99)}b`);
    const books = Array.from({ length: 50 }, (_, at) => ({
      ...words,
      frontMatter: { ...words.frontMatter, keywords: at === 0 ? ["checkout"] : keywords },
      path: `runbooks/${at}.md`,
      sha: String(at),
    }));
    const question = { title: "Checkout is down", text: "a ".repeat(30_000), labels: [], severity: "P0" };
    expect(matchRunbooks(books, question).map(({ runbook }) => runbook.sha)).toEqual(["0"]);
  });
});
