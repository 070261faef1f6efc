import { codeSpan, person, plain } from "../markdown/escape.ts";
import { parseDocument } from "../markdown/parse-document.ts";
import { textLines } from "../markdown/text-lines.ts";
import type { Instant, IssueFacts, Reference } from "../model.ts";
import { hasLabel, sameTarget } from "../names.ts";
import { type AppIdentity, isOwnAccount } from "../own.ts";
import type { FiledItem } from "../record/history.ts";
import { type ActionItem, type DueDay, ITEM_KINDS, type ItemKind, type ItemState } from "./action-item.ts";
import { isDay, pathsOf } from "./item-words.ts";

/** An issue, by the id of its repository, which stays when that is renamed. */
export interface IssueId {
  readonly repositoryId: number;
  readonly number: number;
}

/** Where an action item comes from. */
export interface ItemOrigin {
  readonly incident: IssueId;
  readonly postMortem: IssueId;
  /** `ItemLine.digest` of the line it was filed from. */
  readonly line: string;
}

/** The last line of an action item's issue: how the app finds one again whose creation was not answered. */
export function itemMarker({ incident, postMortem, line }: ItemOrigin): string {
  const id = ({ repositoryId, number }: IssueId) => `${repositoryId}#${number}`;
  return `<!-- sevgate:action-item incident=${id(incident)} post-mortem=${id(postMortem)} line=${line} -->`;
}

const MARKER =
  /^<!-- sevgate:action-item incident=(\d{1,15})#(\d{1,10}) post-mortem=(\d{1,15})#(\d{1,10}) line=([0-9a-f]{16}) -->$/;

/** Longer than a marker, and the line breaks that people leave behind it. */
const LONGEST_MARKER = 400;

function lastLine(body: string): string {
  return body.slice(-LONGEST_MARKER).trimEnd().split("\n").at(-1)?.trim() ?? "";
}

/** What the marker of an issue says; `null`: it is not an action item that the app has filed. In anybody else's issue it is just text. */
export function originOf(app: AppIdentity, issue: Pick<IssueFacts, "author" | "body">): ItemOrigin | null {
  if (!isOwnAccount(app, issue.author)) return null;
  const found = MARKER.exec(lastLine(issue.body));
  if (found === null) return null;
  const [incidentPlace, incident, place, postMortem] = found.slice(1, 5).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  return {
    incident: { repositoryId: incidentPlace, number: incident },
    postMortem: { repositoryId: place, number: postMortem },
    line: found[5]!,
  };
}

/**
 * The incident that the marker in a text names, whoever wrote it: a place to look, never a fact; `null`: there is none.
 */
export function incidentInMarker(body: string): IssueId | null {
  const found = MARKER.exec(lastLine(body));
  return found === null ? null : { repositoryId: Number(found[1]), number: Number(found[2]) };
}

/** What an action item's issue says when it is filed. */
export interface ItemContent {
  /** Of its line, without owner, day and kind. */
  readonly title: string;
  /** As they are written from where the item is: `#13`, `acme/ops#12`. */
  readonly postMortem: string;
  readonly incident: string;
  readonly owner: string | null;
  /** `2026-12-01`. */
  readonly due: string | null;
  readonly kind: ItemKind | null;
  readonly paths: readonly string[];
  readonly origin: ItemOrigin;
}

const LONGEST_SHOWN = 1_000;

/** The text of an action item's issue: nobody is mentioned, and it shows nothing that its post-mortem does not. */
export function itemBody(item: ItemContent): string {
  const facts = [
    item.owner === null ? null : `- Owner: ${person(item.owner)}`,
    item.due === null ? null : `- Due: ${item.due}`,
    item.kind === null ? null : `- Kind: ${item.kind}`,
    item.paths.length === 0 ? null : `- Files: ${item.paths.map(codeSpan).join(", ")}`,
  ].filter((fact) => fact !== null);
  const from = `An action item of the post-mortem ${item.postMortem}, from incident ${item.incident}.`;
  const parts = [plain(item.title, LONGEST_SHOWN), from, ...(facts.length === 0 ? [] : [facts.join("\n")])];
  return `${parts.join("\n\n")}\n\n${itemMarker(item.origin)}\n`;
}

/** An action item of an issue, as it stands now. */
export function toActionItem(
  issue: IssueFacts,
  target: Reference,
  incident: Reference,
  /** What the record of the incident says about it; `null`: that is not known. */
  filed: FiledItem | null,
  /** GitHub's field *Target date*; `null`: it has none, or it was not read. */
  targetDate: string | null = null,
): ActionItem {
  const said = factsIn(issue.body);
  const end = filed?.end ?? null;
  const state = itemState(issue, filed);
  return {
    target,
    url: issue.url,
    title: issue.title,
    state,
    reason: state === "dropped" ? (end?.reason ?? null) : null,
    incident,
    owner: issue.assignees[0] ?? said.owner,
    due: dueOf(targetDate, issue.milestoneDue, said.due),
    kind: said.kind,
    filedAt: filed?.filedAt ?? issue.createdAt,
    endedAt: state === "dropped" ? (end?.at ?? issue.closedAt) : state === "done" ? issue.closedAt : null,
    snoozedUntil: null,
    paths: pathsOf([...codeIn(issue.title), ...codeIn(issue.body)]),
  };
}

/** An action item whose issue is no longer there, or where the app may not look. */
export function goneItem(filed: FiledItem, incident: Reference): ActionItem {
  const { target, filedAt, end } = filed;
  const isDropped = end?.how === "dropped";
  return {
    target,
    url: null,
    title: "",
    state: isDropped ? "dropped" : end?.how === "done" ? "done" : "gone",
    reason: isDropped ? end.reason : null,
    incident,
    owner: null,
    due: null,
    kind: null,
    filedAt,
    endedAt: end?.at ?? null,
    snoozedUntil: null,
    paths: [],
  };
}

/** Where an item stands by its issue; whether it was dropped, only the record of the incident knows. */
export function itemState(
  { state, closeReason }: Pick<IssueFacts, "state" | "closeReason">,
  filed: Pick<FiledItem, "end"> | null,
): ItemState {
  if (state === "open") return "open";
  if (filed?.end?.how === "dropped") return "dropped";
  return closeReason === "completed" ? "done" : "unexplained";
}

/** Whether an issue of a list is an action item that the app has filed. */
export function isItem(app: AppIdentity, issue: IssueFacts, label: string): boolean {
  return hasLabel(issue.labels, label) && originOf(app, issue) !== null;
}

/** What the record of an incident says about an item. */
export function filedAs(items: readonly FiledItem[], target: Reference): FiledItem | null {
  return items.find((one) => sameTarget(one.target, target)) ?? null;
}

/** The first of these that says a day. */
function dueOf(field: string | null, milestone: string | null, text: string | null): DueDay | null {
  if (field !== null) return { day: field, from: "field" };
  if (milestone !== null) return { day: milestone, from: "milestone" };
  return text === null ? null : { day: text, from: "text" };
}

/** It is over everywhere on Earth twelve hours after it is over in UTC. */
const LATEST_ZONE_MS = 12 * 3_600_000;

/** From when on something is late that is due on a day. */
export function lateFrom(day: string): Instant {
  return (Date.parse(`${day}T00:00:00Z`) + 24 * 3_600_000 + LATEST_ZONE_MS) as Instant;
}

const FACT = /^(owner|due|kind): ?(\S{1,64})$/i;

/** What an item's own text says, as the app or people have written it there. */
function factsIn(body: string): {
  readonly owner: string | null;
  readonly due: string | null;
  readonly kind: ItemKind | null;
} {
  const found = new Map<string, string>();
  for (const { content } of textLines(body, (line) => /owner|due|kind/i.test(line))) {
    const [, name, value] = FACT.exec(content.trim()) ?? [];
    if (name !== undefined && value !== undefined) found.set(name.toLowerCase(), value);
  }
  const due = found.get("due") ?? null;
  const kind = found.get("kind")?.toLowerCase();
  const owner = found.get("owner")?.replace(/^@/, "").replaceAll("\\", "") ?? null;
  return {
    owner: owner !== null && /^[\w-]{1,39}$/.test(owner) ? owner : null,
    due: due !== null && isDay(due) ? due : null,
    kind: ITEM_KINDS.find((one) => one === kind) ?? null,
  };
}

function codeIn(text: string): readonly string[] {
  const document = parseDocument(text);
  return document.blocks.flatMap((block) => {
    if (block.type !== "inline" || !block.content.includes("`")) return [];
    return document.inline(block).flatMap(({ type, content }) => (type === "code_inline" ? [content] : []));
  });
}
