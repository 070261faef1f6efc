/** A hint whose effect shows in the status comment. */
export interface Hint<About> {
  readonly about: About;
  /** When it happened on GitHub, ms. */
  readonly atMs: number;
}

/** A hint and what became of it. */
export interface ServedHint<About> extends Hint<About> {
  /** From the hint to the status comment that knows of it, ms; `null`: there was none. */
  readonly tookMs: number | null;
}

/**
 * How long each hint took until the status comment knew of it: until the first time the comment was written by somebody who
 * had read the issue after the hint. Times in ms, of any clock.
 */
export class StatusTimes<About> {
  readonly #waiting = new Map<string, Hint<About>[]>();
  readonly #readAt = new Map<string, number>();
  readonly #served: ServedHint<About>[] = [];

  hinted(issue: string, hint: Hint<About>): void {
    const waiting = this.#waiting.get(issue);
    if (waiting === undefined) this.#waiting.set(issue, [hint]);
    else waiting.push(hint);
  }

  /** It, or its comments, were read. */
  read(issue: string, atMs: number): void {
    this.#readAt.set(issue, atMs);
  }

  /** Its status comment was written. */
  written(issue: string, atMs: number): void {
    const readAt = this.#readAt.get(issue);
    const waiting = this.#waiting.get(issue);
    if (readAt === undefined || waiting === undefined) return;
    const left = waiting.filter((hint) => hint.atMs > readAt);
    for (const hint of waiting) {
      if (hint.atMs <= readAt) this.#served.push({ ...hint, tookMs: atMs - hint.atMs });
    }
    if (left.length === 0) this.#waiting.delete(issue);
    else this.#waiting.set(issue, left);
  }

  get isDone(): boolean {
    return this.#waiting.size === 0;
  }

  /** Every hint, those that were never served included. */
  all(): readonly ServedHint<About>[] {
    const waiting = [...this.#waiting.values()].flat().map((hint) => ({ ...hint, tookMs: null }));
    return [...this.#served, ...waiting];
  }
}
