import type { RunsIn } from "../policy/runs-in.ts";

/** What somebody may choose an incident to need before it closes: as the policy writes it, and in words. */
export const CLOSE_CHOICES = [
  { requires: "{ any-of: [post-mortem, runbook-pr] }", words: "a post-mortem, or a pull request for a runbook" },
  { requires: "post-mortem", words: "a post-mortem" },
  { requires: "fix-merged", words: "a merged fix" },
  { requires: "[]", words: "nothing" },
] as const;

/** What somebody answers about the policy. */
export interface PolicyAnswers {
  /** Of the severities, most severe first; `null`: those of the template. */
  readonly labels: readonly string[] | null;
  readonly requires: (typeof CLOSE_CHOICES)[number]["requires"];
  readonly runsIn: RunsIn;
}

const SEVERITIES = /^severities:\n((?: {2,}.*\n)+)/m;
const SEVERITY = /^ {2}\S+:\n(?: {4,}.*\n)+/gm;
const REQUIRES = /^( {4}close-requires: ).*$/gm;

/**
 * The commented policy of `templates/github/sevgate.yml` with these answers. More severities than it has are like its last;
 * with its own answers it stays as it is, letter by letter.
 */
export function setupPolicy(template: string, { labels, requires, runsIn }: PolicyAnswers): string {
  const ran = template.replace(/^runs-in: server/m, `runs-in: ${runsIn}`);
  return ran.replace(SEVERITIES, (_, block: string) => {
    const own = block.match(SEVERITY) ?? [];
    const last = own.at(-1) ?? "";
    const wanted =
      labels === null
        ? own
        : labels.map((label, at) =>
            (own[at] ?? last)
              .replace(/^ {2}\S+:/, () => `  P${at}:`)
              .replace(/^( {4}label: ).*$/m, (_line, key: string) => `${key}${yamlText(label)}`),
          );
    return `severities:\n${wanted.join("").replace(REQUIRES, (_line, key: string) => `${key}${requires}`)}`;
  });
}

/** A text as YAML takes it, in quotes where it needs them. JSON is YAML. */
export function yamlText(text: string): string {
  return /^[a-z][\w/-]*(?::[\w/-]+)*$/i.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
