import { oneLine } from "./escape.ts";

/** What the entities of `plain` (escape.ts) stand for. */
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };

/**
 * Markdown of our own making as bare text in one line, for a terminal: links by their text, without marks and escapes, and with
 * nothing that a terminal could take for a command.
 */
export function bareText(markdown: string): string {
  const unmarked = markdown
    .replace(/<\/?(?:span|code)>/g, "")
    .replace(/\]\([^()\s]*\)/g, "]")
    .replace(/\*\*/g, "")
    .replace(/&(?:#(\d{1,7})|(amp|lt|gt|quot));/g, (whole, code: string | undefined, name: string | undefined) =>
      code === undefined ? (ENTITIES[name ?? ""] ?? whole) : String.fromCodePoint(Math.min(Number(code), 0x10ffff)),
    );
  // A bracket that is escaped is the text's own; the others were those of links.
  return oneLine(unmarked.replace(/\\([!-/:-@[-`{-~])|[[\]]/g, (_, escaped: string | undefined) => escaped ?? ""));
}
