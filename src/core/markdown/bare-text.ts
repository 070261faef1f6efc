import { oneLine } from "./escape.ts";

/** What the entities of `plain` (escape.ts) stand for. */
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };

/** What Markdown lets a backslash stand before: 32 characters, as many as there are control characters. */
const ESCAPABLE = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/**
 * Markdown of our own making as bare text in one line, for a terminal: links by their text, without marks and escapes, and with
 * nothing that a terminal could take for a command. Code keeps its marks.
 */
export function bareText(markdown: string): string {
  const parts = held(markdown).split("`");
  return oneLine(released(parts.map((part, at) => (at % 2 === 1 ? `\`${part}\`` : unmarked(part))).join("")));
}

/** Control characters, of which our Markdown has none, in place of what is escaped: then what is left is a mark. */
function held(text: string): string {
  return text.replace(/\\([!-/:-@[-`{-~])/g, (_, one: string) => String.fromCharCode(ESCAPABLE.indexOf(one)));
}

function released(text: string): string {
  return text.replace(/\p{Cc}/gu, (one) => ESCAPABLE[one.charCodeAt(0)] ?? one);
}

function unmarked(part: string): string {
  return part
    .replace(/<\/?(?:span|code)>/g, "")
    .replace(/\]\([^()\s]*\)/g, "")
    .replace(/\*\*|\[/g, "")
    .replace(/&(?:#(\d{1,7})|(amp|lt|gt|quot));/g, (whole, number?: string, name?: string) =>
      number === undefined ? (ENTITIES[name ?? ""] ?? whole) : character(Number(number)),
    );
}

function character(codePoint: number): string {
  return codePoint > 0x10ffff ? "\uFFFD" : String.fromCodePoint(codePoint);
}
