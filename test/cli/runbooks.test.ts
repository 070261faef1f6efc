import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "@jest/globals";
import { runbooks } from "../../src/cli/runbooks.ts";
import type { Instant, Millis } from "../../src/core/model.ts";
import { unseenIn } from "../support/unseen-in.ts";

const NOW = Date.UTC(2026, 10, 24) as Instant;
const HALF_A_YEAR = (180 * 86_400_000) as Millis;
const GOOD = "---\nowner: web\nreviewed: 2026-11-01\n---\n# Checkout\n\n1. Turn it off\n";

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

function repository(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "sevgate-runbooks-"));
  roots.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

async function lint(path: string, options: { readonly json?: boolean; readonly lint?: boolean } = {}) {
  let out = "";
  const write = (text: string) => {
    out += text;
  };
  const code = await runbooks({ path, lint: true, olderThan: HALF_A_YEAR, json: false, now: NOW, write, ...options });
  return { code, out };
}

describe("sevgate runbooks", () => {
  it.each([
    [
      "",
      "there is no runbook under runbooks/**/*.md or docs/runbooks/**/*.md: write one there, or name its folder in runbooks.paths\n",
    ],
    [
      "severities: { P0: { close-requires: [] } }\nrunbooks: { paths: [] }\n",
      "no file is a runbook here: runbooks.paths of the policy is empty\n",
    ],
  ])("says so where there is none, with and without --lint: %j", async (policy, expected) => {
    const root = repository({ ".github/sevgate.yml": policy });
    expect(await lint(root, { lint: false })).toEqual({ code: 0, out: expected });
    expect(await lint(root)).toEqual({ code: 0, out: expected });
    expect(JSON.parse((await lint(root, { lint: false, json: true })).out)).toEqual({ runbooks: [] });
  });

  it("says in JSON, too, that the policy cannot be used", async () => {
    const root = repository({ ".github/sevgate.yml": "runbooks: 5\n" });
    const { code, out } = await lint(root, { json: true });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({ error: ".github/sevgate.yml cannot be used: sevgate validate says why" });
  });

  it("goes by the paths of a policy that extends its owner's", async () => {
    const policy = "extends: owner\nrunbooks: { paths: [howto/*.md] }\npaging: { channels: { P9: [pagerduty] } }\n";
    const root = repository({ ".github/sevgate.yml": policy, "howto/checkout.md": GOOD });
    expect((await lint(root, { lint: false })).out).toBe("howto/checkout.md  Checkout  web\n");
  });
});

describe("sevgate runbooks --lint", () => {
  it("answers 0 when there is nothing to fix", async () => {
    const files = {
      "runbooks/checkout.md": `${GOOD}\nSee [the other](../docs/a%20b.md#what-is-it) and <https://x.example>.\n`,
    };
    const root = repository({ ...files, "docs/a b.md": "# A\n\n## What is it?\n" });
    expect(await lint(root)).toEqual({ code: 0, out: "1 runbook: nothing to fix\n" });
  });

  it.each<[string, string, string]>([
    ["no owner", GOOD.replace("owner: web\n", ""), "1:1  owner  nobody keeps it true"],
    ["a head that is no YAML", GOOD.replace("owner: web", "owner: ["), "1:1  the front matter is not YAML"],
    [
      "a severity the policy does not know",
      GOOD.replace("owner: web", "owner: web\nseverities: [P7]"),
      "3:1  severities",
    ],
    [
      "a day long ago",
      GOOD.replace("2026-11-01", "2025-11-24"),
      "3:1  reviewed  nobody has looked through it for 365 days",
    ],
    ["no steps", GOOD.replace("1. Turn", "Turn"), "1:1  it has no steps"],
    ["a link to a file that is not there", `${GOOD}2. See [it](gone.md)\n`, '8:1  the link to "gone.md" is dead'],
    ["an image that is not there", `${GOOD}\n![graph](/img/x.png)\n`, 'is dead: there is no "img/x.png"'],
    [
      "a link to a heading that is not there",
      `${GOOD}\n[below](#no-such-heading)\n`,
      "has no heading for #no-such-heading",
    ],
    ["a link out of the repository", `${GOOD}\n[away](../../etc/passwd)\n`, "leads out of the repository"],
  ])("answers 1 for %s, with file, line and what to do", async (_, text, said) => {
    const { code, out } = await lint(repository({ "runbooks/checkout.md": text }));
    expect(code).toBe(1);
    expect(out.split("\n").filter((line) => line.startsWith("runbooks/checkout.md:"))).toEqual([
      expect.stringContaining(said),
    ]);
  });

  it("takes a commit for a look, where the whole history is there", async () => {
    const root = repository({ "runbooks/checkout.md": GOOD.replace("reviewed: 2026-11-01\n", "") });
    const git = (given: readonly string[], date: string) =>
      execFileSync("git", ["-C", root, "-c", "user.name=a", "-c", "user.email=a@example.com", ...given], {
        env: { ...process.env, GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date },
      });
    expect(await lint(root)).toMatchObject({ code: 0 });
    git(["init", "-q"], "");
    git(["add", "."], "");
    git(["commit", "-qm", "Write"], "2025-01-01T00:00:00Z");
    expect(await lint(root)).toMatchObject({ code: 1, out: expect.stringContaining("reviewed  nobody has looked") });
  });

  it("goes by the paths and severities of the repository's policy", async () => {
    const policy = 'version: 1\nseverities: { critical: {} }\nrunbooks: { paths: ["ops/*.md"] }\n';
    const files = { ".github/sevgate.yml": policy, "ops/a.md": GOOD, "runbooks/b.md": "nothing" };
    expect(await lint(repository(files))).toMatchObject({ code: 0, out: "1 runbook: nothing to fix\n" });
    const broken = repository({ ".github/sevgate.yml": "x: 1" });
    expect(await lint(broken)).toMatchObject({ code: 1, out: expect.stringContaining("sevgate validate says why") });
  });

  it("gives one JSON object with --json", async () => {
    const { out } = await lint(repository({ "runbooks/a.md": "# A\n\n1. Go\n" }), { json: true });
    expect(JSON.parse(out)).toMatchObject({
      runbooks: 1,
      valid: false,
      problems: [{ file: "runbooks/a.md", line: 1, column: 1, path: "owner" }],
    });
  });

  it("finds nothing to fix in this repository's own runbooks", async () => {
    expect(await lint(fileURLToPath(new URL("../../", import.meta.url)))).toMatchObject({ code: 0 });
  });
});

describe("sevgate runbooks", () => {
  it("lists path, title and owner", async () => {
    const root = repository({ "runbooks/a.md": GOOD, "runbooks/b-c.md": "1. Go" });
    expect((await lint(root, { lint: false })).out).toBe(
      "runbooks/a.md  Checkout  web\nrunbooks/b-c.md  b-c  (no owner)\n",
    );
  });

  it("prints nothing that a terminal obeys or that is copied unseen", async () => {
    const root = repository({ "runbooks/a\u200B.md": GOOD.replace("# Checkout", "# Check\u001B[2Jout\u200B \u202Ex") });
    const { out } = await lint(root, { lint: false });
    expect(out).toBe("runbooks/a[U+200B].md  Check[U+001B][2Jout[U+200B] [U+202E]x  web\n");
    expect(unseenIn((await lint(root)).out)).toBeNull();
  });
});
