import { codeSpan, plain } from "../markdown/escape.ts";
import type { TemplateProblem } from "../observation.ts";

/** Templates of the repository itself. */
export const TEMPLATES_PATH = ".github/sevgate/templates";

/** Says that a template of the repository is not used, why, and what is used instead. */
export function templateNotice({ file, message }: TemplateProblem): string {
  return `${codeSpan(file)} on the default branch cannot be used: it ${plain(message, 400)}. The built-in template is used until it is fixed.`;
}
