import { type AllowedChannel, channelName, isAllowed } from "../../core/chat/allowed-channels.ts";
import type { Repository } from "../../core/model.ts";
import type { IndexStore, KnownRepository } from "../../store/index-store.ts";

/**
 * How many of a channel's repositories are told apart. Anybody in the channel may ask as often as they like, so their
 * question looks at no more than this, and only at names.
 */
const MOST_OF_A_CHANNEL = 1_000;

/** The repositories that announce their incidents in a channel. */
export interface RepositoriesOfChannel {
  /** The first ones, by id. */
  readonly first: readonly KnownRepository[];
  /** How many more there are. */
  readonly more: number;
}

/**
 * The repositories whose policy names the channel, and which the operator allows there, as far as the index knows.
 * Whether a repository has become private has to be asked before anything is done with it or shown of it.
 *
 * @param names what the channel is known by: id and name
 * @param most  for how many everything is read
 */
export async function repositoriesOfChannel(
  index: Pick<IndexStore, "repository" | "repositoriesOfChannel">,
  channels: readonly AllowedChannel[],
  names: readonly string[],
  most: number,
): Promise<RepositoriesOfChannel> {
  const bound = await index.repositoriesOfChannel(names.map(channelName), MOST_OF_A_CHANNEL);
  const allowed = bound.filter(({ repository, isPrivate }) =>
    isAllowed(channels, names, repository, isPrivate === true),
  );
  const known = await Promise.all(
    allowed.slice(0, most).map(({ repository }: { repository: Repository }) => index.repository(repository.id)),
  );
  return { first: known.filter((one) => one !== null), more: Math.max(0, allowed.length - most) };
}
