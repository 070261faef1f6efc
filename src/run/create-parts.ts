import { readFileSync } from "node:fs";
import type { Logger } from "pino";
import type { TemplateSources } from "../core/observation.ts";
import { createReconciler } from "../reconcile.ts";
import { createGitHub } from "../systems/github/create-github.ts";
import { createSlack } from "../systems/slack/create-slack.ts";
import type { SevgateParts } from "./run-sevgate.ts";

/** The parts of the real server: GitHub's adapter, and the loop with the built-in templates. */
export function createParts(log: Logger): SevgateParts {
  return {
    log,
    createGitHub,
    createSlack,
    createPass: (parts) => createReconciler({ ...parts, templates: builtInTemplates() }),
  };
}

/** `templates/`, as it comes with Sevgate. */
function builtInTemplates(): TemplateSources {
  return {
    incident: [readTemplate("incident.md")],
    postMortem: [readTemplate("post-mortem.md")],
    status: [readTemplate("status.md")],
  };
}

function readTemplate(name: string): string {
  return readFileSync(new URL(`../../templates/${name}`, import.meta.url), "utf8");
}
