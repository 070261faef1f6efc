import type { VerdictStatus } from "./gate/verdict-status.ts";
import type { Instant, Millis } from "./model.ts";
import type { Severity } from "./policy/policy.ts";
import type { TimerName } from "./record/entry.ts";
import type { History } from "./record/history.ts";

/** A deadline of the policy that is running. At the due moment itself it is not overdue yet. */
export interface Timer {
  readonly name: TimerName;
  readonly due: Instant;
  readonly overdue: boolean;
}

/**
 * The deadlines of the severity that are running now (docs/policy.md).
 *
 * - `acknowledge` runs from the declaration, `/unack` or a change of severity until somebody acknowledges.
 * - `update` runs from the latest news (update, mitigation, acknowledgement, declaration) until the incident is
 *   resolved.
 * - `post-mortem` runs from the resolution, or from the end of a waiver, until the gate is met.
 */
export function timersOf(
  history: History,
  severity: Severity | undefined,
  gate: VerdictStatus,
  now: Instant,
): readonly Timer[] {
  if (severity === undefined || history.closed !== null || history.cancelled !== null) return [];
  const timers: Timer[] = [];
  const run = (name: TimerName, since: Instant, within: Millis | null) => {
    if (within === null) return;
    const due = (since + within) as Instant;
    timers.push({ name, due, overdue: now > due });
  };
  if (history.resolved === null) {
    if (history.acknowledged === null && history.mitigated === null) {
      run("acknowledge", history.unacknowledgedSince, severity["acknowledge-within"]);
    }
    const lastWord = Math.max(
      history.declared.at,
      history.severitySince,
      history.acknowledged?.at ?? 0,
      history.lastUpdate?.at ?? 0,
    ) as Instant;
    run("update", lastWord, severity["update-every"]);
  } else if (gate !== "met") {
    run("post-mortem", history.waiverEnded ?? history.resolved.at, severity["post-mortem-within"]);
  }
  return timers;
}

/** When the next deadline is missed; a pass at that moment finds it overdue. `null`: none is running. */
export function nextDue(timers: readonly Timer[]): Instant | null {
  const running = timers.filter((timer) => !timer.overdue).map((timer) => timer.due);
  // One ms more: at the exact deadline nothing is overdue, and a pass at that moment would come back for ever.
  return running.length === 0 ? null : ((Math.min(...running) + 1) as Instant);
}
