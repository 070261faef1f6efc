import type { ActionItem } from "../items/action-item.ts";
import type { Instant, Millis } from "../model.ts";
import type { Requires, Severity } from "../policy/policy.ts";
import { type History, isUngated } from "../record/history.ts";
import { dueOf } from "./due.ts";
import { isToDo } from "./is-to-do.ts";

/**
 * Whether something was done in the time that the policy gives it.
 *
 * - `met`: it was done in time.
 * - `near-miss`: it was done in the last fifth of its time, or it is not done and no more than that is left.
 * - `missed`: it was done too late, or it is late.
 * - `not-yet`: it is not done, and there is time.
 * - `none`: nobody asks for it.
 */
export type ServiceLevel = "met" | "near-miss" | "missed" | "not-yet" | "none";

/** The last part of a time, which counts as near. */
const NEAR = 1 / 5;

/** The worst first. */
const WORST_FIRST: readonly ServiceLevel[] = ["missed", "near-miss", "not-yet", "met", "none"];

/** The level of something that runs from `since` to `due`. `doneAt` `null`: it is not done at `now`. */
function levelOf(since: Instant, due: Instant, doneAt: Instant | null, now: Instant): ServiceLevel {
  const at = doneAt ?? now;
  if (at > due) return "missed";
  if (at > due - (due - since) * NEAR) return "near-miss";
  return doneAt === null ? "not-yet" : "met";
}

/** The worst of several levels; `none` for none. */
export function worstLevel(levels: readonly ServiceLevel[]): ServiceLevel {
  return WORST_FIRST.find((level) => levels.includes(level)) ?? "none";
}

/**
 * When the post-mortem of an incident is due: `post-mortem-within` of its severity after the resolution, or after the end
 * of a waiver, as its reminder has it (core/timers.ts). `null`: nobody asks for one, because it is a drill, a false
 * alarm, waived, not over yet, or closes without anything.
 */
export function postMortemDue(
  history: History,
  severity: Severity | undefined,
): { readonly since: Instant; readonly due: Instant } | null {
  const within = severity?.["post-mortem-within"] ?? null;
  const { drill, cancelled, waived, resolved, waiverEnded, closed } = history;
  if (severity === undefined || within === null || asksForNothing(severity["close-requires"])) return null;
  if (drill !== null || cancelled !== null || waived !== null || closed?.how === "waived") return null;
  const since = waiverEnded ?? resolved?.at ?? (isUngated(history) ? closed!.closedAt : null);
  return since === null ? null : { since, due: (since + within) as Instant };
}

/**
 * The level of the post-mortem. An incident that is closed by the gate has what its severity asks for, since then at the
 * latest; one that is resolved and open, or was closed past the gate, lacks it.
 */
export function postMortemLevel(history: History, severity: Severity | undefined, now: Instant): ServiceLevel {
  const times = postMortemDue(history, severity);
  if (times === null) return "none";
  return levelOf(times.since, times.due, lacksPostMortem(history) ? null : history.closed!.closedAt, now);
}

/** Whether an incident lacks what its severity asks for, as far as its record says. */
export function lacksPostMortem(history: History): boolean {
  return history.closed === null || isUngated(history);
}

function asksForNothing(requires: Requires): boolean {
  return requires.kind === "all-of" && requires.of.length === 0;
}

/** The worst level of action items; what was dropped, or is gone, does not count. */
export function itemsLevel(items: readonly ActionItem[], within: Millis | null, now: Instant): ServiceLevel {
  return worstLevel(
    items.map((item) => {
      const due = dueOf(item, within);
      if (due === null || !(isToDo(item) || item.state === "done")) return "none";
      return levelOf(item.filedAt, due.at, item.state === "done" ? (item.endedAt ?? now) : null, now);
    }),
  );
}
