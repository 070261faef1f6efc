import type { Instant } from "../model.ts";
import type { TimerName } from "../record/entry.ts";
import { timersOf } from "../timers.ts";
import { type Judged, statusAt } from "./gate-under.ts";
import { severityNamed } from "./severity-under.ts";
import type { Stretch } from "./stretches.ts";

/** How often a deadline was missed. */
export interface Missed {
  readonly surely: number;
  /** What was there at the time is not known. */
  readonly perhaps: number;
}

export type MissedDeadlines = Readonly<Record<TimerName, Missed>>;

/** By the timers that the severities of these rules run, in an incident that went as it did. */
export function missedDeadlines(judged: Judged, stretches: readonly Stretch[]): MissedDeadlines {
  const { policy } = judged.seen.policy;
  const missed = new Map<string, { readonly name: TimerName; readonly isSure: boolean }>();
  for (const { history, to } of stretches) {
    const severity = severityNamed(policy, judged.under(history.severity));
    for (const { name, due, overdue } of timersOf(history, severity, "unmet", to)) {
      if (!overdue || missed.has(`${name} ${due}`)) continue;
      const isSure = name === "post-mortem" ? isUnmetAt(judged, due, history) : true;
      if (isSure !== null) missed.set(`${name} ${due}`, { name, isSure });
    }
  }
  const of = (name: TimerName): Missed => {
    const all = [...missed.values()].filter((one) => one.name === name);
    const surely = all.filter(({ isSure }) => isSure).length;
    return { surely, perhaps: all.length - surely };
  };
  return { acknowledge: of("acknowledge"), update: of("update"), "post-mortem": of("post-mortem") };
}

/** `null`: what it needs was there; `false`: nobody can say. */
function isUnmetAt(judged: Judged, due: Instant, history: Stretch["history"]): boolean | null {
  const status = statusAt(judged, due, history);
  return status === "met" ? null : status === "unmet";
}
