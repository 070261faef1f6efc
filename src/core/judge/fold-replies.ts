import { permissionKey } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import type { IncidentRecord } from "../record/record.ts";
import { HOUR_MS } from "../time-units.ts";
import { isOfTheTeam } from "../trust/content-class.ts";
import { isSaid } from "../words/markers.ts";
import type { Edge } from "./edge.ts";
import type { Saying } from "./saying.ts";

/** How many comments with commands by one person without rights, in one repository and hour, are answered in words. */
export const MAX_ANSWERED_AN_HOUR = 3;
/** How many get at least a reaction; further ones get nothing. */
export const MAX_NOTICED_AN_HOUR = 6;

type Say = Extract<Edge, { kind: "say" }>;
type Answer = Say & { readonly answers: NonNullable<Say["answers"]> };

/**
 * Gives each comment one reply, however many commands it has, and says whom it is for.
 *
 * What people without rights in the repository ask for is limited: a few replies an hour, then only a reaction, then
 * nothing (docs/decisions/0022-outsiders-get-what-is-left-over.md).
 */
export function foldReplies(
  seen: IncidentObservation,
  record: IncidentRecord,
  edges: readonly Edge[],
): readonly Edge[] {
  // What a pass that died has already said is not said again.
  const answers = edges.filter(isAnswer).filter(({ marker }) => !isSaid(seen, marker));
  return edges.flatMap((edge): readonly Edge[] => {
    if (edge.kind === "react") {
      const author = seen.comments.find(({ id }) => id === edge.commentId)?.author?.login;
      return author !== undefined && noticed(seen, record, author, edge.commentId) === "nothing" ? [] : [edge];
    }
    if (!isAnswer(edge)) return [edge];
    const { by, commentId } = edge.answers;
    const ofComment = answers.filter((one) => one.answers.commentId === commentId);
    if (ofComment[0] !== edge) return [];
    const how = noticed(seen, record, by, commentId);
    if (how === "words") {
      return [{ ...edge, saying: together(ofComment), creates: isOutsider(seen, by) ? "outsider" : "team" }];
    }
    const isThanked = edges.some((one) => one.kind === "react" && one.commentId === commentId);
    return how === "nothing" || isThanked ? [] : [{ kind: "react", commentId, reaction: "confused" }];
  });
}

function isAnswer(edge: Edge): edge is Answer {
  return edge.kind === "say" && edge.answers !== null;
}

/** The same said twice is said once. */
function together([first, ...more]: readonly Answer[]): Saying {
  if (more.length === 0) return first!.saying;
  const said = new Set<string>();
  const parts = [first!, ...more].map(({ marker, saying }) => {
    const text = JSON.stringify(saying);
    const isNew = !said.has(text);
    said.add(text);
    return { marker, saying: isNew ? saying : null };
  });
  return { kind: "several", parts };
}

function isOutsider(seen: IncidentObservation, login: string): boolean {
  return !isOfTheTeam(seen.permissions.get(permissionKey(login)));
}

/**
 * How many of the person's comments were seen in the hour before, in this repository and according to this incident's
 * record.
 */
function noticed(
  seen: IncidentObservation,
  record: IncidentRecord,
  login: string,
  commentId: number,
): "words" | "reaction" | "nothing" {
  if (!isOutsider(seen, login)) return "words";
  const before = new Set(seen.askedLately.get(login.toLowerCase()) ?? []);
  for (const entry of record.entries) {
    if (entry.by !== login || seen.at - entry.at >= HOUR_MS) continue;
    if ("source" in entry && entry.source !== null) before.add(entry.source.comment);
  }
  // Later comments have greater ids.
  const count = [...before].filter((id) => id < commentId).length;
  if (count < MAX_ANSWERED_AN_HOUR) return "words";
  return count < MAX_NOTICED_AN_HOUR ? "reaction" : "nothing";
}
