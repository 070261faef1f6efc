import type { Logger } from "pino";
import type { Clock } from "../base/clock.ts";
import { TerminalError, TransientError } from "../base/errors.ts";
import type { IncidentObservation } from "../core/observation.ts";
import { type Action, actionId } from "../core/plan/action.ts";
import type { Learned } from "../core/plan/after.ts";
import { ITEMS_ASK, incidentId } from "../core/waiting.ts";
import type { Unanswered } from "../observe/unanswered.ts";

/** What files action items and follows them. */
const ITEM_ACTIONS: ReadonlySet<Action["kind"]> = new Set([
  "create-item",
  "add-sub-issue",
  "assign-item",
  "close-item",
  "edit-post-mortem",
]);
/** How long something that GitHub refuses is left alone. */
const REFUSED_MS = 3_600_000;

/** A command is answered once its item is closed. */
function isDropping(action: Action): boolean {
  return action.kind === "close-item" && action.reason === "not_planned";
}

/**
 * Creates what a command asked for. Neither GitHub nor the budget for it holds up the rest of the incident: what is not
 * done is `unanswered`, and asked for again (core/judge/or-later.ts). What the incident itself needs fails as usual.
 */
export async function orUnanswered(
  parts: { readonly unanswered: Unanswered; readonly log: Logger; readonly clock: Clock },
  { repository, issue }: IncidentObservation,
  action: Action,
  apply: () => Promise<Learned>,
): Promise<Learned> {
  const isOfItems = ITEM_ACTIONS.has(action.kind) && !isDropping(action);
  if (action.kind !== "create-post-mortem" && action.kind !== "create-revert" && !isOfItems) return apply();
  const ask = isOfItems ? ITEMS_ASK : actionId(action);
  const incident = incidentId(repository, issue.number);
  try {
    const learned = await apply();
    parts.unanswered.answered(incident, ask);
    return learned;
  } catch (error) {
    const now = parts.clock.now();
    if (!(error instanceof TransientError || error instanceof TerminalError)) throw error;
    parts.log.warn({ action: action.kind, err: error }, "what a command asked for was not done");
    if (error instanceof TransientError) {
      return { kind: "unanswered", waiting: parts.unanswered.note(incident, ask, now, error.retryAfterMs) };
    }
    // An answer to a command is given up; what was promised is tried again.
    if (isOfItems) return { kind: "unanswered", waiting: parts.unanswered.note(incident, ask, now, REFUSED_MS) };
    parts.unanswered.answered(incident, ask);
    return { kind: "unanswered", waiting: { since: now, again: now, isRefused: true } };
  }
}
