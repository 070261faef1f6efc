import { matchesAny } from "../policy/glob.ts";
import { StepLimit } from "../step-limit.ts";
import { withoutEnd } from "../without-end.ts";

/** Where GitHub looks for the file; the first that exists counts (GitHub docs, "About code owners"). */
export const CODE_OWNERS_PATHS = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"] as const;
/** The most lines read; GitHub ignores a file of more than 3 MB. */
const MOST_LINES = 5_000;
const LONGEST_LINE_CHARACTERS = 1_000;
/** The most steps for matching one path with the patterns of a file. A file of 5,000 ordinary lines takes a tenth of it. */
const MOST_STEPS = 2_000_000;

/** An owner: a login, or a team as `organization/team`. E-mail addresses are not owners here. */
export interface CodeOwner {
  readonly name: string;
  readonly isTeam: boolean;
}

/**
 * The owners of a path according to a CODEOWNERS file: those of the last line that matches. None if that line names
 * none, or if the patterns take more steps than they may: then nobody knows which line is the last.
 *
 * Patterns are those of gitignore, without `!`, `[ ]` and `\#`, and `docs/*` is only what is directly in the folder
 * (GitHub docs, "About code owners").
 */
export function codeOwnersOf(file: string, path: string): readonly CodeOwner[] {
  let owners: readonly CodeOwner[] = [];
  const limit = new StepLimit(MOST_STEPS);
  for (const line of file.split(/\r\n?|\n/, MOST_LINES)) {
    const [pattern = "", ...names] = line
      .slice(0, LONGEST_LINE_CHARACTERS)
      .split(/(?:^|\s)#/, 1)[0]!
      .trim()
      .split(/(?<!\\)\s+/);
    if (pattern === "" || !matchesAny(globsOf(pattern.replaceAll("\\ ", " ")), path, limit)) continue;
    owners = names.flatMap((name) => {
      const owner = /^@([\w-]{1,39}(?:\/[\w.-]{1,100})?)$/.exec(name)?.[1];
      return owner === undefined ? [] : [{ name: owner, isTeam: owner.includes("/") }];
    });
  }
  return limit.isUsedUp ? [] : owners;
}

/** A pattern as globs of the policy (core/policy/glob.ts); none for a pattern GitHub does not accept. */
function globsOf(pattern: string): readonly string[] {
  if (/[!\\[\]]/.test(pattern)) return [];
  const inner = withoutEnd(pattern.replace(/^\/+/, ""), "/");
  if (inner === "") return pattern.startsWith("/") ? ["**"] : [];
  const isAnchored = pattern.startsWith("/") || inner.includes("/");
  // `**` next to other text is just two stars, which match within a name.
  const glob = inner
    .split("/")
    .map((folder) => (folder === "**" ? folder : folder.replace(/\*{2,}/g, "*")))
    .join("/");
  const base = isAnchored ? glob : `**/${glob}`;
  const isFolder = pattern.endsWith("/");
  // Directly in the folder, no deeper.
  if (/\/\*$/.test(inner) && !isFolder) return [base];
  return isFolder ? [`${base}/**`] : [base, `${base}/**`];
}
