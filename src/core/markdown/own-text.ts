import { isPlaceholder, wordsBeforePlaceholder } from "./placeholder.ts";
import { type VisibleLine, visibleContent } from "./visible-lines.ts";
import { wordsOf } from "./words.ts";

/**
 * What a text without an answer holds instead: `nothing` that is seen; only `signs` or emoji; only `labels`, which name what
 * does not follow; a `placeholder`; words of the `template`.
 */
export type Emptiness = "nothing" | "signs" | "labels" | "template" | "placeholder";
/** Rising: the best reason is the one that a reader sees most of. */
const REASONS: readonly Emptiness[] = ["nothing", "signs", "labels", "template", "placeholder"];

/** How many words of the template in a row are its own, also where somebody broke its lines anew. */
const WORDS_OF_A_HINT = 4;
/** A template that says the same words more often says nothing. */
const MOST_PLACES = 20;
/** `Duration:` names an answer; what has more words is one. */
const WORDS_OF_A_LABEL = 4;
/** Makes a note of a quote (GitHub docs, "Basic writing and formatting syntax", "Alerts"). */
const ALERT = /^\[!(?:note|tip|important|warning|caution)\]$/i;
const ENDS_A_SENTENCE = /[.!?。！？]$/;
/** What parts a label from its answer. */
const SEPARATOR = /[:：=]|\s[-–—]\s/g;

/** What a template says by itself. Made once for many texts. */
export class TemplateWords {
  readonly lines = new Set<string>();
  readonly cells = new Set<string>();
  /** All lines in one, and where in it what begins with these words stands. */
  readonly #all: string;
  readonly #places = new Map<string, number[]>();

  /** @param template its hints in HTML comments count, too: taking their marks away makes no text of one's own */
  constructor(template: string) {
    const hints = template.replaceAll("<!--", "\n\n").replaceAll("-->", "\n\n");
    for (const { text, cells = [] } of [...visibleContent(template), ...visibleContent(hints)]) {
      this.lines.add(wordsOf(withoutBox(text)));
      for (const cell of cells) this.cells.add(wordsOf(cell));
    }
    const words = [...this.lines].join(" ").split(" ");
    this.#all = `${words.join(" ")} `;
    let place = 0;
    for (const [at, word] of words.entries()) {
      const start = words.slice(at, at + WORDS_OF_A_HINT).join(" ");
      const places = this.#places.get(start) ?? [];
      if (places.length < MOST_PLACES) this.#places.set(start, [...places, place]);
      place += word.length + 1;
    }
  }

  /** Whether these words stand in it in a row, whatever its lines are. */
  says(words: readonly string[]): boolean {
    if (words.length < WORDS_OF_A_HINT) return false;
    const places = this.#places.get(words.slice(0, WORDS_OF_A_HINT).join(" ")) ?? [];
    const all = `${words.join(" ")} `;
    return places.some((place) => this.#all.startsWith(all, place));
  }
}

/**
 * Whether somebody wrote something into a section, or what it holds instead; `null`: a reader sees somebody's answer there.
 *
 * An answer is at least one line with a letter or digit that is neither the template's, nor a placeholder, nor a label with
 * nothing behind it; a few words in bold on a line of their own are a label. So is a picture, a video or a file that was attached: it shows something, and whether that explains
 * anything is for people to judge. An emoji is none: a thumb that is up tells nobody what happened.
 */
export function emptinessOf(lines: readonly VisibleLine[], template: TemplateWords): Emptiness | null {
  const found = lines.map((line) => lackOf(line, template));
  const own = lines.filter((_, at) => found[at] === null).map(({ text }) => wordsOf(withoutBox(text)));
  const reason = REASONS.findLast((one) => found.includes(one)) ?? "nothing";
  if (own.length === 0) return reason;
  return template.says(own.join(" ").split(" ")) ? "template" : null;
}

/** The same of a text and its template as they are written, in short. */
export function hasOwnText(section: string, templateSection: string): boolean {
  return emptinessOf(visibleContent(section), new TemplateWords(templateSection)) === null;
}

/** Why a line is no answer; `null`: it is one. */
function lackOf({ text, role, cells }: VisibleLine, template: TemplateWords): Emptiness | null {
  const shown = withoutBox(text);
  const words = wordsOf(shown);
  if (words === "") return shown === "" ? "nothing" : "signs";
  if (template.lines.has(words)) return "template";
  if (role === "heading" || role === "label") return "labels";
  if (role === "bold" && words.split(" ").length <= WORDS_OF_A_LABEL && !ENDS_A_SENTENCE.test(shown)) return "labels";
  if (ALERT.test(shown)) return "labels";
  // A tick beside words of the template is an answer, one beside a placeholder is none.
  const before = wordsBeforePlaceholder(shown.replace(/^\[[xX]\] /, ""));
  if (before === "" || (before !== null && template.lines.has(before))) return "placeholder";
  return cells === undefined ? lackBehindLabel(shown, template) : lackOfRow(cells, template);
}

/** `Duration: n/a` and `Duration:`. */
function lackBehindLabel(line: string, template: TemplateWords): Emptiness | null {
  let behind = -1;
  let before = 0;
  for (const { index, 0: sign } of line.matchAll(SEPARATOR)) [before, behind] = [index, index + sign.length];
  if (behind === -1) return null;
  const label = wordsOf(line.slice(0, before));
  const isLabel = label.split(" ").length <= WORDS_OF_A_LABEL || template.lines.has(label);
  if (label === "" || !isLabel) return null;
  const answer = line.slice(behind);
  if (isPlaceholder(answer)) return "placeholder";
  return wordsOf(answer) === "" ? "labels" : null;
}

/** A row of which all cells are empty, or all but the first, which says what the others are about. */
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
