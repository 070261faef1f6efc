import type { PastIncident } from "../core/archive/past-incident.ts";
import { asksFor, closeRequires } from "../core/gate/asks-for.ts";
import { placeWanted } from "../core/gate/post-mortem-place.ts";
import { asksToRead } from "../core/gate/requirements/requirement-rules.ts";
import type { Repository } from "../core/model.ts";
import { fullName, sameName } from "../core/names.ts";
import { type IncidentObservation, NOTHING_LOOKED_UP } from "../core/observation.ts";
import { unreadable } from "../core/replay/evidence-at.ts";
import type { PastSeen } from "../core/replay/replay.ts";
import { type SeverityUnder, severityUnder } from "../core/replay/severity-under.ts";
import { incidentId } from "../core/waiting.ts";
import type { IndexReader } from "../store/index-store.ts";
import { createEvidencePlaces } from "./evidence-places.ts";
import type { ObserveParts } from "./observe-parts.ts";
import { createOrWait } from "./or-wait.ts";
import type { Rules } from "./policy-source.ts";
import { readEvidence } from "./read-evidence.ts";
import { readFixes } from "./read-fixes.ts";

/** Two sets of rules of one repository. */
export interface TwoRules {
  readonly was: Rules;
  readonly is: Rules;
}

/**
 * Reads what a past incident has as evidence now, as far as either set of rules asks for it. Its issue and its record are
 * taken as they were found, and its action items are not looked for.
 *
 * Throws as GitHub's ports do.
 *
 * @param parts ask GitHub once for the same (`askOnce`): both sets of rules mostly ask for the same
 * @param areLinksKnown whether the index has seen every pull request that names the incident; where not, and a fix is asked for,
 *   the timeline says which ones do
 */
export async function readPastEvidence(
  parts: ObserveParts,
  repository: Repository,
  past: PastIncident,
  { was, is }: TwoRules,
  areLinksKnown: boolean,
): Promise<PastSeen> {
  const read = (rules: Rules, under: SeverityUnder) =>
    readUnder(parts, observationOf(parts, repository, past, rules), past, under, areLinksKnown);
  const under = severityUnder(was.policy.policy, is.policy.policy);
  const [before, now] = [await read(was, (severity) => severity), await read(is, under)];
  return { past, was: before, is: isSameQuestion(past, before, now, under) ? now : withoutSealed(now), items: null };
}

/**
 * Whether a private post-mortem is asked the same by both: it answers a single question, and rules that are only proposed ask
 * it none that those in force do not.
 */
function isSameQuestion(
  { history }: PastIncident,
  was: IncidentObservation,
  is: IncidentObservation,
  under: SeverityUnder,
): boolean {
  const wantsFiled = ({ policy: { policy } }: IncidentObservation, severity: string | null) =>
    asksFor(closeRequires(policy, severity ?? history.severity), "action-items-filed");
  return (
    sameName(placeWanted(was), placeWanted(is)) &&
    wantsFiled(was, history.severity) === wantsFiled(is, under(history.severity))
  );
}

function withoutSealed(seen: IncidentObservation): IncidentObservation {
  const evidence = seen.evidence.map((one) => (one.kind === "issue" && one.sealedBy !== null ? unreadable(one) : one));
  return { ...seen, evidence };
}

async function readUnder(
  parts: ObserveParts,
  bare: IncidentObservation,
  { history }: PastIncident,
  under: SeverityUnder,
  areLinksKnown: boolean,
): Promise<IncidentObservation> {
  const { policy } = bare.policy;
  const asked = closeRequires(policy, under(history.severity) ?? history.severity);
  const { links, proven, disproven, fixesReverted } = history;
  const wanted = {
    ...NOTHING_ELSE,
    evidence: { links, proven, disproven, linkedNow: [], draftSince: null },
    fixes: asksToRead(asked, "fixes") ? { reverts: [...fixesReverted.values()] } : null,
  };
  const id = incidentId(bare.repository, bare.issue.number);
  const orWait = createOrWait(parts, id, bare.at, new Map());
  const named = wanted.fixes === null || areLinksKnown ? NOBODY_ASKED : await namedIn(parts, bare);
  const index = withLinks(parts.index, named.links);
  const reading = { ...parts, index, places: createEvidencePlaces(parts, bare), orWait };
  const evidence = { ...bare, ...(await readEvidence(reading, bare, wanted)) };
  const seen = { ...evidence, ...(await readFixes(reading, evidence, wanted)) };
  if (named.isWhole) return seen;
  return { ...seen, unread: { ...seen.unread, "fix-merged": { count: 0, mayCount: true } } };
}

type Links = Awaited<ReturnType<IndexReader["linksFrom"]>>;

const NOBODY_ASKED: { readonly links: Links; readonly isWhole: boolean } = { links: [], isWhole: true };

/** The pull requests of the repository that GitHub's own timeline shows as naming the incident. */
async function namedIn(
  { read }: Pick<ObserveParts, "read">,
  { repository, issue }: IncidentObservation,
): Promise<typeof NOBODY_ASKED> {
  const { events, isWhole } = await read.timeline(repository, issue.number);
  const here = fullName(repository);
  const sources = events.flatMap(({ source }) => (source?.isPullRequest === true ? [source] : []));
  const own = sources.filter((one) => one.repository === null || sameName(one.repository, here));
  const numbers = [...new Set(own.map(({ number }) => number))];
  return {
    isWhole,
    links: numbers.map((number) => ({ repository: here, number, kind: "pull-request", standing: "untold" })),
  };
}

/** The same index, which also knows these links. */
function withLinks(index: IndexReader, links: Links): IndexReader {
  if (links.length === 0) return index;
  const linksFrom: IndexReader["linksFrom"] = async (repositoryId, incident, kind) => [
    ...(await index.linksFrom(repositoryId, incident, kind)),
    ...links.filter((one) => kind === undefined || one.kind === kind),
  ];
  return new Proxy(index, {
    get(target, name) {
      if (name === "linksFrom") return linksFrom;
      const method: unknown = Reflect.get(target, name, target);
      return typeof method === "function" ? method.bind(target) : method;
    },
  });
}

function observationOf(
  { app, clock, features }: ObserveParts,
  repository: Repository,
  { issue, record }: PastIncident,
  rules: Rules,
): IncidentObservation {
  return {
    at: clock.now(),
    app,
    repository,
    issue,
    comments: [],
    status: null,
    duplicateStatusIds: [],
    record: { kind: "found", record },
    alerts: null,
    pageReports: [],
    sentPages: [],
    thread: null,
    requests: [],
    labelsThere: [],
    ...rules,
    ...NOTHING_LOOKED_UP,
    can: features.of(repository.installationId),
    done: new Set(),
  };
}

const NOTHING_ELSE = {
  timeline: null,
  edits: null,
  people: null,
  paged: [],
  regressions: null,
  runbooks: null,
  writers: [],
  items: null,
  tickers: [],
  namedBy: false,
  experts: null,
};
