import type { Instant, Millis } from "../model.ts";
import { sameLogin } from "../names.ts";
import type { Weekday } from "./on-call-document.ts";
import type { WallTime } from "./wall-clock.ts";

/** From `from`, until just before `to`. */
export interface Spell {
  readonly from: Instant;
  readonly to: Instant;
}

/** Hours of the day in which a rotation is on call. */
export interface DutyWindow {
  /** The days on which the window begins; never empty. */
  readonly days: readonly Weekday[];
  /** Since midnight, wall time. */
  readonly from: Millis;
  /** Since the midnight of the day on which the window begins: more than 24 hours when it ends on the next day. */
  readonly to: Millis;
}

/** People taking turns. */
export interface Rotation {
  readonly name: string;
  readonly zone: string;
  /** The first handoff. */
  readonly start: WallTime;
  /** Length of a turn in wall time: a day has 24 hours, whatever the clocks do. */
  readonly shift: Millis;
  /** Logins, or `nobody`, in their order; never empty. */
  readonly members: readonly string[];
  /** Nobody from then on; `null`: it has no end. */
  readonly until: Instant | null;
  /** Empty: always. */
  readonly windows: readonly DutyWindow[];
}

/** What somebody is on call as. */
export interface Role {
  readonly name: string;
  /** A role before this one, and by how many turns to come after its person; `null`: only the layers count. */
  readonly follow: { readonly role: string; readonly offset: number } | null;
  /** Best first; they come after `follow`, if there is one. */
  readonly layers: readonly Rotation[];
}

/** Somebody takes over a role. */
export interface Override extends Spell {
  readonly role: string;
  readonly user: string;
  /** Only while this person would have the role; `null`: whoever would have it. */
  readonly for: string | null;
  readonly reason: string | null;
  /** Its index in the list in the file. */
  readonly index: number;
}

/** Somebody is away. */
export interface Absence extends Spell {
  readonly user: string;
  readonly reason: string | null;
  readonly index: number;
}

/** Somebody shadows a role. */
export interface Shadow extends Spell {
  readonly user: string;
  readonly role: string;
  readonly index: number;
}

/** Whom a step calls: the name of a role, or `team`. */
export type EscalationTarget = string;

/** Who is called when nobody acknowledges an incident. */
export interface EscalationRule {
  /** In the order of `after`; never empty. */
  readonly steps: readonly {
    /** Time since the declaration (or a raised severity, a reopening, an `ack-timeout`). */
    readonly after: Millis;
    /** Never empty. */
    readonly notify: readonly EscalationTarget[];
  }[];
  /** `every`: from the last step of a round to the first of the next. `times`: how many more rounds. `null`: none. */
  readonly repeat: { readonly every: Millis; readonly times: number } | null;
  /** How long an acknowledged incident may be silent before the escalation starts again; `null`: for ever. */
  readonly "ack-timeout": Millis | null;
}

/** Who somebody is in other systems. */
export interface OnCallPerson {
  readonly login: string;
  /** A Slack member id. */
  readonly slack: string | null;
  readonly email: string | null;
  /** Where they live. */
  readonly zone: string | null;
}

/**
 * Who is on call: `.github/sevgate/on-call.yml`, ready to be asked.
 *
 * Logins are spelt the same way throughout, whatever the file does; compare them with `sameLogin`.
 */
export interface OnCallSchedule {
  /** The zone of times without one of their own. */
  readonly zone: string;
  /** Who is called as `team`, in the order of the file. */
  readonly team: readonly string[];
  /** By login. Everybody the file names is in it. */
  readonly people: ReadonlyMap<string, OnCallPerson>;
  readonly rotations: readonly Rotation[];
  /** In the order in which they are filled; one of them is `primary`. */
  readonly roles: readonly Role[];
  readonly overrides: readonly Override[];
  readonly unavailable: readonly Absence[];
  readonly shadows: readonly Shadow[];
  /** By severity, as the file writes it, and `default`. Ask `escalationFor`. */
  readonly escalation: ReadonlyMap<string, EscalationRule>;
}

/** Whether the on-call file names somebody. It is on the default branch: whomever it names, the team has named. */
export function isNamed({ people }: OnCallSchedule, login: string): boolean {
  return [...people.keys()].some((one) => sameLogin(one, login));
}
