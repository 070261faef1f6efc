import type { CommandLine } from "../commands/command-line.ts";
import { parseCommand } from "../commands/parse-command.ts";
import { COMMANDS } from "../commands/registry.ts";
import { scanCommands } from "../commands/scan.ts";
import { hostOf } from "../gate/names-incident.ts";
import type { CommentFacts, Person } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";
import { isFormersComment, isOwnAccount, isOwnComment } from "../own.ts";
import { type IncidentRecord, isJudged } from "../record/record.ts";
import { HOUR_MS } from "../time-units.ts";

/** A command waiting to be judged. */
export interface PendingCommand {
  readonly comment: CommentFacts;
  readonly author: Person;
  readonly line: CommandLine;
  /** The comment was changed after it was written: its commands are not obeyed. */
  readonly edited: boolean;
}

/**
 * The commands that have not been judged yet, in the order they were written.
 *
 * Only new comments count: none from before the declaration, none older than a day, none of the app's own. Edits and
 * deletions of a judged comment change nothing (docs/decisions/0002-commands-become-receipts.md).
 */
export function pendingCommands(seen: CommandPlace, record: IncidentRecord): readonly PendingCommand[] {
  return unjudged(seen, record).flatMap((comment) => {
    const edited = wasEdited(seen, comment);
    if (edited && seen.at - comment.createdAt > FRESH_EDIT_MS) return [];
    return linesOf(comment)
      .filter((line) => !isJudged(record, comment, line.line))
      .map((line) => ({ comment, author: comment.author, line, edited }));
  });
}

/** How long after it was written a command is still judged; later it would surprise people. */
export const MAX_COMMAND_AGE_MS = 24 * HOUR_MS;
/**
 * Whether GraphQL has to be asked which comments were edited: `sure` if the timestamps of a comment with commands leave
 * it open; `rather` if they are the same and somebody else's edit within that second would do something that an app has
 * to be granted by name. Whole seconds do not show it, and anybody with write access may edit anybody's comment.
 */
export function asksForEdits(
  seen: CommandPlace & Pick<IncidentObservation, "issue">,
  record: IncidentRecord,
): "sure" | "rather" | null {
  const open = unjudged(seen, record).flatMap((comment) => {
    const lines = linesOf(comment).filter((line) => !isJudged(record, comment, line.line));
    if (lines.length === 0) return [];
    if (comment.updatedAt - comment.createdAt >= TIMESTAMP_UNIT_MS) return ["sure" as const];
    return lines.some((line) => isGrave(line, hostOf(seen))) ? ["rather" as const] : [];
  });
  return open.includes("sure") ? "sure" : (open[0] ?? null);
}

/** Whether a command acknowledges, accepts, waives, cancels or drops something, or writes with Sevgate's rights. */
function isGrave(line: CommandLine, host: string): boolean {
  const parsed = parseCommand(line, host);
  return parsed?.kind === "command" && COMMANDS[parsed.command.name].apps === "granted";
}

export type CommandPlace = Pick<IncidentObservation, "at" | "app" | "comments" | "edits">;
export function wasEdited({ edits }: CommandPlace, comment: CommentFacts): boolean {
  const told = edits?.get(comment.id);
  return told === undefined ? comment.updatedAt - comment.createdAt > TIMESTAMP_UNIT_MS : told !== null;
}

type WrittenComment = CommentFacts & { readonly author: Person };

/** People's comments that are recent enough and not fully judged. */
export function unjudged(seen: CommandPlace, record: IncidentRecord): readonly WrittenComment[] {
  const declaredAt = record.entries.find((entry) => entry.kind === "declared")?.at ?? seen.at;
  return seen.comments.filter((comment): comment is WrittenComment => {
    const { author } = comment;
    if (author === null || isOwnComment(seen.app, comment) || isOwnAccount(seen.app, author)) return false;
    if (isFormersComment(seen.app, comment)) return false;
    if (comment.id <= record.judgedUpTo) return false;
    return comment.createdAt >= declaredAt && seen.at - comment.createdAt <= MAX_COMMAND_AGE_MS;
  });
}

const scanned = new WeakMap<CommentFacts, readonly CommandLine[]>();

/** The lines that look like commands. A pass asks for them again and again: each comment it has read is scanned once. */
function linesOf(comment: CommentFacts): readonly CommandLine[] {
  const known = scanned.get(comment);
  if (known !== undefined) return known;
  const lines = scanCommands(comment.body);
  scanned.set(comment, lines);
  return lines;
}

/**
 * GitHub keeps whole seconds, and an untouched comment may show the following second as the time of its last change.
 * Only GraphQL's `lastEditedAt` tells; a server without it is believed from the second after that.
 */
export const TIMESTAMP_UNIT_MS = 1000;
/** Somebody who edits a new comment before it was read is told; an edited old comment is left alone. */
export const FRESH_EDIT_MS = 10 * 60000;
