import type { Instant } from "../model.ts";
import { rolesNow, showLogin } from "../oncall/roles-now.ts";
import type { OnCallSchedule } from "../oncall/schedule.ts";
import { type ChatLine, type ChatPart, line, NO_PARTS, strong, text, time } from "./chat-line.ts";

const MAX_NAME = 64;

/**
 * Who is on call in a repository, for `/incident who`: its name, then a line for each role. People are named as on
 * GitHub and never mentioned: asking wakes nobody.
 *
 * @param place `owner/name`
 * @param schedule the one in force; `null`: the repository has none
 */
export function whoLines(place: string, schedule: OnCallSchedule | null, at: Instant): readonly ChatLine[] {
  const title = line`${strong(place, 2 * MAX_NAME)}`;
  if (schedule === null) return [title, line`There is no on-call file, so nobody is on call.`];
  const roles = rolesNow(schedule, at).map(({ now: { role, login, via }, next }) => {
    const override = via.kind === "override" ? line` (instead of ${name(via.instead)})` : NO_PARTS;
    const until = next === null ? NO_PARTS : line`, until ${time(next.from)}, then ${name(next.login)}`;
    return line`${text(role, MAX_NAME)}: ${name(login)}${override}${until}`;
  });
  return [title, ...roles];
}

function name(login: string | null): ChatPart {
  return text(showLogin(login), MAX_NAME);
}
