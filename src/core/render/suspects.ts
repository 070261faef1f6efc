import type { Saying } from "../judge/saying.ts";
import { codeSpan, person, plain, shorten } from "../markdown/escape.ts";
import type { RevertRefusal } from "../observation.ts";
import type { KnownGood, Suspect } from "../regressions/suspects.ts";
import type { UndoRange } from "../regressions/undo-range.ts";
import { utc } from "../words/time.ts";

const FILES_SHOWN = 3;

const KIND_WORDS: Readonly<Record<KnownGood["kind"], string>> = {
  said: "said here",
  deployment: "the last deployment that worked",
  // Not the most recently published one (A-105; GitHub REST, "Get the latest release").
  release: "the release whose commit is the newest, drafts and pre-releases aside",
  "green-branch": "the last commit with green checks",
};

/** The answer to `/suspects`: what it is based on, which changes may be the cause, and the next step. */
export function suspectsText(good: KnownGood | null, suspects: readonly Suspect[], isCut: boolean): string {
  const since =
    good === null
      ? "No known good state was found, so these are of the last seven days (`/good VERSION` says better)"
      : `Last known good: ${goodName(good)}, ${KIND_WORDS[good.kind]}, of ${utc(good.at)}`;
  if (suspects.length === 0 && isCut) {
    return `${since}. Too many pull requests have changed since, and none of those I looked at was merged: not all were looked at. A newer version says better: \`/good VERSION\`.`;
  }
  if (suspects.length === 0) {
    return `${since}. Nothing was merged into the default branch since, so a change elsewhere is likelier: configuration, data, something you depend on.`;
  }
  const touching = suspects.some((one) => one.touches.length > 0);
  const order = touching ? "those that touch files named here first, then the newest" : "newest first";
  return [
    `${since}. Merged since, ${order}:`,
    "",
    ...suspects.map(suspectLine),
    ...(isCut
      ? ["", "Not all were looked at: there are more than these. A newer version says better: `/good VERSION`."]
      : []),
    "",
    `To revert one: \`/revert #${suspects[0]?.pullRequest.number ?? 0}\` opens the pull request. Another last good version: \`/good VERSION\`.`,
  ].join("\n");
}

/** `v1.4.2 (1f0c9a7)`, for use in a line. */
export function goodName({ name, sha }: Pick<KnownGood, "name" | "sha">): string {
  const short = sha.slice(0, 7);
  return name.startsWith(short) ? codeSpan(short) : `${codeSpan(name)} (${codeSpan(short)})`;
}

function suspectLine({ pullRequest, touches }: Suspect): string {
  const { number, url, title, author, mergedAt } = pullRequest;
  const merged = mergedAt === null ? "" : `, merged ${utc(mergedAt)}`;
  const files = touches.slice(0, FILES_SHOWN).map(codeSpan).join(", ");
  const more = touches.length > FILES_SHOWN ? ` and ${touches.length - FILES_SHOWN} more` : "";
  const touching = files === "" ? "" : `; touches ${files}${more}`;
  return `- [#${number}](${url}) ${plain(title, 120)}, by ${person(author?.login ?? null)}${merged}${touching}`;
}

/** Why there is no revert, and how to make one by hand. What people copy contains nothing invisible (decision 27). */
export function cannotRevertText(saying: Extract<Saying, { kind: "cannot-revert" }>): string {
  const { number, why, mergeSha, defaultBranch, incident } = saying;
  const branch = `revert-${number}`;
  return [
    `Revert #${number} by hand, as I could not. ${refusalWords(why).replace(/\.*$/, ".")}`,
    "",
    "```sh",
    "git fetch origin",
    `git switch -c ${branch} ${shellWord(`origin/${defaultBranch}`)}`,
    `git revert ${revertArguments(why?.undo ?? null, mergeSha)}`,
    ...(why !== null && why.changed.length > 0
      ? ["# settle what conflicts, git add it, then: git revert --continue"]
      : []),
    `git push -u origin ${branch}`,
    "```",
    "",
    `Write \`Refs #${incident}\` into the pull request, and no closing word.`,
  ].join("\n");
}

function refusalWords(why: RevertRefusal | null): string {
  if (why === null) return "This server has no way for an app to do it";
  const named =
    why.changed.length === 0 ? "" : `: ${why.changed.map((path) => codeSpan(shorten(path, 120))).join(", ")}`;
  return `${why.by === "github" ? "GitHub says: " : ""}${plain(why.refused, 160)}${named}`;
}

/** The arguments of `git revert`. */
function revertArguments(undo: UndoRange | null, mergeSha: string | null): string {
  const isSha = (text: string | null) => text !== null && /^[0-9a-f]{7,64}$/.test(text);
  if (undo === null || !isSha(undo.sha) || !isSha(undo.before)) {
    return `${isSha(mergeSha) ? mergeSha : "<its merge commit>"}   # -m 1 behind revert, if it is a merge commit`;
  }
  if (undo.kind === "merge") return `-m 1 ${undo.sha}`;
  return undo.kind === "commit" ? undo.sha : `${undo.before}..${undo.sha}`;
}

/** The name of a branch, safe in a shell command and in a fence. */
function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : "origin/HEAD";
}
