import { parseCommand } from "../commands/parse-command.ts";
import { hostOf } from "../gate/names-incident.ts";
import type { Instant } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";
import type { Entry } from "../record/entry.ts";
import type { Known } from "../record/known.ts";
import { isJudged } from "../record/record.ts";
import type { Edge } from "./edge.ts";
import { foldReplies } from "./fold-replies.ts";
import { judgeCommand } from "./judge-command.ts";
import type { Judged } from "./judged.ts";
import { type PendingCommand, pendingCommands } from "./pending-commands.ts";

/** What was judged of the commands, and what those that are still waiting mean for others. */
export interface JudgedCommands extends Judged {
  /** The oldest comment with a command that is waiting although younger ones were judged; `null`: none is. */
  readonly waitsFrom: number | null;
  /** A command names something GitHub may not show yet: a close is judged together with it, seconds later. */
  readonly holdsClosing: boolean;
}

/**
 * How many commands are judged before the record is saved: after an outage, even a pass that fails gets further than
 * the last one.
 */
const MAX_JUDGED_AT_ONCE = 20;

/**
 * Judges the pending commands once, in order, each by the rights its author has now; twenty at a time, and the next
 * twenty once these are saved.
 */
export function judgeCommands(seen: IncidentObservation, known: Known): JudgedCommands {
  const judged = judgePending(seen, known);
  return { ...judged, edges: foldReplies(seen, known.record, judged.edges) };
}

/**
 * What a command asks GitHub for holds up only further commands of its kind, `/suspects` after `/good`, and, in its own
 * comment, commands that have something to say, until it has been tried: a comment gets one reply.
 */
function judgePending(seen: IncidentObservation, known: Known): JudgedCommands {
  let trying: ReadonlySet<number> = new Set();
  for (;;) {
    const { tries, ...judged } = judgeInOrder(seen, known, trying);
    if (tries.every((comment) => trying.has(comment))) return judged;
    trying = new Set([...trying, ...tries]);
  }
}

/** `tries`: comments with commands for which GitHub is being asked now. */
function judgeInOrder(
  seen: IncidentObservation,
  known: Known,
  trying: ReadonlySet<number>,
): JudgedCommands & { readonly tries: readonly number[] } {
  const entries: Entry[] = [];
  const edges: Edge[] = [];
  const tries: number[] = [];
  const moments: Instant[] = [];
  const waiting = new Set<string>();
  const comments: number[] = [];
  const soFar = (holdsClosing: boolean) => ({
    entries,
    edges,
    tries,
    lookAgainAt: moments.length === 0 ? null : (Math.min(...moments) as Instant),
    waitsFrom: comments.length === 0 ? null : Math.min(...comments),
    holdsClosing,
  });
  let before = known;
  for (const pending of pendingCommands(seen, known.record)) {
    // A comment whose commands were not all obeyed, because it was edited, is answered once.
    if (isJudged(before.record, pending.comment, pending.line.line)) continue;
    // A comment is not split: it gets one reply.
    const isBegun = entries.some((entry) => "source" in entry && entry.source?.comment === pending.comment.id);
    if (entries.length >= MAX_JUDGED_AT_ONCE && !isBegun) break;
    if (kindsBefore(kindOf(seen, pending)).some((kind) => waiting.has(kind))) {
      comments.push(pending.comment.id);
      continue;
    }
    const judged = judgeCommand(seen, before, pending);
    if (judged.kind === "held") {
      moments.push(judged.until);
      return soFar(judged.withClosing);
    }
    if (judged.kind !== "judged") {
      waiting.add(kindOf(seen, pending));
      comments.push(pending.comment.id);
      if (judged.kind === "waits") moments.push(judged.until);
      else {
        edges.push(judged.edge);
        tries.push(pending.comment.id);
      }
      continue;
    }
    if (trying.has(pending.comment.id) && judged.edges.some((edge) => edge.kind === "say" && edge.answers !== null)) {
      comments.push(pending.comment.id);
      continue;
    }
    entries.push(...judged.entries);
    before = before.with(judged.entries);
    edges.push(...judged.edges);
  }
  return soFar(false);
}

/** The kinds of command that hold up one of this kind while they wait: its own, and what its answer depends on. */
function kindsBefore(kind: string): readonly string[] {
  return kind === "suspects" ? [kind, "good"] : [kind];
}

/** Commands of one kind are obeyed in order. */
function kindOf(seen: IncidentObservation, { line }: PendingCommand): string {
  const parsed = parseCommand(line, hostOf(seen));
  return parsed?.kind === "command" ? parsed.command.name : "";
}
