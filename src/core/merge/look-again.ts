import type { Instant, Millis } from "../model.ts";
import { MINUTE_MS } from "../time-units.ts";
import { isUnsure, judgeMerge } from "./judge-merge.ts";
import { judgeTouched } from "./judge-touched.ts";
import type { MergeObservation, Unread } from "./merge-observation.ts";

/** When several pull requests share a head: one of them may get a new head, which is not a hint for the others. */
const SHARED_MS = (5 * MINUTE_MS) as Millis;
/** What is unknown may be known a moment later. */
const UNSURE_MS = MINUTE_MS as Millis;
/** What is too much to read stays that way until somebody changes it. */
const TOO_MUCH_MS = (60 * MINUTE_MS) as Millis;
/** The files of a fix follow in the next look; those of a very large pull request never do. */
const ITEMS_UNSURE_MS = (15 * MINUTE_MS) as Millis;
/** When a pull request touches open action items, and nothing tells that they have changed. */
const TOUCHING_MS = (60 * MINUTE_MS) as Millis;
/** GitHub may keep a link in the sidebar for a while after the keyword was taken out of the text. */
const LINK_LASTS_MS = 10 * MINUTE_MS;
/** The longest a queue waits for a check (GitHub docs, "Managing a merge queue": 360 minutes). */
const QUEUE_WAITS_MS = 360 * MINUTE_MS;

const TOO_MUCH: ReadonlySet<Unread["kind"]> = new Set(["commits", "commit-message", "issues", "same-head"]);

/**
 * When to look at a commit again without any hint of a change; `null`: only when there is a hint. Pure.
 *
 * @param others   the other open pull requests with the same head
 * @param isChanged whether a run was made just now
 */
export function lookAgainIn(
  seen: MergeObservation,
  others: readonly MergeObservation[],
  isChanged: boolean,
): Millis | null {
  if (!seen.isOpen) return null;
  const all = [seen, ...others];
  const age = isChanged ? 0 : ageOfCheck(seen);
  if (seen.group !== null && age > QUEUE_WAITS_MS) return null;
  const waits: Millis[] = others.length > 0 ? [SHARED_MS] : [];
  for (const finding of all.map(judgeMerge)) {
    const isTooMuch = finding.unsure.length === 0 && finding.unread.every(({ kind }) => TOO_MUCH.has(kind));
    if (isUnsure(finding)) waits.push(isTooMuch ? TOO_MUCH_MS : UNSURE_MS);
    const isLinked = finding.held.some(({ closers }) => closers.some(({ source }) => source.kind === "sidebar"));
    if (isLinked && age < LINK_LASTS_MS) waits.push(UNSURE_MS);
  }
  for (const one of all) {
    if (one.openItems?.isWhole === false) waits.push(one.openItems.items.length === 0 ? UNSURE_MS : ITEMS_UNSURE_MS);
    // One of them becomes late, is done or put off.
    else if (judgeTouched(one).touched.length > 0) waits.push(TOUCHING_MS);
  }
  const isUnreadable = all.some((one) => [one.headPolicy, one.headOnCall].some((file) => file?.kind === "unreadable"));
  if (isUnreadable) waits.push(UNSURE_MS);
  return waits.length === 0 ? null : (Math.min(...waits) as Millis);
}

/** The time since the newest run of the close gate was made; infinite if that is unknown. */
function ageOfCheck({ at, checks, headSha }: MergeObservation): number {
  const made = checks
    .filter((check) => check.name === "sevgate/close-gate" && check.headSha === headSha)
    .map((check): Instant | null => check.at);
  const newest = Math.max(...made.map((one) => one ?? Number.NEGATIVE_INFINITY));
  return at - newest;
}
