import type { Instant, Millis } from "../model.ts";
import { NOBODY, type OnCallDocument, WEEKDAYS } from "./on-call-document.ts";
import type { EscalationRule, OnCallPerson, OnCallSchedule, Role, Rotation, Spell } from "./schedule.ts";
import { firstInstant, lastInstant, readWallTime, WALL_DAY_MS, type WallTime } from "./wall-clock.ts";

const SHIFT_MS = { h: 3_600_000, d: WALL_DAY_MS, w: 7 * WALL_DAY_MS } as const;

/** Makes a schedule from a consistent document (`brokenOnCallRules`). */
export function toSchedule(document: OnCallDocument): OnCallSchedule {
  const login = oneSpelling(document);
  const rotations = Object.entries(document.rotations).map(([name, fields]): Rotation => {
    const zone = fields.zone ?? document.zone;
    return {
      name,
      zone,
      start: ((readWallTime(fields.start) ?? 0) + timeOfDay(fields.handoff)) as WallTime,
      shift: shiftLength(fields.shift),
      members: fields.members.map(login),
      until: fields.until === undefined ? null : toInstant(fields.until, zone, "from"),
      windows: fields.restrictions.map(({ days = WEEKDAYS, from, to }) => {
        const begins = timeOfDay(from);
        const ends = timeOfDay(to);
        return { days, from: begins, to: (ends <= begins ? ends + WALL_DAY_MS : ends) as Millis };
      }),
    };
  });
  const roles = Object.entries(document.roles).map(
    ([name, { follow, offset = 1, layers = [] }]): Role => ({
      name,
      follow: follow === undefined ? null : { role: follow, offset },
      layers: layers.map((layer) => rotations.find((rotation) => rotation.name === layer)!),
    }),
  );
  const spell = (fields: { readonly from: string; readonly to: string; readonly zone?: string | undefined }): Spell =>
    toSpell(fields, document.zone);
  const members = rotations.flatMap((rotation) => rotation.members).filter((member) => member !== NOBODY);
  return {
    zone: document.zone,
    team: [...new Set(document.team?.map(login) ?? members)],
    people: peopleOf(document, login),
    rotations,
    roles,
    overrides: document.overrides.map(({ role, user, reason = null, ...fields }, index) => ({
      role,
      user: login(user),
      for: fields.for === undefined ? null : login(fields.for),
      reason,
      index,
      ...spell(fields),
    })),
    unavailable: document.unavailable.map(({ user, reason = null, ...fields }, index) => ({
      user: login(user),
      reason,
      index,
      ...spell(fields),
    })),
    shadows: document.shadows.map(({ user, role, ...fields }, index) => ({
      user: login(user),
      role,
      index,
      ...spell(fields),
    })),
    escalation: new Map(
      Object.entries(document.escalation).map(([severity, { steps, ...rest }]): [string, EscalationRule] => [
        severity,
        { steps, repeat: ("repeat" in rest ? rest.repeat : undefined) ?? null, "ack-timeout": rest["ack-timeout"] },
      ]),
    ),
  };
}

/**
 * From the first moment that is not before `from` until the last one before `to`. A time with an offset is a moment
 * already, and in no zone.
 */
export function toSpell(
  written: { readonly from: string; readonly to: string; readonly zone?: string | undefined },
  zoneOfFile: string,
): Spell {
  const zone = written.zone ?? zoneOfFile;
  return { from: toInstant(written.from, zone, "from"), to: toInstant(written.to, zone, "to") };
}

/** A date or time as the file writes it; it has to exist in the calendar (`isMoment`). */
export function toInstant(written: string, zone: string, side: "from" | "to"): Instant {
  const wall = readWallTime(written);
  if (wall === null) return Date.parse(written) as Instant;
  return side === "from" ? firstInstant(wall, zone) : lastInstant(wall, zone);
}

/** Whether it exists in the calendar: the schema cannot tell that 30 February does not. */
export function isMoment(written: string): boolean {
  const local = written.replace(/(?:Z|[+-]\d\d:\d\d)$/, "");
  return readWallTime(local) !== null && (local === written || !Number.isNaN(Date.parse(written)));
}

function timeOfDay(written: string): Millis {
  const [hours, minutes] = written.split(":").map(Number);
  return ((hours! * 60 + minutes!) * 60_000) as Millis;
}

function shiftLength(written: string): Millis {
  return (Number(written.slice(0, -1)) * SHIFT_MS[written.at(-1) as keyof typeof SHIFT_MS]) as Millis;
}

/** Every login the document names, each as it is first spelt; entries of `people` come before all others. */
export function loginsOf(document: OnCallDocument): readonly string[] {
  const named = [
    ...Object.keys(document.people),
    ...(document.team ?? []),
    ...Object.values(document.rotations).flatMap(({ members }) => members),
    ...document.overrides.flatMap((one) => [one.user, ...(one.for === undefined ? [] : [one.for])]),
    ...[...document.unavailable, ...document.shadows].map(({ user }) => user),
  ];
  const first = new Map<string, string>();
  for (const login of named) if (!first.has(login.toLowerCase())) first.set(login.toLowerCase(), login);
  return [...first.values()].filter((login) => login !== NOBODY);
}

function oneSpelling(document: OnCallDocument): (login: string) => string {
  const spelling = new Map(loginsOf(document).map((login) => [login.toLowerCase(), login]));
  return (login) => spelling.get(login.toLowerCase()) ?? login;
}

function peopleOf(document: OnCallDocument, login: (login: string) => string): OnCallSchedule["people"] {
  const others = new Map(Object.entries(document.people).map(([name, fields]) => [login(name), fields]));
  return new Map(
    loginsOf(document).map((name): [string, OnCallPerson] => {
      const { slack = null, email = null, zone = null } = others.get(name) ?? {};
      return [name, { login: name, slack, email, zone }];
    }),
  );
}
