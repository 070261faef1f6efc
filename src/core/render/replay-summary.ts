import { plain } from "../markdown/escape.ts";
import type { Millis } from "../model.ts";
import { DEADLINES, type DeadlineName } from "../replay/missed-deadlines.ts";
import type { Replayed } from "../replay/replay.ts";
import { sumUp, withEffect } from "../replay/sum-up.ts";
import { linkTo } from "../words/links.ts";
import { count, inWords } from "../words/time.ts";
import { lackingWords } from "./lacking-words.ts";

/** How many incidents a line names, and how many people. */
const MOST_NAMED = 3;
/** More than these reasons of one incident are counted. */
const MOST_REASONS = 4;

/** What people call the deadlines of the policy. */
export const DEADLINE_WORDS: Readonly<Record<DeadlineName, string>> = {
  acknowledge: "acknowledgment",
  update: "update",
  "post-mortem": "post-mortem",
  "action-items": "action items",
};

/**
 * What past incidents would have come to, in at most eleven lines of Markdown: what hurts most first. Where all would have
 * been the same, one line that says so.
 */
export function replaySummary(all: readonly Replayed[]): readonly string[] {
  const sum = sumUp(all);
  const cannot = withEffect(all, "cannot-close").map(({ incident }) => incident);
  const unknown = withEffect(all, "close-unknown").map(({ incident }) => incident);
  const gone = withEffect(all, "no-incident").map(({ incident }) => incident);
  const can = withEffect(all, "can-close").map(({ incident }) => incident);
  const lines = [
    ...(cannot.length === 0
      ? []
      : [
          `- **${cannot.length} of ${all.length} could not have closed**:`,
          ...cannot.slice(0, MOST_NAMED).map((one) => `  - ${nameOf(one)}: ${whyNot(one)}`),
          ...(cannot.length > MOST_NAMED ? [`  - and ${cannot.length - MOST_NAMED} more`] : []),
        ]),
    ...listed(unknown, "may not have closed: what they had cannot be read, or may be more"),
    ...listed(gone, "would have been no incident: their severity is gone"),
    ...closedAtOtherTimes(all),
    ...listed(can, "could have closed, which cannot by the rules in force"),
    ...deadlineLines(sum.deadlines),
    ...pageLines(sum),
  ];
  return lines.length === 0 ? ["- All of them would have gone as they did."] : lines;
}

/** `[#12](…) (P0)`. */
function nameOf({ number, url, was }: Replayed): string {
  return `${linkTo({ repository: null, number }, url)} (${plain(was.severity, 32)})`;
}

function whyNot({ is }: Replayed): string {
  const reasons = is === null ? [] : lackingWords(is.close.gate);
  const more = reasons.length - MOST_REASONS;
  return [...reasons.slice(0, MOST_REASONS), ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

function listed(some: readonly Replayed[], what: string): readonly string[] {
  return some.length === 0 ? [] : [`- **${some.length}** ${what}: ${namesOf(some)}`];
}

function namesOf(some: readonly Pick<Replayed, "number" | "url">[]): string {
  const names = some.slice(0, MOST_NAMED).map(({ number, url }) => linkTo({ repository: null, number }, url));
  const more = some.length - MOST_NAMED;
  return more > 0 ? `${names.join(", ")} and ${more} more` : names.join(", ");
}

function closedAtOtherTimes(all: readonly Replayed[]): readonly string[] {
  const later = withEffect(all, "closes-later");
  const earlier = withEffect(all, "closes-earlier");
  const by = (ms: Millis | null) => (ms === null ? "" : ` (${inWords(ms)})`);
  const line = (found: typeof later | typeof earlier, word: string): readonly string[] => {
    if (found.length === 0) return [];
    const named = found
      .slice(0, MOST_NAMED)
      .map(
        ({ incident, effect }) =>
          `${linkTo({ repository: null, number: incident.number }, incident.url)}${by(effect.by)}`,
      );
    const more = found.length - MOST_NAMED;
    return [
      `- **${found.length}** would have closed ${word}: ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`,
    ];
  };
  return [...line(later, "later"), ...line(earlier, "earlier")];
}

function deadlineLines(deadlines: ReturnType<typeof sumUp>["deadlines"]): readonly string[] {
  const changed = DEADLINES.flatMap((name) => {
    const { was, is } = deadlines[name];
    return was === is ? [] : [`${DEADLINE_WORDS[name]} ${is} (was ${was})`];
  });
  return changed.length === 0 ? [] : [`- **Deadlines missed**: ${changed.join(", ")}`];
}

function pageLines({ calls, unheard, people }: ReturnType<typeof sumUp>): readonly string[] {
  const named = people.slice(0, MOST_NAMED).map(({ login, was, is }) => `${plain(login, 64)} ${is} (was ${was})`);
  const more = people.length - MOST_NAMED;
  const who = named.length === 0 ? "" : `: ${named.join(", ")}${more > 0 ? ` and ${count(more, "other")}` : ""}`;
  return [
    ...(calls.was === calls.is && who === "" ? [] : [`- **People paged**: ${calls.is} times (was ${calls.was})${who}`]),
    ...(unheard.was === unheard.is ? [] : [`- **Nobody there to page**: ${unheard.is} times (was ${unheard.was})`]),
  ];
}
