import { seededRandom } from "../../testkit/seeded-random.ts";
import { drawByShare, powerLawShares, repositoriesAt } from "./power-law.ts";

/** What is the matter while it lasts. */
export type MomentName = "calm" | "storm" | "wild" | "silent" | "rest" | "outage" | "after";

export interface Moment {
  readonly name: MomentName;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What somebody does on GitHub, or an alert source sends. Installations by their rank, from 0. */
export type Act =
  /** Somebody opens an incident; `life` names it for what follows. */
  | {
      readonly kind: "incident";
      readonly atMs: number;
      readonly installation: number;
      readonly repository: number;
      readonly life: number;
      readonly severity: number;
      /** Asked for only to measure, by an installation that has nothing else going on. */
      readonly isProbe: boolean;
    }
  | { readonly kind: "acknowledge" | "note" | "chatter"; readonly atMs: number; readonly life: number }
  | {
      readonly kind: "pull-request";
      readonly atMs: number;
      readonly installation: number;
      readonly repository: number;
    }
  | { readonly kind: "alert"; readonly atMs: number; readonly number: number };

export interface HourOptions {
  readonly installations: number;
  /** How long the hour lasts here. */
  readonly hourMs: number;
  readonly seed: number;
}

/** Everything that happens in the scaled hour, in the order of time. */
export interface Hour {
  readonly moments: readonly Moment[];
  readonly acts: readonly Act[];
}

const HOUR_MS = 3_600_000;
/** How the hour is divided. The outage is short of the others because nobody is served while it lasts. */
const PARTS: readonly (readonly [MomentName, number])[] = [
  ["calm", 5],
  ["storm", 5],
  ["wild", 5],
  ["silent", 5],
  // So that what was asked for before the outage is served before it.
  ["rest", 2],
  ["outage", 3],
  ["after", 5],
];
/** An hour at the busy time of day: an incident for each installation every three days, and a few pull requests. */
const INCIDENTS_A_INSTALLATION = 0.015;
const PULL_REQUESTS_A_INSTALLATION = 0.02;
/** One in six P0, two P1, three P2. */
const SEVERITY_SHARES = [1 / 6, 2 / 6, 3 / 6];
const ACTIVITY_EXPONENT = 1;

/** The installations that have a bad day, by rank: none of them is ever a quiet one. */
export const WILD = 0;
export const STORMY = 1;
export const SILENT = 2;
/** In real seconds, whatever the factor. */
const ALERTS_A_SECOND = 100;
const WILD_A_SECOND = 20;
const OF_SILENT_A_SECOND = 5;
const PROBES_A_SECOND = 1;
/** Probes come from installations beyond this share of the ranks. */
const QUIET_FROM = 0.1;

/** How many times faster than in life things happen. */
export function factorOf({ hourMs }: Pick<HourOptions, "hourMs">): number {
  return HOUR_MS / hourMs;
}

export function momentsOf(hourMs: number): readonly Moment[] {
  const whole = PARTS.reduce((sum, [, part]) => sum + part, 0);
  let soFar = 0;
  return PARTS.map(([name, part]) => {
    const fromMs = (soFar / whole) * hourMs;
    soFar += part;
    return { name, fromMs, toMs: (soFar / whole) * hourMs };
  });
}

/** The same for the same options. */
export function planHour(options: HourOptions): Hour {
  const { installations, hourMs, seed } = options;
  const random = seededRandom(seed);
  const moments = momentsOf(hourMs);
  const draw = drawByShare(powerLawShares(installations, ACTIVITY_EXPONENT));
  const drawSeverity = drawByShare(SEVERITY_SHARES);
  const acts: Act[] = [];
  let lives = 0;

  function open(atMs: number, installation: number, severity: number, isProbe: boolean): number {
    const life = lives;
    lives += 1;
    const repository = Math.floor(random() * repositoriesAt(installation));
    acts.push({ kind: "incident", atMs, installation, repository, life, severity, isProbe });
    return life;
  }
  function follow(kind: "acknowledge" | "note" | "chatter", life: number, atMs: number): void {
    if (atMs < hourMs) acts.push({ kind, atMs, life });
  }
  /** Moments from the beginning of what is called so to its end, so many a second. */
  function evenly(name: MomentName, aSecond: number, act: (atMs: number, at: number) => void): void {
    const { fromMs, toMs } = moments.find((one) => one.name === name)!;
    for (let at = 0; at < ((toMs - fromMs) / 1_000) * aSecond; at += 1) act(fromMs + (at / aSecond) * 1_000, at);
  }

  for (let at = 0; at < installations * INCIDENTS_A_INSTALLATION; at += 1) {
    const openedAt = random() * hourMs;
    const life = open(openedAt, draw(random()), drawSeverity(random()), false);
    // Minutes of the hour, not of the clock.
    const minute = hourMs / 60;
    follow("acknowledge", life, openedAt + (1 + random() * 10) * minute);
    follow("chatter", life, openedAt + (2 + random() * 15) * minute);
    follow("note", life, openedAt + (5 + random() * 20) * minute);
    follow("chatter", life, openedAt + (5 + random() * 30) * minute);
  }
  for (let at = 0; at < installations * PULL_REQUESTS_A_INSTALLATION; at += 1) {
    const installation = draw(random());
    const repository = Math.floor(random() * repositoriesAt(installation));
    acts.push({ kind: "pull-request", atMs: random() * hourMs, installation, repository });
  }
  const quietFrom = Math.floor(installations * QUIET_FROM);
  for (let at = 0; at < (hourMs / 1_000) * PROBES_A_SECOND; at += 1) {
    const quiet = quietFrom + Math.floor(random() * (installations - quietFrom));
    open((at / PROBES_A_SECOND) * 1_000, quiet, 0, true);
  }
  evenly("storm", ALERTS_A_SECOND, (atMs, number) => void acts.push({ kind: "alert", atMs, number }));
  evenly("wild", WILD_A_SECOND, (atMs) => follow("chatter", open(atMs, WILD, 0, false), atMs + 2_000));
  evenly("silent", OF_SILENT_A_SECOND, (atMs) => void open(atMs, SILENT, drawSeverity(random()), false));
  return { moments, acts: acts.toSorted((a, b) => a.atMs - b.atMs) };
}
