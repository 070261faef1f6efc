import { sameHeading } from "../markdown/heading-names.ts";
import { type Section, sectionsOf } from "../markdown/sections.ts";
import type { TemplateSource } from "../observation.ts";
import { render } from "./liquid.ts";

/** GitHub allows 65,536 characters in a body. */
const MAX_BODY_CHARACTERS = 65_000;

/** How many headings of an issue are looked at; people write a handful. */
const MOST_HEADINGS = 200;

/** Stands between the author's text and ours. */
const TEMPLATE_MARKER = "<!-- sevgate:template -->";

/**
 * The body with what the template has and it lacks appended below the author's own text, of which not a byte is
 * changed. `null`: nothing is missing, it was done before, or it would not fit.
 *
 * A template with headings gives the sections that are missing; one without gives its lines, unless the body already
 * answers under a heading, as a filled issue form does.
 */
export function withTemplate(body: string, template: TemplateSource, severity: string): string | null {
  // By the marker and not by the sections: below a code block that is never closed, they are no longer sections.
  if (body.includes(TEMPLATE_MARKER)) return null;
  const rendered = render(template, { severity });
  const present = sectionsOf(body).slice(0, MOST_HEADINGS);
  const added =
    sectionsOf(rendered).length > 0 ? missingSections(present, rendered) : missingLines(present, body, rendered);
  if (added === "") return null;
  const result = `${body}${gapAfter(body)}${TEMPLATE_MARKER}\n${added}\n`;
  return result.length <= MAX_BODY_CHARACTERS ? result : null;
}

function missingSections(present: readonly Section[], rendered: string): string {
  return splitSections(rendered)
    .filter((part) => !present.some(({ title }) => sameHeading(title, part.title)))
    .map((part) => part.text)
    .join("\n\n");
}

/** A line in bold up to its colon names what it is about: it is left out where the body has that name already. */
function missingLines(present: readonly Section[], body: string, rendered: string): string {
  if (present.some(({ text }) => text !== "")) return "";
  const lines = rendered.split("\n").filter((line) => {
    const name = /^\*\*[^*]+:\*\*/.exec(line)?.[0];
    return name === undefined || !body.includes(name);
  });
  return lines.join("\n").trim();
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
