import type { Instant } from "../../src/core/model.ts";
import { listedCommitJson, time } from "./json.ts";
import { at, madeOr, missing, type Route, route, type Served } from "./route.ts";

/** Pull requests. */
export function pullRequestRoutes({ github, repository, repo, json }: Served): readonly Route[] {
  const { read, write } = github;
  const { pullJson } = json;
  return [
    route("GET", `${repo}/pulls`, async ({ query }) => {
      const head = query.get("head");
      if (head !== null) {
        const branch = head.slice(head.indexOf(":") + 1);
        if (query.get("state") === "all") {
          return { data: (await read.pullRequestsEverFrom(repository, branch)).map(pullJson) };
        }
        const pull = await read.pullRequestFrom(repository, branch);
        return { data: pull === "missing" ? [] : [pullJson(pull)] };
      }
      if (query.get("state") !== "all") return { data: (await read.openPullRequests(repository)).map(pullJson) };
      const listed = await read.pullRequestsSince(repository, 0 as Instant);
      return {
        data: listed.map((pull) => ({
          ...pullJson(pull),
          updated_at: time(github.issue(pull.number, repository).updatedAt),
        })),
      };
    }),
    route("POST", `${repo}/pulls/(\\d+)/requested_reviewers`, async (request) => {
      const { reviewers } = request.body as { reviewers: string[] };
      if ((await write.requestReview(repository, at(request), reviewers[0] ?? "")) === "unsupported") {
        return { status: 422, data: { message: "Reviews may only be requested from collaborators." } };
      }
      const pull = await read.pullRequest(repository, at(request));
      if (pull === "missing") return missing;
      const { merged_at: _, ...rest } = pullJson(pull);
      return { status: 201, data: { ...rest, merged_at: time(pull.mergedAt) } };
    }),
    route("GET", `${repo}/pulls/(\\d+)`, async (request) => {
      const pull = await read.pullRequest(repository, at(request));
      if (pull === "missing") return missing;
      const source = await read.pullRequestSource(repository, at(request));
      if (source === "missing") return missing;
      const known = { head: { sha: pull.headSha, ref: source.branch }, commits: source.commits.length };
      return { data: { ...pullJson(pull), merged: pull.merged, ...known } };
    }),
    route("GET", `${repo}/pulls/(\\d+)/commits`, async (request) => {
      const source = await read.pullRequestSource(repository, at(request));
      return source === "missing" ? missing : { data: source.commits.map(listedCommitJson) };
    }),
    route("GET", `${repo}/pulls/(\\d+)/files`, async (request) => ({
      data: (await read.pullRequestFiles(repository, github.pullRequest(at(request), repository))).files.map(
        ({ path, status }) => ({
          filename: path,
          status,
        }),
      ),
    })),
    route("GET", `${repo}/commits/([^/]+)/pulls`, async (request) => ({
      data: (await read.pullRequestsOfCommit(repository, request.parts[0] ?? "")).map(pullJson),
    })),
    route("POST", `${repo}/pulls`, async ({ body }) => {
      const { head, ...rest } = body as { title: string; body: string; head: string; base: string };
      const opened = await write.openPullRequest(repository, { ...rest, branch: head });
      return madeOr(opened, (pull) => ({ ...pullJson(pull), merged: false }));
    }),
  ];
}
