import { StepLimit } from "../step-limit.ts";
import type { Runbook } from "./runbook.ts";

/** How many runbooks are listed for one incident. */
export const MOST_MATCHES = 3;
/**
 * The most steps for finding the words of all runbooks in an incident: fifty runbooks and a long incident take a fifth
 * of it.
 */
const MOST_STEPS = 5_000_000;

/** What is known about an incident when runbooks are looked for. */
export interface RunbookQuestion {
  readonly title: string;
  /** The ordinary text of the incident's body: no code, no comments. */
  readonly text: string;
  readonly labels: readonly string[];
  readonly severity: string;
}

/** A runbook that may help, and its words that the incident has too. */
export interface MatchedRunbook {
  readonly runbook: Runbook;
  readonly because: readonly string[];
}

/** What a match is worth: naming the cause counts more than a match that may be chance. */
const WORTH = {
  alert: 16,
  label: 8,
  service: 6,
  keyword: 4,
  keywordInText: 1,
  titleWord: 1,
  severityAlone: 1,
} as const;

/** Words that occur in nearly every title. */
const COMMON_WORDS: ReadonlySet<string> = new Set(
  (
    "about after again also because been cannot could docs does down fail failed failing fails from have how into issue " +
    "just more need needs over problem runbook some still than that their them then there they this very what when " +
    "where which with work working would your"
  ).split(" "),
);

/**
 * The runbooks that may help with an incident, best first, at most three.
 *
 * One whose front matter names severities is only for those. An alert it names counts most, then a label, a service, a
 * keyword; words that its title or path shares with the title of the incident count least. One that names only
 * severities is for every incident of those.
 */
export function matchRunbooks(runbooks: readonly Runbook[], question: RunbookQuestion): readonly MatchedRunbook[] {
  const title = wordsOf(question.title);
  const text = wordsOf(question.text);
  const limit = new StepLimit(MOST_STEPS);
  const wanted = tellingWords(question.title);
  const found = runbooks.flatMap((runbook) => {
    const { score, because } = scoreOf(runbook, question, { title, text, wanted, limit });
    return score === 0 ? [] : [{ runbook, because, score }];
  });
  const ranked = found.toSorted((a, b) => b.score - a.score || (a.runbook.path < b.runbook.path ? -1 : 1));
  // The same content at two paths is one runbook.
  const shas = new Set<string>();
  const once = ranked.filter(({ runbook: { sha } }) => !shas.has(sha) && shas.add(sha));
  return once.slice(0, MOST_MATCHES).map(({ runbook, because }) => ({ runbook, because }));
}

/** Puts the runbooks whose path looks most promising for `title` first, since only a limited number are read. */
export function likeliestFirst<Entry extends { readonly path: string }>(
  entries: readonly Entry[],
  title: string,
): readonly Entry[] {
  const words = tellingWords(title);
  const score = ({ path }: Entry) => [...tellingWords(path)].filter((word) => words.has(word)).length;
  return entries
    .map((entry) => ({ entry, score: score(entry) }))
    .toSorted((a, b) => b.score - a.score || (a.entry.path < b.entry.path ? -1 : 1))
    .map(({ entry }) => entry);
}

/** The words of a question, and how many steps may be spent searching them. */
interface QuestionWords {
  readonly title: readonly string[];
  readonly text: readonly string[];
  /** The meaningful words of the title. */
  readonly wanted: ReadonlySet<string>;
  readonly limit: StepLimit;
}

function scoreOf(
  runbook: Runbook,
  question: RunbookQuestion,
  { title, text, wanted, limit }: QuestionWords,
): { readonly score: number; readonly because: readonly string[] } {
  const { severities, labels, services, keywords, alerts } = runbook.frontMatter;
  const isFor = severities.some((name) => sameWord(name, question.severity));
  if (severities.length > 0 && !isFor) return { score: 0, because: [] };
  const because: string[] = [];
  let score = 0;
  const count = (word: string, worth: number) => {
    score += worth;
    if (!because.includes(word)) because.push(word);
  };
  for (const alert of alerts) if (holds(title, alert, limit) || holds(text, alert, limit)) count(alert, WORTH.alert);
  for (const label of labels) if (question.labels.some((one) => sameWord(one, label))) count(label, WORTH.label);
  for (const service of services) {
    const labelled = question.labels.some((label) => sameWord(label.slice(label.lastIndexOf(":") + 1), service));
    if (labelled || holds(title, service, limit)) count(service, WORTH.service);
    else if (holds(text, service, limit)) count(service, WORTH.keywordInText);
  }
  for (const keyword of keywords) {
    if (holds(title, keyword, limit)) count(keyword, WORTH.keyword);
    else if (holds(text, keyword, limit)) count(keyword, WORTH.keywordInText);
  }
  for (const word of tellingWords(`${runbook.title ?? ""} ${runbook.path}`)) {
    if (wanted.has(word)) count(word, WORTH.titleWord);
  }
  const isGeneral = labels.length + services.length + keywords.length + alerts.length === 0;
  if (score === 0 && isFor && isGeneral) count(question.severity, WORTH.severityAlone);
  return { score, because };
}

function sameWord(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

/** Whether the words of `phrase` are next to each other in `words`; `false` if that takes more steps than are left. */
function holds(words: readonly string[], phrase: string, limit: StepLimit): boolean {
  const wanted = wordsOf(phrase);
  if (wanted.length === 0) return false;
  return words.some((_, at) => wanted.every((word, offset) => limit.take() && words[at + offset] === word));
}

/** The words of a text, in lower case, with plurals treated as singulars. */
function wordsOf(text: string): readonly string[] {
  const words =
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map((word) => (word.length > 4 && /[^s]s$/.test(word) ? word.slice(0, -1) : word));
}

/** Words long enough to mean something. The folder runbooks are kept in says nothing about a single one. */
function tellingWords(text: string): ReadonlySet<string> {
  return new Set(wordsOf(text).filter((word) => word.length >= 4 && !COMMON_WORDS.has(word)));
}
