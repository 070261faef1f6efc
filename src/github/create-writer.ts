import type { CheckRunContent, CheckRunFacts, IssueFacts, Repository } from "../core/model.ts";
import { checkRunRequests } from "./check-run-requests.ts";
import { repositoryParameters } from "./create-reader.ts";
import { NotThereError, RefusedError } from "./errors.ts";
import { toCheckRun, toComment, toIssue } from "./facts.ts";
import type { Answer, GitHubClient } from "./github-client.ts";
import type { OptionalFeatures } from "./optional-features.ts";
import type { GitHubWriter } from "./ports.ts";

/** Changes GitHub, one request a call but where said. Nothing here is ever sent twice. */
export function createWriter(client: GitHubClient, features: OptionalFeatures): GitHubWriter {
  function send(
    repository: Repository,
    route: `${"POST" | "PATCH" | "PUT" | "DELETE" | "GET"} ${string}`,
    parameters: Readonly<Record<string, unknown>>,
    options: { readonly createsContent?: boolean } = {},
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

  /** Sends the annotations beyond the first 50 after the run is there. Says what the run is at the end. */
  async function saveCheckRun(
    repository: Repository,
    content: CheckRunContent,
    saveFirst: (body: Readonly<Record<string, unknown>>) => Promise<Answer>,
  ): Promise<CheckRunFacts> {
    const [first = {}, ...more] = checkRunRequests(content);
    let run = toCheckRun((await saveFirst(first)).data);
    for (const body of more) {
      run = toCheckRun(
        (await send(repository, "PATCH /check-runs/{check_run_id}", { check_run_id: run.id, ...body })).data,
      );
    }
    return run;
  }

  return {
    createComment: async (repository, number, body) =>
      toComment(
        (
          await send(
            repository,
            "POST /issues/{issue_number}/comments",
            { issue_number: number, body },
            { createsContent: true },
          )
        ).data,
      ),

    editComment: async (repository, commentId, body) =>
      toComment((await send(repository, "PATCH /issues/comments/{comment_id}", { comment_id: commentId, body })).data),

    deleteComment: (repository, commentId) =>
      unlessGone(() => send(repository, "DELETE /issues/comments/{comment_id}", { comment_id: commentId })),

    pinComment: (repository, commentId) =>
      features.try(
        "pins",
        async () => {
          await send(repository, "PUT /issues/comments/{comment_id}/pin", { comment_id: commentId });
          return "done" as const;
        },
        "unsupported" as const,
      ),

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
        "unsupported" as const,
      ),

    closeIssue: (repository, number, reason) =>
      patchIssue(repository, number, { state: "closed", state_reason: reason }),

    reopenIssue: (repository, number) => patchIssue(repository, number, { state: "open" }),

    editIssueBody: (repository, number, body) => patchIssue(repository, number, { body }),

    createIssue: async (repository, issue) =>
      toIssue((await send(repository, "POST /issues", { ...issue }, { createsContent: true })).data),

    async addLabels(repository, number, labels) {
      await send(repository, "POST /issues/{issue_number}/labels", { issue_number: number, labels });
    },

    removeLabel: (repository, number, label) =>
      unlessGone(() =>
        send(repository, "DELETE /issues/{issue_number}/labels/{name}", { issue_number: number, name: label }),
      ),

    async createLabel(repository, label) {
      try {
        await send(repository, "POST /labels", { ...label }, { createsContent: true });
      } catch (error) {
        if (!(error instanceof RefusedError) || error.status !== 422) throw error;
        if (error.reason.includes("already_exists")) return;
        // Not every server says why: a label that is there now is what was wanted.
        try {
          await send(repository, "GET /labels/{name}", { name: label.name });
        } catch (notThere) {
          throw notThere instanceof NotThereError ? error : notThere;
        }
      }
    },

    async assign(repository, number, logins) {
      if (logins.length === 0) return assignees(repository, number);
      try {
        const parameters = { issue_number: number, assignees: logins };
        return toIssue((await send(repository, "POST /issues/{issue_number}/assignees", parameters)).data).assignees;
      } catch (error) {
        // GitHub leaves out whom it does not accept; other servers refuse the lot.
        if (error instanceof RefusedError && error.status === 422) return assignees(repository, number);
        throw error;
      }
    },

    unassign: (repository, number, logins) =>
      unlessGone(() =>
        send(repository, "DELETE /issues/{issue_number}/assignees", { issue_number: number, assignees: logins }),
      ),

    createCheckRun: (repository, content) =>
      saveCheckRun(repository, content, (body) =>
        send(repository, "POST /check-runs", { head_sha: content.headSha, ...body }),
      ),

    updateCheckRun: (repository, checkRunId, content) =>
      saveCheckRun(repository, content, (body) =>
        send(repository, "PATCH /check-runs/{check_run_id}", { check_run_id: checkRunId, ...body }),
      ),
  };
}

/** Taking away what is gone already is success. */
async function unlessGone(remove: () => Promise<unknown>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!(error instanceof NotThereError)) throw error;
  }
}
