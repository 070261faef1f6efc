import { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";
import { TerminalError, TransientError } from "../base/errors.ts";
import type { PastIncident } from "../core/archive/past-incident.ts";
import { placeFromHere } from "../core/gate/post-mortem-place.ts";
import { RECALLED_FOR_MS, wantsRecall } from "../core/judge/judge-recall.ts";
import type { Instant, IssueFacts, Reference, Repository } from "../core/model.ts";
import { sameTarget, targetKey } from "../core/names.ts";
import type { IncidentObservation } from "../core/observation.ts";
import { candidateByText, candidateOf, questionOf, type RecallTexts } from "../core/recall/candidate-of.ts";
import { recall } from "../core/recall/recall.ts";
import type { RecallCandidate } from "../core/recall/recall-candidate.ts";
import { fold, type History } from "../core/record/history.ts";
import type { IncidentRecord } from "../core/record/record.ts";
import { namedFiles } from "../core/regressions/suspects.ts";
import { incidentId } from "../core/waiting.ts";
import { createEvidencePlaces } from "./evidence-places.ts";
import type { LearnedInLook } from "./learned-in-look.ts";
import type { PolicySource } from "./policy-source.ts";
import type { PullRequestFiles } from "./pull-request-files.ts";
import { type ArchiveParts, copyOfRecord, recordOf } from "./read-archive.ts";

/** The newest incidents that a new one is compared with. */
const MOST_COMPARED = 200;
/** How many records are read from GitHub because the index has no copy, of the incidents that look most similar. */
const MOST_RECORDS_READ = 3;
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

  /**
   * The observation with the incidents of the past, if they are wanted and were not asked for yet; `null`: there is nothing
   * more to see. What GitHub does not answer is left out for good: similar incidents are a help, and nobody waits for it.
   */
  async more(parts: RecallParts, seen: IncidentObservation, history: History): Promise<IncidentObservation | null> {
    const id = incidentId(seen.repository, seen.issue.number);
    if (!wantsRecall(seen, history) || this.#asked.has(id)) return null;
    try {
      const found = await this.#read(parts, seen, history);
      // If there are any, the record will say so; a pass that dies before that looks once more.
      if (recall(questionOf(seen.issue, history, found.texts), found.candidates).length > 0)
        return { ...seen, recall: found };
    } catch (error) {
      if (!(error instanceof TransientError || error instanceof TerminalError)) throw error;
    }
    this.#asked.set(id, true);
    return null;
  }

  async #read(
    parts: RecallParts,
    seen: IncidentObservation,
    history: History,
  ): Promise<NonNullable<IncidentObservation["recall"]>> {
    const { policy } = seen.policy;
    const texts: RecallTexts = {
      app: seen.app,
      incidentTemplate: seen.templates.incident.join("\n\n"),
      postMortemTemplate: [...seen.templates.postMortem, ...seen.templates.postMortemFor.values()].join("\n\n"),
      factors: policy["contributing-factors"],
    };
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
    past.push(...(await this.#readLikeliest(parts, seen, history, unknown, texts)));
    const learnt = past.filter(({ history: its }) => its.cancelled === null && its.drill === null);
    const fixed = await this.#fixedFiles(parts, seen, learnt);
    const candidates = learnt.map((one): RecallCandidate => {
      const target = postMortemOf(one.history, place);
      const issue = target === null ? undefined : postMortems.get(target.number);
      const postMortem = target === null || issue === undefined ? null : { issue, target };
      return candidateOf(one, postMortem, fixed.get(one.issue.number) ?? [], texts);
    });
    return { candidates, texts };
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
    const since = (known === null ? now - RECALLED_FOR_MS : known.readAt - CLOCKS_MS) as Instant;
    const listing = (where: Repository, label: string) => read.issuesWithLabel(where, label, { state: "all", since });
    const incidents = new Map(known?.incidents);
    const lists = await Promise.all(severities.map(({ label }) => listing(repository, label)));
    for (const issue of lists.flat()) incidents.set(issue.number, issue);
    const isWorthIt = [...incidents.values()].some(
      ({ number, state }) => number !== seen.issue.number && state === "closed",
    );
    const postMortems = new Map(known?.postMortems);
    // In a private repository that others may use as evidence, only whether one is complete may be shown.
    if (isWorthIt && place.access === "open" && place.repository !== null) {
      for (const issue of await listing(place.repository, postMortem.label)) postMortems.set(issue.number, issue);
      this.#listed.set(repository.id, { wholeAt: known?.wholeAt ?? now, readAt: now, incidents, postMortems, of });
    }
    return { incidents, postMortems, place: name };
  }

  /** Of the incidents without a copy, those that are similar by their texts alone. */
  async #readLikeliest(
    parts: RecallParts,
    seen: IncidentObservation,
    history: History,
    unknown: readonly IssueFacts[],
    texts: RecallTexts,
  ): Promise<readonly PastIncident[]> {
    const byText = unknown.map((issue) => candidateByText(issue, texts));
    const likely = recall(questionOf(seen.issue, history, texts), byText).slice(0, MOST_RECORDS_READ);
    const issues = unknown.filter(({ number }) => likely.some((one) => one.number === number));
    const records = await Promise.all(issues.map((issue) => recordOf(parts, seen.repository, issue)));
    return issues.flatMap((issue, at) => pastIncident(issue, records[at] ?? null) ?? []);
  }

  /** By incident: the files that its fix changed, if the new incident names files at all. */
  async #fixedFiles(
    { read, files, index }: RecallParts,
    seen: IncidentObservation,
    past: readonly PastIncident[],
  ): Promise<ReadonlyMap<number, readonly string[]>> {
    if (namedFiles(seen.issue).length === 0) return new Map();
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
