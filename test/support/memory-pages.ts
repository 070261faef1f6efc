import type { SentPage } from "../../src/core/escalation/page-outbox.ts";
import type { PagingChannel } from "../../src/core/policy/policy.ts";
import type { PageStore } from "../../src/store/page-store.ts";
import type { PageAnswer, PageContent, Pager } from "../../src/systems/pager.ts";

/** What was sent, in memory. Held to the real one by test/contract/store.contract.ts. */
export class MemoryPages implements PageStore {
  readonly #rows = new Map<string, { readonly incident: string; readonly page: SentPage }>();

  forgetRepository(repositoryId: number): void {
    for (const [key, { incident }] of this.#rows) {
      if (incident.startsWith(`${repositoryId}#`)) this.#rows.delete(key);
    }
  }

  async sentPages(repositoryId: number, number: number): Promise<readonly SentPage[]> {
    const rows = [...this.#rows.values()].filter((row) => row.incident === `${repositoryId}#${number}`);
    const order = ({ page, channel }: SentPage) => `${page} ${channel}`;
    return rows.map(({ page }) => page).toSorted((a, b) => a.since - b.since || (order(a) < order(b) ? -1 : 1));
  }

  async saveSentPage(repositoryId: number, number: number, page: SentPage): Promise<void> {
    const incident = `${repositoryId}#${number}`;
    this.#rows.set(`${incident} ${page.page} ${page.channel}`, { incident, page: { ...page } });
  }
}

/** A system that wakes people, in memory: what stands there, and what every request was. */
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
