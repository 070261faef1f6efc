import type { Reference } from "../model.ts";
import { withTextAboveDashes } from "./text-above-dashes.ts";
import { textLines } from "./text-lines.ts";

/** A mention of an issue or pull request in a text. */
export interface PlainReference extends Reference {
  /** As written. */
  readonly matched: string;
  /** Where it starts in the text, in UTF-16 code units. */
  readonly index: number;
}

/** A mention that closes the issue when it reaches the default branch. */
export interface ClosingReference {
  readonly reference: Reference;
  /** As written, without the colon: `Fixes`. */
  readonly keyword: string;
  /** Keyword and mention as written: `Fixes: #12`. */
  readonly matched: string;
  /** Where `matched` starts in the text, in UTF-16 code units. */
  readonly index: number;
}

/**
 * A mention: `#12`, `owner/repo#12`, `GH-12`, or the address of an issue or pull request.
 *
 * Source: GitHub docs, "Autolinked references and URLs". Login and repository grammar: letters, digits, hyphens (and
 * `_` in managed users' names); repository names also `.` and `_`.
 */
const MENTION_PARTS = {
  url: String.raw`https?:\/\/(?<host>[\w.-]{1,253}(?::\d{1,5})?)\/(?<urlOwner>[\w-]{1,39})\/(?<urlName>[\w.-]{1,100})\/(?:issues|pull)\/(?<urlNumber>\d{1,10})(?![\w])`,
  qualified: String.raw`(?:(?<owner>[A-Za-z0-9][\w-]{0,38})\/(?<name>[\w.-]{1,100}))?#(?<number>\d{1,10})(?!\w)`,
  gh: String.raw`GH-(?<ghNumber>\d{1,10})(?!\w)`,
};

const MENTION = `(?:${MENTION_PARTS.url}|${MENTION_PARTS.qualified}|${MENTION_PARTS.gh})`;
/** Not in the middle of a word, a path or an HTML entity (`&#12;`). */
const NOT_INSIDE = String.raw`(?<![\w./&#-])`;

/**
 * The nine keywords, an optional colon, white space, one mention.
 *
 * Source: GitHub docs, "Linking a pull request to an issue". A line break between the two counts.
 */
const CLOSING = String.raw`(?<![A-Za-z0-9_])(?<keyword>close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[^\S\n]{0,20}(?:\n[^\S\n]{0,20})?(?<=[:\s])${MENTION}`;

/**
 * Every mention that closes an issue, in order, duplicates included.
 *
 * The text is scanned raw, as GitHub scans commit messages: backticks, quotes and HTML comments offer no protection,
 * and "does not fix #12" closes. A pull request's title and body become a commit message when it is squashed, so the
 * same applies there. Each issue needs a keyword of its own: `Fixes #1, #2` closes #1. `GH-12` counts as closing
 * although GitHub's docs leave that open: one word too many in a check costs an edit, one too few closes an incident.
 *
 * What counts where: commit messages always, once they reach the default branch; title and body only when the base
 * is the default branch. The caller knows the base.
 *
 * @param repositoryFullName `owner/name` of the repository the text belongs to; its own issues get `repository: null`
 * @param host               where the addresses of issues point; GitHub Enterprise Server has its own
 *
 * (A-084, A-086, A-087)
 */
export function closingReferences(
  text: string,
  repositoryFullName: string,
  host = "github.com",
): readonly ClosingReference[] {
  const found: ClosingReference[] = [];
  for (const match of text.matchAll(new RegExp(CLOSING, "gi"))) {
    const reference = toReference(match.groups!, repositoryFullName, host);
    if (reference === null) continue;
    found.push({ reference, keyword: match.groups!["keyword"]!, matched: match[0], index: match.index });
  }
  return found;
}

/**
 * Every mention of an issue or pull request, closing or not, in order, duplicates included. The text is scanned raw.
 *
 * @param repositoryFullName `owner/name` of the repository the text belongs to; its own issues get `repository: null`
 * @param host               where the addresses of issues point
 */
export function plainReferences(
  text: string,
  repositoryFullName: string,
  host = "github.com",
): readonly PlainReference[] {
  const found: PlainReference[] = [];
  for (const match of text.matchAll(new RegExp(NOT_INSIDE + MENTION, "gi"))) {
    const reference = toReference(match.groups!, repositoryFullName, host);
    if (reference !== null) found.push({ ...reference, matched: match[0], index: match.index });
  }
  return found;
}

/** An issue named on a line of its own, `Incident: #12` or `Post-mortem: #13`. */
export interface NamedIssue {
  readonly kind: "incident" | "post-mortem";
  readonly reference: Reference;
}

/**
 * The issues that `Incident:` and `Post-mortem:` lines of a body name, in order, each once.
 *
 * A line may be a list item, its label may be bold (`- **Incident:** #12`), and it may name several. Lines inside
 * code, block quotes and HTML comments do not count.
 */
export function namedIncidents(body: string, repositoryFullName: string, host = "github.com"): readonly NamedIssue[] {
  const label = /^[\s*_]*(?:[-+*]\s+|\d{1,9}[.)]\s+)?[*_]{0,3}(incident|post-?mortem)[*_]{0,3}\s?:/i;
  const found = new Map<string, NamedIssue>();
  // Nobody gives a section such a name: dashes below such a line are a rule.
  const meant = withTextAboveDashes(body, () => false);
  for (const { raw, text } of textLines(meant, (line) => label.test(line))) {
    const kind = label.exec(raw)![1]!.toLowerCase() === "incident" ? "incident" : "post-mortem";
    for (const { repository, number } of plainReferences(text, repositoryFullName, host)) {
      const id = `${kind} ${repository?.toLowerCase() ?? ""}#${number}`;
      if (!found.has(id)) found.set(id, { kind, reference: { repository, number } });
    }
  }
  return [...found.values()];
}

function toReference(
  groups: Readonly<Record<string, string | undefined>>,
  repositoryFullName: string,
  host: string,
): Reference | null {
  const number = Number(groups["urlNumber"] ?? groups["number"] ?? groups["ghNumber"]);
  if (number === 0) return null;
  if (groups["host"] !== undefined && groups["host"].replace(/^www\./i, "").toLowerCase() !== host.toLowerCase()) {
    return null;
  }
  const owner = groups["urlOwner"] ?? groups["owner"];
  if (owner === undefined) return { repository: null, number };
  const repository = `${owner}/${groups["urlName"] ?? groups["name"]}`;
  return { repository: repository.toLowerCase() === repositoryFullName.toLowerCase() ? null : repository, number };
}
