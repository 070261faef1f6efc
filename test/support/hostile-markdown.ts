import { parseCommand } from "../../src/core/commands/parse-command.ts";
import { scanCommands } from "../../src/core/commands/scan.ts";
import { codeSpan, plain } from "../../src/core/markdown/escape.ts";
import { hasOwnText } from "../../src/core/markdown/own-text.ts";
import { parseDocument } from "../../src/core/markdown/parse-document.ts";
import { closingReferences, namedIncidents, plainReferences } from "../../src/core/markdown/references.ts";
import { sectionsOf, taskItems } from "../../src/core/markdown/sections.ts";

/** GitHub's limit of a body or comment, in UTF-16 code units (A-080). */
export const LARGEST_BODY = 262_144;

/** Small pieces that make parsers work hard when there are thousands of them in a row. */
const UNITS: readonly string[] = [
  ..."[*_~`>#|<&!\\-+=:\t\n\r({\"'$@".split(""),
  ..."![ [] ][ ]( [a]( [a][b] [[a]](b) ![a](b [a](< **a a**b *a_ *_ *[a*](b) ***a ~~a `a` <a <a@b.c> </b> <b>".split(
    " ",
  ),
  ..."<!-- --> <? <![CDATA[ <!A <details> &a &#1; &amp; \\[ \\` [^1] (((( $$ {{ {% a@a http://a www. 1)".split(" "),
  "> ",
  "1. ",
  "- ",
  "> a\n\n",
  "- a\n - b\n",
  "- a\n\n  b\n",
  "  - a\n",
  "> - ",
  "- > ",
  "# a\n",
  "a\n-\n",
  "a\n===\n",
  "---\n",
  "a\n",
  "    a\n",
  "a|b\n-|-\n",
  "| a | b |\n|-|-|\n",
  "```\n",
  "~~~\n",
  "``` a\n",
  "[a]: x\n",
  "[a]: <",
  "[^1]: ",
  '<a href="',
  "<a b='c' ",
  "<!-- a -->",
  "- [ ] ",
  "- [ ] a\n",
  "/ack ",
  "/ack\n",
  "- /ack\n",
  "1. /ack\n",
  "Incident: #1\n",
  "- **Incident:** #1\n",
  "fixes #1 ",
  "a/b#1 ",
  "https://github.com/a/b/issues/1 ",
  "-- \n",
  "On a <b@c>\n",
  "On x wrote:",
  "On 2026 a@b\n",
  "From: a\nSent: b\n",
  "____________________\n\n",
  "a\n|-|\n",
  "a\n|-|\n\n",
  "~a ",
  "~a~~b~ ",
  "> a\n/ack\n",
  "</div>\n/ack\n\n",
  "\u00A0/ack\n",
  "\uFF0Fack\n",
  "_____________________ ",
  "\u200B",
  "\uD800",
  "e\u0301",
  "👩‍👩‍👧",
];

const many = (count: number, piece: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => piece(at)).join("");

/** Texts of exactly `length` that are hostile as a whole. */
const SHAPES: Readonly<Record<string, (length: number) => string>> = {
  "runs of backticks, each one longer": (length) =>
    many(Math.sqrt(2 * length), (at) => `${"`".repeat(at + 1)} `).slice(0, length),
  "lists, each one deeper": (length) => many(Math.sqrt(2 * length), (at) => `${" ".repeat(at)}- a\n`).slice(0, length),
  "quotes, each one deeper": (length) => many(Math.sqrt(length), (at) => `${"> ".repeat(at)}a\n`).slice(0, length),
  "brackets that open, then close": (length) => "[".repeat(length / 2) + "]".repeat(length / 2),
  "stars that open, then close": (length) => "*".repeat(length / 2) + "*a".repeat(length / 4),
  "many names for links, then their use": (length) =>
    many(length / 20, (at) => `[a${at}]: x\n`).slice(0, length / 2) + many(length / 8, (at) => `[a${at}]`),
  "a table as wide as it gets": (length) => `|${"a|".repeat(length / 4)}\n|${"-|".repeat(length / 4)}\n`,
  "a table with a hundred columns and empty rows": (length) =>
    `|${"a|".repeat(100)}\n|${"-|".repeat(100)}\n${"|\n".repeat(length / 2)}`,
  "a command with unseen characters without end in its text": (length) => `/note x${"\u200B".repeat(length - 8)}y`,
  "a command for people without end": (length) => `/assign ${"@a, ".repeat(length / 4 - 2)}`,
  "a command with marks without end": (length) => `/assign @a${".".repeat(length - 11)}x`,
  "a command behind spaces without end": (length) => `${" ".repeat(length - 5)}/ack\n`,
};

/** Adversarial texts by name; each is `length` UTF-16 code units long, or a few less. */
export function hostileMarkdown(length = LARGEST_BODY): readonly (readonly [name: string, text: string])[] {
  const repeated = UNITS.map((unit) => {
    const times = Math.ceil(length / unit.length);
    return [`${JSON.stringify(unit)} again and again`, unit.repeat(times).slice(0, length)] as const;
  });
  const shaped = Object.entries(SHAPES).map(([name, make]) => [name, make(length).slice(0, length)] as const);
  return [...repeated, ...shaped];
}

/** Everything that reads what people write. Each returns whether it found what precedes the text, or that all is well. */
export const EVERY_READER: readonly ((text: string) => boolean)[] = [
  (text) => scanCommands(`/ack\n\n${text}`)[0]?.word === "ack",
  (text) => scanCommands(`${text}\n/ack`).filter(({ slip }) => slip === null).length <= 10,
  (text) => scanCommands(text).every((line) => parseCommand(line) !== undefined),
  (text) => sectionsOf(`# First\n\n${text}`)[0]?.title === "First",
  (text) => taskItems(`- [ ] first\n\n${text}`)[0]?.text === "first",
  (text) => hasOwnText(`First\n\n${text}`, ""),
  (text) => namedIncidents(`Incident: #7\n\n${text}`, "acme/ops")[0]?.reference.number === 7,
  (text) => closingReferences(`Fixes #7\n\n${text}`, "acme/ops")[0]?.reference.number === 7,
  (text) => plainReferences(`#7\n\n${text}`, "acme/ops")[0]?.number === 7,
  (text) => plain(text, 500).length < 5_000,
  (text) => !codeSpan(text).includes("\n"),
];

/** What reading a text costs: the number of tokens made from it. */
export function tokensOf(text: string): number {
  const document = parseDocument(text);
  return document.blocks.reduce(
    (sum, block) => sum + 1 + (block.type === "inline" ? document.inline(block).length : 0),
    0,
  );
}
