import { authorize } from "./commands/authorize.ts";
import { parseCommand } from "./commands/parse-command.ts";
import type { Command } from "./commands/registry.ts";
import { closeRequires } from "./gate/asks-for.ts";
import type { LinkedNow } from "./gate/candidates.ts";
import { hostOf } from "./gate/names-incident.ts";
import { placeFromHere } from "./gate/post-mortem-place.ts";
import { judgePostMortems } from "./gate/requirements/post-mortem.ts";
import { asksToRead } from "./gate/requirements/requirement-rules.ts";
import { judgeGate } from "./gate/verdict.ts";
import { beginRecord, SET_AT_OPENING_MS, severitiesOn } from "./judge/begin-record.ts";
import { hear } from "./judge/hear.ts";
import { namedItem, seenItem, ticksInQuestion } from "./judge/item-texts.ts";
import { closersInQuestion, judgeClosing } from "./judge/judge-closing.ts";
import { judgeCommands } from "./judge/judge-commands.ts";
import { declarerInQuestion, isConfirmationOpen, judgeConfirmation } from "./judge/judge-confirmation.ts";
import { drillLabelersInQuestion, saysOtherwise } from "./judge/judge-drill.ts";
import { judgeEscalation } from "./judge/judge-escalation.ts";
import { doLabelsCount, labelersInQuestion } from "./judge/judge-labels.ts";
import { wantsSuspect } from "./judge/judge-suspect.ts";
import { Judging } from "./judge/judging.ts";
import { asksForEdits, type PendingCommand, pendingCommands } from "./judge/pending-commands.ts";
import type { Instant, Reference } from "./model.ts";
import { fromHere, hasLabel, permissionKey } from "./names.ts";
import type { IncidentObservation } from "./observation.ts";
import { isOwnAccount } from "./own.ts";
import type { History } from "./record/history.ts";
import { Known } from "./record/known.ts";

/** What else is to be read about an incident; `null`: that is not needed. */
export interface Wanted {
  /** `if-told`: what GitHub does not give is left out, and keeps nobody waiting. `unless-of-the-team`: not if the issue's author may label issues, and so answers for the labels. */
  readonly timeline: "surely" | "unless-of-the-team" | "if-told" | null;
  /** When comments were edited; `rather`: no command waits if GitHub does not tell. */
  readonly edits: "sure" | "rather" | null;
  readonly people: WantedPeople | null;
  /** Logins of people who are about to be paged: whether a mention is for them. */
  readonly paged: readonly string[];
  readonly evidence: WantedEvidence | null;
  readonly regressions: WantedRegressions | null;
  /**
   * `listed`: blobs of the runbooks that the record lists. `severities`: those for which runbooks are looked for;
   * empty: none.
   */
  readonly runbooks: { readonly listed: readonly string[]; readonly severities: readonly string[] } | null;
  /** The pull requests that may be the fix; `reverts`: those that the record knows to have reverted one, by number. */
  readonly fixes: { readonly reverts: readonly number[] } | null;
  /** The pull requests that name it, for the draft of its post-mortem. */
  readonly namedBy: boolean;
  /** Post-mortems that somebody accepts: who wrote them. */
  readonly writers: readonly WantedWriters[];
  /** The action items of the incident, filed or to be filed; `null`: it has none. */
  readonly items: Pick<History, "items" | "itemsAsked"> | null;
  /** Post-mortems in which somebody has ticked an open item: who may have. */
  readonly tickers: readonly Reference[];
  /** What `/who` is answered from if the incident names no file; `cause`: the pull request whose files are meant. */
  readonly experts: { readonly cause: number | null } | null;
}

const NOTHING_WANTED: Wanted = {
  timeline: null,
  edits: null,
  people: null,
  paged: [],
  evidence: null,
  regressions: null,
  runbooks: null,
  fixes: null,
  namedBy: false,
  writers: [],
  items: null,
  tickers: [],
  experts: null,
};

/** An issue, as it is known here, and where it is. */
export interface WantedWriters {
  readonly target: Reference;
  readonly place: Reference;
}

/** Whose rights matter. */
export interface WantedPeople {
  /** Those who ask for something in a comment that is still to be judged. */
  readonly askers: readonly PendingCommand[];
  /** By login: their rights here, and in the repositories called `place`. */
  readonly here: readonly string[];
  readonly there: readonly { readonly place: string; readonly logins: readonly string[] }[];
  /** The login of whoever declared it, whose rights of a while ago are enough; `null`: it makes no difference. */
  readonly declarer: string | null;
}

/** What may satisfy the gate, in addition to what links to the incident by itself. */
export interface WantedEvidence {
  /** According to the record: linked, proven to be merged, and known to be reverted, with the number of what did that. */
  readonly links: History["links"];
  readonly proven: History["proven"];
  readonly disproven: History["disproven"];
  /** What commands are linking now. */
  readonly linkedNow: readonly LinkedNow[];
  /** A post-mortem that an earlier pass of the app's may have created since then; `null`: nobody is asking for one. */
  readonly draftSince: Instant | null;
}

/** What is looked up for commands about regressions. */
export interface WantedRegressions {
  /** What follows `/good`. */
  readonly refs: readonly string[];
  /** The numbers after `/revert`; `since`: when the first of them was written. `null`: there is none. */
  readonly reverts: { readonly numbers: readonly number[]; readonly since: Instant } | null;
  /**
   * `since`: the good states after which suspects are looked for; `null` among them stands for one that has to be
   * found.
   */
  readonly suspects: { readonly since: readonly History["knownGood"][]; readonly declaredAt: Instant } | null;
}

/**
 * What a pass reads about an incident, in addition to the issue, its comments and its record: in this order, each based
 * on what was read before. So nobody without the right to a command can make Sevgate read what it needs, and commands
 * judged together see each other's effect.
 *
 * `null`: it is not an incident.
 */
export const WANTED: readonly ((seen: IncidentObservation) => Wanted | null)[] = [
  whoDidIt,
  ...[whatWasEdited, whoMay, whatIsAskedFor, whatFollows, whoClosed].map(byItsRecord),
  // A step that reaches nobody goes on to the next one.
  ...[whoIsPaged, whoIsPagedInstead, whoIsPagedInstead].map(byItsRecord),
];

/** Before the timeline is read, it may not be known when an incident began, and so which commands are its own. */
function byItsRecord(wanted: (seen: IncidentObservation, known: Known) => Wanted) {
  return (seen: IncidentObservation): Wanted | null => {
    const begun = beginRecord(seen);
    return begun === null ? null : wanted(seen, new Known(begun));
  };
}

/** The timeline, if something has to be attributed to somebody: a declaration, a changed severity label, a reopening. */
function whoDidIt(seen: IncidentObservation): Wanted {
  const history = historyThere(seen);
  if (hasToBePutDown(seen, history)) return { ...NOTHING_WANTED, timeline: "surely" };
  // Whoever makes an incident a drill could silence it: that is never taken to be the author's doing unseen.
  if (isDrillInQuestion(seen, history)) return { ...NOTHING_WANTED, timeline: "if-told" };
  const { author } = seen.issue;
  if (seen.record.kind !== "none" || (author !== null && isOwnAccount(seen.app, author))) return NOTHING_WANTED;
  // A team member answers for their own issue; an outsider's may have got its label from the team in the first second.
  return { ...NOTHING_WANTED, timeline: author === null || author.isBot ? "surely" : "unless-of-the-team" };
}

/** What the record says, or what is left of it; `null`: there is none yet, or nothing is left. */
function historyThere({ record }: IncidentObservation): History | null {
  const known = record.kind === "found" ? record.record : record.kind === "none" ? null : record.copy;
  return known === null ? null : new Known(known).history;
}

/** Whether the label of drills says something that the record does not. */
function isDrillInQuestion(seen: IncidentObservation, history: History | null): boolean {
  if (history !== null) return saysOtherwise(seen, history);
  return seen.record.kind === "none" && hasLabel(seen.issue.labels, seen.policy.policy.drills.label);
}

function hasToBePutDown(seen: IncidentObservation, history: History | null): boolean {
  const { issue, record, policy } = seen;
  if (record.kind === "none") return seen.at - issue.createdAt > SET_AT_OPENING_MS;
  if (history === null) return true;
  // Who closed it, if the issue itself does not say; and whether it became a discussion, which only the timeline tells
  //
  const isJudged = history.closed?.closedAt === issue.closedAt;
  const isToOpen = history.closed?.how === "waived" && history.waiverEnded !== null;
  if (issue.state === "closed" && (issue.closedBy === null || issue.locked)) return !isJudged || isToOpen;
  if (!doLabelsCount(seen, history)) return false;
  if (isConfirmationOpen(seen, history)) return true;
  const on = severitiesOn(issue, policy.policy.severities);
  const [top] = on;
  return history.closed !== null || on.length > 1 || (top !== undefined && top.name !== history.severity);
}

function whatWasEdited(seen: IncidentObservation, { record }: Known): Wanted {
  return { ...NOTHING_WANTED, edits: asksForEdits(seen, record) };
}

/** Commands that take a right where the post-mortem is. */
const IN_THE_OTHER_PLACE: ReadonlySet<string> = new Set(["accept", "items", "drop", "snooze"]);

/** The rights of everybody who asks for something, and of those whose labels and words depend on them. */
function whoMay(seen: IncidentObservation, known: Known): Wanted {
  const askers = pendingCommands(seen, known.record);
  const { author } = seen.issue;
  const declares = isConfirmationOpen(seen, known.history) && author !== null ? [author.login] : [];
  const requests = seen.requests.flatMap(({ login }) => login ?? []);
  const here = [
    ...loginsOf(askers),
    ...declares,
    ...requests,
    ...labelersInQuestion(seen, known),
    ...drillLabelersInQuestion(seen, known),
  ];
  const place = placeFromHere(seen);
  // Who has one created there needs a right to it; who accepts one has to be able to read it.
  const drafters = askers.filter((one) => {
    const command = commandIn(seen, one);
    return draftsPostMortem(command) || IN_THE_OTHER_PLACE.has(command?.name ?? "");
  });
  return {
    ...NOTHING_WANTED,
    people: {
      askers,
      here: [...new Set(here)],
      there: place === null || drafters.length === 0 ? [] : [{ place, logins: loginsOf(drafters) }],
      declarer: declarerInQuestion(seen, known.history),
    },
  };
}

/** What may satisfy the gate, and what individual commands need, if their authors may use them. */
function whatIsAskedFor(seen: IncidentObservation, known: Known): Wanted {
  const asked = askedBy(seen, known);
  const { links, proven, disproven, declared } = known.history;
  const drafts = asked.some(({ command }) => draftsPostMortem(command));
  const evidence = {
    links,
    proven,
    disproven,
    linkedNow: asked.flatMap(({ command }) => linkMade(seen, command)),
    draftSince: drafts ? declared.at : null,
  };
  const refs = asked.flatMap(({ command }) => (command.name === "good" ? [command.ref] : []));
  const reverts = asked.flatMap(({ command, pending: { comment } }) => {
    const number = takenBack(seen, command);
    return number === null ? [] : [{ number, at: comment.createdAt }];
  });
  if (refs.length === 0 && reverts.length === 0) return { ...NOTHING_WANTED, evidence, namedBy: drafts };
  const numbers = [...new Set(reverts.map(({ number }) => number))];
  const since = Math.min(...reverts.map(({ at }) => at)) as Instant;
  return {
    ...NOTHING_WANTED,
    evidence,
    namedBy: drafts,
    regressions: {
      refs: [...new Set(refs)],
      reverts: reverts.length === 0 ? null : { numbers, since },
      suspects: null,
    },
  };
}

/** What has to be known once labels and commands have had their effect on each other. */
function whatFollows(seen: IncidentObservation, known: Known): Wanted {
  const heard = knownWhenHeard(seen, known);
  const asked = askedBy(seen, known);
  const severities = severitiesBetween(known, heard);
  const { policy } = seen.policy;
  const asksForFix = severities.some((name) => asksToRead(closeRequires(policy, name), "fixes"));
  const since = suspectsSince(seen, known, heard, asked);
  const suspects = { since, declaredAt: known.history.declared.at };
  const who = asked.find(({ command }) => command.name === "who");
  return {
    ...NOTHING_WANTED,
    runbooks: {
      listed: (known.history.runbooks ?? []).map(({ sha }) => sha),
      severities: looksForRunbooks(seen, known, asked) ? severities : [],
    },
    fixes: asksForFix ? { reverts: [...known.history.fixesReverted.values()] } : null,
    regressions: since.length === 0 ? null : { refs: [], reverts: null, suspects },
    writers: asked.some(({ command }) => command.name === "accept") ? writersAsked(seen, heard) : [],
    items: heard.history.items.length + heard.history.itemsAsked.length === 0 ? null : heard.history,
    experts: who === undefined ? null : { cause: causeOf(seen, heard, asked, who) },
  };
}

function writersAsked(seen: IncidentObservation, { history }: Known): readonly WantedWriters[] {
  return judgePostMortems(seen, history).flatMap(({ target, movedTo, review }) =>
    review === null ? [] : [{ target, place: movedTo ?? target }],
  );
}

/** The rights of people whose close or reopening depends on them; only the verdict tells whose. */
function whoClosed(seen: IncidentObservation, begun: Known): Wanted {
  const known = knownWhenHeard(seen, begun);
  const logins = closersInQuestion(seen, known, judgeGate(seen, known.history));
  const here = logins.filter((login) => !seen.permissions.has(permissionKey(login)));
  const tickers = ticksInQuestion(seen, known.history).map(({ postMortem }) => postMortem);
  const there = rightsElsewhere(seen, begun);
  if (here.length + there.length === 0) return { ...NOTHING_WANTED, tickers };
  return { ...NOTHING_WANTED, tickers, people: { askers: [], here, there, declarer: null } };
}

/**
 * Whoever files or ends action items needs a right where these are. Where they have been moved to is only known once they
 * were read.
 */
function rightsElsewhere(seen: IncidentObservation, begun: Known): WantedPeople["there"] {
  const wanted = askedBy(seen, begun).flatMap(({ pending, command }) => {
    const places = placesOfItems(seen, begun.history, command);
    return places.map((place) => ({ place, logins: loginsOf([pending]) }));
  });
  return wanted
    .map(({ place, logins }) => ({
      place,
      logins: logins.filter((login) => !seen.permissions.has(permissionKey(login, place))),
    }))
    .filter(({ logins }) => logins.length > 0);
}

/** Names of other repositories that a command of action items is about. */
function placesOfItems(seen: IncidentObservation, history: History, command: Command): readonly string[] {
  if (command.name === "items") {
    return judgePostMortems(seen, history).flatMap(({ target, movedTo }) => (movedTo ?? target).repository ?? []);
  }
  if (command.name !== "drop" && command.name !== "snooze") return [];
  const filed = namedItem(seen, history, fromHere(seen.repository, command.target));
  const place = filed === null ? null : (seenItem(seen, filed.target)?.place.repository ?? null);
  return place === null ? [] : [place];
}

/**
 * The people who are about to be paged, and about whom nothing is known yet.
 *
 * Assigning them would tell as well, but is a second alarm, and shows an owner where nobody has acknowledged.
 */
function whoIsPaged(seen: IncidentObservation, begun: Known): Wanted {
  const { schedule } = seen.onCall;
  if (schedule === null) return NOTHING_WANTED;
  const judging = new Judging(knownWhenHeard(seen, begun));
  judging.take("closing", judgeClosing(seen, judging.known, judgeGate(seen, judging.known.history)));
  judging.take("confirmation", judgeConfirmation(seen, judging.known));
  // A closed incident may be reopened in this pass, and its people paged.
  judging.take("escalation", judgeEscalation(seen, judging.known, false));
  const isSaved = new Set(begun.record.entries);
  const paged = judging.known.record.entries.flatMap((entry) =>
    entry.kind === "paged" && !isSaved.has(entry) ? entry.targets.map(({ login }) => login) : [],
  );
  const unknown = [...new Set(paged)].filter((login) => !seen.reach.has(login.toLowerCase()));
  return { ...NOTHING_WANTED, paged: unknown.slice(0, MAX_ASKED_ABOUT) };
}

/** The people of the next step, if somebody of the last one is not reached. */
function whoIsPagedInstead(seen: IncidentObservation, begun: Known): Wanted {
  return [...seen.reach.values()].includes(false) ? whoIsPaged(seen, begun) : NOTHING_WANTED;
}

/** About how many people GitHub is asked before a page; with more, such as a whole team, the others are mentioned all the same. */
const MAX_ASKED_ABOUT = 10;

/** A command by somebody who may use it, or whose rights GitHub does not tell. */
interface Asked {
  readonly pending: PendingCommand;
  readonly command: Command;
}

/**
 * What is known once labels and commands have been judged from what was read so far: all of them, although a pass saves
 * the record after some, and then goes on with the others by the same facts.
 */
function knownWhenHeard(seen: IncidentObservation, begun: Known): Known {
  const judging = new Judging(begun);
  let { commands } = hear(seen, judging);
  while (commands.entries.length > 0) commands = judging.take("commands", judgeCommands(seen, judging.known));
  return judging.known;
}

/** The commands that may be obeyed, in the order in which they are judged. */
function askedBy(seen: IncidentObservation, known: Known): readonly Asked[] {
  return pendingCommands(seen, known.record).flatMap((pending) => {
    const command = commandIn(seen, pending);
    if (command === null || pending.edited) return [];
    const has = seen.permissions.get(permissionKey(pending.author.login)) ?? "cannot-tell";
    const may = authorize(command.name, pending.author, has, seen.policy.policy.commands);
    return may.kind === "allowed" || may.kind === "cannot-tell" ? [{ pending, command }] : [];
  });
}

function commandIn(seen: IncidentObservation, { line }: PendingCommand): Command | null {
  const parsed = parseCommand(line, hostOf(seen));
  return parsed?.kind === "command" ? parsed.command : null;
}

/** Apps have no rights that could be looked up. */
function loginsOf(pending: readonly PendingCommand[]): readonly string[] {
  return [...new Set(pending.flatMap(({ author }) => (author.isBot ? [] : [author.login])))];
}

function draftsPostMortem(command: Command | null): boolean {
  return command?.name === "postmortem" && command.target === null;
}

function linkMade({ repository }: IncidentObservation, command: Command): readonly LinkedNow[] {
  if ((command.name !== "postmortem" && command.name !== "runbook") || command.target === null) return [];
  const evidence = command.name === "postmortem" ? "post-mortem" : "runbook-pr";
  return [{ evidence, target: fromHere(repository, command.target) }];
}

/** The pull request of this repository that a command reverts. */
function takenBack({ repository }: IncidentObservation, command: Command): number | null {
  if (command.name !== "revert" || fromHere(repository, command.target).repository !== null) return null;
  return command.target.number;
}

/** Every severity that the incident has on the way from one record to the other. */
function severitiesBetween(before: Known, after: Known): readonly string[] {
  const since = after.record.entries.slice(before.record.entries.length);
  const changed = since.flatMap((entry) => (entry.kind === "severity-changed" ? [entry.to] : []));
  return [...new Set([before.history.severity, ...changed])];
}

function looksForRunbooks(seen: IncidentObservation, { history }: Known, asked: readonly Asked[]): boolean {
  if (asked.some(({ command }) => command.name === "runbook" && command.target === null)) return true;
  const isDue = history.runbooks === null && history.closed === null;
  return isDue && seen.policy.policy.runbooks.paths.length > 0;
}

/** The last good states that `/suspects` and the likeliest cause are based on. */
function suspectsSince(
  seen: IncidentObservation,
  before: Known,
  heard: Known,
  asked: readonly Asked[],
): readonly History["knownGood"][] {
  const commands = asked.filter(({ command }) => command.name === "suspects");
  const due = [before, heard].filter(({ history }) => wantsSuspect(seen, history));
  const histories = [...commands.map((one) => historyFor(heard, asked, one)), ...due.map(({ history }) => history)];
  const goods = histories.map(({ knownGood }) => knownGood);
  return goods.filter((one, at) => goods.findIndex((other) => other?.sha === one?.sha) === at);
}

/** The pull request whose files `/who` is about: the last one reverted or suspected before it. */
function causeOf(seen: IncidentObservation, heard: Known, asked: readonly Asked[], who: Asked): number | null {
  const earlier = asked.slice(0, asked.indexOf(who));
  const now = earlier
    .flatMap(({ command }) => takenBack(seen, command) ?? [])
    .filter((one) => isMerged(seen, one))
    .at(-1);
  const { reverts, suspected } = historyFor(heard, asked, who);
  return now ?? reverts.at(-1)?.pullRequest ?? suspected?.pullRequest ?? null;
}

/** Whether a pull request that was read for `/revert` is merged into the default branch, so that the command may be obeyed. */
function isMerged({ regressions }: IncidentObservation, number: number): boolean {
  const pullRequest = regressions?.reverts.get(number)?.pullRequest ?? "missing";
  return pullRequest !== "missing" && pullRequest.merged && pullRequest.baseRef === pullRequest.defaultBranch;
}

/** The history that a command finds: without what it and the commands after it add. */
function historyFor({ record }: Known, asked: readonly Asked[], one: Asked): History {
  const later = asked.slice(asked.indexOf(one)).map(({ pending: { comment, line } }) => `${comment.id}:${line.line}`);
  const entries = record.entries.filter(
    (entry) => !("source" in entry) || !later.includes(`${entry.source?.comment}:${entry.source?.line}`),
  );
  return new Known({ ...record, entries }).history;
}
