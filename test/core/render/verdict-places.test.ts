import { expect, it } from "@jest/globals";
import type { PostMortemLack } from "../../../src/core/gate/requirements/post-mortem.ts";
import type { Finding } from "../../../src/core/gate/requirements/requirement-rules.ts";
import type { RunbookLack } from "../../../src/core/gate/requirements/runbook-pr.ts";
import { requirementSentence } from "../../../src/core/render/verdict.ts";

const PLACE = "[#6](https://github.com/acme/ops/issues/6)";

/** One of each kind: the compiler asks for the others. */
const POST_MORTEM: { readonly [Kind in PostMortemLack["kind"]]: Extract<PostMortemLack, { kind: Kind }> } = {
  gone: { kind: "gone" },
  "cannot-read": { kind: "cannot-read", there: "acme/learnings", here: "acme/ops" },
  moved: { kind: "moved", to: null, allowed: "acme/ops" },
  "not-complete": { kind: "not-complete", there: "acme/learnings" },
  "is-the-incident": { kind: "is-the-incident" },
  "wrong-repository": { kind: "wrong-repository", allowed: "acme/ops" },
  "no-label": { kind: "no-label", label: "post-mortem" },
  "not-linked": { kind: "not-linked" },
  older: { kind: "older" },
  "section-missing": { kind: "section-missing", section: "Why" },
  "section-no-heading": { kind: "section-no-heading", section: "Why", line: 3 },
  "section-empty": { kind: "section-empty", section: "Why", holds: "nothing", above: null },
  "too-few-action-items": { kind: "too-few-action-items", have: 0, need: 1, blank: 0 },
  "not-accepted": { kind: "not-accepted", missing: 1, changed: ["alice"] },
  cut: { kind: "cut", lines: 5_000 },
};
const RUNBOOK: { readonly [Kind in RunbookLack["kind"]]: Extract<RunbookLack, { kind: Kind }> } = {
  gone: { kind: "gone" },
  "not-named": { kind: "not-named" },
  "no-runbook-file": { kind: "no-runbook-file", paths: ["runbooks/*.md"] },
  "files-cut": { kind: "files-cut", listed: 3_000 },
  "not-merged": { kind: "not-merged" },
  "merged-before": { kind: "merged-before" },
  "closed-unmerged": { kind: "closed-unmerged" },
  "wrong-base": { kind: "wrong-base", base: "dev", defaultBranch: "main" },
  reverted: { kind: "reverted", by: 9 },
  "reverts-unread": { kind: "reverts-unread" },
};

const target = { repository: null, number: 3 };
const found = {
  target,
  url: null,
  status: "unmet",
  filedItems: 0,
  unfiledItems: 0,
  movedTo: null,
  isSealed: false,
  review: null,
} as const;
const FINDINGS: readonly Finding[] = [
  { requirement: "acknowledged", met: false, by: null },
  { requirement: "post-mortem", found: [], isCut: true },
  ...Object.values(POST_MORTEM).map(
    (lack): Finding => ({ requirement: "post-mortem", found: [{ ...found, lacks: [lack] }], isCut: true }),
  ),
  { requirement: "runbook-pr", found: [], isCut: true },
  ...Object.values(RUNBOOK).map(
    (lack): Finding => ({
      requirement: "runbook-pr",
      found: [{ target, url: null, status: "unmet", lacks: [lack] }],
      isCut: true,
    }),
  ),
  { requirement: "fix-merged", merged: [], early: [], isCut: true },
  { requirement: "fix-merged", merged: [], early: [7], isCut: false },
  {
    requirement: "key-times",
    missing: [
      { time: "acknowledged", by: "ack" },
      { time: "started", by: "time" },
    ],
  },
];

/** What a sentence says in front of each command in it. */
function before(sentence: string): readonly string[] {
  return [...sentence.matchAll(/`\/[a-z]/g)].map(({ index }) => sentence.slice(0, index));
}

it("each command is said with the incident to write it on, wherever else it is read", () => {
  const commands = FINDINGS.map((finding) => requirementSentence(finding, PLACE)).flatMap(before);
  expect(commands.length).toBeGreaterThan(30);
  expect(commands.filter((text) => !text.includes(PLACE))).toEqual([]);
});

it("each command is said without it on the incident itself", () => {
  const sentences = FINDINGS.map((finding) => requirementSentence(finding));
  expect(sentences.flatMap(before).length).toBeGreaterThan(30);
  expect(sentences.join("\n")).not.toContain("null");
  expect(sentences.join("\n")).not.toMatch(/\bon (?:\[|\*\*)/i);
});
