import { MAX_BODY_LENGTH } from "../markdown/parse-document.ts";
import { textLines } from "../markdown/text-lines.ts";
import type { ChangedFile, Instant, PullRequestFacts } from "../model.ts";

/** How many suspects are shown. */
export const MOST_SUSPECTS = 10;
/** How many of the files that an incident names are compared. */
const MOST_NAMED_FILES = 20;

/** The last state believed to have worked, and how that is known. */
export interface KnownGood {
  /** `said`: somebody said so with `/good`. */
  readonly kind: "said" | "deployment" | "release" | "green-branch";
  /** The tag, environment or branch people know it by. */
  readonly name: string;
  readonly sha: string;
  /** When its commit was made: what was merged later is not in it. */
  readonly at: Instant;
}

/** A merged pull request, and what it changes if that was read. */
export interface MergedChange {
  readonly pullRequest: PullRequestFacts;
  readonly files: readonly ChangedFile[];
}

/** A pull request that may be the cause; `touches`: files named in the incident that it changes. */
export interface Suspect {
  readonly pullRequest: PullRequestFacts;
  readonly touches: readonly string[];
}

/** What `/suspects` is answered from, read now. */
export interface SuspectFacts {
  /** `null`: none is known, and the last seven days are looked at. */
  readonly good: KnownGood | null;
  readonly merged: readonly MergedChange[];
  /** More was merged, or may have been, than was looked at. */
  readonly isCut: boolean;
}

/** What was read since the state that `/good` named, or since the one that was found where it named none; `null`: nothing was. */
export function suspectsSince(
  read: readonly SuspectFacts[],
  said: { readonly sha: string } | null,
): SuspectFacts | null {
  const isSince = ({ good }: SuspectFacts) => (good?.kind === "said" ? good.sha : null) === (said?.sha ?? null);
  return read.find(isSince) ?? null;
}

/**
 * Suspects: what was merged into the default branch since the last known good state. Those that touch a file named in
 * the incident come first, then the newest; at most ten.
 */
export function suspectsOf(facts: SuspectFacts, named: readonly string[]): readonly Suspect[] {
  return facts.merged
    .map(({ pullRequest, files }) => ({ pullRequest, touches: touched(files, named) }))
    .toSorted(
      (a, b) =>
        Math.sign(b.touches.length) - Math.sign(a.touches.length) ||
        (b.pullRequest.mergedAt ?? 0) - (a.pullRequest.mergedAt ?? 0) ||
        b.pullRequest.number - a.pullRequest.number,
    )
    .slice(0, MOST_SUSPECTS);
}

/**
 * The files that an incident names: words with a folder or an extension, in its title, its text and its code (a stack
 * trace), without line numbers. HTML comments do not count.
 */
export function namedFiles(issue: { readonly title: string; readonly body: string }): readonly string[] {
  const visible = textLines(issue.body).map((line) => line.text);
  const code = issue.body
    .slice(0, MAX_BODY_LENGTH)
    .split("```")
    .flatMap((part, at) => (at % 2 === 1 ? [withoutInfo(part)] : spansIn(part)));
  const found = new Set<string>();
  for (const text of [issue.title, ...visible, ...code]) {
    const paths = text
      .slice(0, 20_000)
      .matchAll(/(?<![\w./:@-])(?:\.?\/)?((?:[\w.@-]{1,100}\/){0,15}[\w@-][\w.@-]{0,99}\.[A-Za-z]\w{0,9})(?![\w/])/g);
    for (const [, path = ""] of paths)
      if (path.includes("/") || /\.(?!com|org|net|io|dev)\w+$/i.test(path)) found.add(path);
  }
  return [...found].slice(0, MOST_NAMED_FILES);
}

/** What is inside a fence, without the words after the three backticks that open it. */
function withoutInfo(fence: string): string {
  return fence.slice(fence.indexOf("\n") + 1);
}

function spansIn(text: string): readonly string[] {
  return [...text.matchAll(/`([^`\n]{1,300})`/g)].map(([, span = ""]) => span);
}

/**
 * Whether a name in an incident means a path: it may have less in front (`cart.ts`) or more (`/app/src/cart.ts`) than
 * the path in the repository.
 */
export function isNamed(path: string, name: string): boolean {
  return path === name || path.endsWith(`/${name}`) || (path.includes("/") && name.endsWith(`/${path}`));
}

/**
 * The paths that any of the names mean. There are as many paths as the repository has, so each is compared by its last
 * part first.
 */
export function pathsNamed(paths: readonly string[], names: readonly string[]): readonly string[] {
  const byFile = new Map<string, string[]>();
  for (const name of names) byFile.set(lastPart(name), [...(byFile.get(lastPart(name)) ?? []), name]);
  return paths.filter((path) => byFile.get(lastPart(path))?.some((name) => isNamed(path, name)) === true);
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function touched(files: readonly ChangedFile[], named: readonly string[]): readonly string[] {
  return pathsNamed(
    files.map(({ path }) => path),
    named,
  );
}
