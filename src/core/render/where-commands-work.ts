import type { CommandName } from "../commands/registry.ts";
import type { Policy } from "../policy/policy.ts";
import { addressOf, linkTo } from "../words/links.ts";
import { markerOf } from "../words/markers.ts";

/** How the answer is found again: a pull request gets one. */
export const WHERE_COMMANDS_WORK = "where-commands-work";

/** How many incidents are named. */
const MAX_NAMED = 3;

/**
 * The answer to a command on a pull request: where to write it. It mentions nobody.
 *
 * @param incidents  those that the pull request names, by number
 * @param anyUrl     the URL of an issue or pull request of the repository
 */
export function whereCommandsWork(
  command: CommandName,
  incidents: readonly number[],
  { severities }: Pick<Policy, "severities">,
  anyUrl: string,
): string {
  const marker = markerOf(WHERE_COMMANDS_WORK);
  if (incidents.length > 0) {
    const links = incidents
      .slice(0, MAX_NAMED)
      .map((number) => linkTo({ repository: null, number }, addressOf({ repository: null, number }, anyUrl)));
    return `Commands work on the incident, ${links.join(" or ")}. Comment \`/${command}\` there.\n${marker}`;
  }
  const { origin, pathname } = new URL(anyUrl);
  const labels = severities.map(({ label }) => `"${label}"`).join(",");
  const query = encodeURIComponent(`is:issue is:open label:${labels}`);
  const list = `${origin}/${pathname.split("/").slice(1, 3).join("/")}/issues?q=${query}`;
  return `Commands work on the incident, and this pull request names none of this repository. Comment \`/${command}\` on [the open incident](${list}) it is about.\n${marker}`;
}
