import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { validate } from "../../src/cli/validate.ts";

/** What the built-in policy means. */
const MEANS =
  "  P0  sev:P0  ack 15m, update 1h, post-mortem 3d, action items 7d  closes with a post-mortem or a runbook pull request\n" +
  "  P1  sev:P1  ack 1h, update 4h, post-mortem 5d, action items 30d  closes with a post-mortem or a runbook pull request\n" +
  "  P2  sev:P2  ack 1d, action items 90d                             closes with a post-mortem or a runbook pull request\n";
const BROKEN = "closing:\n  graze: 0s\n";

interface Outcome {
  readonly code: number | null;
  readonly out: string;
}

async function run(
  file: string | undefined,
  content: string | Uint8Array | Error,
  json = false,
): Promise<Outcome & { readonly asked: string[] }> {
  const asked: string[] = [];
  let out = "";
  const code = await validate({
    file,
    json,
    list: async () => [],
    read: async (name) => {
      asked.push(name);
      if (content instanceof Error) throw content;
      return typeof content === "string" ? new TextEncoder().encode(content) : content;
    },
    write: (text) => {
      out += text;
    },
  });
  return { code, out, asked };
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: no`), { code });
}

describe("sevgate validate", () => {
  it("answers 0, names the file and says what it means when the policy is valid", async () => {
    expect(await run("policy.yml", "version: 1\n")).toEqual({
      code: 0,
      out: `policy.yml: valid\n${MEANS}`,
      asked: ["policy.yml"],
    });
  });

  it("notes what a private repository for post-mortems has to say itself", async () => {
    const text = "post-mortem: { repository: acme/learnings }\n";
    const { code, out } = await run("policy.yml", text);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^policy\.yml: valid\n[\s\S]*\npolicy\.yml: note: post-mortem\.repository: if acme\/learnings is private,/,
    );
    expect(JSON.parse((await run("policy.yml", text, true)).out)).toMatchObject({
      valid: true,
      notes: [expect.stringContaining("evidence-for")],
    });
  });

  it("reads .github/sevgate.yml when no file is named", async () => {
    const { asked, out } = await run(undefined, "");
    expect(asked).toEqual([".github/sevgate.yml"]);
    expect(out).toBe(`.github/sevgate.yml: valid\n${MEANS}`);
  });

  it("answers 1 and prints file:line:column  path  message for each problem", async () => {
    expect(await run("policy.yml", `${BROKEN}roles: x\n`)).toMatchObject({
      code: 1,
      out:
        'policy.yml:2:3  closing.graze  unknown key "graze": did you mean grace?\n' +
        'policy.yml:3:8  roles  "x" is not a list: write [lead, comms, scribe]\n',
    });
  });

  it.each<[string, string, string | Uint8Array | Error, number, object]>([
    [
      "a valid file",
      "policy.yml",
      "severities: { high: { acknowledge-within: 90m, close-requires: fix-merged } }\nclosing: { duplicate: gated }\n",
      0,
      {
        file: "policy.yml",
        valid: true,
        problems: [],
        means: {
          severities: [
            {
              severity: "high",
              label: "sev:high",
              "acknowledge-within": "90m",
              "update-every": null,
              "post-mortem-within": null,
              "action-items-within": null,
              "needs-to-close": "a merged fix",
            },
          ],
          otherwise: ["Closing as duplicate now needs the same as any other close: the gate is tightened"],
        },
      },
    ],
    [
      "a broken file",
      "policy.yml",
      BROKEN,
      1,
      {
        file: "policy.yml",
        valid: false,
        problems: [{ line: 2, column: 3, path: "closing.graze", message: 'unknown key "graze": did you mean grace?' }],
      },
    ],
    [
      "a missing file",
      "policy.yml",
      failure("ENOENT"),
      1,
      {
        file: "policy.yml",
        valid: false,
        problems: [{ line: 1, column: 1, path: "", message: "there is no such file: check the name" }],
      },
    ],
  ])("with --json prints one object on one line: %s", async (_name, file, content, code, expected) => {
    const outcome = await run(file, content, true);
    expect(outcome.code).toBe(code);
    expect(outcome.out).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(outcome.out)).toEqual(expected);
  });

  it.each([
    [
      "ENOENT",
      undefined,
      ".github/sevgate.yml:1:1  there is no such file: run this in the root of a repository, or name the file\n",
    ],
    ["ENOENT", "x.yml", "x.yml:1:1  there is no such file: check the name\n"],
    ["EISDIR", "x", "x:1:1  this is a folder: name the file in it, such as .github/sevgate.yml\n"],
    ["EACCES", "x", "x:1:1  the file may not be read: check its permissions\n"],
    ["EIO", "x", "x:1:1  the file cannot be read: EIO: no\n"],
  ])("answers 1 with a remedy when the file cannot be read: %s", async (code, file, expected) => {
    expect(await run(file, failure(code))).toMatchObject({ code: 1, out: expected });
  });

  it("names the policy that lies there under a wrong name", async () => {
    const folders: Record<string, readonly string[]> = { ".github": ["CODEOWNERS", "sevgate.yaml"] };
    const out: string[] = [];
    const code = await validate({
      file: undefined,
      json: false,
      read: async () => {
        throw Object.assign(new Error("no"), { code: "ENOENT" });
      },
      list: async (folder) => folders[folder] ?? [],
      write: (text) => out.push(text),
    });
    expect(code).toBe(1);
    expect(out.join("")).toBe(
      ".github/sevgate.yml:1:1  there is no such file, but .github/sevgate.yaml: rename it to .github/sevgate.yml\n",
    );
  });

  /** A repository on disk: files by path. */
  async function validateAll(
    files: Record<string, string>,
    json = false,
    file?: string,
    others: { readonly base?: string; readonly owner?: string } = {},
  ) {
    const out: string[] = [];
    const code = await validate({
      ...others,
      file,
      json,
      read: async (path) => {
        if (files[path] === undefined) throw failure("ENOENT");
        return new TextEncoder().encode(files[path]);
      },
      list: async (folder) =>
        Object.keys(files).flatMap((path) => {
          const within = folder === "." ? "" : `${folder}/`;
          return path.startsWith(within) && !path.slice(within.length).includes("/") ? [path.slice(within.length)] : [];
        }),
      write: (text) => out.push(text),
    });
    return { code, out: out.join("") };
  }

  it("checks the templates of the repository as well, each problem at its line with what to write", async () => {
    const templates = ".github/sevgate/templates";
    const files = {
      ".github/sevgate.yml": "version: 1\n",
      [`${templates}/incident.md`]: "## Impact\n{{ severity }}\n",
      [`${templates}/post-mortem.md`]: "# Post-mortem\n\n{% if incident %}\nIt was {{ incident }}\n",
      [`${templates}/status.md`]: "{{ icon }}\n{{ timeline | sort }}\n",
      [`${templates}/README.md`]: "{% nonsense %}\n",
    };
    const { code, out } = await validateAll(files);
    expect(code).toBe(1);
    expect(out.split("\n")).toEqual([
      ".github/sevgate.yml: valid",
      ...MEANS.trimEnd().split("\n"),
      `${templates}/incident.md: valid`,
      expect.stringMatching(
        /post-mortem\.md:3:1 {2}the template has a part that is not closed, \{% if incident %\}: write its end/,
      ),
      expect.stringMatching(/status\.md:2:\d+ {2}the template uses the filter "sort": the filters are append, /),
      "",
    ]);
    const parsed = JSON.parse((await validateAll(files, true)).out);
    expect(parsed).toMatchObject({ file: ".github/sevgate.yml", valid: false, problems: [] });
    expect(parsed.templates.map((one: { problems: readonly unknown[] }) => one.problems.length)).toEqual([0, 1, 1]);
    expect((await validateAll(files, false, `${templates}/status.md`)).out).toMatch(/status\.md:2:/);
    expect(await validateAll(files, false, ".github/sevgate.yml")).toMatchObject({ code: 0 });
  });

  it("accepts the templates that Sevgate comes with", async () => {
    for (const name of ["incident", "post-mortem", "status"]) {
      const outcome = await validateAll({ "x.md": await readFile(`templates/${name}.md`, "utf8") }, false, "x.md");
      expect(outcome).toEqual({ code: 0, out: "x.md: valid\n" });
    }
  });

  it("notes files beside a valid policy that are not read, and no backup", async () => {
    const files = {
      ".github/sevgate.yml": "",
      ".github/sevgate.yml.bak": "",
      ".github/sevgate/oncall.yml": "",
      "sevgate (1).yml": "",
    };
    expect(await validateAll(files)).toEqual({
      code: 0,
      out:
        `.github/sevgate.yml: valid\n${MEANS}` +
        ".github/sevgate.yml: note: sevgate (1).yml is not read: rename it to .github/sevgate.yml\n" +
        ".github/sevgate.yml: note: .github/sevgate/oncall.yml is not read: rename it to .github/sevgate/on-call.yml\n",
    });
  });

  it("names no on-call file as the policy that is missing, but a backup of it", async () => {
    const { out } = await validateAll({ ".github/sevgate/oncall.yml": "" });
    expect(out).toContain("there is no such file: run this in the root");
    expect((await validateAll({ ".github/sevgate.yml.bak": "" })).out).toContain("but .github/sevgate.yml.bak: rename");
  });

  it("says which built-in severities and deadlines a policy has lost by leaving them out", async () => {
    const partly = await run("policy.yml", "severities: { P0: { acknowledge-within: 5m } }\n");
    expect(partly.out).toBe(
      "policy.yml: valid\n" +
        "  P0  sev:P0  ack 5m  closes with a post-mortem or a runbook pull request\n" +
        "  what it changes from the built-in policy:\n" +
        "  - P1 and P2 are no incidents here\n" +
        "  - P0 has no update or post-mortem deadline\n",
    );
    const means = JSON.parse((await run("policy.yml", "severities: { P0: {}, P1: {} }\n", true)).out).means;
    expect(means.otherwise).toEqual([
      "P2 is no incident here",
      "P0 has no acknowledgment, update or post-mortem deadline",
      "P1 has no acknowledgment, update or post-mortem deadline",
    ]);
    const others = await run("policy.yml", "severities: { critical: {}, low: {} }\n");
    expect(others.out).not.toContain("built-in");
  });

  it("says of a policy what it changes from the built-in one besides", async () => {
    const { out } = await run("policy.yml", "severities: { P0: {} }\nroles: [lead]\n");
    expect(out).toBe(
      "policy.yml: valid\n" +
        "  P0  sev:P0  no deadline  closes with a post-mortem or a runbook pull request\n" +
        "  what it changes from the built-in policy:\n" +
        "  - P1 and P2 are no incidents here\n" +
        "  - P0 has no acknowledgment, update or post-mortem deadline\n" +
        '  - /assign no longer knows "comms" and "scribe"\n',
    );
  });

  it("warns of issue forms beside the policy that look as if they declared an incident, and of no other", async () => {
    const form = (labels: string) => `name: x\nbody: []\n${labels}`;
    const files = {
      ".github/sevgate.yml": "severities: { P0: {}, P1: { label: severity/high } }\n",
      ".github/ISSUE_TEMPLATE/incident-p0.yml": form('labels: ["SEV:p0", web]'),
      ".github/ISSUE_TEMPLATE/incident-p2.yml": form('labels: ["sev:P2"]'),
      ".github/ISSUE_TEMPLATE/low.yaml": form("labels: bug, severity/low"),
      ".github/ISSUE_TEMPLATE/incident.yml": form("labels: [bug]"),
      ".github/ISSUE_TEMPLATE/bug.yml": form("labels: [bug]"),
      ".github/ISSUE_TEMPLATE/config.yml": "blank_issues_enabled: false\n",
      ".github/ISSUE_TEMPLATE/broken.yml": "labels: [\n",
    };
    const { code, out } = await validateAll(files);
    expect(code).toBe(0);
    expect(out.split("\n").filter((line) => line.includes("warning"))).toEqual([
      '.github/ISSUE_TEMPLATE/incident-p2.yml: warning: sets the label "sev:P2", which is no severity here: what it opens is no incident',
      ".github/ISSUE_TEMPLATE/incident.yml: warning: sets no label of a severity: what it opens is no incident until someone labels it",
      '.github/ISSUE_TEMPLATE/low.yaml: warning: sets the label "severity/low", which is no severity here: what it opens is no incident',
    ]);
    const { warnings } = JSON.parse((await validateAll(files, true)).out);
    expect(warnings).toHaveLength(3);
    expect(warnings[0].file).toBe(".github/ISSUE_TEMPLATE/incident-p2.yml");
  });

  it("finds nothing odd in the forms that Sevgate comes with", async () => {
    const folder = "templates/github/ISSUE_TEMPLATE";
    const names = await readdir(folder);
    const forms = await Promise.all(
      names.map(async (name) => [`${folder}/${name}`, await readFile(`${folder}/${name}`, "utf8")]),
    );
    const policy = "templates/github/sevgate.yml";
    const { out } = await validateAll(
      { ...Object.fromEntries(forms), [policy]: await readFile(policy, "utf8") },
      false,
      policy,
    );
    expect(out).toBe(`${policy}: valid\n${MEANS}`);
  });

  it("compares with --base: what is relaxed first, then what is tightened, then the rest", async () => {
    const files = {
      "new.yml": "severities: { P0: {}, P1: { acknowledge-within: 1h, close-requires: [post-mortem, fix-merged] } }\n",
      "old.yml": "severities: { P0: {}, P1: { close-requires: post-mortem }, P2: {} }\n",
      "same.yml": "severities: { P0: {}, P1: { label: SEV:P1 } }\n",
      "broken.yml": BROKEN,
    };
    const against = (base: string, json = false) => validateAll(files, json, "new.yml", { base });
    expect((await against("old.yml")).out.split("compared ")[1]).toBe(
      "with old.yml:\n" +
        '  - P2 is removed: issues labeled "sev:P2" are no longer declared as incidents: the gate is relaxed\n' +
        "  - P1 can no longer be closed without a merged fix: the gate is tightened\n" +
        "  - P1: acknowledge within 1 hour, was no deadline\n",
    );
    expect(JSON.parse((await against("old.yml", true)).out).comparedWith).toMatchObject({
      file: "old.yml",
      changes: [{ effect: "relaxes" }, { effect: "tightens" }, { effect: "neither" }],
    });
    expect((await against("new.yml")).out).toContain("compared with new.yml: nothing changes in effect\n");
    expect((await validateAll({ ...files, "-": "" }, false, "new.yml", { base: "-" })).out).toContain(
      "compared with <stdin>:\n",
    );
    expect(await against("broken.yml")).toMatchObject({
      code: 1,
      out: expect.stringContaining("broken.yml:2:3  closing"),
    });
    expect(await against("none.yml")).toMatchObject({
      code: 1,
      out: expect.stringContaining("none.yml:1:1  there is no"),
    });
  });

  it("reads a policy that extends its owner's together with --owner, and says what it cannot know without", async () => {
    const files = {
      "mine.yml": "extends: owner\nseverities: { P3: { label: sev:P3 } }\npaging: { channels: { P1: [pagerduty] } }\n",
      "owner.yml": "severities: { P1: { label: sev:P1, close-requires: fix-merged } }\n",
      "clash.yml": "severities: { P1: { label: sev:P3 } }\n",
      "broken.yml": BROKEN,
    };
    const over = (owner: string) => validateAll(files, false, "mine.yml", { owner });
    expect((await over("owner.yml")).out).toBe(
      "mine.yml: valid\n" +
        "  P1  sev:P1  no deadline  closes with a merged fix\n" +
        "  P3  sev:P3  no deadline  closes with a post-mortem or a runbook pull request\n" +
        "  what it changes from the built-in policy:\n" +
        "  - P0 and P2 are no incidents here\n" +
        "  - P1 has no acknowledgment, update or post-mortem deadline\n" +
        "  - Pages for P1 go to pagerduty\n",
    );
    expect(await over("clash.yml")).toMatchObject({
      code: 1,
      out: expect.stringContaining("already used by severities.P1.label"),
    });
    expect(await over("broken.yml")).toMatchObject({
      code: 1,
      out: expect.stringContaining("1:10  extends  the policy of broken.yml cannot be used"),
    });
    expect(await over("none.yml")).toMatchObject({
      code: 1,
      out: expect.stringContaining("none.yml:1:1  there is no"),
    });
    const alone = await validateAll(files, false, "mine.yml");
    expect(alone.code).toBe(0);
    expect(alone.out).toMatch(/^mine\.yml: valid\nmine\.yml: note: it extends the owner's policy, .* --owner FILE\n$/);
  });

  it("refuses a file that is not UTF-8, with the place", async () => {
    const latin1 = Uint8Array.from([...Buffer.from("version: 1\n# caf"), 0xe9, 0x0a]);
    expect(await run("x", latin1)).toMatchObject({
      code: 1,
      out: "x:2:6  the text is not valid UTF-8 here: save the file as UTF-8\n",
    });
  });

  it("reads a file with a byte order mark", async () => {
    expect(await run("x", "\uFEFFversion: 1\n")).toMatchObject({ code: 0 });
  });
});

describe("sevgate validate, as a process of its own", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sevgate-validate-"));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  const source = new URL("../../src/cli/validate.ts", import.meta.url).href;

  function start(file: string, input: string | null): Promise<Outcome> {
    const program = `const { validate } = await import(${JSON.stringify(source)});
      process.exitCode = await validate({ file: ${JSON.stringify(file)}, json: false });`;
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
        cwd: folder,
        stdio: ["pipe", "pipe", "inherit"],
      });
      let out = "";
      child.stdout.on("data", (chunk) => {
        out += chunk;
      });
      // A process that has read enough closes its input while more is being written to it.
      child.stdin.on("error", () => {});
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, out }));
      if (input !== null) child.stdin.write(input);
      child.stdin.end();
    });
  }

  it("reads a file and exits with 1 when it is broken", async () => {
    await writeFile(join(folder, "policy.yml"), BROKEN);
    expect(await start("policy.yml", null)).toEqual({
      code: 1,
      out: 'policy.yml:2:3  closing.graze  unknown key "graze": did you mean grace?\n',
    });
  });

  it("reads standard input for - and exits with 0 when it is valid", async () => {
    expect(await start("-", "version: 1\n")).toEqual({ code: 0, out: `<stdin>: valid\n${MEANS}` });
  });

  it("reads no further than it needs to refuse an input that is too large", async () => {
    expect(await start("-", "#".repeat(5_000_000))).toEqual({
      code: 1,
      out: "<stdin>:1:1  the file is too large: at most 64 KiB\n",
    });
  });

  it("says what to do when the file is not there", async () => {
    expect(await start("none.yml", null)).toEqual({
      code: 1,
      out: "none.yml:1:1  there is no such file: check the name\n",
    });
  });

  it("says what to do when the file is a folder", async () => {
    expect(await start(folder, null)).toMatchObject({ code: 1, out: expect.stringContaining("this is a folder") });
  });
});
