import type { Millis } from "../model.ts";

const UNITS = [
  { ms: 86_400_000, name: "day" },
  { ms: 3_600_000, name: "hour" },
  { ms: 60_000, name: "minute" },
  { ms: 1_000, name: "second" },
] as const;

/** A length of time in words, in the largest unit that divides it: `90 minutes`, `1 day`. */
export function showDuration(duration: Millis): string {
  const unit = UNITS.find(({ ms }) => duration > 0 && duration % ms === 0) ?? { ms: 1_000, name: "second" };
  const count = duration / unit.ms;
  return `${count} ${unit.name}${count === 1 ? "" : "s"}`;
}

/** A length of time as the policy has it, in the largest unit that divides it: `90m`, `1d`; none: `0s`. */
export function shortDuration(duration: Millis): string {
  const unit = UNITS.find(({ ms }) => duration > 0 && duration % ms === 0) ?? { ms: 1_000, name: "second" };
  return `${duration / unit.ms}${unit.name[0]}`;
}
