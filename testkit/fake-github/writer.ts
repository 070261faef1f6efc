import { TerminalError } from "../../src/base/errors.ts";
import type { GitEntry, PullRequestFacts, Repository } from "../../src/core/model.ts";
import type { ContentClass } from "../../src/core/trust/content-class.ts";
import type {
  CreationRoom,
  GitHubWriter,
  MutationRefused,
  OptionalResult,
  Refused,
} from "../../src/systems/github/ports.ts";
import { saveCheckRun } from "./act-on-checks.ts";
import type { FakeActs } from "./acts.ts";
import { userPayload } from "./events.ts";
import { ancestry, blobSha, changesBetween, commitOf, flatten, keepTree, textAt, tip } from "./git.ts";
import { issueOf, openFrom, pullOf } from "./state.ts";
import { emitPullRequest } from "./webhooks.ts";
import type { FakeWorld } from "./world.ts";

/** What Sevgate writes, under the app's present name. */
export function createWriter(world: FakeWorld, act: FakeActs): GitHubWriter {
  const bot = world.settings.botLogin;
  const write = async <T>(
    method: string,
    repository: Repository,
    answer: () => T,
    creates?: ContentClass,
    room?: CreationRoom,
  ) => {
    world.settings.limits?.admit(repository.installationId, method, creates ?? null, room);
    return await world.call("write", method, repository, answer);
  };
  const optional = (on: boolean, change: () => void): OptionalResult => {
    if (!on) return "unsupported";
    try {
      change();
    } catch (error) {
      if (error instanceof TerminalError && error.status === 404) return "gone";
      throw error;
    }
    return "done";
  };
  return {
    createComment: (repository, number, body, creates) =>
      write("createComment", repository, () => act.comment(repository, bot, number, body), creates),
    editComment: (repository, commentId, body) =>
      write("editComment", repository, () => act.editComment(repository, bot, commentId, body)),
    deleteComment: (repository, commentId) =>
      write("deleteComment", repository, () => act.deleteComment(repository, bot, commentId)),
    pinComment: (repository, commentId) =>
      write("pinComment", repository, () =>
        optional(world.settings.features.pins, () => act.pin(repository, bot, commentId)),
      ),
    react: (repository, commentId, reaction) =>
      write("react", repository, () =>
        optional(world.settings.features.reactions, () => act.react(repository, bot, commentId, reaction)),
      ),
    closeIssue: (repository, number, reason) =>
      write("closeIssue", repository, () => act.close(repository, bot, number, reason)),
    reopenIssue: (repository, number) => write("reopenIssue", repository, () => act.reopen(repository, bot, number)),
    retitleIssue: (repository, number, title) =>
      write("retitleIssue", repository, () => act.edit(repository, bot, number, { title })),
    editIssueBody: (repository, number, body) =>
      write("editIssueBody", repository, () => act.edit(repository, bot, number, { body })),
    setIssueType: (repository, number, type) =>
      write("setIssueType", repository, () => act.setType(repository, bot, number, type)),
    createIssue: (repository, issue, creates) =>
      write("createIssue", repository, () => act.openIssue(repository, bot, issue), creates),
    addSubIssue: (repository, number, child) =>
      write("addSubIssue", repository, () =>
        optional(world.settings.features.subIssues, () => {
          const homes = [...world.repositories.values()];
          const home = homes.find((one) => [...one.issues.values()].some(({ id }) => id === child));
          const found = [...(home?.issues.values() ?? [])].find(({ id }) => id === child);
          if (home === undefined || found === undefined) {
            throw new TerminalError("The provided sub-issue does not exist (404).", { status: 404 });
          }
          const hasParent = homes.some((one) =>
            [...one.issues.values()].some((parent) =>
              parent.subIssues.some((sub) => sub.number === found.number && world.named(sub.repository, one) === home),
            ),
          );
          if (!hasParent) act.addSubIssue(repository, bot, number, found.number, home.repository);
        }),
      ),
    addLabels: (repository, number, labels) =>
      write("addLabels", repository, () => act.addLabels(repository, bot, number, labels)),
    removeLabel: (repository, number, label) =>
      write("removeLabel", repository, () => act.removeLabel(repository, bot, number, label)),
    createLabel: (repository, label) =>
      write("createLabel", repository, () => act.createLabel(repository, bot, label), "upkeep"),
    assign: (repository, number, logins) =>
      write("assign", repository, () => act.assign(repository, bot, number, logins)),
    unassign: (repository, number, logins) =>
      write("unassign", repository, () => act.unassign(repository, bot, number, logins)),
    revertPullRequest: (repository, { number }, content, room) =>
      write(
        "revertPullRequest",
        repository,
        (): PullRequestFacts | "unsupported" | MutationRefused => {
          if (!world.settings.features.graphql) return "unsupported";
          if (!world.settings.features.revertMutation) {
            return { refused: "Resource not accessible by integration", isFinal: false, isForNoApp: true };
          }
          const state = world.state(repository);
          const pull = pullOf(issueOf(state, number));
          if (!pull.merged || pull.mergeSha === null) return { refused: "Pull request is not merged", isFinal: true };
          const { parent } = commitOf(state, pull.mergeSha);
          const undone = changesBetween(state, pull.mergeSha, parent ?? pull.mergeSha);
          const { mergeSha } = pull;
          const isSame = (path: string) => textAt(state, mergeSha, path) === textAt(state, state.headSha, path);
          if (!Object.keys(undone).every(isSame)) {
            return { refused: "This pull request could not be reverted automatically", isFinal: true };
          }
          return act.openPullRequest(repository, bot, {
            ...content,
            commits: [`Revert "${issueOf(state, number).title}"`],
            files: undone,
          });
        },
        "team",
        room,
      ),
    createTree: (repository, base, changes, room) =>
      write(
        "createTree",
        repository,
        (): string | Refused => {
          const state = world.writable(repository);
          const files = new Map<string, Omit<GitEntry, "name">>();
          if (base !== null && !state.trees.has(base)) return { refused: "base_tree is not a tree" };
          if (base !== null) flatten(state, base, "", files);
          for (const change of changes) {
            const { path, mode, type } = change;
            const kind = { mode, type };
            const sha = "content" in change ? blobSha(change.content) : change.sha;
            if ("content" in change) state.blobs.set(blobSha(change.content), change.content);
            const under = [...files.keys()].filter((one) => one === path || one.startsWith(`${path}/`));
            if (sha === null && under.length === 0) return { refused: "GitRPC::BadObjectState" };
            for (const one of under) files.delete(one);
            if (sha === null) continue;
            if (kind.type === "tree") flatten(state, sha, `${path}/`, files);
            else files.set(path, { ...kind, sha });
          }
          return keepTree(state, files);
        },
        "team",
        room,
      ),
    createCommit: (repository, { message, tree, parent }, room) =>
      write(
        "createCommit",
        repository,
        (): string | Refused => {
          const state = world.writable(repository);
          if (!state.trees.has(tree)) return { refused: "Tree SHA does not exist" };
          return world.addCommit(state, message, parent, bot, {}, { tree });
        },
        "team",
        room,
      ),
    createBranch: (repository, branch, sha, room) =>
      write(
        "createBranch",
        repository,
        (): "done" | Refused => {
          const state = world.writable(repository);
          if (state.branches.has(branch) || branch === state.defaultBranch) {
            return { refused: "Reference already exists" };
          }
          commitOf(state, sha);
          state.branches.set(branch, sha);
          return "done";
        },
        "team",
        room,
      ),
    deleteBranch: (repository, branch) =>
      write("deleteBranch", repository, () => {
        world.writable(repository).branches.delete(branch);
      }),
    openPullRequest: (repository, { title, body, branch, base }, room) =>
      write(
        "openPullRequest",
        repository,
        (): PullRequestFacts | Refused => {
          const state = world.writable(repository);
          const sha = state.branches.get(branch);
          if (sha === undefined) return { refused: "Validation Failed (head invalid)" };
          if (openFrom(state, branch) !== null) {
            return {
              refused: `Validation Failed (A pull request already exists for ${repository.owner}:${branch}.)`,
            };
          }
          const known = new Set(ancestry(state, tip(state, base)).map((commit) => commit.sha));
          const commits = ancestry(state, sha).filter((commit) => !known.has(commit.sha));
          if (commits.length === 0) return { refused: `Validation Failed (No commits between ${base} and ${branch})` };
          const from = commits.at(-1)?.parent ?? sha;
          return act.openPullRequest(repository, bot, {
            title,
            body,
            base,
            branch: { name: branch, sha, commits: commits.map((commit) => commit.sha).toReversed() },
            files: changesBetween(state, from, sha),
          });
        },
        "team",
        room,
      ),
    reserve: async ({ installationId }, creates, requests) =>
      world.settings.limits?.reserve(installationId, "reserve", creates, requests) ?? {
        take: () => true,
        release: () => {},
      },
    requestReview: (repository, number, login) =>
      write("requestReview", repository, (): OptionalResult => {
        const state = world.state(repository);
        if (!["write", "maintain", "admin", "triage"].includes(state.roles.get(login.toLowerCase()) ?? "none"))
          return "unsupported";
        const issue = issueOf(state, number);
        pullOf(issue).reviewers.push(login);
        const more = { requested_reviewer: userPayload(world.person(login)) };
        emitPullRequest(world, state, bot, issue, "review_requested", more);
        return "done";
      }),
    createCheckRun: (repository, content) =>
      write("createCheckRun", repository, () => saveCheckRun(world, repository, world.id(), content)),
  };
}
