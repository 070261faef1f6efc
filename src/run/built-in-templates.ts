import { readFileSync } from "node:fs";
import type { TemplateSources } from "../core/observation.ts";

/** `templates/`, as it comes with Sevgate. */
export function builtInTemplates(): TemplateSources {
  return {
    incident: [readTemplate("incident.md")],
    postMortem: [readTemplate("post-mortem.md")],
    status: [readTemplate("status.md")],
    problems: [],
  };
}

function readTemplate(name: string): string {
  return readFileSync(new URL(`../../templates/${name}`, import.meta.url), "utf8");
}
