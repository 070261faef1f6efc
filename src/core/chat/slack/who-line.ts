import type { Instant } from "../../model.ts";
import { rolesNow, showLogin } from "../../oncall/roles-now.ts";
import type { OnCallSchedule } from "../../oncall/schedule.ts";
import { mrkdwn, slackDate } from "./mrkdwn.ts";

const MAX_NAME = 64;

/**
 * Who is on call in a repository, for `/incident who`: mrkdwn, a line for each role. People are named as on GitHub, and
 * never mentioned: asking wakes nobody.
 *
 * @param place `owner/name`
 * @param schedule the one in force; `null`: the repository has none
 */
export function whoLine(place: string, schedule: OnCallSchedule | null, at: Instant): string {
  const title = `*${mrkdwn(place, 2 * MAX_NAME)}*`;
  if (schedule === null) return `${title}\nThere is no on-call file, so nobody is on call.`;
  const lines = rolesNow(schedule, at).map(({ now: { role, login, via }, next }) => {
    const override = via.kind === "override" ? ` (instead of ${name(via.instead)})` : "";
    const until = next === null ? "" : `, until ${slackDate(next.from)}, then ${name(next.login)}`;
    return `${mrkdwn(role, MAX_NAME)}: ${name(login)}${override}${until}`;
  });
  return [title, ...lines].join("\n");
}

function name(login: string | null): string {
  return mrkdwn(showLogin(login), MAX_NAME);
}
