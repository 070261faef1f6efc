import * as z from "zod";
import { scanCommands } from "../../core/commands/scan.ts";
import type { Policy } from "../../core/policy/policy.ts";
import { type HintContext, type Hints, hintsOf, type WebhookEvent } from "../../ingress/webhooks/hints.ts";

const Comment = z.object({ body: z.string().catch(""), user: z.object({ type: z.string() }).nullish() });
const OfComment = z.object({ action: z.string(), comment: Comment });

/**
 * Whether somebody's comment holds no command. The schedule sees it: nothing that people say without one is answered at once. What bots
 * wrote may be Sevgate's own, whose every change counts.
 */
function saysNothing({ name, payload }: WebhookEvent): boolean {
  if (name !== "issue_comment") return false;
  const told = OfComment.safeParse(payload).data;
  if (told === undefined) return false;
  const { action, comment } = told;
  if (action !== "created" && comment.user?.type === "Bot") return false;
  return action === "deleted" || scanCommands(comment.body).length === 0;
}

/** Whether an event is surely of no interest, whatever the policy says; `botLogin`: whose own doing is none. */
export function leadsNowhere(event: WebhookEvent, webHost: string, botLogin: string | null = null): boolean {
  if (saysNothing(event)) return true;
  // Which labels matter, only the policy says.
  return event.name !== "label" && isNothing(hintsOf(event, hintContextOf(botLogin, webHost, null)));
}

/** Whether hints name nothing to look at. */
export function isNothing({ keys, questions, policyChanged, sweepAnew, visibilityChanged }: Hints): boolean {
  return [keys, questions, policyChanged, sweepAnew, visibilityChanged].every((one) => one.length === 0);
}

/**
 * What the hints of an event ask about the repository.
 *
 * @param policy `null`: it has not been read
 */
export function hintContextOf(botLogin: string | null, webHost: string, policy: Policy | null): HintContext {
  return {
    botLogin,
    webHost,
    severityLabelsOf: () => policy?.severities.map(({ label }) => label) ?? null,
    postMortemLabelOf: () => policy?.["post-mortem"].label ?? null,
    followUpsLabelsOf: () => (policy === null ? null : [policy["action-items"].label, policy["follow-ups"].label]),
    watchesBuilds: () => (policy === null ? null : policy.alerts["workflow-runs"] !== null),
  };
}
