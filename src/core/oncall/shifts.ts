import type { Instant } from "../model.ts";
import type { OnCall, Via } from "./on-call.ts";
import { createRoleFiller } from "./role-filler.ts";
import type { OnCallSchedule, Rotation, Spell } from "./schedule.ts";
import { handoff, type Turn, turnIndex, windowsBetween } from "./turn.ts";
import { WALL_DAY_MS, type WallTime, wallTimeAt } from "./wall-clock.ts";

/** A time during which one person (or nobody) has a role. */
export interface Shift extends Spell {
  readonly role: string;
  /** `null`: nobody. */
  readonly login: string | null;
  /** How they come to have it when it begins. */
  readonly via: Via;
}

/** A time during which nothing changes. */
export interface Stretch extends Spell {
  readonly roles: readonly OnCall[];
}

/** The cost of a span grows with its length, and nobody plans further ahead. */
const LONGEST_SPAN_MS = 400 * WALL_DAY_MS;

/**
 * The shifts of one role in consecutive stretches: in order, without gaps (nobody is a shift too), and each as long as
 * possible. Empty: there is no such role.
 */
export function shiftsIn(all: readonly Stretch[], role: string): readonly Shift[] {
  const shifts: Shift[] = [];
  const index = all[0]?.roles.findIndex((one) => one.role === role) ?? -1;
  if (index < 0) return shifts;
  let begun = 0;
  for (const [at, { roles }] of all.entries()) {
    const { login } = roles[index]!;
    const next = all[at + 1];
    if (next !== undefined && next.roles[index]!.login === login) continue;
    const { via } = all[begun]!.roles[index]!;
    shifts.push({ role, login, via, from: all[begun]!.from, to: all[at]!.to });
    begun = at + 1;
  }
  return shifts;
}

/**
 * Every role from `from` until `to`, cut at each moment at which something may change. The first begins at `from`, the
 * last ends at `to`, even if the person stays longer.
 *
 * Exact: it looks at the moments at which something may change, not at every minute. At most 400 days.
 */
export function stretches(schedule: OnCallSchedule, from: Instant, to: Instant): readonly Stretch[] {
  const end = Math.min(to, from + LONGEST_SPAN_MS) as Instant;
  if (end <= from) return [];
  const used = new Set(schedule.roles.flatMap((role) => role.layers));
  const turns = new Map([...used].map((rotation) => [rotation, turnsOf(rotation, from, end)]));
  const edges = [...schedule.overrides, ...schedule.unavailable, ...schedule.shadows].flatMap((one) => [
    one.from,
    one.to,
  ]);
  const starts = [...turns.values()].flatMap((list) => list.map((one) => one.from));
  const position = new Map([...used].map((rotation) => [rotation, 0]));
  const filler = createRoleFiller(schedule);
  return cutsBetween(from, end, [...edges, ...starts]).map((cut, index, cuts) => ({
    from: cut,
    to: cuts[index + 1] ?? end,
    roles: filler.fill(cut, (rotation) => {
      const list = turns.get(rotation)!;
      let at = position.get(rotation)!;
      while (list[at + 1] !== undefined && list[at + 1]!.from <= cut) at += 1;
      position.set(rotation, at);
      return list[at]!.turn;
    }),
  }));
}

/** The turns of a rotation in a span, each with its start; the first one starts at `from`. */
function turnsOf(rotation: Rotation, from: Instant, to: Instant): readonly { from: Instant; turn: Turn }[] {
  const end = rotation.until ?? (Number.POSITIVE_INFINITY as Instant);
  const first = turnIndex(rotation, from);
  const handoffs: Instant[] = [];
  for (let index = Math.max(first + 1, 0); ; index += 1) {
    const at = handoff(rotation, index);
    if (at >= to || at >= end) break;
    handoffs.push(at);
  }
  const hours = rotation.windows.length === 0 ? [{ from, to }] : dutyHours(rotation, from, to);
  const cuts = cutsBetween(from, to, [...handoffs, ...hours.flatMap((one) => [one.from, one.to]), end]);

  const firstIndex = Math.max(first, -1);
  let passed = 0;
  let hour = 0;
  return cuts.map((at) => {
    while (passed < handoffs.length && handoffs[passed]! <= at) passed += 1;
    while (hour < hours.length && hours[hour]!.to <= at) hour += 1;
    return { from: at, turn: turn(at, firstIndex + passed) };
  });

  function turn(at: Instant, index: number): Turn {
    if (index < 0) return { kind: "not-started" };
    if (at >= end) return { kind: "ended" };
    const now = hours[hour];
    return now !== undefined && now.from <= at ? { kind: "on", index: latestAt(index, at) } : { kind: "outside-hours" };
  }

  /** Turns of zero length share their handoff: the last of them counts. */
  function latestAt(index: number, at: Instant): number {
    return handoff(rotation, index + 1) <= at ? turnIndex(rotation, at) : index;
  }
}

/** The windows of a rotation in order, with those that meet or overlap merged. */
function dutyHours(rotation: Rotation, from: Instant, to: Instant): readonly Spell[] {
  const begin = (wallTimeAt(from, rotation.zone) - 2 * WALL_DAY_MS) as WallTime;
  const end = (wallTimeAt(to, rotation.zone) + WALL_DAY_MS) as WallTime;
  const joined: Spell[] = [];
  for (const window of windowsBetween(rotation, begin, end).toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last !== undefined && window.from <= last.to) {
      joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, window.to) as Instant };
    } else if (window.from < window.to) joined.push(window);
  }
  return joined;
}

/** `from`, and those of `moments` that lie between it and `to`; in order, each once. */
function cutsBetween(from: Instant, to: Instant, moments: readonly Instant[]): readonly Instant[] {
  const inside = new Set(moments.filter((moment) => moment > from && moment < to));
  return [from, ...[...inside].sort((a, b) => a - b)];
}
