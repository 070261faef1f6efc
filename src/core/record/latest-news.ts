import type { Instant } from "../model.ts";
import type { Entry } from "./entry.ts";

/** What was last said about an incident in words of the team's own. */
export interface LatestNews {
  readonly at: Instant;
  /** Login; `null`: GitHub did not say, or the account is gone. */
  readonly by: string | null;
  /** As they wrote it; not empty. */
  readonly text: string;
}

/** The last `/status`, `/mitigate` or `/resolve` that had words, since the incident was last opened again; `null`: none had. */
export function latestNews(entries: readonly Entry[]): LatestNews | null {
  let news: LatestNews | null = null;
  let isOver = false;
  for (const entry of entries) {
    const isBack = entry.kind === "resumed" || (isOver && entry.kind === "alerted" && entry.what === "fired-again");
    if (isBack) [news, isOver] = [null, false];
    if (entry.kind === "resolved" || entry.kind === "cancelled" || entry.kind === "closed") isOver = true;
    if (entry.kind !== "updated" && entry.kind !== "mitigated" && entry.kind !== "resolved") continue;
    if (entry.text !== "") news = { at: entry.at, by: entry.by, text: entry.text };
  }
  return news;
}
