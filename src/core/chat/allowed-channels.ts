import type { Repository } from "../model.ts";
import { matchesAny } from "../policy/glob.ts";
import { mayShow } from "../trust/may-show.ts";

/**
 * A channel the operator allows, and for whom. A policy can only choose among these: otherwise whoever writes a policy
 * could post anywhere the bot may.
 */
export interface AllowedChannel {
  /** Without `#`; or an id. */
  readonly channel: string;
  /** `owner/name` as a glob; `null`: every public repository, and no private one. */
  readonly repositories: string | null;
}

/**
 * Whether an incident of the repository may be posted there. `names`: what the channel is known by, be it a name or an
 * id.
 */
export function isAllowed(
  allowed: readonly AllowedChannel[],
  names: readonly string[],
  repository: Pick<Repository, "owner" | "name">,
  isPrivate: boolean,
): boolean {
  const known = new Set(names.map(channelName));
  const place = `${repository.owner}/${repository.name}`.toLowerCase();
  return allowed.some(({ channel, repositories }) => {
    if (!known.has(channelName(channel))) return false;
    // A channel for public repositories may have anybody in it.
    const from = { id: 0, visibility: isPrivate ? "private" : "public" } as const;
    return repositories === null ? mayShow(from, "everybody") : matchesAny([repositories.toLowerCase()], place);
  });
}

/** A channel's name without `#`, in lower case; ids stay as they are. */
export function channelName(given: string): string {
  return /^[CG][A-Z0-9]{7,}$/.test(given) ? given : given.replace(/^#/, "").toLowerCase();
}
