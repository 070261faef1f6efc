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

/** The last `/status`, `/mitigate` or `/resolve` that had words; `null`: none had. */
export function latestNews(entries: readonly Entry[]): LatestNews | null {
  const last = entries.findLast(
    (entry) =>
      (entry.kind === "updated" || entry.kind === "mitigated" || entry.kind === "resolved") && entry.text !== "",
  );
  return last === undefined || !("text" in last) ? null : { at: last.at, by: last.by, text: last.text };
}
