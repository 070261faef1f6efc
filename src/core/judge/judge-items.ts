import { ITEMS_AT_ONCE, ITEMS_WINDOW_MS } from "../items/items-at-once.ts";
import type { Instant } from "../model.ts";
import { sameTarget } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import { isOwnAccount } from "../own.ts";
import type { Entry } from "../record/entry.ts";
import type { History } from "../record/history.ts";
import type { Known } from "../record/known.ts";
import { ITEMS_ASK } from "../waiting.ts";
import {
  askedLines,
  itemOfLine,
  itemTexts,
  linesOf,
  seenItem,
  standingOfItem,
  tickerMay,
  ticksInQuestion,
} from "./item-texts.ts";
import { type Judged, NOTHING } from "./judged.ts";

/** How soon it is asked again who may have ticked a line. */
const TICKS_AGAIN_MS = 5 * 60_000;

/**
 * What has become of the action items: which lines are issues now, which items are done, and which are open again. The
 * issues say so; a line is written down as filed once it names its issue.
 */
export function judgeItems(seen: IncidentObservation, { history }: Known): Judged {
  if (history.items.length === 0 && history.itemsAsked.length === 0) return NOTHING;
  const waits = ["read:items", ITEMS_ASK].flatMap((ask) => {
    const waiting = seen.waits.get(ask);
    // One whose time has come is tried in this pass, if there still is anything to do.
    return waiting === undefined || waiting.isRefused || waiting.again <= seen.at ? [] : [waiting.again];
  });
  if (seen.items === null) return { ...NOTHING, lookAgainAt: earliest(waits) };
  const entries = [...filedNow(seen, history), ...changedNow(seen, history)];
  const isUntold = ticksInQuestion(seen, history).some(({ postMortem }) => tickerMay(seen, postMortem) === "untold");
  const moments = [
    ...waits,
    ...(roomAt(seen, history) ?? []),
    ...(isUntold ? [(seen.at + TICKS_AGAIN_MS) as Instant] : []),
  ];
  return { ...NOTHING, entries, lookAgainAt: earliest(moments) };
}

function filedNow(seen: IncidentObservation, history: History): readonly Entry[] {
  return itemTexts(seen, history).flatMap((text): readonly Entry[] => {
    const asked = history.itemsAsked.filter(({ postMortem }) => sameTarget(postMortem, text.postMortem));
    const items = asked
      .flatMap(({ lines }) => lines)
      .flatMap((line) => {
        const made = itemOfLine(seen, text, line);
        // Until the line names it, it is found by its marker, and not filed again.
        const isWritten = !text.lines.some((one) => one.digest === line && !one.checked && !one.isFiled);
        return made !== null && isWritten ? [{ number: made.target.number, line }] : [];
      });
    const postMortem = { ...text.postMortem };
    return items.length === 0 ? [] : [{ kind: "items-filed", at: seen.at, by: null, postMortem, items }];
  });
}

function changedNow(seen: IncidentObservation, history: History): readonly Entry[] {
  const texts = itemTexts(seen, history);
  return history.items.flatMap((filed): readonly Entry[] => {
    const { end } = filed;
    const target = { ...filed.target };
    const standing = standingOfItem(seen, filed);
    const issue = seenItem(seen, filed.target)?.issue ?? "gone";
    if (issue === "gone" || standing === null) return [];
    if (end === null) {
      if (standing !== "done") return [];
      const { closedBy } = issue;
      const by = closedBy === null || isOwnAccount(seen.app, closedBy) ? null : closedBy.login;
      return [{ kind: "item-done", at: issue.closedAt ?? seen.at, by, target }];
    }
    const isOpenAgain = standing === "open" || (end.how === "done" && standing === "unexplained");
    // The tick goes first: a line that is ticked while its item is open would close it.
    const isTicked = texts.some((text) => linesOf(seen, text, target).some(({ checked }) => checked));
    return isOpenAgain && !isTicked ? [{ kind: "item-reopened", at: seen.at, by: null, target }] : [];
  });
}

/** When there is room for more, if lines wait for it; `null`: none does, or there is room now. */
function roomAt(seen: IncidentObservation, history: History): readonly Instant[] | null {
  const isWaiting = itemTexts(seen, history).some((text) =>
    askedLines(history, text).some(({ digest }) => itemOfLine(seen, text, digest) === null),
  );
  const lately = filedLately(seen, history);
  const [first] = lately;
  if (!isWaiting || first === undefined || lately.length < ITEMS_AT_ONCE) return null;
  return [(lately.at(-ITEMS_AT_ONCE)! + ITEMS_WINDOW_MS) as Instant];
}

/** When items were filed within the window, those of other incidents in the same place included, oldest first. */
export function filedLately(seen: IncidentObservation, { items }: History): readonly Instant[] {
  const isKnown = (number: number, repository: string | null) =>
    items.some(({ target }) => sameTarget(target, { number, repository }));
  const unknown = (seen.items?.found ?? []).flatMap(({ target, issue }) =>
    issue === "gone" || isKnown(target.number, target.repository) ? [] : [issue.createdAt],
  );
  return [...items.map(({ filedAt }) => filedAt), ...unknown, ...(seen.items?.others ?? [])]
    .filter((at) => at > seen.at - ITEMS_WINDOW_MS)
    .toSorted((a, b) => a - b);
}

function earliest(moments: readonly Instant[]): Instant | null {
  return moments.length === 0 ? null : (Math.min(...moments) as Instant);
}
