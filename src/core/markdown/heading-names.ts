import { seen } from "./visible-lines.ts";
import { wordsOf } from "./words.ts";

/**
 * A leading number, and what separates it from the name: `1.`, `2)`, `(3)`, `3.1`, `4 -`, `5:`. Without a separator it
 * is part of the name: `5 Whys`.
 */
const NUMBER =
  /^[^\p{L}\p{N}]{0,20}(?:\d{1,3}(?:\.\d{1,3}){1,4}[.):]?(?![\p{L}\p{N}])|\d{1,3}\s{0,2}(?:[.):\]、．：](?!\d)|[-–—|](?=\s)))/u;

/** A number that is a symbol: `①`. */
const ENCIRCLED = /[\u2460-\u249B\u24EA-\u24FF\u2776-\u2793]/g;

/** The words of a heading, without the symbols, emoji or number around them. */
interface Name {
  readonly words: string;
  readonly withoutNumber: string;
}

/** Whether two headings name the same section: the same words, ignoring symbols, emoji and numbers. */
export function sameHeading(a: string, b: string): boolean {
  return new HeadingNames([b]).has(a);
}

/** Names of sections, found even when people write them a little differently (`sameHeading`). */
export class HeadingNames {
  readonly #words = new Set<string>();
  readonly #withoutNumber = new Set<string>();

  constructor(titles: readonly string[]) {
    for (const title of titles) {
      const { words, withoutNumber } = nameOf(title);
      this.#words.add(words);
      this.#withoutNumber.add(withoutNumber);
    }
  }

  has(title: string): boolean {
    const { words, withoutNumber } = nameOf(title);
    return this.#words.has(words) || this.#withoutNumber.has(withoutNumber);
  }
}

/**
 * Things filed under headings, found even when people write the heading a little differently. Reads each heading once,
 * however many are looked up.
 */
export class ByHeading<Thing> {
  readonly #things: readonly Thing[];
  readonly #byWords = new Map<string, number[]>();
  readonly #withoutNumber = new Map<string, number[]>();

  constructor(things: readonly Thing[], titleOf: (thing: Thing) => string) {
    this.#things = things;
    for (const [at, thing] of things.entries()) {
      const { words, withoutNumber } = nameOf(titleOf(thing));
      addTo(this.#byWords, words, at);
      addTo(this.#withoutNumber, withoutNumber, at);
    }
  }

  /** Those with the same heading (`sameHeading`), in order. */
  get(title: string): readonly Thing[] {
    const { words, withoutNumber } = nameOf(title);
    const found = new Set([...(this.#byWords.get(words) ?? []), ...(this.#withoutNumber.get(withoutNumber) ?? [])]);
    return [...found].sort((a, b) => a - b).map((at) => this.#things[at]!);
  }
}

function addTo(places: Map<string, number[]>, name: string, at: number): void {
  const known = places.get(name);
  if (known === undefined) places.set(name, [at]);
  else known.push(at);
}

function nameOf(title: string): Name {
  const text = seen(title.replace(ENCIRCLED, " "));
  const words = wordsOf(text);
  // Symbols alone are a name as well.
  if (words === "") return { words: text, withoutNumber: text };
  return { words, withoutNumber: wordsOf(text.replace(NUMBER, "")) || words };
}
