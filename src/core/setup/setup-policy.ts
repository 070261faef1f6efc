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

/**
 * The commented policy of `templates/github/sevgate.yml` with these answers. More severities than it has are like its last;
 * with its own answers it stays as it is, letter by letter.
 */
export function setupPolicy(template: string, { labels, requires, runsIn }: PolicyAnswers): string {
  const lines = template.split("\n");
  const begin = lines.indexOf("severities:") + 1;
  const end = lines.indexOf("", begin);
  const own = severitiesIn(lines.slice(begin, end));
  const wanted =
    labels === null ? own : labels.map((label, at) => severityLike(own[at] ?? own.at(-1) ?? [], at, label));
  return [
    ...lines.slice(0, begin).map((line) => line.replace(/^runs-in: server/, `runs-in: ${runsIn}`)),
    ...wanted.flat().map((line) => withValue(line, "    close-requires: ", requires)),
    ...lines.slice(end),
  ].join("\n");
}

/** The lines of each severity: its name, and what is indented more. */
function severitiesIn(lines: readonly string[]): readonly (readonly string[])[] {
  const severities: string[][] = [];
  for (const line of lines) {
    if (/^ {2}\S/.test(line)) severities.push([line]);
    else severities.at(-1)?.push(line);
  }
  return severities;
}

function severityLike(lines: readonly string[], at: number, label: string): readonly string[] {
  return [`  P${at}:`, ...lines.slice(1).map((line) => withValue(line, "    label: ", yamlText(label)))];
}

function withValue(line: string, key: string, value: string): string {
  return line.startsWith(key) ? key + value : line;
}

/** A text as YAML takes it, in quotes where it needs them. JSON is YAML. */
export function yamlText(text: string): string {
  return /^[a-z][\w/-]*(?::[\w/-]+)*$/i.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
