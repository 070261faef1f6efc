import type { IncidentObservation } from "../core/observation.ts";
import { incidentId } from "../core/waiting.ts";
import { WANTED } from "../core/wanted.ts";
import { createEvidencePlaces } from "./evidence-places.ts";
import type { ObserveParts } from "./observe-parts.ts";
import { createOrWait } from "./or-wait.ts";
import { readEdits } from "./read-edits.ts";
import { readEvidence } from "./read-evidence.ts";
import { readExperts } from "./read-experts.ts";
import { readFixes } from "./read-fixes.ts";
import { readIncidentItems } from "./read-incident-items.ts";
import { readPeople } from "./read-people.ts";
import { readReach } from "./read-reach.ts";
import { readRegressions } from "./read-regressions.ts";
import { readRunbooks } from "./read-runbooks.ts";
import { readTickers } from "./read-tickers.ts";
import { readTimeline } from "./read-timeline.ts";
import { readWriters } from "./read-writers.ts";
import type { Reader } from "./reading.ts";

const READERS: readonly Reader[] = [
  readTimeline,
  readEdits,
  readPeople,
  readReach,
  readEvidence,
  readRegressions,
  readRunbooks,
  readFixes,
  readExperts,
  readWriters,
  readIncidentItems,
  readTickers,
];

/**
 * Reads what else the pass needs, according to core/wanted.ts. `null`: it is not an incident.
 *
 * @param bare what every pass reads
 */
export async function readWanted(parts: ObserveParts, bare: IncidentObservation): Promise<IncidentObservation | null> {
  const { repository, issue, at } = bare;
  const waits = new Map(parts.unanswered.of(incidentId(repository, issue.number)));
  const orWait = createOrWait(parts, incidentId(repository, issue.number), at, waits);
  const reading = { ...parts, places: createEvidencePlaces(parts, bare), orWait };
  let seen: IncidentObservation = { ...bare, waits: new Map(waits) };
  for (const wantedNow of WANTED) {
    const wanted = wantedNow(seen);
    if (wanted === null) return null;
    const before = seen;
    const facts = await Promise.all(READERS.map((read) => read(reading, before, wanted)));
    for (const some of facts) seen = { ...seen, ...some };
    seen = { ...seen, waits: new Map(waits) };
  }
  return { ...seen, ...untoldSince(parts, seen) };
}

/** Since when GitHub, asked again and again, has not told some of the rights; `null`: it has told all of them. */
function untoldSince(
  { unanswered }: ObserveParts,
  { repository, issue, at, permissions }: IncidentObservation,
): Pick<IncidentObservation, "unansweredSince"> {
  const id = incidentId(repository, issue.number);
  if ([...permissions.values()].includes("cannot-tell")) return { unansweredSince: unanswered.keep(id, "rights", at) };
  unanswered.answered(id, "rights");
  return { unansweredSince: null };
}
