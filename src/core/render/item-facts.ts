import { askedLines, itemText, itemTexts, standingOfItem, unfiledLines } from "../judge/item-texts.ts";
import { codeSpan } from "../markdown/escape.ts";
import type { Reference } from "../model.ts";
import { sameTarget } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import type { History } from "../record/history.ts";
import { addressOf, linkTo } from "../words/links.ts";
import type { StatusView } from "./status-view.ts";

/** Closed items that nobody has explained, named one by one. */
const MOST_NAMED = 3;

/** How the action items stand, and what somebody has to say about them; nothing if there are none. */
export function itemFacts({
  seen,
  history,
  gate,
}: Pick<StatusView, "seen" | "history" | "gate">): readonly { readonly name: string; readonly value: string }[] {
  const { items, itemsAsked } = history;
  const waiting = waitingLines(seen, history);
  if (items.length === 0 && itemsAsked.length === 0) return gate.satisfiedBy.flatMap((one) => notFiled(seen, one));
  const total = items.length + waiting;
  const filed = waiting === 0 ? `${total} filed` : `${items.length} of ${total} filed, the others follow`;
  const by = (how: "done" | "dropped") => items.filter(({ end }) => end?.how === how).length;
  const ended = (["done", "dropped"] as const).flatMap((how) => (by(how) === 0 ? [] : [`${by(how)} ${how}`]));
  const unexplained = items.filter((filed) => filed.end === null && standingOfItem(seen, filed) === "unexplained");
  const named = unexplained.slice(0, MOST_NAMED).map(({ target }) => {
    const drop = codeSpan(`/drop ${linkTo(target, null)} REASON`);
    return `${linkTo(target, addressOf(target, seen.issue.url))} was closed without being done: reopen it, or ${drop}`;
  });
  const gone = items.filter((filed) => filed.end === null && standingOfItem(seen, filed) === "gone");
  const lost = gone.slice(0, MOST_NAMED).map(({ target }) => {
    const drop = codeSpan(`/drop ${linkTo(target, null)} REASON`);
    return `${linkTo(target, null)} is no longer there: ${drop}`;
  });
  return [{ name: "Action items", value: [[filed, ...ended].join(" · "), ...named, ...lost].join("<br>") }];
}

/** That a post-mortem here which counts has action items, and nobody has asked for their issues yet. Elsewhere it takes rights there. */
function notFiled(seen: IncidentObservation, target: Reference): readonly { name: string; value: string }[] {
  const text = target.repository === null ? itemText(seen, target) : null;
  const lines = text === null ? 0 : unfiledLines(text).length;
  if (lines === 0) return [];
  return [
    {
      name: "Action items",
      value: `${lines} in ${linkTo(target, null)} · \`/items\` makes ${lines === 1 ? "an issue of it" : "issues of them"}`,
    },
  ];
}

/** How many lines are still to be filed. */
function waitingLines(seen: IncidentObservation, history: History): number {
  const texts = itemTexts(seen, history);
  return history.itemsAsked
    .map(({ postMortem, lines }) => {
      const text = texts.find((one) => sameTarget(one.postMortem, postMortem));
      // What it says now is not known: as many as were asked for.
      return text === undefined ? lines.length : new Set(askedLines(history, text).map(({ digest }) => digest)).size;
    })
    .reduce((sum, one) => sum + one, 0);
}
