import { createHash } from "node:crypto";
import type { Instant } from "../model.ts";
import { HOUR_MS } from "../time-units.ts";
import type { AlertActor, AlertLink, AlertSource } from "./alert-change.ts";

/** More starts than this within an hour are flapping. */
const FLAPPING_STARTS = 3;
/** A recovery counts once it has lasted this long; an alert that fires again at once had not recovered. */
const HOLD_DOWN_MS = 120_000;
/** A flapping alert has recovered when it has been quiet this long. */
const FLAPPING_HOLD_MS = 1_800_000;

/** Where one alert stands, as its source last said. It changes with deliveries, never with time. */
export interface AlertState {
  readonly source: AlertSource;
  readonly endpoint: string;
  readonly key: string;
  readonly externalId: string | null;
  /** As in `AlertChange`, for the incident with that id. Left out in rows written before it was kept. */
  readonly origin?: string | null;
  readonly status: "firing" | "acknowledged" | "resolved";
  /** When the present firing, or the last one, began; `null`: only the end of one was reported. */
  readonly firedAt: Instant | null;
  /** The latest start reported within it: a group goes on firing when another alert joins. */
  readonly lastStartAt: Instant | null;
  /** Of the present firing. */
  readonly acknowledgedAt: Instant | null;
  readonly acknowledgedBy: AlertActor | null;
  /** When it was last resolved. Kept while it fires again. */
  readonly resolvedAt: Instant | null;
  readonly resolvedBy: AlertActor | null;
  /** How often it began to fire. */
  readonly times: number;
  /** The latest starts, oldest first; at most 10. */
  readonly starts: readonly Instant[];
  readonly title: string;
  readonly summary: string;
  readonly severity: string | null;
  readonly url: string | null;
  readonly labels: Readonly<Record<string, string>>;
  // Left out in rows written before they were kept.
  readonly links?: readonly AlertLink[];
  readonly notes?: Readonly<Record<string, string>>;
  /** The members of a group; those that are firing come first. */
  readonly members?: readonly Member[];
  /** Titles it had before, the latest last; at most 5. */
  readonly titles?: readonly string[];
  /** How many members the source left out of its last delivery. */
  readonly truncated?: number;
  /** The last time something joined that people have not seen, within the present firing. */
  readonly newsAt?: Instant | null;
  readonly joined?: JoinedMembers | null;
}

/** One member of a group. */
export interface Member {
  /** Its fingerprint. */
  readonly id: string;
  /** The group it was last reported in. */
  readonly group: string;
  readonly name: string;
  readonly severity: string | null;
  readonly startedAt: Instant;
  /** `null`: it is firing. */
  readonly endedAt: Instant | null;
  /** When a delivery last mentioned it. */
  readonly heardAt: Instant;
}

/** Members that joined while the alert was already firing. */
export interface JoinedMembers {
  readonly at: Instant;
  readonly count: number;
  /** The first 5. */
  readonly names: readonly string[];
}

/** The members that are firing; none for an alert that is not a group. */
export function burningMembers(state: Pick<AlertState, "members">): readonly Member[] {
  return (state.members ?? []).filter(({ endedAt }) => endedAt === null);
}

/** When it last had news for people: that it is firing, or that more has joined. */
export function newsOf(state: Pick<AlertState, "firedAt" | "newsAt">): Instant {
  return Math.max(state.firedAt ?? 0, state.newsAt ?? 0) as Instant;
}

/** The identity of an alert in its repository: one endpoint cannot name another's alert. 32 hexadecimal digits. */
export function alertId(source: AlertSource, endpoint: string, key: string): string {
  return createHash("sha256")
    .update(JSON.stringify([source, endpoint, key]))
    .digest("hex")
    .slice(0, 32);
}

/** When the recovery of a resolved alert counts: later when it flaps. `null`: it is not resolved. */
export function recoveredAt(state: AlertState): Instant | null {
  if (state.status !== "resolved" || state.resolvedAt === null) return null;
  const end = state.resolvedAt;
  const recent = state.starts.filter((start) => end - start < HOUR_MS);
  return (end + (recent.length > FLAPPING_STARTS ? FLAPPING_HOLD_MS : HOLD_DOWN_MS)) as Instant;
}
