import type { PastIncident } from "../archive/past-incident.ts";
import { namesFactor } from "../archive/ticked-factors.ts";
import { draftedLines } from "../markdown/drafted-lines.ts";
import { shorten } from "../markdown/escape.ts";
import { HeadingNames } from "../markdown/heading-names.ts";
import { emptinessOf, TemplateWords } from "../markdown/own-text.ts";
import { sectionsOf, taskItems } from "../markdown/sections.ts";
import { visibleContent } from "../markdown/visible-lines.ts";
import { wordsOf } from "../markdown/words.ts";
import type { IssueFacts, Reference } from "../model.ts";
import { isAppLogin, sameLogin } from "../names.ts";
import { type AppIdentity, isOwnAccount } from "../own.ts";
import type { History } from "../record/history.ts";
import type { IncidentRecord } from "../record/record.ts";
import { namedFiles } from "../regressions/suspects.ts";
import type { AlertMarks, Lesson, RecallCandidate, RecallQuestion } from "./recall-candidate.ts";

/** How much of a text is compared, in UTF-16 code units. */
const MOST_TEXT_CHARACTERS = 4_000;
const MOST_FILES = 50;
const MOST_OPEN_NAMED = 3;
const MOST_CAUSE_CHARACTERS = 200;
const MOST_ITEM_CHARACTERS = 120;

/** What sections are called that say why something happened. */
const CAUSES = new HeadingNames([
  ...["Why it happened", "Why did it happen", "Why", "Cause", "Causes", "Root cause", "Root causes", "The cause"],
  ...["Root cause analysis", "Root cause(s)", "Contributing causes", "What caused it", "What went wrong"],
]);

const ALERT_ID = /<!-- sevgate:alert:([0-9a-f]{32}) -->/;
/** What sources call the rule or monitor behind an alert, as a line of its issue. */
const ALERT_RULE = /^(?:alertname|rulename|rule|monitor|check|workflow): (.{1,200})$/i;

/** What is read with texts. */
export interface RecallTexts {
  readonly app: AppIdentity;
  /** What the incident's own template adds to it. */
  readonly incidentTemplate: string;
  /** The templates of post-mortems. */
  readonly postMortemTemplate: string;
  /** `contributing-factors` of the policy: they are no action items. */
  readonly factors: readonly string[];
}

/** What is asked about an incident. */
export function questionOf(issue: IssueFacts, history: History, texts: RecallTexts): RecallQuestion {
  return { ...partsOf(issue, history, texts), files: namedFiles(issue) };
}

/**
 * A past incident as it is compared.
 *
 * @param postMortem the issue it was closed with; `null`: none, or it may not be shown here
 * @param fixed      files that its fix changed
 */
export function candidateOf(
  { issue, record, history }: PastIncident,
  postMortem: { readonly issue: IssueFacts; readonly target: Reference } | null,
  fixed: readonly string[],
  texts: RecallTexts,
): RecallCandidate {
  const parts = partsOf(issue, history, texts);
  const isTrusted = postMortem !== null && isOfTheTeam(postMortem.issue, record, texts.app);
  const lines = isTrusted ? ownLines(postMortem.issue.body, texts) : [];
  const named = [...namedFiles(issue), ...(isTrusted ? namedFiles(postMortem.issue) : [])];
  return {
    ...parts,
    text: [parts.text, ...lines].join("\n").slice(0, MOST_TEXT_CHARACTERS),
    files: [...new Set([...fixed, ...named])].slice(0, MOST_FILES),
    lesson: isTrusted ? lessonOf(postMortem.issue.body, postMortem.target, texts) : null,
  };
}

/** What an issue alone tells, before its record is read. */
export function candidateByText(issue: IssueFacts, texts: RecallTexts): RecallCandidate {
  return { ...partsOf(issue, null, texts), files: namedFiles(issue), lesson: null };
}

/**
 * What a post-mortem taught.
 *
 * Open items are its boxes without a tick: they follow the issues that were filed for them.
 */
export function lessonOf(body: string, postMortem: Reference, texts: RecallTexts): Lesson {
  const drafted = draftedLines(body);
  const template = new TemplateWords(texts.postMortemTemplate, undefined, drafted);
  const cause = sectionsOf(body)
    .filter(({ title }) => CAUSES.has(title))
    .flatMap(({ text }) => visibleContent(text))
    .find((line) => line.role === "text" && emptinessOf([line], template) === null);
  const open = taskItems(body).flatMap(({ checked, lines }) => {
    const text = lines.map((line) => line.text).join(" ");
    const isItem = !checked && emptinessOf(lines, template, true) === null && !namesFactor(text, texts.factors);
    return isItem ? [shorten(text, MOST_ITEM_CHARACTERS)] : [];
  });
  return {
    postMortem,
    cause: cause === undefined ? null : shorten(cause.text, MOST_CAUSE_CHARACTERS),
    open: open.slice(0, MOST_OPEN_NAMED),
    openItems: open.length,
  };
}

/**
 * Whether a post-mortem was written by the app, or by somebody who has done something in the incident that takes rights: its
 * author may change it for good, whoever they are.
 */
function isOfTheTeam({ author }: IssueFacts, { entries }: IncidentRecord, app: AppIdentity): boolean {
  if (author === null) return false;
  if (isOwnAccount(app, author)) return true;
  return entries.some(
    (entry) =>
      "source" in entry &&
      entry.source !== null &&
      entry.kind !== "refused" &&
      entry.kind !== "answered" &&
      entry.by !== null &&
      !isAppLogin(entry.by) &&
      sameLogin(entry.by, author.login),
  );
}

function partsOf(
  issue: IssueFacts,
  history: History | null,
  texts: RecallTexts,
): Omit<RecallCandidate, "files" | "lesson"> {
  const isOurs = isOwnAccount(texts.app, issue.author);
  return {
    number: issue.number,
    title: issue.title,
    alerts: isOurs ? alertMarksOf(issue.body) : { ids: [], rules: [] },
    runbooks: (history?.runbooks ?? []).map(({ path }) => path),
    // What an alert's issue says besides is much the same in all of them.
    text: isOurs ? "" : plainText(issue.body, texts.incidentTemplate),
  };
}

/** By what the alert is known again whose issue this is; only the app's own issues say it. */
function alertMarksOf(body: string): AlertMarks {
  const id = ALERT_ID.exec(body)?.[1];
  const rules = visibleContent(body).flatMap(({ text }) => ALERT_RULE.exec(text)?.[1]?.trim() ?? []);
  return { ids: id === undefined ? [] : [id], rules: [...new Set(rules)] };
}

function plainText(body: string, template: string): string {
  const ours = new TemplateWords(template);
  return visibleContent(body)
    .filter(({ text, role }) => role !== "heading" && !ours.hasLine(wordsOf(text)))
    .map(({ text }) => text)
    .join("\n")
    .slice(0, MOST_TEXT_CHARACTERS);
}

/** What people wrote in the sections of a post-mortem. */
function ownLines(body: string, { postMortemTemplate }: RecallTexts): readonly string[] {
  const template = new TemplateWords(postMortemTemplate, undefined, draftedLines(body));
  return visibleContent(body).flatMap((line) =>
    line.role === "heading" || emptinessOf([line], template) !== null ? [] : [line.text],
  );
}
