import type { SentPage } from "../escalation/page-outbox.ts";
import type { OwnPage } from "./alert-change.ts";

/** The end of the name Sevgate gives a page: `P1: Checkout is down (acme/ops#12)` (src/passes/page-pass.ts). */
const IN_NAME = /\(([\w-]{1,39}\/[\w.-]{1,100})#([1-9]\d{0,9})\)$/;
/** The key Sevgate gives a page: `sevgate/70#12/1767603600000-0` (src/passes/page-pass.ts). */
const IN_KEY = /^sevgate\/([1-9]\d{0,15})#([1-9]\d{0,9})\/([\w-]{1,64})$/;

/**
 * The page Sevgate sent, if an incident of another system is one; else `null`. It must never become an incident here:
 * that would page again, and so on for ever.
 *
 * @param named its name, as Sevgate gave it; `null` where its key tells
 * @param key   its key, as Sevgate gave it; `null` where the system has none
 */
export function ownPage(named: string | null, key: string | null): OwnPage | null {
  const [, id, inRepository, page] = IN_KEY.exec(key ?? "") ?? [];
  if (id !== undefined && inRepository !== undefined && page !== undefined) {
    return { repository: Number(id), issue: Number(inRepository), page };
  }
  const [, repository, issue] = IN_NAME.exec(named?.trim() ?? "") ?? [];
  return repository === undefined || issue === undefined ? null : { repository, issue: Number(issue), page: null };
}

/**
 * Whether this page was really sent: the key is that of a page, or the id is the one the system returned when it
 * accepted the page. A name alone proves nothing, since anybody can choose one.
 */
export function isPageOf(
  sent: readonly SentPage[],
  source: string,
  { page, externalId }: { readonly page: string | null; readonly externalId: string | null },
): boolean {
  return sent.some((row) => {
    if (row.channel !== source || row.state === "refused") return false;
    return page === null ? externalId !== null && row.externalId === externalId : row.page === page;
  });
}

/** The id of the row that keeps what became of the pages of an incident in one system. */
export function pageRowId(source: string, issue: number): string {
  return `page:${source}:${issue}`;
}

/** The incident such a row belongs to; `null`: the id is that of an alert. */
export function issueOfPageRow(source: string, id: string): number | null {
  const prefix = `page:${source}:`;
  return id.startsWith(prefix) ? Number(id.slice(prefix.length)) : null;
}
