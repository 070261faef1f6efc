import type { StepLimit } from "../step-limit.ts";

/**
 * The globs of the policy: `*` is any text within a folder name, `**` any number of folders, `?` one character.
 *
 * Deliberately no more than that. Anybody can open a pull request with a file name of their choosing, so matching has
 * to be bounded: as measured, the regular expression that picomatch makes of `*a*a*a*b` needs 42 s for one name of
 * 1,024 letters. The matcher here only ever goes back to the last star, so its time is at most the product of the two
 * lengths.
 */

/** Longest glob, in characters. */
export const LONGEST_GLOB_CHARACTERS = 200;
/** The most stars (`*` or `**`) a glob may have. */
export const MOST_GLOB_STARS = 4;

/** Why `glob` cannot be used, with the remedy; `null` if it can. */
export function globProblem(glob: string): string | null {
  const folders = glob.split("/");
  if (glob.length === 0) return 'is empty: write a path such as "runbooks/**/*.md"';
  if (glob.length > LONGEST_GLOB_CHARACTERS) return `is too long: at most ${LONGEST_GLOB_CHARACTERS} characters`;
  if (glob.startsWith("/")) return "starts with a slash: paths are relative to the root of the repository";
  if (glob.startsWith("!")) return "starts with !: list what counts, nothing can be taken out again";
  if (/[\\{}[\]()]/.test(glob)) return "may use only * and ? and **: write one line for each case";
  if (folders.includes("")) return "has an empty folder name: write one slash between names, and none at the end";
  if (folders.includes(".") || folders.includes("..")) return "may not go through . or ..: write the path itself";
  if (folders.some((folder) => folder.includes("**") && folder !== "**")) {
    return "has ** next to other text: ** stands alone between slashes, as in docs/**/*.md";
  }
  if ((glob.match(/\*+/g) ?? []).length > MOST_GLOB_STARS) return `has too many stars: at most ${MOST_GLOB_STARS}`;
  return null;
}

/**
 * Says whether `path` is matched by one of the globs.
 *
 * @param globs as `globProblem` accepts them
 * @param path  as git names it: relative, with `/` between folders; files that start with a dot are like any others
 * @param limit shared by many globs or paths; once it is used up, nothing more matches
 */
export function matchesAny(globs: readonly string[], path: string, limit: StepLimit | null = null): boolean {
  const folders = path.split("/");
  const matchesName = (pattern: string, name: string) =>
    matchesSequence(pattern, name, "*", (wanted, letter) => wanted === "?" || wanted === letter, limit);
  return globs.some((glob) => matchesSequence(foldersOf(glob), folders, "**", matchesName, limit));
}

/** `docs/**` is everything in the folder, not a file of that name: the last `**` needs one more name. */
function foldersOf(glob: string): readonly string[] {
  const folders = glob.split("/");
  return folders.at(-1) === "**" ? [...folders, "*"] : folders;
}

/** Wildcard matching that retries the last star and never an earlier one: taking the shortest match loses nothing. */
function matchesSequence(
  pattern: ArrayLike<string>,
  items: ArrayLike<string>,
  star: string,
  matchesOne: (wanted: string, item: string) => boolean,
  limit: StepLimit | null,
): boolean {
  let at = 0;
  let item = 0;
  let afterStar = -1;
  let starTookUpTo = 0;
  while (item < items.length) {
    if (limit?.take() === false) return false;
    if (at < pattern.length && pattern[at] === star) {
      at += 1;
      afterStar = at;
      starTookUpTo = item;
    } else if (at < pattern.length && matchesOne(pattern[at]!, items[item]!)) {
      at += 1;
      item += 1;
    } else if (afterStar >= 0) {
      starTookUpTo += 1;
      at = afterStar;
      item = starTookUpTo;
    } else {
      return false;
    }
  }
  while (at < pattern.length && pattern[at] === star) at += 1;
  return at === pattern.length;
}
