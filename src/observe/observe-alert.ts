import type { IssueFacts, Key, Repository } from "../core/model.ts";
import { hasLabel } from "../core/names.ts";
import { isOwnAccount } from "../core/own.ts";
import { type AlertObservation, isNewFiring, needsIssue, type StormObservation } from "../core/plan/plan-alert.ts";
import { historyOfCopy } from "../core/record/history-of-copy.ts";
import { alertMarker, stormSeverity } from "../core/render/alert-issue.ts";
import { ALERT_LABEL } from "../core/words/alert-label.ts";
import type { ObserveParts } from "./observe-parts.ts";

type AlertKey = Extract<Key, { kind: "alert" }>;
type Parts = ObserveParts;

/** What a pass over an alert, or a storm of them, works from. */
export type SeenAlert =
  | { readonly kind: "alert"; readonly alert: AlertObservation }
  | { readonly kind: "storm"; readonly storm: StormObservation };

/** Reads what a pass over an alert needs: its row, the policy, and its issue. `null`: nothing is known about it. */
export async function observeAlert(parts: Parts, key: AlertKey): Promise<SeenAlert | null> {
  const { alerts, clock } = parts;
  const { repository } = key;
  const at = clock.now();
  const { policy } = (await parts.policies.rules(repository)).policy;
  const known = await alerts.alert(repository.id, key.alert);
  const severity = stormSeverity(key.alert);
  const labelsThere = (await parts.index.repository(repository.id))?.labelsThere ?? [];
  if (severity !== null) {
    const folded = await alerts.folded(repository.id, severity);
    const issue = folded === 0 ? null : await readIssue(parts, repository, known?.earlierIssue ?? null);
    const marked = folded === 0 || isThere(issue) ? null : await findMarked(parts, repository, key.alert, null);
    return { kind: "storm", storm: { at, severity, folded, policy, issue, marked, labelsThere } };
  }
  if (known === null) return null;
  const issue = await readIssue(parts, repository, known.issue);
  const isDrill = drillsOf(parts, repository, policy.drills.label);
  const isAfterDrill = isThere(issue) && isNewFiring(known) && (await isDrill(issue));
  const seen = { at, alert: known, policy, issue, isDrill: isAfterDrill };
  const marked = needsIssue(seen) ? await findMarked(parts, repository, key.alert, isDrill) : null;
  return { kind: "alert", alert: { ...seen, marked, mayOpen: "unasked", isDescribed: false, labelsThere } };
}

type IsDrill = (issue: IssueFacts) => Promise<boolean>;

/** Whether an issue is a drill: its record says so, whatever has become of its label; the label where there is no record. */
function drillsOf({ index }: Parts, repository: Repository, label: string): IsDrill {
  return async ({ number, labels }) => {
    const history = historyOfCopy((await index.incident(repository.id, number))?.record);
    return history === null ? hasLabel(labels, label) : history.drill !== null;
  };
}

function isThere(issue: IssueFacts | "missing" | null): issue is IssueFacts {
  return issue !== null && issue !== "missing";
}

async function readIssue(
  { read, missing }: Parts,
  repository: Repository,
  number: number | null,
): Promise<IssueFacts | "missing" | null> {
  if (number === null) return null;
  const issue = missing.check("issue", repository, number, await read.issue(repository, number));
  // It has moved away and is somebody else's now; the next firing opens a new one here.
  return issue === "missing" || "movedTo" in issue ? "missing" : issue;
}

/**
 * Ours, open, and with the mark at its very beginning: an alert's own text comes later and cannot pose as one.
 *
 * @param isDrill says of an issue whether it is a drill, which is passed over, since what fires is real; `null`: none can be
 */
async function findMarked(
  { read, app }: Parts,
  repository: Repository,
  id: string,
  isDrill: IsDrill | null,
): Promise<IssueFacts | null> {
  const open = await read.issuesWithLabel(repository, ALERT_LABEL, { state: "open", since: null });
  const ours = open.filter(({ author, body }) => isOwnAccount(app, author) && body.startsWith(alertMarker(id)));
  for (const one of ours.toSorted((a, b) => a.number - b.number)) {
    if (isDrill === null || !(await isDrill(one))) return one;
  }
  return null;
}
