import type { Instant } from "../model.ts";
import { isAppLogin, permissionKey } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import type { IncidentRecord } from "../record/record.ts";
import { DAY_MS, HOUR_MS } from "../time-units.ts";
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
 * nothing (docs/decisions/0022-outsiders-get-what-is-left-over.md). In a public repository anybody may write, and every
 * reply mails whoever follows the incident: there a refusal is a reaction, and whoever asks again is told why, once a day
 * (docs/notifications.md). A server without reactions gives the answer at once.
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
      return author !== undefined && noticed(seen, record, author, edge.commentId, true) === "nothing" ? [] : [edge];
    }
    if (!isAnswer(edge)) return [edge];
    const { by, commentId } = edge.answers;
    const ofComment = answers.filter((one) => one.answers.commentId === commentId);
    if (ofComment[0] !== edge) return [];
    const how = noticed(seen, record, by, commentId, ofComment.every(isRefusal));
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

function isRefusal({ saying }: Answer): boolean {
  return saying.kind !== "help";
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

/** Whether somebody is known to have no right in this public repository but that of everybody. */
export function isStranger(seen: IncidentObservation, login: string): boolean {
  const has = seen.permissions.get(permissionKey(login));
  return seen.isPublic && has !== undefined && has !== "cannot-tell" && !isOfTheTeam(has) && !isAppLogin(login);
}

/** How a comment is answered, by how many of the same person were seen before it, in this repository or by this record. */
function noticed(
  seen: IncidentObservation,
  record: IncidentRecord,
  login: string,
  commentId: number,
  isRefused: boolean,
): "words" | "reaction" | "nothing" {
  if (!isOutsider(seen, login)) return "words";
  const own = record.entries.filter((entry) => entry.by === login);
  const before = new Map<number, Instant>(seen.askedLately.get(login.toLowerCase()));
  for (const entry of own) if ("source" in entry && entry.source !== null) before.set(entry.source.comment, entry.at);
  // Later comments have greater ids.
  const countSince = (length: number) =>
    [...before].filter(([id, at]) => id < commentId && seen.at - at < length).length;
  const ofTheHour = countSince(HOUR_MS);
  if (ofTheHour >= MAX_NOTICED_AN_HOUR) return "nothing";
  if (!isStranger(seen, login)) return ofTheHour < MAX_ANSWERED_AN_HOUR ? "words" : "reaction";
  const ofTheDay = countSince(DAY_MS);
  if (!seen.can.react) return ofTheDay === 0 ? "words" : "nothing";
  if (!isRefused) return ofTheDay < 2 ? "words" : "reaction";
  const isHelped = own.some(({ kind, at }) => kind === "answered" && seen.at - at < DAY_MS);
  return ofTheDay === 1 && !isHelped ? "words" : "reaction";
}
