import type { Clock } from "../../base/clock.ts";
import type { AllowedChannel } from "../../core/chat/allowed-channels.ts";
import type { ChatLine } from "../../core/chat/chat-line.ts";
import { slackLine } from "../../core/chat/slack/slack-line.ts";
import { whoLines } from "../../core/chat/who-lines.ts";
import { fullName } from "../../core/names.ts";
import type { OnCallSchedule } from "../../core/oncall/schedule.ts";
import type { IndexStore, KnownRepository } from "../../store/index-store.ts";
import type { createMayShowInChannel } from "./may-show-in-channel.ts";
import { repositoriesOfChannel } from "./repositories-of-channel.ts";

export interface WhoCommandParts {
  readonly index: Pick<IndexStore, "repository" | "repositoriesOfChannel">;
  readonly channels: readonly AllowedChannel[];
  readonly clock: Clock;
  /** The schedule in force, as the index remembers it. */
  scheduleOf(known: KnownRepository): OnCallSchedule | null;
  readonly mayShow: ReturnType<typeof createMayShowInChannel>;
}

const MOST_REPOSITORIES = 10;

/**
 * Makes `/incident who`: who is on call in the repositories that announce their incidents in the channel, as lines of
 * mrkdwn. `names`: id and name of the channel. A private repository is shown only where the operator allows private
 * ones; as long as GitHub does not say whether it is one, it is not shown.
 */
export function createWhoCommand(parts: WhoCommandParts): (names: readonly string[]) => Promise<readonly string[]> {
  const { index, channels, clock, scheduleOf, mayShow } = parts;
  return async (names) => {
    const { first, more } = await repositoriesOfChannel(index, channels, names, MOST_REPOSITORIES);
    const may = await Promise.all(first.map((known) => mayShow(known, names)));
    const lines = first.flatMap((known, at) =>
      may[at] === true ? [shown(whoLines(fullName(known.repository), scheduleOf(known), clock.now()))] : [],
    );
    if (may.includes("cannot-tell")) lines.push("GitHub does not say now what may be shown here. Please try again.");
    if (lines.length === 0)
      return ["No repository announces its incidents in this channel. Comment /oncall on the issue of an incident."];
    return more === 0 ? lines : [...lines, `and ${more} more. Comment /oncall on the issue of an incident of theirs.`];
  };
}

function shown(lines: readonly ChatLine[]): string {
  return lines.map(slackLine).join("\n");
}
