import type { Logger } from "pino";
import { createReconciler } from "../reconcile.ts";
import { createGitHub } from "../systems/github/create-github.ts";
import { builtInSetupFiles } from "./built-in-setup-files.ts";
import { builtInTemplates } from "./built-in-templates.ts";
import type { SevgateParts } from "./run-sevgate.ts";

/** The parts of the real server: GitHub's adapter, and the loop with the built-in templates. */
export function createParts(log: Logger): SevgateParts {
  return {
    log,
    createGitHub,
    // Slack's client is loaded only where there is a token for it.
    createSlack: async (options) => (await import("../systems/slack/create-slack.ts")).createSlack(options),
    createPass: ({ onboarding, ...parts }) =>
      createReconciler({
        ...parts,
        templates: builtInTemplates(),
        onboarding: onboarding ? builtInSetupFiles() : null,
      }),
  };
}
