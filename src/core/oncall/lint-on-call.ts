import type { Instant, Millis } from "../model.ts";
import { sameName } from "../names.ts";
import { nearestName } from "../policy/nearest-name.ts";
import { showChoice, showValue } from "../policy/show-value.ts";
import { inWords } from "../words/time.ts";
import { NOBODY } from "./on-call-document.ts";
import type { ParsedOnCall } from "./parse-on-call.ts";
import type { OnCallSchedule, Spell } from "./schedule.ts";
import { type Shift, type Stretch, shiftsIn, stretches } from "./shifts.ts";
import { showMoment } from "./show-moment.ts";
import { offsetOf, readWallTime, startOfDay, timesShown, WALL_DAY_MS } from "./wall-clock.ts";
import { nextTransition } from "./zone-offsets.ts";

type ValidOnCall = Extract<ParsedOnCall, { readonly kind: "valid" }>;
type Path = readonly (string | number)[];

/** Something odd in a readable schedule, and where it is. */
export interface OnCallFinding {
  /** `error`: nobody would be called, or not at the intended time. `notice`: good to know. */
  readonly level: "error" | "warning" | "notice";
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** As the user writes it, such as `overrides[0].from`. */
  readonly path: string;
  /** One line of plain text. */
  readonly message: string;
}

type Finding = Pick<OnCallFinding, "level" | "message"> & { readonly path: Path };

/** How far ahead gaps are looked for. */
export const LINT_AHEAD_MS = (30 * WALL_DAY_MS) as Millis;
/** How far ahead people's shares are compared. */
const BALANCE_AHEAD_MS = 84 * WALL_DAY_MS;
/** Around a clock change: a day before, and each weekday after it. */
const BEFORE_CHANGE_MS = WALL_DAY_MS;
const AFTER_CHANGE_MS = 8 * WALL_DAY_MS;
const CHANGES_LOOKED_AT = 2;
/** For all zones together; zones that change at the same time count once. */
const MOST_CHANGES_LOOKED_AT = 12;
/** More than this much of an equal share is reported. */
const UNEVEN_SHARE = 1.5;

/**
 * Looks for what is wrong in a readable schedule: gaps, people who cannot be where they are put, times that do not
 * exist. In the order of the text.
 *
 * @param at         when it is looked at: gaps are looked for from then on
 * @param severities names of the policy, if known: the escalation is compared with them
 */
export function lintOnCall(
  { schedule, document, positions }: ValidOnCall,
  at: Instant,
  severities: readonly string[] | null = null,
): readonly OnCallFinding[] {
  // From the start of the day, without what has ended: another look on the same day says the same.
  const day = startOfDay(at);
  const balance = stretches(schedule, day, (day + BALANCE_AHEAD_MS) as Instant);
  const ahead = until((day + LINT_AHEAD_MS) as Instant, balance).filter(({ to }) => to > at);
  const findings: readonly Finding[] = [
    ...holes(schedule, day, ahead),
    ...doubtfulTimes(schedule, document, at),
    ...overrideFindings(schedule, at),
    ...doubleDuties(schedule, ahead),
    ...strangers(document),
    ...unevenShares(schedule, balance),
    ...fewPeople(schedule),
    ...unusedRotations(document),
    ...severityFindings(document, severities),
  ];
  return findings
    .map(({ path, ...finding }) => ({ ...finding, ...positions.of(path, "key"), path: showPath(path) }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

function* holes(schedule: OnCallSchedule, at: Instant, ahead: readonly Stretch[]): Iterable<Finding> {
  const later = changesAhead(schedule, at).map((change) => ({
    change,
    stretches: stretches(schedule, change.from, change.to),
  }));
  for (const { name } of schedule.roles) {
    const level = name === "primary" ? "error" : "warning";
    const path = ["roles", name];
    const soon = gapsIn(ahead, name);
    if (soon.length > 0) {
      yield { level, path, message: `nobody is ${name} ${spells(soon, schedule.zone)}: fill it with another layer` };
      // What is always missing is missing after the clocks change as well.
      continue;
    }
    for (const { change, stretches: around } of later) {
      const gaps = gapsIn(around, name);
      if (gaps.length === 0) continue;
      const when = `when clocks change in ${change.zone}, ${showMoment(change.at, change.zone).slice(4, 14)}`;
      yield { level, path, message: `${when}, nobody is ${name} ${spells(gaps, schedule.zone)}: widen a window` };
      break;
    }
  }
}

function gapsIn(all: readonly Stretch[], role: string): readonly Shift[] {
  return shiftsIn(all, role).filter(({ login }) => login === null);
}

interface ClockChange extends Spell {
  readonly zone: string;
  readonly at: Instant;
}

/** The next clock changes in every zone in which turns are taken, with the days to look at; no day is in two of them. */
function changesAhead(schedule: OnCallSchedule, at: Instant): readonly ClockChange[] {
  const zones = new Set(schedule.roles.flatMap((role) => role.layers.map(({ zone }) => zone)));
  const changes = [...zones].flatMap((zone) => {
    const found: { zone: string; at: Instant }[] = [];
    let next = nextTransition(at, zone);
    while (next !== null && found.length < CHANGES_LOOKED_AT) {
      found.push({ zone, at: next });
      next = nextTransition(next, zone);
    }
    // A zone that changes its rules once in a decade is looked at when it comes nearer.
    return found.filter((change) => change.at - at < 400 * WALL_DAY_MS);
  });
  let seen = (at + LINT_AHEAD_MS) as Instant;
  return changes
    .sort((a, b) => a.at - b.at)
    .flatMap((change) => {
      const from = Math.max(change.at - BEFORE_CHANGE_MS, seen) as Instant;
      const to = (change.at + AFTER_CHANGE_MS) as Instant;
      if (to <= from) return [];
      seen = to;
      return [{ ...change, from, to }];
    })
    .slice(0, MOST_CHANGES_LOOKED_AT);
}

/** `for 1 hour from Mon 2026-07-13 23:00 (Etc/UTC)`, and how often. */
function spells(gaps: readonly Spell[], zone: string): string {
  const [first] = gaps;
  const length = inWords((first!.to - first!.from) as Millis);
  const times = gaps.length === 1 ? "" : `, and ${gaps.length - 1} more times`;
  return `for ${length} from ${showMoment(first!.from, zone)} (${zone})${times}`;
}

function* doubtfulTimes(schedule: OnCallSchedule, document: ValidOnCall["document"], at: Instant): Iterable<Finding> {
  const written: readonly (readonly [Path, string, string])[] = [
    ...(["overrides", "unavailable", "shadows"] as const).flatMap((key) =>
      document[key].flatMap(({ from, to, zone = document.zone }, index) =>
        schedule[key][index]!.to <= at
          ? []
          : [[[key, index, "from"], from, zone] as const, [[key, index, "to"], to, zone] as const],
      ),
    ),
    ...Object.entries(document.rotations).flatMap(([name, { until, zone = document.zone }]) =>
      until === undefined ? [] : [[["rotations", name, "until"], until, zone] as const],
    ),
  ];
  for (const [path, text, zone] of written) {
    const wall = readWallTime(text);
    // With an offset it is one moment; a date alone means the day, whenever it begins.
    if (wall === null || !text.includes("T")) continue;
    const shown = timesShown(wall, zone);
    if (shown === 1) continue;
    const why = shown === 0 ? `clocks in ${zone} never show ${text}` : `clocks in ${zone} show ${text} twice`;
    yield {
      level: "error",
      path,
      message: `${why}: add the offset that is meant, such as ${text}${offsetOf(wall, zone)}`,
    };
  }
}

function* overrideFindings(schedule: OnCallSchedule, at: Instant): Iterable<Finding> {
  for (const override of schedule.overrides) {
    const path = ["overrides", override.index];
    if (override.to <= at) {
      yield {
        level: "notice",
        path,
        message: `this override ended ${showMoment(override.to, schedule.zone)}: it can go`,
      };
      continue;
    }
    const away = schedule.unavailable.find((one) => one.user === override.user && overlap(one, override));
    if (away !== undefined) {
      const message = `${override.user} is unavailable then (unavailable[${away.index}]), and is paged all the same`;
      yield { level: "warning", path: [...path, "user"], message };
    }
    const later = schedule.overrides.find(
      (other) =>
        other.index > override.index &&
        other.role === override.role &&
        overlap(other, override) &&
        (other.for === null || override.for === null || other.for === override.for),
    );
    if (later !== undefined) {
      const message = `overrides[${later.index}] covers a part of this one: the later entry wins`;
      yield { level: "warning", path, message };
    }
  }
  for (const absence of schedule.unavailable) {
    if (absence.to > at) continue;
    const message = `this absence ended ${showMoment(absence.to, schedule.zone)}: it can go`;
    yield { level: "notice", path: ["unavailable", absence.index], message };
  }
}

/** An override may give somebody a second role: then one person would be called twice, and there is nobody to be second. */
function* doubleDuties(schedule: OnCallSchedule, ahead: readonly Stretch[]): Iterable<Finding> {
  for (const { from, roles } of ahead) {
    for (const [index, { login, via }] of roles.entries()) {
      const other = roles.slice(0, index).find((one) => login !== null && one.login === login);
      if (other === undefined || via.kind !== "override") continue;
      const message = `${login} is ${other.role} as well from ${showMoment(from, schedule.zone)} (${schedule.zone})`;
      yield { level: "warning", path: ["overrides", via.override.index], message };
      return;
    }
  }
}

/** People who are named once and nowhere else are often misspelt. */
function* strangers(document: ValidOnCall["document"]): Iterable<Finding> {
  const known = new Map(
    [
      ...Object.keys(document.people),
      ...(document.team ?? []),
      ...Object.values(document.rotations).flatMap(({ members }) => members),
    ].map((login) => [login.toLowerCase(), login]),
  );
  const named: readonly (readonly [Path, string])[] = [
    ...document.overrides.flatMap((one, index) => [
      [["overrides", index, "user"], one.user] as const,
      ...(one.for === undefined ? [] : [[["overrides", index, "for"], one.for] as const]),
    ]),
    ...document.unavailable.map(({ user }, index) => [["unavailable", index, "user"], user] as const),
    ...document.shadows.map(({ user }, index) => [["shadows", index, "user"], user] as const),
  ];
  for (const [path, login] of named) {
    if (known.has(login.toLowerCase())) continue;
    const meant = nearestName(login, [...known.values()]);
    const remedy = meant === null ? "check the spelling, or add it to people" : `did you mean ${meant}?`;
    yield { level: "warning", path, message: `${login} is in no rotation, not in team and not in people: ${remedy}` };
  }
}

/** One person's share of primary compared with an equal one, twelve weeks ahead. */
function* unevenShares(schedule: OnCallSchedule, ahead: readonly Stretch[]): Iterable<Finding> {
  const shares = loadOf(ahead, "primary");
  const members = new Set(
    schedule.roles
      .flatMap(({ name, layers }) => (name === "primary" ? layers : []))
      .flatMap((rotation) => rotation.members)
      .filter((member) => member !== NOBODY),
  );
  const total = [...shares.values()].reduce((sum, share) => sum + share, 0);
  if (members.size < 2 || total === 0) return;
  const equal = total / members.size;
  const [most] = [...shares].toSorted((a, b) => b[1] - a[1]);
  if (most === undefined || most[1] <= UNEVEN_SHARE * equal) return;
  const percent = Math.round((100 * most[1]) / total);
  const message = `${most[0]} has ${percent} % of primary in the next 12 weeks; an equal share is ${Math.round(100 / members.size)} %`;
  yield { level: "notice", path: ["roles", "primary"], message };
}

/** How long each person has a role, ms. */
function loadOf(all: readonly Stretch[], role: string): ReadonlyMap<string, Millis> {
  const load = new Map<string, Millis>();
  for (const shift of shiftsIn(all, role)) {
    if (shift.login === null) continue;
    load.set(shift.login, ((load.get(shift.login) ?? 0) + shift.to - shift.from) as Millis);
  }
  return load;
}

/** The parts of stretches that lie before a moment. */
function until(end: Instant, all: readonly Stretch[]): readonly Stretch[] {
  return all.filter(({ from }) => from < end).map((one) => (one.to <= end ? one : { ...one, to: end }));
}

function* fewPeople(schedule: OnCallSchedule): Iterable<Finding> {
  const members = new Set(
    schedule.roles
      .flatMap(({ layers }) => layers)
      .flatMap((rotation) => rotation.members)
      .filter((member) => member !== NOBODY),
  );
  if (members.size > 1) return;
  const message = `${[...members][0] ?? NOBODY} is alone on call: one person cannot hand over. Add a member`;
  yield { level: "warning", path: ["rotations"], message };
}

function* unusedRotations(document: ValidOnCall["document"]): Iterable<Finding> {
  const used = new Set(Object.values(document.roles).flatMap(({ layers = [] }) => layers));
  for (const name of Object.keys(document.rotations)) {
    if (used.has(name)) continue;
    yield { level: "notice", path: ["rotations", name], message: "no role takes people from this rotation" };
  }
}

/** Steps are found by the name of the severity: those under a name the policy does not have call nobody. */
function* severityFindings(document: ValidOnCall["document"], severities: readonly string[] | null): Iterable<Finding> {
  const written = Object.keys(document.escalation);
  if (severities === null || written.length === 0) return;
  for (const name of written) {
    if (name === "default" || severities.some((one) => sameName(one, name))) continue;
    const message = `the policy has no severity ${showValue(name)}: it has ${showChoice(severities, "and")}. Rename or remove it`;
    yield { level: "warning", path: ["escalation", name], message };
  }
  const left = severities.filter((one) => !written.some((name) => sameName(one, name)));
  if (left.length === 0 || written.includes("default")) return;
  const message =
    `${showChoice(left, "and")} ${left.length === 1 ? "has" : "have"} no escalation here, and there is no default: primary is ` +
    "paged at once, secondary after 15 minutes, team after 30. Add a default to have it otherwise";
  yield { level: "notice", path: ["escalation"], message };
}

function overlap(one: Spell, other: Spell): boolean {
  return one.from < other.to && other.from < one.to;
}

function showPath(path: Path): string {
  return path.map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`)).join("");
}
