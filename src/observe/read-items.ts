import { TerminalError } from "../base/errors.ts";
import type { ActionItem } from "../core/items/action-item.ts";
import { filedAs, goneItem, type IssueId, isItem, originOf, toActionItem } from "../core/items/item-issue.ts";
import type { Reference, Repository } from "../core/model.ts";
import { fullName, targetKey } from "../core/names.ts";
import type { Policy } from "../core/policy/policy.ts";
import type { FiledItem, History, Snooze } from "../core/record/history.ts";
import { historyOfCopy } from "../core/record/history-of-copy.ts";
import { isSaidInDrill } from "../core/words/in-drill.ts";
import type { ObserveParts } from "./observe-parts.ts";

/** What action items are read with. */
export type ItemParts = Pick<ObserveParts, "read" | "index" | "app">;

/** As many items that the list does not have are looked for one by one; more would be a minute of requests. */
const MOST_LOOKED_FOR = 50;

/** An incident, as far as its items need it. */
export interface IncidentOfItems {
  readonly number: number;
  readonly history: Pick<History, "items" | "snoozes">;
}

/**
 * The action items in a repository, oldest first: one listing, a hundred issues a request, and one request for each item
 * that a record knows and the list does not have, because it has lost its label, was moved or was deleted. Seen from the
 * repository, as `Reference`s are.
 *
 * What was dropped, and why, is in the records of incidents: of an incident that is not among `incidents`, a dropped item
 * is `unexplained`.
 *
 * With `target-date` in the policy, one request more for each open item, until GitHub says that there is no such field.
 *
 * Throws as GitHub's ports do.
 *
 * @param incidents of the same repository; their items elsewhere are left out
 */
export async function readItems(
  parts: ItemParts,
  repository: Repository,
  policy: Pick<Policy, "action-items">,
  { state, incidents }: { readonly state: "open" | "all"; readonly incidents: readonly IncidentOfItems[] },
): Promise<readonly ActionItem[]> {
  const { read, index, app } = parts;
  const { label } = policy["action-items"];
  const issues = await read.issuesWithLabel(repository, label, { state, since: null });
  const byNumber = new Map(incidents.map((one) => [one.number, one]));
  const found = new Map<number, ActionItem>();
  let hasFields = policy["action-items"]["target-date"];
  for (const issue of issues) {
    const origin = isItem(app, issue, label) ? originOf(app, issue) : null;
    if (origin === null) continue;
    const { repositoryId, number } = origin.incident;
    const isHere = repositoryId === repository.id;
    const place = isHere ? null : await nameOf(index, repositoryId);
    // The marker of a repository that is not known any more leads nowhere.
    if (!isHere && place === null) continue;
    // Whether an incident that is not read here is a drill, only what was filed for it says.
    if (!(isHere && byNumber.has(number)) && isSaidInDrill(issue.body)) continue;
    const target = { repository: null, number: issue.number };
    const filed = isHere ? filedAs(byNumber.get(number)?.history.items ?? [], target) : null;
    const field = hasFields && issue.state === "open" ? await read.targetDate(repository, issue.number) : null;
    if (field === "unsupported") hasFields = false;
    const targetDate = field === "unsupported" ? null : field;
    const item = toActionItem(issue, target, { repository: place, number }, filed, targetDate);
    const snooze = isHere ? null : await snoozeElsewhere(index, repository, origin.incident, issue.number);
    found.set(issue.number, snooze === null ? item : { ...item, snoozedUntil: snooze.until });
  }
  const missing = incidents.flatMap((incident) =>
    incident.history.items
      .filter(({ target, end }) => {
        const isOver = state === "open" && end !== null;
        return target.repository === null && !found.has(target.number) && !isOver;
      })
      .map((filed) => ({ filed, incident: { repository: null, number: incident.number } })),
  );
  for (const { filed, incident } of missing.slice(-MOST_LOOKED_FOR)) {
    const item = await look(parts, repository, filed, incident);
    if (state === "all" || item.state === "open" || item.state === "gone") found.set(filed.target.number, item);
  }
  const snoozed = [...found].map(([number, item]) => withSnooze(item, number, byNumber));
  return snoozed.toSorted((a, b) => a.filedAt - b.filedAt || a.target.number - b.target.number);
}

/**
 * As the record of its incident says.
 *
 * @param filed its number when it was filed here: it may have been moved
 */
function withSnooze(item: ActionItem, filed: number, incidents: ReadonlyMap<number, IncidentOfItems>): ActionItem {
  const { repository, number } = item.incident;
  const history = repository === null ? incidents.get(number)?.history : undefined;
  const snooze = history?.snoozes.get(targetKey({ repository: null, number: filed }));
  return snooze === undefined ? item : { ...item, snoozedUntil: snooze.until };
}

/**
 * The same for an incident of another repository, as far as the index knows it: whoever put the item off said so for here,
 * and nothing else is taken from there.
 */
async function snoozeElsewhere(
  index: ItemParts["index"],
  here: Repository,
  { repositoryId, number }: IssueId,
  item: number,
): Promise<Snooze | null> {
  const home = (await index.repository(repositoryId))?.repository;
  if (home?.installationId !== here.installationId) return null;
  const history = historyOfCopy((await index.incident(repositoryId, number))?.record);
  return history?.snoozes.get(targetKey({ repository: fullName(here), number: item })) ?? null;
}

async function look(
  { read, index }: ItemParts,
  repository: Repository,
  filed: FiledItem,
  incident: Reference,
): Promise<ActionItem> {
  let answer = await read.issue(repository, filed.target.number);
  let { target } = filed;
  if (typeof answer === "object" && "movedTo" in answer) {
    const { movedTo } = answer;
    target = { repository: movedTo.repository, number: movedTo.number };
    const there = movedTo.repository === null ? null : await index.repositoryByName(movedTo.repository);
    const isOfSame = there !== null && there.repository.installationId === repository.installationId;
    // What is private there is not shown here.
    const isShown = isOfSame && there.isPrivate === false && (await isPublicNow(read, there.repository));
    answer = isShown ? await read.issue(there.repository, movedTo.number) : "missing";
  }
  if (answer === "missing" || "movedTo" in answer) return goneItem(filed, incident);
  return toActionItem(answer, target, incident, filed);
}

/** What GitHub refuses to tell is private. Throws when it does not answer. */
async function isPublicNow(read: ItemParts["read"], repository: Repository): Promise<boolean> {
  try {
    const facts = await read.repository(repository);
    return facts !== "missing" && facts.id === repository.id && !facts.isPrivate;
  } catch (error) {
    if (error instanceof TerminalError) return false;
    throw error;
  }
}

async function nameOf(index: ItemParts["index"], id: number): Promise<string | null> {
  const known = await index.repository(id);
  return known === null ? null : fullName(known.repository);
}
