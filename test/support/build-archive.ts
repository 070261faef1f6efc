import type { Archive, PastIncident } from "../../src/core/archive/past-incident.ts";
import type { Instant, IssueFacts } from "../../src/core/model.ts";
import type { Entry } from "../../src/core/record/entry.ts";
import { fold } from "../../src/core/record/history.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/core/time-units.ts";
import { seededRandom } from "../../testkit/seeded-random.ts";
import { buildIssue, NINE } from "./build-observation.ts";

const SOURCE = { comment: 1, line: 0 };

/** An incident with these entries after its declaration. */
export function buildPast(
  number: number,
  { at = NINE, severity = "P0", issue = {} }: { at?: Instant; severity?: string; issue?: Partial<IssueFacts> },
  ...entries: readonly Entry[]
): PastIncident {
  const all: Entry[] = [{ kind: "declared", at, by: "bob", severity }, ...entries];
  return {
    issue: buildIssue({ number, ...issue }),
    record: { version: 1, revision: 1, templateApplied: true, ticks: [], judgedUpTo: 0, entries: all },
    history: fold(all),
  };
}

/** Entries of one line, for tables of tests. `at` is ms after nine. */
export const past = {
  acknowledged: (at: number, by = "alice"): Entry => ({ kind: "acknowledged", at: after(at), by, source: SOURCE }),
  mitigated: (at: number): Entry => ({ kind: "mitigated", at: after(at), by: "alice", text: "", source: SOURCE }),
  resolved: (at: number): Entry => ({ kind: "resolved", at: after(at), by: "alice", text: "", source: SOURCE }),
  cancelled: (at: number): Entry => ({ kind: "cancelled", at: after(at), by: "alice", reason: "", source: SOURCE }),
  drill: (at: number): Entry => ({ kind: "drill", at: after(at), by: "alice", on: true, source: null }),
  waived: (at: number): Entry => ({ kind: "waived", at: after(at), by: "alice", reason: "no time", source: SOURCE }),
  reopened: (at: number): Entry => ({ kind: "reopened", at: after(at), by: null, why: "gate", closedAt: after(at) }),
  resumed: (at: number): Entry => ({ kind: "resumed", at: after(at), by: "alice" }),
  timed: (time: Extract<Entry, { kind: "time-corrected" }>["time"], to: number): Entry => ({
    kind: "time-corrected",
    at: after(to),
    by: "alice",
    time,
    to: after(to),
    was: null,
    reason: "",
    source: SOURCE,
  }),
  closed: (at: number, how: Extract<Entry, { kind: "closed" }>["how"] = "resolved", evidence = [3]): Entry => ({
    kind: "closed",
    at: after(at),
    by: "alice",
    how,
    closedAt: after(at),
    evidence: evidence.map((number) => ({ repository: null, number })),
  }),
  paged: (at: number, ...logins: readonly string[]): Entry => ({
    kind: "paged",
    at: after(at),
    by: null,
    episode: NINE,
    step: 0,
    round: 0,
    targets: logins.map((login) => ({ login, role: "primary" })),
    nobody: [],
    unreachable: [],
    text: "",
    source: null,
  }),
};

function after(ms: number): Instant {
  return (NINE + ms) as Instant;
}

/** An archive of these and nothing else. */
export function buildArchive(...incidents: readonly PastIncident[]): Archive {
  return { incidents, unreadable: [], unread: 0 };
}

/** Incidents as a year has them, from `NINE` on; the same for the same seed. Some are open, waived, reopened, drills. */
export function yearOfIncidents(
  count: number,
  seed: number,
  titles: readonly string[] = ["Checkout is down"],
): Archive {
  const random = seededRandom(seed);
  const duration = (half: number) => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return half * Math.exp(1.3 * normal);
  };
  const incidents = Array.from({ length: count }, (_, index) => {
    const at = Math.floor((index + random()) * ((365 * DAY_MS) / count));
    const acknowledged = at + duration(8 * MINUTE_MS);
    const mitigated = acknowledged + duration(HOUR_MS);
    const resolved = mitigated + duration(3 * HOUR_MS);
    const closed = resolved + duration(3 * DAY_MS);
    const kind = random();
    const entries: Entry[] = [past.paged(Math.floor(at), random() < 0.7 ? "alice" : "bob")];
    if (kind < 0.03) entries.push(past.drill(at));
    if (kind < 0.97) entries.push(past.acknowledged(Math.floor(acknowledged)));
    if (kind < 0.94) entries.push(past.mitigated(Math.floor(mitigated)), past.resolved(Math.floor(resolved)));
    if (kind > 0.8 && kind < 0.85) entries.push(past.reopened(Math.floor(resolved)));
    if (kind > 0.85 && kind < 0.9)
      entries.push(past.waived(Math.floor(resolved)), past.closed(Math.floor(resolved), "waived", []));
    if (kind < 0.85) entries.push(past.closed(Math.floor(closed)));
    return buildPast(
      index + 1,
      {
        at: after(at),
        severity: ["P0", "P1", "P2"][Math.floor(random() * 3)]!,
        issue: { title: titles[index % titles.length]! },
      },
      ...entries,
    );
  });
  return buildArchive(...incidents);
}
