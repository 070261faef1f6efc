import type { Archive, PastIncident } from "../core/archive/past-incident.ts";
import type { ActionItem } from "../core/items/action-item.ts";
import type { Repository } from "../core/model.ts";
import type { Policy } from "../core/policy/policy.ts";
import { fold } from "../core/record/history.ts";
import { askOnce } from "./ask-once.ts";
import { type ArchiveParts, recordOf } from "./read-archive.ts";
import { type ItemParts, readItems } from "./read-items.ts";

/** As many incidents are looked at that the archive does not have, and whose action items matter: the newest. */
const MOST_OLDER = 100;

/** Action items, and incidents of theirs that the archive does not have. */
export interface ItemsWithIncidents {
  readonly items: readonly ActionItem[];
  readonly older: readonly PastIncident[];
}

/**
 * The action items of a repository (`readItems`), and the incidents of those that matter which are not in the archive: older than
 * what was looked at, or without the label of a severity by now. Only their records know what was dropped, and what was a
 * drill. Besides the listing it takes a request for each of these incidents, and one for its record unless the index has it.
 *
 * Throws as GitHub's ports do.
 *
 * @param records what records are read with
 */
export async function readItemsWithIncidents(
  parts: ItemParts,
  records: ArchiveParts,
  repository: Repository,
  policy: Pick<Policy, "action-items">,
  archive: Archive,
  matters: (item: ActionItem) => boolean,
): Promise<ItemsWithIncidents> {
  // Items are listed once, and looked at twice.
  const asking = { ...parts, read: askOnce(parts.read) };
  const here = archive.incidents.map(({ issue, history }) => ({ number: issue.number, history }));
  const items = await readItems(asking, repository, policy, { state: "all", incidents: here });
  const isKnown = new Set([...here.map(({ number }) => number), ...archive.unreadable]);
  const numbers = items.flatMap((item) => {
    const { repository: place, number } = item.incident;
    return place === null && !isKnown.has(number) && matters(item) ? [number] : [];
  });
  const newest = [...new Set(numbers)].toSorted((a, b) => b - a).slice(0, MOST_OLDER);
  const older: PastIncident[] = [];
  for (const number of newest) {
    const issue = await asking.read.issue(repository, number);
    if (issue === "missing" || "movedTo" in issue) continue;
    const record = await recordOf(records, repository, issue);
    if (record !== null) older.push({ issue, record, history: fold(record.entries) });
  }
  if (older.length === 0) return { items, older };
  const incidents = [...here, ...older.map(({ issue, history }) => ({ number: issue.number, history }))];
  return { items: await readItems(asking, repository, policy, { state: "all", incidents }), older };
}
