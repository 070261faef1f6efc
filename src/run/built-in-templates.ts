import { readFileSync } from "node:fs";
import type { TemplateSources } from "../core/observation.ts";

/** The templates that come with Sevgate, in `templates/`. */
export function builtInTemplates(): TemplateSources {
  return {
    incident: [readTemplate("incident.md")],
    postMortem: [readTemplate("post-mortem.md")],
    postMortemFor: new Map(),
    status: [readTemplate("status.md")],
    problems: [],
  };
}

function readTemplate(name: string): string {
  return readFileSync(new URL(`../../templates/${name}`, import.meta.url), "utf8");
}
