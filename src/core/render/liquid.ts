import { Liquid } from "liquidjs";
import type { TemplateSource } from "../observation.ts";

/**
 * Liquid without the network, the file system or loops without end: templates come from the repository's default
 * branch, so they are its maintainers' own, and still a slip in one must not hold an incident up.
 */
const engine = new Liquid({
  ownPropertyOnly: true,
  strictFilters: true,
  relativeReference: false,
  templates: {},
  cache: 200,
  parseLimit: 65_536,
  renderLimit: 250,
  memoryLimit: 4_000_000,
});

/** Says what is wrong with a template, in one line; `null`: nothing. */
export function templateProblem(source: string): string | null {
  try {
    engine.parse(source);
    return null;
  } catch (error) {
    return (error as Error).message.split("\n")[0] ?? "cannot be parsed";
  }
}

/**
 * Renders the first source that renders. Values are inserted as they are: escape them first (core/markdown/escape.ts).
 * The last source is the built-in one: no time limit, or a busy machine would keep an incident from being told.
 *
 * @throws Error when even the built-in source fails, which the tests exclude
 */
export function render(sources: TemplateSource, values: object): string {
  let failure: unknown;
  for (const [at, source] of sources.entries()) {
    const limits = at === sources.length - 1 ? { renderLimit: Number.POSITIVE_INFINITY } : {};
    try {
      const text: string = engine.parseAndRenderSync(source, values, limits);
      return text.replace(/\n{3,}/g, "\n\n").trim();
    } catch (error) {
      failure = error;
    }
  }
  throw new Error("no template renders", { cause: failure });
}
