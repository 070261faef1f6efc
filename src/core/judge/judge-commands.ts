import { authorize } from "../commands/authorize.ts";
import { type Command, type CommandName, parseCommand } from "../commands/registry.ts";
import { isMergedBefore } from "../gate/evidence.ts";
import { hostOf } from "../gate/names-incident.ts";
import { isPlaceWanted, placeFromHere, placeWanted } from "../gate/post-mortem-place.ts";
import type { Instant, Permission, PermissionAnswer, Reference } from "../model.ts";
import { fromHere, fullName, permissionKey, sameLogin, sameName, sameRepository, sameTarget } from "../names.ts";
import type { IncidentObservation, RevertRefusal } from "../observation.ts";
import { rolesNow, whyLines } from "../oncall/roles-now.ts";
import type { Entry } from "../record/entry.ts";
import type { History, Link } from "../record/history.ts";
import type { Known } from "../record/known.ts";
import { type IncidentRecord, isJudged } from "../record/record.ts";
import { namedFiles, suspectsOf } from "../regressions/suspects.ts";
import { stepIdsOf } from "../runbooks/step-ids.ts";
import { HOUR_MS } from "../time-units.ts";
import type { CommandRead } from "../waiting.ts";
import { whoKnows } from "../who/who-knows.ts";
import { type Edge, edgeId } from "./edge.ts";
import { foldReplies } from "./fold-replies.ts";
import { isRaise, lowersTheGate } from "./judge-labels.ts";
import { judgePage } from "./judge-page.ts";
import { matchingRunbooks, runbooksMatched } from "./judge-runbook-list.ts";
import { boxIds } from "./judge-ticks.ts";
import type { Judged } from "./judged.ts";
import { mayLower, personOf } from "./may-act.ts";
import { askAgainAt, orLater, whenToAsk } from "./or-later.ts";
import { type PendingCommand, pendingCommands } from "./pending-commands.ts";
import type { Saying } from "./saying.ts";

/** What a command names that was made just before it may be missing for one to three seconds: no slip before then. */
const SHOWN_AFTER_MS = 5_000;
/** Commands judged before the record is saved: a pass that fails after an outage still gets further than the last. */
const MAX_JUDGED_AT_ONCE = 20;
/** Answers to mistyped commands of one person in an hour. */
const MAX_HINTS_AN_HOUR = 5;
/** Links of one kind an incident takes: more would not be looked at. */
export const MAX_LINKS = 10;
/** What may still be said about an incident that is closed. */
const ALLOWED_WHEN_CLOSED: readonly CommandName[] = [
  "note",
  "postmortem",
  "runbook",
  "who",
  "suspects",
  "good",
  "revert",
  "status",
  "help",
];

/**
 * Judges the pending commands once, in order, each by the rights its author has now; twenty at a time, and the next
 * twenty when these are saved.
 */
export function judgeCommands(seen: IncidentObservation, known: Known): Judged {
  return foldReplies(seen, known.record, judgePending(seen, known));
}

/**
 * What a command asks GitHub for holds up nothing but further commands of its own kind, and in its own comment what has words to
 * say, until it was tried: a comment gets one reply.
 */
function judgePending(seen: IncidentObservation, known: Known): Judged {
  let trying: ReadonlySet<number> = new Set();
  for (;;) {
    const { tries, ...judged } = judgeInOrder(seen, known, trying);
    if (tries.every((comment) => trying.has(comment))) return judged;
    trying = new Set([...trying, ...tries]);
  }
}

/** `tries`: comments with commands for which GitHub is asked now. */
function judgeInOrder(
  seen: IncidentObservation,
  known: Known,
  trying: ReadonlySet<number>,
): Judged & { readonly tries: readonly number[] } {
  const entries: Entry[] = [];
  const edges: Edge[] = [];
  const tries: number[] = [];
  const moments: Instant[] = [];
  const waiting = new Set<string>();
  const comments: number[] = [];
  const soFar = () => ({
    entries,
    edges,
    tries,
    ...(moments.length === 0 ? {} : { lookAgainAt: Math.min(...moments) as Instant }),
    ...(comments.length === 0 ? {} : { waitsFrom: Math.min(...comments) }),
  });
  let before = known;
  for (const pending of pendingCommands(seen, known.record)) {
    // A comment whose commands were not all obeyed because it was edited is answered once.
    if (isJudged(before.record, pending.comment, pending.line.line)) continue;
    // A comment is not cut in two: it gets one reply.
    const isBegun = entries.some((entry) => "source" in entry && entry.source?.comment === pending.comment.id);
    if (entries.length >= MAX_JUDGED_AT_ONCE && !isBegun) break;
    if (waiting.has(kindOf(seen, pending))) {
      comments.push(pending.comment.id);
      continue;
    }
    const judged = judgeOne(seen, before, pending);
    if (judged === "shortly") {
      moments.push((pending.comment.createdAt + SHOWN_AFTER_MS) as Instant);
      return { ...soFar(), holdsClosing: true };
    }
    if (judged === "later") {
      // Order is kept: nothing after a command whose author's rights are not told is judged before it.
      moments.push(askAgainAt(seen.at));
      return soFar();
    }
    if ("waits" in judged) {
      waiting.add(kindOf(seen, pending));
      comments.push(pending.comment.id);
      if (judged.waits === "tried") {
        edges.push(judged.edge);
        tries.push(pending.comment.id);
      } else {
        moments.push(judged.waits);
      }
      continue;
    }
    if (
      trying.has(pending.comment.id) &&
      judged.edges.some((edge) => edge.kind === "say" && edge.answers !== undefined)
    ) {
      comments.push(pending.comment.id);
      continue;
    }
    entries.push(...judged.entries);
    before = before.with(judged.entries);
    edges.push(...judged.edges);
  }
  return soFar();
}

/** Commands of one kind are obeyed in their order. */
function kindOf(seen: IncidentObservation, { line }: PendingCommand): string {
  const parsed = parseCommand(line, hostOf(seen));
  return parsed?.kind === "command" ? parsed.command.name : "";
}

type Say = Extract<Edge, { kind: "say" }>;
/** What one command waits for: `tried`: GitHub is asked now, by the edge; else when it is asked again. */
type Waits = { readonly waits: "tried"; readonly edge: Edge } | { readonly waits: Instant };
/** `later`: GitHub does not tell the rights; `shortly`: it may not show yet what has just been made. */
type One = Judged | "later" | "shortly" | Waits;

function judgeOne(seen: IncidentObservation, known: Known, pending: PendingCommand): One {
  const { comment, author, line } = pending;
  const parsed = parseCommand(line, hostOf(seen));
  const source = { comment: comment.id, line: line.line };
  const base = { at: comment.createdAt, by: author.login, source };
  const answers = { commentId: comment.id, by: author.login };
  const say = (saying: Saying): Say => ({
    kind: "say",
    marker: `reply-${source.comment}-${source.line}`,
    saying,
    answers,
  });
  const refuse = (command: string, saying: Saying | null): Judged => ({
    entries: [{ kind: "refused", ...base, command: command.slice(0, 32) }],
    edges: saying === null ? [] : withinLimit(known.record, author.login, say(saying), seen.at),
  });

  if (parsed === null) return { entries: [], edges: [] };
  const permission = seen.permissions.get(permissionKey(author.login)) ?? "cannot-tell";
  const name: CommandName | null = parsed.kind === "command" ? parsed.command.name : parsed.command;

  if (name === null) {
    // Not a command, but close to one. People without rights here get no lesson in commands.
    const welcome = permission !== "cannot-tell" && permission !== "none" && permission !== "read" && !author.isBot;
    if (parsed.kind !== "unknown") return { entries: [], edges: [] };
    const { word, instead, slip } = parsed;
    const saying = { kind: "unknown-command", word, instead, slip } as const;
    // The letters alone: what stands behind them may be cut in two.
    return refuse(/^[a-z-]*/.exec(word)![0], welcome ? saying : null);
  }

  const may = authorize(name, author, permission, seen.policy.policy.commands);
  if (may.kind === "ignored") return refuse(name, null);
  if (may.kind === "cannot-tell") {
    return orLater(seen, comment.createdAt) ?? refuse(name, cannotTell(author.login, name));
  }
  if (may.kind === "not-granted") {
    return refuse(name, { kind: "not-granted", app: author.login, command: name });
  }
  if (may.kind === "refused") {
    return refuse(name, { kind: "not-allowed", to: author.login, command: name, needs: may.needs });
  }
  if (pending.edited) {
    // One reply for the comment, however many commands are in it.
    const told: Edge = {
      kind: "say",
      marker: `edited-${comment.id}`,
      saying: { kind: "edited-too-soon", to: author.login },
      answers,
    };
    return { entries: refuse(name, null).entries, edges: [told] };
  }
  if (parsed.kind === "unknown") return { entries: [], edges: [] };
  if (parsed.kind !== "command") return refuse(name, { kind: "bad-argument", usage: parsed.usage, why: parsed.why });
  if (seen.issue.state === "closed" && !ALLOWED_WHEN_CLOSED.includes(name)) {
    const closedBefore = comment.createdAt >= (seen.issue.closedAt ?? 0) && known.history.closed !== null;
    if (closedBefore) return refuse(name, { kind: "closed-incident", command: name });
  }
  return obey(seen, known, parsed.command, base, refuse, say, { kind: "react", commentId: comment.id }, permission);
}

function obey(
  seen: IncidentObservation,
  { record, history }: Known,
  command: Command,
  base: { readonly at: Instant; readonly by: string; readonly source: { comment: number; line: number } },
  refuse: (command: string, saying: Saying | null) => Judged,
  say: (saying: Saying) => Edge,
  thanks: Edge,
  permission: PermissionAnswer,
): One {
  const done = (entry: Entry, ...edges: readonly Edge[]): Judged => ({ entries: [entry], edges: [...edges, thanks] });
  const answered: Entry = { kind: "answered", ...base, command: command.name };

  switch (command.name) {
    case "ack":
      if (history.responder === base.by) return done(answered);
      return done({ kind: "acknowledged", ...base }, { kind: "assign", login: base.by });
    case "unack": {
      if (history.acknowledged === null) return refuse(command.name, { kind: "nobody-acknowledged" });
      const responder = history.responder;
      const edges: readonly Edge[] = responder === null ? [] : [{ kind: "unassign", login: responder }];
      return done({ kind: "unacknowledged", ...base }, ...edges);
    }
    case "mitigate":
      return done({ kind: "mitigated", ...base, text: command.text });
    case "resolve":
      return done({ kind: "resolved", ...base, text: command.text });
    case "status":
      return done({ kind: "updated", ...base, text: command.text });
    case "note":
      return done({ kind: "noted", ...base, text: command.text });
    case "done": {
      const ids = boxIds(stepIdsOf(history.runbooks, seen.runbookTexts));
      const unknown = command.boxes.find((box) => box > ids.length);
      if (unknown !== undefined)
        return refuse(command.name, { kind: "no-such-box", given: unknown, boxes: ids.length });
      const items = command.boxes.map((box) => ids[box - 1]!).filter((id) => !record.ticks.includes(id));
      return items.length === 0 ? done(answered) : done({ kind: "ticked", ...base, items });
    }
    case "cancel":
      return done({ kind: "cancelled", ...base, reason: command.reason });
    case "waive":
      return done({ kind: "waived", ...base, reason: command.reason });
    case "page": {
      const judged = judgePage(seen, history, command, base);
      return judged.kind === "refused" ? refuse(command.name, judged.saying) : done(judged.entry, ...judged.edges);
    }
    case "handoff": {
      const { login } = command;
      if (history.responder !== null && sameLogin(history.responder, login)) return done(answered);
      if (seen.done.has(`not-assigned:${login.toLowerCase()}`)) {
        return refuse(command.name, { kind: "cannot-assign", logins: [login] });
      }
      const before: readonly Edge[] =
        history.responder === null ? [] : [{ kind: "unassign", login: history.responder }];
      // Assigning comes first: where GitHub refuses it, nothing has changed.
      return done({ kind: "handed-over", ...base, login }, { kind: "assign", login }, ...before);
    }
    case "oncall": {
      const { schedule } = seen.onCall;
      if (schedule === null) return refuse(command.name, { kind: "no-on-call-file" });
      const roles = rolesNow(schedule, seen.at).map(({ now, next }) => ({
        role: now.role,
        login: now.login,
        shadows: now.shadows,
        why: whyLines(now, schedule),
        next: next === null ? null : { at: next.from, login: next.login },
      }));
      return done(answered, say({ kind: "on-call", zone: schedule.zone, roles }));
    }
    case "help": {
      const has = permission === "cannot-tell" ? "none" : permission;
      return done(answered, say({ kind: "help", to: base.by, has }));
    }
    case "severity": {
      const known = seen.policy.policy.severities;
      const wanted = known.find((one) => one.name.toLowerCase() === command.severity.toLowerCase());
      if (wanted === undefined) {
        const names = known.map((one) => one.name);
        return refuse(command.name, { kind: "unknown-severity", given: command.severity, known: names });
      }
      if (wanted.name === history.severity) return done(answered);
      const may = lowersTheGate(seen.policy.policy, history.severity, wanted)
        ? mayLower(seen, personOf(base.by))
        : null;
      if (may === "refused" || may === "cannot-tell") {
        const saying = { kind: "may-not-lower", to: base.by, severity: wanted.name, from: history.severity } as const;
        return refuse(command.name, saying);
      }
      const raised = isRaise(known, history.severity, wanted.name);
      const change = { from: history.severity, to: wanted.name, reason: command.reason, raised };
      return done({ kind: "severity-changed", ...base, ...change });
    }
    case "assign": {
      const { roles } = seen.policy.policy;
      const role =
        command.role === null ? null : (roles.find((one) => one.toLowerCase() === command.role?.toLowerCase()) ?? null);
      if (command.role !== null && role === null) {
        return refuse(command.name, { kind: "unknown-role", given: command.role, known: roles });
      }
      const isRefused = (login: string): boolean => seen.done.has(`not-assigned:${login.toLowerCase()}`);
      const refused = command.logins.filter(isRefused);
      const taken = command.logins.filter((login) => !isRefused(login));
      if (taken.length === 0) return refuse(command.name, { kind: "cannot-assign", logins: refused });
      return {
        entries: taken.map((login) => ({ kind: "assigned", ...base, login, role })),
        edges: [
          ...taken.map((login): Edge => ({ kind: "assign", login })),
          ...(refused.length === 0 ? [] : [say({ kind: "cannot-assign", logins: refused })]),
          thanks,
        ],
      };
    }
    case "postmortem":
      return command.target === null
        ? draftPostMortem(seen, history, base, refuse, done)
        : link(seen, history, { name: command.name, target: command.target, reason: "" }, base, refuse, done);
    case "who": {
      const waits = read(seen, "read:who", base, refuse, command.name);
      if (waits !== null) return waits;
      const facts = seen.experts ?? { paths: [], codeOwners: null, authors: [] };
      const experts = whoKnows(facts, seen.onCall.schedule, seen.at);
      return done(answered, say({ kind: "who", experts, paths: facts.paths }));
    }
    case "suspects": {
      const waits = read(seen, "read:suspects", base, refuse, command.name);
      if (waits !== null) return waits;
      const facts = seen.regressions?.suspects ?? { good: null, merged: [], isCut: false };
      const suspects = suspectsOf(facts, namedFiles(seen.issue));
      return done(
        answered,
        say({
          kind: "suspects",
          good: facts.good,
          suspects,
          isCut: facts.isCut || facts.merged.length > suspects.length,
        }),
      );
    }
    case "good": {
      const waits = read(seen, "read:good", base, refuse, command.name);
      if (waits !== null) return waits;
      const commit = seen.regressions?.refs.get(command.ref) ?? "missing";
      if (commit === "missing" && mayNotBeShown(seen, base)) return "shortly";
      if (commit === "missing") return refuse(command.name, { kind: "no-such-commit", ref: command.ref });
      return done({ kind: "known-good", ...base, sha: commit.sha, name: command.ref, committedAt: commit.at });
    }
    case "revert":
      return revert(seen, history, command, base, refuse, done);
    case "runbook":
      if (command.target !== null) {
        const { name, target, reason } = command;
        return link(seen, history, { name, target, reason }, base, refuse, done);
      }
      return listRunbooks(seen, history, refuse, done, { entry: answered, say });
  }
}

type Base = Parameters<typeof obey>[3];
type Refuse = Parameters<typeof obey>[4];
type Done = (entry: Entry, ...edges: readonly Edge[]) => Judged;

function link(
  seen: IncidentObservation,
  history: History,
  given: { readonly name: "postmortem" | "runbook"; readonly target: Reference; readonly reason: string },
  base: Base,
  refuse: Refuse,
  done: Done,
): One {
  const { name, reason } = given;
  const target = fromHere(seen.repository, given.target);
  const what = name === "postmortem" ? "post-mortem" : "runbook";
  if (target.repository === null && target.number === seen.issue.number) return refuse(name, { kind: "link-itself" });
  const here = fullName(seen.repository);
  const allowed = name === "postmortem" ? placeWanted(seen) : here;
  if (!sameName(target.repository ?? here, allowed)) return refuse(name, { kind: "link-elsewhere", allowed });
  const kind = name === "postmortem" ? "issue" : "pull-request";
  const found = seen.evidence.find(
    (one) => one.kind === kind && one.target.number === target.number && sameRepository(one.target, target),
  );
  // Of a private repository not even whether the issue is there is told.
  const isSealed = found?.kind === "issue" && found.sealedBy !== undefined;
  if (found?.answer === "missing" && !isSealed && mayNotBeShown(seen, base)) return "shortly";
  if (found === undefined || (found.answer === "missing" && !isSealed)) {
    return refuse(name, { kind: "link-gone", what, ...target });
  }
  const evidence = name === "postmortem" ? "post-mortem" : "runbook-pr";
  const linked = countedLinks(seen, history, evidence);
  const known = linked.find((one) => sameTarget(one.target, target));
  const isTooOld =
    found.kind === "pull-request" && found.answer !== "missing" && isMergedBefore(found.answer.pullRequest, seen.issue);
  if (isTooOld && reason === "" && known?.withReason !== true) {
    return refuse(name, { kind: "link-older", number: target.number });
  }
  const isKnown = known?.byCommand === true && (reason === "" || known.withReason);
  if (isKnown) return done({ kind: "answered", ...base, command: name });
  if (known === undefined && linked.filter((one) => one.byCommand).length >= MAX_LINKS)
    return refuse(name, { kind: "too-many-links", what, limit: MAX_LINKS });
  const why = reason === "" ? {} : { reason };
  return done({ kind: "linked", ...base, evidence, target: { ...target }, ...why });
}

function mayNotBeShown(seen: IncidentObservation, { at }: Base): boolean {
  return seen.at - at < SHOWN_AFTER_MS;
}

/** The links that count against the limit: those of commands, and those from where the policy wants such evidence. */
export function countedLinks(seen: IncidentObservation, history: History, evidence: Link["evidence"]): readonly Link[] {
  return history.links.filter(
    (one) =>
      one.evidence === evidence && (one.byCommand || evidence === "runbook-pr" || isPlaceWanted(seen, one.target)),
  );
}

function draftPostMortem(seen: IncidentObservation, history: History, base: Base, refuse: Refuse, done: Done): One {
  const { draftedPostMortem: drafted } = seen;
  const links = countedLinks(seen, history, "post-mortem");
  // The app's own draft, not linked by command yet: a pass died between making it and saving the record.
  const linked = links.find((one) => one.byCommand) ?? (drafted === null ? links[0] : undefined);
  if (linked !== undefined) return refuse("postmortem", { kind: "has-post-mortem", ...linked.target });

  const repository = placeFromHere(seen);
  if (repository !== null) {
    // The app may write there; the person has to be allowed to as well.
    const there = seen.permissions.get(permissionKey(base.by, repository));
    if (there === "cannot-tell")
      return orLater(seen, base.at) ?? refuse("postmortem", cannotTell(base.by, "postmortem"));
    const enough: readonly PermissionAnswer[] = ["triage", "write", "maintain", "admin"] satisfies Permission[];
    // Whether the app is there, or the person has no right there: which of the two is not told.
    if (there === undefined || !enough.includes(there))
      return refuse("postmortem", { kind: "may-not-create", repository });
  }
  const waits = read(seen, "read:post-mortem", base, refuse, "postmortem");
  if (waits !== null) return waits;
  if (drafted === null) {
    const edge: Edge = { kind: "create-post-mortem", by: base.by, history };
    const when = whenToAsk(seen, edgeId(edge), base.at);
    if (when === "now") return { waits: "tried", edge };
    return typeof when === "object" ? { waits: when.at } : refuse("postmortem", noAnswer(base.by, "postmortem", when));
  }
  const target = { repository, number: drafted.number };
  return done({ kind: "linked", ...base, evidence: "post-mortem", target });
}

function revert(
  seen: IncidentObservation,
  history: History,
  { target, reason }: Extract<Command, { name: "revert" }>,
  base: Base,
  refuse: Refuse,
  done: Done,
): One {
  if (fromHere(seen.repository, target).repository !== null) return refuse("revert", { kind: "revert-elsewhere" });
  const { number } = target;
  const known = history.reverts.find((one) => one.pullRequest === number);
  if (known !== undefined) return refuse("revert", { kind: "reverted-already", number, revert: known.revert });
  const given = { kind: "cannot-revert", number, incident: seen.issue.number } as const;
  const unread = whenToAsk(seen, "read:revert", base.at);
  if (typeof unread === "object") return { waits: unread.at };
  if (unread !== "now") {
    return refuse("revert", { ...given, why: unanswered(unread), mergeSha: null, defaultBranch: "HEAD" });
  }
  const facts = seen.regressions?.reverts.get(number);
  const pullRequest = facts?.pullRequest ?? "missing";
  if (pullRequest === "missing") return refuse("revert", { kind: "not-merged", number, isThere: false });
  const isMerged = pullRequest.merged && pullRequest.baseRef === pullRequest.defaultBranch;
  if (!isMerged) return refuse("revert", { kind: "not-merged", number, isThere: true });
  const answer = facts?.revert ?? null;
  const { mergeSha, defaultBranch } = pullRequest;
  if (answer === null) {
    const edge: Edge = { kind: "create-revert", pullRequest, by: base.by, reason };
    const when = whenToAsk(seen, edgeId(edge), base.at);
    if (when === "now") return { waits: "tried", edge };
    if (typeof when === "object") return { waits: when.at };
    return refuse("revert", { ...given, why: unanswered(when), mergeSha, defaultBranch });
  }
  if (answer === "unsupported" || "refused" in answer) {
    const why = answer === "unsupported" ? null : answer;
    return refuse("revert", { ...given, why, mergeSha, defaultBranch });
  }
  const reviewer = history.responder;
  const edges: readonly Edge[] =
    reviewer === null ? [] : [{ kind: "request-review", number: answer.number, login: reviewer }];
  return done({ kind: "revert-opened", ...base, pullRequest: number, revert: answer.number, reason }, ...edges);
}

/** What a command waits for that could not be read; `null`: nothing. */
function read(
  seen: IncidentObservation,
  what: CommandRead,
  base: Base,
  refuse: Refuse,
  name: CommandName,
): Judged | Waits | null {
  const when = whenToAsk(seen, what, base.at);
  if (when === "now") return null;
  return typeof when === "object" ? { waits: when.at } : refuse(name, noAnswer(base.by, name, when));
}

function noAnswer(to: string, command: CommandName, because: "over" | "refused"): Saying {
  return { kind: "no-answer", to, command, isRefused: because === "refused" };
}

function unanswered(because: "over" | "refused"): RevertRefusal {
  const refused =
    because === "over" ? "GitHub has not done it for a quarter of an hour" : "GitHub refuses what it takes";
  return { refused, by: "sevgate" };
}

function cannotTell(to: string, command: CommandName): Saying {
  return { kind: "cannot-tell", to, command };
}

/** Lists the runbooks that match now; the status comment shows them from now on. */
function listRunbooks(
  seen: IncidentObservation,
  { severity, runbooks: listed }: History,
  refuse: Refuse,
  done: Done,
  answer: { readonly entry: Entry; readonly say: (saying: Saying) => Edge },
): Judged {
  const shelf = seen.runbooks;
  // A record that was saved in this very pass lists them already; the next pass reads what a later command needs.
  if (shelf?.kind !== "read") {
    return refuse("runbook", { kind: "runbooks-unread", isForGood: shelf?.isForGood ?? false });
  }
  const matched = runbooksMatched(seen, severity);
  const matching = matchingRunbooks(seen, shelf, severity).map(({ runbook, because }) => ({
    path: runbook.path,
    title: runbook.title,
    changedAt: shelf.changedAt.get(runbook.path) ?? null,
    because,
  }));
  const judged = done(answer.entry, answer.say({ kind: "runbooks", paths: shelf.paths, matching }));
  const isNew = matched.kind === "runbooks-matched" && JSON.stringify(matched.runbooks) !== JSON.stringify(listed);
  return isNew ? { ...judged, entries: [...judged.entries, matched] } : judged;
}

/**
 * People without the right to a command are told once an hour; a slip of the pen is answered up to five times, and the
 * next time with a word that this was enough for now. Its marker is that of the five: it is said once.
 */
function withinLimit(record: IncidentRecord, login: string, answer: Say, now: Instant): readonly Edge[] {
  const recent = record.entries.flatMap((entry) =>
    entry.kind === "refused" && entry.by === login && now - entry.at < HOUR_MS ? [entry.source] : [],
  );
  if (answer.saying.kind === "not-allowed") return recent.length === 0 ? [answer] : [];
  const fifth = recent[MAX_HINTS_AN_HOUR - 1];
  if (fifth === undefined) return [answer];
  const marker = `enough-${fifth.comment}-${fifth.line}`;
  return [{ ...answer, marker, saying: { kind: "enough-hints", to: login, limit: MAX_HINTS_AN_HOUR } }];
}
