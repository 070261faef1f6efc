import { COMMANDS, type CommandName } from "../commands/registry.ts";
import { codeSpan } from "../markdown/escape.ts";
import type { Reference } from "../model.ts";
import type { Policy } from "../policy/policy.ts";
import { addressOf, linkTo } from "../words/links.ts";
import { markerOf } from "../words/markers.ts";

/** How the answer is found again: a pull request, or an issue, gets one. */
export const WHERE_COMMANDS_WORK = "where-commands-work";

/** How many incidents are named. */
const MAX_NAMED = 3;

/** A command, and where it was written. */
interface Stray {
  readonly command: CommandName;
  readonly on: "pull-request" | "item" | "post-mortem";
  readonly number: number;
  /** The URL of where it was written. */
  readonly url: string;
  /** Those it may be meant for. */
  readonly incidents: readonly Reference[];
}

/** The answer to a command that was written where commands do nothing: where to write it. It mentions nobody. */
export function whereCommandsWork(
  { command, on, number, url, incidents }: Stray,
  { severities }: Pick<Policy, "severities">,
): string {
  const marker = markerOf(WHERE_COMMANDS_WORK);
  if (incidents.length > 0) {
    const links = incidents.slice(0, MAX_NAMED).map((incident) => linkTo(incident, addressOf(incident, url)));
    return `Commands work on the incident, ${links.join(" or ")}. Comment ${typed(command, on, number, incidents, url)} there.\n${marker}`;
  }
  const { origin, pathname } = new URL(url);
  const labels = severities.map(({ label }) => `"${label}"`).join(",");
  const query = encodeURIComponent(`is:issue is:open label:${labels}`);
  const list = `${origin}/${pathname.split("/").slice(1, 3).join("/")}/issues?q=${query}`;
  return `Commands work on the incident, and this pull request names none of this repository. Comment \`/${command}\` on [the open incident](${list}) it is about.\n${marker}`;
}

/** The command as it is typed on the incident, which may be in another repository. */
function typed(
  command: CommandName,
  on: Stray["on"],
  number: number,
  incidents: readonly Reference[],
  url: string,
): string {
  if (command !== "drop" && command !== "snooze") return codeSpan(`/${command}`);
  if (on !== "item") return codeSpan(COMMANDS[command].usage);
  const isElsewhere = incidents.some(({ repository }) => repository !== null);
  const place = isElsewhere ? new URL(url).pathname.split("/").slice(1, 3).join("/") : "";
  return codeSpan(`/${command} ${place}#${number} ${command === "snooze" ? "14d REASON" : "REASON"}`);
}
