import { TerminalError, TransientError } from "../../../src/base/errors.ts";
import type { Instant, Repository } from "../../../src/core/model.ts";
import { FakeGitHub } from "../../../testkit/fake-github/fake-github.ts";
import type { FakeMemory } from "../../../testkit/fake-github/world.ts";
import type { Random } from "../../../testkit/seeded-random.ts";
import type { VirtualClock } from "../../../testkit/virtual-clock.ts";
import type { Call } from "./wire.ts";

/** What may go wrong between Sevgate and GitHub, as src/systems/github/ hands it on. */
export const FAULTS = [
  /** GitHub did it; the answer never came. */
  "lost-answer",
  /** 5xx: nothing was done. */
  "server-error",
  /** Nobody knows whether it was done. */
  "time-out",
  /** 403, `x-ratelimit-remaining: 0`: nothing is sent until the full hour. */
  "primary-limit",
  /** 403, "secondary rate limit": nothing is sent for a minute. */
  "secondary-limit",
  /** 401 to an old and to a new token. */
  "unauthorized",
  /** 404 for what was created a moment ago. Only reads of one issue or pull request. */
  "not-there-yet",
  /** A lagging replica answers. Only reads. */
  "stale",
  /** 422. Writes only. */
  "refused",
  /** 410. Writes only. */
  "gone",
] as const;
export type FaultKind = (typeof FAULTS)[number];

export interface Rule {
  readonly fault: FaultKind;
  /** Which calls of GitHub it may hit: reads, writes, or both (default). */
  readonly kind?: "read" | "write";
  /** Only this method. */
  readonly method?: string;
  /** Only the nth matching call from now on, 1 = the next one. */
  readonly nth?: number;
  /** How often it strikes among the matching calls, 0 to 1 (default). */
  readonly chance?: number;
  /** Only for objects at most this old (`not-there-yet`), or with answers from at most this long ago (`stale`). */
  readonly withinMs?: number;
}

const PRIMARY_LIMIT_MS = 3_600_000;
const SECONDARY_LIMIT_MS = 60_000;
const TOKEN_SPREAD_MS = 5_000;
const DEFAULT_WITHIN_MS = 10_000;
const SINGLE_READS = new Set(["issue", "pullRequest"]);

interface Armed {
  readonly rule: Rule;
  seen: number;
}

/** Makes calls to GitHub fail, by rules. Counts what it did, by kind. */
export class Injector {
  readonly struck = new Map<FaultKind, number>();
  /** Calls requested while a limit was in force, and not sent. */
  heldBack = 0;
  readonly #github: FakeGitHub;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  #armed: Armed[] = [];
  #pausedUntil = 0;
  readonly #past: { readonly at: Instant; readonly memory: FakeMemory }[] = [];
  readonly #replica: FakeGitHub;

  constructor(parts: { readonly github: FakeGitHub; readonly clock: VirtualClock; readonly random: Random }) {
    this.#github = parts.github;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#replica = new FakeGitHub({ clock: parts.clock });
  }

  arm(...rules: readonly Rule[]): void {
    this.#armed.push(...rules.map((rule) => ({ rule, seen: 0 })));
  }

  /** No more faults; a rate limit ends as well. */
  disarm(): void {
    this.#armed = [];
    this.#pausedUntil = 0;
    this.#past.length = 0;
  }

  /** Keeps what GitHub knows now, for lagging answers. Call it after every change. */
  remember(): void {
    if (!this.#armed.some(({ rule }) => rule.fault === "stale")) return;
    this.#past.push({ at: this.#clock.now(), memory: this.#github.save() });
    if (this.#past.length > 200) this.#past.shift();
  }

  readonly interfere = async <T>(call: Call, through: () => Promise<T>): Promise<T> => {
    if (this.#clock.now() < this.#pausedUntil) {
      this.heldBack += 1;
      throw limited(this.#pausedUntil - this.#clock.now());
    }
    const rule = this.#next(call);
    if (rule !== null) return await this.#strike(rule, call, through);
    const answer = await through();
    if (call.kind === "write") this.remember();
    return answer;
  };

  #next(call: Call): Rule | null {
    for (const armed of this.#armed) {
      const { rule } = armed;
      if (!this.#concerns(rule, call)) continue;
      armed.seen += 1;
      if (rule.nth !== undefined && rule.nth !== armed.seen) continue;
      if (this.#random() >= (rule.chance ?? 1)) continue;
      return rule;
    }
    return null;
  }

  #concerns(rule: Rule, call: Call): boolean {
    if (rule.kind !== undefined && rule.kind !== call.kind) return false;
    if (rule.method !== undefined && rule.method !== call.method) return false;
    switch (rule.fault) {
      case "not-there-yet":
        return call.kind === "read" && SINGLE_READS.has(call.method) && this.#isFresh(call, rule);
      case "stale":
        return call.kind === "read" && isOfRepository(call);
      case "refused":
      case "gone":
        return call.kind === "write" && isOfRepository(call);
      default:
        return true;
    }
  }

  async #strike<T>(rule: Rule, call: Call, through: () => Promise<T>): Promise<T> {
    this.struck.set(rule.fault, (this.struck.get(rule.fault) ?? 0) + 1);
    switch (rule.fault) {
      case "lost-answer":
        await through();
        this.remember();
        throw new TransientError(`${call.method}: the answer was lost`);
      case "server-error":
        throw new TransientError(`${call.method}: GitHub answered 502`);
      case "time-out":
        if (this.#random() < 0.5) await through();
        this.remember();
        throw new TransientError(`${call.method}: GitHub did not answer in time`);
      case "primary-limit":
        this.#pausedUntil = (Math.floor(this.#clock.now() / PRIMARY_LIMIT_MS) + 1) * PRIMARY_LIMIT_MS;
        throw limited(this.#pausedUntil - this.#clock.now());
      case "secondary-limit":
        this.#pausedUntil = this.#clock.now() + SECONDARY_LIMIT_MS;
        throw limited(SECONDARY_LIMIT_MS);
      case "unauthorized":
        throw new TransientError(`${call.method}: GitHub answered 401`, { retryAfterMs: TOKEN_SPREAD_MS });
      case "not-there-yet":
        return "missing" as T;
      case "stale":
        return await this.#fromThePast(rule, call, through);
      case "refused":
        throw new TerminalError(`${call.method}: GitHub answered 422`, { status: 422 });
      case "gone":
        throw new TerminalError(`${call.method}: GitHub answered 410`, { status: 410 });
    }
  }

  async #fromThePast<T>(rule: Rule, call: Call, through: () => Promise<T>): Promise<T> {
    const longest = rule.withinMs ?? DEFAULT_WITHIN_MS;
    const since = this.#clock.now() - this.#random() * longest;
    const past = this.#past.findLast(({ at }) => at <= since) ?? this.#past[0];
    if (past === undefined) return await through();
    this.#replica.load(past.memory);
    const read = this.#replica.read as unknown as Record<string, (...args: readonly unknown[]) => Promise<T>>;
    return await read[call.method]!(...call.args);
  }

  /** Whether the requested object is younger than the rule says. */
  #isFresh(call: Call, rule: Rule): boolean {
    const [repository, number] = call.args as [Repository, number];
    if (!this.#github.numbers(repository).includes(number)) return false;
    const { createdAt } = this.#github.issue(number, repository);
    return this.#clock.now() - createdAt <= (rule.withinMs ?? DEFAULT_WITHIN_MS);
  }
}

function isOfRepository(call: Call): boolean {
  return typeof call.args[0] === "object";
}

function limited(retryAfterMs: number): TransientError {
  return new TransientError("GitHub's rate limit is reached", { retryAfterMs });
}
