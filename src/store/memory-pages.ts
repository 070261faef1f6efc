import type { SentPage } from "../core/escalation/page-outbox.ts";
import type { PageStore } from "./page-store.ts";

/** What was sent, in memory. Held to the other engines by test/contract/store.contract.ts. */
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
