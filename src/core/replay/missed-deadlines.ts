import { withinOf } from "../debt/debt.ts";
import { dueOf } from "../debt/due.ts";
import { isToDo } from "../debt/is-to-do.ts";
import type { ActionItem } from "../items/action-item.ts";
import type { Instant } from "../model.ts";
import type { TimerName } from "../record/entry.ts";
import type { History } from "../record/history.ts";
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

/** What may be missed: the timers of an incident, and the time for its action items. */
export const DEADLINES = ["acknowledge", "update", "post-mortem", "action-items"] as const satisfies readonly (
  | TimerName
  | "action-items"
)[];
export type DeadlineName = (typeof DEADLINES)[number];

export type MissedDeadlines = Readonly<Record<DeadlineName, Missed>>;

/** An incident at the end of its record, with what was promised after it. */
export interface Promises {
  readonly history: History;
  /** As they stand now; `null`: only its record is known, which has no days. */
  readonly items: readonly ActionItem[] | null;
  readonly at: Instant;
}

/** By the timers that the severities of these rules run, in an incident that went as it did; each action item counts. */
export function missedDeadlines(judged: Judged, stretches: readonly Stretch[], promises: Promises): MissedDeadlines {
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
  return {
    acknowledge: of("acknowledge"),
    update: of("update"),
    "post-mortem": of("post-mortem"),
    "action-items": missedItems(judged, promises),
  };
}

/**
 * Action items that were done after their day, or are late: as core/debt/ counts them. Those of a false alarm, and what was
 * dropped, promised nothing. Of one that is known by the record alone, nobody can say whether it has a day of its own.
 */
function missedItems({ seen, under }: Judged, { history, items, at }: Promises): Missed {
  if (history.cancelled !== null) return { surely: 0, perhaps: 0 };
  const within = withinOf(seen.policy.policy, under(history.severity));
  const isLate = (item: Pick<ActionItem, "due" | "filedAt">, doneAt: Instant | null) => {
    const due = dueOf(item, within);
    return due !== null && (doneAt ?? at) > due.at;
  };
  const surely = (items ?? []).filter(
    (item) => (isToDo(item) || item.state === "done") && isLate(item, item.state === "done" ? item.endedAt : null),
  );
  const perhaps = history.items.filter(
    ({ target, filedAt, end }) =>
      (items === null || target.repository !== null) &&
      end?.how !== "dropped" &&
      isLate({ due: null, filedAt }, end?.at ?? null),
  );
  return { surely: surely.length, perhaps: perhaps.length };
}

/** `null`: what it needs was there; `false`: nobody can say. */
function isUnmetAt(judged: Judged, due: Instant, history: Stretch["history"]): boolean | null {
  const status = statusAt(judged, due, history);
  return status === "met" ? null : status === "unmet";
}
