import type { TouchedItem } from "../debt/touched-items.ts";
import { typedItem } from "../items/typed-item.ts";
import { codeSpan, person, plain } from "../markdown/escape.ts";
import type { TouchedFinding } from "../merge/judge-touched.ts";
import { linkTo } from "../words/links.ts";
import { count } from "../words/time.ts";

/** How many items are listed: whoever touches more knows. */
const MOST_ITEMS = 20;

/** A merge group's. */
export const GROUP_TITLE = "Judged on each pull request";
export const GROUP_SUMMARY = "What this merge group touches was judged on its pull requests.";

/** The one line people see in the list of checks. */
export function followUpsTitle({ touched, late, isUnsure }: TouchedFinding, isRequired: boolean): string {
  if (isRequired && isUnsure && late.length === 0)
    return "Cannot tell yet which action items it touches; looking again";
  if (touched.length === 0) return "Touches no open action item";
  const items = count(touched.length, "open action item");
  return late.length === 0 ? `Touches ${items}` : `Touches ${items}, ${late.length} late`;
}

/** Which items it touches, why, and what to do. */
export function followUpsSummary(finding: TouchedFinding, isRequired: boolean): string {
  const { touched, late, isUnsure } = finding;
  const [first] = late.length > 0 ? late : touched;
  const more = touched.length - MOST_ITEMS;
  const lines = touched.slice(0, MOST_ITEMS).map((one) => itemLine(one, late.includes(one)));
  return [
    ...(first === undefined
      ? [
          "No open action item of an incident names a file that this changes, and no fix of their incidents changed one.",
        ]
      : [
          "These files belong to what an incident has left to do:",
          [...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n"),
          nextStep(first, isRequired && late.length > 0),
        ]),
    ...(isUnsure ? ["Not everything could be read yet. Sevgate looks again by itself."] : []),
  ].join("\n\n");
}

function itemLine({ open, path, because }: TouchedItem, isLate: boolean): string {
  const { item, due } = open;
  const why = because === "named" ? `names ${codeSpan(path)}` : `${codeSpan(path)} was changed by the fix`;
  const parts = [
    `${linkTo(item.target, item.url)} ${plain(item.title, 120)}`,
    item.owner === null ? "no owner" : person(item.owner),
    ...(due === null ? [] : [isLate ? `late, was due ${due.day}` : `due ${due.day}`]),
    ...(open.isAsleep ? ["snoozed"] : []),
    why,
  ];
  return `- ${parts.join(" · ")}`;
}

function nextStep({ open: { item } }: TouchedItem, isHeld: boolean): string {
  const target = linkTo(item.target, null);
  const closes = `If this does it, write ${codeSpan(`Closes ${target}`)} in the description.`;
  if (!isHeld) return `${closes} Otherwise there is nothing to do: this holds no merge.`;
  const where = item.incident.repository === null ? `#${item.incident.number}` : "its incident";
  const typed = item.url === null ? target : typedItem(item, item.url);
  const commands = [`/snooze ${typed} 14d REASON`, `/drop ${typed} REASON`].map(codeSpan);
  return `${closes} If it has to wait, or is not needed, comment ${commands.join(" or ")} on ${where}.`;
}
