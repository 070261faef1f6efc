import type { ChangedFile, CheckRunContent } from "../model.ts";
import { fenced, MOST_ANNOTATIONS, paragraphs } from "../policy/fenced.ts";
import { type MisnamedFile, misnamedFile } from "../policy/misnamed-file.ts";

/**
 * Files of a pull request that Sevgate would not read although they are meant for it.
 *
 * @param hasPolicy whether the repository has a policy of its own: a backup beside it is not a policy, but what it is
 *   renamed to may be
 */
export function misnamedFiles(files: readonly ChangedFile[], hasPolicy: boolean): readonly MisnamedFile[] {
  return files.flatMap(({ path, status }) =>
    status === "removed" ? [] : (misnamedFile(path, !hasPolicy || status === "renamed") ?? []),
  );
}

/** The check `sevgate/policy` for a pull request that adds such files: they would have no effect. */
export function misnamedCheck(
  { headSha, pullRequest }: { readonly headSha: string; readonly pullRequest: number },
  misnamed: readonly MisnamedFile[],
): CheckRunContent {
  const [first] = misnamed;
  const title =
    misnamed.length === 1 && first !== undefined
      ? `${first.path} would not be read`
      : `${misnamed.length} files would not be read`;
  return {
    name: "sevgate/policy",
    headSha,
    status: "completed",
    conclusion: "failure",
    title: title.slice(0, 200),
    summary: paragraphs(
      "Sevgate reads its files by their exact names. Rename, and push again:",
      fenced(misnamed.map(({ path, meant }) => `${path} → ${meant}`).join("\n")),
    ),
    annotations: misnamed.slice(0, MOST_ANNOTATIONS).map(({ path, meant }) => ({
      path,
      line: 1,
      column: null,
      level: "failure",
      message: `Sevgate does not read this file. Rename it to ${meant}.`,
    })),
    actions: [],
    externalId: `pr:${pullRequest}`,
  };
}
