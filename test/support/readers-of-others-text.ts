import { normalizeAlert } from "../../src/core/alerts/normalize-alert.ts";
import { tickedFactors } from "../../src/core/archive/ticked-factors.ts";
import { mrkdwn } from "../../src/core/chat/slack/mrkdwn.ts";
import { nearestCommand } from "../../src/core/commands/parse-command.ts";
import { touchedItems, type WatchedItem } from "../../src/core/debt/touched-items.ts";
import { judgePostMortems } from "../../src/core/gate/requirements/post-mortem.ts";
import { goneItem } from "../../src/core/items/item-issue.ts";
import { itemLines } from "../../src/core/items/item-line.ts";
import { readTicks } from "../../src/core/judge/judge-ticks.ts";
import { sameHeading } from "../../src/core/markdown/heading-names.ts";
import { hasOwnText } from "../../src/core/markdown/own-text.ts";
import { isPlaceholder } from "../../src/core/markdown/placeholder.ts";
import { withTextAboveDashes } from "../../src/core/markdown/text-above-dashes.ts";
import { visibleLines } from "../../src/core/markdown/visible-lines.ts";
import type { Instant } from "../../src/core/model.ts";
import { parseOnCall } from "../../src/core/oncall/parse-on-call.ts";
import { matchesAny } from "../../src/core/policy/glob.ts";
import { parsePolicy } from "../../src/core/policy/parse.ts";
import { candidateOf, lessonOf, questionOf, RecallTexts } from "../../src/core/recall/candidate-of.ts";
import { recall } from "../../src/core/recall/recall.ts";
import { fold } from "../../src/core/record/history.ts";
import { revertContent } from "../../src/core/regressions/revert-pull-request.ts";
import { revertedNumbers } from "../../src/core/regressions/reverts.ts";
import { namedFiles, pathsNamed, suspectsOf } from "../../src/core/regressions/suspects.ts";
import { templateProblem } from "../../src/core/render/liquid.ts";
import { likeliestFirst, matchRunbooks } from "../../src/core/runbooks/match-runbooks.ts";
import { type Runbook, readRunbook } from "../../src/core/runbooks/runbook.ts";
import { withoutAddresses } from "../../src/core/trust/without-addresses.ts";
import { codeOwnersOf } from "../../src/core/who/code-owners.ts";
import { reasonOf } from "../../src/systems/github/errors.ts";
import { alertmanagerGroup } from "../../testkit/alert-payloads.ts";
import { buildEvidence, buildIssue, buildObservation, buildPullRequest } from "./build-observation.ts";
import { EVERY_READER, hostileMarkdown } from "./hostile-markdown.ts";

/** Something that reads what others wrote; `size` grows with it. */
export interface Reading {
  readonly name: string;
  readonly read: (size: number) => void;
}

const title = "Checkout is down";
const RECALL = new RecallTexts(
  { appId: 1, botLogin: "sevgate[bot]", former: [] },
  ["# What happened\n\na b c d\n"],
  ["configuration"],
);

/** What reads one text, from a person or a file. */
const OF_A_TEXT: Readonly<Record<string, (text: string) => unknown>> = {
  ...Object.fromEntries(EVERY_READER.map((read, at) => [`reader ${at + 1} of Markdown`, read] as const)),
  visibleLines,
  "hasOwnText, of its template": (text) => hasOwnText(text, text),
  "a post-mortem like its template": (text) => judgePostMortem(text, text),
  itemLines: (text) =>
    itemLines(text, { section: "Action items", template: text, home: "acme/ops", host: "github.com" }),
  isPlaceholder,
  tickedFactors: (text) => tickedFactors(text, ["a", "configuration"]),
  lessonOf: (text) => lessonOf(text, { repository: null, number: 9 }, RECALL),
  "recall, of itself": (text) => {
    const issue = buildIssue({ title: text.slice(0, 256), body: text });
    const history = fold([{ kind: "declared", at: issue.createdAt, by: "bob", severity: "P0" }]);
    recall(questionOf(issue, history, RECALL), [candidateOf({ issue, history }, issue, [], namedFiles(issue), RECALL)]);
  },
  sameHeading: (text) => sameHeading(text, `1. ${text}`),
  withTextAboveDashes: (text) => withTextAboveDashes(text, (heading) => heading === "x"),
  namedFiles: (body) => namedFiles({ title, body }),
  codeOwnersOf: (text) => codeOwnersOf(text, "src/shop/checkout/cart.ts"),
  parsePolicy,
  parseOnCall,
  readRunbook,
  templateProblem,
  readTicks: (text) => readTicks(text, [], []),
  mrkdwn: (text) => mrkdwn(text, 500),
  withoutAddresses,
  reasonOf: (message) => reasonOf({ message }),
  nearestCommand,
  revertedNumbers: (body) => revertedNumbers({ title: 'Revert "x"', body }, "acme/ops", "github.com"),
  revertContent: (text) =>
    revertContent(
      { pullRequest: { number: 1, title: text.slice(0, 256) }, incident: 2, by: "bob", reason: text, isDrill: false },
      { id: 1, fullName: "acme/ops", host: "github.com" },
    ),
  matchRunbooks: (text) =>
    matchRunbooks([runbook(1, text)], { title: text.slice(0, 256), text, labels: [], severity: "P0" }),
  matchesAny: (text) => matchesAny(["**/*a*a*b", "*-*-*x"], text),
};

function runbook(at: number, text: string): Runbook {
  const list = text
    .split("\n")
    .slice(0, 50)
    .map((line) => line.slice(0, 200));
  const words = { ...readRunbook(""), title: text.slice(0, 200) };
  return {
    ...words,
    frontMatter: { ...words.frontMatter, keywords: list },
    path: `runbooks/checkout-${at}.md`,
    sha: String(at),
  };
}

function watchedItem(paths: readonly string[]): WatchedItem {
  const target = { repository: null, number: 41 };
  const filed = { target, postMortem: target, line: "", filedAt: 0 as Instant, end: null };
  const item = { ...goneItem(filed, target), paths };
  return { item, due: null, severity: null, snoozed: 0, isAsleep: false, fixed: paths };
}

const many = <T>(size: number, make: (at: number) => T): readonly T[] =>
  Array.from({ length: size }, (_, at) => make(at));

function judgePostMortem(body: string, template: string, required?: readonly string[]): void {
  const issue = buildIssue({ number: 3, labels: ["post-mortem"], body });
  const bare = buildObservation({ evidence: [buildEvidence(issue)] });
  const rules = bare.policy.policy["post-mortem"];
  const wanted = { ...rules, "required-sections": required ?? rules["required-sections"] };
  const seen = {
    ...bare,
    policy: { ...bare.policy, policy: { ...bare.policy.policy, "post-mortem": wanted } },
    templates: { ...bare.templates, postMortem: [template] as const },
  };
  const history = fold([{ kind: "declared", at: bare.at, by: "bob", severity: "P0" }]);
  judgePostMortems(seen, history);
}

const sectionsWanted = (size: number): readonly string[] => many(size / 16, (at) => `Section ${at}`);

/** What reads a list whose length others decide. */
const OF_A_LIST: Readonly<Record<string, (size: number) => unknown>> = {
  "many sections of one name, in the words of a long template": (size) =>
    judgePostMortem("# What happened\nx a\nb c d\n".repeat(size / 4), `# What happened\n${"a b c d x\n".repeat(size)}`),
  "many items, in the words of a long template": (size) =>
    judgePostMortem("- [ ] x a b c d\n".repeat(size / 2), `${"a b c d x\n".repeat(size)}`),
  "many sections that are missing, beside lines that may be their headings": (size) =>
    judgePostMortem("**a** `b` [c](d) &amp;\n".repeat(size / 8), "", sectionsWanted(size)),
  "many sections that are missing, beside others": (size) =>
    judgePostMortem("# a\n".repeat(size / 4), "", sectionsWanted(size)),
  "many sections that are missing, beside lines in their words": (size) =>
    judgePostMortem("**Section 1** <br>a\n".repeat(size / 8), "", sectionsWanted(size)),
  "many sections that are wanted, and there": (size) => {
    const wanted = sectionsWanted(size);
    judgePostMortem(wanted.map((name) => `# ${name}\nTBD\n`).join(""), `# ${wanted.join("\n# ")}\n`, wanted);
  },
  "many rows of placeholders": (size) =>
    hasOwnText(`|a|b|\n|-|-|\n${"|Duration|TBD|\n".repeat(size)}`, "Duration: TBD = ".repeat(size)),
  "footnotes that call each other": (size) =>
    hasOwnText(many(size, (at) => `[^${at}]: See [^${at + 1}].\n\n`).join(""), ""),
  "many runbooks": (size) =>
    matchRunbooks(
      many(size, (at) => runbook(at, "checkout")),
      { title, text: "", labels: [], severity: "P0" },
    ),
  "many paths of runbooks": (size) =>
    likeliestFirst(
      many(size, (at) => ({ path: `runbooks/checkout-${at}.md` })),
      title,
    ),
  "deep paths of a pull request, beside action items that name paths": (size) =>
    touchedItems([{ path: "a/".repeat(size) }], [watchedItem(many(20, (at) => `${"a/".repeat(99)}${at}`))]),
  "many files of a pull request, beside an action item": (size) =>
    touchedItems(
      many(size, (at) => ({ path: `src/shop-${at}/cart.ts` })),
      [watchedItem(["src/shop", "src/cart.ts"])],
    ),
  "many paths of a repository": (size) =>
    pathsNamed(
      many(size, (at) => `src/shop-${at}/cart.ts`),
      ["cart.ts", "a/cart.ts", "x.rb"],
    ),
  "many lines of code owners": (size) => codeOwnersOf("*a*a*a*b @bob\n".repeat(size), `${"a".repeat(200)}/c.ts`),
  "many merged pull requests": (size) =>
    suspectsOf(
      {
        good: null,
        isCut: false,
        merged: many(size, (number) => ({
          pullRequest: buildPullRequest({ number }),
          files: [{ path: "a/b.ts", status: "modified" }],
        })),
      },
      ["b.ts"],
    ),
  "many alerts of a group": (size) => {
    const group = alertmanagerGroup("firing");
    const alerts = many(size, (at) => ({ ...group.alerts[0]!, fingerprint: `f${at}` }));
    return normalizeAlert("alertmanager", { ...group, alerts }, "group" as never);
  },
  "many labels of an alert": (size) => {
    const group = alertmanagerGroup("firing");
    const labels = Object.fromEntries(many(size, (at) => [`label${at}`, "x"] as const));
    return normalizeAlert(
      "alertmanager",
      { ...group, commonLabels: labels, alerts: [{ ...group.alerts[0]!, labels }] },
      "group" as never,
    );
  },
};

/** Texts in addition to those for Markdown: YAML, templates, code, trailing white space. */
const MORE_UNITS = [
  "{{ a | upcase }}",
  "{% if a %}",
  "a: b\n",
  "- a\n",
  "{a: ",
  "[a, ",
  "'a",
  "*a",
  "src/a.ts ",
  "a/",
  "#",
  " #a",
  "\\ ",
  "@a ",
  "eyJ-",
  "eyJa.",
  "ghp_",
  "-a",
  "word word\n",
  "---\n",
  "- [ ] <!-- item:a --> ",
  "Reverts #1\n",
  "a@b.c ",
  "\t",
  " \n",
  "<!-- sevgate:record ",
  "&<>",
];

/** White space at the end, so that no reading finds a text remembered that another one has read (core/remembered.ts). */
function unlikeOthers(reading: number): string {
  return reading.toString(2).replaceAll("0", " ").replaceAll("1", "\t");
}

/** Every reading, of every hostile text of its kind. `each`: takes only every nth text. */
export function everyReading(each: number): readonly Reading[] {
  const names = hostileMarkdown(1_000).map(([name]) => name);
  const texts: readonly (readonly [string, (size: number) => string])[] = [
    ...names.map((name, at) => [name, (size: number) => hostileMarkdown(size)[at]![1]] as const),
    ...MORE_UNITS.map(
      (unit) => [JSON.stringify(unit), (size: number) => unit.repeat(Math.ceil(size / unit.length))] as const,
    ),
  ];
  const ofTexts = texts
    .filter((_, at) => at % each === 0)
    .flatMap(([name, make]) => Object.entries(OF_A_TEXT).map(([reader, read]) => ({ name, make, reader, read })))
    .map(({ name, make, reader, read }, at) => ({
      name: `${reader}: ${name}`,
      read: (size: number) => void read(`${make(size)}${unlikeOthers(at)}`),
    }));
  return [
    ...ofTexts,
    ...Object.entries(OF_A_LIST).map(([name, read]) => ({ name, read: (size: number) => void read(size / 4) })),
  ];
}

/** To check that faster growth is noticed: in our own code, and in the language's own searches. */
export const QUADRATIC: Reading = {
  name: "quadratic",
  read: (size) => {
    for (let at = 0; at < size; at += 1) "x".repeat(size).includes("y", at);
  },
};
