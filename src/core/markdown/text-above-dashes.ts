import { headingText } from "./heading-text.ts";
import { parseDocument } from "./parse-document.ts";

/** Without such a line there is nothing to look for. */
const UNDERLINE = /^ {0,3}(?:-+|=+)[ \t]*\r?$/m;

/**
 * A body as it was meant when text is directly above a line of dashes or equals signs: Markdown makes it a heading
 * (GitHub Flavored Markdown Spec, 4.3), and a reader sees an answer in large letters. With an empty line in between it
 * is text.
 *
 * A body that underlines a heading on purpose, recognised by its name, is left as it is.
 */
export function withTextAboveDashes(body: string, isName: (title: string) => boolean): string {
  if (!UNDERLINE.test(body)) return body;
  const { blocks, lines, inline } = parseDocument(body);
  const underlines = new Set<number>();
  for (const [index, block] of blocks.entries()) {
    if (block.type !== "heading_open" || block.level !== 0 || block.map === null) continue;
    if (block.markup.startsWith("#")) continue;
    if (isName(headingText(inline(blocks[index + 1]!)))) return body;
    underlines.add(block.map[1] - 1);
  }
  if (underlines.size === 0) return body;
  return lines.map((line, at) => (underlines.has(at) ? `\n${line}` : line)).join("\n");
}
