import * as z from "zod";
import { AnswerTooLongError } from "../../base/bounded-text.ts";
import type { ChangedFile, ChangedFiles, PullRequestFacts, Repository } from "../../core/model.ts";
import { RefusedError } from "./errors.ts";
import { readAnswer, toComparison } from "./facts.ts";
import type { GitHubClient } from "./github-client.ts";

const Tree = z.object({
  truncated: z.boolean().nullish(),
  tree: z.array(z.object({ type: z.string(), path: z.string(), mode: z.string().nullish(), sha: z.string() })),
});

/**
 * The files an open pull request changes, in three requests however many they are: where the branches part ("Compare two
 * commits"), and every file there and at the head ("Get a tree", recursive). `null`: GitHub does not list them all,
 * or does not say where they part. Of a merged one it no longer does: its head is in the branch.
 *
 * @throws TransientError as `GitHubClient.request`
 */
export async function changesBetweenTrees(
  client: GitHubClient,
  { installationId, owner, name }: Repository,
  { baseRef, headSha }: Pick<PullRequestFacts, "baseRef" | "headSha">,
): Promise<ChangedFiles | null> {
  const place = { owner, repo: name };
  async function filesAt(sha: string): Promise<ReadonlyMap<string, string> | null> {
    const parameters = { ...place, tree_sha: sha, recursive: "1" };
    const { data } = await client.request(installationId, "GET /repos/{owner}/{repo}/git/trees/{tree_sha}", parameters);
    const { tree, truncated } = readAnswer("file tree", Tree, data);
    if (truncated === true) return null;
    // A folder changes with what is in it.
    const files = tree.filter(({ type }) => type !== "tree");
    return new Map(files.map(({ path, mode, sha: content }) => [path, `${mode} ${content}`]));
  }

  try {
    const compared = { ...place, basehead: `${baseRef}...${headSha}`, per_page: 1 };
    const { data } = await client.request(installationId, "GET /repos/{owner}/{repo}/compare/{basehead}", compared);
    const parting = toComparison(data).mergeBase;
    // Merged since it was read.
    if (parting === null || parting === headSha) return null;
    // One after the other: each may take GitHub seconds.
    const before = await filesAt(parting);
    const after = before === null ? null : await filesAt(headSha);
    return before === null || after === null ? null : { files: changesOf(before, after), isWhole: true };
  } catch (error) {
    if (error instanceof RefusedError || error instanceof AnswerTooLongError) return null;
    throw error;
  }
}

function changesOf(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly ChangedFile[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return paths.flatMap((path): readonly ChangedFile[] => {
    const [was, is] = [before.get(path), after.get(path)];
    if (was === is) return [];
    return [{ path, status: is === undefined ? "removed" : was === undefined ? "added" : "modified" }];
  });
}
