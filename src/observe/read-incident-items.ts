import { originOf } from "../core/items/item-issue.ts";
import { ITEMS_WINDOW_MS } from "../core/items/items-at-once.ts";
import { itemText } from "../core/judge/item-texts.ts";
import type { Instant, IssueFacts, Reference, Repository } from "../core/model.ts";
import { fromHere, sameTarget, targetKey } from "../core/names.ts";
import type { EvidenceFacts, IncidentObservation, SeenItem } from "../core/observation.ts";
import type { AskedItems, FiledItem } from "../core/record/history.ts";
import type { Reader, Reading } from "./reading.ts";

/** Up to this many items that no list has are looked at one by one; more, by a list of the label. */
const MOST_ONE_BY_ONE = 5;
/** How many transfers of one issue are followed. */
const MAX_HOPS = 3;
/** An issue may have been created a little before the clock of this process says that it was asked for. */
const EARLIER_MS = 60_000;

/**
 * The issues of the action items of an incident: the sub-issues of its post-mortem in one request; while lines are to be
 * filed, those with the label, in which one is found that an earlier pass created and could not write down.
 */
export const readIncidentItems: Reader = async (reading, seen, { items: wanted }) => {
  if (wanted === null) return {};
  const named = [...wanted.items, ...wanted.itemsAsked].map(({ postMortem }) => postMortem);
  const postMortems = named.filter((one, at) => named.findIndex((other) => sameTarget(one, other)) === at);
  const read = await reading.orWait("read:items", () =>
    Promise.all(
      postMortems.map((postMortem) =>
        readOf(reading, seen, postMortem, {
          filed: wanted.items.filter((one) => sameTarget(one.postMortem, postMortem)),
          asked: wanted.itemsAsked.filter((one) => sameTarget(one.postMortem, postMortem)),
        }),
      ),
    ),
  );
  if (read === null) return {};
  const all = read.flatMap((one) => (one === null ? [] : [one]));
  return {
    items: {
      found: all.flatMap(({ found }) => found),
      homes: new Map(all.map(({ postMortem, home }) => [targetKey(postMortem), home])),
      others: all.flatMap(({ others }) => others),
      tickers: new Map(),
    },
  };
};

interface OfPostMortem {
  readonly postMortem: Reference;
  readonly found: readonly SeenItem[];
  readonly home: number;
  readonly others: readonly Instant[];
}

/** `null`: where it is may not be looked at from here. */
async function readOf(
  reading: Reading,
  seen: IncidentObservation,
  postMortem: Reference,
  { filed, asked }: { readonly filed: readonly FiledItem[]; readonly asked: readonly AskedItems[] },
): Promise<OfPostMortem | null> {
  const { read, places, app } = reading;
  const evidence = seen.evidence.find(
    (one): one is Extract<EvidenceFacts, { kind: "issue" }> =>
      one.kind === "issue" && sameTarget(one.target, postMortem),
  );
  const place = evidence?.movedTo ?? postMortem;
  const { repository: home, access } = await places(place.repository);
  if (home === null || access !== "open") return null;
  const answer = evidence?.answer ?? "missing";
  const hasSubIssues = typeof answer !== "string" && answer.subIssueCount > 0;
  const subIssues = hasSubIssues ? await read.subIssues(home, place.number) : [];
  const { label } = seen.policy.policy["action-items"];
  const listed = new Map<number, IssueFacts>();
  const list = async (since: number) => {
    const issues = await read.issuesWithLabel(home, label, { state: "all", since: since as Instant });
    for (const issue of issues) listed.set(issue.number, issue);
  };
  const inHere = new Map(
    subIssues.flatMap((one) => (one.repository === null ? [[one.number, one.issue] as const] : [])),
  );
  // Items are filed beside the post-mortem as it was then.
  const isAtHome = place.repository === postMortem.repository;
  const missing = filed.filter(({ target }) => !(isAtHome && inHere.has(target.number)));
  // Lines that are no longer there are not waited for.
  const written = new Set(itemText(seen, postMortem)?.lines.map(({ digest }) => digest));
  const isPending = asked.some(({ lines }) => lines.some((line) => written.has(line)));
  if (isPending) await list(Math.min(seen.at - ITEMS_WINDOW_MS, ...asked.map(({ at }) => at)) - EARLIER_MS);
  const unlisted = missing.filter(({ target }) => !(isAtHome && listed.has(target.number)));
  if (isAtHome && unlisted.length > MOST_ONE_BY_ONE)
    await list(Math.min(...unlisted.map(({ filedAt }) => filedAt)) - EARLIER_MS);
  const found: SeenItem[] = [];
  for (const { target, line } of filed) {
    const here = isAtHome ? (inHere.get(target.number) ?? listed.get(target.number)) : undefined;
    const isSubIssue = isAtHome && inHere.has(target.number);
    const base = { target, postMortem, line, isSubIssue };
    if (here !== undefined) found.push({ ...base, place: target, issue: here });
    else found.push({ ...base, ...(await look(reading, seen, target)) });
  }
  const isKnown = (number: number) => filed.some(({ target }) => target.number === number);
  for (const issue of isAtHome ? new Map([...listed, ...inHere]).values() : []) {
    const origin = originOf(app, issue);
    if (origin === null || isKnown(issue.number) || !isFrom(origin, seen, home, place)) continue;
    const target = { repository: postMortem.repository, number: issue.number };
    const isSubIssue = inHere.has(issue.number);
    found.push({ target, place: target, postMortem, line: origin.line, issue, isSubIssue });
  }
  // GitHub counts what the app creates, whatever it is for.
  const others = [...listed.values()].flatMap((issue) => {
    const incident = originOf(app, issue)?.incident;
    const isOfAnother =
      incident !== undefined && (incident.repositoryId !== seen.repository.id || incident.number !== seen.issue.number);
    return isOfAnother ? [issue.createdAt] : [];
  });
  return { postMortem, found, home: home.id, others };
}

function isFrom(
  { incident, postMortem }: NonNullable<ReturnType<typeof originOf>>,
  { repository, issue }: IncidentObservation,
  home: Repository,
  place: Reference,
): boolean {
  const isOfIncident = incident.repositoryId === repository.id && incident.number === issue.number;
  return isOfIncident && postMortem.repositoryId === home.id && postMortem.number === place.number;
}

/** One item, wherever it is now; where it may not be looked at, it is gone. */
async function look(
  { read, places }: Reading,
  { repository }: IncidentObservation,
  target: Reference,
): Promise<Pick<SeenItem, "place" | "issue">> {
  let place = target;
  for (let hops = 0; hops <= MAX_HOPS; hops += 1) {
    const { repository: home, access } = await places(place.repository);
    if (home === null || access !== "open") break;
    const answer = await read.issue(home, place.number);
    if (answer === "missing") break;
    if (!("movedTo" in answer)) return { place, issue: answer };
    const { movedTo } = answer;
    place = fromHere(repository, movedTo);
  }
  return { place: target, issue: "gone" };
}
