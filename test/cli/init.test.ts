import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, jest } from "@jest/globals";
import { load } from "js-yaml";
import { type InitOptions, init } from "../../src/cli/init.ts";
import { oncall } from "../../src/cli/oncall.ts";
import { validate } from "../../src/cli/validate.ts";
import { writeNewFiles } from "../../src/cli/write-new-files.ts";
import type { Instant } from "../../src/core/model.ts";
import { parsePolicy } from "../../src/core/policy/parse.ts";
import { CLOSE_CHOICES, setupPolicy } from "../../src/core/setup/setup-policy.ts";
import { SETUP_FILES } from "../support/story.ts";

const TEMPLATES = fileURLToPath(new URL("../../templates/", import.meta.url));
const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const POLICY = ".github/sevgate.yml";
const ON_CALL = ".github/sevgate/on-call.yml";
const FORM = ".github/ISSUE_TEMPLATE/incident-p0.yml";
/** A Thursday. */
const NOW = Date.UTC(2026, 10, 26, 12) as Instant;

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

/** A clone of acme/shop with these files. */
function clone(files: Readonly<Record<string, string>> = {}, isGit = true): string {
  const root = mkdtempSync(join(tmpdir(), "sevgate-init-"));
  roots.push(root);
  const git = {
    ".git/config": '[core]\n\tbare = false\n[remote "origin"]\n\turl = git@github.com:acme/shop.git\n',
    ".git/refs/remotes/origin/HEAD": "ref: refs/remotes/origin/trunk\n",
  };
  for (const [path, text] of Object.entries({ ...(isGit ? git : {}), ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Every file but git's own, by path. */
function filesIn(root: string): Readonly<Record<string, string>> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)).toSorted();
  const own = paths.filter((path) => !path.startsWith(".git/"));
  return Object.fromEntries(own.map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

/** Runs it, with these answers in turn; without any, there is no terminal. */
async function run(root: string, answers: readonly string[] | null, more: Partial<InitOptions> = {}) {
  const said: string[] = [];
  const asked: string[] = [];
  const left = [...(answers ?? [])];
  let err = "";
  const spy = jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    err += String(text);
    return true;
  });
  try {
    const code = await init({
      folder: root,
      yes: answers === null,
      git: true,
      action: null,
      ask: async (question) => {
        asked.push(question);
        return left.shift() ?? null;
      },
      say: (line) => said.push(line),
      now: NOW,
      zone: "Europe/Berlin",
      ...more,
    });
    return { code, said: said.join("\n"), asked, err };
  } finally {
    spy.mockRestore();
  }
}

/** What `sevgate validate` says of it. */
async function validated(root: string) {
  let out = "";
  const code = await validate({
    file: undefined,
    json: false,
    read: async (file) => readFileSync(join(root, file)),
    list: async (folder) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []),
    write: (text) => {
      out += text;
    },
  });
  return { code, out };
}

describe("sevgate init --yes", () => {
  it("writes what the pull request of an installation brings, letter by letter, and it is valid", async () => {
    const root = clone();
    const { code, asked, said } = await run(root, null);
    expect(code).toBe(0);
    expect(asked).toEqual([]);
    expect(filesIn(root)).toEqual(Object.fromEntries(SETUP_FILES.map(({ path, text }) => [path, text])));
    const { code: valid, out } = await validated(root);
    expect(valid).toBe(0);
    expect(out).not.toContain("warning");
    expect(said).toMatch(/^wrote {2}\.github\/sevgate\.yml$/m);
  });

  it("ends with the next step, by the names the clone knows", async () => {
    const { said } = await run(clone(), null);
    expect(said.split("\n").slice(-2)).toEqual([
      "Next: commit these files; they count once they are on trunk of acme/shop.",
      "If Sevgate does not run yet: sevgate setup --url https://YOUR-SERVER",
    ]);
  });

  it("shows a branch whose name holds signs for a terminal without them", async () => {
    const { said } = await run(
      clone({ ".git/refs/remotes/origin/HEAD": "ref: refs/remotes/origin/a\u001b[2Jb\n" }),
      null,
    );
    expect(said).not.toContain("\u001b");
  });

  it("sends nobody to the set-up of a server whose policy says that the action runs it", async () => {
    const root = clone({ [POLICY]: "runs-in: action\n" });
    const { said } = await run(root, null);
    expect(said.split("\n").at(-1)).toMatch(/^Next: commit these files/);
  });

  it("speaks of one file as one", async () => {
    const root = clone();
    await run(root, null);
    const { said } = await run(root, null, { action: "app" });
    expect(said.split("\n").at(-1)).toBe("Then commit this file; it counts once it is on trunk of acme/shop.");
  });

  it("reads the names in a work tree of git, too", async () => {
    const main = clone({ ".git/worktrees/other/commondir": "../..\n" });
    const other = clone({ ".git": `gitdir: ${join(main, ".git/worktrees/other")}\n` }, false);
    const { code, said } = await run(other, null);
    expect(code).toBe(0);
    expect(said).toContain("trunk of acme/shop");
  });

  it("keeps what is there, said one by one, and writes the rest", async () => {
    const root = clone({ [FORM]: "mine\n", ".github/ISSUE_TEMPLATE/Post-Mortem.md": "ours\n" });
    const { code, said } = await run(root, null);
    expect(code).toBe(0);
    const files = filesIn(root);
    expect(files[FORM]).toBe("mine\n");
    expect(files[".github/ISSUE_TEMPLATE/post-mortem.md"]).toBeUndefined();
    expect(files[".github/ISSUE_TEMPLATE/Post-Mortem.md"]).toBe("ours\n");
    expect(files[POLICY]).toContain("severities:");
    expect(said).toContain(`kept   ${FORM} (it is there already, and was not changed)`);
  });

  it("writes nothing the second time, and says so", async () => {
    const root = clone();
    await run(root, null);
    const before = filesIn(root);
    const { code, said } = await run(root, null);
    expect(code).toBe(0);
    expect(filesIn(root)).toEqual(before);
    expect(said.split("\n").at(-1)).toBe("Nothing to write: everything is there.");
    expect(said).not.toContain("wrote");
  });

  it("makes forms for the severities of a policy that is there", async () => {
    const policy = "severities:\n  Fire: { label: 'on fire' }\n  Smoke: { label: smoke }\n";
    const root = clone({ [POLICY]: policy });
    await run(root, null);
    const files = filesIn(root);
    expect(files[POLICY]).toBe(policy);
    expect(load(files[".github/ISSUE_TEMPLATE/incident-fire.yml"]!)).toMatchObject({
      name: "Incident Fire",
      labels: ["on fire"],
    });
    expect(files[FORM]).toBeUndefined();
    expect((await validated(root)).out).not.toContain("warning");
  });

  it("makes no forms for a policy that is laid over its owner's: its severities are not known here", async () => {
    const root = clone({ [POLICY]: "extends: owner\n" });
    expect((await run(root, null)).code).toBe(0);
    expect(Object.keys(filesIn(root))).toEqual([".github/ISSUE_TEMPLATE/post-mortem.md", POLICY]);
  });
});

describe("sevgate init asks three questions:", () => {
  it("which labels, who is on call, and what closing needs; Enter takes the defaults", async () => {
    const root = clone();
    const { code, asked } = await run(root, ["", "", ""]);
    expect(code).toBe(0);
    expect(asked).toHaveLength(3);
    expect(filesIn(root)).toEqual(Object.fromEntries(SETUP_FILES.map(({ path, text }) => [path, text])));
  });

  it("labels become severities and forms, however many", async () => {
    const root = clone();
    const { code } = await run(root, ["severity: critical, P1,  sev/2 , minor", "", ""]);
    expect(code).toBe(0);
    const files = filesIn(root);
    const parsed = parsePolicy(files[POLICY]!);
    if (parsed.kind !== "valid") throw new Error("not valid");
    expect(parsed.policy.severities.map(({ name, label }) => [name, label])).toEqual([
      ["P0", "severity: critical"],
      ["P1", "P1"],
      ["P2", "sev/2"],
      ["P3", "minor"],
    ]);
    expect(load(files[".github/ISSUE_TEMPLATE/incident-p3.yml"]!)).toMatchObject({ labels: ["minor"] });
    const { code: valid, out } = await validated(root);
    expect([valid, out]).toEqual([0, expect.not.stringContaining("warning")]);
  });

  it("one label is enough", async () => {
    const root = clone();
    expect((await run(root, ["outage", "", ""])).code).toBe(0);
    expect(Object.keys(filesIn(root))).toEqual([FORM, ".github/ISSUE_TEMPLATE/post-mortem.md", POLICY]);
  });

  it.each([1, 2, 3, 5])("%d people make an on-call file that its own linter has nothing against", async (count) => {
    const root = clone();
    const logins = ["alice", "bob", "carol-2", "dave", "eve"].slice(0, count);
    expect((await run(root, ["", logins.map((one) => `@${one}`).join(", "), ""])).code).toBe(0);
    let out = "";
    const code = await oncall({
      file: join(root, ON_CALL),
      policy: join(root, POLICY),
      lint: true,
      explain: false,
      json: false,
      write: (text) => {
        out += text;
      },
    });
    const alone = "alice is alone on call: one person cannot hand over. Add a member";
    expect([code, out]).toEqual([0, expect.stringContaining(count === 1 ? alone : "nothing to fix")]);
    const file = filesIn(root)[ON_CALL]!;
    expect(file).toContain(`members: [${logins.join(", ")}]`);
    expect(file).toContain("start: 2026-11-23 ");
    expect(file).not.toContain("<");
  });

  it("the quick escalation is that of the most severe severity, whatever the policy calls it", async () => {
    const root = clone({ [POLICY]: "severities:\n  Fire: { label: fire }\n  Smoke: { label: smoke }\n" });
    expect((await run(root, ["alice, bob"])).code).toBe(0);
    expect(filesIn(root)[ON_CALL]).toMatch(/^escalation:.*\n {2}Fire:\n/m);
  });

  it("CODEOWNERS says who might be on call: people, not teams or addresses", async () => {
    const owners = "# @nobody\n* @alice @acme/web dev@example.com\n/api @Bob @alice # @carol\n";
    const { asked } = await run(clone({ "docs/CODEOWNERS": owners }), ["", "", ""]);
    expect(asked[1]).toContain("(CODEOWNERS names alice, Bob)");
  });

  it.each(CLOSE_CHOICES.map(({ requires }, at) => [String(at + 1), requires] as const))(
    "%s: closing needs %s, for every severity",
    async (answer, requires) => {
      const root = clone();
      expect((await run(root, ["", "", answer])).code).toBe(0);
      const lines = filesIn(root)[POLICY]!.match(/^ {4}close-requires: (.*)$/gm);
      expect(lines).toEqual(Array(3).fill(`    close-requires: ${requires}`));
      expect((await validated(root)).code).toBe(0);
    },
  );

  it("with a policy that is there, only the one that it does not answer", async () => {
    const { asked, code } = await run(clone({ [POLICY]: "version: 1\n" }), [""]);
    expect([code, asked.length]).toEqual([0, 1]);
    expect(asked[0]).toContain("Who is on call");
  });

  it.each<readonly [string, readonly string[], RegExp]>([
    ["two labels that are the same", ["P0, p0", "P0, P1", "", ""], /cannot be used/],
    ["a label of Sevgate's own", ["incident:resolved", "", "", ""], /cannot be used/],
    ["a label that is too long", ["x".repeat(51), "", "", ""], /cannot be used/],
    ["eleven labels", [Array.from({ length: 11 }, (_, at) => `l${at}`).join(), "", "", ""], /one to 10 labels/],
    ["a login that is none", ["", "alice, b@b", "alice", ""], /is no login on GitHub/],
    ["somebody twice", ["", "alice, Alice", "alice", ""], /each of them once/],
    ["a choice that there is not", ["", "", "7", "1"], /a number from 1 to 4/],
  ])("%s is asked for again, with the reason", async (_, answers, says) => {
    const { code, said, asked } = await run(clone(), answers);
    expect(code).toBe(0);
    expect(said).toMatch(says);
    expect(asked).toHaveLength(4);
  });

  it("three answers that cannot be used write nothing", async () => {
    const root = clone();
    const { code, err } = await run(root, ["", "", "x", "y", "z"]);
    expect([code, filesIn(root)]).toEqual([1, {}]);
    expect(err).toBe("Write a number from 1 to 4. Nothing was written.\n");
  });

  it("without a terminal it says what to add, and writes nothing", async () => {
    const root = clone();
    await expect(run(root, [])).rejects.toThrow("add --yes to take every default");
    expect(filesIn(root)).toEqual({});
  });
});

describe("sevgate init says", () => {
  it("which form that was there declares nothing with the policy it has written", async () => {
    const form = SETUP_FILES.find(({ path }) => path === FORM)!.text;
    const { code, said } = await run(clone({ [FORM]: form }), ["P0, P1", "", ""]);
    expect(code).toBe(0);
    expect(said).toContain(`${FORM}: warning: sets the label "sev:P0", which is no severity here`);
  });
});

describe("sevgate init --action", () => {
  it.each([
    ["app", "sevgate.yml", "SEVGATE_PRIVATE_KEY"],
    ["github-token", "sevgate-github-token.yml", "SEVGATE_RECORD_KEY"],
  ] as const)(
    "(%s) writes three files: the workflow, a policy that names the action, and a form",
    async (action, file, secret) => {
      const root = clone();
      const { code, said } = await run(root, null, { action });
      expect(code).toBe(0);
      const files = filesIn(root);
      expect(Object.keys(files)).toEqual([FORM, POLICY, ".github/workflows/sevgate.yml"]);
      expect(files[".github/workflows/sevgate.yml"]).toBe(readFileSync(join(TEMPLATES, "workflows", file), "utf8"));
      const parsed = parsePolicy(files[POLICY]!);
      expect(parsed).toMatchObject({ kind: "valid", policy: { "runs-in": "action" } });
      expect(said).toContain(secret);
      expect(said.split("\n").at(-1)).toBe("Then commit these files; they count once they are on trunk of acme/shop.");
    },
  );

  it("says which line a policy that is there needs, and does not change it", async () => {
    const root = clone({ [POLICY]: "version: 1\n" });
    const { said } = await run(root, null, { action: "github-token" });
    expect(filesIn(root)[POLICY]).toBe("version: 1\n");
    expect(said).toContain("Next: add the line runs-in: action to .github/sevgate.yml");
  });

  it("--github-token alone is a mistake, and nothing is written", () => {
    const root = clone();
    const { status, stderr } = spawnSync(process.execPath, [MAIN, "init", "--repo", root, "--yes", "--github-token"], {
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([2, expect.stringContaining("--github-token does nothing without --action")]);
    expect(filesIn(root)).toEqual({});
  });
});

describe("sevgate init writes nothing, and says what to do,", () => {
  it.each<readonly [string, () => string, RegExp]>([
    [
      "in a folder that is not there",
      () => join(clone(), "nowhere"),
      /is not there: name the root of a clone with --repo DIR/,
    ],
    ["in a file", () => join(clone({ "a.txt": "a" }), "a.txt"), /is a file: name the root/],
    [
      "where there is no git",
      () => clone({}, false),
      /is not in a git repository: run this in a clone, .* add --no-git/,
    ],
    [
      "below the root of a clone",
      () => join(clone({ "src/a.txt": "a" }), "src"),
      /in the root of the repository only: run this in /,
    ],
    [
      "beside a broken policy",
      () => clone({ [POLICY]: "severities: 7\n" }),
      /sevgate\.yml:1:\d+[\s\S]*correct the policy first/,
    ],
    [
      "beside a policy under a name that nobody reads",
      () => clone({ ".github/sevgate.yaml": "version: 1\n" }),
      /\.github\/sevgate\.yaml looks like the policy, .* rename it to \.github\/sevgate\.yml first/,
    ],
    [
      "beside a policy that is a folder",
      () => clone({ [`${POLICY}/a`]: "a" }),
      /^\.github\/sevgate\.yml is there, and cannot be read: this is a folder/,
    ],
    [
      "beside a policy that leads nowhere",
      () => {
        const root = clone({ ".github/a": "a" });
        symlinkSync("/nowhere/policy.yml", join(root, POLICY));
        return root;
      },
      /^\.github\/sevgate\.yml is there, and cannot be read: .+Nothing was written/,
    ],
    ["in a folder without a name", () => "", /^“” is not there/],
    ["where .github is a file", () => clone({ ".github": "x" }), /\.github is no folder/],
    [
      "where .github leads elsewhere",
      () => {
        const root = clone();
        symlinkSync(clone({}, false), join(root, ".github"));
        return root;
      },
      /\.github is no folder \(a link does not count\)/,
    ],
    ["where .github is .GitHub", () => clone({ ".GitHub/a.md": "x" }), /\.github is there as \.GitHub/],
    [
      "beside a template of the repository that is broken",
      () => clone({ ".github/sevgate/templates/status.md": "{% if %}" }),
      /correct this first/,
    ],
  ])("%s", async (_, make, says) => {
    const folder = make();
    const before = folder !== "" && existsSync(folder) && !folder.endsWith(".txt") ? filesIn(folder) : null;
    const { code, err } = await run(folder, null);
    expect(code).toBe(1);
    expect(err).toMatch(says);
    if (before !== null) expect(filesIn(folder)).toEqual(before);
  });

  it("but with --no-git writes where there is none", async () => {
    const root = clone({}, false);
    expect((await run(root, null, { git: false })).code).toBe(0);
    expect(filesIn(root)[POLICY]).toContain("severities:");
  });
});

describe("New files are all written, or none", () => {
  const FILES = [
    { path: "a/one.txt", text: "1" },
    { path: "b/c/two.txt", text: "2" },
  ];

  it("leaves no folder and no file if one cannot be placed, not even those it placed before", async () => {
    const root = clone({ "b/c/two.txt": "theirs" }, false);
    await expect(writeNewFiles(root, FILES)).rejects.toThrow(
      "b/c/two.txt cannot be written (somebody has made it meanwhile), so nothing was. Run it again.",
    );
    expect(filesIn(root)).toEqual({ "b/c/two.txt": "theirs" });
    expect(existsSync(join(root, "a"))).toBe(false);
  });

  it("says which file is in the way of a folder", async () => {
    const root = clone({ b: "a file" }, false);
    await expect(writeNewFiles(root, FILES)).rejects.toThrow(
      /b\/c\/two\.txt cannot be written \(ENOTDIR\), so nothing was\./,
    );
    expect(filesIn(root)).toEqual({ b: "a file" });
  });

  it("says that a folder may not be written in", async () => {
    const root = clone({}, false);
    mkdirSync(join(root, "b"));
    // Root may write everywhere: somebody else tries.
    const isRoot = process.getuid?.() === 0;
    chmodSync(root, 0o777);
    chmodSync(join(root, "b"), 0o555);
    const script = `import { writeNewFiles } from ${JSON.stringify(fileURLToPath(new URL("../../src/cli/write-new-files.ts", import.meta.url)))};
      await writeNewFiles(${JSON.stringify(root)}, ${JSON.stringify(FILES)}).catch((error) => console.log(error.message));`;
    const out = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
      ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}),
    });
    expect(out).toMatch(
      /b\/c\/two\.txt cannot be written \(EACCES\), so nothing was\. Let this user read and write in the folder/,
    );
    expect(filesIn(root)).toEqual({});
    expect(existsSync(join(root, "a"))).toBe(false);
  });

  it("says that a folder may not be looked into", async () => {
    const root = clone();
    mkdirSync(join(root, ".github"), { mode: 0o300 });
    chmodSync(root, 0o777);
    const { status, stderr } = spawnSync(process.execPath, [MAIN, "init", "--yes", "--repo", root], {
      encoding: "utf8",
      ...(process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}),
    });
    chmodSync(join(root, ".github"), 0o700);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        ".github cannot be looked into (EACCES), so nothing was written. Let this user read and write in the folder, and run it again.\n",
    });
    expect(filesIn(root)).toEqual({});
  });

  it("takes any text that a label may be for a policy that is still the same", () => {
    const template = readFileSync(join(TEMPLATES, "github/sevgate.yml"), "utf8");
    for (const label of ["$&", "$1 'x'", 'a "b" #c', "yes", "null", "- x", "{a: b}", "ü→", "a: b", "@x", "0"]) {
      const answers = { labels: [label], requires: CLOSE_CHOICES[0].requires, runsIn: "server" } as const;
      const parsed = parsePolicy(setupPolicy(template, answers));
      expect(parsed.kind === "valid" && parsed.policy.severities.map((one) => one.label)).toEqual([label]);
    }
  });
});
