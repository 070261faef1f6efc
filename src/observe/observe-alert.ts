import type { IssueFacts, Key, Repository } from "../core/model.ts";
import { hasLabel } from "../core/names.ts";
import { type AlertObservation, needsIssue, type StormObservation } from "../core/plan/plan-alert.ts";
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
    const isThere = issue !== null && issue !== "missing";
    const marked = folded === 0 || isThere ? null : await findMarked(parts, repository, key.alert, null);
    return { kind: "storm", storm: { at, severity, folded, policy, issue, marked, labelsThere } };
  }
  if (known === null) return null;
  const issue = await readIssue(parts, repository, known.issue);
  const seen = { at, alert: known, policy, issue };
  const marked = needsIssue(seen) ? await findMarked(parts, repository, key.alert, policy.drills.label) : null;
  return { kind: "alert", alert: { ...seen, marked, mayOpen: "unasked", isDescribed: false, labelsThere } };
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
 * @param drills the label of drills, which are passed over, since what fires is real; `null`: there can be none
 */
async function findMarked(
  { read, app }: Parts,
  repository: Repository,
  id: string,
  drills: string | null,
): Promise<IssueFacts | null> {
  const open = await read.issuesWithLabel(repository, ALERT_LABEL, { state: "open", since: null });
  const ours = open.filter(
    ({ author, body, labels }) =>
      author?.login === app.botLogin &&
      body.startsWith(alertMarker(id)) &&
      (drills === null || !hasLabel(labels, drills)),
  );
  return ours.toSorted((a, b) => a.number - b.number)[0] ?? null;
}
