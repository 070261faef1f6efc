import { remembered } from "../remembered.ts";
import { isDrafted } from "./drafted-lines.ts";
import { HeadingNames } from "./heading-names.ts";
import { isPlaceholder, MOST_WORDS_BEHIND, wordsBeforePlaceholder } from "./placeholder.ts";
import { type VisibleLine, visibleContent } from "./visible-lines.ts";
import { wordsOf } from "./words.ts";

/**
 * What a text without an answer holds instead: `nothing` visible; only `signs` or emoji; only `labels`, with nothing
 * after them; a `placeholder`; words of the `template`.
 */
export type Emptiness = "nothing" | "signs" | "labels" | "template" | "placeholder";
/** In rising order: the best reason is the one a reader sees most of. */
const REASONS: readonly Emptiness[] = ["nothing", "signs", "labels", "template", "placeholder"];

/** From this many words in a row on, they are the template's own, even if somebody re-wrapped its lines. */
const WORDS_OF_A_HINT = 4;
/** If a template repeats the same words more often, its further repetitions are not looked at. */
const MOST_PLACES = 20;
/** A few words in bold name what follows; more words are an answer. */
const WORDS_OF_A_LABEL = 4;
/** `Duration: TBD`: up to this many words before a colon name what follows it. */
const WORDS_BEFORE_A_COLON = 3;
/** `### Details` names what follows, even when nothing does. */
const WORDS_OF_A_NAME = 2;
/** A heading that begins like this asks for what follows. */
const ASKS = /^(?:what|why|how|who|whom|whose|where|when|which)(?: |$)/;
/** In a task list, `TODO` is just what the item is: `TODO: write` says nothing, `TODO: add an alert` does. */
const WORDS_BEHIND_IN_A_TASK = 2;
const TASK = /^\[[ xX]\] /;
/** Turns a quote into a note (GitHub docs, "Basic writing and formatting syntax", "Alerts"). */
const ALERT = /^\[!(?:note|tip|important|warning|caution)\]$/i;
const ENDS_A_SENTENCE = /[.!?。！？]$/;
/** What separates a label from its answer; the colon in a time separates nothing. */
const SEPARATOR = /[:：](?!\d)|=|\s[-–—]\s/;

/** The words of a template: all its lines in one, and where in it each run of words begins. */
const readTemplate = remembered((template: string) => {
  const lines = new Set<string>();
  const cells = new Set<string>();
  const hints = template.replaceAll("<!--", "\n\n").replaceAll("-->", "\n\n");
  for (const line of [...visibleContent(template), ...visibleContent(hints)]) {
    lines.add(wordsOf(withoutBox(line.text)));
    for (const cell of line.cells ?? []) cells.add(wordsOf(cell));
  }
  const words = [...lines].join(" ").split(" ");
  const places = new Map<string, number[]>();
  let place = 0;
  for (const [at, word] of words.entries()) {
    const start = words.slice(at, at + WORDS_OF_A_HINT).join(" ");
    const found = places.get(start) ?? [];
    if (found.length < MOST_PLACES) places.set(start, [...found, place]);
    place += word.length + 1;
  }
  return { lines, cells, all: `${words.join(" ")} `, places };
});

/** What a template itself says. Made once for many texts. */
export class TemplateWords {
  readonly #lines: ReadonlySet<string>;
  readonly #drafted: ReadonlySet<string>;
  readonly cells: ReadonlySet<string>;
  /** Headings that ask for a section, and so do not answer one. */
  readonly names: HeadingNames;
  readonly #all: string;
  readonly #places: ReadonlyMap<string, readonly number[]>;

  /**
   * @param template its hints in HTML comments count, too: removing their comment marks does not make them one's own
   *   text
   * @param names    headings that the template or the policy has elsewhere
   * @param drafted  what was filled into the template then (`draftedLines`)
   */
  constructor(template: string, names = new HeadingNames([]), drafted: ReadonlySet<string> = new Set()) {
    this.names = names;
    this.#drafted = drafted;
    ({ lines: this.#lines, cells: this.cells, all: this.#all, places: this.#places } = readTemplate(template));
  }

  /** Whether these words are a line of it, or were filled in as one. */
  hasLine(words: string): boolean {
    return this.#lines.has(words) || isDrafted(words, this.#drafted);
  }

  /** Whether it contains these words in a row, wherever its lines break. */
  says(words: readonly string[]): boolean {
    if (words.length < WORDS_OF_A_HINT) return false;
    const places = this.#places.get(words.slice(0, WORDS_OF_A_HINT).join(" ")) ?? [];
    const all = `${words.join(" ")} `;
    return places.some((place) => this.#all.startsWith(all, place));
  }
}

/**
 * What a section holds in place of an answer; `null`: a reader sees an answer that somebody wrote.
 *
 * An answer is at least one line with a letter or digit that is neither the template's, nor a placeholder, nor a label
 * with nothing after it; a few words in bold on a line of their own are a label. A heading that says something is an
 * answer when there is nothing else: somebody wrote it in large letters. So is an attached picture, video or file: it
 * shows something, and whether it explains anything is for people to judge. An emoji is not an answer: a thumbs-up
 * tells nobody what happened. Nor is the header of a table: it names what the rows would say.
 *
 * @param isTask the lines are those of an item in a task list
 */
export function emptinessOf(lines: readonly VisibleLine[], template: TemplateWords, isTask = false): Emptiness | null {
  const found = lines.map((line) => lackOf(line, template, isTask));
  const own = lines.filter((_, at) => found[at] === null).map(({ text }) => wordsOf(withoutBox(text)));
  const reason = REASONS.findLast((one) => found.includes(one)) ?? "nothing";
  if (own.length === 0) return isSaidInHeadings(lines, template) ? null : reason;
  return template.says(own.join(" ").split(" ")) ? "template" : null;
}

/** Whether there are only headings and lines in bold, and at least one of them is more than a name for what follows. */
function isSaidInHeadings(lines: readonly VisibleLine[], template: TemplateWords): boolean {
  if (!lines.every(({ role }) => HEADINGS.has(role))) return false;
  return lines.some(({ text }) => {
    const words = wordsOf(text);
    if (words.split(" ").length <= WORDS_OF_A_NAME || ASKS.test(words)) return false;
    return !template.hasLine(words) && !template.names.has(text) && !isPlaceholder(text) && !/[:：]$/.test(text);
  });
}

const HEADINGS: ReadonlySet<VisibleLine["role"]> = new Set(["heading", "html-heading", "bold"]);

/** In short, for a text and its template as written: whether the text holds an answer. */
export function hasOwnText(section: string, templateSection: string): boolean {
  return emptinessOf(visibleContent(section), new TemplateWords(templateSection)) === null;
}

/** Why a line is not an answer; `null`: it is one. */
function lackOf({ text, role, cells }: VisibleLine, template: TemplateWords, isTask: boolean): Emptiness | null {
  const shown = withoutBox(text);
  const words = wordsOf(shown);
  if (words === "") return shown === "" ? "nothing" : "signs";
  if (template.hasLine(words)) return "template";
  if (role === "heading" || role === "html-heading" || role === "label") return "labels";
  if (role === "bold" && words.split(" ").length <= WORDS_OF_A_LABEL && !ENDS_A_SENTENCE.test(shown)) return "labels";
  if (ALERT.test(shown)) return "labels";
  // A tick beside words of the template is an answer, one beside a placeholder is not.
  const answer = shown.replace(/^\[[xX]\] /, "");
  if (isPlaceholder(answer, isTask || TASK.test(text) ? WORDS_BEHIND_IN_A_TASK : MOST_WORDS_BEHIND))
    return "placeholder";
  const before = wordsBeforePlaceholder(answer);
  if (before !== null && template.hasLine(before)) return "placeholder";
  return cells === null ? lackBehindLabel(answer) : lackOfRow(cells, template);
}

/**
 * `Duration: n/a` and `Duration:`: a few words at the beginning of a line, and a colon; after a time or a single word
 * also `=` or a dash.
 */
function lackBehindLabel(line: string): Emptiness | null {
  const separator = SEPARATOR.exec(line);
  if (separator === null) return null;
  const label = line.slice(0, separator.index);
  const words = wordsOf(label).split(" ");
  const [sign] = separator;
  const isColon = sign === ":" || sign === "：";
  const isTime = words.every((word) => /^\d+$/.test(word));
  if (words[0] === "" || words.length > (isColon || isTime ? WORDS_BEFORE_A_COLON : 1)) return null;
  if (hasSignInside(label)) return null;
  const answer = line.slice(separator.index + sign.length);
  if (isPlaceholder(answer)) return "placeholder";
  return wordsOf(answer) === "" ? "labels" : null;
}

/** A punctuation mark inside the sentence, after its first letter: `Add an alert (owner: TBD)` has no label. */
function hasSignInside(label: string): boolean {
  const first = label.search(/[\p{L}\p{N}]/u);
  return /[(),.;!?[\]{}"“”…|]/u.test(label.slice(first));
}

/** A row whose cells are all empty, or all but the first, which says what the others are about. */
function lackOfRow(cells: readonly string[], template: TemplateWords): Emptiness | null {
  let reason: Emptiness = "labels";
  for (const [at, cell] of cells.entries()) {
    const words = wordsOf(withoutBox(cell));
    if (words === "" || template.cells.has(words)) continue;
    if (isPlaceholder(cell)) reason = "placeholder";
    else if (at > 0 || cells.length === 1 || words.split(" ").length > WORDS_OF_A_LABEL) return null;
  }
  return reason;
}

function withoutBox(line: string): string {
  return line.replace(/^\[(?: \](?= |$)|[xX]\]$)/, "");
}
