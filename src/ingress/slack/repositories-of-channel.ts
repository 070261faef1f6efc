import { type AllowedChannel, channelName, isAllowed } from "../../core/chat/allowed-channels.ts";
import type { Repository } from "../../core/model.ts";
import type { IndexStore, KnownRepository } from "../../store/index-store.ts";

/**
 * Repositories of a channel that are told apart. Whoever is in the channel may ask as often as they like, so that their
 * question looks at no more, and at names alone.
 */
const MOST_OF_A_CHANNEL = 1_000;

/** The repositories that tell of their incidents in a channel. */
export interface RepositoriesOfChannel {
  /** The first ones, by id. */
  readonly first: readonly KnownRepository[];
  /** How many more there are. */
  readonly more: number;
}

/**
 * The repositories whose policy names the channel, and which the operator allows there, as far as the index knows.
 * Whether a repository has become private has to be asked before anything of it is done or shown.
 *
 * @param names what the channel is known by: id and name
 * @param most  of how many all is read
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
