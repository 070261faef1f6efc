import { DAY_MS, HOUR_MS, MINUTE_MS } from "../time-units.ts";
import type { ShareWithin } from "./kaplan-meier.ts";
import type { Level, Measure, ReportedIncident, Took } from "./report.ts";

/** What a measure is called at the head of a column. */
export const MEASURE_NAMES: Readonly<Record<Measure, string>> = {
  acknowledge: "Time to acknowledge",
  mitigate: "Time to mitigate",
  resolve: "Time to resolve",
  learn: "Time to learn",
};

/** What happened, of a share. */
export const MEASURE_PARTICIPLES: Readonly<Record<Measure, string>> = {
  acknowledge: "acknowledged",
  mitigate: "mitigated",
  resolve: "resolved",
  learn: "learned from",
};

/** From when to when, a sentence each. */
export const DEFINITIONS: readonly string[] = [
  "All times count from the declaration, or from when it was detected where somebody has said so with `/time detected`. Times that people have put right count as they are now.",
  "Acknowledged: when somebody took it; of one that was given back, when it was taken again.",
  "Mitigated, resolved: when somebody said so, or closed it. Learned from: when it was closed with the evidence that the policy asks for; one that was waived, or closed past the gate, is not yet.",
  "Shares are of all incidents, with open ones counted as not yet (Kaplan–Meier); in brackets, where the true share lies 95 times out of 100.",
];

/** What a level promises: `acknowledged within 15 min`. */
export function levelWords({ level, within }: Pick<Level, "level" | "within">): string {
  const time = shortDuration(within);
  switch (level) {
    case "acknowledge-within":
      return `acknowledged within ${time}`;
    case "post-mortem-within":
      return `post-mortem within ${time} of the resolution`;
    case "action-items-within":
      return `action items done by their day, else within ${time}`;
  }
}

/** What is said of incidents that nobody on the team has confirmed. */
export const UNCONFIRMED = "that somebody outside the team reported and nobody on it has dealt with";

/** Why an incident was opened again. */
const REOPENING_WORDS: Readonly<Record<string, string>> = {
  resumed: "by somebody, as it was not over",
  gate: "closed without what the policy asks for",
  "re-armed": "what it was closed with was gone again",
  "waiver-ended": "the time of its waiver was over",
  "may-not-cancel": "closed as not planned by somebody who may not cancel it",
  "may-not-resolve": "closed by somebody who may not say that it is over",
  "bot-not-listed": "closed by an app that the policy does not name",
};

/** Why an incident was opened again, in words. */
export function reopeningWords(why: string): string {
  return REOPENING_WORDS[why] ?? why;
}

const UNITS = [
  { sign: "d", ms: DAY_MS },
  { sign: "h", ms: HOUR_MS },
  { sign: "min", ms: MINUTE_MS },
  { sign: "s", ms: 1_000 },
] as const;

/** `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`: the largest unit and the next, rounded down. */
export function shortDuration(seconds: number): string {
  const ms = seconds * 1_000;
  const first = UNITS.findIndex((unit) => ms >= unit.ms);
  if (first === -1) return "0 s";
  const [large, small] = [UNITS[first]!, UNITS[first + 1]];
  const whole = Math.floor(ms / large.ms);
  const rest = small === undefined || small.sign === "s" ? 0 : Math.floor((ms % large.ms) / small.ms);
  return rest === 0 ? `${whole} ${large.sign}` : `${whole} ${large.sign} ${rest} ${small!.sign}`;
}

/** `12 min`, `not yet (3 d)`, or `–` where it ended without. */
export function tookWords({ took, notYet, ended }: Took): string {
  if (took !== null) return shortDuration(took);
  return ended ? "–" : `not yet (${shortDuration(notYet ?? 0)})`;
}

/** `83 %`. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** `63 % (41–85 %)`; `–` where nothing can be said. */
export function shareWords(within: ShareWithin | null): string {
  if (within === null) return "–";
  const { share, low, high } = within;
  const between = low === null || high === null ? "" : ` (${Math.round(low * 100)}–${percent(high)})`;
  return `${percent(share)}${between}`;
}

/** How an incident ended, with what is odd about it. */
export function endingWords({ state, closed, waived, closedUngated, reopenings }: ReportedIncident): string {
  const ending = state === "open" ? "open" : closedUngated ? "closed past the gate" : "closed";
  const more = [
    ...(waived && closed !== null ? ["waived"] : []),
    ...(reopenings > 0 ? [`reopened ${reopenings === 1 ? "once" : `${reopenings} times`}`] : []),
  ];
  return [ending, ...more].join(", ");
}

/** The times at which shares are shown, in seconds. */
export const TICKS: readonly number[] = [
  60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 172_800, 345_600, 604_800, 1_209_600, 2_592_000, 5_184_000,
  7_776_000,
];
/** Those of a table. */
export const TABLE_TICKS: readonly number[] = [900, 3_600, 86_400, 604_800, 2_592_000];
