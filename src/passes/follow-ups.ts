import { createHash } from "node:crypto";
import type { LRUCache } from "lru-cache";
import { whatToTell } from "../core/alerts/what-to-tell.ts";
import { goneView } from "../core/chat/gone-view.ts";
import { readThreadSent, readThreadView } from "../core/chat/kept-thread.ts";
import { adopted, nextThreadStep } from "../core/chat/plan-thread.ts";
import type { Incident } from "../core/derive.ts";
import { keyId } from "../core/key.ts";
import { lookAgainIn } from "../core/merge/look-again.ts";
import type { MergeObservation } from "../core/merge/merge-observation.ts";
import type { Instant, Key, Millis, Repository } from "../core/model.ts";
import { fromHere, fullName, sameTarget } from "../core/names.ts";
import type { IncidentObservation } from "../core/observation.ts";
import { hasEdited } from "../core/plan/item-steps.ts";
import { labelsMissing, severityLabels, stateLabels } from "../core/plan/labels.ts";
import { threadView } from "../core/render/thread-view.ts";
import { missingSentences } from "../core/render/verdict.ts";
import { mayShow, type Visibility } from "../core/trust/may-show.ts";
import { rankByTrust } from "../core/trust/rank-by-trust.ts";
import type { Elsewhere } from "../observe/elsewhere.ts";
import type { LearnedInLook } from "../observe/learned-in-look.ts";
import { MAX_SAME_HEAD, type SeenPullRequest } from "../observe/observe-merge.ts";
import type { RepositoryObservation } from "../observe/observe-repository.ts";
import { visibilityOf } from "../observe/other-repository.ts";
import type { PassResult } from "../queue/queue.ts";
import type { IndexStore, KnownIncident } from "../store/index-store.ts";
import type { ThreadStore } from "../store/thread-store.ts";
import type { WatchedChat } from "../systems/chat.ts";
import type { GitHubReader } from "../systems/github/ports.ts";

const SOON_MS = 30_000;
/** How many incidents are looked at because of an outsider's open pull request. */
const MOST_BY_OUTSIDERS = 2;
/** How many pull requests are looked at again because of one incident. Others are when something in them changes. */
const MOST_PULL_REQUESTS = 50;
/** What happened to the checks in a pass. */
export interface MadeChecks {
  readonly count: number;
  /** Another pass posted one on the same commit at the same time: it is chance which of the two is newer. */
  readonly besidesOthers: boolean;
}

type MergeKey = Extract<Key, { kind: "pull-request" | "merge-group" }>;
type IncidentKey = Extract<Key, { kind: "incident" }>;

/**
 * What becomes worth a look because of a finished pass. The index remembers what was found, so that the next change is
 * noticed.
 */
export const followUps = {
  /** The issue is not an incident, is gone, or is now somewhere else. */
  async elsewhere(
    index: IndexStore,
    key: IncidentKey,
    found: Elsewhere,
    threads: ThreadStore | null,
  ): Promise<PassResult> {
    if (found.kind === "not-an-incident") return { checkAgainIn: null, alsoLookAt: [] };
    if (found.kind === "renamed") {
      await index.saveRepository(found.repository, {});
      return { checkAgainIn: null, alsoLookAt: [{ ...key, repository: found.repository }] };
    }
    await index.forgetIncident(key.repository.id, key.number);
    // Pages that are still open in other systems are withdrawn.
    const pages: Key = { ...key, kind: "page" };
    const thread: Key = { ...key, kind: "thread" };
    const left: readonly Key[] = (await tellGone(threads, key, found.kind)) ? [pages, thread] : [pages];
    if (found.kind === "gone" || found.to.repository === null) return { checkAgainIn: null, alsoLookAt: left };
    const there = (await index.repositoryByName(found.to.repository))?.repository;
    const alsoLookAt: Key[] =
      there === undefined || there.installationId !== key.repository.installationId
        ? []
        : [{ kind: "incident", repository: there, number: found.to.number }];
    return { checkAgainIn: null, alsoLookAt: [...alsoLookAt, ...left] };
  },

  /** Pull requests that name the incident are looked at again if its verdict or state has changed. */
  async ofIncident(
    parts: {
      readonly read: Pick<GitHubReader, "repository">;
      readonly index: IndexStore;
      readonly learned: LearnedInLook;
    },
    key: IncidentKey,
    seen: IncidentObservation,
    incident: Incident,
    chat: WatchedChat | null,
    now: Instant,
  ): Promise<PassResult> {
    const { index } = parts;
    const { repository, number } = key;
    const open = seen.issue.state === "open";
    const { items, severity, snoozes } = incident.history;
    const verdict = digest([
      open,
      severity,
      incident.gate.status,
      ...missingSentences(incident.gate),
      ...(items.length === 0 ? [] : [items, [...snoozes]]),
    ]);
    const isRankedAnew = await rememberEvidence(index, key, seen, incident);
    const known = await index.incident(repository.id, number);
    await rememberRecord(index, key, seen, known);
    const alsoLookAt: Key[] = isRankedAnew ? [key] : [];
    if (known?.verdict !== verdict || known.open !== open) {
      await index.saveIncident(repository.id, number, { verdict, open });
      alsoLookAt.push(...(await pullRequestsOf(parts, key, seen)));
      alsoLookAt.push(...(await followUpsOf(index, repository, incident.history)));
    }
    for (const { id, answer } of incident.answers) await chat?.threads.answerRequest(id, JSON.stringify(answer));
    const isAsked = incident.answers.length > 0;
    if (chat !== null && ((await rememberThread(chat, seen, incident)) || isAsked)) {
      alsoLookAt.push({ kind: "thread", repository, number });
    }
    // The app's own webhooks name no key, so a revert it has opened gets its check from here.
    for (const { revert } of seen.regressions?.reverts.values() ?? []) {
      if (revert === null || revert === "unsupported" || "refused" in revert) continue;
      alsoLookAt.push({ kind: "pull-request", repository, number: revert.number });
    }
    alsoLookAt.push(...(await sharersOf(index, key, seen, incident)));
    // Only once: labels that cannot be created now would have the two look at each other for ever.
    if ((known?.verdict ?? null) === null && !(await areLabelsThere(index, seen))) {
      alsoLookAt.push({ kind: "repository", repository });
    }
    // Pages for other systems, to be sent or withdrawn.
    const isStanding = seen.sentPages.some(({ state }) => state === "failing" || state === "sent");
    if (incident.history.pages.length > 0 || isStanding) alsoLookAt.push({ kind: "page", repository, number });
    for (const alert of seen.alerts?.listed ?? []) {
      if (whatToTell(alert, incident.history) !== null) {
        alsoLookAt.push({ kind: "alert-source", repository, alert: alert.id });
      }
    }
    const { lookAgainAt } = incident;
    const checkAgainIn = lookAgainAt === null ? null : (Math.max(1, lookAgainAt - now) as Millis);
    const isWaiting = incident.waitsFrom !== null || [...seen.waits.values()].some(({ isRefused }) => !isRefused);
    return { checkAgainIn, alsoLookAt, ...(isWaiting ? { isUnanswered: true } : {}) };
  },

  /** The same, plus another look soon. */
  soon(result: PassResult): PassResult {
    return followUps.within(result, SOON_MS);
  },

  /** The same, plus another look within that many ms; `null`: there is no need. */
  within(result: PassResult, ms: number | null): PassResult {
    if (ms === null) return result;
    return { ...result, checkAgainIn: Math.max(1, Math.min(result.checkAgainIn ?? ms, ms)) as Millis };
  },

  /** What a sweep found, and the labels that have to wait. */
  ofRepository(
    { repository, keys }: RepositoryObservation,
    wanted: { readonly report: boolean; readonly onboarding: boolean },
    waitMs: number | null,
  ): PassResult {
    const report: readonly Key[] = wanted.report ? [{ kind: "report", repository }] : [];
    const onboarding: readonly Key[] = wanted.onboarding ? [{ kind: "onboarding", repository }] : [];
    return followUps.within({ checkAgainIn: null, alsoLookAt: [...keys, ...report, ...onboarding] }, waitMs);
  },

  /**
   * A pull request whose runbook or fix may count is a reason to look at the incidents it names; a closed one, at the
   * pull requests with the same head.
   */
  ofMerge(
    told: LRUCache<string, string>,
    key: MergeKey,
    merge: MergeObservation,
    seen: SeenPullRequest | null,
    made: MadeChecks,
  ): PassResult {
    const { repository } = key;
    const matters = seen !== null && (seen.touchesRunbooks || !merge.isOpen);
    const before = told.get(keyId(key));
    const now = digest([merge.isOpen, merge.headSha, seen?.standing, seen?.touchesRunbooks, seen?.names]);
    told.set(keyId(key), now);
    // What nobody on the team wrote or merged is no reason to look at many.
    const isTrusted = seen?.standing !== "outsider" && seen?.standing !== "untold";
    const most = isTrusted ? Number.POSITIVE_INFINITY : MOST_BY_OUTSIDERS;
    const incidents = matters && before !== now ? seen.names.slice(0, most) : [];
    const heads = seen === null || merge.isOpen ? [] : seen.sharesHeadWith;
    return {
      checkAgainIn: lookAgainIn(merge, seen?.others ?? [], made.count > 0),
      alsoLookAt: [
        ...incidents.map((number): Key => ({ kind: "incident", repository, number })),
        ...heads.slice(0, MAX_SAME_HEAD).map((number): Key => ({ kind: "pull-request", repository, number })),
        ...(made.besidesOthers ? [key] : []),
      ],
    };
  },
};

/** What is late where the items of an incident are, and in its own repository, which may list its post-mortem. */
async function followUpsOf(
  index: IndexStore,
  repository: Repository,
  { items }: Incident["history"],
): Promise<readonly Key[]> {
  if (items.length === 0) return [];
  const keys: Key[] = [{ kind: "follow-ups", repository }];
  for (const name of new Set(items.flatMap(({ target }) => target.repository?.toLowerCase() ?? []))) {
    const home = (await index.repositoryByName(name))?.repository;
    if (home === undefined || home.installationId !== repository.installationId) continue;
    keys.push({ kind: "follow-ups", repository: home });
  }
  return keys;
}

/** The other incidents with a post-mortem that this pass has edited: the app's own webhooks name no key. */
async function sharersOf(
  index: IndexStore,
  { repository, number }: IncidentKey,
  seen: IncidentObservation,
  { history }: Incident,
): Promise<readonly Key[]> {
  const all = [...history.items, ...history.itemsAsked].map(({ postMortem }) => postMortem);
  const edited = all.filter(
    (one, at) => all.findIndex((other) => sameTarget(one, other)) === at && hasEdited(seen, one),
  );
  const keys: Key[] = [];
  for (const postMortem of edited) {
    const place = postMortem.repository ?? fullName(repository);
    for (const link of await index.linksTo(place, postMortem.number, "post-mortem")) {
      if (link.repositoryId === repository.id && link.incident === number) continue;
      const home = (await index.repository(link.repositoryId))?.repository;
      if (home === undefined || home.installationId !== repository.installationId) continue;
      keys.push({ kind: "incident", repository: home, number: link.incident });
    }
  }
  return keys;
}

/** Whether the repository has every label of an incident, as far as is remembered. */
async function areLabelsThere(index: IndexStore, { repository, policy }: IncidentObservation): Promise<boolean> {
  const there = (await index.repository(repository.id))?.labelsThere ?? [];
  return labelsMissing([...severityLabels(policy.policy), ...stateLabels()], there).length === 0;
}

/**
 * The pull requests that name the incident: those the index knows, and those GitHub reports when it is declared.
 * Another repository's are not looked at if the incident may not be shown there: their checks must not change with it.
 */
async function pullRequestsOf(
  parts: {
    readonly read: Pick<GitHubReader, "repository">;
    readonly index: IndexStore;
    readonly learned: LearnedInLook;
  },
  key: IncidentKey,
  seen: IncidentObservation,
): Promise<readonly Key[]> {
  const { index } = parts;
  const links = await index.linksFrom(key.repository.id, key.number, "pull-request");
  const sources = (seen.timeline ?? []).flatMap(({ source }) => (source?.isPullRequest === true ? [source] : []));
  const keys = new Map<string, Key>();
  let visibility: Visibility | null = null;
  const candidates = [
    ...links.map((link) => ({ named: link, trust: link.standing })),
    ...sources.map((named) => ({ named, trust: "untold" as const })),
  ];
  for (const { named } of rankByTrust(candidates, MOST_PULL_REQUESTS).kept) {
    const { repository: place, number } = fromHere(key.repository, named);
    const home = place === null ? key.repository : (await index.repositoryByName(place))?.repository;
    if (home === undefined || home.installationId !== key.repository.installationId) continue;
    if (home.id !== key.repository.id) {
      visibility ??= await visibilityOf(parts, key.repository);
      if (!mayShow({ id: key.repository.id, visibility }, home)) continue;
    }
    const found: Key = { kind: "pull-request", repository: home, number };
    keys.set(keyId(found), found);
  }
  return [...keys.values()];
}

/**
 * So that a change to what was linked by command, in the incident's text or as a sub-issue is a hint as well.
 *
 * @returns whether it was learned which come first, among more candidates than are looked at
 */
async function rememberEvidence(
  index: IndexStore,
  key: IncidentKey,
  seen: IncidentObservation,
  { history }: Incident,
): Promise<boolean> {
  const { repository, number } = key;
  let isNewStanding = false;
  const known = await index.linksFrom(repository.id, number);
  for (const { kind, target, trust, via } of seen.evidence) {
    // Looked at for a command that is waiting, or was refused: nothing names it.
    if (via === "command" && !history.links.some((link) => sameTarget(link.target, target))) continue;
    const link = kind === "issue" ? "post-mortem" : "runbook-pr";
    const place = target.repository ?? fullName(repository);
    const row = known.find(
      (one) =>
        one.kind === link && one.number === target.number && one.repository?.toLowerCase() === place.toLowerCase(),
    );
    // What the look revealed about an issue's author; a pull request has a pass of its own for that.
    const standing = kind === "issue" && (trust === "team" || trust === "outsider") ? trust : undefined;
    const isNews = standing !== undefined && row?.standing !== standing;
    if (row === undefined || isNews) await index.addLink(repository.id, number, link, place, target.number, standing);
    isNewStanding ||= isNews;
  }
  return isNewStanding && seen.unread["post-mortem"].count > 0;
}

/**
 * The copy of the record that GitHub has, where the index has none, or an older one: the answer to its last write was lost, or the
 * index was.
 */
async function rememberRecord(
  index: IndexStore,
  { repository, number }: IncidentKey,
  { record, status }: IncidentObservation,
  known: KnownIncident | null,
): Promise<void> {
  if (record.kind !== "found" || status === null) return;
  const { revision } = record.record;
  if ((known?.recordRevision ?? 0) >= revision) return;
  await index.saveIncident(repository.id, number, {
    recordRevision: revision,
    record: JSON.stringify(record.record),
    statusCommentId: status.commentId,
  });
}

/** Notes for the chat that the issue is no longer here. `false`: the chat never heard of it. */
async function tellGone(
  threads: ThreadStore | null,
  { repository, number }: IncidentKey,
  became: "gone" | "moved",
): Promise<boolean> {
  const view = readThreadView((await threads?.thread(repository.id, number))?.view ?? null);
  if (threads === null || view === null) return false;
  await threads.saveThreadView(repository.id, number, JSON.stringify(goneView(view, became)));
  return true;
}

/**
 * Keeps what the chat should show. Returns whether it has to be looked at, because it shows something else, or nothing
 * yet.
 */
async function rememberThread(
  { chat, threads }: WatchedChat,
  seen: IncidentObservation,
  incident: Incident,
): Promise<boolean> {
  const { repository, issue } = seen;
  const known = await threads.thread(repository.id, issue.number);
  const view = threadView(seen, incident, chat.name);
  const kept = JSON.stringify(view);
  const isNew = known?.view !== kept;
  if (isNew) await threads.saveThreadView(repository.id, issue.number, kept);
  const { announced } = incident.history;
  const sent = known?.sent == null && announced !== null ? adopted(announced, view) : null;
  if (sent !== null) {
    // The index is new, the thread is not. What the record already contains counts as posted.
    await threads.saveThreadSent(
      repository.id,
      issue.number,
      known?.revision ?? 0,
      JSON.stringify(sent),
      sent.root?.channel ?? null,
    );
    return true;
  }
  return nextThreadStep(view, readThreadSent(known?.sent ?? null, chat.name), chat.digest) !== null;
}

function digest(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}
