import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { COMMAND_NAMES } from "../src/core/commands/registry.ts";
import { parsePolicy } from "../src/core/policy/parse.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** A TypeScript source, as text and without what only people read. */
interface Source {
  /** From the root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Without comments, and with strings emptied: what is left is what runs. */
  readonly code: string;
  readonly imports: readonly Import[];
}

interface Import {
  readonly from: string;
  /** The file it refers to, from the root; `null` for a package. */
  readonly file: string | null;
  /** What is between `import` and `from`. */
  readonly names: string;
}

const STRINGS_AND_COMMENTS =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|(?<=[=(,:!&|?;{}\n]\s*)\/(?![*/\s])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*|`(?:\\.|[^`\\])*`/g;
const IMPORT = /^(?:import|export)\s+(?<names>[^"';]*?)\s*from\s+"(?<from>[^"]+)"|\bimport\("(?<lazy>[^"]+)"\)/gm;

function readSources(folder: string): readonly Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => toSource(`${folder}/${path.replaceAll("\\", "/")}`, readFileSync(join(ROOT, folder, path), "utf8")));
}

function toSource(path: string, text: string): Source {
  const imports = [...text.matchAll(IMPORT)].map((match) => {
    const { names = "", from, lazy } = match.groups ?? {};
    const target = from ?? lazy ?? "";
    const file = target.startsWith(".") ? relative(ROOT, resolve(ROOT, dirname(path), target)) : null;
    return { from: target, file, names };
  });
  const code = text.replace(STRINGS_AND_COMMENTS, (found) => {
    if (found.startsWith("/*") || found.startsWith("//")) return "";
    // What is inserted into a template runs as well.
    if (found.startsWith("`"))
      return `\`${[...found.matchAll(/\$\{([^`]*?)\}/g)].map((part) => part[1]).join(" ; ")}\``;
    return '""';
  });
  return { path, text, code, imports };
}

const SOURCES = readSources("src");
const inFolder = (...folders: readonly string[]) =>
  SOURCES.filter(({ path }) => folders.some((folder) => path.startsWith(`src/${folder}/`)));

/** Every place where `pattern` occurs in what runs, as `path: text`. */
function occurrences(sources: readonly Source[], pattern: RegExp): readonly string[] {
  return sources.flatMap(({ path, code }) =>
    [...code.matchAll(new RegExp(pattern, `g${pattern.flags}`))].map((match) => `${path}: ${match[0].trim()}`),
  );
}

/** Every import that `isWrong` objects to, as `path: import`. */
function wrongImports(sources: readonly Source[], isWrong: (one: Import) => boolean): readonly string[] {
  return sources.flatMap(({ path, imports }) => imports.filter(isWrong).map(({ from }) => `${path}: ${from}`));
}

/** Pure: they read no clock, environment, disk or network. `node:crypto` serves hashes and signatures, not randomness. */
const PURE_LIBRARIES = [
  "fastest-levenshtein",
  "js-yaml",
  "liquidjs",
  "markdown-it",
  "minisearch",
  "node:crypto",
  // Its own code, not the Temporal of the platform: the same answers everywhere. `Temporal.Now` is forbidden below.
  "temporal-polyfill/implementation",
  "zod",
];

describe("core/ thinks and does nothing else: it", () => {
  const core = inFolder("core");

  it("is looked at: the scanner finds its files, its imports and its code", () => {
    expect(core.length).toBeGreaterThan(40);
    expect(core.find(({ path }) => path === "src/core/derive.ts")?.imports.map(({ file }) => file)).toContain(
      "src/core/gate/verdict.ts",
    );
    const inserted = ["`$", "{console.log(1)}`"].join("");
    const sample = toSource(
      "src/core/sample.ts",
      `import { a } from "./a.ts"; // Date.now()\nconst b = /"/.test("process.env") ? ${inserted} : 0;`,
    );
    expect(sample.imports[0]?.file).toBe("src/core/a.ts");
    expect(occurrences([sample], FORBIDDEN_IN_CORE)).toEqual(["src/core/sample.ts: console."]);
  });

  it("imports only itself and libraries that are as pure", () => {
    const wrong = wrongImports(core, ({ from, file }) =>
      file === null ? !PURE_LIBRARIES.includes(from) : !file.startsWith("src/core/"),
    );
    expect(wrong).toEqual([]);
  });

  it("takes only hashes and signatures from node:crypto: nothing random, nothing that waits", () => {
    const allowed = ["createHash", "createHmac", "timingSafeEqual"];
    const taken = core
      .flatMap(({ imports }) => imports.filter(({ from }) => from === "node:crypto"))
      .flatMap(({ names }) => names.replace(/[{}]/g, "").split(","))
      .map((name) => name.trim())
      .filter((name) => name !== "");
    expect(taken.length).toBeGreaterThan(0);
    expect(taken.filter((name) => !allowed.includes(name))).toEqual([]);
  });

  it("waits for nothing, and knows no clock, chance, environment, log or network", () => {
    expect(occurrences(core, FORBIDDEN_IN_CORE)).toEqual([]);
  });

  it("folds records in core/record alone: judges are handed the history", () => {
    const folding = occurrences(core, /\bfold\(/).filter((one) => !one.startsWith("src/core/record/"));
    expect(folding).toEqual([]);
    expect(occurrences(core, /\bfold\(/).length).toBeGreaterThan(1);
  });
});

const FORBIDDEN_IN_CORE =
  /\basync\b|\bawait\b|\bPromise\b|\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\b|\bMath\.random\b|\bTemporal\.Now\b|\brandomUUID\b|\bprocess\.|\bconsole\.|\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b|\bqueueMicrotask\b|\bfetch\b/;

/** The floors of `core/`, lowest first: what is on one imports only what is below it, or its own folder. */
const FLOORS: readonly (readonly string[])[] = [
  ["model.ts"],
  [
    "answer-json-schema.ts",
    "time-units.ts",
    "names.ts",
    "key.ts",
    "own.ts",
    "read-json.ts",
    "remembered.ts",
    "step-limit.ts",
    "waiting.ts",
    "without-end.ts",
  ],
  ["same-text.ts"],
  ["markdown", "trust"],
  ["record"],
  ["archive", "items", "protection"],
  ["words"],
  ["commands"],
  ["policy"],
  ["debt", "oncall", "regressions", "runbooks", "setup"],
  ["who", "recall"],
  ["escalation"],
  ["alerts"],
  ["chat"],
  ["observation.ts"],
  ["gate"],
  ["timers.ts"],
  ["replay", "report"],
  ["merge"],
  ["judge"],
  ["derive.ts", "wanted.ts"],
  ["render"],
  ["plan"],
];

describe("The house has floors:", () => {
  const core = inFolder("core");
  const partOf = (path: string) => path.split("/")[2] ?? "";
  const floorOf = (path: string) => FLOORS.findIndex((floor) => floor.includes(partOf(path)));

  it("every part of core/ stands on one", () => {
    expect(core.filter(({ path }) => floorOf(path) === -1).map(({ path }) => path)).toEqual([]);
    const parts = new Set(core.map(({ path }) => partOf(path)));
    expect(FLOORS.flat().filter((part) => !parts.has(part))).toEqual([]);
  });

  it("a part of core/ imports only what is below it", () => {
    const upward = core.flatMap(({ path, imports }) =>
      imports
        .filter(({ file }) => file?.startsWith("src/core/") && partOf(file) !== partOf(path))
        .filter(({ file }) => floorOf(file ?? "") >= floorOf(path))
        .map(({ from }) => `${path}: ${from}`),
    );
    expect(upward).toEqual([]);
  });

  it("no files of src/ import each other in a circle", () => {
    expect(circles(SOURCES)).toEqual([]);
    const pair = [
      toSource("src/a.ts", 'import { b } from "./b.ts";'),
      toSource("src/b.ts", 'import type { A } from "./c.ts";'),
      toSource("src/c.ts", 'import { a } from "./a.ts";'),
    ];
    expect(circles(pair)).toEqual(["src/a.ts", "src/b.ts", "src/c.ts"]);
  });
});

/** Every file from which following the imports leads back to it. */
function circles(sources: readonly Source[]): readonly string[] {
  return sources.map(({ path }) => path).filter((path) => reachedFrom(sources, path).includes(path));
}

/** Every file that following the imports leads to. */
function reachedFrom(sources: readonly Source[], path: string): readonly string[] {
  const imported = new Map(sources.map((one) => [one.path, one.imports.flatMap(({ file }) => file ?? [])]));
  const reached = new Set<string>();
  const open = [...(imported.get(path) ?? [])];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    open.push(...(imported.get(file) ?? []));
  }
  return [...reached];
}

/** What methods of a store are called that change it. */
const WRITES = /"(?:save|add|remove|forget|report|reserve|give|answer|close)\w*"/;

describe("Every folder keeps to its verb:", () => {
  it("only systems/github/ imports octokit", () => {
    const others = SOURCES.filter(({ path }) => !path.startsWith("src/systems/github/"));
    expect(wrongImports(others, ({ from }) => /^(?:@octokit\/|octokit$)/.test(from))).toEqual([]);
  });

  it("only systems/github/ and app.ts import probot", () => {
    const others = SOURCES.filter(({ path }) => !path.startsWith("src/systems/github/") && path !== "src/app.ts");
    expect(wrongImports(others, ({ from }) => from === "probot")).toEqual([]);
    expect(wrongImports(SOURCES, ({ from }) => from === "probot").length).toBeGreaterThan(0);
  });

  it("only systems/slack/ imports Slack's client", () => {
    const others = SOURCES.filter(({ path }) => !path.startsWith("src/systems/slack/"));
    expect(wrongImports(others, ({ from }) => from.startsWith("@slack/"))).toEqual([]);
    expect(wrongImports(SOURCES, ({ from }) => from.startsWith("@slack/")).length).toBeGreaterThan(0);
  });

  it("only store/open-sqlite.ts imports node:sqlite, whose names are about to change", () => {
    const importers = SOURCES.filter(({ imports }) => imports.some(({ from }) => from === "node:sqlite"));
    expect(importers.map(({ path }) => path)).toEqual(["src/store/open-sqlite.ts"]);
  });

  it("observe/ only reads: it never names the writer, and of the stores only the halves that change nothing", () => {
    expect(occurrences(inFolder("observe"), /\bGitHubWriter\b|\bcreateWriter\b|\bgithub\.write\b/)).toEqual([]);
    expect(occurrences(inFolder("observe"), /\bGitHubReader\b/)).not.toEqual([]);
    expect(occurrences(inFolder("observe"), /\b(?:Index|Alert|Thread|Page)Store\b/)).toEqual([]);
    expect(occurrences(inFolder("observe"), /\b(?:Index|Alert|Thread|Page)Reader\b/)).not.toEqual([]);
    const halves = inFolder("store").flatMap(({ text }) => [
      ...text.matchAll(/^export type \w+Reader = Pick<([^;]*)>;/gm),
    ]);
    expect(halves).toHaveLength(4);
    for (const [, methods] of halves) expect(methods).not.toMatch(WRITES);
  });

  it("apply/ only writes: it never names the reader, and so reads nothing to decide", () => {
    expect(occurrences(inFolder("apply"), /\bGitHubReader\b|\bcreateReader\b|\bgithub\.read\b/)).toEqual([]);
    expect(occurrences(inFolder("apply"), /\bGitHubWriter\b/)).not.toEqual([]);
  });

  it("only passes/ joins them: observe/ and apply/ do not call each other", () => {
    expect(wrongImports(inFolder("observe"), ({ file }) => file?.startsWith("src/apply/") ?? false)).toEqual([]);
    const called = inFolder("apply").flatMap(({ path, imports }) =>
      imports
        .filter(({ file, names }) => (file?.startsWith("src/observe/") ?? false) && !names.startsWith("type "))
        .map(({ from }) => `${path}: ${from}`),
    );
    expect(called).toEqual([]);
  });

  it("ingress/ decides nothing: it knows keys and texts, not incidents, gates or plans", () => {
    const knows = wrongImports(inFolder("ingress"), ({ file }) =>
      /^src\/(?:observe|apply|passes|reconcile)|^src\/core\/(?:derive|plan|gate|judge|record\/(?!state-label))/.test(
        file ?? "",
      ),
    );
    expect(knows).toEqual([]);
  });

  it("queue/ knows when, not what: of core/ it sees only the model and the keys", () => {
    const wrong = wrongImports(
      inFolder("queue"),
      ({ file }) =>
        (file?.startsWith("src/core/") ?? false) && !/^src\/core\/(?:model|key|time-units)\.ts$/.test(file ?? ""),
    );
    expect(wrong).toEqual([]);
  });

  it("the way from a key to its pass fits on a screen or two: reconcile.ts has at most 120 lines", () => {
    const loop = SOURCES.find(({ path }) => path === "src/reconcile.ts");
    expect(loop?.text.split("\n").length).toBeLessThanOrEqual(120);
  });

  it("the loop fits on a screen: incident-pass.ts has at most 75 lines", () => {
    const loop = SOURCES.find(({ path }) => path === "src/passes/incident-pass.ts");
    expect(loop?.text.split("\n").length).toBeLessThanOrEqual(75);
  });
});

/**
 * Folders that belong to no one part: promises of the whole, and what tests share. Every other folder of test/ mirrors
 * one of src/.
 */
const TESTS_OF_THE_WHOLE = ["bench", "contract", "demo", "deploy", "e2e", "faults", "security", "stories", "support"];

describe("The product stands alone, and what is around it keeps its place:", () => {
  it("src/ imports nothing but itself and packages", () => {
    expect(importsOutside("src", ["src"])).toEqual([]);
  });

  it("testkit/ is what demo, bench and tests share: it imports src/, and nothing of theirs", () => {
    expect(importsOutside("testkit", ["src", "testkit"])).toEqual([]);
  });

  it("the demo, the measurements and the scripts import nothing of test/", () => {
    const own = ["src", "testkit", "bench", "demo", "scripts"];
    expect(["bench", "demo", "scripts"].flatMap((folder) => importsOutside(folder, own))).toEqual([]);
    expect(importsOutside("demo", ["demo", "src"])).not.toEqual([]);
  });

  it("a folder of test/ is one of src/, all the way down, or holds promises of the whole", () => {
    const folders = readdirSync(join(ROOT, "test"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => relative(join(ROOT, "test"), join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
    const mirroring = folders.filter((folder) => !TESTS_OF_THE_WHOLE.includes(folder.split("/")[0] ?? ""));
    expect(mirroring).toContain("core/gate");
    expect(mirroring.filter((folder) => !exists(`src/${folder}`))).toEqual([]);
    expect(TESTS_OF_THE_WHOLE.filter((folder) => exists(`src/${folder}`))).toEqual([]);
  });
});

/** Imports of files in `folder` that lie in none of `allowed`, as `path: import`. */
function importsOutside(folder: string, allowed: readonly string[]): readonly string[] {
  return wrongImports(
    readSources(folder),
    ({ file }) => file !== null && !allowed.some((one) => file.startsWith(`${one}/`)),
  );
}

/**
 * The files of `core/` that name a chat, each with its reason. Another chat adds its own words next to them, and
 * nowhere else.
 */
const NAMES_A_CHAT = [
  // The list of chats: how each is called, and where it stands in the files of people.
  "src/core/chat/chats.ts",
  // `slack:` is the word of the policy and of the on-call file.
  "src/core/oncall/on-call-document.ts",
  "src/core/oncall/schedule.ts",
  "src/core/oncall/to-schedule.ts",
  "src/core/policy/default-policy.ts",
  "src/core/policy/describe-change.ts",
  "src/core/policy/policy.ts",
  "src/core/policy/recipes.ts",
  "src/core/policy/schema.ts",
  // The pages of docs/.
];

describe("No chat is more than a card and a port:", () => {
  const isOfSlack = (path: string) => /^src\/(?:core\/chat|systems|ingress)\/slack\//.test(path);

  it("of core/, only the words of people's files and the list of chats name one", () => {
    const naming = inFolder("core").filter(({ path, text }) => !isOfSlack(path) && /slack/i.test(text));
    expect(naming.map(({ path }) => path)).toEqual(NAMES_A_CHAT);
  });

  it("only what is Slack's own imports what is Slack's, and what starts the server or examines its settings", () => {
    const others = SOURCES.filter(({ path }) => !isOfSlack(path) && !/^src\/(?:run|doctor|cli)\//.test(path));
    expect(wrongImports(others, ({ file }) => isOfSlack(file ?? ""))).toEqual([]);
    expect(wrongImports(SOURCES, ({ file }) => isOfSlack(file ?? ""))).not.toEqual([]);
  });

  it("the card of another one needs nothing of it (test/stories/second-chat.test.ts)", () => {
    const tests = readSources("test");
    const needed = reachedFrom([...SOURCES, ...tests], "test/support/plain-chat.ts");
    expect(needed).toContain("src/core/chat/thread-root.ts");
    expect(needed.filter(isOfSlack)).toEqual([]);
  });
});

/**
 * The files of `core/` and `observe/` in which a key may be left out, each with its reason. Everywhere else what is
 * absent is `null`.
 */
const LEAVES_KEYS_OUT = [
  // Rows that earlier versions kept.
  "src/core/alerts/alert-state.ts",
  "src/core/chat/chats.ts",
  // What is sent to Slack, in its own form.
  "src/core/chat/slack/message.ts",
  // What libraries hand over: matches, problems, errors, JSON Schema.
  "src/core/markdown/bare-text.ts",
  "src/core/oncall/on-call-document.ts",
  // What people need not write into a file.
  "src/core/oncall/to-schedule.ts",
  "src/core/policy/field-sections.ts",
  "src/core/policy/fields.ts",
  "src/core/policy/policy.ts",
  "src/core/policy/schema.ts",
  "src/core/read-json.ts",
  "src/core/render/liquid.ts",
];

describe("The sources keep the house rules:", () => {
  const everywhere = ["bench", "demo", "scripts", "src", "test", "testkit"].flatMap(readSources);

  it("no file is called utils, helpers, common or manager, and no folder", () => {
    const vague = everywhere.filter(({ path }) =>
      /(?:^|[/.-])(?:utils?|helpers?|common|managers?)(?:[/.-])/.test(path),
    );
    expect(vague.map(({ path }) => path)).toEqual([]);
  });

  it("no enum", () => {
    expect(occurrences(everywhere, /^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+\w+/m)).toEqual([]);
  });

  it("no default export but the one Probot asks for, in app.ts", () => {
    const found = occurrences(everywhere, /\bexport\s+default\b|\bas\s+default\b/);
    expect(found).toEqual(["src/app.ts: export default"]);
  });

  it("what is absent is null: no key is left out of what flows through the loop", () => {
    const optional = occurrences(inFolder("core", "observe"), /[\w\]"]\?:/).map((one) => one.split(": ")[0]);
    expect([...new Set(optional)].toSorted()).toEqual(LEAVES_KEYS_OUT);
  });

  it("no any", () => {
    expect(occurrences(everywhere, /(?:[:<,|&(]|\bas)\s*any\b(?!\s*[:(-])/)).toEqual([]);
  });

  it("imports of our own files end with .ts: Node runs the sources as they are", () => {
    expect(wrongImports(everywhere, ({ from }) => from.startsWith(".") && !/\.(?:ts|json)$/.test(from))).toEqual([]);
  });

  it("zod is imported as a whole: so the build leaves out what nobody calls, such as its languages", () => {
    const isPart = ({ from, names }: Import) => from === "zod" && !/^(?:type )?\* as z$/.test(names);
    expect(wrongImports(SOURCES, isPart)).toEqual([]);
  });

  it("file names are kebab-case", () => {
    const wrong = everywhere.filter(({ path }) => !/^[a-z0-9-]+(?:\.(?:d|test|contract))?\.ts$/.test(basename(path)));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it("every file of src/ is named after something it exports", () => {
    const wrong = SOURCES.filter(
      (source) => !NAMED_AFTER_A_SUBJECT.includes(source.path) && !isNamedAfterExport(source),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });
});

/** Files that run without being imported, and files whose exports share a subject but no word. */
const NAMED_AFTER_A_SUBJECT = [
  "src/action.ts",
  "src/app.ts",
  "src/cli/main.ts",
  "src/core/markdown/references.ts",
  "src/core/commands/registry.ts",
  "src/core/markdown/escape.ts",
  "src/core/model.ts",
  "src/core/policy/fields.ts",
  "src/core/policy/schema.ts",
  "src/core/render/liquid.ts",
  "src/core/render/replies.ts",
  "src/core/time-units.ts",
  "src/core/words/time.ts",
  "src/systems/github/facts.ts",
  "src/systems/github/ports.ts",
  "src/systems/pager.ts",
  "src/ingress/http/server.ts",
  "src/systems/slack/ports.ts",
];

function isNamedAfterExport({ path, code }: Source): boolean {
  const words = basename(path, ".ts")
    .split("-")
    .map((word) => word.replace(/s$/, ""));
  const exported = [
    ...code.matchAll(/^export\s+(?:async\s+|declare\s+)?(?:function|const|class|interface|type)\s+(\w+)/gm),
  ];
  return exported.some((match) => {
    const word = (match[1] ?? "").replaceAll("_", "").toLowerCase();
    return words.some((one) => word.includes(one));
  });
}

describe("What is written down stays true:", () => {
  it("generated files are current", () => {
    const output = execFileSync(process.execPath, ["scripts/generate.ts", "--check"], { cwd: ROOT, encoding: "utf8" });
    expect(output).toContain("current");
  });

  it.each(COMMAND_NAMES)("/%s is documented in docs/commands.md and in the README", (name) => {
    expect(read("docs/commands.md")).toMatch(new RegExp(`^\\| \`/${name}[ \`]`, "m"));
    expect(read("README.md")).toContain(`\`/${name}`);
  });

  it("the policy in the README is one", () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(read("README.md"))?.[1];
    expect(parsePolicy(example ?? "[")).toMatchObject({ kind: "valid" });
  });

  it("the README's permissions are the ones of app.yml", () => {
    const asked = [...read("app.yml").matchAll(/^ {2}(\w+): (read|write)$/gm)].map(
      ([, name, right]) => `${name}: ${right}`,
    );
    expect(asked.length).toBeGreaterThan(3);
    for (const permission of asked) expect(read("README.md")).toContain(`\`${permission}\``);
  });

  it("the Node that is needed is the same in package.json, at the start and in the documents", () => {
    const needed = /"node": ">=([\d.]+)"/.exec(read("package.json"))?.[1] ?? "?";
    const [major = "?", minor = "?"] = needed.split(".");
    expect(read("bin/sevgate.js")).toContain(`major < ${major} || (major === ${major} && minor < ${minor})`);
    expect(read("bin/sevgate.js")).toContain(`needs ${needed} or newer`);
    expect(read("src/run/require-node.ts")).toContain(`const NODE = [${major}, ${minor}]`);
    for (const document of ["README.md", "docs/operations.md", "docs/decisions/0010-node-runs-the-sources.md"]) {
      expect({ document, text: read(document) }).toEqual({
        document,
        text: expect.stringContaining(`Node ${needed} or newer`),
      });
    }
  });

  it("src/README.md has a line for every folder of src/", () => {
    const own = SOURCES.map(({ path }) => dirname(path).slice("src/".length)).filter(Boolean);
    const folders = [...new Set(own.flatMap((path) => [path, path.split("/")[0] ?? ""]))];
    const rows = [...read("src/README.md").matchAll(/^\| `(?<folder>[\w/-]+)\/`/gm)].map((row) => row.groups?.folder);
    expect(folders.length).toBeGreaterThan(20);
    expect(rows.toSorted()).toEqual(folders.toSorted());
  });

  it("docs/operations.md has a line for every setting the server reads", () => {
    const names = new Set(
      [...read("src/run/settings.ts").matchAll(/\b(?:value|take)\(\s*"([A-Z_]+)"/g)].map(([, name]) => name),
    );
    expect(names.size).toBeGreaterThan(10);
    for (const name of names) expect(read("docs/operations.md")).toContain(`\`${name}\``);
  });

  it("docs/operations.md has a line for every metric of our own", () => {
    const names = [...read("src/views/metrics.ts").matchAll(/name: "(sevgate_\w+)"/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(read("docs/operations.md")).toContain(`\`${name}\``);
  });

  it("every decision says its context, its choice and what was given up", () => {
    const decisions = readdirSync(join(ROOT, "docs/decisions")).filter((name) => /^\d.*\.md$/.test(name));
    expect(decisions.length).toBeGreaterThan(5);
    const numbers = decisions.map((name) => name.slice(0, 4));
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const name of decisions) {
      for (const part of [/context/i, /choice/i, /gave up|given up/i]) {
        expect({ name, text: read(`docs/decisions/${name}`) }).toEqual({ name, text: expect.stringMatching(part) });
      }
    }
  });

  it("docs/decisions/README.md lists every decision by its number and title, and no other", () => {
    const rows = [
      ...read("docs/decisions/README.md").matchAll(/^\| (\d{4}) \| \[(.+)\]\((\S+)\) \| (.+?) \| .{20,} \|$/gm),
    ];
    const files = readdirSync(join(ROOT, "docs/decisions"))
      .filter((name) => name !== "README.md")
      .toSorted();
    expect(files.length).toBeGreaterThan(5);
    expect(rows.map(([, number, title, file]) => ({ file, heading: `# ${number}: ${title}` }))).toEqual(
      files.map((file) => ({ file, heading: read(`docs/decisions/${file}`).split("\n")[0] })),
    );
    for (const [, , , , status] of rows) expect(status).toMatch(/^(?:in force|replaced by \d+)/);
  });

  it("docs/development.md has a word for every type of core/model.ts, and says where each word lives", () => {
    const words = chapter("The words");
    const types = [...read("src/core/model.ts").matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name]) => name);
    expect(types.length).toBeGreaterThan(10);
    expect(types.filter((name) => !words.includes(`\`${name}\``))).toEqual([]);
    const rows = words.split("\n").filter((line) => /^\| (?!Word|---)/.test(line));
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter((row) => !/^\| [^|]+ \| [^|]+ \| \[[^\]]+\]\([^)]+\) \|$/.test(row))).toEqual([]);
  });

  it("links between our documents, and the documents that the sources name, exist", () => {
    const documents = [
      "README.md",
      "CONTRIBUTING.md",
      "CHANGELOG.md",
      "src/README.md",
      ...markdownIn("docs"),
      ...markdownIn("runbooks"),
    ];
    const linked = documents.flatMap((document) =>
      [...read(document).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)\s]*)?\)/g)].map(([, target]) => ({
        document,
        target: relative(ROOT, resolve(ROOT, dirname(document), target ?? "")),
      })),
    );
    const named = everythingNamed();
    expect(linked.length).toBeGreaterThan(10);
    expect(named.length).toBeGreaterThan(3);
    const broken = [...linked, ...named].filter(({ target }) => !exists(target));
    expect(broken).toEqual([]);
  });
});

/** A chapter of docs/development.md. */
function chapter(title: string): string {
  return (
    read("docs/development.md")
      .split(/^## /m)
      .find((text) => text.startsWith(`${title}\n`)) ?? ""
  );
}

/** The documents, tests and templates that comments in the sources refer to. */
function everythingNamed(): readonly { readonly document: string; readonly target: string }[] {
  return SOURCES.flatMap(({ path, text }) =>
    [...text.matchAll(/\b((?:docs|test|testkit|templates)\/[\w/.-]+\.(?:md|ts))\b/g)]
      .map(([, target]) => ({ document: path, target: target ?? "" }))
      .filter(({ target }) => !target.startsWith("docs/runbooks/") && !target.startsWith("docs/safety.md")),
  );
}

function markdownIn(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => `${folder}/${path}`);
}

function exists(path: string): boolean {
  try {
    readdirSync(join(ROOT, path));
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOTDIR";
  }
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}
