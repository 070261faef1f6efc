import { createHash } from "node:crypto";
import type { Incident } from "../derive.ts";
import { itemBody, itemState } from "../items/item-issue.ts";
import { editItemLines, type ItemLine, type ItemLineEdit } from "../items/item-line.ts";
import { dueDayOf } from "../items/item-words.ts";
import { ITEMS_AT_ONCE } from "../items/items-at-once.ts";
import {
  askedLines,
  type ItemText,
  itemOfLine,
  itemTexts,
  linesOf,
  mayTickClose,
  seenItem,
  standingOfItem,
  tickerMay,
  ticksInQuestion,
} from "../judge/item-texts.ts";
import { filedLately } from "../judge/judge-items.ts";
import { titleText } from "../markdown/escape.ts";
import type { Reference } from "../model.ts";
import { fullName, sameName, sameTarget, targetKey } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import { ITEMS_ASK } from "../waiting.ts";
import { commentInDrill, inDrill } from "../words/in-drill.ts";
import type { Action } from "./action.ts";
import { actionItemLabel, labelsMissing } from "./labels.ts";

/** GitHub allows 256 characters in a title. */
const MAX_TITLE_CHARACTERS = 200;

/**
 * The steps from the lines of post-mortems to issues, and from issues to ticks. An issue is created first, then made a
 * sub-issue and assigned, and then its line names it; whatever is missing is found by the marker in the issue, so that a
 * line never becomes two. Nothing of it holds up the incident: it is planned last.
 */
export function* itemSteps(seen: IncidentObservation, incident: Incident): Iterable<Action> {
  const waiting = seen.waits.get(ITEMS_ASK);
  if (seen.items === null || (waiting !== undefined && (waiting.isRefused || seen.at < waiting.again))) return;
  for (const text of itemTexts(seen, incident.history)) {
    yield* closings(seen, incident, text);
    yield* filings(seen, incident, text);
    yield* edit(seen, incident, text);
  }
}

/** A tick closes an item if those who may have set it may close it themselves. */
function* closings(seen: IncidentObservation, { history }: Incident, text: ItemText): Iterable<Action> {
  if (tickerMay(seen, text.postMortem) !== "may") return;
  for (const filed of history.items) {
    if (filed.end !== null || !mayTickClose(seen, text, filed)) continue;
    if (standingOfItem(seen, filed) !== "open") continue;
    if (!linesOf(seen, text, filed.target).some(({ checked }) => checked)) continue;
    const { place } = seenItem(seen, filed.target)!;
    yield { kind: "close-item", target: filed.target, place, reason: "completed", edge: closeItemEdge(filed.target) };
  }
}

/** The edge of closing an item (`IncidentObservation.done`). */
export function closeItemEdge(target: Reference): string {
  return `close-item:${targetKey(target)}`;
}

function* filings(seen: IncidentObservation, incident: Incident, text: ItemText): Iterable<Action> {
  const { history } = incident;
  const asked = askedLines(history, text);
  const home = seen.items?.homes.get(targetKey(text.postMortem)) ?? null;
  if (home === null) return;
  const first = asked.filter(({ digest }, at) => asked.findIndex((one) => one.digest === digest) === at);
  let room = ITEMS_AT_ONCE - filedLately(seen, history).length;
  for (const line of first) {
    if (itemOfLine(seen, text, line.digest) !== null || room <= 0) continue;
    room -= 1;
    const label = actionItemLabel(seen.policy.policy);
    if (text.place.repository === null) {
      for (const one of labelsMissing([label], seen.labelsThere)) yield { kind: "create-label", ...one };
    }
    yield { kind: "create-item", ...contentOf(seen, incident, text, line, home), labels: [label.name] };
  }
  for (const line of first) {
    const made = itemOfLine(seen, text, line.digest);
    if (made === null || made.issue === "gone" || history.items.some((one) => sameTarget(one.target, made.target)))
      continue;
    const { target, issue } = made;
    const isSub = `sub-issue:${targetKey(target)}`;
    if (!made.isSubIssue && !seen.done.has(isSub)) {
      yield { kind: "add-sub-issue", parent: text.place, child: issue.id, edge: isSub };
    }
    const { owner } = line;
    if (owner === null || issue.assignees.some((one) => sameName(one, owner))) continue;
    const assigned = `assign-item:${targetKey(target)}`;
    if (!seen.done.has(assigned)) yield { kind: "assign-item", target, login: owner, edge: assigned };
  }
}

/** @param home the id of the repository it is filed in */
function contentOf(seen: IncidentObservation, { history }: Incident, text: ItemText, line: ItemLine, home: number) {
  const { repository, issue } = seen;
  const isHere = text.place.repository === null;
  const asked = history.itemsAsked.findLast(({ postMortem }) => sameTarget(postMortem, text.postMortem));
  const origin = {
    incident: { repositoryId: repository.id, number: issue.number },
    postMortem: { repositoryId: home, number: text.place.number },
    line: line.digest,
  };
  const isDrill = history.drill !== null;
  const title = titleText(inDrill(isDrill, line.title), MAX_TITLE_CHARACTERS);
  return {
    title,
    body: commentInDrill(
      isDrill,
      itemBody({
        title: line.title,
        postMortem: `#${text.place.number}`,
        incident: isHere ? `#${issue.number}` : `${fullName(repository)}#${issue.number}`,
        owner: line.owner,
        due: line.due === null ? null : dueDayOf(line.due, asked?.at ?? seen.at),
        kind: line.kind,
        paths: line.paths,
        origin,
      }),
    ),
    postMortem: text.postMortem,
    place: text.place,
    line: line.digest,
  };
}

/** Whether this pass has edited the post-mortem. */
export function hasEdited({ done }: Pick<IncidentObservation, "done">, postMortem: Reference): boolean {
  const edit = editOf(postMortem);
  return [...done].some((edge) => edge.startsWith(edit));
}

/** What the edges of all edits of a post-mortem begin with. */
function editOf(postMortem: Reference): string {
  return `edit-post-mortem:${targetKey(postMortem)}:`;
}

/** Every line names its issue, and is ticked when that has come to an end. */
function* edit(seen: IncidentObservation, { history }: Incident, text: ItemText): Iterable<Action> {
  // The app's own edit would hide who ticked it.
  const isInQuestion = ticksInQuestion(seen, history).some((one) => sameTarget(one.postMortem, text.postMortem));
  if (isInQuestion && tickerMay(seen, text.postMortem) === "untold") return;
  const edits = [...leads(seen, history, text), ...ticks(seen, history, text)];
  if (edits.length === 0) return;
  const body = editItemLines(text.issue.body, edits);
  if (body === text.issue.body) return;
  const digest = createHash("sha256").update(JSON.stringify(edits)).digest("hex").slice(0, 16);
  const edge = `${editOf(text.postMortem)}${digest}`;
  // Once, even if GitHub answers with a body other than the one it was sent.
  if (!seen.done.has(edge))
    yield { kind: "edit-post-mortem", postMortem: text.postMortem, place: text.place, body, edge };
}

function leads(seen: IncidentObservation, history: Incident["history"], text: ItemText): readonly ItemLineEdit[] {
  const here = fullName(seen.repository);
  const home = text.place.repository ?? here;
  return askedLines(history, text).flatMap(({ line, checked, digest }) => {
    const made = itemOfLine(seen, text, digest);
    if (made === null) return [];
    const { repository, number } = made.target;
    const isHere = sameName(repository ?? here, home);
    return [{ line, checked, lead: isHere ? `#${number}` : `${repository ?? here}#${number}` }];
  });
}

function ticks(seen: IncidentObservation, history: Incident["history"], text: ItemText): readonly ItemLineEdit[] {
  return history.items.flatMap((filed) => {
    const found = seenItem(seen, filed.target);
    if (found === null || found.issue === "gone") return [];
    const state = itemState(found.issue, filed);
    const isOver = state === "done" || state === "dropped";
    return linesOf(seen, text, filed.target).flatMap(({ line, checked }): readonly ItemLineEdit[] => {
      if (checked === isOver) return [];
      // Who ticked it is not known yet, or may close it: then it is closed first.
      const isAsked = checked && filed.end === null && state === "open" && mayTickClose(seen, text, filed);
      return isAsked && tickerMay(seen, text.postMortem) !== "may-not" ? [] : [{ line, checked: isOver, lead: null }];
    });
  });
}
