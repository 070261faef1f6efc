import { codeSpan, plain } from "../markdown/escape.ts";
import { REPLAYED_DAYS, type ReplaySeen } from "../replay/replay-seen.ts";
import { documentLink } from "../words/documents.ts";
import { count } from "../words/time.ts";
import { replaySummary } from "./replay-summary.ts";

/** How many things that are not known are named; the command names all. */
const MOST_NOT_KNOWN = 3;

/**
 * What the check says about past incidents; short, and never a reason for its colour.
 *
 * @param command how to look at all of them, as it is typed
 */
export function replaySection(seen: ReplaySeen, command: string): string {
  return ["### Past incidents", ...paragraphsOf(seen), `${all(seen)}${codeSpan(command)} (${HOW}).`].join("\n\n");
}

const HOW = documentLink("simulate", "how");

function all(seen: ReplaySeen): string {
  return seen.kind === "read" && seen.incidents.length === seen.of ? "In full: " : "To look at all of them: ";
}

function paragraphsOf(seen: ReplaySeen): readonly string[] {
  switch (seen.kind) {
    case "not-for-outsiders":
      return ["They are judged again only for pull requests of people who may label issues here."];
    case "unread":
      return ["They could not be read now: GitHub did not answer, or did not let Sevgate read them."];
    case "read":
      return read(seen);
  }
}

function read({ incidents, of, unreadable, notKnown }: Extract<ReplaySeen, { kind: "read" }>): readonly string[] {
  const cannot = unreadable === 0 ? "" : ` ${count(unreadable, "record")} could not be read.`;
  if (incidents.length === 0) {
    const none = of === 0 ? `None closed in the last ${REPLAYED_DAYS} days.` : "None could be looked at.";
    return [`${none}${cannot}`];
  }
  const which =
    incidents.length === of
      ? `${of === 1 ? "The one incident" : `All ${of} incidents`} that closed`
      : `The ${incidents.length} newest of ${of} incidents that closed`;
  const unknown = notKnown.slice(0, MOST_NOT_KNOWN).map((one) => plain(one, 300));
  return [
    `${which} in the last ${REPLAYED_DAYS} days, judged again by these rules, from the record and what is linked now.${cannot}`,
    replaySummary(incidents).join("\n"),
    ...(unknown.length === 0 ? [] : [`Not known: ${unknown.join("; ")}.`]),
  ];
}
