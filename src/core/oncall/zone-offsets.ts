import { Temporal } from "temporal-polyfill/implementation";
import type { Instant } from "../model.ts";

/** A time during which a zone keeps the same offset from UTC. */
export interface OffsetSpell {
  readonly from: number;
  /** Not part of it. */
  readonly to: number;
  /** What clocks show minus UTC, ms. */
  readonly offset: number;
}

/**
 * By zone and year, as Temporal says: each question takes it some ten microseconds, and a schedule asks thousands of
 * times. Answers never change while a process runs, so this is a cache and not state.
 */
const known = new Map<string, readonly OffsetSpell[]>();

/** The offsets of a zone from `from` until `to`, in order and without gaps; at both ends they may reach further. */
export function offsetSpells(zone: string, from: number, to: number): readonly OffsetSpell[] {
  const first = new Date(from).getUTCFullYear();
  const last = new Date(to).getUTCFullYear();
  const spells = [...offsetsOfYear(zone, first)];
  for (let year = first + 1; year <= last; year += 1) spells.push(...offsetsOfYear(zone, year));
  return spells;
}

/** What clocks in `zone` show at `at`, minus UTC, ms. */
export function offsetAt(at: Instant, zone: string): number {
  const spells = offsetsOfYear(zone, new Date(at).getUTCFullYear());
  return (spells.findLast(({ from }) => from <= at) ?? spells[0]!).offset;
}

/** When clocks in `zone` next change after `at`; `null`: never, as far as is known. */
export function nextTransition(at: Instant, zone: string): Instant | null {
  return (zoned(at, zone).getTimeZoneTransition("next")?.epochMilliseconds ?? null) as Instant | null;
}

/** Whether this Node knows the zone (the tz database comes with its ICU). Offsets and abbreviations are not zones here. */
export function isZone(name: string): boolean {
  try {
    zoned(0, name);
    return true;
  } catch {
    return false;
  }
}

function offsetsOfYear(zone: string, year: number): readonly OffsetSpell[] {
  const key = `${zone} ${year}`;
  let spells = known.get(key);
  if (spells === undefined) {
    spells = askYear(zone, Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1));
    known.set(key, spells);
  }
  return spells;
}

function askYear(zone: string, begin: number, end: number): readonly OffsetSpell[] {
  const spells: OffsetSpell[] = [];
  for (let from = begin; ; ) {
    const moment = zoned(from, zone);
    const next = moment.getTimeZoneTransition("next")?.epochMilliseconds ?? end;
    const to = Math.min(next, end);
    spells.push({ from, to, offset: moment.offsetNanoseconds / 1_000_000 });
    if (to === end) return spells;
    from = to;
  }
}

function zoned(at: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
}
