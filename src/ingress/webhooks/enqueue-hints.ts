import { createHash, randomInt } from "node:crypto";
import { LRUCache } from "lru-cache";
import { atMost } from "../../base/at-most.ts";
import type { Clock } from "../../base/clock.ts";
import { keyId } from "../../core/key.ts";
import { assertNever, type Instant, type Key, type Repository, type Standing } from "../../core/model.ts";
import { fullName, sameName } from "../../core/names.ts";
import { keptPolicy } from "../../core/policy/kept-policy.ts";
import { rankByTrust } from "../../core/trust/rank-by-trust.ts";
import { byDelivery } from "../../queue/cause.ts";
import type { Queue } from "../../queue/queue.ts";
import type { IndexStore, KnownRepository } from "../../store/index-store.ts";
import type { ToldChanges } from "../sweep/told-changes.ts";
import { type Hints, hintsOf, type InstallationChange, type Question, type WebhookEvent } from "./hints.ts";

/** What became of an event: its keys are waiting in the queue, or it does not concern us. */
export type Accepted = "queued" | "ignored";

export interface EnqueueParts {
  readonly queue: Pick<Queue, "accept">;
  readonly index: IndexStore;
  readonly clock: Clock;
  /** `slug[bot]`; `null` until GitHub has told us. */
  botLogin(): string | null;
  /** The host in the URLs of issues, such as `github.com`. */
  readonly webHost: string;
  /** Learns what need not be looked at again; left out: nobody wants to know. */
  readonly told?: ToldChanges;
  /** Forgets the cached tokens of an installation. */
  forgetTokens(installationId: number): void;
}

/** Nobody draws the same twice. */
const HINTS = 2 ** 47;

/** What is known about a repository's labels, and when it was read. */
interface KnownLabels {
  readonly severityLabels: readonly string[] | null;
  readonly postMortemLabel: string | null;
  readonly followUpsLabels: readonly string[] | null;
  readonly watchesBuilds: boolean | null;
  readonly goodUntil: Instant;
}

const LABELS_FRESH_MS = 60_000;
/** If the policy has not been read, or is to be read again, a pass is about to do so. */
const UNSETTLED_LABELS_FRESH_MS = 2_000;
const MAX_REMEMBERED_REPOSITORIES = 10_000;
const MAX_REMEMBERED_TEXTS = 20_000;
/**
 * How many incidents are looked at because of one event if nobody on the team is known to have written the link to
 * them; if somebody has, the first twenty. A sweep looks at the others.
 */
const MOST_BY_OUTSIDERS = 3;
const MOST_BY_THE_TEAM = 20;

/**
 * Makes the function that turns a verified event into waiting keys. Once it returns, they are durable.
 *
 * An event that cannot concern us costs nothing, and one for an unlabelled issue costs no database query, except for
 * what an incident that lost its labels has to hear: a command, its closing, or its return. The labels of a repository
 * are looked up at most once a minute.
 *
 * The function takes GitHub's id of the delivery besides, for the log; `null` or left out: it is not known.
 *
 * @throws TransientError (from the function it makes) when the store does not answer
 */
export function createEnqueueHints(
  parts: EnqueueParts,
): (event: WebhookEvent, deliveryId?: string | null) => Promise<Accepted> {
  const { queue, index, clock } = parts;
  const remembered = new LRUCache<number, KnownLabels>(atMost(MAX_REMEMBERED_REPOSITORIES));
  const lastTold = new LRUCache<string, string>(atMost(MAX_REMEMBERED_TEXTS));
  const postMortemRepositories = new LRUCache<string, string>(atMost(MAX_REMEMBERED_REPOSITORIES));

  return async function enqueueHints(event, deliveryId = null) {
    const hints = await readHints(event);
    if (hints.rewritten !== undefined) lastTold.delete(hints.rewritten);
    const told = hints.told === undefined ? null : { ...hints.told, digest: digest(hints.told.text) };
    if (told?.isEdit === true && lastTold.get(told.id) === told.digest) {
      parts.told?.note(event.payload, new Map(hints.keys.map((key) => [keyId(key), key])));
      return "ignored";
    }
    for (const change of hints.installations) await applyChange(change);
    const keys = new Map<string, Key>();
    for (const key of hints.keys) keys.set(keyId(key), key);
    for (const repository of hints.visibilityChanged) {
      for (const key of await forgetVisibility(repository)) keys.set(keyId(key), key);
    }
    for (const { id } of hints.sweepAnew) {
      const known = (await index.repository(id))?.repository;
      if (known !== undefined) await index.saveRepository(known, { sweptAt: null });
    }
    for (const repository of hints.policyChanged) {
      for (const key of await markPolicyChanged(repository)) keys.set(keyId(key), key);
    }
    for (const question of hints.questions) {
      for (const key of await answer(question)) keys.set(keyId(key), key);
    }
    if (keys.size === 0) return hints.installations.length === 0 ? "ignored" : "queued";
    await queue.accept([...keys.values()], hints.priority, byDelivery(deliveryId));
    // Not before it is durable: otherwise GitHub would send it again.
    if (told !== null) lastTold.set(told.id, told.digest);
    parts.told?.note(event.payload, keys);
    return "queued";
  };

  /** Reads the event; if it depends on labels that are not remembered, learns them and reads the event again. */
  async function readHints(event: WebhookEvent): Promise<Hints> {
    const missing = new Set<number>();
    function labelsOf(repositoryId: number): KnownLabels | null {
      const known = remembered.get(repositoryId);
      if (known !== undefined && clock.now() < known.goodUntil) return known;
      missing.add(repositoryId);
      return null;
    }
    const context = {
      botLogin: parts.botLogin(),
      webHost: parts.webHost,
      severityLabelsOf: (id: number) => labelsOf(id)?.severityLabels ?? null,
      postMortemLabelOf: (id: number) => labelsOf(id)?.postMortemLabel ?? null,
      followUpsLabelsOf: (id: number) => labelsOf(id)?.followUpsLabels ?? null,
      watchesBuilds: (id: number) => labelsOf(id)?.watchesBuilds ?? null,
    };
    const hints = hintsOf(event, context);
    if (missing.size === 0) return hints;
    for (const id of missing) {
      const known = await index.repository(id);
      const settled = known !== null && known.severityLabels !== null && known.policyReadAt !== null;
      remembered.set(id, {
        severityLabels: known?.severityLabels ?? null,
        postMortemLabel: known?.postMortemLabel ?? null,
        followUpsLabels: settled ? followUpsLabels(known) : null,
        watchesBuilds: settled ? watchesBuilds(known) : null,
        goodUntil: (clock.now() + (settled ? LABELS_FRESH_MS : UNSETTLED_LABELS_FRESH_MS)) as Instant,
      });
    }
    return hintsOf(event, context);
  }

  async function markPolicyChanged(repository: Repository): Promise<readonly Key[]> {
    const concerned =
      repository.name.toLowerCase() === ".github"
        ? (await index.repositories(repository.installationId)).map((known) => known.repository)
        : [];
    const keys: Key[] = [...(await withPostMortemsIn(repository))];
    for (const each of [repository, ...concerned.filter((other) => other.id !== repository.id)]) {
      // A delivery may be old, so it does not change what is known about a repository's name and installation.
      const known = (await index.repository(each.id))?.repository ?? each;
      await index.saveRepository(known, { policyHint: randomInt(1, HINTS) });
      remembered.delete(each.id);
      keys.push({ kind: "repository", repository: each });
    }
    return keys;
  }

  async function applyChange(change: InstallationChange): Promise<void> {
    parts.forgetTokens(change.installationId);
    switch (change.kind) {
      case "access-changed":
        return;
      case "uninstalled":
        for (const { repository } of await index.repositories(change.installationId)) await forget(repository.id);
        return;
      case "repositories-removed":
        for (const id of change.repositoryIds) await forget(id);
        return;
      default:
        assertNever(change);
    }
  }

  /** Unknown counts as private; even if the event is an old one, the pass that follows reads what is true. */
  async function forgetVisibility(repository: Repository): Promise<readonly Key[]> {
    const known = await index.repository(repository.id);
    if (known !== null) await index.saveRepository(known.repository, { isPrivate: null });
    return await withPostMortemsIn(repository);
  }

  /**
   * Incidents of other repositories that have, or want, a post-mortem in this one: what may be shown about it has
   * changed.
   */
  async function withPostMortemsIn(repository: Repository): Promise<readonly Key[]> {
    const keys: Key[] = [];
    for (const link of await index.linksInto(repository, "post-mortem")) {
      const home = await homeOf(link.repositoryId, repository);
      if (home !== null) keys.push({ kind: "incident", repository: home, number: link.incident });
    }
    return keys;
  }

  async function forget(repositoryId: number): Promise<void> {
    await index.forgetRepository(repositoryId);
    remembered.delete(repositoryId);
  }

  async function answer(question: Question): Promise<readonly Key[]> {
    switch (question.kind) {
      case "known": {
        const { repository, number } = question;
        const isKnown = (await index.incident(repository.id, number)) !== null;
        return isKnown ? [{ kind: "incident", repository, number }] : [];
      }
      case "linked-to":
        return await incidentsLinkedTo(question);
      case "named":
        return await rememberNamed(question);
      case "mentioned":
        return await rememberMentions(question);
      case "reverted":
        return await revertedIncidents(question);
      case "item-of": {
        const { repository, incident } = question;
        const home = await homeOf(incident.repositoryId, repository);
        // Also if the index does not know it: a closed incident is not looked at by itself.
        return home === null ? [] : [{ kind: "incident", repository: home, number: incident.number }];
      }
      case "repositories-of":
        return (await index.repositories(question.installationId)).map(({ repository }) => ({
          kind: "repository",
          repository,
        }));
      default:
        return assertNever(question);
    }
  }

  async function incidentsLinkedTo(question: Extract<Question, { kind: "linked-to" }>): Promise<readonly Key[]> {
    const { repository, number, isPullRequest } = question;
    const known = await index.linksTo(fullName(repository), number);
    // What a pass over an outsider's pull request found, the next one finds again if it has changed.
    const links = isPullRequest ? known.filter(({ standing }) => standing !== "outsider") : known;
    const keys: Key[] = [];
    for (const link of mostTrusted(links)) {
      const home = await homeOf(link.repositoryId, repository);
      if (home !== null) keys.push({ kind: "incident", repository: home, number: link.incident });
    }
    return keys;
  }

  /** It is looked at because of the link, as far as that can be trusted. */
  async function rememberNamed(question: Extract<Question, { kind: "named" }>): Promise<readonly Key[]> {
    const { repository, incident, postMortem } = question;
    const home = incident.repository === null ? repository : await letsItselfBeNamed(incident.repository, repository);
    if (home === null) return [];
    await index.addLink(home.id, incident.number, "post-mortem", fullName(repository), postMortem);
    return [];
  }

  /**
   * The repository called `name`, if the line of an issue in `from` may matter to it: its policy wants its post-mortems
   * there. A line from anywhere else costs it nothing. An installation never causes work in another one.
   */
  async function letsItselfBeNamed(name: string, from: Repository): Promise<Repository | null> {
    const known = await index.repositoryByName(name);
    if (known === null || known.repository.installationId !== from.installationId) return null;
    if (known.repository.id === from.id) return from;
    return sameName(postMortemRepositoryOf(known), fullName(from)) ? known.repository : null;
  }

  /** By the blob of the policy: anybody can name an incident, and each policy is parsed only once. */
  function postMortemRepositoryOf({ lastGoodPolicy }: KnownRepository): string {
    if (lastGoodPolicy === null) return "same";
    const place =
      postMortemRepositories.get(lastGoodPolicy.sha) ?? keptPolicy(lastGoodPolicy)["post-mortem"].repository;
    postMortemRepositories.set(lastGoodPolicy.sha, place);
    return place;
  }

  /** A pass over the pull request says which incidents are worth a look because of it. */
  async function rememberMentions(question: Extract<Question, { kind: "mentioned" }>): Promise<readonly Key[]> {
    const { repository, numbers, pullRequest } = question;
    for (const number of numbers) {
      if ((await index.incident(repository.id, number)) === null) continue;
      await index.addLink(repository.id, number, "pull-request", fullName(repository), pullRequest);
    }
    return [];
  }

  async function revertedIncidents(question: Extract<Question, { kind: "reverted" }>): Promise<readonly Key[]> {
    const { repository, numbers, by } = question;
    const keys: Key[] = [];
    for (const number of numbers) {
      for (const link of await index.linksTo(fullName(repository), number)) {
        const home = await homeOf(link.repositoryId, repository);
        if (home === null) continue;
        await index.addLink(home.id, link.incident, "revert", fullName(repository), by);
        keys.push({ kind: "incident", repository: home, number: link.incident });
      }
    }
    return keys;
  }

  /** The repository an incident lives in; `null` if it is unknown or belongs to another installation. */
  async function homeOf(repositoryId: number, seenFrom: Repository): Promise<Repository | null> {
    if (repositoryId === seenFrom.id) return seenFrom;
    const home = (await index.repository(repositoryId))?.repository ?? null;
    return home !== null && home.installationId === seenFrom.installationId ? home : null;
  }
}

/** According to the policy in force; a repository without one of its own has the built-in one, which does not. */
function watchesBuilds({ lastGoodPolicy }: KnownRepository): boolean {
  return keptPolicy(lastGoodPolicy).alerts["workflow-runs"] !== null;
}

function followUpsLabels({ lastGoodPolicy }: KnownRepository): readonly string[] {
  const policy = keptPolicy(lastGoodPolicy);
  return [policy["action-items"].label, policy["follow-ups"].label];
}

/**
 * Each incident once, the most trusted links first, and only a few of those that nobody on the team is known to have
 * made.
 */
function mostTrusted<
  Link extends { readonly repositoryId: number; readonly incident: number; readonly standing: Standing },
>(links: readonly Link[]): readonly Link[] {
  // Among equally trusted ones, the newest.
  const ranked = links.toReversed().map((link) => ({ ...link, trust: link.standing }));
  const each = new Map<string, Link>();
  let byOutsiders = 0;
  for (const link of rankByTrust(ranked, ranked.length).kept) {
    const id = `${link.repositoryId}#${link.incident}`;
    if (each.has(id) || each.size >= MOST_BY_THE_TEAM) continue;
    const isOfTheTeam = link.standing !== "untold" && link.standing !== "outsider";
    if (!isOfTheTeam && byOutsiders >= MOST_BY_OUTSIDERS) continue;
    if (!isOfTheTeam) byOutsiders += 1;
    each.set(id, link);
  }
  return [...each.values()].toReversed();
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
