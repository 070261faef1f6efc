import { originOf } from "../core/items/item-issue.ts";
import { namedIncidents } from "../core/markdown/references.ts";
import type { Instant, IssueFacts, Key, Repository } from "../core/model.ts";
import { fullName, hasLabel, sameName } from "../core/names.ts";
import { allLabels, type LabelContent, labelsMissing, severityLabels, stateLabels } from "../core/plan/labels.ts";
import { keptPolicy } from "../core/policy/kept-policy.ts";
import type { Policy } from "../core/policy/policy.ts";
import { STATE_LABEL_NAMES, WAIVED_LABEL } from "../core/record/state-label.ts";
import { DAY_MS } from "../core/time-units.ts";
import type { IndexReader } from "../store/index-store.ts";
import type { ObserveParts } from "./observe-parts.ts";

/** A change may appear in GitHub's lists some time after it happened. */
const OVERLAP_MS = 600_000;
/** How far back the first sweep looks for closed incidents: a new index knows none of them. */
const CLOSED_WITHIN_MS = 30 * 24 * 3_600_000;
/** How far back the first sweep looks for changes: the process may have been down, and its index lost with it. */
const FIRST_CHANGED_WITHIN_MS = 24 * 3_600_000;
/** How often everything open is listed again, not only what changed. */
const FULL_AFTER_MS = 6 * 3_600_000;

/** Of a repository with more labels than this, not all are listed. */
const MOST_LABELS = 5_000;

/** What a sweep through one repository found. */
export interface RepositoryObservation {
  readonly at: Instant;
  /** Under its present name. */
  readonly repository: Repository;
  readonly isPrivate: boolean;
  readonly policy: Policy;
  /** To be created where they are missing; those that are there are left as they are. */
  readonly neededLabels: readonly LabelContent[];
  /** It has no policy, its owner has none, and nothing in it is known to have been an incident. */
  readonly isNew: boolean;
  /** Names of labels of ours that the repository has. */
  readonly labelsThere: readonly string[];
  /** Incidents and pull requests to look at. */
  readonly keys: readonly Key[];
}

/** A repository in which there may be incidents, under the name it has now. */
export interface PresentRepository {
  readonly repository: Repository;
  readonly isPrivate: boolean;
}

/** Reads whether a repository may have incidents. `null`: it is gone, archived or has no issues. */
export async function presentRepository({ read }: ObserveParts, asked: Repository): Promise<PresentRepository | null> {
  const facts = await read.repository(asked);
  if (facts === "missing" || facts.archived || !facts.hasIssues) return null;
  return { repository: { ...asked, owner: facts.owner, name: facts.name }, isPrivate: facts.isPrivate };
}

/** Reads what a sweep needs: the policy, the labels, and what changed since the last one. */
export async function observeRepository(
  parts: ObserveParts,
  { repository, isPrivate }: PresentRepository,
): Promise<RepositoryObservation> {
  const { read, index, clock } = parts;
  const at = clock.now();
  const known = await index.repository(repository.id);
  const rules = (await parts.policies.rules(repository)).policy;
  const { policy } = rules;
  const open = await index.openIncidents(repository.id);
  // Those of a severity that left the policy are forgotten: should it come back, whatever got them meanwhile is looked at.
  const before = (known?.labelsThere ?? []).filter((name) => isOurs(policy, name));
  const hasHadIncidents = open.length > 0 || STATE_LABEL_NAMES.some((name) => hasLabel(before, name));
  const neededLabels = [...severityLabels(policy), ...(hasHadIncidents ? stateLabels() : [])];
  const sweptAt = known?.sweptAt ?? null;
  // What a lost index knew, nobody knows before they are listed once.
  const isKnown = sweptAt !== null && labelsMissing(neededLabels, before).length === 0;
  const listed = isKnown ? null : await read.labels(repository);
  const labelsThere = listed === null ? before : listed.filter((name) => isOurs(policy, name));
  // No issue has a label that the repository has not.
  const mayBeOn = (label: string) => listed === null || listed.length >= MOST_LABELS || hasLabel(listed, label);
  const used = policy.severities.map(({ label }) => label).filter(mayBeOn);

  // The labels differ from last time: this finds what was labelled before the policy was read.
  const isNewPolicy =
    sweptAt !== null && listed !== null && used.some((label) => hasLabel(listed, label) && !hasLabel(before, label));
  const isFull =
    sweptAt === null ||
    isNewPolicy ||
    at - sweptAt > FULL_AFTER_MS ||
    Math.floor(at / FULL_AFTER_MS) !== Math.floor(sweptAt / FULL_AFTER_MS);
  const keys = isFull ? await everythingOpen(parts, repository, used) : [];
  // A repository that has too many labels to list them may have this one.
  const mayHaveWaived = hasLabel(labelsThere, WAIVED_LABEL.name) || (listed?.length ?? 0) >= MOST_LABELS;
  if (isFull && mayHaveWaived) keys.push(...(await waivedForAWhile(parts, repository)));
  if (sweptAt === null) keys.push(...(await closedLately(parts, repository, used, at)));
  const changedAfter = (sweptAt === null ? at - FIRST_CHANGED_WITHIN_MS : sweptAt - OVERLAP_MS) as Instant;
  // Where nothing has ever been an incident or a post-mortem, only open pull requests matter, and those are listed already.
  const others = [...STATE_LABEL_NAMES, policy["post-mortem"].label];
  const isUntouched = sweptAt === null && used.length === 0 && !others.some(mayBeOn);
  const { keys: found, isWhole } = isUntouched
    ? { keys: [], isWhole: true }
    : await changed(parts, repository, policy, changedAfter);
  keys.push(...found);
  // It is not known which others have changed: whatever may be an incident, or close one, is looked at as if it had.
  if (!isWhole && !isFull) keys.push(...(await everythingOpen(parts, repository, used)));
  if (!isWhole && sweptAt !== null) keys.push(...(await closedLately(parts, repository, used, at)));
  for (const incident of open) {
    if (isFull || !isWhole) keys.push({ kind: "incident", repository, number: incident.number });
  }
  if (isNewDay(sweptAt, at) && mayHaveDebt(policy, labelsThere, hasHadIncidents)) {
    keys.push({ kind: "follow-ups", repository });
  }
  // Whatever was shown of it elsewhere, or could not be, is looked at again.
  if (isPrivate !== (known?.isPrivate ?? null)) keys.push(...(await shownElsewhere(parts, repository)));
  const hasPolicy = rules.source !== null || rules.trouble !== null;
  const isNew = !hasPolicy && !hasHadIncidents && !STATE_LABEL_NAMES.some((name) => hasLabel(labelsThere, name));
  return { at, repository, isPrivate, policy, isNew, neededLabels, labelsThere, keys };
}

/** What is late is looked at once a day, should its timer have been lost. */
function isNewDay(sweptAt: Instant | null, at: Instant): boolean {
  return sweptAt === null || Math.floor(at / DAY_MS) !== Math.floor(sweptAt / DAY_MS);
}

/** Whether something may be late: there has been an incident. Costs no request where there has been none. */
function mayHaveDebt(policy: Policy, labelsThere: readonly string[], hasHadIncidents: boolean): boolean {
  const { issue, labels, label } = policy["follow-ups"];
  if (!issue && !labels) return false;
  const traces = [...STATE_LABEL_NAMES, policy["action-items"].label, label];
  return hasHadIncidents || traces.some((name) => hasLabel(labelsThere, name));
}

/** Pull requests elsewhere that would close an incident of the repository, and incidents elsewhere with a post-mortem in it. */
async function shownElsewhere({ index }: ObserveParts, repository: Repository): Promise<readonly Key[]> {
  const keys: Key[] = [];
  for (const link of await index.linksOutOf(repository, "pull-request")) {
    const place = (await index.repositoryByName(link.repository ?? ""))?.repository;
    if (place === undefined || place.id === repository.id) continue;
    if (place.installationId !== repository.installationId) continue;
    keys.push({ kind: "pull-request", repository: place, number: link.number });
  }
  for (const { repositoryId, incident } of await index.linksInto(repository, "post-mortem")) {
    const home = (await index.repository(repositoryId))?.repository;
    if (home?.installationId === repository.installationId) {
      keys.push({ kind: "incident", repository: home, number: incident });
    }
  }
  return keys;
}

function isOurs(policy: Policy, name: string): boolean {
  return hasLabel(
    allLabels(policy).map((label) => label.name),
    name,
  );
}

/** @param labels the severity labels that may be on an issue */
async function everythingOpen(
  { read }: ObserveParts,
  repository: Repository,
  labels: readonly string[],
): Promise<Key[]> {
  const lists = await Promise.all(
    labels.map((label) => read.issuesWithLabel(repository, label, { state: "open", since: null })),
  );
  const pullRequests = await read.openPullRequests(repository);
  return [
    ...lists.flat().map((issue): Key => ({ kind: "incident", repository, number: issue.number })),
    ...pullRequests.map((one): Key => ({ kind: "pull-request", repository, number: one.number })),
  ];
}

/**
 * Closed incidents: one may have been closed past the gate while the index was lost, and the evidence for one may
 * disappear later.
 */
async function closedLately(
  { read }: ObserveParts,
  repository: Repository,
  labels: readonly string[],
  at: Instant,
): Promise<readonly Key[]> {
  const since = (at - CLOSED_WITHIN_MS) as Instant;
  const lists = await Promise.all(
    labels.map((label) => read.issuesWithLabel(repository, label, { state: "all", since })),
  );
  return lists
    .flat()
    .filter((issue) => issue.state === "closed")
    .map((issue): Key => ({ kind: "incident", repository, number: issue.number }));
}

/** Closed incidents whose waivers end: the timer of one may have been lost, however long ago it was closed. */
async function waivedForAWhile({ read }: ObserveParts, repository: Repository): Promise<readonly Key[]> {
  const issues = await read.issuesWithLabel(repository, WAIVED_LABEL.name, { state: "all", since: null });
  return issues
    .filter(({ state }) => state === "closed")
    .map(({ number }): Key => ({ kind: "incident", repository, number }));
}

async function changed(
  parts: ObserveParts,
  repository: Repository,
  policy: Policy,
  since: Instant,
): Promise<{ readonly keys: readonly Key[]; readonly isWhole: boolean }> {
  const { issues, pullRequests, isWhole } = await parts.read.changedSince(repository, since);
  const labels = [...policy.severities.map((severity) => severity.label), ...STATE_LABEL_NAMES];
  const keys: Key[] = [];
  for (const issue of issues) {
    const isLabelled = labels.some((label) => hasLabel(issue.labels, label));
    // One that lost its labels is still an incident, and whatever removed them may not have been reported.
    if (isLabelled || (await parts.index.incident(repository.id, issue.number)) !== null) {
      keys.push({ kind: "incident", repository, number: issue.number });
    }
    keys.push(...(await incidentsOf(parts, repository, policy, issue)));
  }
  keys.push(...pullRequests.map((number): Key => ({ kind: "pull-request", repository, number })));
  return { keys, isWhole };
}

/** The repository called `name`, if its policy wants the post-mortems of its incidents in `here`; else `null`. */
async function whoseHere(index: IndexReader, here: Repository, name: string): Promise<Repository | null> {
  const known = await index.repositoryByName(name);
  if (known === null || known.repository.installationId !== here.installationId) return null;
  if (known.repository.id === here.id) return here;
  const wanted = keptPolicy(known.lastGoodPolicy)["post-mortem"].repository;
  return sameName(wanted, fullName(here)) ? known.repository : null;
}

/** The incidents a changed issue may be the post-mortem of. */
async function incidentsOf(
  { index, learned, app }: ObserveParts,
  repository: Repository,
  policy: Policy,
  issue: IssueFacts,
): Promise<readonly Key[]> {
  const keys: Key[] = [];
  if (hasLabel(issue.labels, policy["post-mortem"].label)) {
    const host = new URL(issue.url).host;
    for (const { kind, reference } of namedIncidents(issue.body, fullName(repository), host)) {
      if (kind !== "incident") continue;
      const place =
        reference.repository === null ? repository : await whoseHere(index, repository, reference.repository);
      if (place === null || (await index.incident(place.id, reference.number)) === null) continue;
      const target = { repository: fullName(repository), number: issue.number };
      learned.noteLink({
        repositoryId: place.id,
        incident: reference.number,
        kind: "post-mortem",
        target,
        standing: null,
      });
      keys.push({ kind: "incident", repository: place, number: reference.number });
    }
  }
  const item = originOf(app, issue)?.incident ?? null;
  if (item !== null) {
    const home =
      item.repositoryId === repository.id ? repository : (await index.repository(item.repositoryId))?.repository;
    if (home?.installationId === repository.installationId)
      keys.push({ kind: "incident", repository: home, number: item.number });
  }
  for (const link of await index.linksTo(fullName(repository), issue.number)) {
    const known = await index.repository(link.repositoryId);
    if (known?.repository.installationId === repository.installationId)
      keys.push({ kind: "incident", repository: known.repository, number: link.incident });
  }
  return keys;
}
