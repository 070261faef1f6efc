import { LRUCache } from "lru-cache";
import type { Repository } from "../core/model.ts";
import { fullName } from "../core/observation.ts";
import type { OnCallSchedule } from "../core/oncall/schedule.ts";
import { type AllowedChannel, isAllowed } from "../core/slack/allowed-channels.ts";
import { whoLine } from "../core/slack/who-line.ts";
import { TerminalError, TransientError } from "../errors.ts";
import type { Clock } from "../queue/clock.ts";
import type { IndexStore, KnownRepository } from "../queue/index-store.ts";
import { withDeadline } from "../queue/with-deadline.ts";
import { repositoriesOfChannel } from "./repositories-of-channel.ts";

export interface WhoCommandParts {
  readonly index: Pick<IndexStore, "repositories">;
  readonly channels: readonly AllowedChannel[];
  readonly clock: Clock;
  /** The schedule in force, as the index remembers it. */
  scheduleOf(known: KnownRepository): OnCallSchedule | null;
  /** As GitHub says now. Throws as `GitHubReader` does. */
  isPrivate(repository: Repository): Promise<boolean>;
}

/** Slack waits 3 s for an answer. */
const LOOK_MS = 1_500;
/** Whoever is in the channel may ask as often as they like; GitHub is asked once a minute. */
const FRESH_MS = 60_000;
const MOST_REPOSITORIES = 10;

/**
 * Makes `/incident who`: who is on call in the repositories that tell of their incidents in the channel, as lines of
 * mrkdwn. `names`: id and name of the channel. A private repository is shown only where the operator allows private
 * ones; while GitHub does not say whether it is one, it is not shown.
 */
export function createWhoCommand(parts: WhoCommandParts): (names: readonly string[]) => Promise<readonly string[]> {
  const { index, channels, clock, scheduleOf } = parts;
  const visibility = new LRUCache<number, { readonly isPrivate: boolean }, Repository>({
    max: 1_000,
    ttl: FRESH_MS,
    ttlResolution: 0,
    perf: clock,
    fetchMethod: async (_id, _stale, { context }) => ({
      isPrivate: await withDeadline(LOOK_MS, "asking for a repository", parts.isPrivate(context)),
    }),
  });

  async function mayShow(repository: Repository, names: readonly string[]): Promise<boolean | "cannot-tell"> {
    if (isAllowed(channels, names, repository, true)) return true;
    try {
      const seen = await visibility.fetch(repository.id, { context: repository });
      return seen?.isPrivate === false;
    } catch (error) {
      if (error instanceof TransientError) return "cannot-tell";
      // GitHub refuses: the app is not there any more, or may not look.
      if (error instanceof TerminalError) return false;
      throw error;
    }
  }

  return async (names) => {
    const bound = await repositoriesOfChannel(index, channels, names);
    const looked = bound.slice(0, MOST_REPOSITORIES);
    const may = await Promise.all(looked.map(({ repository }) => mayShow(repository, names)));
    const lines = looked.flatMap(({ repository, known }, at) =>
      may[at] === true ? [whoLine(fullName(repository), scheduleOf(known), clock.now())] : [],
    );
    if (may.includes("cannot-tell")) lines.push("GitHub does not say now what may be shown here. Please try again.");
    if (lines.length === 0)
      return ["No repository tells of its incidents in this channel. Ask /oncall on an incident."];
    const more = bound.length - looked.length;
    return more === 0 ? lines : [...lines, `and ${more} more. Ask /oncall on an incident of theirs.`];
  };
}
