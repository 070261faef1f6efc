import { authorize } from "../commands/authorize.ts";
import { type CommandProblem, parseCommand } from "../commands/parse-command.ts";
import { COMMANDS } from "../commands/registry.ts";
import { hostOf } from "../gate/names-incident.ts";
import type { PermissionAnswer, Person } from "../model.ts";
import { permissionKey } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import type { Entry } from "../record/entry.ts";
import type { Known } from "../record/known.ts";
import type { IncidentRecord } from "../record/record.ts";
import { HOUR_MS } from "../time-units.ts";
import { type Edge, sayOnce } from "./edge.ts";
import { isStranger } from "./fold-replies.ts";
import { obey } from "./obey/obey.ts";
import { type Obeying, type Outcome, type Receipt, untilTold } from "./obey/obeying.ts";
import { isOwnItem } from "./obey/snooze.ts";
import type { PendingCommand } from "./pending-commands.ts";
import type { Saying } from "./saying.ts";

/** How many of one person's slips are answered in words in an hour. */
const MAX_ANSWERED_AN_HOUR = 5;

type Say = Extract<Edge, { kind: "say" }>;
type Answer = Say & { readonly answers: NonNullable<Say["answers"]> };
type Slip = Extract<CommandProblem, { kind: "unknown" }>;

/** Judges one command: obeys it if its author may use it now, the comment was not edited, and the arguments are right. */
export function judgeCommand(seen: IncidentObservation, known: Known, pending: PendingCommand): Outcome {
  const { comment, author, line } = pending;
  const parsed = parseCommand(line, hostOf(seen));
  if (parsed === null) return { kind: "judged", entries: [], edges: [] };
  const receipt: Receipt = {
    at: comment.createdAt,
    by: author.login,
    source: { comment: comment.id, line: line.line },
  };
  const say = (saying: Saying): Answer => ({
    ...sayOnce(`reply-${comment.id}-${line.line}`, saying),
    answers: { commentId: comment.id, by: author.login },
  });
  const refuseAs = (word: string, saying: Saying | null): Outcome => ({
    kind: "judged",
    entries: [refused(receipt, word)],
    edges: saying === null ? [] : withinLimit(seen, known.record, word, say(saying)),
  });
  const permission = seen.permissions.get(permissionKey(author.login)) ?? "cannot-tell";
  if (parsed.kind === "unknown") {
    // Only the letters: what follows them may be cut in two.
    return refuseAs(/^[a-z-]*/.exec(parsed.word)![0], hint(parsed, author, permission));
  }

  const name = parsed.kind === "command" ? parsed.command.name : parsed.command;
  const refuse = (saying: Saying | null): Outcome => refuseAs(name, saying);
  const may = authorize(name, author, permission, seen.policy.policy.commands);
  if (may.kind === "ignored") return refuse(null);
  if (may.kind === "cannot-tell") return untilTold({ seen, receipt, name, refuse });
  if (may.kind === "not-granted") return refuse({ kind: "not-granted", app: author.login, command: name });
  const isOwner =
    parsed.kind === "command" &&
    parsed.command.name === "snooze" &&
    isOwnItem(seen, known.history, parsed.command, author.login);
  if (may.kind === "refused" && !isOwner) {
    return refuse({ kind: "not-allowed", to: author.login, command: name, needs: may.needs });
  }
  if (pending.edited) {
    // One reply per comment, however many commands are in it.
    const told: Edge = { ...say({ kind: "edited-too-soon", to: author.login }), marker: `edited-${comment.id}` };
    return { kind: "judged", entries: [refused(receipt, name)], edges: [told] };
  }
  if (parsed.kind !== "command") return refuse({ kind: "bad-argument", usage: parsed.usage, why: parsed.why });
  if (seen.issue.state === "closed" && COMMANDS[name].whenClosed === "refused") {
    const isClosedBefore = comment.createdAt >= (seen.issue.closedAt ?? 0) && known.history.closed !== null;
    if (isClosedBefore) return refuse({ kind: "closed-incident", command: name });
  }
  const done: Obeying["done"] = (left, ...edges) => ({
    kind: "judged",
    entries: [left].flat(),
    edges: [...edges, { kind: "react", commentId: comment.id, reaction: "+1" }],
  });
  const answered: Obeying["answered"] = (...edges) => done({ kind: "answered", ...receipt, command: name }, ...edges);
  const { record, history } = known;
  return obey({ seen, record, history, name, receipt, permission, done, answered, refuse, say }, parsed.command);
}

/** The receipt for a command that was not obeyed. `word`: its name, or what was written in place of one. */
function refused(receipt: Receipt, word: string): Entry {
  return { kind: "refused", ...receipt, command: word.slice(0, 32) };
}

/** What is said about a word that is close to a command. People without rights here get no lesson in commands. */
function hint({ word, instead, slip }: Slip, author: Person, permission: PermissionAnswer): Saying | null {
  const isWelcome = permission !== "cannot-tell" && permission !== "none" && permission !== "read" && !author.isBot;
  return isWelcome ? { kind: "unknown-command", word, instead, slip } : null;
}

/**
 * No slip is met with silence: five of a person in an hour are answered in words, the fifth says that it is the last,
 * and further ones get a 😕. So does a command that was refused within the hour because its author may not use it.
 *
 * In a public repository, people without rights have limits of their own (`foldReplies`).
 */
function withinLimit(seen: IncidentObservation, record: IncidentRecord, word: string, answer: Answer): readonly Edge[] {
  const { by, commentId } = answer.answers;
  if (isStranger(seen, by)) return [answer];
  const recent = record.entries.filter(
    (entry) => entry.kind === "refused" && entry.by === by && seen.at - entry.at < HOUR_MS,
  );
  const mark: Edge = { kind: "react", commentId, reaction: "confused" };
  const isRepeated = recent.some((entry) => entry.kind === "refused" && entry.command === word);
  if (answer.saying.kind === "not-allowed" && isRepeated) return [mark];
  if (recent.length >= MAX_ANSWERED_AN_HOUR) return [mark];
  if (recent.length < MAX_ANSWERED_AN_HOUR - 1) return [answer];
  return [{ ...answer, saying: { kind: "last-answer", saying: answer.saying, isMarked: seen.can.react } }];
}
