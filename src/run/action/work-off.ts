import type { Clock } from "../../base/clock.ts";
import { TransientError } from "../../base/errors.ts";
import type { Instant, Millis } from "../../core/model.ts";
import type { LocalQueue } from "../../queue/local-queue.ts";
import type { MemoryQueueRows } from "../../queue/memory-queue.ts";
import type { Pass } from "../../queue/queue.ts";
import type { ActionReport } from "./action-report.ts";

export interface WorkOffParts {
  readonly queue: LocalQueue;
  readonly rows: MemoryQueueRows;
  readonly pass: Pass;
  readonly clock: Clock;
  readonly report: ActionReport;
  /** How far ahead something is waited for. */
  readonly waitsFor: number;
  /** Lets time pass. */
  pause(ms: Millis): Promise<void>;
}

/**
 * What is due within this time is waited for: labels that are being swapped, a first and a second try after an answer that did not come,
 * a look that was wanted soon. What is due later is for the next run: a minute of a runner is paid for.
 */
export const WAITED_FOR_MS = 35_000;
/**
 * The same in a run for an alert or a build: that it is over counts after two minutes (src/core/alerts/alert-state.ts), and no other run knows
 * where it stands.
 */
export const WAITED_FOR_ALERT_MS = 125_000;
/** All waiting together, each time a run works off its queue. */
const WAITED_TOGETHER_MS = 180_000;
/** No run goes on for longer; the workflows give it five minutes more. */
export const RUN_LIMIT_MS = 10 * 60_000;
const MOST_WAITING = 1_000;

/** Runs passes one after the other until nothing is left that is due now or very soon. @param until no pass begins after it */
export async function workOff(parts: WorkOffParts, until: Instant): Promise<void> {
  const { queue, pass, clock, waitsFor } = parts;
  let waited = 0;
  for (;;) {
    while (clock.now() < until && (await queue.step(pass)));
    const next = await queue.nextTimerAt();
    if (next === null) return;
    const ms = Math.max(0, next - clock.now()) as Millis;
    if (ms > waitsFor || waited + ms > WAITED_TOGETHER_MS || next >= until) return;
    await parts.pause(ms);
    waited += ms;
  }
}

/** Notes what still waits although the run is over. */
export async function noteLeft({ rows, report }: Pick<WorkOffParts, "rows" | "report">): Promise<void> {
  const left = await rows.look((kept) => kept.next({ leastRank: null, notOf: [], most: MOST_WAITING }));
  for (const { key } of left) report.failed(key, "The run's time was over.");
}

/** The pass, with its end noted. Throws as it does. */
export function reporting(pass: Pass, report: ActionReport, clock: Clock): Pass {
  return async (key, signal, lease, name) => {
    try {
      const result = await pass(key, signal, lease, name);
      report.done(key, result.checkAgainIn === null ? null : ((clock.now() + result.checkAgainIn) as Instant));
      if (result.isUnanswered === true) report.failed(key, "What somebody asked for waits for an answer of GitHub's.");
      return result;
    } catch (error) {
      report.failed(key, whyOf(error));
      throw error;
    }
  };
}

function whyOf(error: unknown): string {
  const words = error instanceof Error ? error.message : "It failed unexpectedly.";
  return error instanceof TransientError && error.retryAfterMs !== null
    ? `${words} Not before ${Math.ceil(error.retryAfterMs / 1_000)} seconds.`
    : words;
}
