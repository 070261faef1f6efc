import { LRUCache } from "lru-cache";
import { atMost } from "../base/at-most.ts";
import type { Clock } from "../base/clock.ts";
import { TerminalError, TransientError } from "../base/errors.ts";
import { withinOf } from "../core/debt/debt.ts";
import { dueOf } from "../core/debt/due.ts";
import { fixesOf } from "../core/debt/fixes-of.ts";
import type { WatchedItem } from "../core/debt/touched-items.ts";
import type { ActionItem } from "../core/items/action-item.ts";
import type { OpenItemsSeen } from "../core/merge/merge-observation.ts";
import type { Instant, Repository } from "../core/model.ts";
import { hasLabel, targetKey } from "../core/names.ts";
import type { Policy } from "../core/policy/policy.ts";
import type { History } from "../core/record/history.ts";
import { historyOfCopy } from "../core/record/history-of-copy.ts";
import type { IndexReader } from "../store/index-store.ts";
import type { GitHubReader } from "../systems/github/ports.ts";
import type { OpenItems, OpenItemsParts } from "./open-items.ts";
import { type IncidentOfItems, readItems } from "./read-items.ts";

/** How long open items are not listed again. */
const FRESH_MS = 5 * 60_000;
const MAX_REPOSITORIES = 1_000;
const MAX_INCIDENTS = 10_000;
/** Of all fixes together: an entry takes about a hundred bytes. */
const MOST_FILES_REMEMBERED = 100_000;
/** How many pull requests of a repository are looked at when its items change. */
const MOST_TOUCHING = 50;
/** How many files of one fix count: what changes more says nothing about a single one. */
const MOST_FILES_OF_A_FIX = 300;
/** How many fixes one look reads the files of, a request each; the next look goes on. */
const MOST_FIXES_READ = 10;

interface Listed {
  readonly items: readonly ActionItem[];
  /** Their incidents here, by number; `null`: not looked up yet. */
  readonly from: ReadonlyMap<number, OfIncident | null> | null;
  readonly goodUntil: Instant;
}

/** What is known of the incident of an item. */
type OfIncident = Pick<History, "severity" | "drill" | "snoozes"> & { readonly fixes: readonly number[] };

/** Makes the memory of open items, common to all passes of a process. */
export function createOpenItems(read: Pick<GitHubReader, "pullRequestFiles">, clock: Clock): OpenItems {
  const listed = new LRUCache<number, Listed>(atMost(MAX_REPOSITORIES));
  const incidents = new LRUCache<string, OfIncident>(atMost(MAX_INCIDENTS));
  const filed = new LRUCache<number, readonly IncidentOfItems[]>(atMost(MAX_REPOSITORIES));
  const touching = new LRUCache<number, Set<number>>(atMost(MAX_REPOSITORIES));
  const files = new LRUCache<string, readonly string[]>({
    maxSize: MOST_FILES_REMEMBERED,
    sizeCalculation: (paths) => paths.length + 10,
  });

  async function list(parts: OpenItemsParts, repository: Repository, policy: Policy): Promise<readonly ActionItem[]> {
    const items = await readItems(parts, repository, policy, {
      state: "open",
      incidents: filed.get(repository.id) ?? [],
    });
    keep(repository, items);
    return items;
  }

  function keep({ id }: Repository, items: readonly ActionItem[]): void {
    const open = items.filter(({ state, target }) => state === "open" && target.repository === null);
    listed.set(id, { items: open, from: null, goodUntil: (clock.now() + FRESH_MS) as Instant });
  }

  /** By the index's copy of its record; where there is none, as the last pass over what is late had it. */
  async function incidentOf(index: IndexReader, repository: Repository, number: number): Promise<OfIncident | null> {
    const id = `${repository.id}#${number}`;
    const history = historyOfCopy((await index.incident(repository.id, number))?.record);
    if (history === null) return incidents.get(id) ?? null;
    const links = await index.linksFrom(repository.id, number, "pull-request");
    const merged = links.filter(
      (link) =>
        isHere(link.repository, repository) && (link.standing === "merged" || link.standing === "merged-of-team"),
    );
    const fixes = fixesOf(
      history,
      merged.map((link) => link.number),
    );
    const known = { ...history, fixes };
    incidents.set(id, known);
    return known;
  }

  async function incidentsOf(
    index: IndexReader,
    repository: Repository,
    items: readonly ActionItem[],
  ): Promise<ReadonlyMap<number, OfIncident | null>> {
    const numbers = new Set(items.flatMap(({ incident }) => (incident.repository === null ? [incident.number] : [])));
    const from = new Map<number, OfIncident | null>();
    for (const number of numbers) from.set(number, await incidentOf(index, repository, number));
    return from;
  }

  async function look(
    parts: OpenItemsParts,
    repository: Repository,
    policy: Policy,
    isAnew: boolean,
  ): Promise<OpenItemsSeen> {
    const place = await parts.index.repository(repository.id);
    // No issue has a label that the repository has not. Before the first sweep, nobody knows which it has.
    const isSwept = place?.sweptAt != null && place.labelsThere !== null;
    const mayBeLabelled = !isSwept || hasLabel(place.labelsThere, policy["action-items"].label);
    if (!mayBeLabelled && (filed.get(repository.id) ?? []).length === 0) return { items: [], isWhole: true };
    const known = listed.get(repository.id);
    const isFresh = !isAnew && known !== undefined && clock.now() < known.goodUntil;
    const items = isFresh ? known.items : await list(parts, repository, policy);
    const from = (isFresh ? known.from : null) ?? (await incidentsOf(parts.index, repository, items));
    const now = listed.get(repository.id);
    if (now !== undefined) listed.set(repository.id, { ...now, from });
    const wanted = [...from.values()].flatMap((one) => one?.fixes ?? []);
    const unknown = [...new Set(wanted)].filter((number) => !files.has(`${repository.id}#${number}`));
    const some = unknown.slice(0, MOST_FIXES_READ);
    const found = await Promise.all(some.map((number) => filesOf(repository, number)));
    for (const [at, number] of some.entries()) files.set(`${repository.id}#${number}`, found[at]!);
    return {
      items: items.flatMap((item): readonly WatchedItem[] => {
        const incident = item.incident.repository === null ? (from.get(item.incident.number) ?? null) : null;
        if (incident !== null && incident.drill !== null) return [];
        const severity = incident?.severity ?? null;
        const snooze = incident?.snoozes.get(targetKey(item.target));
        return [
          {
            item,
            due: dueOf(item, withinOf(policy, severity)),
            severity,
            snoozed: snooze?.times ?? 0,
            isAsleep: (snooze?.until ?? item.snoozedUntil ?? 0) > clock.now(),
            fixed: (incident?.fixes ?? []).flatMap((number) => files.get(`${repository.id}#${number}`) ?? []),
          },
        ];
      }),
      isWhole: unknown.length <= some.length,
    };
  }

  /** Of what is no pull request, or gone: none. */
  async function filesOf(repository: Repository, number: number): Promise<readonly string[]> {
    try {
      const pullRequest = { number, headSha: "", baseRef: "", state: "closed" } as const;
      const changed = await read.pullRequestFiles(repository, pullRequest);
      return changed.files.slice(0, MOST_FILES_OF_A_FIX).map(({ path }) => path);
    } catch (error) {
      if (error instanceof TerminalError) return [];
      throw error;
    }
  }

  async function answered(ask: () => Promise<OpenItemsSeen>): Promise<OpenItemsSeen> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof TerminalError) return { items: [], isWhole: false };
      if (error instanceof TransientError && error.retryAfterMs === null) return { items: [], isWhole: false };
      throw error;
    }
  }

  const note: OpenItems["note"] = (repository, { items, incidents: past }) => {
    let isSnoozedAnew = false;
    for (const { issue, history } of past) {
      const id = `${repository.id}#${issue.number}`;
      const known = incidents.get(id);
      if (known !== undefined && !sameSnoozes(known, history)) isSnoozedAnew = true;
      incidents.set(id, { ...history, fixes: known?.fixes ?? fixesOf(history, []) });
    }
    // One that has lost its label stays an item: the record of its incident knows it.
    const withItems = past.filter(({ history }) => history.items.some(({ end }) => end === null));
    filed.set(
      repository.id,
      withItems.map(({ issue: { number }, history: { items, snoozes } }) => ({ number, history: { items, snoozes } })),
    );
    const before = wordsOf(listed.get(repository.id)?.items ?? []);
    keep(repository, items);
    const isChanged = isSnoozedAnew || wordsOf(listed.get(repository.id)?.items ?? []) !== before;
    return isChanged ? [...(touching.get(repository.id) ?? [])] : [];
  };
  const noteTouched: OpenItems["noteTouched"] = ({ id }, number, isTouching) => {
    const known = touching.get(id) ?? new Set();
    known.delete(number);
    if (isTouching && known.size < MOST_TOUCHING) known.add(number);
    touching.set(id, known);
  };
  const anew: OpenItems = {
    of: (parts, repository, policy) => answered(() => look(parts, repository, policy, true)),
    note,
    noteTouched,
    get anew() {
      return anew;
    },
  };
  return {
    of: (parts, repository, policy) => answered(() => look(parts, repository, policy, false)),
    note,
    noteTouched,
    anew,
  };
}

function sameSnoozes(one: Pick<History, "snoozes">, other: Pick<History, "snoozes">): boolean {
  return JSON.stringify([...one.snoozes]) === JSON.stringify([...other.snoozes]);
}

/** What of the items a check shows. */
function wordsOf(items: readonly ActionItem[]): string {
  return JSON.stringify(items.map(({ target, title, owner, due, paths }) => [target.number, title, owner, due, paths]));
}

function isHere(name: string | null, { owner, name: own }: Repository): boolean {
  return name === null || name.toLowerCase() === `${owner}/${own}`.toLowerCase();
}
