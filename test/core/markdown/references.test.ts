import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { editWithoutClosing } from "../../../src/core/markdown/edit-without-closing.ts";
import { closingReferences, namedIncidents, plainReferences } from "../../../src/core/markdown/references.ts";

const OWN = "octo/shop";

/** `owner/name#n` for every issue a text closes, or `#n` for its own. */
function closes(text: string): readonly string[] {
  return closingReferences(text, OWN).map(({ reference }) => `${reference.repository ?? ""}#${reference.number}`);
}

const KEYWORDS = ["close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved"];
const CASINGS: readonly ((word: string) => string)[] = [
  (word) => word,
  (word) => word.toUpperCase(),
  (word) => word[0]!.toUpperCase() + word.slice(1),
];
const SYNTAXES = [
  { written: "#12", closed: "#12" },
  { written: "octo/shop#12", closed: "#12" },
  { written: "Octo/Shop#12", closed: "#12" },
  { written: "other/re.po_x#12", closed: "other/re.po_x#12" },
  { written: "https://github.com/octo/shop/issues/12", closed: "#12" },
  { written: "https://github.com/other/repo/issues/12", closed: "other/repo#12" },
  { written: "https://github.com/octo/shop/pull/12", closed: "#12" },
  { written: "GH-12", closed: "#12" },
];

//
describe("a closing keyword closes", () => {
  it.each(
    KEYWORDS.flatMap((keyword) =>
      CASINGS.flatMap((casing) =>
        ["", ":"].flatMap((colon) =>
          SYNTAXES.map(({ written, closed }) => ({ text: `${casing(keyword)}${colon} ${written}`, closed })),
        ),
      ),
    ),
  )("$text", ({ text, closed }) => {
    expect(closingReferences(text, OWN).map(({ matched }) => matched)).toEqual([text]);
    expect(closes(`Some words. ${text}, and more`)).toEqual([closed]);
  });

  it.each<{ name: string; text: string; closed: readonly string[] }>([
    { name: "each issue with a keyword of its own", text: "Fixes #1, fixes #2", closed: ["#1", "#2"] },
    { name: "only the issue right behind the keyword", text: "Fixes #1, #2 and #3", closed: ["#1"] },
    { name: "without a space behind the colon", text: "fixes:#12", closed: ["#12"] },
    { name: "on the next line", text: "Fixes\n#12", closed: ["#12"] },
    { name: "also in backticks", text: "`Fixes #12`", closed: ["#12"] },
    { name: "also in a fence", text: "```\nFixes #12\n```", closed: ["#12"] },
    { name: "also in an HTML comment", text: "<!-- fixes #12 -->", closed: ["#12"] },
    { name: "also in a quote", text: "> fixes #12", closed: ["#12"] },
    { name: "also when the sentence denies it", text: "this does not fix #12", closed: ["#12"] },
    { name: "behind a bracket", text: "(closes #12)", closed: ["#12"] },
    { name: "in a squashed title", text: "Repair login (fixes #12) (#40)", closed: ["#12"] },
    {
      name: "with an anchor behind the address",
      text: "closes https://github.com/octo/shop/issues/12#issuecomment-1",
      closed: ["#12"],
    },
  ])("$name", ({ text, closed }) => {
    expect(closes(text)).toEqual(closed);
  });
});

//
describe("nothing closes", () => {
  it.each([
    "prefixes #12",
    "fixture #12",
    "unresolved #12",
    "fixing #12",
    "Refs #12",
    "fixes#12",
    "fixes\n\n#12",
    "fixes the bug in #12",
    "fixes issue #12",
    "fixes #",
    "fixes #0",
    "fixes #12abc",
    "fixes # 12",
    "fixes owner#12",
    "fixes https://github.com/octo/shop/commit/12",
    "fixes https://evil.example/octo/shop/issues/12",
    "fixes https://github.com.evil.example/octo/shop/issues/12",
    "fixes https://github.com/octo/shop/issues/new",
    "f\u0456xes #12",
    "fixes \uFF0312",
  ])("%j", (text) => {
    expect(closes(text)).toEqual([]);
  });

  it("on github.com when the repository is on a GitHub Enterprise Server, and the other way round", () => {
    const here = "fixes https://git.example.com/octo/shop/issues/12";
    expect(closingReferences(here, OWN, "git.example.com")).toHaveLength(1);
    expect(closingReferences(here, OWN)).toEqual([]);
    expect(closingReferences("fixes https://github.com/octo/shop/issues/12", OWN, "git.example.com")).toEqual([]);
  });
});

describe("the edit", () => {
  it.each([
    ["Fixes #12", "Refs #12"],
    ["fixes: #12", "refs: #12"],
    ["CLOSES octo/shop#12", "REFS octo/shop#12"],
    ["Resolved https://github.com/octo/shop/issues/12", "Refs https://github.com/octo/shop/issues/12"],
  ])("%s becomes %s", (matched, edited) => {
    expect(editWithoutClosing(matched)).toBe(edited);
  });

  it("clears whatever was found, says where it is, and keeps the mention", () => {
    const piece = fc.constantFrom(
      ...KEYWORDS,
      "not",
      ":",
      " ",
      "\n",
      "#1",
      "o/r#2",
      "GH-3",
      "`",
      ",",
      "https://github.com/o/r/pull/4",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const text = pieces.join("");
        let edited = text;
        for (const { matched, index } of closingReferences(text, OWN).toReversed()) {
          expect(text.startsWith(matched, index)).toBe(true);
          edited = edited.slice(0, index) + editWithoutClosing(matched) + edited.slice(index + matched.length);
        }
        expect(closes(edited)).toEqual([]);
        const mentions = (of: string) => plainReferences(of, OWN).map(({ matched }) => matched);
        expect(mentions(edited)).toEqual(mentions(text));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a mention", () => {
  it.each<{ text: string; mentions: readonly string[] }>([
    { text: "see #12, (#13) and octo/shop#14.", mentions: ["#12", "#13", "#14"] },
    { text: "other/repo#12", mentions: ["other/repo#12"] },
    { text: "https://github.com/other/repo/pull/12/files", mentions: ["other/repo#12"] },
    { text: "http://www.github.com/octo/shop/issues/12", mentions: ["#12"] },
    { text: "GH-12", mentions: ["#12"] },
    { text: "a#12 a/b/c#12 &#12; /x/#12 #12x v1.#12", mentions: [] },
    { text: "#0 #99999999999", mentions: [] },
  ])("$text", ({ text, mentions }) => {
    expect(plainReferences(text, OWN).map((one) => `${one.repository ?? ""}#${one.number}`)).toEqual(mentions);
  });

  it.each(["fixes ", "fixes:", "a/", "a.", "https://a/", "#1", "fixes #", "https://github.com/", "GH-", "\n "])(
    "is looked for in 65,536 characters of %j without getting stuck",
    (unit) => {
      const text = unit.repeat(65_536 / unit.length);
      expect(closingReferences(`${text}\n\nfixes #7`, OWN).at(-1)?.reference.number).toBe(7);
      expect(plainReferences(`${text} #7`, OWN).at(-1)?.number).toBe(7);
    },
  );
});

describe("a line names the incident or the post-mortem", () => {
  it.each<{ body: string; named: readonly string[] }>([
    { body: "Incident: #12", named: ["incident #12"] },
    { body: "post-mortem: #13\nINCIDENT: octo/shop#12", named: ["post-mortem #13", "incident #12"] },
    { body: "Postmortem: other/repo#13", named: ["post-mortem other/repo#13"] },
    { body: "- **Incident:** #12\n- **Post-mortem**: #13", named: ["incident #12", "post-mortem #13"] },
    { body: "Incident: https://github.com/octo/shop/issues/12", named: ["incident #12"] },
    { body: "Incident: [the outage](https://github.com/octo/shop/issues/12)", named: ["incident #12"] },
    { body: "Incident: [#12](https://github.com/octo/shop/issues/12)", named: ["incident #12"] },
    { body: "Incident: #12, #13 and #12", named: ["incident #12", "incident #13"] },
    { body: "| Incident: #12 |\n| --- |", named: [] },
    { body: "Incident: none yet", named: [] },
    { body: "The incident: #12", named: [] },
    { body: "> Incident: #12", named: [] },
    { body: "`Incident: #12`", named: [] },
    { body: "Incident: `#12`", named: [] },
    { body: "Incident: <!-- #12 -->", named: [] },
    { body: "<!--\nIncident: #12\n-->", named: [] },
    { body: "```\nIncident: #12\n```", named: [] },
    { body: "    Incident: #12", named: [] },
  ])("$body", ({ body, named }) => {
    const found = namedIncidents(body, OWN).map(
      ({ kind, reference }) => `${kind} ${reference.repository ?? ""}#${reference.number}`,
    );
    expect(found).toEqual(named);
  });
});
