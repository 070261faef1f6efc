import type { Instant, Millis } from "../model.ts";

/** `2026-11-23 17:05 UTC`: one zone for everybody, and no text that goes out of date. */
export function utc(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** `17:05 UTC` on the day of `day`, else with the date. */
export function utcOn(at: Instant, day: Instant): string {
  const sameDay = new Date(at).toISOString().slice(0, 10) === new Date(day).toISOString().slice(0, 10);
  return sameDay ? utc(at).slice(11) : utc(at);
}

/** `Sun 29 Nov`: for a day that is near, in UTC. */
export function weekday(at: Instant): string {
  const [name, day, month] = new Date(at).toUTCString().replace(",", "").split(" ");
  return `${name} ${Number(day)} ${month}`;
}

/** `2 days 3 hours`, `15 minutes`, `40 seconds`: the two largest units, rounded down. */
export function inWords(length: Millis): string {
  const seconds = Math.floor(length / 1_000);
  const units = [
    { name: "day", count: Math.floor(seconds / 86_400) },
    { name: "hour", count: Math.floor(seconds / 3_600) % 24 },
    { name: "minute", count: Math.floor(seconds / 60) % 60 },
  ].filter((unit) => unit.count > 0);
  if (units.length === 0) return count(seconds, "second");
  return units
    .slice(0, 2)
    .map((unit) => count(unit.count, unit.name))
    .join(" ");
}

/** `1 item`, `3 items`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
