import type { Key, Repository } from "../../core/model.ts";
import { fullName, hasLabel } from "../../core/names.ts";
import { keptPolicy } from "../../core/policy/kept-policy.ts";
import { STATE_LABEL_NAMES } from "../../core/record/state-label.ts";
import type { IndexStore } from "../../store/index-store.ts";
import type { ChangedEntry } from "../../systems/github/ports.ts";

/** Where to look because an issue or pull request of the repository has changed. Empty: it matters to no incident. */
export async function changedKeys(
  index: IndexStore,
  repository: Repository,
  { number, isPullRequest, labels }: ChangedEntry,
): Promise<readonly Key[]> {
  if (isPullRequest) return [{ kind: "pull-request", repository, number }];
  const known = await index.repository(repository.id);
  const severityLabels = known?.severityLabels ?? null;
  // Which labels matter is not known yet, and a search does not say what is in a post-mortem or an action item.
  const isUnclear =
    severityLabels === null ||
    hasLabel(labels, known?.postMortemLabel ?? "post-mortem") ||
    (labels.length > 0 && hasLabel(labels, keptPolicy(known?.lastGoodPolicy ?? null)["action-items"].label));
  const keys: Key[] = isUnclear ? [{ kind: "repository", repository }] : [];
  const isIncident =
    [...(severityLabels ?? []), ...STATE_LABEL_NAMES].some((label) => hasLabel(labels, label)) ||
    (await index.incident(repository.id, number)) !== null;
  if (isIncident) keys.push({ kind: "incident", repository, number });
  for (const link of await index.linksTo(fullName(repository), number)) {
    const place = await index.repository(link.repositoryId);
    if (place !== null) keys.push({ kind: "incident", repository: place.repository, number: link.incident });
  }
  return keys;
}
