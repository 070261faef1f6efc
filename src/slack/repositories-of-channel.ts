import type { Repository } from "../core/model.ts";
import { keptPolicy } from "../core/policy/kept-policy.ts";
import type { Policy } from "../core/policy/policy.ts";
import { type AllowedChannel, channelName, isAllowed } from "../core/slack/allowed-channels.ts";
import type { IndexStore, KnownRepository } from "../queue/index-store.ts";

/** A repository that tells of its incidents in a channel. */
export interface RepositoryOfChannel {
  readonly repository: Repository;
  readonly policy: Policy;
  readonly known: KnownRepository;
}

/**
 * The repositories whose policy names the channel, and which the operator allows there, as far as the index knows.
 * Whether a repository has become private has to be asked before anything of it is done or shown.
 *
 * @param names what the channel is known by: id and name
 */
export async function repositoriesOfChannel(
  index: Pick<IndexStore, "repositories">,
  channels: readonly AllowedChannel[],
  names: readonly string[],
): Promise<readonly RepositoryOfChannel[]> {
  const here = names.map(channelName);
  return (await index.repositories())
    .map((known) => ({ repository: known.repository, policy: keptPolicy(known.lastGoodPolicy), known }))
    .filter(({ repository, policy, known }) => {
      return (
        here.includes(channelName(policy.slack.channel)) &&
        isAllowed(channels, names, repository, known.isPrivate === true)
      );
    });
}
