import { editWithoutClosing } from "../markdown/edit-without-closing.ts";
import { mention, plain, titleText } from "../markdown/escape.ts";
import { closingReferences } from "../markdown/references.ts";
import { inDrill } from "../words/in-drill.ts";

/** GitHub allows 256 characters in a title. */
const MAX_TITLE_CHARACTERS = 200;

/** The title and body a revert is opened with. */
export interface RevertContent {
  readonly title: string;
  readonly body: string;
}

/** How the app finds the revert it opened for an incident if the answer to its creation gets lost. */
export function revertMarker(repositoryId: number, incident: number, pullRequest: number): string {
  return `<!-- sevgate:revert incident=${repositoryId}#${incident} pull=${pullRequest} -->`;
}

/**
 * Title and body of the pull request that reverts another one. The body mentions whoever asked for it, who wrote the
 * command: so they learn that it is there. They close nothing, whatever the first one's title said:
 * the incident is named with `Refs`, and the team decides when it is over.
 */
export function revertContent(
  given: {
    readonly pullRequest: { readonly number: number; readonly title: string };
    readonly incident: number;
    readonly by: string;
    readonly reason: string;
    /** Asked for in a drill. */
    readonly isDrill: boolean;
  },
  repository: { readonly id: number; readonly fullName: string; readonly host: string },
): RevertContent {
  const { pullRequest, incident, by, reason } = given;
  const named = `Revert "${withoutMentions(pullRequest.title)}"`;
  const title = titleText(inDrill(given.isDrill, named), MAX_TITLE_CHARACTERS);
  const why = reason === "" ? "" : `: ${plain(reason, 500)}`;
  return {
    title: withoutSkips(withoutKeywords(title, repository.fullName, repository.host)),
    body: [
      revertMarker(repository.id, incident, pullRequest.number),
      ...(given.isDrill ? [inDrill(true, "close this without merging it."), ""] : []),
      `Reverts ${repository.fullName}#${pullRequest.number}`,
      "",
      `Refs #${incident}`,
      "",
      `Asked for by ${mention(by)}${why}`,
    ].join("\n"),
  };
}

/**
 * Words in a commit message that keep workflows from running (GitHub docs, "Skipping workflow runs"), and those of
 * other CI systems.
 */
const SKIPS = /\[((?:skip|no|ci|actions)[ _-](?:ci|skip|actions))\]/gi;
const SKIPS_CHECKS = /skip-checks:/gi;

/** Whether a title, as a commit message, keeps workflows from running: required checks would be waited for in vain. */
export function skipsWorkflows(title: string): boolean {
  const shown = titleText(title, MAX_TITLE_CHARACTERS);
  return withoutSkips(shown) !== shown;
}

/** `[skip ci]` becomes `(skip ci)`. */
function withoutSkips(text: string): string {
  return text.replace(SKIPS, "($1)").replace(SKIPS_CHECKS, "skip-checks");
}

/** The title becomes a commit message, in which GitHub notifies whomever it names: `@octocat` becomes `octocat`. */
function withoutMentions(text: string): string {
  const isNameAt = (at: number) => /[A-Za-z0-9]/.test(text.charAt(at));
  return text.replace(/@+/g, (run, at: number) => {
    if (!isNameAt(at + run.length)) return run;
    return isNameAt(at - 1) ? "@" : "";
  });
}

/** `Fixes #12` becomes `Refs #12`, wherever it is. */
function withoutKeywords(text: string, fullName: string, host: string): string {
  let done = "";
  let at = 0;
  for (const { matched, index } of closingReferences(text, fullName, host)) {
    done += text.slice(at, index) + editWithoutClosing(matched);
    at = index + matched.length;
  }
  return done + text.slice(at);
}
