import { nearestName } from "../policy/nearest-name.ts";
import type { RuleProblem } from "../policy/rules.ts";
import { showChoice, showValue } from "../policy/show-value.ts";
import { MOST_ROLES, MOST_ROTATIONS, NOBODY, type OnCallDocument, WEEKDAYS } from "./on-call-document.ts";
import { isMoment, toInstant, toSpell } from "./to-schedule.ts";
import { readWallTime, WALL_DAY_MS } from "./wall-clock.ts";
import { isZone } from "./zone-offsets.ts";

/** The most entries `people` may have. */
const MOST_PEOPLE = 300;
/** How many changes all rotations together may have in a day: everybody who looks ahead pays for them. */
const MOST_CHANGES_A_DAY = 100;
/** Each severity of a policy, and `default`. */
const MOST_ESCALATIONS = 11;

/** Checks rules about several fields at once, and those JSON Schema cannot express. Empty: the schedule is consistent. */
export function brokenOnCallRules(document: OnCallDocument): readonly RuleProblem[] {
  // Times can only be compared when zones and dates are known.
  const first = [...sizeProblems(document), ...zoneProblems(document), ...calendarProblems(document)];
  if (first.length > 0) return first;
  return [
    ...personProblems(document),
    ...rotationProblems(document),
    ...roleProblems(document),
    ...spellProblems(document),
    ...escalationProblems(document),
  ];
}

function* sizeProblems(document: OnCallDocument): Iterable<RuleProblem> {
  const sizes = [
    ["rotations", MOST_ROTATIONS],
    ["roles", MOST_ROLES],
    ["people", MOST_PEOPLE],
    ["escalation", MOST_ESCALATIONS],
  ] as const;
  for (const [key, most] of sizes) {
    const size = Object.keys(document[key]).length;
    if (size > most) yield { path: [key], message: `${size} entries are too many: at most ${most}` };
  }
  const changes = Object.values(document.rotations).map(
    ({ shift, restrictions }) => (shift.endsWith("h") ? 24 / Number.parseInt(shift, 10) : 1) + 2 * restrictions.length,
  );
  const changesADay = changes.reduce((sum, one) => sum + one, 0);
  if (changesADay > MOST_CHANGES_A_DAY) {
    const message = `handoffs and windows are too many: ${changesADay} in a day, at most ${MOST_CHANGES_A_DAY} in all rotations`;
    yield { path: ["rotations"], message };
  }
}

function* zoneProblems(document: OnCallDocument): Iterable<RuleProblem> {
  const zones: readonly (readonly [RuleProblem["path"], string | undefined])[] = [
    [["zone"], document.zone],
    ...Object.entries(document.people).map(([login, { zone }]) => [["people", login, "zone"], zone] as const),
    ...Object.entries(document.rotations).map(([name, { zone }]) => [["rotations", name, "zone"], zone] as const),
    ...SPELLS.flatMap((key) => document[key].map(({ zone }, index) => [[key, index, "zone"], zone] as const)),
  ];
  for (const [path, zone] of zones) {
    if (zone === undefined || isZone(zone)) continue;
    const meant = nearestName(zone, Intl.supportedValuesOf("timeZone"));
    const remedy = meant === null ? "write an area and a place such as Europe/Berlin" : `did you mean ${meant}?`;
    yield { path, message: `${showValue(zone)} is no time zone of the IANA database: ${remedy}` };
  }
}

const SPELLS = ["overrides", "unavailable", "shadows"] as const;

function* calendarProblems(document: OnCallDocument): Iterable<RuleProblem> {
  const moments: readonly (readonly [RuleProblem["path"], string | undefined])[] = [
    ...Object.entries(document.rotations).flatMap(([name, { start, until }]) => [
      [["rotations", name, "start"], start] as const,
      [["rotations", name, "until"], until] as const,
    ]),
    ...SPELLS.flatMap((key) =>
      document[key].flatMap(({ from, to }, index) => [
        [[key, index, "from"], from] as const,
        [[key, index, "to"], to] as const,
      ]),
    ),
  ];
  for (const [path, written] of moments) {
    if (written !== undefined && !isMoment(written)) {
      yield { path, message: `the calendar has no ${showValue(written)}: check the day and the time` };
    }
  }
}

function* personProblems(document: OnCallDocument): Iterable<RuleProblem> {
  const people = Object.keys(document.people);
  for (const [index, login] of people.entries()) {
    if (people.slice(0, index).some((other) => other.toLowerCase() === login.toLowerCase())) {
      yield { path: ["people", login], message: `${login} is there twice: GitHub ignores upper and lower case` };
    }
  }
  const places: readonly (readonly [RuleProblem["path"], string])[] = [
    ...people.map((login) => [["people", login], login] as const),
    ...(document.team ?? []).map((login, index) => [["team", index], login] as const),
    ...SPELLS.flatMap((key) => document[key].map(({ user }, index) => [[key, index, "user"], user] as const)),
  ];
  for (const [path, login] of places) {
    if (login === NOBODY) yield { path, message: `${NOBODY} can only be a member of a rotation: write a login` };
  }
}

function* rotationProblems(document: OnCallDocument): Iterable<RuleProblem> {
  for (const [name, rotation] of Object.entries(document.rotations)) {
    const path = ["rotations", name];
    const day = rotation["handoff-day"];
    const startDay = WEEKDAYS[(Math.floor(readWallTime(rotation.start)! / WALL_DAY_MS) + 3) % 7]!;
    if (day !== undefined && day !== startDay) {
      yield {
        path: [...path, "handoff-day"],
        message: `${rotation.start} is a ${startDay}, not a ${day}: change the start, or this day`,
      };
    }
    const zone = rotation.zone ?? document.zone;
    const start = toInstant(`${rotation.start}T${rotation.handoff}`, zone, "from");
    if (rotation.until !== undefined && toInstant(rotation.until, zone, "from") <= start) {
      yield { path: [...path, "until"], message: "the rotation ends before its first handoff: write a later date" };
    }
  }
}

function* roleProblems(document: OnCallDocument): Iterable<RuleProblem> {
  const names = Object.keys(document.roles);
  const rotations = Object.keys(document.rotations);
  if (!names.includes("primary")) {
    yield { path: ["roles"], message: "there is no primary, who is paged first: write primary: { layers: [week] }" };
  }
  for (const [at, [name, { follow, offset, layers }]] of Object.entries(document.roles).entries()) {
    const path = ["roles", name];
    if (name === "team") yield { path, message: "team is the name of everybody together: give the role another one" };
    for (const [index, layer] of (layers ?? []).entries()) {
      if (!rotations.includes(layer)) {
        yield { path: [...path, "layers", index], message: unknownName("rotation", layer, rotations) };
      }
    }
    if (follow === undefined) {
      if ((layers ?? []).length === 0) {
        yield { path, message: "nobody can get this role: write layers: [week], or follow: primary" };
      }
      if (offset !== undefined) {
        yield { path: [...path, "offset"], message: "offset needs follow: add follow: primary, or remove it" };
      }
      continue;
    }
    const above = names.slice(0, at);
    if (!above.includes(follow)) {
      yield { path: [...path, "follow"], message: unknownName("role above this one", follow, above) };
    } else if (document.roles[follow]?.follow !== undefined) {
      yield {
        path: [...path, "follow"],
        message: `${follow} follows a role itself: follow ${document.roles[follow].follow} with a larger offset`,
      };
    }
  }
}

function* spellProblems(document: OnCallDocument): Iterable<RuleProblem> {
  const roles = Object.keys(document.roles);
  for (const key of SPELLS) {
    for (const [index, written] of document[key].entries()) {
      const { from, to } = toSpell(written, document.zone);
      if (to <= from) yield { path: [key, index, "to"], message: "this ends before it begins: write a later time" };
      if ("role" in written && !roles.includes(written.role)) {
        yield { path: [key, index, "role"], message: unknownName("role", written.role, roles) };
      }
    }
  }
}

function* escalationProblems(document: OnCallDocument): Iterable<RuleProblem> {
  const targets = [...Object.keys(document.roles), "team"];
  const severities = Object.keys(document.escalation);
  for (const [severity, { steps }] of Object.entries(document.escalation)) {
    const path = ["escalation", severity];
    const twin = severities.find((other) => other !== severity && other.toLowerCase() === severity.toLowerCase());
    if (twin !== undefined) yield { path, message: `${severity} and ${twin} differ only in case: keep one of them` };
    for (const [index, { after, notify }] of steps.entries()) {
      const before = steps[index - 1];
      if (before !== undefined && after < before.after) {
        yield { path: [...path, "steps", index, "after"], message: "steps stand in order of time: move this one up" };
      }
      for (const [at, target] of notify.entries()) {
        if (targets.includes(target)) continue;
        yield { path: [...path, "steps", index, "notify", at], message: unknownName("role", target, targets) };
      }
    }
  }
}

function unknownName(kind: string, written: string, known: readonly string[]): string {
  const meant = nearestName(written, known);
  if (meant !== null) return `there is no ${kind} ${showValue(written)}: did you mean ${meant}?`;
  return known.length === 0
    ? `there is no ${kind} ${showValue(written)}: write one`
    : `there is no ${kind} ${showValue(written)}: there is ${showChoice(known, "and")}`;
}
