import { severitiesOn } from "../core/judge/begin-record.ts";
import type { IssueFacts, Key } from "../core/model.ts";
import { type IncidentObservation, NOTHING_LOOKED_UP } from "../core/observation.ts";
import { phaseOfLabel } from "../core/record/state-label.ts";
import { type Elsewhere, movedOrRenamed } from "./elsewhere.ts";
import type { ObserveParts } from "./observe-parts.ts";
import type { Rules } from "./policy-source.ts";
import { readComments, readStatus } from "./read-record.ts";
import { readStored } from "./read-stored.ts";
import { readWanted } from "./read-wanted.ts";

/**
 * Reads everything a pass over one incident needs, and no more: an untouched incident costs its issue, its comments and
 * what is linked as evidence.
 */
export async function observeIncident(
  parts: ObserveParts,
  key: Extract<Key, { kind: "incident" }>,
): Promise<IncidentObservation | Elsewhere> {
  const { read, index } = parts;
  const { repository, number } = key;
  const at = parts.clock.now();
  const [rules, known, issue] = await Promise.all([
    parts.policies.rules(repository),
    index.incident(repository.id, number),
    read.issue(repository, number),
  ]);
  if (issue === "missing") return { kind: "gone" };
  if ("movedTo" in issue) return movedOrRenamed(parts, key, issue.movedTo);
  if (known === null && !isLabelled(issue, rules)) return NOT_AN_INCIDENT;

  const [comments, stored] = await Promise.all([
    readComments(parts, repository, issue, at),
    readStored(parts, repository, number, known, rules),
  ]);
  const status = await readStatus(parts, repository, issue, comments, known);
  const bare: IncidentObservation = {
    at,
    repository,
    issue,
    comments,
    ...status,
    ...stored,
    ...rules,
    ...NOTHING_LOOKED_UP,
    can: parts.features.of(repository.installationId),
    done: new Set(),
  };
  return (await readWanted(parts, bare)) ?? NOT_AN_INCIDENT;
}

const NOT_AN_INCIDENT: Elsewhere = { kind: "not-an-incident" };

/** Whether a label says that it is an incident, or was one. */
function isLabelled({ labels }: IssueFacts, { policy }: Rules): boolean {
  return (
    severitiesOn({ labels }, policy.policy.severities).length > 0 ||
    labels.some((label) => phaseOfLabel(label) !== null)
  );
}
