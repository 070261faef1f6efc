import { readdirSync, readFileSync } from "node:fs";
import type { SetupFile } from "../core/setup/setup-file.ts";

const FOLDER = new URL("../../templates/", import.meta.url);

/** The files a repository starts with, as they come with Sevgate: the policy, the issue forms, the post-mortem's template. */
export function builtInSetupFiles(): readonly SetupFile[] {
  const forms = readdirSync(new URL("github/ISSUE_TEMPLATE/", FOLDER)).toSorted();
  return ["sevgate.yml", ...forms.map((name) => `ISSUE_TEMPLATE/${name}`)].map((name) => ({
    path: `.github/${name}`,
    text: readSetupTemplate(`github/${name}`),
  }));
}

/** A file by its path in templates/. */
export function readSetupTemplate(name: string): string {
  return readFileSync(new URL(name, FOLDER), "utf8");
}
