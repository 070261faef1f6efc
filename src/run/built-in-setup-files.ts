import { readdirSync, readFileSync } from "node:fs";
import type { SetupFile } from "../core/plan/plan-onboarding.ts";

const FOLDER = new URL("../../templates/github/", import.meta.url);

/** The files a repository starts with, as they come with Sevgate: the policy, the issue forms, the post-mortem's template. */
export function builtInSetupFiles(): readonly SetupFile[] {
  const forms = readdirSync(new URL("ISSUE_TEMPLATE/", FOLDER)).toSorted();
  return ["sevgate.yml", ...forms.map((name) => `ISSUE_TEMPLATE/${name}`)].map((name) => ({
    path: `.github/${name}`,
    text: readSetupFile(name),
  }));
}

/** One of them, by its path in templates/github/. */
export function readSetupFile(name: string): string {
  return readFileSync(new URL(name, FOLDER), "utf8");
}
