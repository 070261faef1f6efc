import { codeSpan, person } from "../markdown/escape.ts";
import type { Expert, Experts } from "../who/who-knows.ts";
import { count } from "../words/time.ts";

const FILES_SHOWN = 3;

/** The answer to `/who`: names and reasons. It notifies nobody; `/page` does. */
export function whoText({ people, teams }: Experts, paths: readonly string[]): string {
  const shown = paths.slice(0, FILES_SHOWN).map(codeSpan).join(", ");
  const rest = paths.length > FILES_SHOWN ? ` and ${paths.length - FILES_SHOWN} more` : "";
  const about = paths.length === 0 ? "this repository (no file is named in the incident)" : `${shown}${rest}`;
  const owning = teams.length === 0 ? [] : ["", `Teams that own it: ${teams.map(codeSpan).join(", ")}.`];
  if (people.length === 0) {
    return [
      `Name a file in the issue and ask again: nobody was found who knows more about ${about}: no code owner, no recent author, nobody on call.`,
      ...owning,
    ].join("\n");
  }
  return [
    `Who may know more about ${about}:`,
    "",
    ...people.map((one) => `- ${person(one.login)}: ${reasons(one)}`),
    ...owning,
    "",
    "Nobody was notified. `/page @LOGIN` pages someone on the on-call file; `/assign @LOGIN` assigns anyone.",
  ].join("\n");
}

function reasons({ onCallAs, owns, commits, localTime }: Expert): string {
  return [
    ...(onCallAs.length === 0 ? [] : [`on call (${onCallAs.map(codeSpan).join(", ")})`]),
    ...(owns === 0 ? [] : ["code owner"]),
    ...(commits === 0 ? [] : [`${count(commits, "recent commit")}`]),
    ...(localTime === null ? [] : [`there it is ${localTime}`]),
  ].join(", ");
}
