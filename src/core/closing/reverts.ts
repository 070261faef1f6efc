import { plainReferences } from "./keywords.ts";

/**
 * The pull requests of its own repository that a pull request says it reverts, each once.
 *
 * GitHub's revert button writes the title `Revert "title"` and the line `Reverts owner/repo#n` (GitHub docs, "Reverting
 * a pull request"); where the line is missing, such a title makes every number in the body one.
 */
export function revertedNumbers(
  pullRequest: { readonly title: string; readonly body: string },
  repositoryFullName: string,
  host: string,
): readonly number[] {
  const { title, body } = pullRequest;
  const own = (text: string) =>
    plainReferences(text, repositoryFullName, host).flatMap((one) => (one.repository === null ? [one.number] : []));
  const lines = body.split("\n").filter((line) => /^\s*reverts\b/i.test(line));
  const named = own(lines.join("\n"));
  if (named.length > 0 || !/^revert\b/i.test(title)) return [...new Set(named)];
  return [...new Set(own(body))];
}
