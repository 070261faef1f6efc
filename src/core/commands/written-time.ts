import type { Millis } from "../model.ts";
import { HOUR_MS, MINUTE_MS } from "../time-units.ts";
import { type ArgumentProblem, firstWord, missing } from "./arguments.ts";

/** A time as a person writes it: what is missing depends on the incident and on the on-call file. */
export interface WrittenTime {
  /** `2026-11-26`, a day of the calendar; `null`: not written. */
  readonly day: string | null;
  /** Since midnight, less than a day. */
  readonly clock: Millis;
  /** What clocks there show minus UTC; `null`: not written. */
  readonly offset: Millis | null;
}

const HOW = "such as 10:42, 10:42 UTC or 2026-11-26T10:42Z";

/** `2026-11-26T…`, or the day alone. */
const DAY = /^(2\d{3}-\d\d-\d\d)(?:T(.+))?$/i;
const CLOCK = /^(\d{1,2}):(\d\d)(?::(\d\d))?(.*)$/s;
const ZONE = /^(?:(Z|UTC|GMT)|([+-])(\d\d)(?::?(\d\d))?)$/i;
/**
 * What people write behind a time and mean by it: an abbreviation stands for several zones, and half a day is easily
 * missed. Neither may pass for a reason.
 */
const NO_ZONE = /^(?:[ap]\.?m|[A-Z]{2,4}T|MSK|cet|cest|[ecmp][sd]t)$/;
/** Further than any zone is from UTC. */
const MOST_OFFSET_HOURS = 15;

/** Reads when something was, at the beginning of a text; `rest` is what follows, as written. */
export function parseWhen(text: string): { readonly when: WrittenTime; readonly rest: string } | ArgumentProblem {
  let [word, rest] = firstWord(text);
  if (word === "") return missing(`Add when that was, ${HOW}`);
  const [, day = null, behind] = DAY.exec(word) ?? [];
  if (day !== null) {
    if (!isDay(day)) return { problem: "bad-argument", why: "Check the day: the calendar has no such one" };
    [word, rest] = behind === undefined ? firstWord(rest) : [behind, rest];
  }
  const [, hours = "", minutes = "", seconds = "0", glued = ""] = CLOCK.exec(word) ?? [];
  const isTime = hours !== "" && Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60;
  if (!isTime) return { problem: "bad-argument", why: `Write when that was, ${HOW}` };
  const clock = (Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Number(seconds) * 1_000) as Millis;
  const [next, after] = firstWord(rest);
  const said = glued === "" ? next : glued;
  const offset = offsetIn(said);
  if (offset === null && (glued !== "" || NO_ZONE.test(said))) {
    return { problem: "bad-argument", why: `Write the time of 24 hours, and the zone as UTC or an offset, ${HOW}` };
  }
  return { when: { day, clock, offset }, rest: offset === null || glued !== "" ? rest : after };
}

/** `null`: that is no zone. */
function offsetIn(word: string): Millis | null {
  // What keyboards and pages make of a hyphen.
  const [, utc, sign, hours = "0", minutes = "0"] = ZONE.exec(word.replace(/^[−–]/, "-")) ?? [];
  if (utc !== undefined) return 0 as Millis;
  if (sign === undefined || Number(hours) >= MOST_OFFSET_HOURS || Number(minutes) >= 60) return null;
  return ((sign === "-" ? -1 : 1) * (Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS)) as Millis;
}

/** JavaScript reads 30 February as 2 March. */
function isDay(day: string): boolean {
  const at = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
}
