import { closingReferences, swapEdit } from "../closing/keywords.ts";
import { person, plain, titleText } from "../markdown/escape.ts";

/** GitHub takes 256 characters in a title. */
const MAX_TITLE_CHARACTERS = 200;
const MAX_ROUNDS = 10;

/** What a revert is opened with. */
export interface RevertContent {
  readonly title: string;
  readonly body: string;
}

/** How the app finds the revert it opened for an incident, should the answer to its creation get lost. */
export function revertMarker(repositoryId: number, incident: number, pullRequest: number): string {
  return `<!-- sevgate:revert incident=${repositoryId}#${incident} pull=${pullRequest} -->`;
}

/**
 * Title and body of the pull request that takes another one back. They close nothing, whatever the first one's title
 * said: the incident is named by `Refs`, and the team decides when it is over.
 */
export function revertContent(
  given: {
    readonly pullRequest: { readonly number: number; readonly title: string };
    readonly incident: number;
    readonly by: string;
    readonly reason: string;
  },
  repository: { readonly id: number; readonly fullName: string; readonly host: string },
): RevertContent {
  const { pullRequest, incident, by, reason } = given;
  const title = `Revert "${withoutKeywords(pullRequest.title, repository.fullName, repository.host)}"`;
  const why = reason === "" ? "" : `: ${plain(reason, 500)}`;
  return {
    title: titleText(title, MAX_TITLE_CHARACTERS),
    body: [
      revertMarker(repository.id, incident, pullRequest.number),
      `Reverts ${repository.fullName}#${pullRequest.number}`,
      "",
      `Refs #${incident}`,
      "",
      `Asked for by ${person(by)}${why}`,
    ].join("\n"),
  };
}

/** `Fixes #12` becomes `Refs #12`, wherever it stands. */
function withoutKeywords(text: string, fullName: string, host: string): string {
  let left = text;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const [found] = closingReferences(left, fullName, host);
    if (found === undefined) return left;
    left = left.slice(0, found.index) + swapEdit(found.matched) + left.slice(found.index + found.matched.length);
  }
  return left;
}
