import { TerminalError } from "../base/errors.ts";
import { readThreadSent } from "../core/chat/kept-thread.ts";
import { parseCommand } from "../core/commands/parse-command.ts";
import { hostOf } from "../core/gate/names-incident.ts";
import { draftEvidence, placeFromHere } from "../core/gate/post-mortem-place.ts";
import { beginRecord, SET_AT_OPENING_MS, severitiesOn } from "../core/judge/begin-record.ts";
import { declarerInQuestion, isConfirmationOpen } from "../core/judge/judge-confirmation.ts";
import { asksForEdits, pendingCommands } from "../core/judge/pending-commands.ts";
import type { Key } from "../core/model.ts";
import { fromHere } from "../core/names.ts";
import { type IncidentObservation, NOTHING_UNREAD } from "../core/observation.ts";
import { asCalledNow } from "../core/own.ts";
import { fold } from "../core/record/history.ts";
import { phaseOfLabel } from "../core/record/state-label.ts";
import { isOfTheTeam } from "../core/trust/content-class.ts";
import { incidentId } from "../core/waiting.ts";
import { type Elsewhere, movedOrRenamed } from "./elsewhere.ts";
import { createEvidencePlaces } from "./evidence-places.ts";
import { findDraft } from "./find-draft.ts";
import { neededLabels } from "./needed-labels.ts";
import type { ObserveParts } from "./observe-parts.ts";
import { createOrWait } from "./or-wait.ts";
import { readEdits } from "./read-edits.ts";
import { readEvidence } from "./read-evidence.ts";
import { readExperts } from "./read-experts.ts";
import { readFixes } from "./read-fixes.ts";
import { readPageReports } from "./read-page-reports.ts";
import { readMorePermissions, readPermissions, untoldSince } from "./read-permissions.ts";
import { readPostMortemPlace } from "./read-post-mortem-place.ts";
import { readComments, readRecord, visibleStatus } from "./read-record.ts";
import { readRegressions } from "./read-regressions.ts";
import { readRequests } from "./read-requests.ts";
import { readRunbooks } from "./read-runbooks.ts";

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
  const { chat } = parts;
  const thread =
    chat === null
      ? {}
      : { thread: readThreadSent((await chat.threads.thread(repository.id, number))?.sent ?? null, chat.chat.name) };
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
  const requests = chat === null ? [] : await readRequests(chat.threads, dated);
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
  const place =
    wanted === null ? {} : { postMortemPlace: await readPostMortemPlace(parts, repository, wanted, drafts) };
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
  const unansweredSince = untoldSince(parts, repository, number, at, permissions);
  const asking = {
    ...(unansweredSince === null ? {} : { unansweredSince }),
    ...(waits.size === 0 ? {} : { waits }),
    ...(pending.length === 0 ? {} : { askedLately: parts.askedLately.note(repository, pending, at) }),
  };
  const inQuestion = declarerInQuestion(dated, history);
  const declarer = inQuestion === null ? {} : { declarer: await parts.people.permission(repository, inQuestion) };
  return { ...found, permissions, ...asking, ...declarer };
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
