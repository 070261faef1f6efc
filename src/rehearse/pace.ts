import { setTimeout as later } from "node:timers/promises";
import { TransientError } from "../base/errors.ts";
import { type Answer, saidBy } from "./answer.ts";
import { RehearsalOverError } from "./rehearsal-over-error.ts";

/** A request as the report lists it. */
export interface AskedRequest {
  /** Whose token: the person's, the app's installation, or the app as a whole. */
  readonly as: "you" | "app" | "app (JWT)";
  /** With placeholders: few words, and nobody's names. */
  readonly route: string;
  /** Status, and GitHub's words for a refusal. */
  readonly said: string;
  readonly ms: number;
}

export interface PaceOptions {
  /** Between two writes: GitHub asks for a second at least (GitHub docs, "Best practices for using the REST API"). */
  readonly betweenWritesMs: number;
  /** Between two looks for the same thing. */
  readonly betweenLooksMs: number;
  readonly now: () => number;
  readonly say: (words: string) => void;
  /** Resolves after so long, or as soon as it is aborted. */
  readonly wait?: (ms: number, stop: AbortSignal) => Promise<void>;
}

/** GitHub asks for more than this only when its limit for an hour is used up. */
const LONGEST_PAUSE_MS = 120_000;
/** What GitHub asks for after a secondary limit that names no time. */
const USUAL_PAUSE_MS = 60_000;

/** How often a read is sent that gets no answer. */
const MOST_READS = 3;

const NEVER = new AbortController().signal;

/**
 * How fast a rehearsal goes, and how far: a second between writes, a pause where GitHub asks for one, an end after so many requests, so
 * much time, or when somebody stops it. Nothing is sent before a part has begun.
 */
export class Pace {
  readonly requests: AskedRequest[] = [];
  readonly #options: PaceOptions;
  #lastWriteAt = Number.NEGATIVE_INFINITY;
  #mostRequests = 0;
  #endsAt = 0;
  #stop: AbortSignal = NEVER;
  /** How often GitHub asked for a pause. */
  pauses = 0;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  get betweenLooksMs(): number {
    return this.#options.betweenLooksMs;
  }

  now(): number {
    return this.#options.now();
  }

  /** What comes now has requests and time of its own, and ends when this is aborted. */
  beginPart(requests: number, ms: number, stop: AbortSignal): void {
    this.#mostRequests = this.requests.length + requests;
    this.#endsAt = this.now() + ms;
    this.#stop = stop;
  }

  /**
   * Sends a request when its turn has come, and once more after a pause if GitHub's limit refused it: then it did nothing.
   *
   * @throws RehearsalOverError when it has to end
   */
  async send(as: AskedRequest["as"], route: string, isWrite: boolean, ask: () => Promise<Answer>): Promise<Answer> {
    for (let pauses = 0; ; pauses += 1) {
      if (this.requests.length >= this.#mostRequests) {
        throw new RehearsalOverError(`it has sent ${this.requests.length} requests, which should have been enough`);
      }
      if (isWrite) {
        await this.pause(this.#lastWriteAt + this.#options.betweenWritesMs - this.now());
        this.#lastWriteAt = this.now();
      } else this.#check();
      const begun = this.now();
      const answer = isWrite ? await ask() : await this.#readAgain(ask);
      this.requests.push({ as, route, said: saidBy(answer), ms: this.now() - begun });
      const pauseMs = pauseAskedFor(answer, this.now());
      if (pauseMs === null) return answer;
      if (pauses > 0 || pauseMs > LONGEST_PAUSE_MS) {
        const minutes = Math.ceil(pauseMs / 60_000);
        throw new RehearsalOverError(`GitHub's limit is used up: ${saidBy(answer)}. Try again in ${minutes} min`);
      }
      this.pauses += 1;
      this.#options.say(`GitHub asks for a pause of ${Math.ceil(pauseMs / 1_000)} s`);
      await this.pause(pauseMs);
    }
  }

  /** A read that got no answer is sent again: that changes nothing. A write that got none may have been done. */
  async #readAgain(ask: () => Promise<Answer>): Promise<Answer> {
    for (let times = 1; ; times += 1) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof TransientError) || times === MOST_READS) throw error;
        await this.pause(this.betweenLooksMs);
      }
    }
  }

  /** Waits, and ends at once when it has to. */
  async pause(ms: number): Promise<void> {
    this.#check();
    if (ms > 0) {
      const left = Math.min(ms, Math.max(0, this.#endsAt - this.now()));
      await (this.#options.wait ?? waitOrStop)(left, this.#stop);
    }
    this.#check();
  }

  #check(): void {
    if (this.#stop.aborted) throw new RehearsalOverError("you stopped it");
    if (this.now() >= this.#endsAt) throw new RehearsalOverError("it took longer than it may");
  }
}

async function waitOrStop(ms: number, stop: AbortSignal): Promise<void> {
  await later(ms, undefined, { signal: stop }).catch(() => {});
}

/** How long GitHub's limits want nothing to be sent (GitHub docs, "Rate limits for the REST API"); `null`: they do not. */
export function pauseAskedFor({ status, headers, data }: Answer, now: number): number | null {
  if (status !== 403 && status !== 429) return null;
  const after = Number(headers["retry-after"] ?? Number.NaN);
  if (!Number.isNaN(after)) return after * 1_000;
  if (headers["x-ratelimit-remaining"] === "0") {
    const reset = Number(headers["x-ratelimit-reset"] ?? Number.NaN) * 1_000;
    return Number.isNaN(reset) ? USUAL_PAUSE_MS : Math.max(1_000, reset - now);
  }
  const isLimit = status === 429 || /secondary rate limit|abuse/i.test(saidBy({ status, data }));
  return isLimit ? USUAL_PAUSE_MS : null;
}
