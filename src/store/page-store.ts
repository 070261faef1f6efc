import type { SentPage } from "../core/escalation/page-outbox.ts";

/**
 * What was sent to other systems. If it is lost, no page is: those that nobody has answered are sent again if the other
 * system does not know them (docs/decisions/).
 *
 * Every call may throw `TransientError`.
 */
export interface PageStore {
  /** Of one incident, oldest first. */
  sentPages(repositoryId: number, number: number): Promise<readonly SentPage[]>;
  /** Inserts, or replaces what is known about this page in this channel. */
  saveSentPage(repositoryId: number, number: number, page: SentPage): Promise<void>;
}

/** The half of the store that changes nothing. */
export type PageReader = Pick<PageStore, "sentPages">;
