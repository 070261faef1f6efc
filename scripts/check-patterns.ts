import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { parse } from "@babel/parser";

/*
 * Shows that every regular expression of the product takes time in proportion to the text it is used on: for each of
 * them recheck (https://makenowjust-labs.github.io/recheck/) looks for a text that costs more, with automata where it
 * can and otherwise by searching. docs/decisions/0023-what-others-write-is-counted.md says why.
 *
 * The expressions are taken from the syntax tree. One assembled from anything but constants is refused, unless FILLED
 * says what goes there.
 */

const { values: options } = parseArgs({
  options: {
    /** Where `src/` and `bin/` are. */
    root: { type: "string", default: fileURLToPath(new URL("../", import.meta.url)) },
    /** Judges all of them again and writes down which are linear (scripts/linear-patterns.json). Takes a minute or more. */
    all: { type: "boolean", default: false },
  },
});
const ROOT = options.root;
const SOURCES = ["src/**/*.ts", "bin/*.js"];
/** Judged before: anything not in it is judged now, which takes a few seconds each. */
const KNOWN_FILE = `${ROOT}/scripts/linear-patterns.json`;
/** For one expression; the slowest takes a few seconds on an idle machine. */
const TIME_LIMIT_MS = 30_000;

/** scripts/pattern-exceptions.json. An entry that is no longer needed fails. */
interface Allowed {
  /** Expressions that are not judged, by how they begin. */
  readonly exceptions: readonly { readonly file: string; readonly begins: string; readonly why: string }[];
  /** What goes into the gaps of an expression: its source in the code, and an example of what it contains there. */
  readonly filled: readonly {
    readonly file: string;
    readonly expression: string;
    readonly example: string;
    readonly why: string;
  }[];
}
const { exceptions: EXCEPTIONS, filled: FILLED } = JSON.parse(
  readFileSync(`${ROOT}/scripts/pattern-exceptions.json`, "utf8"),
) as Allowed;

/** A node of the syntax tree, as Babel gives it. */
interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

interface Found {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

const { version } = createRequire(import.meta.url)("recheck/package.json") as { readonly version: string };

/** A regular expression whose text the checker does not know. */
class UnknownText extends Error {}

/** The regular expressions in a file; one whose text is not known becomes a problem. */
function patternsIn(file: string, used: Set<string>, problems: string[]): readonly Found[] {
  const text = readFileSync(`${ROOT}/${file}`, "utf8");
  const tree = parse(text, { sourceType: "module", plugins: ["typescript"] });
  const constants = new Map<string, Node>();
  walk(tree, (node) => {
    if (node.type !== "VariableDeclaration" || node["kind"] !== "const") return;
    for (const { id, init } of node["declarations"] as { readonly id: Node; readonly init: Node | null }[]) {
      if (id.type === "Identifier" && init !== null) constants.set(id["name"] as string, init);
    }
  });

  function textOf(node: Node): string {
    switch (node.type) {
      case "StringLiteral":
        return node["value"] as string;
      case "TSAsExpression":
        return textOf(node["expression"] as Node);
      case "BinaryExpression":
        if (node["operator"] === "+") return textOf(node["left"] as Node) + textOf(node["right"] as Node);
        break;
      case "TemplateLiteral":
        return joined(node, "cooked");
      case "TaggedTemplateExpression":
        if (nameOf(node["tag"] as Node) === "String.raw") return joined(node["quasi"] as Node, "raw");
        break;
      case "Identifier":
      case "MemberExpression": {
        const name = nameOf(node);
        const filled = FILLED.find((one) => one.file === file && one.expression === name);
        if (filled !== undefined) {
          used.add(`${file} ${filled.expression}`);
          return filled.example;
        }
        const constant = constantOf(node);
        if (constant !== undefined) return textOf(constant);
        break;
      }
    }
    throw new UnknownText(`${file}: a regular expression is made of "${nameOf(node)}". Write it as a literal.`);
  }

  function constantOf(node: Node): Node | undefined {
    if (node.type === "Identifier") return constants.get(node["name"] as string);
    const owner = constantOf(node["object"] as Node);
    if (node["computed"] === true) return undefined;
    const name = nameOf(node["property"] as Node);
    if (owner?.type !== "ObjectExpression") return undefined;
    const property = (owner["properties"] as Node[]).find(
      (one) => one["computed"] === false && nameOf(one["key"] as Node) === name,
    );
    return property?.["value"] as Node | undefined;
  }

  function joined(template: Node, kind: "cooked" | "raw"): string {
    const gaps = template["expressions"] as Node[];
    const texts = template["quasis"] as { readonly value: Readonly<Record<typeof kind, string>> }[];
    return texts.map(({ value }, at) => `${value[kind]}${at < gaps.length ? textOf(gaps[at]!) : ""}`).join("");
  }

  const found: Found[] = [];
  walk(tree, (node) => {
    if (node.type === "RegExpLiteral") {
      found.push({ file, source: node["pattern"] as string, flags: node["flags"] as string });
    } else if (
      (node.type === "NewExpression" || node.type === "CallExpression") &&
      nameOf(node["callee"] as Node) === "RegExp"
    ) {
      const [source, flags] = node["arguments"] as Node[];
      if (source === undefined) return;
      try {
        found.push({ file, source: textOf(source), flags: flags === undefined ? "" : textOf(flags) });
      } catch (error) {
        if (!(error instanceof UnknownText)) throw error;
        problems.push(error.message);
      }
    }
  });
  return found;
}

/** `a.b.c` of names; else the kind of node. */
function nameOf(node: Node): string {
  if (node.type === "Identifier") return node["name"] as string;
  if (node.type !== "MemberExpression" || node["computed"] === true) return node.type;
  return `${nameOf(node["object"] as Node)}.${nameOf(node["property"] as Node)}`;
}

function walk(node: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(node)) for (const one of node) walk(one, visit);
  if (typeof node !== "object" || node === null || Array.isArray(node)) return;
  if ("type" in node && typeof node.type === "string") visit(node as Node);
  for (const value of Object.values(node)) walk(value, visit);
}

/**
 * Whether an expression is obviously linear, as most of them are: only single characters are repeated, and from each
 * place where it may begin the work has an upper bound or, if it can only begin at the start of the text, there is at
 * most one unbounded repeat.
 */
function isPlainlyLinear({ source, flags }: Found): boolean {
  if (flags.includes("v")) return false;
  let closed = false;
  let unbounded = 0;
  let ways = 1;
  let alternatives = 1;
  let isAtom = false;
  for (let at = 0; at < source.length; at += 1) {
    const rest = source.slice(at);
    const repeat = isAtom ? /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(rest)?.[0] : undefined;
    if (repeat !== undefined) {
      // `(?:a+)?` adds one more way; any other repeat of a group may match the same text in many ways.
      if (closed && !repeat.startsWith("?")) return false;
      const [, from = "0", to] = /^\{(\d+)(,?\d*)\}/.exec(repeat) ?? [];
      if (/^[*+]/.test(repeat) || to === ",") unbounded += 1;
      else if (repeat.startsWith("?")) ways *= 2;
      else if (to !== undefined && to !== "") ways *= Number(to.slice(1)) - Number(from) + 1;
      isAtom = false;
      at += repeat.length - 1;
      continue;
    }
    closed = rest.startsWith(")");
    isAtom = true;
    if (rest.startsWith("[")) {
      at += (/^\[(?:\\.|[^\]\\])*\]/s.exec(rest)?.[0].length ?? 1) - 1;
    } else if (rest.startsWith("\\")) {
      at += (/^\\(?:[pPu]\{[^}]*\}|k<[^>]*>|u[0-9a-f]{4}|x[0-9a-f]{2}|.)/is.exec(rest)?.[0].length ?? 1) - 1;
    } else if (rest.startsWith("(")) {
      const opening = /^\((?:\?(?:[:=!]|<[=!]|<\w+>))?/.exec(rest)?.[0] ?? "(";
      isAtom = false;
      at += opening.length - 1;
    } else if (rest.startsWith("|")) {
      alternatives += 1;
      isAtom = false;
    } else if (rest.startsWith("^") || rest.startsWith("$")) {
      isAtom = false;
    }
  }
  const isAtStart =
    source.startsWith("^") && !flags.includes("m") && !/(?:^|[^\\])\|(?!\^)/.test(withoutGroups(source));
  if (!isAtStart) return unbounded === 0 && ways * alternatives <= 1_000;
  return unbounded === 0 ? ways * alternatives <= 1_000_000 : unbounded === 1 && ways * alternatives <= 1_000;
}

/** The text outside groups and classes, to see the alternatives of an expression as a whole. */
function withoutGroups(source: string): string {
  let depth = 0;
  let kept = "";
  for (let at = 0; at < source.length; at += 1) {
    const piece = /^(?:\\.|\[(?:\\.|[^\]\\])*\])/s.exec(source.slice(at))?.[0] ?? source.charAt(at);
    if (piece === "(") depth += 1;
    if (piece === ")") depth -= 1;
    if (depth === 0) kept += piece.length > 1 ? "x" : piece;
    at += piece.length - 1;
  }
  return kept;
}

/** `null`: it is linear. */
async function verdictOn({ source, flags }: Found): Promise<string | null> {
  // Its pure JavaScript version: nobody else's binary is run.
  process.env["RECHECK_SYNC_BACKEND"] = "pure";
  const { checkSync } = await import("recheck");
  const said = checkSync(source, flags, { timeout: TIME_LIMIT_MS });
  if (said.status === "safe") return null;
  if (said.status === "unknown") return `cannot be judged (${said.error.kind})`;
  return `${said.complexity.type} in the length of, for example, ${said.attack.pattern}`;
}

const keyOf = ({ source, flags }: Found): string => `/${source}/${flags}`;

/** Expressions that this version of the checker has called linear. */
function known(): Set<string> {
  if (options.all || !existsSync(KNOWN_FILE)) return new Set();
  const kept = JSON.parse(readFileSync(KNOWN_FILE, "utf8")) as { readonly recheck: string; readonly linear: string[] };
  return new Set(kept.recheck === version ? kept.linear : []);
}

/** Judges whatever is not known from an earlier run, on all processors. */
async function judge(patterns: readonly Found[]): Promise<ReadonlyMap<string, string | null>> {
  const verdicts = new Map<string, string | null>();
  const waiting = [...patterns];
  const workers = Array.from({ length: Math.min(availableParallelism(), waiting.length) }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const worker = new Worker(fileURLToPath(import.meta.url), { workerData: "judge", argv: [`--root=${ROOT}`] });
      const answer = new Promise<string | null>((done, failed) => {
        worker.once("message", done);
        worker.once("error", failed);
        // The checker does not check its own limit everywhere.
        worker.once("exit", () => done("not judged in time; try again on a machine with less to do"));
      });
      const limit = setTimeout(() => worker.terminate(), 4 * TIME_LIMIT_MS);
      worker.postMessage(next);
      verdicts.set(keyOf(next), await answer);
      clearTimeout(limit);
      worker.removeAllListeners();
      await worker.terminate();
    }
  });
  await Promise.all(workers);
  return verdicts;
}

async function main(): Promise<number> {
  const used = new Set<string>();
  const problems: string[] = [];
  const files = SOURCES.flatMap((glob) => globSync(glob, { cwd: ROOT })).sort();
  const found = files.flatMap((file) => patternsIn(file, used, problems));
  const exceptionOf = (one: Found) =>
    EXCEPTIONS.find(({ file, begins }) => file === one.file && keyOf(one).startsWith(begins));
  const byKey = new Map(found.filter((one) => exceptionOf(one) === undefined).map((one) => [keyOf(one), one]));
  const linear = known();
  const unclear = [...byKey.values()].filter((one) => !isPlainlyLinear(one));
  const verdicts = await judge(unclear.filter((one) => !linear.has(keyOf(one))));
  for (const one of found) {
    const verdict = verdicts.get(keyOf(one)) ?? null;
    if (verdict !== null) problems.push(`${one.file}: ${keyOf(one)} is ${verdict}`);
  }
  const excepted = new Set(found.map(exceptionOf));
  for (const exception of EXCEPTIONS) {
    if (!excepted.has(exception)) problems.push(`${exception.file}: nothing begins with ${exception.begins} any more`);
  }
  for (const { file, expression } of FILLED) {
    if (!used.has(`${file} ${expression}`)) problems.push(`${file}: nothing is made of ${expression} any more`);
  }
  if (options.all) {
    const kept = unclear.map(keyOf).filter((key) => verdicts.get(key) === null);
    writeFileSync(KNOWN_FILE, `${JSON.stringify({ recheck: version, linear: kept.sort() }, null, 2)}\n`);
  }
  for (const problem of problems) console.error(problem);
  console.log(
    `${byKey.size} regular expressions; ${unclear.length} not plainly linear, ${verdicts.size} of them judged now; ${problems.length} to mend`,
  );
  return problems.length === 0 ? 0 : 1;
}

if (isMainThread) {
  process.exitCode = await main();
} else if (workerData === "judge") {
  parentPort?.on("message", async (pattern: Found) => parentPort?.postMessage(await verdictOn(pattern)));
}
