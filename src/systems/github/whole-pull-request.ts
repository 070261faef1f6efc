import * as z from "zod";
import type { ChangedFile, CommitFacts, PullRequestFacts, Reference, Repository } from "../../core/model.ts";
import { fullName, sameName } from "../../core/names.ts";
import { askGraphql, PageInfo } from "./ask-graphql.ts";
import { toCommits, toPullRequest } from "./facts.ts";
import type { GitHubClient } from "./github-client.ts";

/** A pull request and what a merge of it is judged by. `null`: more than GitHub shows at once, or not shown. */
export interface WholePullRequest {
  readonly pullRequest: PullRequestFacts;
  readonly commits: readonly CommitFacts[] | null;
  readonly files: readonly ChangedFile[] | null;
  readonly changedFiles: number;
  readonly references: readonly Reference[] | null;
}

const WHOLE_PULL_REQUEST = `query ($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      number id url title body state mergedAt isDraft headRefOid baseRefName changedFiles
      mergeCommit { oid }
      baseRepository { defaultBranchRef { name } }
      author { __typename login ... on User { databaseId } ... on Bot { databaseId } }
      commits(first: 100) { nodes { commit { oid message } } pageInfo { hasNextPage endCursor } }
      files(first: 100) { nodes { path changeType } pageInfo { hasNextPage endCursor } }
      closingIssuesReferences(first: 100) {
        nodes { number repository { nameWithOwner } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}`;

/** For a hundred commit messages and a body; an ordinary answer takes a hundredth of it. */
const LONGEST_ANSWER_BYTES = 16 * 1_048_576;

/** How GraphQL calls what REST calls by other names. */
const STATUS_OF = {
  ADDED: "added",
  CHANGED: "changed",
  COPIED: "copied",
  DELETED: "removed",
  MODIFIED: "modified",
  RENAMED: "renamed",
} as const satisfies Readonly<Record<string, ChangedFile["status"]>>;

function page<Node extends z.ZodType>(node: Node) {
  return z.object({ nodes: z.array(node.nullable()).nullable(), pageInfo: PageInfo });
}

const Answer = z.object({
  repository: z
    .object({
      pullRequest: z
        .object({
          number: z.number(),
          id: z.string(),
          url: z.string(),
          title: z.string(),
          body: z.string(),
          state: z.enum(["OPEN", "CLOSED", "MERGED"]),
          mergedAt: z.string().nullable(),
          isDraft: z.boolean(),
          headRefOid: z.string(),
          baseRefName: z.string(),
          changedFiles: z.number(),
          mergeCommit: z.object({ oid: z.string() }).nullable(),
          baseRepository: z.object({ defaultBranchRef: z.object({ name: z.string() }).nullable() }).nullable(),
          author: z.object({ __typename: z.string(), login: z.string(), databaseId: z.number().nullish() }).nullable(),
          commits: page(z.object({ commit: z.object({ oid: z.string(), message: z.string() }) })),
          files: page(
            z.object({ path: z.string(), changeType: z.enum(Object.keys(STATUS_OF) as StatusName[]) }),
          ).nullable(),
          closingIssuesReferences: page(
            z.object({ number: z.number(), repository: z.object({ nameWithOwner: z.string() }) }),
          ).nullable(),
        })
        .nullable(),
    })
    .nullable(),
});

type StatusName = keyof typeof STATUS_OF;

/**
 * Reads it in one request, in the words of REST. `null`: GitHub shows no such pull request this way, or not all that has to be known of it.
 *
 * @throws TransientError, TerminalError as `askGraphql`
 */
export async function readWholePullRequest(
  client: GitHubClient,
  repository: Repository,
  number: number,
): Promise<WholePullRequest | null> {
  const asked = { what: "pullRequest", needs: "pull_requests: read", document: WHOLE_PULL_REQUEST };
  const data = await askGraphql(client, repository, asked, { number }, Answer, LONGEST_ANSWER_BYTES);
  const found = data?.repository?.pullRequest;
  const defaultBranch = found?.baseRepository?.defaultBranchRef?.name;
  if (found == null || defaultBranch === undefined) return null;
  const commits = wholeOf(found.commits)?.map(({ commit: { oid: sha, message } }) => ({ sha, commit: { message } }));
  const linked = found.closingIssuesReferences;
  const isCut = linked?.nodes == null || linked.pageInfo.hasNextPage;
  // One that may not be seen is no reason to ask again.
  const references = isCut ? null : (linked.nodes?.filter((node) => node !== null) ?? null);
  return {
    pullRequest: toPullRequest(inWordsOfRest(found, defaultBranch)),
    changedFiles: found.changedFiles,
    commits: commits === undefined ? null : toCommits(commits),
    files: wholeOf(found.files)?.map(({ path, changeType }) => ({ path, status: STATUS_OF[changeType] })) ?? null,
    references:
      references?.map(({ number: issue, repository: { nameWithOwner } }) => ({
        repository: sameName(nameWithOwner, fullName(repository)) ? null : nameWithOwner,
        number: issue,
      })) ?? null,
  };
}

/** All entries of a page; `null`: there are more, or it is not shown. An entry that is not shown is one too few. */
function wholeOf<Node>(
  shown: { readonly nodes: readonly (Node | null)[] | null; readonly pageInfo: z.output<typeof PageInfo> } | null,
): readonly Node[] | null {
  if (shown?.nodes == null || shown.pageInfo.hasNextPage) return null;
  const nodes = shown.nodes.filter((node) => node !== null);
  return nodes.length === shown.nodes.length ? nodes : null;
}

type Found = NonNullable<NonNullable<z.output<typeof Answer>["repository"]>["pullRequest"]>;

function inWordsOfRest(found: Found, defaultBranch: string): unknown {
  const { author } = found;
  const isBot = author?.__typename === "Bot";
  return {
    number: found.number,
    node_id: found.id,
    html_url: found.url,
    title: found.title,
    body: found.body,
    state: found.state === "OPEN" ? "open" : "closed",
    merged_at: found.mergedAt,
    merge_commit_sha: found.mergeCommit?.oid ?? null,
    draft: found.isDraft,
    //
    user:
      author === null
        ? null
        : {
            id: author.databaseId ?? 0,
            login: isBot && !author.login.endsWith("[bot]") ? `${author.login}[bot]` : author.login,
            type: isBot ? "Bot" : "User",
          },
    head: { sha: found.headRefOid },
    base: { ref: found.baseRefName, repo: { default_branch: defaultBranch } },
  };
}
