import { stripVTControlCharacters, styleText } from "node:util";
import { until } from "./until.ts";

/** Names of colors and the like, as accepted by `styleText`. */
export type Style = Parameters<typeof styleText>[0];

/** Where a story is told. */
export interface Stage {
  write(text: string): void;
  readonly isColored: boolean;
  /** Characters per line. */
  readonly width: number;
}

/** Something Sevgate is expected to do. `quote`: lines of GitHub's own text that show it. */
export interface Sight {
  readonly quote?: readonly string[];
}

const MIN_WIDTH = 60;
const MAX_WIDTH = 100;
/** The column in which times end, if the line has room. */
const TIME_COLUMN = 92;
/** What precedes a sight, and the room for its time. */
const SIGHT_MARGIN = 15;

/** Tells a story step by step: what somebody did, what was seen then, and how long that took. */
export class Teller {
  readonly #stage: Stage;
  readonly #width: number;
  #steps = 0;
  #actedAt = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#width = Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, stage.width - 1));
  }

  /** A line of the frame around the story. */
  say(text = "", style: Style = []): void {
    for (const line of wrap(text, this.#width)) this.#line(this.#color(style, line));
  }

  /** Text that must not be broken, because people copy it. */
  verbatim(text: string): void {
    this.#line(text);
  }

  /** Something that has to be ready before the story begins. */
  async prepare<T>(what: string, work: () => Promise<{ readonly result: T; readonly detail: string }>): Promise<T> {
    const begunAt = performance.now();
    const begun = `  ${what.padEnd(34)}`;
    // Some take seconds, so people see at once what is being waited for.
    this.#stage.write(begun);
    try {
      const { result, detail } = await work();
      const line = this.#withTime(`${begun}${this.#color("cyan", detail)}`, performance.now() - begunAt);
      this.#line(line.slice(begun.length));
      return result;
    } catch (error) {
      this.#line();
      throw error;
    }
  }

  /** Begins a step: somebody does something. */
  async does<T>(what: string, act: () => Promise<T>): Promise<T> {
    this.#steps += 1;
    const mark = `${this.#steps}.`.padEnd(4);
    const [first = "", ...more] = wrap(what, this.#width - mark.length);
    this.#line();
    this.#line(this.#color("bold", `${mark}${first}`));
    for (const line of more) this.#line(this.#color("bold", `    ${line}`));
    this.#actedAt = performance.now();
    return await act();
  }

  /**
   * Waits until Sevgate's part of the step can be seen on GitHub, and tells it.
   *
   * @returns ms since the step began
   * @throws NotSeenError when it does not come in time
   */
  async sees(what: string, look: () => Promise<Sight | null | false>): Promise<number> {
    const sight = await until(what, look);
    const tookMs = performance.now() - this.#actedAt;
    const [first = "", ...more] = wrap(what, Math.min(TIME_COLUMN, this.#width) - SIGHT_MARGIN);
    this.#line(this.#withTime(`    ${this.#color("green", "✓")} ${first}`, tookMs));
    for (const line of more) this.#line(`      ${line}`);
    for (const quoted of sight.quote ?? []) {
      for (const line of wrap(quoted, this.#width - 10)) this.#line(`        ${this.#color("gray", "│")} ${line}`);
    }
    return tookMs;
  }

  /** What went wrong, and the last lines of the server's log. */
  fail(what: string, log: readonly string[]): void {
    this.#line();
    this.#line(`    ${this.#color("red", "✗")} ${what}`);
    if (log.length === 0) return;
    this.#line();
    this.#line("The end of the server's log:");
    for (const line of log) this.#line(`  ${line}`);
  }

  #withTime(text: string, ms: number): string {
    const time = ms < 995 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
    const column = Math.min(TIME_COLUMN, this.#width);
    const gap = Math.max(2, column - stripVTControlCharacters(text).length - time.length);
    return `${text}${" ".repeat(gap)}${this.#color("gray", time)}`;
  }

  #line(text = ""): void {
    this.#stage.write(`${text}\n`);
  }

  #color(style: Style, text: string): string {
    return this.#stage.isColored ? styleText(style, text, { validateStream: false }) : text;
  }
}

/** Lines of at most `width` characters, broken at spaces; a longer word stays whole. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** Markdown of a comment as plain lines for a terminal; empty lines and HTML comments are left out. */
export function plainLines(markdown: string): readonly string[] {
  return markdown
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/<[^>]+>/g, "")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/\*\*/g, "")
    .replace(/\\([\\`*_[\]<>#~|])/g, "$1")
    .split("\n")
    .map((line) => line.replace(/^#+ /, "").trim())
    .filter((line) => line !== "" && !/^\|[\s|:-]*$/.test(line))
    .map((line) => line.replace(/^\| (.*?) \| (.*) \|$/, "$1: $2"));
}
