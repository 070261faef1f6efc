import type { Repository } from "../core/model.ts";
import { matchesAny } from "../core/policy/glob.ts";
import type { PagingChannel } from "../core/policy/policy.ts";
import type { IndexStore } from "../store/index-store.ts";

/**
 * One or more repositories that the operator allows to page through a channel. A policy can only choose among these:
 * otherwise whoever writes a policy could wake the operator's people.
 *
 * `who`: a repository's id, `owner/name`, or `owner`; owner and name may be globs.
 */
export interface AllowedPaging {
  readonly channel: PagingChannel;
  readonly who: string;
}

const ENTRY = /^(better-stack|pagerduty)=([1-9]\d{0,15}|[\w*?-]{1,64}(?:\/[\w.*?-]{1,110})?)$/;

/** Reads `PAGING_CHANNELS`, such as `pagerduty=acme/*, better-stack=70`. `null`: one of the entries is invalid. */
export function readPagingAllowList(written: string): readonly AllowedPaging[] | null {
  const entries = written.split(/[\s,]+/).filter((entry) => entry !== "");
  const allowed = entries.flatMap((entry) => {
    const [, channel, who] = ENTRY.exec(entry) ?? [];
    return channel === undefined || who === undefined ? [] : [{ channel: channel as PagingChannel, who }];
  });
  return allowed.length === entries.length ? allowed : null;
}

/**
 * Whether the repository may page through the channel. A full name means the repository first seen under it: another
 * one that takes the name later gets nothing.
 */
export async function mayPage(
  allowed: readonly AllowedPaging[],
  index: Pick<IndexStore, "firstNamed">,
  channel: PagingChannel,
  repository: Repository,
): Promise<boolean> {
  const owner = repository.owner.toLowerCase();
  const place = `${owner}/${repository.name.toLowerCase()}`;
  for (const one of allowed) {
    if (one.channel !== channel) continue;
    const who = one.who.toLowerCase();
    if (/^\d+$/.test(who)) {
      if (Number(who) === repository.id) return true;
    } else if (/[*?]/.test(who) || !who.includes("/")) {
      if (matchesAny([who], who.includes("/") ? place : owner)) return true;
    } else if ((await index.firstNamed(who)) === repository.id) return true;
  }
  return false;
}
