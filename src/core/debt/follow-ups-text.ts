import { typedItem } from "../items/typed-item.ts";
import { codeSpan, mention, person, plain } from "../markdown/escape.ts";
import type { Instant } from "../model.ts";
import { DAY_MS } from "../time-units.ts";
import { documentLink } from "../words/documents.ts";
import { addressOf, linkTo } from "../words/links.ts";
import { markerOf } from "../words/markers.ts";
import { count, utc } from "../words/time.ts";
import { type Debt, isDebt, type LatePostMortem, type OpenItem } from "./debt.ts";

/** The title of the one issue. People may change it. */
export const FOLLOW_UPS_TITLE = "Incident follow-ups";
/** What the text of the issue begins with when it lists nothing. */
const EMPTY_MARKER = markerOf("follow-ups-empty");
const MARKER = markerOf("follow-ups");
/** What a comment that reminds people ends with. */
const REMINDER_MARKER = markerOf("follow-ups-reminder");
/** What is said before a second issue is closed ends with. */
const TWICE_MARKER = markerOf("follow-ups-twice");

/** How many are listed in each section: the first number with which the text fits into an issue (65,536 characters). */
const MOST_LINES = [50, 20, 8] as const;
const LONGEST_CHARACTERS = 60_000;
/** How many are listed for each person in a reminder. */
const MOST_FOR_ONE = 5;
const TITLE_CHARACTERS = 120;

/** Whether the text is the one of a list with nothing in it, as Sevgate wrote it. */
export function isEmptyText(body: string): boolean {
  return body.startsWith(EMPTY_MARKER);
}

const REMINDED = /<!-- sevgate:follow-ups-reminded=(\d{4}-\d{2}-\d{2}) -->\s*$/;

/**
 * The end of the day (UTC) on which people were last reminded, as the end of the text remembers; `null`: it does not, or
 * the day has not come. People may have written it.
 */
export function remindedIn(body: string, now: Instant): Instant | null {
  const day = Date.parse(`${REMINDED.exec(body.slice(-200))?.[1] ?? ""}T00:00:00Z`);
  return Number.isNaN(day) || day > now ? null : ((day + DAY_MS - 1) as Instant);
}

function remindedMarker(at: Instant): string {
  return `<!-- sevgate:follow-ups-reminded=${dayOf(at)} -->`;
}

/** Whether a comment of the app's own is a reminder. In anybody else's it is just text. */
export function isReminder(body: string): boolean {
  return body.includes(REMINDER_MARKER);
}

/** Whether a comment of the app's own says that there is another such issue. */
export function isSaidTwice(body: string): boolean {
  return body.includes(TWICE_MARKER);
}

/** Where the text will be: its links lead there. */
export interface TextPlace {
  /** The address of any issue of the repository. */
  readonly issueUrl: string;
  /** How many incidents were not looked at because there are too many. */
  readonly unread: number;
}

/**
 * The text of the issue. It changes when something becomes late or due soon, never because a day has passed. Nobody is
 * mentioned in it.
 *
 * @param reminded when people were last reminded, which outlives the comment that did it; `null`: never
 */
export function followUpsText(debt: Debt, place: TextPlace, reminded: Instant | null = null): string {
  const end = reminded === null ? "" : `\n${remindedMarker(reminded)}\n`;
  for (const most of MOST_LINES) {
    const written = textWith(debt, place, most);
    if (written.length <= LONGEST_CHARACTERS) return written + end;
  }
  return textWith(debt, place, 1) + end;
}

function textWith(debt: Debt, place: TextPlace, most: number): string {
  const about = `Sevgate keeps this list: it is edited, never repeated (${documentLink("follow-ups", "how it works")}).`;
  const rest =
    debt.onTheirWay === 0
      ? []
      : [`${count(debt.onTheirWay, "more action item")} ${isOrAre(debt.onTheirWay)} in good time.`];
  const cut =
    place.unread === 0 ? [] : [`${count(place.unread, "older incident")} ${wasOrWere(place.unread)} not looked at.`];
  if (!isDebt(debt)) {
    return text([EMPTY_MARKER, "Nothing is late after incidents, and nothing is due soon.", ...rest, ...cut, about]);
  }
  const items = (list: readonly OpenItem[]) => list.map((one) => itemLine(one, place));
  return text([
    MARKER,
    `What is still to be done after incidents here: **${summary(debt)}**.`,
    ...section("Late", items(debt.overdue), most),
    ...section(
      "Post-mortems that are late",
      debt.postMortems.map((one) => postMortemLine(one, place)),
      most,
    ),
    ...section("Due within 7 days", items(debt.soon), most),
    ...section("Without an owner or a day of their own", items(debt.incomplete), most),
    ...section("Snoozed", items(debt.snoozed), most),
    ...rest,
    ...cut,
    ...howTo(debt, place),
    about,
  ]);
}

/** What is listed, in a few words: `2 late, 1 due soon`. */
function summary({ overdue, soon, incomplete, snoozed, postMortems }: Debt): string {
  return [
    [overdue.length, "late"],
    [postMortems.length, postMortems.length === 1 ? "post-mortem late" : "post-mortems late"],
    [soon.length, "due soon"],
    [incomplete.length, "without an owner or a day"],
    [snoozed.length, "snoozed"],
  ]
    .filter(([number]) => number !== 0)
    .map(([number, what]) => `${number} ${what}`)
    .join(", ");
}

function section(title: string, lines: readonly string[], most: number): readonly string[] {
  if (lines.length === 0) return [];
  const more = lines.length - most;
  const shown = more > 0 ? [...lines.slice(0, most), `- and ${more} more`] : lines;
  return [`### ${title}`, shown.join("\n")];
}

function itemLine({ item, due, severity, snoozed, isAsleep }: OpenItem, { issueUrl }: TextPlace): string {
  // Of an incident elsewhere, the item's own issue says what may be known here.
  const from =
    item.incident.repository === null
      ? [`from #${item.incident.number}${severity === null ? "" : ` (${plain(severity, 32)})`}`]
      : [];
  const parts = [
    `${linkTo(item.target, addressOf(item.target, issueUrl))} ${plain(item.title, TITLE_CHARACTERS)}`,
    item.owner === null ? "no owner" : person(item.owner),
    due === null ? "no day" : `due ${due.day}${due.isOwn ? "" : " by the policy, no day of its own"}`,
    ...from,
    ...(item.state === "unexplained" ? ["closed without being done"] : []),
    ...(isAsleep && item.snoozedUntil !== null ? [`snoozed until ${dayOf(item.snoozedUntil)}`] : []),
    ...(snoozed < 2 ? [] : [`snoozed ${snoozed} times`]),
  ];
  return `- ${parts.join(" · ")}`;
}

function postMortemLine({ number, title, severity, responder, due }: LatePostMortem, { issueUrl }: TextPlace): string {
  const target = { repository: null, number };
  const parts = [
    `${linkTo(target, addressOf(target, issueUrl))} ${plain(title, TITLE_CHARACTERS)}`,
    plain(severity, 32),
    ...(responder === null ? [] : [person(responder)]),
    `due ${dayOf(due)}`,
  ];
  return `- ${parts.join(" · ")}`;
}

/** What may be done, with the first item as the example: commands are given on its incident. */
function howTo({ overdue, soon, incomplete, snoozed, postMortems }: Debt, place: TextPlace): readonly string[] {
  const [first] = [...overdue, ...soon, ...incomplete, ...snoozed];
  const lines = [
    ...(first === undefined
      ? []
      : [
          "**Done?** Close its issue.",
          `**Later?** ${howToSnooze(first, place)}`,
          `**Not needed?** There, comment ${codeSpan(`/drop ${typedItem(first.item, place.issueUrl)} REASON`)}.`,
        ]),
    ...(postMortems.length === 0
      ? []
      : ["**A post-mortem?** Its incident says what is missing; `/postmortem` there creates one."]),
  ];
  return lines.length === 0 ? [] : [lines.join("\n")];
}

function howToSnooze({ item }: OpenItem, { issueUrl }: TextPlace): string {
  const { incident } = item;
  const where = incident.repository === null ? `#${incident.number}` : "its incident";
  return `On ${where}, comment ${codeSpan(`/snooze ${typedItem(item, issueUrl)} 14d REASON`)}.`;
}

/** A comment that reminds people of what is late, once for all of them. Each is mentioned once. */
export function reminderText(
  people: readonly { readonly login: string; readonly items: readonly OpenItem[] }[],
  place: TextPlace,
): string {
  const parts = people.map(({ login, items }) => {
    const more = items.length - MOST_FOR_ONE;
    const lines = items.slice(0, MOST_FOR_ONE).map((one) => itemLine(one, place));
    return [
      `${mention(login)}, ${items.length === 1 ? "this is" : "these are"} yours, and late:`,
      [...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n"),
    ].join("\n");
  });
  const first = people[0]!.items[0]!;
  return [
    ...parts,
    `Close what is done. Later? ${howToSnooze(first, place)} Nobody is reminded more than once a week.`,
    REMINDER_MARKER,
  ].join("\n\n");
}

/** What is said on a second such issue before it is closed. */
export function twiceText(other: number): string {
  return `There are two of these. I keep #${other} up to date and close this one.\n\n${TWICE_MARKER}`;
}

function text(parts: readonly string[]): string {
  return `${parts.join("\n\n")}\n`;
}

/** `2026-12-01`, in UTC. */
function dayOf(at: Instant): string {
  return utc(at).slice(0, 10);
}

function isOrAre(number: number): string {
  return number === 1 ? "is" : "are";
}

function wasOrWere(number: number): string {
  return number === 1 ? "was" : "were";
}
