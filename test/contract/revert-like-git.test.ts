import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { systemClock } from "../../src/base/clock.ts";
import type { PullRequestFacts, Repository } from "../../src/core/model.ts";
import { openRevert } from "../../src/passes/open-revert.ts";
import { RevertMemory } from "../../src/passes/revert-memory.ts";
import { type GitFile, type GitFiles, type NewCommit, RealGit } from "../support/real-git.ts";

const REPOSITORY: Repository = { installationId: 1, id: 1, owner: "acme", name: "ops" };
const PATHS = ["a", "b", "d/a", "d/b", "d/e/c", "a/x", "d/e", "f/g/h"];

const METHODS = ["merge", "squash", "rebase"] as const;

type Edit = readonly [path: string, file: GitFile | null];

const file: fc.Arbitrary<GitFile> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      mode: fc.constantFrom("100644" as const, "100755" as const),
      content: fc.constantFrom(
        "one\ntwo\nthree\nfour\n",
        "one\ntwo\nthree\nfive\n",
        "ONE\ntwo\nthree\nfour\n",
        "other\n",
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ mode: fc.constant("120000" as const), content: fc.constantFrom("a", "b") }) },
  {
    weight: 1,
    arbitrary: fc.record({
      mode: fc.constant("160000" as const),
      content: fc.constantFrom("1".repeat(40), "2".repeat(40)),
    }),
  },
);
const edit: fc.Arbitrary<Edit> = fc.tuple(fc.constantFrom(...PATHS), fc.option(file, { nil: null, freq: 3 }));
const edits = (min: number, max: number) => fc.array(edit, { minLength: min, maxLength: max });
const history = fc.record({
  start: edits(2, 6),
  own: fc.array(edits(1, 3), { minLength: 1, maxLength: 3 }),
  meanwhile: edits(0, 2),
  later: edits(0, 2),
  method: fc.constantFrom(...METHODS),
});

type Given = typeof history extends fc.Arbitrary<infer T> ? T : never;

function changedPaths(a: GitFiles, b: GitFiles): readonly string[] {
  const text = (file: GitFile | undefined) => JSON.stringify(file ?? null);
  return [...new Set([...a.keys(), ...b.keys()])].filter((path) => text(a.get(path)) !== text(b.get(path)));
}

/** A file cannot be where a folder is, or the other way round: the later one stays. */
function edited(files: GitFiles, edits: readonly Edit[]): GitFiles {
  const next = new Map(files);
  for (const [path, given] of edits) {
    if (given === null) {
      next.delete(path);
      continue;
    }
    for (const known of next.keys()) {
      if (known.startsWith(`${path}/`) || path.startsWith(`${known}/`)) next.delete(known);
    }
    next.set(path, given);
  }
  return next;
}

function isSame(a: GitFiles, b: GitFiles): boolean {
  const text = (files: GitFiles) => JSON.stringify([...files].sort(([one], [other]) => (one < other ? -1 : 1)));
  return text(a) === text(b);
}

const text = (content: string): GitFile => ({ mode: "100644", content });

/** A file becomes a folder, and the last file of another folder is removed; others continue elsewhere. */
function clean(method: Given["method"]): Given {
  return {
    start: [
      ["a", text("a\n")],
      ["f/g/h", text("h\n")],
    ],
    own: [[["a/x", { mode: "100755", content: "x\n" }]], [["f/g/h", null]]],
    meanwhile: [["b", text("b\n")]],
    later: [["d/a", { mode: "120000", content: "a" }]],
    method,
  };
}

function taken(method: Given["method"]): Given {
  return { ...clean(method), later: [["a/x", text("y\n")]] };
}

describe("A revert by git objects", () => {
  let git: RealGit;
  beforeAll(() => {
    git = new RealGit();
  });
  afterAll(() => git.dispose());

  /** Makes the history, and returns the results of both ways; `null`: nothing was merged. */
  async function play({ start, own, meanwhile, later, method }: Given) {
    const made: NewCommit[] = [];
    const add = (commit: NewCommit) => made.push(commit) - 1;
    const root = edited(new Map([["README", { mode: "100644", content: "# ops\n" }]]), start);
    const from = add({ message: "Start", files: root, parents: [] });
    let base = edited(root, meanwhile);
    const before = add({ message: "Meanwhile", files: base, parents: [from] });

    let files = root;
    const commits: number[] = [];
    const copied: (readonly [number, readonly Edit[]])[] = [];
    for (const [index, changes] of own.entries()) {
      const next = edited(files, changes);
      if (isSame(files, next)) continue;
      files = next;
      commits.push(add({ message: `Part ${index}`, files, parents: [commits.at(-1) ?? from] }));
      copied.push([commits.at(-1) ?? from, changes]);
    }
    const wasBefore = base;
    let merged = before;
    if (method === "rebase") {
      for (const [copyOf, changes] of copied) {
        // A rebase leaves out commits that change nothing.
        if (isSame(base, edited(base, changes))) continue;
        base = edited(base, changes);
        merged = add({ message: made[copyOf]?.message ?? "", files: base, parents: [merged], copyOf });
      }
    } else {
      base = edited(base, own.flat());
      const parents = method === "merge" ? [before, commits.at(-1) ?? from] : [before];
      merged = add({ message: "Topic (#7)", files: base, parents });
    }
    if (commits.length === 0 || merged === before) return null;
    const now = edited(base, later);
    const tip = add({ message: "Later", files: now, parents: [merged] });

    const shas = git.make(made);
    const sha = (at: number) => shas[at] ?? "";
    const pullRequest = { number: 7, title: "Topic", mergeSha: sha(merged), baseRef: "main" } as PullRequestFacts;
    const content = { title: 'Revert "Topic"', body: "Reverts acme/ops#7" };
    const parts = { ...git.asGitHub(commits.map(sha)), memory: new RevertMemory(systemClock) };
    const opened = await openRevert(parts, REPOSITORY, pullRequest, content);
    if (opened === "unsupported") throw new Error("unsupported");
    const range = method === "rebase" ? `${sha(before)}..${sha(merged)}` : sha(merged);
    const byGit = git.revert(sha(tip), method === "merge" ? `-m 1 ${range}` : range);
    return { opened, byGit, touched: changedPaths(wasBefore, base), since: changedPaths(base, now) };
  }

  it("comes to the same files as git revert, and where it does not do it something was changed since", async () => {
    const seen = { same: 0, changed: 0, nothing: 0, cannotTell: 0 };
    await fc.assert(
      fc.asyncProperty(history, async (given) => {
        const played = await play(given);
        fc.pre(played !== null);
        if (played === null) return;
        const { opened, byGit, touched, since } = played;
        if (!("refused" in opened)) {
          seen.same += 1;
          expect(git.tree(opened.headSha)).toBe(byGit);
          return;
        }
        if (opened.changed.length > 0) {
          seen.changed += 1;
          // The same file, or the folder it was in, or what is in its place.
          const isNear = (path: string) => since.some((one) => one.split("/")[0] === path.split("/")[0]);
          expect(touched.filter(isNear)).not.toEqual([]);
          return;
        }
        if (/nothing left/.test(opened.refused)) {
          seen.nothing += 1;
          return;
        }
        expect(opened.refused).toMatch(/cannot tell/);
        seen.cannotTell += 1;
      }),
      { numRuns: 20, endOnFailure: true, examples: METHODS.flatMap((method) => [[clean(method)], [taken(method)]]) },
    );
    expect(Math.min(seen.same, seen.changed)).toBeGreaterThanOrEqual(METHODS.length);
  }, 180_000);
});
