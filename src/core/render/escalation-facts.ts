import type { EscalationState } from "../judge/judge-escalation.ts";
import { person, plain } from "../markdown/escape.ts";
import type { Instant } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";
import { whoIsOn } from "../oncall/who-is-on.ts";
import { rolesInWords } from "./page.ts";
import { utcOn } from "./time.ts";

/** Who is on call, and what the escalation does next: rows of the status comment while somebody is looked for. */
export function escalationFacts(
  seen: Pick<IncidentObservation, "at" | "onCall">,
  escalation: EscalationState,
  declaredAt: Instant,
): readonly { readonly name: string; readonly value: string }[] {
  const { schedule } = seen.onCall;
  if (schedule === null || escalation.kind === "quiet") return [];
  const on = whoIsOn(schedule, seen.at).map(
    ({ role, login }) => `${login === null ? "nobody" : person(login)} (${plain(role, 64)})`,
  );
  return [
    { name: "On call", value: on.join(", ") },
    { name: "Escalation", value: stateInWords(escalation, declaredAt) },
  ];
}

function stateInWords(escalation: Exclude<EscalationState, { kind: "quiet" }>, declaredAt: Instant): string {
  if (escalation.kind === "held") {
    return "waits until somebody of the team confirms the incident: comment any command, such as `/ack`";
  }
  const { next, isStale, reachedNobody } = escalation;
  if (isStale) return "too old to page anybody by itself: `/page` does";
  const then = next === null ? "" : `${rolesInWords(next.adds)} at ${utcOn(next.at, declaredAt)}`;
  if (reachedNobody)
    return `nobody could be paged: \`/page @login\` calls somebody${then === "" ? "" : `; next: ${then}`}`;
  return then === "" ? "everybody was paged" : `next: ${then}`;
}
