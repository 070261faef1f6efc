import type { Instant, Millis } from "../model.ts";
import type { PagingChannel, Policy } from "../policy/policy.ts";
import type { History, Page } from "../record/history.ts";

/** How long a channel may fail before the next one is used as well. */
export const CHANNEL_PATIENCE_MS = (2 * 60_000) as Millis;
/** How soon a channel that failed is tried again. */
export const TRY_AGAIN_MS = (10 * 1_000) as Millis;
/** How soon a channel is tried again while another one stands in for it. */
export const TRY_AGAIN_LATER_MS = (60 * 1_000) as Millis;
/** An older page about which nothing is known is no longer sent: paging was set up since, or the database was lost. */
export const MAX_PAGE_AGE_MS = (3_600 * 1_000) as Millis;

/** What became of one page in one channel. */
export interface SentPage {
  /** As `pageId` names it. */
  readonly page: string;
  readonly channel: PagingChannel;
  /**
   * `failing`: tried, perhaps sent. `refused`: for good. `sent`. `ended`: withdrawn, or given up with nothing to
   * withdraw.
   */
  readonly state: "failing" | "refused" | "sent" | "ended";
  /** The first try. */
  readonly since: Instant;
  /** The last try. */
  readonly triedAt: Instant;
  /** The channel's id for it, if it gives one. */
  readonly externalId: string | null;
  /** Why the last try failed or was refused, in a few words; empty otherwise. */
  readonly why: string;
}

/** The next thing to do for the pages of an incident. */
export type PagingStep =
  | { readonly kind: "send"; readonly page: Page; readonly channel: PagingChannel; readonly known: SentPage | null }
  | { readonly kind: "end"; readonly known: SentPage };

/** The name of a page: the same for the same step of the same episode, for ever. */
export function pageId(page: Pick<Page, "episode" | "step" | "source" | "at">): string {
  if (page.step !== null) return `${page.episode}-${page.step}`;
  return page.source === null ? `at-${page.at}` : `by-${page.source.comment}-${page.source.line}`;
}

/** The pages that should be open in other systems: those of an open incident that nobody has answered. */
export function wantedPages(history: Pick<History, "pages">, isOpen: boolean): readonly Page[] {
  if (!isOpen) return [];
  return history.pages.filter(({ targets, nobody, unreachable }) =>
    [targets, nobody, unreachable].some((one) => one.length > 0),
  );
}

/** The channels of a severity, in the order in which they are used. */
export function channelsOf(policy: Pick<Policy, "paging">, severity: string): readonly PagingChannel[] {
  const { channels } = policy.paging;
  const own = Object.hasOwn(channels, severity) ? channels[severity] : undefined;
  return own ?? channels["default"] ?? [];
}

/**
 * The next step from what was sent to what should be, and when to look again if there is none.
 *
 * Every page goes to the first channel that takes it. When one fails for two minutes, or refuses, the next is used; the
 * first is still tried until some other channel has taken the page.
 */
export function planPaging(input: {
  readonly wanted: readonly Page[];
  readonly known: readonly SentPage[];
  readonly channels: readonly PagingChannel[];
  readonly now: Instant;
}): { readonly step: PagingStep | null; readonly lookAgainAt: Instant | null } {
  const { wanted, known, channels, now } = input;
  const moments: Instant[] = [];
  const ids = new Set(wanted.map(pageId));
  for (const one of known) {
    if (ids.has(one.page) || one.state === "ended" || one.state === "refused") continue;
    const dueAt = (one.triedAt + (one.why === "" ? 0 : TRY_AGAIN_LATER_MS)) as Instant;
    if (dueAt <= now) return { step: { kind: "end", known: one }, lookAgainAt: null };
    moments.push(dueAt);
  }
  for (const page of wanted) {
    const rows = known.filter((one) => one.page === pageId(page));
    if (rows.some((one) => one.state === "sent")) continue;
    if (rows.length === 0 && now - page.at > MAX_PAGE_AGE_MS) continue;
    for (const channel of channels) {
      const row = rows.find((one) => one.channel === channel) ?? null;
      if (row === null) return { step: { kind: "send", page, channel, known: null }, lookAgainAt: null };
      if (row.state !== "failing") continue;
      const isPatient = now - row.since < CHANNEL_PATIENCE_MS;
      const dueAt = (row.triedAt + (isPatient ? TRY_AGAIN_MS : TRY_AGAIN_LATER_MS)) as Instant;
      if (dueAt <= now) return { step: { kind: "send", page, channel, known: row }, lookAgainAt: null };
      moments.push(dueAt);
      // Within its two minutes the channel has no stand-in yet.
      if (isPatient) break;
    }
  }
  return { step: null, lookAgainAt: moments.length === 0 ? null : (Math.min(...moments) as Instant) };
}

/** A page that a channel did not take, as shown in the status comment. */
export interface PagingTrouble {
  readonly channel: PagingChannel;
  readonly why: string;
  /** What took the page instead; `null`: nothing yet. */
  readonly instead: PagingChannel | null;
}

/** The channels that refuse the unanswered pages, or have failed for two minutes; each once. */
export function pagingTrouble(
  wanted: readonly Page[],
  known: readonly SentPage[],
  channels: readonly PagingChannel[],
): readonly PagingTrouble[] {
  const troubles = wanted.flatMap((page) => {
    const rows = known.filter((one) => one.page === pageId(page));
    const instead = rows.find((one) => one.state === "sent")?.channel ?? null;
    return rows.flatMap((row): PagingTrouble[] => {
      const isOver = row.state === "failing" && (instead !== null || row.triedAt - row.since >= CHANNEL_PATIENCE_MS);
      if (!channels.includes(row.channel) || (row.state !== "refused" && !isOver)) return [];
      return [{ channel: row.channel, why: row.why, instead }];
    });
  });
  return troubles.filter((one, at) => troubles.findLastIndex((other) => other.channel === one.channel) === at);
}
