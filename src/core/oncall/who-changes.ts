import type { Instant, Millis } from "../model.ts";
import type { OnCallSchedule, Spell } from "./schedule.ts";
import { type Shift, shiftsIn, stretches } from "./shifts.ts";

/** A time during which somebody else has a role than before. */
export interface OnCallChange extends Spell {
  readonly role: string;
  /** `null`: nobody. */
  readonly was: string | null;
  readonly is: string | null;
}

/** How far ahead a change of the file is looked at. */
export const CHANGES_AHEAD_MS = (28 * 86_400_000) as Millis;

/**
 * Who is on call when, where that differs from before: role by role, in order of time. Empty: nobody notices.
 *
 * Changing a list of members sometimes reshuffles who is on call; people have to see that before it is merged.
 */
export function whoChanges(
  before: OnCallSchedule | null,
  after: OnCallSchedule | null,
  from: Instant,
  ahead: Millis = CHANGES_AHEAD_MS,
): readonly OnCallChange[] {
  const to = (from + ahead) as Instant;
  const [wasAhead, isAhead] = [before, after].map((one) => (one === null ? [] : stretches(one, from, to)));
  const roles = new Set([...(before?.roles ?? []), ...(after?.roles ?? [])].map(({ name }) => name));
  return [...roles].flatMap((role) => {
    const was = personAt(shiftsIn(wasAhead!, role), from);
    const is = personAt(shiftsIn(isAhead!, role), from);
    const cuts = [...new Set([...was.starts, ...is.starts])].sort((a, b) => a - b);
    const changes: OnCallChange[] = [];
    for (const [index, cut] of cuts.entries()) {
      const now = { role, was: was.at(cut), is: is.at(cut), from: cut, to: cuts[index + 1] ?? to };
      const last = changes.at(-1);
      if (now.was === now.is) continue;
      if (last !== undefined && last.to === cut && last.was === now.was && last.is === now.is) {
        changes[changes.length - 1] = { ...last, to: now.to };
      } else changes.push(now);
    }
    return changes;
  });
}

/** Who has a role, by moments in order; no shifts: nobody. */
function personAt(shifts: readonly Shift[], from: Instant) {
  let position = 0;
  return {
    starts: [from, ...shifts.map((shift) => shift.from)],
    at(moment: Instant): string | null {
      while (shifts[position + 1] !== undefined && shifts[position + 1]!.from <= moment) position += 1;
      return shifts[position]?.login ?? null;
    },
  };
}
