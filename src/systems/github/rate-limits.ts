import type { Clock } from "../../base/clock.ts";
import { HeldBackError, TransientError } from "../../base/errors.ts";
import type { Instant } from "../../core/model.ts";
import type { ContentClass } from "../../core/trust/content-class.ts";
import { type HttpAnswer, reasonOf } from "./errors.ts";
import type { CreationRoom, RequestLimit } from "./ports.ts";

/**
 * What one installation may create. GitHub documents about 80 content-creating requests a minute and 500 an hour ("Rate
 * limits for the REST API"), including those of people at their screens: Sevgate leaves them a fifth to a quarter.
 * (A-119)
 */
export const CONTENT_BUDGET = [
  {
    requests: 60,
    perMs: 60_000,
    upTo: { incident: 60, team: 45, upkeep: 30, untold: 30, outsider: 30, onboarding: 20 },
    own: { untold: 10, outsider: 10, onboarding: 20 },
  },
  {
    requests: 400,
    perMs: 3_600_000,
    upTo: { incident: 400, team: 300, upkeep: 240, untold: 240, outsider: 240, onboarding: 120 },
    own: { untold: 60, outsider: 60, onboarding: 30 },
  },
] as const satisfies readonly ContentBudget[];

interface ContentBudget {
  readonly requests: number;
  readonly perMs: number;
  /**
   * A class may create only while fewer than this were created by all classes together: the rest is kept for higher
   * ones.
   */
  readonly upTo: Readonly<Record<ContentClass, number>>;
  /**
   * What each of these classes may have created on its own: none silences another, nor does an incident that writes a
   * lot.
   */
  readonly own: { readonly [Class in ContentClass]?: number };
}

/** GitHub asks for at least a minute after a secondary limit, and for longer each time. */
const SECONDARY_PAUSE_MS = 60_000;
const SECONDARY_PAUSE_MAX_MS = 15 * 60_000;
/**
 * After so many requests in a row without an answer, the next ones are not sent: each would hold a slot of the queue until
 * its time limit, and other installations would wait for it.
 */
const SILENT_IN_A_ROW = 2;
const SILENCE_PAUSE_MS = 5_000;
const SILENCE_PAUSE_MAX_MS = 30_000;
/** Who is turned away comes back in turn, over four seconds. */
const TURNS_AWAY = 80;
const TURN_MS = 50;
/** A little longer than a request may take. */
const PROBE_TAKES_MS = 12_000;
/** A primary limit is over within the hour; anything longer is a wrong clock. */
const PAUSE_MAX_MS = 65 * 60_000;

interface Created {
  readonly at: Instant;
  readonly creates: ContentClass;
}

interface Standing {
  pausedUntil: Instant;
  /** Secondary limits in a row. */
  strikes: number;
  /** What was created in the last hour, oldest first. */
  created: Created[];
  silence: Silence;
  told: RequestLimit | null;
}

/** How long GitHub has not answered. */
interface Silence {
  /** Requests in a row without an answer; none is counted while no more are sent. */
  inARow: number;
  /** Nothing is sent until then. */
  until: Instant;
  /** One request finds out whether GitHub answers again. */
  isProbed: boolean;
  /** Such requests in a row. */
  probes: number;
  /** How many were told to ask again later since then: they do not all come back at once. */
  turnedAway: number;
}

/**
 * Keeps each installation within GitHub's limits without ever waiting: it says "not before", and the queue waits.
 *
 * Installations do not affect each other. The budget slides with time: with the fixed windows of a library, a burst at
 * the border of two windows would go up to twice GitHub's limit, and no library takes its clock from outside.
 */
export class RateLimits {
  readonly #clock: Clock;
  readonly #standings = new Map<number, Standing>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Throws `TransientError` with the time to wait if the request should not be sent now, as GitHub limits the installation
   * or does not answer for it; else counts it.
   * `HeldBackError`: what is left of the budget is kept for higher classes.
   *
   * @param creates what the content is for; `null`: the request creates none
   * @param room    taken earlier by `reserve`: what is left of it is used first
   */
  admit(installationId: number, route: string, creates: ContentClass | null, room?: CreationRoom): void {
    const now = this.#clock.now();
    const standing = this.#standing(installationId);
    this.#refusePaused(standing, route, now);
    refuseWhileSilent(standing.silence, route, now);
    if (creates === null || room?.take() === true) return;
    this.#count(standing, route, creates, 1, now);
  }

  /** Learns that a request got no answer in time. */
  learnSilence(installationId: number): void {
    const now = this.#clock.now();
    const { silence } = this.#standing(installationId);
    // Those that were on the way together say it once.
    if (!silence.isProbed && now < silence.until) return;
    silence.inARow += 1;
    if (silence.inARow < SILENT_IN_A_ROW) return;
    const pauseMs = Math.min(SILENCE_PAUSE_MS * 2 ** silence.probes, SILENCE_PAUSE_MAX_MS);
    silence.until = (now + pauseMs) as Instant;
    silence.isProbed = false;
    silence.turnedAway = 0;
  }

  /**
   * Takes room for several creations at once, so that a chain that begins can be completed: one by one, the first would
   * be created again and again and leave no room for the others. Throws as `admit` does, and has then taken nothing.
   */
  reserve(installationId: number, route: string, creates: ContentClass, requests: number): CreationRoom {
    const now = this.#clock.now();
    const standing = this.#standing(installationId);
    this.#refusePaused(standing, route, now);
    const reserved = this.#count(standing, route, creates, requests, now);
    const giveBack = (entry: Created) => {
      standing.created = standing.created.filter((one) => one !== entry);
    };
    return {
      take: () => {
        const entry = reserved.shift();
        if (entry === undefined) return false;
        giveBack(entry);
        standing.created.push({ at: this.#clock.now(), creates });
        return true;
      },
      release: () => reserved.splice(0).forEach(giveBack),
    };
  }

  #refusePaused(standing: Standing, route: string, now: Instant): void {
    if (now < standing.pausedUntil) {
      throw new TransientError(`${route}: GitHub's rate limit is reached; asking again when it resets.`, {
        retryAfterMs: standing.pausedUntil - now,
      });
    }
  }

  /** Counts that many creations, all or none. */
  #count(standing: Standing, route: string, creates: ContentClass, requests: number, now: Instant): Created[] {
    const longestMs = Math.max(...CONTENT_BUDGET.map((budget) => budget.perMs));
    standing.created = standing.created.filter(({ at }) => at > now - longestMs);
    // For all budgets: it comes back when every one of them has room.
    const waitMs = Math.max(
      ...CONTENT_BUDGET.map((budget) => waitFor(standing.created, budget, creates, requests, now)),
    );
    if (waitMs > 0) {
      const message = `${route}: enough was created for now; going on slower, within GitHub's limits.`;
      const options = { retryAfterMs: waitMs };
      throw creates === "incident" ? new TransientError(message, options) : new HeldBackError(message, options);
    }
    const counted = Array.from({ length: requests }, (): Created => ({ at: now, creates }));
    standing.created.push(...counted);
    return counted;
  }

  /**
   * Learns from an answer. Returns a `TransientError` if the answer is a rate limit (403 or 429), else `null`.
   *
   * Source: GitHub docs, "Best practices for using the REST API", "Handle rate limit errors appropriately".
   */
  learn(installationId: number, route: string, answer: HttpAnswer): TransientError | null {
    const now = this.#clock.now();
    const standing = this.#standing(installationId);
    standing.silence = noSilence();
    const { status, headers } = answer;
    const usedUp = headers["x-ratelimit-remaining"] === "0";
    const resetMs = Number(headers["x-ratelimit-reset"] ?? Number.NaN) * 1_000;

    const limit = Number(headers["x-ratelimit-limit"] ?? Number.NaN);
    const remaining = Number(headers["x-ratelimit-remaining"] ?? Number.NaN);
    const isCore = (headers["x-ratelimit-resource"] ?? "core") === "core";
    if (isCore && limit > 0 && remaining >= 0 && resetMs > 0) {
      standing.told = { limit, remaining, resetsAt: resetMs as Instant };
    }

    if (status < 400) {
      standing.strikes = 0;
      // The last request of the hour has succeeded: the next one would not.
      if (usedUp && isCore && resetMs > now) {
        this.#pause(standing, resetMs - now);
      }
      return null;
    }

    const retryAfterSeconds = Number(headers["retry-after"] ?? Number.NaN);
    const limited =
      status === 429 ||
      (status === 403 &&
        (usedUp || retryAfterSeconds >= 0 || /secondary rate|abuse detection/i.test(reasonOf(answer.data))));
    if (!limited) return null;

    // Search has a limit of its own: only the search waits.
    if (usedUp && resetMs > now && headers["x-ratelimit-resource"] === "search") {
      return new TransientError(`${route}: GitHub's limit of searches is reached (${status}).`, {
        retryAfterMs: resetMs - now,
      });
    }
    if (usedUp && resetMs > now) {
      this.#pause(standing, resetMs - now);
    } else if (retryAfterSeconds > 0) {
      this.#pause(standing, retryAfterSeconds * 1_000);
    } else {
      this.#pause(standing, Math.min(SECONDARY_PAUSE_MS * 2 ** standing.strikes, SECONDARY_PAUSE_MAX_MS));
      standing.strikes += 1;
    }
    return new TransientError(`${route}: GitHub's rate limit is reached (${status}); asking again when it resets.`, {
      retryAfterMs: standing.pausedUntil - now,
    });
  }

  /** What the last answer said about the hourly limit; `null`: none has, or the server has no limit. */
  told(installationId: number): RequestLimit | null {
    return this.#standings.get(installationId)?.told ?? null;
  }

  forget(installationId: number): void {
    this.#standings.delete(installationId);
  }

  #standing(installationId: number): Standing {
    const known = this.#standings.get(installationId);
    if (known !== undefined) return known;
    const standing: Standing = { pausedUntil: 0 as Instant, strikes: 0, created: [], told: null, silence: noSilence() };
    this.#standings.set(installationId, standing);
    return standing;
  }

  /** Never shortens a pause: answers to parallel requests arrive in any order. */
  #pause(standing: Standing, ms: number): void {
    const until = (this.#clock.now() + Math.min(ms, PAUSE_MAX_MS)) as Instant;
    if (until > standing.pausedUntil) standing.pausedUntil = until;
  }
}

function noSilence(): Silence {
  return { inARow: 0, until: 0 as Instant, isProbed: false, probes: 0, turnedAway: 0 };
}

function refuseWhileSilent(silence: Silence, route: string, now: Instant): void {
  if (silence.inARow < SILENT_IN_A_ROW) return;
  if (now < silence.until) {
    const spreadMs = (silence.turnedAway % TURNS_AWAY) * TURN_MS;
    silence.turnedAway += 1;
    throw new TransientError(`${route}: GitHub does not answer; asking again in a few seconds.`, {
      retryAfterMs: (silence.isProbed ? SILENCE_PAUSE_MS : silence.until - now) + spreadMs,
    });
  }
  silence.isProbed = true;
  silence.probes += 1;
  silence.turnedAway = 0;
  silence.until = (now + PROBE_TAKES_MS) as Instant;
}

/** How long until a class may create that many more under one budget, in ms; 0: now. */
function waitFor(
  created: readonly Created[],
  { perMs, upTo, own }: ContentBudget,
  creates: ContentClass,
  requests: number,
  now: Instant,
): number {
  // The request that has to leave the window before the last of the new ones fits in.
  const lastBefore = (list: readonly Created[], most: number) => list.at(-Math.max(1, most - requests + 1));
  const blocking = [lastBefore(created, upTo[creates])];
  const most = own[creates];
  if (most !== undefined) {
    const ofClass = created.filter((one) => one.creates === creates);
    blocking.push(lastBefore(ofClass, most));
  }
  return Math.max(0, ...blocking.map((one) => (one === undefined ? 0 : one.at + perMs - now)));
}
