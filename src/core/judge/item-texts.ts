import { namesFactor } from "../archive/ticked-factors.ts";
import { evidenceOf } from "../gate/linked-evidence.ts";
import { hostOf } from "../gate/names-incident.ts";
import { filedAs, itemState } from "../items/item-issue.ts";
import { type ItemLine, itemLines } from "../items/item-line.ts";
import type { IssueFacts, Reference } from "../model.ts";
import { fullName, sameName, sameTarget, targetKey } from "../names.ts";
import type { IncidentObservation, SeenItem } from "../observation.ts";
import type { FiledItem, History } from "../record/history.ts";

/** A post-mortem whose lines become action items, as it is now. */
export interface ItemText {
  /** As the record names it. */
  readonly postMortem: Reference;
  /** Where it is now. */
  readonly place: Reference;
  readonly issue: IssueFacts;
  readonly lines: readonly ItemLine[];
}

/** The text of a post-mortem; `null`: it was not read, is gone, or is in a private repository, which shows none. */
export function itemText(seen: IncidentObservation, postMortem: Reference): ItemText | null {
  const found = evidenceOf(seen, "issue").find((one) => sameTarget(one.target, postMortem));
  if (found === undefined || typeof found.answer === "string" || found.sealedBy !== null) return null;
  const place = found.movedTo ?? found.target;
  const home = place.repository ?? fullName(seen.repository);
  const { postMortem: general, postMortemFor: named } = seen.templates;
  const {
    "action-items": { section },
    "contributing-factors": factors,
  } = seen.policy.policy;
  const template = [general[0], ...named.values()].join("\n\n");
  const all = itemLines(found.answer.body, { section, template, home, host: hostOf(seen) });
  const lines = all.filter(({ title }) => !namesFactor(title, factors));
  return { postMortem, place, issue: found.answer, lines };
}

/** The texts of all post-mortems from which items were filed, or are to be. */
export function itemTexts(seen: IncidentObservation, { items, itemsAsked }: History): readonly ItemText[] {
  const named = [...items, ...itemsAsked].map(({ postMortem }) => postMortem);
  const each = named.filter((one, at) => named.findIndex((other) => sameTarget(one, other)) === at);
  return each.flatMap((one) => itemText(seen, one) ?? []);
}

/** Lines that may be filed: somebody's own words, open, and without an issue. */
export function unfiledLines({ lines }: Pick<ItemText, "lines">): readonly ItemLine[] {
  return lines.filter(({ checked, isWritten, isFiled }) => !checked && isWritten && !isFiled);
}

/** Of these, the ones somebody has asked for. */
export function askedLines({ itemsAsked }: History, text: ItemText): readonly ItemLine[] {
  const asked = new Set(
    itemsAsked.flatMap(({ postMortem, lines }) => (sameTarget(postMortem, text.postMortem) ? lines : [])),
  );
  return unfiledLines(text).filter(({ digest }) => asked.has(digest));
}

/** The issue of an item, as it was seen; `null`: it was not. */
export function seenItem({ items }: IncidentObservation, target: Reference): SeenItem | null {
  return items?.found.find((one) => sameTarget(one.target, target)) ?? null;
}

/** The item of the record that somebody names: as it was filed, or where it has been moved to; `null`: it is none. */
export function namedItem(seen: IncidentObservation, { items }: History, named: Reference): FiledItem | null {
  const moved = seen.items?.found.find(({ place }) => sameTarget(place, named));
  return filedAs(items, named) ?? (moved === undefined ? null : filedAs(items, moved.target));
}

/** The issue that a line of a post-mortem has become, whether the record knows it yet or not; `null`: none. */
export function itemOfLine({ items }: IncidentObservation, { postMortem }: ItemText, digest: string): SeenItem | null {
  const made = items?.found.filter((one) => one.line === digest && sameTarget(one.postMortem, postMortem)) ?? [];
  return made.toSorted((a, b) => a.target.number - b.target.number)[0] ?? null;
}

/** The lines of a text that begin with an item. */
export function linesOf(seen: IncidentObservation, text: ItemText, target: Reference): readonly ItemLine[] {
  const here = fullName(seen.repository);
  const home = text.place.repository ?? here;
  return text.lines.filter(
    ({ leads }) =>
      leads !== null && leads.number === target.number && sameName(leads.repository ?? home, target.repository ?? here),
  );
}

/** Where an item of the record stands; `null`: it was not read. */
export function standingOfItem(
  seen: IncidentObservation,
  filed: FiledItem,
): ReturnType<typeof itemState> | "gone" | null {
  const found = seenItem(seen, filed.target);
  if (found === null) return null;
  return found.issue === "gone" ? "gone" : itemState(found.issue, filed);
}

/**
 * Whether a tick in the text says that an item is done: who may have set it, may close issues there. `untold`: that is
 * not known (yet).
 */
export function tickerMay({ items }: IncidentObservation, postMortem: Reference): "may" | "may-not" | "untold" {
  return items?.tickers.get(targetKey(postMortem)) ?? "untold";
}

/** Whether a tick in the text may close an item: one that was moved elsewhere is closed by people there. */
export function mayTickClose(seen: IncidentObservation, text: ItemText, filed: FiledItem): boolean {
  const { repository: home } = text.place;
  const there = seenItem(seen, filed.target)?.place.repository ?? null;
  const isBeside = there === null || home === null ? there === home : sameName(there, home);
  return isBeside && sameTarget(filed.postMortem, text.postMortem);
}

/** The post-mortems in which somebody has ticked an item that is open. */
export function ticksInQuestion(seen: IncidentObservation, history: History): readonly ItemText[] {
  return itemTexts(seen, history).filter((text) =>
    history.items.some(
      (filed) =>
        filed.end === null &&
        mayTickClose(seen, text, filed) &&
        standingOfItem(seen, filed) === "open" &&
        linesOf(seen, text, filed.target).some(({ checked }) => checked),
    ),
  );
}
