import type { Element, ElementContent, Root as HtmlRoot, RootContent } from "hast";
import type { Root as MarkdownRoot, Nodes, PhrasingContent } from "mdast";
import rehypeRaw from "rehype-raw";
import rehypeSanitize, { defaultSchema } from "rehype-sanitize";
import rehypeStringify from "rehype-stringify";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import remarkRehype from "remark-rehype";
import { unified } from "unified";

/** What rendering needs to know about the surrounding page. */
export interface MarkdownPlace {
  /** Unique on the page: ids of the text start with it. */
  readonly idPrefix: string;
  /** Level of the heading above the text; headings in it are announced below that level, none of them left out. */
  readonly headingLevel: number;
  /** In comments and bodies GitHub shows every line break; in the summary of a check it does not. */
  readonly keepsLineBreaks: boolean;
  /** Numbers of issues and pull requests that are on the page: mentions of them become links. */
  readonly threads: ReadonlySet<number>;
}

/**
 * Markdown as GitHub shows it, as HTML that is safe to put on a page: GitHub-flavoured, raw HTML reduced to what
 * GitHub allows (the default schema of rehype-sanitize), with alerts and links between the page's threads.
 */
export function renderMarkdown(markdown: string, place: MarkdownPlace): string {
  return String(
    unified()
      .use(remarkParse)
      .use(remarkGfm)
      .use(() => (tree: MarkdownRoot) => {
        if (place.keepsLineBreaks) showLineBreaks(tree);
      })
      .use(remarkRehype, { allowDangerousHtml: true, clobberPrefix: "" })
      .use(rehypeRaw)
      .use(rehypeSanitize, { ...defaultSchema, clobberPrefix: place.idPrefix })
      // After sanitizing: what is added here is ours.
      .use(() => (tree: HtmlRoot) => {
        tree.children = dress(tree.children as ElementContent[], place, []) as RootContent[];
      })
      .use(rehypeStringify)
      .processSync(markdown),
  );
}

function showLineBreaks(node: Nodes): void {
  if (!("children" in node)) return;
  for (const child of node.children) showLineBreaks(child);
  if (node.type !== "paragraph") return;
  node.children = node.children.flatMap((child): PhrasingContent[] => {
    if (child.type !== "text" || !child.value.includes("\n")) return [child];
    return child.value.split("\n").flatMap((value, index): PhrasingContent[] => {
      const text: PhrasingContent = { type: "text", value };
      return index === 0 ? [text] : [{ type: "break" }, text];
    });
  });
}

/**
 * Turns sanitized HTML into what GitHub makes of it: alerts, links to threads, labeled checkboxes.
 *
 * @param above levels of the headings that the place in the text is under, as they are written
 */
function dress(nodes: readonly ElementContent[], place: MarkdownPlace, above: number[]): ElementContent[] {
  return nodes.flatMap((node): ElementContent[] => {
    if (node.type === "text") return linkThreads(node.value, place);
    if (node.type !== "element") return [];
    const { tagName, properties } = node;
    if (tagName === "a" && typeof properties["href"] === "string" && properties["href"].startsWith("#")) {
      properties["href"] = `#${place.idPrefix}${properties["href"].slice(1)}`;
    }
    if (tagName === "input") {
      properties["ariaLabel"] = properties["checked"] === true ? "Done" : "Not done yet";
      properties["className"] = ["task-list-item-checkbox"];
    }
    if (/^h[1-6]$/.test(tagName)) {
      const level = Number(tagName[1]);
      while ((above.at(-1) ?? 0) >= level) above.pop();
      above.push(level);
      properties["ariaLevel"] = place.headingLevel + above.length;
    }
    if (tagName === "pre") properties["tabIndex"] = 0;
    // GitHub does not link mentions inside these.
    if (!/^(?:a|code|pre|tt)$/.test(tagName)) node.children = dress(node.children, place, above);
    if (tagName === "table") return [scrolling(node)];
    return [tagName === "blockquote" ? alert(node) : node];
  });
}

/** A wide table scrolls by itself, and with the keyboard too. */
function scrolling(table: Element): Element {
  const properties = { className: ["table-scroll"], tabIndex: 0, role: "group", ariaLabel: "Table" };
  return { type: "element", tagName: "div", properties, children: [table] };
}

/** `> [!NOTE]` and its like (GitHub docs, "Alerts"). */
function alert(quote: Element): Element {
  const paragraph = quote.children.find((child) => child.type === "element");
  const first = paragraph?.tagName === "p" ? paragraph.children[0] : undefined;
  if (paragraph === undefined || first?.type !== "text") return quote;
  const kind = /^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*$/.exec(first.value)?.[1]?.toLowerCase();
  if (kind === undefined) return quote;
  const isBreak = (node: ElementContent | undefined): boolean => node?.type === "element" && node.tagName === "br";
  paragraph.children = paragraph.children.slice(isBreak(paragraph.children[1]) ? 2 : 1);
  const title: Element = {
    type: "element",
    tagName: "p",
    properties: { className: ["markdown-alert-title"] },
    children: [{ type: "text", value: kind[0]!.toUpperCase() + kind.slice(1) }],
  };
  const properties = { className: ["markdown-alert", `markdown-alert-${kind}`] };
  return { type: "element", tagName: "div", properties, children: [title, ...quote.children] };
}

function linkThreads(text: string, place: MarkdownPlace): ElementContent[] {
  return text.split(/((?<![\w/&])#\d{1,10}(?!\w))/).flatMap((part, index): ElementContent[] => {
    if (part === "") return [];
    const value: ElementContent = { type: "text", value: part };
    if (index % 2 === 0 || !place.threads.has(Number(part.slice(1)))) return [value];
    return [{ type: "element", tagName: "a", properties: { href: `#thread-${part.slice(1)}` }, children: [value] }];
  });
}
