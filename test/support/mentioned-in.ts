import { renderTree } from "./rendered-tree.ts";

/** `@name` as GitHub would read it in a text. */
const MENTION = /(?<![A-Za-z0-9])@[A-Za-z0-9][A-Za-z0-9-]*/g;

/** Whom a Markdown text mentions, as `@name`: GitHub looks at one text node of the result at a time, and not into code. */
export function mentionedIn(markdown: string): readonly string[] {
  if (markdown.search(MENTION) === -1) return [];
  const { texts, linkTexts } = renderTree(markdown);
  return [...texts, ...linkTexts].flatMap((text) => text.match(MENTION) ?? []);
}
