import { globSync, readFileSync } from "node:fs";
import { type ParserOptions, parse } from "@babel/parser";
import { describe, expect, it } from "@jest/globals";

/** Words that Sevgate does not use, and what it says instead: GitHub's own words, in American spelling. */
const NOT_OURS: readonly (readonly [words: RegExp, instead: string])[] = [
  [/\bmend(?:s|ed|ing)?\b/i, "fix"],
  [/\blearnt\b/i, "learned; a post-mortem or a runbook, where that is meant"],
  [/\bof late\b/i, "recently"],
  [/\b(?:is|are|was|were|be|been|being) told\b/i, "is notified, is said, says"],
  [/\btell(?:s|ing)? (?:people|somebody|nobody|everybody|whoever|them)\b/i, "notify"],
  [/\bthe right `/i, "the … role"],
  [/\bneeds the right\b/i, "needs the … role"],
  [/\b(?:nobody|somebody|who) is on it\b/i, "has it"],
  [/\bcall(?:s|ed)? (?:people|somebody|nobody|everybody)\b/i, "page"],
  [/\bclose gate\b/i, "what it needs to close; `sevgate/close-gate` is a name"],
  [/\bpieces? of evidence\b/i, "name it: post-mortem #5"],
  [/\bwhoever runs\b/i, "the Sevgate operator"],
  [/\bshall hold\b|\bgone without\b|\bknocks\b|\brings when\b|\bhalf open\b/i, "say it plainly"],
  [/\b(?:colour|behaviour|favour|honour|labour|neighbour)(?:s|ed|ing|ly)?\b/i, "-or"],
  [/\b(?:labell|travell|modell|signall)(?:ed|ing)\b/i, "one l"],
  [
    /\b(?:organ|recogn|normal|serial|summar|author|initial|optim|custom|synchron|priorit|minim|maxim)is(?:e|es|ed|ing|ation)\b/i,
    "-iz-",
  ],
  [
    /\b(?:licence|catalogue|centre|grey|judgement|artefact|programme|defence|whilst|spelt|burnt)s?\b/i,
    "American spelling",
  ],
  [/`[^`]*<(?:number|login|text|reason|severity|role|name)>[^`]*`/, "a placeholder in capitals: `/status TEXT`"],
  [/`[^`]*(?:#number|@login)\b[^`]*`/, "a placeholder in capitals: `#NUMBER`"],
];

/** What somebody writes who reads a file of ours. */
interface Read {
  readonly where: string;
  readonly text: string;
}

const TYPESCRIPT: ParserOptions = { sourceType: "module", plugins: ["typescript"] };

/** The literals of a source: what it may show. Not what it imports. */
function literalsOf(path: string): readonly Read[] {
  const found: Read[] = [];
  const look = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const part of node) look(part);
      return;
    }
    if (node === null || typeof node !== "object") return;
    const { type, loc, value } = node as { type?: string; loc?: { start: { line: number } }; value?: unknown };
    if (
      type === "ImportDeclaration" ||
      type === "ExportAllDeclaration" ||
      type === "RegExpLiteral" ||
      type === "TSLiteralType"
    )
      return;
    const where = `${path}:${loc?.start.line ?? 0}`;
    if (type === "StringLiteral") found.push({ where, text: String(value) });
    if (type === "TemplateElement") found.push({ where, text: (value as { cooked?: string }).cooked ?? "" });
    for (const [key, part] of Object.entries(node)) if (!/Comments$|^loc$|^tokens$/.test(key)) look(part);
  };
  look(parse(readFileSync(path, "utf8"), TYPESCRIPT).program);
  return found;
}

/** The lines of a page, without the names of tests that it quotes. */
function linesOf(path: string): readonly Read[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .map((line, at) => ({
      where: `${path}:${at + 1}`,
      text: line.replaceAll(/\[[^\]]*\]\([^)]*\/test\/[^)]*\)/g, ""),
    }));
}

const PAGES = [
  "README.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "app.yml",
  "src/README.md",
  ...globSync("docs/**/*.md"),
  ...globSync("templates/**/*.{md,yml}"),
  ...globSync("schema/*.json"),
  ...globSync(".github/**/*.{md,yml}"),
].filter((path) => globSync(path).length > 0);
const SOURCES = [...globSync("src/**/*.ts"), ...globSync("demo/**/*.ts")];

function wrongIn(read: readonly Read[]): readonly string[] {
  return read.flatMap(({ where, text }) =>
    NOT_OURS.flatMap(([words, instead]) => {
      const match = words.exec(text);
      return match === null ? [] : [`${where}: “${match[0]}”: ${instead}`];
    }),
  );
}

describe("Every sentence that a person reads is in GitHub's English", () => {
  it.each([
    ["the program's own", () => SOURCES.flatMap(literalsOf)],
    ["the pages, templates and schemas", () => PAGES.flatMap(linesOf)],
  ])("%s", (_, read) => {
    const all = read();
    expect(all.length).toBeGreaterThan(1_000);
    expect(wrongIn(all)).toEqual([]);
  });

  it("finds a word that must not come back", () => {
    const text = "`/resolve` needs the right `triage`: ask whoever runs Sevgate to mend it";
    expect(wrongIn([{ where: "x:1", text }])).toHaveLength(4);
  });
});
