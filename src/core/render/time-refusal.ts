import type { Saying } from "../judge/saying.ts";
import { codeSpan, plain } from "../markdown/escape.ts";
import type { Instant } from "../model.ts";
import type { KeyTime } from "../record/entry.ts";
import { DAY_MS } from "../time-units.ts";
import { utc } from "../words/time.ts";

type Refused = Extract<
  Saying,
  { kind: "time-not-yet" | "time-to-come" | "time-long-before" | "time-out-of-order" | "time-which-day" }
>;

/** Why `/time` was not obeyed: what to write first. All times are in UTC, whatever zone they were written in. */
export function timeRefusal(saying: Refused): string {
  const { time } = saying;
  switch (saying.kind) {
    case "time-not-yet":
      return `Comment \`/${saying.first}\` first, then \`/time ${time} HH:MM\`: it is not ${time} yet, and \`/time\` corrects the time only.`;
    case "time-to-come":
      return `Write a time that has passed: ${utc(saying.at)} is still to come.`;
    case "time-long-before":
      return `Is the day right? ${utc(saying.at)} is ${wholeDays(saying.declared - saying.at)} days before the declaration. If it is, say why: ${codeSpan(`/time ${time} ${example(saying.at)} REASON`)}.`;
    case "time-out-of-order": {
      const { other, otherAt, has } = saying;
      const side = has === "to-come-before" ? "not before" : "not after";
      return `Write a time ${side} ${utc(otherAt)}, when the incident ${WAS[other]}, or correct that one first with \`/time ${other} HH:MM\`: it cannot have ${BEEN[time]} at ${utc(saying.at)}.`;
    }
    case "time-which-day": {
      const { clock, zone, from, to, such, isSeveral } = saying;
      const written = `${new Date(clock).toISOString().slice(11, 16)}${zone === null ? "" : ` (${plain(zone, 64)})`}`;
      const why = isSeveral ? `${written} comes more than once` : `there is no ${written}`;
      return `Add the day, such as ${codeSpan(`/time ${time} ${example(such)}`)}: ${why} from ${utc(from)} to ${utc(to)}.`;
    }
  }
}

function wholeDays(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** `2026-11-26T10:42Z`. */
function example(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 16)}Z`;
}

const WAS: Readonly<Record<KeyTime, string>> = {
  started: "started",
  detected: "was detected",
  acknowledged: "was acknowledged",
  mitigated: "was mitigated",
  resolved: "was resolved",
};

const BEEN: Readonly<Record<KeyTime, string>> = {
  started: "started",
  detected: "been detected",
  acknowledged: "been acknowledged",
  mitigated: "been mitigated",
  resolved: "been resolved",
};
