import type { OwnPage } from "./alert-change.ts";

/** The end of what Sevgate calls a page: `P1: Checkout is down (acme/ops#12)` (src/paging/send-pages.ts). */
const IN_NAME = /\(([\w-]{1,39}\/[\w.-]{1,100})#([1-9]\d{0,9})\)$/;
/** The key Sevgate gives a page: `sevgate/70#12/1767603600000-0` (src/paging/send-pages.ts). */
const IN_KEY = /^sevgate\/([1-9]\d{0,15})#([1-9]\d{0,9})\//;

/**
 * Whether an incident of another system is a page that Sevgate sent there. It must never become an incident here: that one
 * would page again, and so on for ever.
 *
 * @param named by what Sevgate called it; `null` where it can be told by its key
 * @param key   by the key Sevgate gave it; `null` where the system knows none
 */
export function ownPage(named: string | null, key: string | null): OwnPage | null {
  const [, id, inRepository] = IN_KEY.exec(key ?? "") ?? [];
  if (id !== undefined && inRepository !== undefined) return { repository: Number(id), issue: Number(inRepository) };
  const [, repository, issue] = IN_NAME.exec(named?.trim() ?? "") ?? [];
  return repository === undefined || issue === undefined ? null : { repository, issue: Number(issue) };
}

/** The id of the row that keeps what became of the pages of an incident in one system. */
export function pageRowId(source: string, issue: number): string {
  return `page:${source}:${issue}`;
}
