import * as z from "zod";
import { TerminalError, TransientError } from "../../base/errors.ts";
import type { IssueFacts, PullRequestFacts, Repository } from "../../core/model.ts";
import type { ContentClass } from "../../core/trust/content-class.ts";
import { graphqlUrl } from "./ask-graphql.ts";
import { checkRunRequests } from "./check-run-requests.ts";
import { encodedBranch, repositoryParameters } from "./create-reader.ts";
import { NotThereError, RefusedError, reasonOf } from "./errors.ts";
import { readAnswer, toCheckRun, toComment, toIssue, toNewSha, toPullRequest } from "./facts.ts";
import type { Answer, GitHubClient } from "./github-client.ts";
import type { OptionalFeatures } from "./optional-features.ts";
import type { CreationRoom, GitHubWriter, MutationRefused, Refused } from "./ports.ts";

const OPTIONAL = { absent: "unsupported", gone: "gone" } as const;

/** Changes GitHub, with one request per call unless stated otherwise. Nothing here is ever sent twice. */
export function createWriter(client: GitHubClient, features: OptionalFeatures): GitHubWriter {
  function send(
    repository: Repository,
    route: `${"POST" | "PATCH" | "PUT" | "DELETE" | "GET"} ${string}`,
    parameters: Readonly<Record<string, unknown>>,
    options: { readonly creates?: ContentClass; readonly room?: CreationRoom | undefined } = {},
  ): Promise<Answer> {
    const [method, path] = route.split(" ");
    return client.request(
      repository.installationId,
      `${method} /repos/{owner}/{repo}${path}`,
      { ...repositoryParameters(repository), ...parameters },
      options,
    );
  }

  async function patchIssue(
    repository: Repository,
    number: number,
    change: Readonly<Record<string, unknown>>,
  ): Promise<IssueFacts> {
    return toIssue((await send(repository, "PATCH /issues/{issue_number}", { issue_number: number, ...change })).data);
  }

  async function assignees(repository: Repository, number: number): Promise<readonly string[]> {
    return toIssue((await send(repository, "GET /issues/{issue_number}", { issue_number: number })).data).assignees;
  }

  /** Asked only when a comment will take no reaction or pin: is it the comment that is missing? */
  async function isCommentThere(repository: Repository, commentId: number): Promise<boolean> {
    try {
      await send(repository, "GET /issues/comments/{comment_id}", { comment_id: commentId });
      return true;
    } catch (error) {
      if (error instanceof TerminalError && (error.status === 404 || error.status === 410)) return false;
      throw error;
    }
  }

  return {
    createComment: async (repository, number, body, creates) =>
      toComment(
        (await send(repository, "POST /issues/{issue_number}/comments", { issue_number: number, body }, { creates }))
          .data,
      ),

    editComment: async (repository, commentId, body) =>
      toComment((await send(repository, "PATCH /issues/comments/{comment_id}", { comment_id: commentId, body })).data),

    deleteComment: (repository, commentId) =>
      unlessGone(() => send(repository, "DELETE /issues/comments/{comment_id}", { comment_id: commentId })),

    //
    pinComment: (repository, commentId) =>
      features.try(
        "pins",
        async () => {
          await send(repository, "PUT /issues/comments/{comment_id}/pin", { comment_id: commentId });
          return "done" as const;
        },
        OPTIONAL,
        { installationId: repository.installationId, isThere: () => isCommentThere(repository, commentId) },
      ),

    //
    react: (repository, commentId, reaction) =>
      features.try(
        "reactions",
        async () => {
          await send(repository, "POST /issues/comments/{comment_id}/reactions", {
            comment_id: commentId,
            content: reaction,
          });
          return "done" as const;
        },
        OPTIONAL,
        { installationId: repository.installationId, isThere: () => isCommentThere(repository, commentId) },
      ),

    closeIssue: (repository, number, reason) =>
      patchIssue(repository, number, { state: "closed", state_reason: reason }),

    //
    reopenIssue: (repository, number) => patchIssue(repository, number, { state: "open" }),

    retitleIssue: (repository, number, title) => patchIssue(repository, number, { title }),
    //
    editIssueBody: (repository, number, body) => patchIssue(repository, number, { body }),

    //
    setIssueType: (repository, number, type) => patchIssue(repository, number, { type }),

    //
    createIssue: async (repository, { title, body, labels }, creates) =>
      toIssue((await send(repository, "POST /issues", { title, body, labels }, { creates })).data),

    //
    addSubIssue: (repository, number, child) =>
      features.try(
        "sub-issues",
        async () => {
          try {
            await send(repository, "POST /issues/{issue_number}/sub_issues", {
              issue_number: number,
              sub_issue_id: child,
            });
          } catch (error) {
            // It is one already, or the parent takes no more: the two name each other in their texts all the same.
            if (!(error instanceof RefusedError) || error.status !== 422) throw error;
          }
          return "done" as const;
        },
        OPTIONAL,
        { installationId: repository.installationId },
      ),

    async addLabels(repository, number, labels) {
      await send(repository, "POST /issues/{issue_number}/labels", { issue_number: number, labels });
    },

    removeLabel: (repository, number, label) =>
      unlessGone(() =>
        send(repository, "DELETE /issues/{issue_number}/labels/{name}", { issue_number: number, name: label }),
      ),

    async createLabel(repository, { name, color, description }) {
      try {
        await send(repository, "POST /labels", { name, color, description }, { creates: "upkeep" });
      } catch (error) {
        if (!(error instanceof RefusedError) || error.status !== 422) throw error;
        if (error.reason.includes("already_exists")) return;
        // Not every server says why: if the label is there now, that is what was wanted.
        try {
          await send(repository, "GET /labels/{name}", { name });
        } catch (notThere) {
          throw notThere instanceof NotThereError ? error : notThere;
        }
      }
    },

    //
    async assign(repository, number, logins) {
      if (logins.length === 0) return assignees(repository, number);
      try {
        const parameters = { issue_number: number, assignees: logins };
        return toIssue((await send(repository, "POST /issues/{issue_number}/assignees", parameters)).data).assignees;
      } catch (error) {
        // GitHub leaves out people it does not accept; other servers refuse them all.
        if (error instanceof RefusedError && error.status === 422) return assignees(repository, number);
        throw error;
      }
    },

    unassign: (repository, number, logins) =>
      unlessGone(() =>
        send(repository, "DELETE /issues/{issue_number}/assignees", { issue_number: number, assignees: logins }),
      ),

    revertPullRequest: (repository, pullRequest, content, room) =>
      features.try(
        "reverts",
        () => revertPullRequest(client, repository, pullRequest, content, room),
        { absent: "unsupported" as const, gone: "unsupported" as const },
        { installationId: repository.installationId },
      ),

    //
    createTree: (repository, base, changes, room) =>
      orRefused(async () => {
        const parameters = { ...(base === null ? {} : { base_tree: base }), tree: changes };
        return toNewSha((await send(repository, "POST /git/trees", parameters, { creates: "team", room })).data);
      }),

    createCommit: (repository, { message, tree, parent }, room) =>
      orRefused(async () => {
        const parameters = { message, tree, parents: [parent] };
        return toNewSha((await send(repository, "POST /git/commits", parameters, { creates: "team", room })).data);
      }),

    createBranch: (repository, branch, sha, room) =>
      orRefused(async () => {
        await send(repository, "POST /git/refs", { ref: `refs/heads/${branch}`, sha }, { creates: "team", room });
        return "done" as const;
      }),

    async deleteBranch(repository, branch) {
      const route = `DELETE /repos/{owner}/{repo}/git/refs/heads/${encodedBranch(branch)}`;
      const options = { name: "DELETE /repos/{owner}/{repo}/git/refs/{ref}" };
      try {
        await client.request(repository.installationId, route, repositoryParameters(repository), options);
      } catch (error) {
        // GitHub says 422 "Reference does not exist".
        if (!(error instanceof NotThereError || (error instanceof RefusedError && error.status === 422))) throw error;
      }
    },

    openPullRequest: (repository, { branch, ...pullRequest }, room) =>
      orRefused(async () =>
        toPullRequest(
          (await send(repository, "POST /pulls", { ...pullRequest, head: branch }, { creates: "team", room })).data,
        ),
      ),

    reserve: async ({ installationId }, creates, requests) =>
      client.reserve(installationId, "a chain of creations", creates, requests),

    //
    async requestReview(repository, number, login) {
      try {
        await send(repository, "POST /pulls/{pull_number}/requested_reviewers", {
          pull_number: number,
          reviewers: [login],
        });
        return "done";
      } catch (error) {
        if (error instanceof RefusedError && (error.status === 422 || error.status === 404)) return "unsupported";
        throw error;
      }
    },

    // The annotations beyond the first 50 follow once the run exists.
    async createCheckRun(repository, content) {
      const [first = {}, ...more] = checkRunRequests(content);
      // GitHub leaves the time open if it is not given.
      const madeAt = { started_at: new Date(client.clock.now()).toISOString() };
      const created = await send(repository, "POST /check-runs", { head_sha: content.headSha, ...madeAt, ...first });
      let run = toCheckRun(created.data);
      for (const body of more) {
        const parameters = { check_run_id: run.id, ...body };
        run = toCheckRun((await send(repository, "PATCH /check-runs/{check_run_id}", parameters)).data);
      }
      return run;
    },
  };
}

const REVERT = `mutation ($id: ID!, $title: String!, $body: String!) {
  revertPullRequest(input: { pullRequestId: $id, title: $title, body: $body }) { revertPullRequest { number } }
}`;

const Reverted = z.object({
  data: z
    .object({
      revertPullRequest: z.object({ revertPullRequest: z.object({ number: z.number() }).nullable() }).nullable(),
    })
    .nullish(),
  errors: z.array(z.object({ type: z.string().nullish(), message: z.string().nullish() })).nullish(),
});

/** GraphQL errors that trying again does not help. */
const REFUSALS: ReadonlySet<string> = new Set(["FORBIDDEN", "INSUFFICIENT_SCOPES", "NOT_FOUND", "UNPROCESSABLE"]);
/**
 * Some mutations are not for apps at all, whatever their rights (A-100: flutter/cocoon#3083,
 * getsentry/sentry-python#5874).
 */
const NOT_FOR_APPS = /not accessible by integration/i;
/** GitHub looked at the change itself: it does not revert cleanly, or was not merged. */
const LOOKED_AT = /automatically|conflict|already been reverted|not (?:been )?merged/i;

const NEEDS_RIGHTS = "the app needs pull_requests: write and contents: write; its owner has to accept them";

//
async function revertPullRequest(
  client: GitHubClient,
  repository: Repository,
  { nodeId }: { readonly nodeId: string },
  content: { readonly title: string; readonly body: string },
  room: CreationRoom | undefined,
): Promise<PullRequestFacts | MutationRefused> {
  let answer: z.output<typeof Reverted>;
  try {
    const { data } = await client.request(
      repository.installationId,
      `POST ${graphqlUrl(client.apiUrl)}`,
      { query: REVERT, variables: { id: nodeId, ...content } },
      { name: "POST /graphql", creates: "team", room },
    );
    answer = readAnswer("GraphQL answer", Reverted, data);
  } catch (error) {
    if (error instanceof RefusedError && error.status === 403) return { refused: NEEDS_RIGHTS, isFinal: false };
    throw error;
  }
  const [error] = answer.errors ?? [];
  if (error !== undefined) {
    const message = error.message ?? error.type ?? "";
    if (!REFUSALS.has(error.type ?? "") && !NOT_FOR_APPS.test(message)) {
      throw new TransientError("POST /graphql (revertPullRequest): no answer.");
    }
    const isFinal = error.type === "NOT_FOUND" || (error.type === "UNPROCESSABLE" && LOOKED_AT.test(message));
    const isForNoApp = NOT_FOR_APPS.test(message);
    return { refused: reasonOf({ message }), isFinal, ...(isForNoApp ? { isForNoApp } : {}) };
  }
  const number = answer.data?.revertPullRequest?.revertPullRequest?.number;
  if (number === undefined) return { refused: "GitHub opened no pull request.", isFinal: false };
  const parameters = { ...repositoryParameters(repository), pull_number: number };
  const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}";
  return toPullRequest((await client.request(repository.installationId, route, parameters)).data);
}

/** A refusal from GitHub is an answer here: somebody asked, and is told. */
async function orRefused<T>(write: () => Promise<T>): Promise<T | Refused> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    // If the app may not do something, GitHub answers 403 or, as if it did not exist, 404.
    if (error.status === 404 || NOT_FOR_APPS.test(error.reason)) {
      return { refused: NEEDS_RIGHTS, lacksRights: true };
    }
    return { refused: error.reason === "" ? `status ${error.status}` : error.reason };
  }
}

/** Removing what is already gone is success. */
async function unlessGone(remove: () => Promise<unknown>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!(error instanceof NotThereError)) throw error;
  }
}
