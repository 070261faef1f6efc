import type { PastIncident } from "../archive/past-incident.ts";
import { namesFactor } from "../archive/ticked-factors.ts";
import { draftedLines, isDrafted } from "../markdown/drafted-lines.ts";
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
import { LONGEST_TEXT_CHARACTERS } from "./telling-words.ts";

/** How much of an issue is looked through for its text, in UTF-16 code units: comparing hundreds must not take a second. */
const MOST_BODY_CHARACTERS = 16_000;
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

/** What texts are read with. Made once for many. */
export class RecallTexts {
  readonly app: AppIdentity;
  /** What templates add to incidents and post-mortems. */
  readonly templates: string;
  /** `contributing-factors` of the policy: they are no action items. */
  readonly factors: readonly string[];
  readonly #words: TemplateWords;

  constructor(app: AppIdentity, templates: readonly string[], factors: readonly string[]) {
    this.app = app;
    this.templates = templates.join("\n\n");
    this.factors = factors;
    this.#words = new TemplateWords(this.templates);
  }

  /**
   * The lines of a text that no template says, without comments, and without what Markdown adds to words. Not parsed: only
   * its words are compared, and there may be hundreds.
   */
  ownText(body: string): string {
    const drafted = draftedLines(body);
    const shown = body.slice(0, MOST_BODY_CHARACTERS).replace(/<!--[\s\S]*?(?:-->|$)/g, "");
    let text = "";
    for (const line of shown.split("\n")) {
      if (text.length >= LONGEST_TEXT_CHARACTERS) break;
      const words = wordsOf(line.replace(/https?:\/\/\S+|^\s*(?:[-*+>]\s+)?(?:\[[ xX]\])?/g, " "));
      if (words === "" || this.#words.hasLine(words) || isDrafted(words, drafted)) continue;
      text += `${words}\n`;
    }
    return text.slice(0, LONGEST_TEXT_CHARACTERS);
  }
}

/** What is asked about an incident. */
export function questionOf(issue: IssueFacts, history: History, texts: RecallTexts): RecallQuestion {
  return { ...partsOf(issue, history, texts), files: namedFiles(issue) };
}

/**
 * A past incident as it is compared.
 *
 * @param postMortem one whose words count (`isOfTheTeam`); `null`: none
 * @param fixed      files that its fix changed
 * @param asked      the files that matter: an issue is only looked through for names if it may hold one of them
 */
export function candidateOf(
  { issue, history }: Pick<PastIncident, "issue" | "history">,
  postMortem: IssueFacts | null,
  fixed: readonly string[],
  asked: readonly string[],
  texts: RecallTexts,
): RecallCandidate {
  const parts = partsOf(issue, history, texts);
  const own = postMortem === null ? "" : texts.ownText(postMortem.body);
  const named = [issue, ...(postMortem === null ? [] : [postMortem])].flatMap((one) => filesIn(one, asked));
  return {
    ...parts,
    // Half of the room for each.
    text:
      own === ""
        ? parts.text
        : `${parts.text.slice(0, LONGEST_TEXT_CHARACTERS / 2)}\n${own}`.slice(0, LONGEST_TEXT_CHARACTERS),
    files: [...new Set([...fixed, ...named])].slice(0, MOST_FILES),
  };
}

/** What an issue alone tells, before its record is read. */
export function candidateByText(issue: IssueFacts, asked: readonly string[], texts: RecallTexts): RecallCandidate {
  return { ...partsOf(issue, null, texts), files: filesIn(issue, asked) };
}

/** Reading a text for the files it names takes as long as parsing it. */
function filesIn(issue: IssueFacts, asked: readonly string[]): readonly string[] {
  const mayName = asked.some((name) => {
    const file = name.slice(name.lastIndexOf("/") + 1);
    return issue.title.includes(file) || issue.body.includes(file);
  });
  return mayName ? namedFiles(issue) : [];
}

/**
 * What a post-mortem taught.
 *
 * Open items are its boxes without a tick: they follow the issues that were filed for them.
 */
export function lessonOf(body: string, postMortem: Reference, texts: RecallTexts): Lesson {
  const drafted = draftedLines(body);
  const template = new TemplateWords(texts.templates, undefined, drafted);
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
export function isOfTheTeam({ author }: IssueFacts, { entries }: IncidentRecord, app: AppIdentity): boolean {
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

function partsOf(issue: IssueFacts, history: History | null, texts: RecallTexts): Omit<RecallCandidate, "files"> {
  const isOurs = isOwnAccount(texts.app, issue.author);
  return {
    number: issue.number,
    title: issue.title,
    alerts: isOurs ? alertMarksOf(issue.body) : { ids: [], rules: [] },
    runbooks: (history?.runbooks ?? []).map(({ path }) => path),
    // What an alert's issue says besides is much the same in all of them.
    text: isOurs ? "" : texts.ownText(issue.body),
  };
}

/** By what the alert is known again whose issue this is; only the app's own issues say it. */
function alertMarksOf(body: string): AlertMarks {
  const id = ALERT_ID.exec(body)?.[1];
  const rules = visibleContent(body).flatMap(({ text }) => ALERT_RULE.exec(text)?.[1]?.trim() ?? []);
  return { ids: id === undefined ? [] : [id], rules: [...new Set(rules)] };
}
