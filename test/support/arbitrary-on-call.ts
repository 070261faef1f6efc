import fc from "fast-check";
import { parseOnCall } from "../../src/core/oncall/parse-on-call.ts";
import type { OnCallSchedule } from "../../src/core/oncall/schedule.ts";

const PEOPLE = ["alice", "bob", "carol", "dave", "erin"] as const;
const ZONES = [
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "Africa/Casablanca",
  "Etc/UTC",
];

const login = fc.constantFrom(...PEOPLE);
const zone = fc.constantFrom(...ZONES);
const timeOfDay = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom("00", "15", "30", "45"))
  .map(([hour, minute]) => `${String(hour).padStart(2, "0")}:${minute}`);
const date = fc
  .integer({ min: 0, max: 90 })
  .map((days) => new Date(Date.UTC(2026, 1, 15) + days * 86_400_000).toISOString().slice(0, 10));
const spell = fc.tuple(date, timeOfDay, fc.integer({ min: 1, max: 200 })).map(([day, time, hours]) => {
  const from = `${day}T${time}`;
  return { from, to: new Date(Date.parse(`${from}Z`) + hours * 3_600_000).toISOString().slice(0, 16) };
});

const rotation = fc.record({
  zone,
  start: date,
  handoff: timeOfDay,
  shift: fc.constantFrom("1h", "8h", "12h", "1d", "3d", "1w", "2w"),
  members: fc.array(fc.oneof({ weight: 6, arbitrary: login }, fc.constant("nobody")), { minLength: 1, maxLength: 5 }),
  restrictions: fc.array(fc.record({ from: timeOfDay, to: timeOfDay }), { maxLength: 2 }),
});

/** A file for February to June 2026, when most zones change their clocks: two rotations, two roles, exceptions. */
export const arbitraryOnCall: fc.Arbitrary<OnCallSchedule> = fc
  .record({
    zone,
    rotations: fc.record({ day: rotation, back: rotation }),
    roles: fc.constantFrom(
      { primary: { layers: ["day", "back"] }, secondary: { follow: "primary", offset: 1, layers: ["back"] } },
      { primary: { layers: ["day"] }, secondary: { layers: ["day", "back"] } },
      { primary: { layers: ["back"] } },
    ),
    overrides: fc.array(
      fc.tuple(login, fc.option(login, { nil: undefined }), spell).map(([user, meant, when]) => ({
        role: "primary",
        user,
        ...(meant === undefined ? {} : { for: meant }),
        ...when,
      })),
      { maxLength: 3 },
    ),
    unavailable: fc.array(
      fc.tuple(login, spell).map(([user, when]) => ({ user, ...when })),
      { maxLength: 3 },
    ),
    shadows: fc.array(
      fc.tuple(login, spell).map(([user, when]) => ({ user, role: "primary", ...when })),
      { maxLength: 3 },
    ),
  })
  .map((config) => {
    const parsed = parseOnCall(JSON.stringify(config));
    if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
    return parsed.schedule;
  });
