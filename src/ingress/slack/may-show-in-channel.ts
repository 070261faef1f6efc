import { LRUCache } from "lru-cache";
import type { Clock } from "../../base/clock.ts";
import { TerminalError, TransientError } from "../../base/errors.ts";
import { withDeadline } from "../../base/with-deadline.ts";
import { type AllowedChannel, isAllowed } from "../../core/chat/allowed-channels.ts";
import type { Repository } from "../../core/model.ts";
import type { KnownRepository } from "../../store/index-store.ts";

export interface MayShowInChannelParts {
  readonly channels: readonly AllowedChannel[];
  readonly clock: Clock;
  /** What GitHub says now. Throws as `GitHubReader` does. */
  isPrivate(repository: Repository): Promise<boolean>;
}

/** Slack waits 3 s for an answer. */
const LOOK_MS = 1_500;
/** Anybody in the channel may ask as often as they like; GitHub is asked once a minute. */
const FRESH_MS = 60_000;

/**
 * Makes the function that says whether anything of a repository may be shown in a channel: its name, its people, its
 * incidents. `names`: id and name of the channel. A private repository is shown only where the operator allows private
 * ones. `cannot-tell`: GitHub does not say at the moment whether it is one, so it is not shown.
 *
 * An answer is valid for a minute, unless the index has since learned that the repository is private, or may have become
 * so.
 */
export function createMayShowInChannel(
  parts: MayShowInChannelParts,
): (known: KnownRepository, names: readonly string[]) => Promise<boolean | "cannot-tell"> {
  const { channels, clock } = parts;
  const visibility = new LRUCache<number, { readonly isPrivate: boolean }, Repository>({
    max: 1_000,
    ttl: FRESH_MS,
    ttlResolution: 0,
    perf: clock,
    fetchMethod: async (_id, _stale, { context }) => ({
      isPrivate: await withDeadline(LOOK_MS, "asking for a repository", parts.isPrivate(context)),
    }),
  });

  return async ({ repository, isPrivate }, names) => {
    if (isAllowed(channels, names, repository, true)) return true;
    if (isPrivate === true || !isAllowed(channels, names, repository, false)) return false;
    try {
      const forceRefresh = isPrivate === null;
      const seen = await visibility.fetch(repository.id, { context: repository, forceRefresh });
      return seen?.isPrivate === false;
    } catch (error) {
      if (error instanceof TransientError) return "cannot-tell";
      // GitHub refuses: the app is no longer there, or may not look.
      if (error instanceof TerminalError) return false;
      throw error;
    }
  };
}
