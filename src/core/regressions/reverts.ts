import { plainReferences } from "../markdown/references.ts";

/** How much of the text before a mention is searched for the word that makes it a revert. */
const WORD_BEFORE = 32;

/**
 * The pull requests of its own repository that a pull request says it reverts, each once; the one rule, for hints and
 * gate alike.
 *
 * GitHub's revert button writes the title `Revert "title"` and the line `Reverts owner/repo#n` (GitHub docs, "Reverting
 * a pull request"). What counts: each mention on a line that begins with `Reverts`, and a mention right after that word
 * anywhere; if there is neither and the title begins with `Revert`, every number in the body counts.
 *
 * @param repositoryFullName `owner/name` of the repository the pull request belongs to
 * @param host               where the addresses of pull requests point; GitHub Enterprise Server has its own
 */
export function revertedNumbers(
  pullRequest: { readonly title: string; readonly body: string },
  repositoryFullName: string,
  host: string,
): readonly number[] {
  const { title, body } = pullRequest;
  const own = (text: string) =>
    plainReferences(text, repositoryFullName, host).filter((one) => one.repository === null);
  const named = body.split("\n").flatMap((line) => {
    const begins = /^\s*reverts\b/i.test(line);
    return own(line).filter(
      ({ index }) => begins || /\breverts\s+$/i.test(line.slice(Math.max(0, index - WORD_BEFORE), index)),
    );
  });
  const found = named.length > 0 || !/^revert\b/i.test(title) ? named : own(body);
  return [...new Set(found.map(({ number }) => number))];
}
