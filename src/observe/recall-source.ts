import { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";
import { TerminalError, TransientError } from "../base/errors.ts";
import type { PastIncident } from "../core/archive/past-incident.ts";
import { placeFromHere } from "../core/gate/post-mortem-place.ts";
import { RECALLED_FOR_MS, wantsRecall } from "../core/judge/judge-recall.ts";
import type { Instant, IssueFacts, Millis, Reference, Repository } from "../core/model.ts";
import { sameTarget, targetKey } from "../core/names.ts";
import type { IncidentObservation } from "../core/observation.ts";
import {
  candidateByText,
  candidateOf,
  isOfTheTeam,
  lessonOf,
  questionOf,
  RecallTexts,
} from "../core/recall/candidate-of.ts";
import { type Recalled, type RecalledFacts, recall } from "../core/recall/recall.ts";
import { fold, type History } from "../core/record/history.ts";
import type { IncidentRecord } from "../core/record/record.ts";
import { incidentId } from "../core/waiting.ts";
import { createEvidencePlaces } from "./evidence-places.ts";
import type { LearnedInLook } from "./learned-in-look.ts";
import type { PolicySource } from "./policy-source.ts";
import type { PullRequestFiles } from "./pull-request-files.ts";
import { type ArchiveParts, copyOfRecord, recordOf } from "./read-archive.ts";

/** The newest incidents that a new one is compared with. */
const MOST_COMPARED = 200;
/** For how many of the newest incidents the files of the fix are read, if the new one names files: two requests each. */
const MOST_FIXES_READ = 3;
/** How many repositories' incidents are remembered, and how many characters of theirs. */
const MOST_REPOSITORIES = 100;
const MOST_CHARACTERS = 20_000_000;
/** After that everything is read again: what is no longer listed was deleted, moved, or lost its label. */
const READ_AGAIN_AFTER_MS = 24 * 3_600_000;
/** What changed in the second of a listing may be missing from it. */
const CLOCKS_MS = 60_000;
/** How many incidents are known to have been looked for. */
const MOST_ASKED = 10_000;

/** What past incidents are read with. */
export interface RecallParts extends ArchiveParts {
  readonly clock: Clock;
  readonly files: PullRequestFiles;
  readonly learned: LearnedInLook;
  readonly policies: PolicySource;
}

/** Issues of a repository as they were last listed. */
interface Listed {
  readonly wholeAt: Instant;
  readonly readAt: Instant;
  /** `null`: post-mortems were not listed yet, as there was nothing they could have been about. */
  readonly learnedAt: Instant | null;
  readonly incidents: ReadonlyMap<number, IssueFacts>;
  readonly postMortems: ReadonlyMap<number, IssueFacts>;
  /** `owner/name` of where the post-mortems are, and the labels that were asked for. */
  readonly of: string;
}

/**
 * Reads past incidents for a new one, once in its life, and remembers them by repository: a second declaration asks only for
 * what has changed since.
 */
export class RecallSource {
  readonly #listed = new LRUCache<number, Listed>({
    max: MOST_REPOSITORIES,
    maxSize: MOST_CHARACTERS,
    sizeCalculation: ({ incidents, postMortems }) =>
      [...incidents.values(), ...postMortems.values()].reduce((sum, { body }) => sum + body.length + 1_000, 1),
  });
  readonly #asked = new LRUCache<string, true>({ max: MOST_ASKED });
  readonly #within: Millis;

  /** @param within how soon after the declaration at the latest: a process that ends remembers nothing of an earlier look */
  constructor(within = Number.POSITIVE_INFINITY as Millis) {
    this.#within = within;
  }

  /**
   * The observation with the incidents of the past, if they are wanted and were not asked for yet; `null`: there is nothing
   * more to see. What GitHub does not answer is left out for good: similar incidents are a help, and nobody waits for it.
   */
  async more(parts: RecallParts, seen: IncidentObservation, history: History): Promise<IncidentObservation | null> {
    const id = incidentId(seen.repository, seen.issue.number);
    if (!wantsRecall(seen, history) || this.#asked.has(id)) return null;
    if (seen.at - history.declared.at > this.#within) return null;
    try {
      const found = await this.#find(parts, seen, history);
      // If there are any, the record will say so; a pass that dies before that looks once more.
      if (found.length > 0) return { ...seen, recall: found };
    } catch (error) {
      if (!(error instanceof TransientError || error instanceof TerminalError)) throw error;
    }
    this.#asked.set(id, true);
    return null;
  }

  /** Compares once, with hundreds: what is found is what the observation has. */
  async #find(parts: RecallParts, seen: IncidentObservation, history: History): Promise<readonly RecalledFacts[]> {
    const { templates } = seen;
    const sources = [...templates.incident, ...templates.postMortem, ...templates.postMortemFor.values()];
    const texts = new RecallTexts(seen.app, sources, seen.policy.policy["contributing-factors"]);
    const question = questionOf(seen.issue, history, texts);
    const { incidents, postMortems, place } = await this.#list(parts, seen);
    const others = [...incidents.values()]
      .filter(({ number, state }) => number !== seen.issue.number && state === "closed")
      .toSorted((a, b) => b.number - a.number)
      .slice(0, MOST_COMPARED);
    const past: PastIncident[] = [];
    const unknown: IssueFacts[] = [];
    for (const issue of others) {
      const copy = pastIncident(issue, await copyOfRecord(parts, seen.repository, issue));
      if (copy === null) unknown.push(issue);
      else past.push(copy);
    }
    const byText = unknown.map((issue) => candidateByText(issue, question.files, texts));
    past.push(...(await this.#readRecords(parts, seen, unknown, recall(question, byText))));
    const learned = past.filter(({ history: its }) => its.cancelled === null && its.drill === null);
    const fixed =
      question.files.length > 0 ? await this.#fixedFiles(parts, seen, learned) : new Map<number, readonly string[]>();
    const written = new Map(
      learned.flatMap(({ issue, record, history: its }) => {
        const target = postMortemOf(its, place);
        const found = target === null ? undefined : postMortems.get(target.number);
        const counts = target !== null && found !== undefined && isOfTheTeam(found, record, seen.app);
        return counts ? [[issue.number, { issue: found, target }] as const] : [];
      }),
    );
    const candidates = learned.map((one) => {
      const { number } = one.issue;
      return candidateOf(one, written.get(number)?.issue ?? null, fixed.get(number) ?? [], question.files, texts);
    });
    return recall(question, candidates).map((one) => {
      const postMortem = written.get(one.number) ?? null;
      return { ...one, lesson: postMortem === null ? null : lessonOf(postMortem.issue.body, postMortem.target, texts) };
    });
  }

  /** One listing for each severity, and one of post-mortems where they may be shown. */
  async #list(
    { read, clock, ...parts }: RecallParts,
    seen: IncidentObservation,
  ): Promise<Pick<Listed, "incidents" | "postMortems"> & { readonly place: string | null }> {
    const { repository } = seen;
    const { severities, "post-mortem": postMortem } = seen.policy.policy;
    const name = placeFromHere(seen);
    const place = await createEvidencePlaces({ read, ...parts }, seen)(name);
    const of = JSON.stringify([
      severities.map(({ label }) => label),
      postMortem.label,
      place.repository?.id,
      place.access,
    ]);
    const now = clock.now();
    const kept = this.#listed.get(repository.id);
    const known = kept?.of === of && now - kept.wholeAt < READ_AGAIN_AFTER_MS ? kept : null;
    const listing = (where: Repository, label: string, last: Instant | null) =>
      read.issuesWithLabel(where, label, {
        state: "all",
        since: (last === null ? now - RECALLED_FOR_MS : last - CLOCKS_MS) as Instant,
      });
    const readAt = known?.readAt ?? null;
    const incidents = new Map(known?.incidents);
    const lists = await Promise.all(severities.map(({ label }) => listing(repository, label, readAt)));
    for (const issue of lists.flat()) incidents.set(issue.number, issue);
    const postMortems = new Map(known?.postMortems);
    const isWorthIt = [...incidents.values()].some(
      ({ number, state }) => number !== seen.issue.number && state === "closed",
    );
    // In a private repository that others may use as evidence, only whether one is complete may be shown.
    const mayRead = isWorthIt && place.access === "open" && place.repository !== null;
    const learnedAt = known?.learnedAt ?? null;
    if (mayRead && place.repository !== null) {
      for (const issue of await listing(place.repository, postMortem.label, learnedAt))
        postMortems.set(issue.number, issue);
    }
    const wholeAt = known?.wholeAt ?? now;
    this.#listed.set(repository.id, {
      ...{ wholeAt, readAt: now, learnedAt: mayRead ? now : learnedAt },
      ...{ incidents, postMortems, of },
    });
    return { incidents, postMortems, place: name };
  }

  /** The records of incidents without a copy, of those that are similar by their texts alone. */
  async #readRecords(
    parts: RecallParts,
    { repository }: IncidentObservation,
    unknown: readonly IssueFacts[],
    similar: readonly Recalled[],
  ): Promise<readonly PastIncident[]> {
    const issues = unknown.filter(({ number }) => similar.some((one) => one.number === number));
    const records = await Promise.all(issues.map((issue) => recordOf(parts, repository, issue)));
    return issues.flatMap((issue, at) => pastIncident(issue, records[at] ?? null) ?? []);
  }

  /** By incident: the files that its fix changed. */
  async #fixedFiles(
    { read, files, index }: RecallParts,
    seen: IncidentObservation,
    past: readonly PastIncident[],
  ): Promise<ReadonlyMap<number, readonly string[]>> {
    const found = new Map<number, readonly string[]>();
    for (const { issue, history } of past.toSorted((a, b) => b.issue.number - a.issue.number)) {
      if (found.size === MOST_FIXES_READ) break;
      const linked = await index.linksFrom(seen.repository.id, issue.number, "pull-request");
      const fix = history.reverts.at(-1)?.pullRequest ?? linked.at(-1)?.number;
      if (fix === undefined) continue;
      const pullRequest = await read.pullRequest(seen.repository, fix);
      const isFix = pullRequest !== "missing" && pullRequest.merged;
      found.set(
        issue.number,
        isFix ? (await files.of(seen.repository, pullRequest)).files.map(({ path }) => path) : [],
      );
    }
    return found;
  }
}

function pastIncident(issue: IssueFacts, record: IncidentRecord | null): PastIncident | null {
  return record === null ? null : { issue, record, history: fold(record.entries) };
}

/** The post-mortem an incident was closed with, or that somebody linked by command, if it is where it belongs. */
function postMortemOf({ closed, links }: History, place: string | null): Reference | null {
  const known = links.filter(({ evidence }) => evidence === "post-mortem");
  const isClosedWith = (target: Reference) => closed?.evidence.some((one) => sameTarget(one, target)) === true;
  const found = known.findLast(({ target, byCommand }) => byCommand || isClosedWith(target));
  if (found === undefined) return null;
  return targetKey(found.target) === targetKey({ repository: place, number: found.target.number })
    ? found.target
    : null;
}
