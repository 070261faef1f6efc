import type { OnCallSchedule } from "../oncall/schedule.ts";
import type { Policy } from "../policy/policy.ts";
import { showValue } from "../policy/show-value.ts";
import type { Replayed } from "./replay.ts";
import { newLabels } from "./severity-under.ts";

/** What incidents are judged by. */
export interface ReplayRules {
  readonly policy: Policy;
  /** `null`: there is no on-call file. */
  readonly schedule: OnCallSchedule | null;
}

/** What cannot be known of these incidents from here, each in a few words of plain text; what makes no difference is left out. */
export function notKnownOf(was: ReplayRules, is: ReplayRules, all: readonly Replayed[]): readonly string[] {
  const labels = newLabels(was.policy, is.policy).map(showValue);
  const shortened = all.filter(({ isShortened }) => isShortened).length;
  const unsure = all.filter((one) => isUnsure(one)).length;
  const late = all.filter((one) => isPerhapsLate(one, "post-mortem")).length;
  const items = all.filter((one) => isPerhapsLate(one, "action-items")).length;
  return [
    ...(unsure === 0 ? [] : [`when ${of(unsure)} could first have closed: what was written then is not known`]),
    ...(late === 0 ? [] : [`whether ${of(late)} had what was asked for in time: what was written then is not known`]),
    ...(items === 0 ? [] : [`whether the action items of ${of(items)} are done in time: their issues were not read`]),
    ...(shortened === 0 ? [] : [`how often ${of(shortened)} went without an update: the record was shortened`]),
    ...(labels.length === 0
      ? []
      : [`which issues with the label ${labels.slice(0, 3).join(", ")} would have been incidents`]),
    ...(differ(was.policy.commands, is.policy.commands)
      ? ["who could have used which command: what people did is taken as allowed"]
      : []),
    ...(differ(was.policy.alerts, is.policy.alerts) ? ["which alerts would have become incidents"] : []),
    ...(was.policy.paging.unconfirmed === "page" && is.policy.paging.unconfirmed === "hold"
      ? ["which incidents somebody outside the team declared, whose pages would have waited"]
      : []),
    ...(differ(timeouts(was.schedule), timeouts(is.schedule))
      ? ["what another ack-timeout would have led to: acknowledgments count as long as they did"]
      : []),
  ];
}

function of(number: number): string {
  return number === 1 ? "1 incident" : `${number} incidents`;
}

function isUnsure({ was, is, closedAt }: Replayed): boolean {
  return (
    closedAt !== null && is !== null && is.close.status === "met" && !is.isCloseSure && was.closedAt !== is.closedAt
  );
}

function isPerhapsLate({ was, is }: Replayed, name: "post-mortem" | "action-items"): boolean {
  const [before, now] = [was.deadlines[name], is?.deadlines[name]];
  if (now === undefined || before.perhaps + now.perhaps === 0) return false;
  return before.surely !== now.surely || before.perhaps !== now.perhaps;
}

function timeouts(schedule: OnCallSchedule | null): readonly unknown[] {
  return schedule === null ? [] : [...schedule.escalation].map(([name, rule]) => [name, rule["ack-timeout"]]);
}

function differ(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) !== JSON.stringify(other);
}
