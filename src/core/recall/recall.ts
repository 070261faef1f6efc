import MiniSearch from "minisearch";
import { isNamed } from "../regressions/suspects.ts";
import { StepLimit } from "../step-limit.ts";
import type { Lesson, RecallCandidate, RecallQuestion } from "./recall-candidate.ts";
import { tellingWords } from "./telling-words.ts";

/** How many similar incidents are shown. */
export const MOST_RECALLED = 3;
/** How many things are named for one reason. */
export const MOST_NAMED_FOR_A_REASON = 5;
/** From this many candidates on, what more than half of them have in common tells nothing. */
const FEW = 4;
/** How many words two incidents share at least, for that to be a reason. */
const LEAST_WORDS = 2;
/** The most comparisons of files: twenty names and three hundred incidents with as many files take a tenth. */
const MOST_STEPS = 1_000_000;
/** A word of the title counts as much as that many of the text. */
const TITLE_BOOST = 3;

/**
 * Why an incident is similar. `names`: what they have in common, as written, at most five; empty for the same alert, which its
 * title names, and for the same title.
 */
export interface RecallReason {
  readonly kind: "alert" | "rule" | "runbook" | "files" | "title" | "words";
  readonly names: readonly string[];
}

/** A similar incident of the past. */
export interface Recalled {
  readonly number: number;
  readonly title: string;
  /** The strongest first; never empty. */
  readonly reasons: readonly RecallReason[];
}

/** The same with what its post-mortem says; `lesson` `null`: it has none that counted, or none that may be shown here. */
export interface RecalledFacts extends Recalled {
  readonly lesson: Lesson | null;
}

/** In falling order: an incident with a stronger reason comes first, whatever weaker ones others have. */
const BY_STRENGTH: readonly RecallReason["kind"][] = ["alert", "rule", "runbook", "files", "title", "words"];

/**
 * The past incidents that are similar, best first, at most three; each with its reasons, none without one.
 *
 * The same alert counts most, then its rule, the same runbook, the same files, the same title, and words that both have: at
 * least two, neither of which is in more than half of the others. Among those of equal strength BM25 over title and text
 * decides, then the newest. Work is counted: the candidates are bounded by whoever reads them, their texts here.
 */
export function recall(question: RecallQuestion, candidates: readonly RecallCandidate[]): readonly Recalled[] {
  const others = candidates.filter(({ number }) => number !== question.number);
  const words = sharedWords(question, others);
  const limit = new StepLimit(MOST_STEPS);
  const runbooks = question.runbooks.filter((path) => !isCommon(others, (one) => one.runbooks.includes(path)));
  const title = [...new Set(tellingWords(question.title))].sort().join(" ");
  const found = others.flatMap((one) => {
    const shared = words.get(one.number) ?? { names: [], score: 0 };
    const sameTitle = title !== "" && [...new Set(tellingWords(one.title))].sort().join(" ") === title;
    const reasons = [
      ...reason("alert", common(question.alerts.ids, one.alerts.ids), true),
      ...reason("rule", common(question.alerts.rules, one.alerts.rules)),
      ...reason("runbook", common(runbooks, one.runbooks)),
      ...reason("files", sameFiles(question.files, one.files, limit)),
      ...(sameTitle ? [{ kind: "title", names: [] } as const] : []),
      ...(sameTitle || shared.names.length < LEAST_WORDS ? [] : reason("words", shared.names)),
    ];
    return reasons.length === 0 ? [] : [{ one, reasons, score: shared.score }];
  });
  return found
    .toSorted(
      (a, b) =>
        strengthOf(a.reasons) - strengthOf(b.reasons) ||
        b.reasons.length - a.reasons.length ||
        b.score - a.score ||
        b.one.number - a.one.number,
    )
    .slice(0, MOST_RECALLED)
    .map(({ one: { number, title: its }, reasons }) => ({ number, title: its, reasons }));
}

function strengthOf([first]: readonly RecallReason[]): number {
  return first === undefined ? BY_STRENGTH.length : BY_STRENGTH.indexOf(first.kind);
}

function reason(kind: RecallReason["kind"], names: readonly string[], isNameless = false): readonly RecallReason[] {
  if (names.length === 0) return [];
  return [{ kind, names: isNameless ? [] : names.slice(0, MOST_NAMED_FOR_A_REASON) }];
}

function common(a: readonly string[], b: readonly string[]): readonly string[] {
  const others = new Set(b);
  return [...new Set(a)].filter((one) => others.has(one));
}

function isCommon(others: readonly RecallCandidate[], has: (one: RecallCandidate) => boolean): boolean {
  return others.length >= FEW && others.filter(has).length * 2 > others.length;
}

/** Files that both mean; a name may have less or more in front of it than the other. */
function sameFiles(asked: readonly string[], theirs: readonly string[], limit: StepLimit): readonly string[] {
  const found = asked.flatMap((name) => {
    for (const path of theirs) {
      if (!limit.take()) return [];
      if (isNamed(path, name)) return [path];
      if (isNamed(name, path)) return [name];
    }
    return [];
  });
  return [...new Set(found)];
}

/** The telling words that each incident shares with the question, rarest first, and how much that is worth by BM25. */
function sharedWords(
  question: RecallQuestion,
  others: readonly RecallCandidate[],
): ReadonlyMap<number, { readonly names: readonly string[]; readonly score: number }> {
  const index = new MiniSearch<{ readonly number: number; readonly title: string; readonly text: string }>({
    idField: "number",
    fields: ["title", "text"],
    tokenize: (text) => [...tellingWords(text)],
    // The words are in their final form.
    processTerm: (word) => word,
  });
  index.addAll(others.map(({ number, title, text }) => ({ number, title, text })));
  const asked = [...new Set([...tellingWords(question.title), ...tellingWords(question.text)])];
  if (asked.length === 0) return new Map();
  const results = index.search(asked.join(" "), { prefix: false, fuzzy: false, boost: { title: TITLE_BOOST } });
  const documents = new Map<string, number>();
  for (const { terms } of results) for (const word of terms) documents.set(word, (documents.get(word) ?? 0) + 1);
  const isTelling = (word: string) => others.length < FEW || (documents.get(word) ?? 0) * 2 <= others.length;
  return new Map(
    results.map(({ id, terms, score }) => {
      const names = [...new Set(terms)]
        .filter(isTelling)
        .toSorted((a, b) => (documents.get(a) ?? 0) - (documents.get(b) ?? 0) || asked.indexOf(a) - asked.indexOf(b));
      return [id as number, { names, score }];
    }),
  );
}
