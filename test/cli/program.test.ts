import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { cliReference } from "../../src/cli/cli-reference.ts";
import { createProgram } from "../../src/cli/create-program.ts";
import { EXIT_CODES } from "../../src/cli/exit-codes.ts";
import { type ProgressStream, withProgress } from "../../src/cli/progress.ts";
import { KNOWN_SETTINGS } from "../../src/run/known-settings.ts";

const ROOT = new URL("../../", import.meta.url);
const MAIN = fileURLToPath(new URL("src/cli/main.ts", ROOT));
const program = createProgram(KNOWN_SETTINGS);

function repositoryFile(path: string): string {
  return readFileSync(new URL(path, ROOT), "utf8");
}

function sevgate(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [fileURLToPath(new URL("src/cli/main.ts", ROOT)), ...args], {
    encoding: "utf8",
    env: { ...env },
    input: "",
  });
}

describe("the command line", () => {
  it("is described in docs/cli.md, as it is", () => {
    expect(repositoryFile("docs/cli.md")).toBe(cliReference(program));
  });

  it("has a table of exit codes with every command, and each says its own in --help", () => {
    expect(program.commands.map((command) => command.name()).toSorted()).toEqual(Object.keys(EXIT_CODES).toSorted());
    for (const [name, codes] of Object.entries(EXIT_CODES)) {
      const [row] = repositoryFile("docs/cli.md").match(new RegExp(`^\\| \`${name}\` .*$`, "m")) ?? [];
      expect(row).toBe(`| \`${name}\` | ${codes[0]} | ${codes[1]} |`);
    }
  });

  it.each<[readonly string[], number]>([
    [["--help"], 0],
    [["--version"], 0],
    [["validate", "--help"], 0],
    [[], 2],
    [["nonsense"], 2],
    [["validate", "--nonsense"], 2],
    [["validate", "a", "b"], 2],
    [["explain"], 2],
    [["runbooks", "--older-than", "5"], 2],
    [["oncall", "--at", "nonsense"], 2],
    [["oncall", "--calendar-url"], 2],
    [["oncall", "--calendar-url", "--repo", "7", "--role", "Not A Role"], 2],
    [["oncall", "--calendar-url", "--repo", "7", "--lint"], 2],
    [["oncall", "--role", "primary"], 2],
    [["oncall", "--policy", "README.md"], 2],
    [["oncall", "--lint", "--explain"], 2],
    [["explain", "foo"], 2],
    [["simulate", "acme/ops"], 2],
    [["simulate", "acme/ops", "--policy", "templates/github/sevgate.yml", "--since", "soon"], 2],
    [["simulate", "acme/ops", "--policy", "no-such-file.yml"], 1],
    [["setup"], 2],
    [["setup", "--url", "nonsense"], 2],
    [["validate", "no-such-file.yml"], 1],
    [["validate", "README.md/no-folder"], 1],
    [["oncall", "--file", "docs"], 1],
    [["runbooks", "--path", "no-such-folder"], 1],
    [["runbooks", "--path", "README.md", "--lint"], 1],
    [["validate", "templates/github/sevgate.yml"], 0],
  ])("%j ends with %i", (args, code) => {
    const { status, stdout, stderr } = sevgate(args);
    expect(status).toBe(code);
    // What a script would take for an answer is none, and nobody is shown where in our code it happened.
    expect(stdout + stderr).not.toMatch(/^ +at /m);
    if (code === 2) expect(stdout).toBe("");
    else expect(stderr).toBe("");
  });

  it.each([
    [["oncall", "--at", "nonsense", "--json"], /^--at "nonsense" is no moment/],
    [["oncall", "--role", "primary", "--json"], /^--role does nothing without --calendar-url/],
    [["runbooks", "--path", "no-such-folder", "--json"], /^there is no folder no-such-folder: check the name$/],
    [["runbooks", "--path", "README.md", "--json"], /^README\.md is a file: name the folder/],
  ])("says what is wrong in one object with --json: %j", (args, error) => {
    expect(JSON.parse(sevgate(args).stdout)).toEqual({ error: expect.stringMatching(error) });
  });

  it.each([
    ["doctor"],
    ["explain", "acme/ops#1"],
    ["oncall", "--calendar-url", "--repo", "7"],
    ["start"],
    ["healthcheck"],
  ])("says so where .env is no file: %s", (...args) => {
    const folder = mkdtempSync(join(tmpdir(), "sevgate-env-"));
    mkdirSync(join(folder, ".env"));
    const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
      cwd: folder,
      encoding: "utf8",
      env: {},
    });
    rmSync(folder, { recursive: true });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^error: \.env cannot be read\./),
    });
  });

  it("is told in README.md as docs/cli.md tells it: one alias", () => {
    const [alias] = /alias sevgate=.*/.exec(repositoryFile("docs/cli.md")) ?? [];
    expect(alias).toBe('alias sevgate="$PWD/node_modules/.bin/node $PWD/bin/sevgate.js"');
    expect(repositoryFile("README.md")).toContain(`\`${alias}\``);
  });

  it("ends quietly when nobody reads on, as with `| head`", async () => {
    const child = spawn(process.execPath, [fileURLToPath(new URL("src/cli/main.ts", ROOT)), "start", "--help"]);
    child.stdout.destroy();
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const code = await new Promise((done) => child.on("close", done));
    expect({ code, said }).toEqual({ code: 0, said: "" });
  });

  const FULL = "/dev/full";
  const withFullDisk = existsSync(FULL) ? it : it.skip;
  withFullDisk("says in one line that the disk is full, and fails", () => {
    const full = openSync(FULL, "w");
    const main = fileURLToPath(new URL("src/cli/main.ts", ROOT));
    const { status, stderr } = spawnSync(process.execPath, [main, "--help"], {
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    closeSync(full);
    expect([status, stderr]).toEqual([1, "error: the output cannot be written (ENOSPC).\n"]);
  });

  it("shows lengths of time with their unit, and exit codes, in every --help", () => {
    for (const [name, codes] of Object.entries(EXIT_CODES)) {
      const { stdout } = sevgate([name, "--help"]);
      expect(stdout).not.toMatch(/default: \d{5,}/);
      expect(stdout).toContain(`\n  0  ${codes[0]}\n  1  ${codes[1]}\n  2  `);
    }
    expect(sevgate(["runbooks", "--help"]).stdout.replaceAll(/\s+/g, " ")).toContain("(default: 180d)");
  });

  it("shows examples in every --help, with options that there are", () => {
    for (const command of program.commands) {
      const words = `sevgate ${command.name()}`;
      const { stdout } = sevgate([command.name(), "--help"]);
      const [, examples = ""] = stdout.split("\nExamples:\n");
      const given = examples.split("\n").flatMap((line) => line.split(words)[1]?.split("|")[0] ?? []);
      const used = given.flatMap((rest) => rest.match(/--[\w-]+/g) ?? []);
      const unknown = used.filter((flag) => !command.options.some(({ long }) => long === flag));
      expect({ words, isShown: given.length > 0, unknown }).toEqual({ words, isShown: true, unknown: [] });
    }
  });

  it("gives --json wherever there is an answer for a script", () => {
    const without = program.commands.filter(({ options }) => !options.some(({ long }) => long === "--json"));
    expect(without.map((command) => command.name())).toEqual(["demo", "start", "setup", "init", "healthcheck"]);
  });
});

describe("the settings of the server", () => {
  it("are all in `sevgate start --help`, with what counts without them", () => {
    const shown = sevgate(["start", "--help"]).stdout.replaceAll(/\s+/g, " ");
    for (const { name, default: usual, help } of KNOWN_SETTINGS) {
      expect(shown).toContain(` ${name} ${help}`);
      if (usual !== "") expect(shown).toContain(usual === "required" ? "(required)" : `(default: ${usual})`);
    }
  });

  it("are all in docs/operations.md, in this order, with the same defaults", () => {
    const rows = [...repositoryFile("docs/operations.md").matchAll(/^\| `([A-Z][A-Z_]+(?:<NAME>)?)` \|([^|]*)\|/gm)];
    expect(rows.map(([, name, usual]) => [name, usual!.replaceAll("`", "").trim()])).toEqual(
      KNOWN_SETTINGS.map(({ name, default: usual }) => [name, usual]),
    );
  });

  it("are read: none is listed that nobody asks for", () => {
    const readers = ["run/settings.ts", "systems/read-paging-settings.ts", "ingress/alerts/alert-endpoints.ts"];
    const sources = readers.map((path) => repositoryFile(`src/${path}`)).join("\n");
    const unread = KNOWN_SETTINGS.filter(({ name }) => !sources.includes(`"${name.replace("<NAME>", "")}"`));
    expect(unread).toEqual([]);
  });
});

describe("progress", () => {
  /** A stream, and a second that is over when it is said to be. */
  function watched(isTTY: boolean, env: Readonly<Record<string, string>> = {}) {
    let written = "";
    let second: (() => void) | null = null;
    const stream: ProgressStream = { isTTY, columns: 40, write: (text) => (written += text) };
    return {
      parts: {
        stream,
        env,
        later: (call: () => void) => {
          second = call;
          return () => {
            second = null;
          };
        },
      },
      aSecondLater: () => second?.(),
      isPending: () => second !== null,
      written: () => written,
    };
  }

  it("says nothing of what takes less than a second", async () => {
    const seen = watched(true);
    expect(await withProgress("x", async (step) => (step("one"), 7), seen.parts)).toBe(7);
    expect(seen.written()).toBe("");
    expect(seen.isPending()).toBe(false);
  });

  it("shows each step on one line of a terminal, no wider than it, and takes it away at the end", async () => {
    const seen = watched(true);
    await withProgress(
      "sevgate doctor",
      async (step) => {
        step("credentials");
        seen.aSecondLater();
        step(`policy of acme/${"x".repeat(100)}`);
      },
      seen.parts,
    );
    const [, first, second, end] = seen.written().split("\r\u001b[2K");
    expect(first).toBe("sevgate doctor: credentials …");
    expect(second).toHaveLength(39);
    expect(end).toBe("");
  });

  it.each([
    ["without a terminal", false, {}],
    ["in one that cannot move its cursor", true, { TERM: "dumb" }],
  ])("is one line, once, %s", async (_name, isTTY, env) => {
    const seen = watched(isTTY, env);
    await withProgress(
      "sevgate doctor",
      async (step) => {
        step("credentials");
        seen.aSecondLater();
        step("webhook");
      },
      seen.parts,
    );
    expect(seen.written()).toBe("sevgate doctor: credentials …\n");
  });

  it("is taken away when the work fails, too", async () => {
    const seen = watched(true);
    const failing = withProgress(
      "x",
      async () => {
        seen.aSecondLater();
        throw new Error("no");
      },
      seen.parts,
    );
    await expect(failing).rejects.toThrow("no");
    expect(seen.written().endsWith("\r\u001b[2K")).toBe(true);
  });
});

describe("NO_COLOR", () => {
  const log = `import { createLog } from ${JSON.stringify(new URL("src/run/create-log.ts", ROOT).href)};
    createLog({ logLevel: "info", logFormat: "pretty" }).info("hello");`;
  const logged = (env: Readonly<Record<string, string>>) =>
    spawnSync(process.execPath, ["--input-type=module", "--eval", log], { encoding: "utf8", env }).stdout;

  it("takes the colors out of the log for people", () => {
    expect(logged({ FORCE_COLOR: "1" })).toContain("\u001b[");
    const plain = logged({ FORCE_COLOR: "1", NO_COLOR: "1" });
    expect(plain).toContain("hello\n");
    expect(plain).not.toContain("\u001b");
  });
});
