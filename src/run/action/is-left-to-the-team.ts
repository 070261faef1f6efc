import * as z from "zod";
import type { Clock } from "../../base/clock.ts";
import { TerminalError } from "../../base/errors.ts";
import type { Repository } from "../../core/model.ts";
import { sameName } from "../../core/names.ts";
import { isOfTheTeam } from "../../core/trust/content-class.ts";
import type { WebhookEvent } from "../../ingress/webhooks/hints.ts";
import type { GitHub, RequestLimit } from "../../systems/github/ports.ts";

/** What people without rights do leaves this share of the hour's requests to everybody else: one of them could use up all of it. */
const KEPT_FOR_THE_TEAM = 0.5;
/** A scheduled run leaves this share to events. */
const KEPT_FOR_EVENTS = 0.2;

const Written = z.object({ user: z.object({ login: z.string() }) });
const Done = z.object({
  sender: z.object({ login: z.string() }),
  comment: Written.nullish().catch(null),
  pull_request: Written.nullish().catch(null),
  issue: Written.nullish().catch(null),
});

/** Whose event it is, if it may be anybody's: what somebody did to what they wrote themselves. Whatever else there is takes rights. */
export function perhapsOutsider({ payload }: WebhookEvent): string | null {
  const done = Done.safeParse(payload).data;
  const written = done?.comment ?? done?.pull_request ?? done?.issue ?? null;
  if (done === undefined || written === null) return null;
  return sameName(written.user.login, done.sender.login) ? done.sender.login : null;
}

/**
 * Whether what is left of the hour, as the last answer told it, is not for this event: one request, and none while there is enough.
 * Throws as `GitHubReader` does, but for an answer that tells no rights: then there are none.
 */
export async function isLeftToTheTeam(
  event: WebhookEvent,
  repository: Repository,
  { read, app }: Pick<GitHub, "read" | "app">,
  clock: Clock,
): Promise<boolean> {
  const login = perhapsOutsider(event);
  if (login === null || !isBelow(await app.requestLimit(repository.installationId), KEPT_FOR_THE_TEAM, clock)) {
    return false;
  }
  try {
    return !isOfTheTeam(await read.permission(repository, login));
  } catch (error) {
    if (error instanceof TerminalError) return true;
    throw error;
  }
}

/** Whether what is left of the hour is not for a scheduled run. */
export function isLeftToEvents(limit: RequestLimit | null, clock: Clock): boolean {
  return isBelow(limit, KEPT_FOR_EVENTS, clock);
}

function isBelow(limit: RequestLimit | null, share: number, clock: Clock): boolean {
  return limit !== null && limit.resetsAt > clock.now() && limit.remaining < limit.limit * share;
}
