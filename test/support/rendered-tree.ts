import type { Comment, Element, Root, Text } from "hast";
import { LRUCache } from "lru-cache";
import rehypeRaw from "rehype-raw";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import remarkRehype from "remark-rehype";
import { unified } from "unified";

/** What a browser would make of Markdown, before GitHub's own sanitizer removes the worst. */
export interface RenderedTree {
  readonly elements: readonly Element[];
  readonly comments: readonly string[];
  /** Text outside links and code, one entry for each text node. */
  readonly texts: readonly string[];
  /** Text of code, inline and in blocks: GitHub does not look for mentions, references and URLs there. */
  readonly codes: readonly string[];
  /** Text of links. */
  readonly linkTexts: readonly string[];
}

const processor = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(remarkRehype, { allowDangerousHtml: true })
  .use(rehypeRaw);

/** Stories look at the same texts again and again. */
const known = new LRUCache<string, RenderedTree>({ max: 1_000 });

export function renderTree(markdown: string): RenderedTree {
  const before = known.get(markdown);
  if (before !== undefined) return before;
  const rendered = rendering(markdown);
  known.set(markdown, rendered);
  return rendered;
}

function rendering(markdown: string): RenderedTree {
  const root = processor.runSync(processor.parse(markdown)) as Root;
  const elements: Element[] = [];
  const comments: string[] = [];
  const texts: string[] = [];
  const codes: string[] = [];
  const linkTexts: string[] = [];
  function visit(node: Root | Element | Root["children"][number], into: string[]): void {
    if (node.type === "comment") comments.push((node as Comment).value);
    if (node.type === "text") into.push((node as Text).value);
    if (node.type === "element") elements.push(node);
    if (!("children" in node)) return;
    const tag = node.type === "element" ? node.tagName : "";
    const below = tag === "a" ? linkTexts : tag === "code" || tag === "pre" ? codes : into;
    for (const child of node.children) visit(child, below);
  }
  visit(root, texts);
  return { elements, comments, texts, codes, linkTexts };
}
