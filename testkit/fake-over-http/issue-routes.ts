import type { Instant } from "../../src/core/model.ts";
import { API_URL } from "./api.ts";
import { at, missing, type Route, route, type Said, type Served, since } from "./route.ts";

/** Issues, their comments, their timeline and the labels. */
export function issueRoutes({ github, repository, repo, json }: Served): readonly Route[] {
  const { read, write } = github;
  const { issueJson, commentJson, eventJson } = json;
  async function issueOrPull(number: number): Promise<Said> {
    const issue = await read.issue(repository, number);
    if (typeof issue === "object" && "movedTo" in issue) {
      return { status: 301, headers: { location: `${API_URL}/repositories/9999/issues/${number}` } };
    }
    if (issue !== "missing") return { data: issueJson(issue) };
    const pull = await read.pullRequest(repository, number);
    if (pull === "missing") return missing;
    // "Get an issue" answers for pull requests, too.
    const asIssue = issueJson(github.issue(number, repository));
    return { data: { ...asIssue, pull_request: { url: "u", html_url: "h", diff_url: "d", patch_url: "p" } } };
  }

  return [
    route("GET", `${repo}/issues`, async (request) => {
      const label = request.query.get("labels");
      const { issues, pullRequests } = await read.changedSince(repository, since(request) ?? (0 as Instant));
      // GitHub lists pull requests among the issues.
      const listed = [
        ...issues.map((issue) => ({ issue, more: {} })),
        ...pullRequests.map((number) => ({
          issue: github.issue(number, repository),
          more: { pull_request: { url: "u", html_url: "h", diff_url: "d", patch_url: "p" } },
        })),
      ];
      return {
        data: listed
          .filter(({ issue }) => label === null || issue.labels.includes(label))
          .filter(({ issue }) => request.query.get("state") === "all" || issue.state === "open")
          .map(({ issue, more }) => ({ ...issueJson(issue), ...more })),
      };
    }),
    route("POST", `${repo}/issues`, async ({ body }) => {
      const { title, body: text, labels } = body as { title: string; body?: string; labels?: string[] };
      const issue = await write.createIssue(repository, { title, body: text ?? "", labels: labels ?? [] }, "incident");
      return {
        status: 201,
        data: issueJson(issue),
        headers: { location: `${API_URL}${repo}/issues/${issue.number}` },
      };
    }),
    route("GET", `${repo}/issues/(\\d+)`, (request) => issueOrPull(at(request))),
    route("GET", "/repositories/9999/issues/(\\d+)", async (request) => {
      const issue = await read.issue(repository, at(request));
      if (typeof issue !== "object" || !("movedTo" in issue)) return missing;
      const { repository: name, number } = issue.movedTo;
      const url = `${API_URL}/repos/${name}`;
      const facts = github.issue(number, github.repositoryNamed(name ?? ""));
      return { data: { ...issueJson(facts), number, repository_url: url } };
    }),
    route("PATCH", `${repo}/issues/(\\d+)`, async (request) => {
      const change = request.body as {
        state?: string;
        state_reason?: "completed" | "not_planned";
        title?: string;
        body?: string;
        type?: string;
      };
      const number = at(request);
      if (change.state === "closed") {
        return { data: issueJson(await write.closeIssue(repository, number, change.state_reason ?? "completed")) };
      }
      if (change.state === "open") return { data: issueJson(await write.reopenIssue(repository, number)) };
      if (change.type !== undefined)
        return { data: issueJson(await write.setIssueType(repository, number, change.type)) };
      if (change.title !== undefined)
        return { data: issueJson(await write.retitleIssue(repository, number, change.title)) };
      return { data: issueJson(await write.editIssueBody(repository, number, change.body ?? "")) };
    }),
    route("GET", `${repo}/issues/(\\d+)/comments`, async (request) => {
      // A pull request has comments as an issue has.
      const found = await Promise.all([read.issue(repository, at(request)), read.pullRequest(repository, at(request))]);
      if (found.every((one) => one === "missing")) return missing;
      return { data: (await read.comments(repository, at(request), since(request))).map(commentJson) };
    }),
    route("POST", `${repo}/issues/(\\d+)/comments`, async (request) => {
      const { body } = request.body as { body: string };
      const data = commentJson(await write.createComment(repository, at(request), body, "incident"));
      return { status: 201, data, headers: { location: `${API_URL}${repo}/issues/comments/${data.id}` } };
    }),
    route("GET", `${repo}/issues/comments/(\\d+)`, async (request) => {
      const comment = await read.comment(repository, at(request));
      return comment === "missing" ? missing : { data: commentJson(comment) };
    }),
    route("PATCH", `${repo}/issues/comments/(\\d+)`, async (request) => {
      const { body } = request.body as { body: string };
      return { data: commentJson(await write.editComment(repository, at(request), body)) };
    }),
    route("DELETE", `${repo}/issues/comments/(\\d+)`, async (request) => {
      if ((await read.comment(repository, at(request))) === "missing") return missing;
      await write.deleteComment(repository, at(request));
      return { status: 204 };
    }),
    route("PUT", `${repo}/issues/comments/(\\d+)/pin`, async (request) => {
      if ((await write.pinComment(repository, at(request))) !== "done") return missing;
      const comment = await read.comment(repository, at(request));
      return comment === "missing" ? missing : { data: commentJson(comment) };
    }),
    route("POST", `${repo}/issues/comments/(\\d+)/reactions`, async (request) => {
      const { content } = request.body as { content: "+1" };
      if ((await write.react(repository, at(request), content)) !== "done") return missing;
      return { status: 201, data: { content } };
    }),
    route("GET", `${repo}/issues/(\\d+)/timeline`, async (request) => ({
      data: (await read.timeline(repository, at(request))).events.map(eventJson),
    })),
    route("GET", `${repo}/issue-types`, async () => {
      const types = await read.issueTypes(repository);
      if (types === "unsupported") return missing;
      return { data: types.map((name, at) => ({ id: at + 1, node_id: `IT_${at}`, name, description: null })) };
    }),
    route("GET", `${repo}/issues/(\\d+)/sub_issues`, async (request) => {
      if (!github.features.subIssues) return missing;
      const children = await read.subIssues(repository, at(request));
      return { data: children.map(({ number }) => issueJson(github.issue(number, repository))) };
    }),
    route("POST", `${repo}/issues/(\\d+)/sub_issues`, async (request) => {
      const { sub_issue_id: child } = request.body as { sub_issue_id: number };
      if ((await write.addSubIssue(repository, at(request), child)) !== "done") return missing;
      return { status: 201, data: issueJson(github.issue(at(request), repository)) };
    }),
    route("GET", `${repo}/issues/(\\d+)/issue-field-values`, async (request) => {
      const value = await read.targetDate(repository, at(request));
      if (value === "unsupported") return missing;
      const field = { issue_field_id: 1, node_id: "IFD_1", issue_field_name: "Target date", data_type: "date", value };
      return { data: value === null ? [] : [field] };
    }),
    route("POST", `${repo}/issues/(\\d+)/labels`, async (request) => {
      const { labels } = request.body as { labels: string[] };
      await write.addLabels(repository, at(request), labels);
      return { data: github.issue(at(request), repository).labels.map((name) => ({ name })) };
    }),
    route("DELETE", `${repo}/issues/(\\d+)/labels/([^/]+)`, async (request) => {
      const label = request.parts[1] ?? "";
      if (!github.issue(at(request), repository).labels.includes(label)) return missing;
      await write.removeLabel(repository, at(request), label);
      return { data: github.issue(at(request), repository).labels.map((name) => ({ name })) };
    }),
    route("POST", `${repo}/issues/(\\d+)/assignees`, async (request) => {
      const { assignees } = request.body as { assignees: string[] };
      await write.assign(repository, at(request), assignees);
      return { status: 201, data: issueJson(github.issue(at(request), repository)) };
    }),
    route("DELETE", `${repo}/issues/(\\d+)/assignees`, async (request) => {
      const { assignees } = request.body as { assignees: string[] };
      await write.unassign(repository, at(request), assignees);
      return { data: issueJson(github.issue(at(request), repository)) };
    }),
    route("GET", `${repo}/labels`, async () => ({ data: (await read.labels(repository)).map((name) => ({ name })) })),
    route("POST", `${repo}/labels`, async ({ body }) => {
      const label = body as { name: string; color: string; description: string };
      if ((await read.labels(repository)).includes(label.name)) {
        const errors = [{ resource: "Label", code: "already_exists", field: "name" }];
        return { status: 422, data: { message: "Validation Failed", errors } };
      }
      await write.createLabel(repository, label);
      return { status: 201, data: label };
    }),
  ];
}
