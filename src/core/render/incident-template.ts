import { sameHeading } from "../markdown/heading-names.ts";
import { sectionsOf } from "../markdown/sections.ts";
import type { TemplateSource } from "../observation.ts";
import { render } from "./liquid.ts";

/** GitHub allows 65,536 characters in a body. */
const MAX_BODY_CHARACTERS = 65_000;

/** How many headings of an issue are looked at; people write a handful. */
const MOST_HEADINGS = 200;

/** Stands between the author's text and ours. */
const TEMPLATE_MARKER = "<!-- sevgate:template -->";

/**
 * The body with the template's missing sections appended below the author's own text, of which not a byte is
 * changed. `null`: nothing is missing, it was done before, or it would not fit.
 */
export function withTemplate(body: string, template: TemplateSource, severity: string): string | null {
  // By the marker and not by the sections: below a code block that is never closed, they are no longer sections.
  if (body.includes(TEMPLATE_MARKER)) return null;
  const rendered = render(template, { severity });
  const present = sectionsOf(body).slice(0, MOST_HEADINGS);
  const missing = splitSections(rendered).filter(
    (part) => !present.some(({ title }) => sameHeading(title, part.title)),
  );
  if (missing.length === 0) return null;
  const added = missing.map((part) => part.text).join("\n\n");
  const result = `${body}${gapAfter(body)}${TEMPLATE_MARKER}\n${added}\n`;
  return result.length <= MAX_BODY_CHARACTERS ? result : null;
}

/** Whatever it takes to leave an empty line between the author's text and ours. */
function gapAfter(body: string): string {
  if (body.trim() === "" || /\n\r?\n$/.test(body)) return "";
  return body.endsWith("\n") ? "\n" : "\n\n";
}

/** The template cut at its headings of the first level it uses. */
function splitSections(markdown: string): readonly { readonly title: string; readonly text: string }[] {
  const sections = sectionsOf(markdown);
  const top = Math.min(...sections.map((section) => section.depth));
  const starts = sections.filter((section) => section.depth === top);
  const lines = markdown.split("\n");
  return starts.map((section, at) => {
    const end = starts[at + 1]?.line ?? lines.length + 1;
    return {
      title: section.title,
      text: lines
        .slice(section.line - 1, end - 1)
        .join("\n")
        .trim(),
    };
  });
}
