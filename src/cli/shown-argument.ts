import { oneLine } from "../core/markdown/escape.ts";

const LONGEST_SHOWN = 80;

/** What somebody wrote on the command line, short enough to be said back to them, in one line. */
export function shownArgument(given: string): string {
  return oneLine(given.length > LONGEST_SHOWN ? `${given.slice(0, LONGEST_SHOWN)}…` : given);
}
