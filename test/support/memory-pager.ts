import type { PagingChannel } from "../../src/core/policy/policy.ts";
import type { PageAnswer, PageContent, Pager } from "../../src/systems/pager.ts";

/** A system that wakes people, in memory: what is open there, and what every request was. */
export class MemoryPager implements Pager {
  readonly channel: PagingChannel;
  /** Every request that arrived, in order: `page <summary>` or `end <key>`. */
  readonly heard: string[] = [];
  readonly standing = new Map<string, PageContent>();
  /** What it answers instead, while set. */
  trouble: PageAnswer | null = null;

  constructor(channel: PagingChannel) {
    this.channel = channel;
  }

  async page(content: PageContent): Promise<PageAnswer> {
    if (this.trouble !== null) return this.trouble;
    this.heard.push(`page ${content.dedupKey}`);
    this.standing.set(content.dedupKey, content);
    return { kind: "taken", externalId: content.dedupKey };
  }

  async end({ dedupKey }: { readonly dedupKey: string }): Promise<PageAnswer> {
    if (this.trouble !== null) return this.trouble;
    this.heard.push(`end ${dedupKey}`);
    this.standing.delete(dedupKey);
    return { kind: "taken", externalId: null };
  }
}
