import { TerminalError, TransientError } from "../base/errors.ts";
import type { KnownAlert } from "../core/alerts/known-alert.ts";
import { pageRowId } from "../core/alerts/own-page.ts";
import { type SlackRequest, SlackRequestBody } from "../core/chat/chat-request.ts";
import { parseCommand } from "../core/commands/registry.ts";
import { asksFor } from "../core/gate/asks-for.ts";
import { hasIncidentLine, hostOf, namedPostMortems, namesIncident } from "../core/gate/names-incident.ts";
import { draftEvidence, isPlaceWanted, placeFromHere } from "../core/gate/post-mortem-place.ts";
import { beginRecord, SET_AT_OPENING_MS, severitiesOn } from "../core/judge/begin-record.ts";
import { declarerInQuestion, isConfirmationOpen } from "../core/judge/judge-confirmation.ts";
import { runbookQuestion } from "../core/judge/judge-runbook-list.ts";
import {
  asksForEdits,
  MAX_COMMAND_AGE_MS,
  type PendingCommand,
  pendingCommands,
} from "../core/judge/pending-commands.ts";
import { peopleInQuestion } from "../core/judge/people-in-question.ts";
import type {
  CommentFacts,
  Instant,
  IssueFacts,
  Key,
  PermissionAnswer,
  PullRequestFacts,
  Reference,
  Repository,
  Standing,
} from "../core/model.ts";
import { fromHere, fullName, permissionKey, sameTarget } from "../core/names.ts";
import {
  type EvidenceFacts,
  type FixFacts,
  type IncidentObservation,
  NOTHING_UNREAD,
  type PostMortemPlace,
  type RecordAnswer,
  type UnreadCandidates,
} from "../core/observation.ts";
import { asCalledNow, isOwnComment } from "../core/own.ts";
import { readJson } from "../core/read-json.ts";
import { fold, type History } from "../core/record/history.ts";
import { Known } from "../core/record/known.ts";
import { IncidentRecord, sameRecord } from "../core/record/record.ts";
import { open } from "../core/record/seal.ts";
import { phaseOfLabel } from "../core/record/state-label.ts";
import { revertedNumbers } from "../core/regressions/reverts.ts";
import { postMortemMarker } from "../core/render/post-mortem-issue.ts";
import { isOfTheTeam } from "../core/trust/content-class.ts";
import { mayShow } from "../core/trust/may-show.ts";
import { mayBeMerged, moreTrusted, rankByTrust, type Trust } from "../core/trust/rank-by-trust.ts";
import { incidentId, type Waiting } from "../core/waiting.ts";
import { STATUS_MARKER } from "../core/words/markers.ts";
import type { IndexStore, KnownIncident } from "../store/index-store.ts";
import type { ThreadStore } from "../store/thread-store.ts";
import type { GitHubReader } from "../systems/github/ports.ts";
import { createEvidencePlaces, type EvidencePlace, postMortemRules } from "./evidence-places.ts";
import { askPermission, standingOf } from "./known-people.ts";
import { neededLabels } from "./needed-labels.ts";
import type { ObserveParts, OrWait } from "./observe-parts.ts";
import { readSent } from "./observe-thread.ts";
import { visibilityOf } from "./other-repository.ts";
import { readExperts } from "./read-experts.ts";
import { readRegressions } from "./read-regressions.ts";

/** What looking at an incident may find instead of one. */
export type Elsewhere =
  | { readonly kind: "not-an-incident" }
  /** Deleted, or no longer ours to see. */
  | { readonly kind: "gone" }
  | { readonly kind: "moved"; readonly to: Reference }
  /** The repository has another name now; the incident is the same. */
  | { readonly kind: "renamed"; readonly repository: Repository };

/** Up to this many comments the whole list is one request. */
const ONE_PAGE = 100;
/** Candidates for evidence that are looked at; people link one or two. */
const MAX_CANDIDATES = 10;
/** Transfers of one issue that are followed. */
const MAX_HOPS = 3;

/**
 * Reads all that a pass over one incident needs, and no more: an incident nobody touched costs its issue, its comments
 * and what is linked as evidence.
 */
export async function observeIncident(
  parts: ObserveParts,
  key: Extract<Key, { kind: "incident" }>,
): Promise<IncidentObservation | Elsewhere> {
  const { read, index, features } = parts;
  const { repository, number } = key;
  const at = parts.clock.now();
  const [rules, known, issue, alerts] = await Promise.all([
    parts.policies.rules(repository),
    index.incident(repository.id, number),
    read.issue(repository, number),
    parts.alerts.ofIncident(repository.id, number),
  ]);
  const pageReports = await readPageReports(parts, repository, number, known);
  if (issue === "missing") return { kind: "gone" };
  if ("movedTo" in issue) return movedOrRenamed(parts, key, issue.movedTo);

  const { policy, onCall, templates, misnamed } = rules;
  const on = severitiesOn(issue, policy.policy.severities);
  const hasState = issue.labels.some((label) => phaseOfLabel(label) !== null);
  if (known === null && on.length === 0 && !hasState) return { kind: "not-an-incident" };

  const comments = await readComments(parts, repository, issue, at);
  const { own, record } = await readRecord(parts, repository, issue, comments, known);
  if (record === "newer") throw new TerminalError("a newer Sevgate wrote this record; update this one");
  const knownRepository = await index.repository(repository.id);
  const { threads } = parts;
  const thread =
    threads === null ? {} : { thread: readSent((await threads.thread(repository.id, number))?.sent ?? null) };
  const sentPages = (await parts.pages?.sentPages(repository.id, number)) ?? [];
  const labels = neededLabels(policy.policy).map((label) => label.name);

  const bare: IncidentObservation = {
    at,
    app: asCalledNow(parts.app, own),
    repository,
    issue,
    comments,
    status:
      own[0] === undefined
        ? null
        : {
            commentId: own[0].id,
            createdAt: own[0].createdAt,
            text: visibleStatus(own[0].body),
            madeOf: parts.storedTexts.madeOf(own[0].id, own[0].body),
            isNew: false,
          },
    duplicateStatusIds: own.slice(1).map((comment) => comment.id),
    record,
    alerts,
    pageReports,
    timeline: null,
    permissions: new Map(),
    evidence: [],
    unread: NOTHING_UNREAD,
    fixes: [],
    draftedPostMortem: null,
    runbooks: null,
    runbookTexts: new Map(),
    policy,
    onCall,
    misnamed,
    sentPages,
    templates,
    labelsReady: knownRepository?.labelsReadyFor === labels.join("\n"),
    can: features.of(repository.installationId),
    ...thread,
    done: new Set(),
  };
  const isPuttingDown = needsTimeline(bare) || (await mayBeSomebodyElses(parts, bare));
  const told = isPuttingDown ? await read.timeline(repository, number) : null;
  const cut = told?.isWhole === false ? ({ isTimelineCut: true } as const) : {};
  const untold: IncidentObservation = { ...bare, timeline: told?.events ?? null, ...cut };
  const begun = beginRecord(untold);
  if (begun === null) return { kind: "not-an-incident" };
  const dated = { ...untold, ...(await readEdits(parts, untold, asksForEdits(untold, begun))) };

  const history = fold(begun.entries);
  const pending = pendingCommands(dated, begun);
  const asked = pending.flatMap((one) => {
    const parsed = parseCommand(one.line, hostOf(dated));
    return parsed?.kind === "command" ? [parsed.command] : [];
  });
  const requests = threads === null ? [] : await readRequests(threads, dated);
  const drafts = asked.some((command) => command.name === "postmortem" && command.target === null);
  const lists = asked.some((command) => command.name === "runbook" && command.target === null);
  const linkedNow = asked.flatMap((command) =>
    (command.name === "postmortem" || command.name === "runbook") && command.target !== null
      ? [
          {
            evidence: command.name === "postmortem" ? ("post-mortem" as const) : ("runbook-pr" as const),
            target: fromHere(dated.repository, command.target),
          },
        ]
      : [],
  );

  const places = createEvidencePlaces(parts, dated);
  const wanted = placeFromHere(dated) === null ? null : await places(placeFromHere(dated));
  const place = wanted === null ? {} : { postMortemPlace: await readPlace(parts, repository, wanted, drafts) };
  const placed = { ...dated, ...place };
  const waits = new Map(parts.unanswered.of(incidentId(repository, number)));
  const orWait = createOrWait(parts, incidentId(repository, number), at, waits);
  const [
    first,
    { evidence, unread },
    { fixes, unread: unreadFixes },
    draftedPostMortem,
    runbooks,
    regressions,
    experts,
  ] = await Promise.all([
    readPermissions(parts, placed, pending, drafts, isConfirmationOpen(dated, history), requests),
    readEvidence(parts, placed, history, linkedNow, places),
    readFixes(parts, dated, history),
    drafts ? orWait("read:post-mortem", () => findDraft(parts, placed, history)) : null,
    readRunbooks(parts, dated, history, lists),
    readRegressions(parts, dated, history, asked, pending, orWait),
    asked.some((command) => command.name === "who")
      ? orWait("read:who", () => readExperts(parts, dated, history))
      : null,
  ]);
  const drafted = draftedPostMortem === null ? [] : [draftEvidence(placed, draftedPostMortem)];
  const facts = {
    evidence: [...evidence, ...drafted],
    unread: { ...unread, "fix-merged": unreadFixes },
    fixes,
    draftedPostMortem,
    ...runbooks,
    ...regressions,
    ...(experts === null ? {} : { experts }),
  };
  const found = { ...placed, ...facts, permissions: first, ...(requests.length === 0 ? {} : { requests }) };
  const permissions = await readMorePermissions(parts, found, begun);
  const unansweredSince = rememberUnanswered(parts, repository, number, at, permissions);
  const asking = {
    ...(unansweredSince === null ? {} : { unansweredSince }),
    ...(waits.size === 0 ? {} : { waits }),
    ...(pending.length === 0 ? {} : { askedLately: parts.askedLately.note(repository, pending, at) }),
  };
  const inQuestion = declarerInQuestion(dated, history);
  const declarer = inQuestion === null ? {} : { declarer: await parts.people.permission(repository, inQuestion) };
  return { ...found, permissions, ...asking, ...declarer };
}

/** Also the rights of those whose deeds on the issue itself mean something: which ones, only the evidence tells. */
async function readMorePermissions(
  { read }: ObserveParts,
  seen: IncidentObservation,
  record: IncidentRecord,
): Promise<ReadonlyMap<string, PermissionAnswer>> {
  const logins = peopleInQuestion(seen, new Known(record)).filter(
    (login) => !seen.permissions.has(permissionKey(login)),
  );
  const answers = await Promise.all(
    logins.map(async (login) => [permissionKey(login), await askPermission(read, seen.repository, login)] as const),
  );
  return new Map([...seen.permissions, ...answers]);
}

/**
 * When comments were edited; nothing, where the server does not tell. While GraphQL alone is down, comments whose times are
 * the same count as they were written: no `/ack` waits for that.
 */
async function readEdits(
  { read }: ObserveParts,
  { repository, issue }: IncidentObservation,
  asks: ReturnType<typeof asksForEdits>,
): Promise<Pick<IncidentObservation, "edits">> {
  if (asks === null) return {};
  try {
    const edits = await read.commentEdits(repository, issue.number);
    return edits === "unsupported" ? {} : { edits };
  } catch (error) {
    if (asks === "rather" && error instanceof TransientError && error.retryAfterMs === null) return {};
    throw error;
  }
}

/** What people asked for in Slack, each put down to whoever that is on GitHub by the on-call file. */
async function readRequests(threads: ThreadStore, seen: IncidentObservation): Promise<readonly SlackRequest[]> {
  const people = [...(seen.onCall.schedule?.people.values() ?? [])];
  const loginOf = (user: string) => people.find(({ slack }) => slack === user)?.login ?? null;
  const kept = await threads.requests(seen.repository.id, seen.issue.number);
  return kept.flatMap(({ id, body, answer, at }) => {
    const request = readJson(SlackRequestBody, body);
    return request === null || answer !== null ? [] : [{ ...request, id, at, login: loginOf(request.user) }];
  });
}

/** The runbooks, when they are looked for; and the words of those that the record lists. */
async function readRunbooks(
  { runbooks: source }: ObserveParts,
  seen: IncidentObservation,
  history: History,
  lists: boolean,
): Promise<Pick<IncidentObservation, "runbooks" | "runbookTexts">> {
  const globs = seen.policy.policy.runbooks.paths;
  const looks = lists || (history.runbooks === null && history.closed === null && globs.length > 0);
  const listed = (history.runbooks ?? []).map(({ sha }) => sha);
  const [runbooks, texts] = await Promise.all([
    looks ? source.shelf(seen.repository, globs, runbookQuestion(seen, history.severity)) : null,
    source.texts(seen.repository, listed),
  ]);
  return { runbooks, runbookTexts: new Map([...texts, ...(runbooks?.kind === "read" ? runbooks.texts : [])]) };
}

/** Only of an incident whose record has a page: others cost no question. */
async function readPageReports(
  { alerts }: ObserveParts,
  repository: Repository,
  number: number,
  known: KnownIncident | null,
): Promise<readonly KnownAlert[]> {
  if (known?.record?.includes('"paged"') !== true) return [];
  const rows = await Promise.all(
    ["better-stack", "pagerduty"].map((source) => alerts.alert(repository.id, pageRowId(source, number))),
  );
  return rows.filter((row) => row !== null);
}

/** What commands need holds up nothing else: neither what GitHub refuses nor what it does not answer. */
function createOrWait(
  { unanswered }: ObserveParts,
  incident: string,
  at: Instant,
  waits: Map<string, Waiting>,
): OrWait {
  return async (what, read) => {
    try {
      const answer = await read();
      unanswered.answered(incident, what);
      waits.delete(what);
      return answer;
    } catch (error) {
      if (error instanceof TerminalError) waits.set(what, { since: at, again: at, isRefused: true });
      else if (error instanceof TransientError)
        waits.set(what, unanswered.note(incident, what, at, error.retryAfterMs));
      else throw error;
      return null;
    }
  };
}

function rememberUnanswered(
  { unanswered }: ObserveParts,
  repository: Repository,
  number: number,
  at: Instant,
  permissions: ReadonlyMap<string, PermissionAnswer>,
): Instant | null {
  const id = incidentId(repository, number);
  if (![...permissions.values()].includes("cannot-tell")) {
    unanswered.answered(id, "rights");
    return null;
  }
  return unanswered.keep(id, "rights", at);
}

/** A renamed repository answers like a moved issue, under its new name; its id tells the two apart. */
async function movedOrRenamed(
  { read }: ObserveParts,
  { repository, number }: Extract<Key, { kind: "incident" }>,
  to: Reference,
): Promise<Elsewhere> {
  const [owner, name] = (to.repository ?? "").split("/");
  if (to.number !== number || owner === undefined || name === undefined) return { kind: "moved", to };
  const facts = await read.repository({ ...repository, owner, name });
  const isSame = facts !== "missing" && facts.id === repository.id;
  return isSame ? { kind: "renamed", repository: { ...repository, owner, name } } : { kind: "moved", to };
}

/** Whether something has to be put down to somebody: a declaration, a changed severity label, a reopening. */
function needsTimeline(seen: IncidentObservation): boolean {
  const { issue, record, policy } = seen;
  if (record.kind === "none") return seen.at - issue.createdAt > SET_AT_OPENING_MS;
  if (record.kind === "lost" && record.copy === null) return true;
  const known = record.kind === "found" ? record.record : record.copy;
  if (known === null) return false;
  // Who closed it, where the issue itself does not say; and whether it became a discussion, which only the timeline tells.
  if (issue.state === "closed")
    return (issue.closedBy === null || issue.locked) && fold(known.entries).closed?.closedAt !== issue.closedAt;
  const history = fold(known.entries);
  if (isConfirmationOpen(seen, history)) return true;
  const on = severitiesOn(issue, policy.policy.severities);
  const [top] = on;
  return history.closed !== null || on.length > 1 || (top !== undefined && top.name !== history.severity);
}

/**
 * Whether somebody else may have declared what was opened just now. Somebody of the team answers for their own issue; an
 * outsider's may have got its label from the team in the first second.
 */
async function mayBeSomebodyElses(
  { people }: ObserveParts,
  { record, repository, issue: { author }, app }: IncidentObservation,
): Promise<boolean> {
  if (record.kind !== "none" || author?.login === app.botLogin) return false;
  return author === null || author.isBot || !isOfTheTeam(await people.permission(repository, author.login));
}

async function readComments(
  { read }: ObserveParts,
  repository: Repository,
  issue: IssueFacts,
  at: Instant,
): Promise<readonly CommentFacts[]> {
  if (issue.commentCount === 0) return [];
  // Older comments hold no commands that may still be judged; our own are found by their ids.
  const since = issue.commentCount <= ONE_PAGE ? null : ((at - MAX_COMMAND_AGE_MS - 3_600_000) as Instant);
  const comments = await read.comments(repository, issue.number, since);
  return comments.toSorted((a, b) => a.id - b.id);
}

/** Our status comments, oldest first, and the record in the oldest; both judged by author, marker and signature. */
async function readRecord(
  { read, recordKeys, app, storedTexts }: ObserveParts,
  repository: Repository,
  issue: IssueFacts,
  comments: readonly CommentFacts[],
  known: KnownIncident | null,
): Promise<{ readonly own: readonly CommentFacts[]; readonly record: RecordAnswer | "newer" }> {
  const isOwn = (comment: CommentFacts) => isOwnComment(app, comment) && comment.body.includes(STATUS_MARKER);
  let own = comments.filter(isOwn);
  if (own.length === 0 && known?.statusCommentId != null) {
    const comment = await read.comment(repository, known.statusCommentId);
    if (comment !== "missing" && isOwn(comment)) own = [comment];
  }
  if (own.length === 0 && known?.statusCommentId == null && issue.commentCount > ONE_PAGE) {
    own = (await read.comments(repository, issue.number, null)).filter(isOwn);
  }

  const copy = copyOf(known);
  const first = own[0];
  // The record goes on in the index alone while the issue is locked, where its comment cannot be written.
  const isAhead = copy !== null && (issue.locked || fold(copy.entries).isLocked);
  if (first === undefined && isAhead && known?.statusCommentId === null) {
    return { own, record: { kind: "found", record: copy } };
  }
  if (first === undefined) {
    return { own, record: copy === null ? { kind: "none" } : { kind: "lost", why: "deleted", copy } };
  }
  const opened = open(
    first.body,
    { appId: app.appId, repositoryId: repository.id, issueNodeId: issue.nodeId },
    recordKeys,
  );
  if (opened.kind === "newer") return { own, record: "newer" };
  // What GitHub itself cut off, or did not take over, nobody has taken away.
  const isAsStored = copy !== null && storedTexts.madeOf(first.id, first.body) !== null;
  if (isAsStored && opened.kind === "broken") return { own, record: { kind: "found", record: copy } };
  if (opened.kind === "broken") return { own, record: { kind: "lost", why: opened.why, copy } };
  if (isAhead && opened.record.revision < copy.revision) return { own, record: { kind: "found", record: copy } };
  if (known !== null && (opened.record.revision < known.recordRevision || isOverwritten(opened.record, copy))) {
    return { own, record: isAsStored ? { kind: "found", record: copy } : { kind: "lost", why: "rolled-back", copy } };
  }
  return { own, record: { kind: "found", record: opened.record } };
}

/** The same revision with other content: a pass that had lost its key wrote it too late. The index refused that one. */
function isOverwritten(record: IncidentRecord, copy: IncidentRecord | null): boolean {
  return copy !== null && copy.revision === record.revision && !sameRecord(copy, record);
}

function copyOf(known: KnownIncident | null): IncidentRecord | null {
  return readJson(IncidentRecord, known?.record);
}

/** The status comment without its machine block. */
export function visibleStatus(body: string): string {
  return body.replace(/<!-- sevgate:record [^<>]*-->/g, "").trimEnd();
}

async function readPermissions(
  { read, index }: ObserveParts,
  seen: IncidentObservation,
  pending: readonly PendingCommand[],
  drafts: boolean,
  asksForDeclarer: boolean,
  requests: readonly SlackRequest[],
): Promise<ReadonlyMap<string, PermissionAnswer>> {
  const elsewhere = placeFromHere(seen);
  const there = drafts && elsewhere !== null ? await placeOf(index, seen.repository, elsewhere) : null;
  const declarer = asksForDeclarer ? seen.issue.author : null;
  const logins = [
    ...new Set([
      ...pending.filter(({ author }) => !author.isBot).map((one) => one.author.login),
      ...(declarer === null ? [] : [declarer.login]),
      ...requests.flatMap(({ login }) => (login === null ? [] : [login])),
    ]),
  ];
  const answers = await Promise.all(
    logins.flatMap((login) => [
      askPermission(read, seen.repository, login).then((answer) => [permissionKey(login), answer] as const),
      ...(there === null
        ? []
        : [askPermission(read, there, login).then((answer) => [permissionKey(login, elsewhere), answer] as const)]),
    ]),
  );
  return new Map(answers);
}

async function readEvidence(
  parts: ObserveParts,
  seen: IncidentObservation,
  history: History,
  linkedNow: readonly { readonly evidence: "post-mortem" | "runbook-pr"; readonly target: Reference }[],
  places: ReturnType<typeof createEvidencePlaces>,
): Promise<{
  readonly evidence: readonly EvidenceFacts[];
  readonly unread: Pick<IncidentObservation["unread"], "post-mortem" | "runbook-pr">;
}> {
  const { read, index } = parts;
  const { repository, issue } = seen;
  const found = await index.linksFrom(repository.id, issue.number);
  type Link = { readonly trust: Trust; readonly target: Reference };
  // Anybody anywhere can name the incident: from another repository that counts where the policy wants it, and costs
  // nothing elsewhere.
  const fromIndex = (kind: "post-mortem" | "runbook-pr"): readonly (Link & { readonly via: "own-text" })[] =>
    found
      .filter((link) => link.kind === kind)
      .map((link) => ({ via: "own-text" as const, target: fromHere(seen.repository, link), trust: link.standing }))
      .filter(({ target }) => target.repository === null || isPlaceWanted(seen, target));
  const linked = (evidence: "post-mortem" | "runbook-pr") =>
    history.links
      .filter((link) => link.evidence === evidence)
      .filter((link) => link.byCommand || link.target.repository === null || isPlaceWanted(seen, link.target))
      .map(({ byCommand, target }) => ({
        via: byCommand ? ("command" as const) : ("own-text" as const),
        trust: byCommand ? ("command" as const) : ("untold" as const),
        target,
      }));
  const asked = (evidence: "post-mortem" | "runbook-pr") =>
    linkedNow
      .filter((link) => link.evidence === evidence)
      .map(({ target }) => ({ via: "command" as const, trust: "command" as const, target }));
  const proven = [...history.proven].map((number) => ({
    via: "own-text" as const,
    trust: "merged" as const,
    target: { repository: null, number },
  }));
  const subIssues = issue.subIssueCount > 0 ? await read.subIssues(repository, issue.number) : [];

  // What commands ask for comes last: when one is refused, the other ways to the same issue still count.
  const issues = ranked(
    [
      ...linked("post-mortem"),
      ...namedPostMortems(seen).map((target) => ({
        via: "incident-text" as const,
        trust: "untold" as const,
        target: fromHere(seen.repository, target),
      })),
      // Whoever adds one may label issues.
      ...subIssues.map((target) => ({
        via: "sub-issue" as const,
        trust: "team" as const,
        target: fromHere(seen.repository, target),
      })),
      ...fromIndex("post-mortem"),
    ],
    asked("post-mortem"),
  );
  const pullRequests = ranked([...linked("runbook-pr"), ...proven, ...fromIndex("runbook-pr")], asked("runbook-pr"));
  const reverts = found.filter((link) => link.kind === "revert");

  const read1 = issues.kept.map((one) => readIssueEvidence(parts, seen, one, places));
  const read2 = pullRequests.kept.map((one) => readPullRequestEvidence(parts, seen, history, one, reverts));
  const evidence = await Promise.all([...read1, ...read2]);
  const wantsMerged = seen.policy.policy.runbooks["pull-request"] === "merged";
  const unread = {
    "post-mortem": unreadOf(issues.cut, () => true),
    "runbook-pr": unreadOf(pullRequests.cut, ({ trust }) => !wantsMerged || mayBeMerged(trust)),
  };
  // What only the index knows is a hint: it counts when its own words say so now, or a command asks for it.
  const known = (one: EvidenceFacts) =>
    [...history.links, ...linkedNow].some((link) => sameTarget(link.target, one.target));
  // A sub-issue that may not be looked at is not named either: GitHub shows it to those who may see it.
  const said = evidence.filter((one) => {
    if (one.via === "sub-issue" && one.answer === "cannot-read") return known(one);
    return one.via !== "own-text" || known(one) || saysSo(seen, one);
  });
  return { evidence: said, unread };
}

/** @param mayCount whether one could satisfy the gate, for all that is known of it */
function unreadOf<Candidate>(cut: readonly Candidate[], mayCount: (one: Candidate) => boolean): UnreadCandidates {
  return { count: cut.length, mayCount: cut.some(mayCount) };
}

/** Whether an issue or pull request names the incident in its own words. */
function saysSo(seen: IncidentObservation, { kind, target, answer }: EvidenceFacts): boolean {
  if (typeof answer === "string") return false;
  if (kind === "issue") return hasIncidentLine(answer.body, target.repository, seen);
  return namesIncident(answer.pullRequest, seen);
}

/** A candidate for evidence: how it came to be looked at, and how far that is to be believed. */
interface Candidate {
  readonly via: "command" | "own-text" | "incident-text" | "sub-issue";
  readonly target: Reference;
  readonly trust: Trust;
}

/** What is needed of the repository post-mortems belong in; `drafts`: one may be made there now. */
async function readPlace(
  parts: ObserveParts,
  home: Repository,
  { repository, access, rules }: EvidencePlace,
  drafts: boolean,
): Promise<PostMortemPlace> {
  if (repository === null || !drafts) return { access, rules, mayQuote: false };
  const mayQuote = mayShow({ id: home.id, visibility: await visibilityOf(parts, home) }, repository);
  // What may not be quoted is not written by the incident's own template either.
  const written = rules ?? (mayQuote ? null : postMortemRules(await parts.policies.rules(repository)));
  return { access, rules: written, mayQuote };
}

/** Reads an issue that may be the post-mortem, where it is now. A place that may not be looked at is not asked. */
async function readIssueEvidence(
  parts: ObserveParts,
  seen: IncidentObservation,
  one: Candidate,
  places: ReturnType<typeof createEvidencePlaces>,
): Promise<EvidenceFacts> {
  const { read } = parts;
  const base = { kind: "issue", ...one } as const;
  let target = one.target;
  let moved: { readonly movedTo?: Reference | null } = {};
  for (let hops = 0; hops <= MAX_HOPS; hops += 1) {
    const { repository, access, rules } = await places(target.repository);
    const isWanted = isPlaceWanted(seen, target);
    if (hops > 0 && !isWanted) {
      return { ...base, answer: "moved", movedTo: repository !== null && access === "open" ? target : null };
    }
    if (hops > 0) moved = { movedTo: target };
    if (repository === null || access === "closed") return { ...base, ...moved, answer: "cannot-read" };
    const sealed = access === "sealed" && rules !== null ? { sealedBy: rules } : {};
    try {
      const answer = await read.issue(repository, target.number);
      if (answer === "missing") return { ...base, ...moved, ...sealed, answer };
      if (!("movedTo" in answer)) {
        const isTold = one.via !== "own-text" || one.trust !== "untold";
        const trust = isTold ? one.trust : await standingOf(parts, seen.repository, answer.author);
        return { ...base, trust, ...moved, ...sealed, answer };
      }
      // Where an issue of a private repository went is not told.
      if (access === "sealed") return { ...base, ...moved, ...sealed, answer: "moved" };
      target = fromHere(seen.repository, answer.movedTo);
    } catch (error) {
      if (error instanceof TerminalError) return { ...base, ...moved, answer: "cannot-read" };
      throw error;
    }
  }
  return { ...base, answer: "moved", movedTo: null };
}

async function readPullRequestEvidence(
  parts: ObserveParts,
  seen: IncidentObservation,
  history: History,
  one: Candidate,
  reverts: readonly RevertCandidate[],
): Promise<EvidenceFacts> {
  const { read } = parts;
  const { repository } = seen;
  const via = one.via === "command" ? ("command" as const) : ("own-text" as const);
  // What the record knows to be reverted stays so when the index is lost.
  const knownRevert = history.disproven.get(one.target.number);
  const candidates = knownRevert === undefined ? reverts : [known(knownRevert), ...reverts];
  const { revert: revertedBy, isSure } = await findRevert(read, seen, one.target, candidates);
  const base = { kind: "pull-request", via, target: one.target, trust: one.trust, revertsRead: isSure } as const;
  if (history.proven.has(one.target.number)) {
    return { ...base, answer: { pullRequest: merged(seen, one.target.number), files: "known-merged" }, revertedBy };
  }
  const pullRequest = await read.pullRequest(repository, one.target.number);
  if (pullRequest === "missing") return { ...base, answer: "missing", revertedBy };
  const files = await parts.files.of(repository, pullRequest);
  return { ...base, answer: { pullRequest, files }, revertedBy };
}

/** A pull request the record has seen merged: nothing about it that matters can change, so it is not read again. */
function merged(seen: IncidentObservation, number: number): PullRequestFacts {
  return {
    number,
    nodeId: "",
    url: seen.issue.url.replace(/\/issues\/\d+$/, `/pull/${number}`),
    title: "",
    body: "",
    state: "closed",
    merged: true,
    mergedAt: null,
    draft: false,
    author: null,
    headSha: "",
    mergeSha: null,
    baseRef: "",
    defaultBranch: "",
  };
}

type RevertCandidate = Pick<Reference, "number"> & { readonly standing: Standing };

/** What the record knows to be a merged revert. */
function known(number: number): RevertCandidate {
  return { number, standing: "merged" };
}

/** The merged pull request that takes `target` back. `isSure`: all that may be one were looked at. */
async function findRevert(
  read: GitHubReader,
  seen: IncidentObservation,
  target: Reference,
  reverts: readonly RevertCandidate[],
): Promise<{ readonly revert: PullRequestFacts | null; readonly isSure: boolean }> {
  const candidates = reverts.map(({ number, standing }) => ({ number, trust: standing }));
  const { kept, cut } = rankByTrust(candidates, MAX_CANDIDATES);
  for (const { number } of kept) {
    const pullRequest = await read.pullRequest(seen.repository, number);
    if (pullRequest === "missing" || !pullRequest.merged) continue;
    const reverted = revertedNumbers(pullRequest, fullName(seen.repository), hostOf(seen));
    if (reverted.includes(target.number)) return { revert: pullRequest, isSure: true };
  }
  return { revert: null, isSure: !cut.some(({ trust }) => mayBeMerged(trust)) };
}

async function readFixes(
  { read, index }: ObserveParts,
  seen: IncidentObservation,
  history: History,
): Promise<{ readonly fixes: readonly FixFacts[]; readonly unread: UnreadCandidates }> {
  const severity = seen.policy.policy.severities.find((one) => one.name === history.severity);
  if (severity === undefined || !asksFor(severity["close-requires"], "fix-merged")) {
    return { fixes: [], unread: { count: 0, mayCount: false } };
  }
  const all = await index.linksFrom(seen.repository.id, seen.issue.number, "pull-request");
  // Of those that are trusted alike, the newest.
  const links = all
    .filter((link) => fromHere(seen.repository, link).repository === null)
    .map(({ number, standing }) => ({ number, trust: standing }))
    .toReversed();
  const { kept, cut } = rankByTrust(links, MAX_CANDIDATES);
  const found = await Promise.all(kept.map((link) => read.pullRequest(seen.repository, link.number)));
  const named = found.filter((one) => one !== "missing").filter((one) => namesIncident(one, seen));
  const reverts = await index.linksFrom(seen.repository.id, seen.issue.number, "revert");
  const candidates = [...[...history.fixesReverted.values()].map(known), ...reverts];
  const fixes = await Promise.all(
    named.map(async (pullRequest): Promise<FixFacts> => {
      if (!pullRequest.merged) return { pullRequest, revertedBy: null };
      const first = await findRevert(read, seen, { repository: null, number: pullRequest.number }, candidates);
      if (first.revert === null) return { pullRequest, revertedBy: null, revertsRead: first.isSure };
      // What was taken back and brought in again stands.
      const again = await findRevert(read, seen, { repository: null, number: first.revert.number }, candidates);
      return { pullRequest, revertedBy: again.revert === null ? first.revert : null };
    }),
  );
  return { fixes, unread: unreadOf(cut, ({ trust }) => mayBeMerged(trust)) };
}

/** The issue that an earlier pass made, whose answer was lost. */
async function findDraft(
  { read, index, app }: ObserveParts,
  seen: IncidentObservation,
  history: History,
): Promise<IssueFacts | null> {
  const wanted = placeFromHere(seen);
  const place = wanted === null ? seen.repository : await placeOf(index, seen.repository, wanted);
  if (place === null) return null;
  const { label } = seen.postMortemPlace?.rules?.policy ?? seen.policy.policy["post-mortem"];
  const marker = postMortemMarker(seen.repository.id, seen.issue.number);
  const issues = await read.issuesWithLabel(place, label, { state: "all", since: history.declared.at });
  return issues.find((issue) => issue.author?.login === app.botLogin && issue.body.includes(marker)) ?? null;
}

/** The repository called `name`, when the same installation sees it: one never works for another. */
async function placeOf(index: IndexStore, home: Repository, name: string): Promise<Repository | null> {
  const found = (await index.repositoryByName(name))?.repository ?? null;
  return found?.installationId === home.installationId ? found : null;
}

/** Each target once: the most trusted of `known`, and all that commands ask for now. */
function ranked<One extends Candidate>(
  known: readonly One[],
  asked: readonly One[],
): { readonly kept: readonly One[]; readonly cut: readonly One[] } {
  const once: One[] = [];
  for (const one of known) {
    const at = once.findIndex(({ target }) => sameTarget(target, one.target));
    const same = once[at];
    if (same === undefined) once.push(one);
    else once[at] = { ...same, trust: moreTrusted(same.trust, one.trust) };
  }
  const { kept, cut } = rankByTrust(once, MAX_CANDIDATES);
  const isIn = (list: readonly One[], { target }: One) => list.some((one) => sameTarget(one.target, target));
  return { kept: [...kept, ...asked.filter((one) => !isIn(kept, one))], cut: cut.filter((one) => !isIn(asked, one)) };
}
