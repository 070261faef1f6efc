import type { PagingChannel } from "../core/policy/policy.ts";

/** What a page says. Plain text; the pager shortens it to what its system accepts. */
export interface PageContent {
  /** The same for the same page, for ever: a system that supports such keys takes the page once. At most 255 characters. */
  readonly dedupKey: string;
  /** One line: severity, title, number. */
  readonly summary: string;
  /** Whom the page calls, and what to do. */
  readonly description: string;
  /** The incident. */
  readonly url: string;
  /** `owner/name`. */
  readonly source: string;
  /** Whether it is the most severe level of the policy. */
  readonly isMostSevere: boolean;
}

/**
 * What a system answered. Values, not exceptions: another channel may stand in.
 *
 * `failed`: trying again may help (time-out, 429, 5xx). `refused`: it cannot (wrong key, unknown address).
 * `why` is a few words for people, without secrets or anything the other side wrote.
 */
export type PageAnswer =
  | { readonly kind: "taken"; readonly externalId: string | null }
  | { readonly kind: "failed" | "refused"; readonly why: string };

/** A system that wakes people. It sends each request once; the pass over the key `page` decides about more. */
export interface Pager {
  readonly channel: PagingChannel;
  page(content: PageContent): Promise<PageAnswer>;
  /** Withdraws a page because somebody answered. One that no longer exists counts as withdrawn. */
  end(page: { readonly dedupKey: string; readonly externalId: string | null }): Promise<PageAnswer>;
}
