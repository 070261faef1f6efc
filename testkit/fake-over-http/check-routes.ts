import type { CheckRunContent, CheckRunFacts } from "../../src/core/model.ts";
import { workflowRunPayload } from "../fake-github/events.ts";
import { at, missing, type Request, type Route, route, type Served } from "./route.ts";

/** Check runs, their suites, and runs of workflows. */
export function checkRoutes({ github, repository, repo, json }: Served): readonly Route[] {
  const { read, write } = github;
  const { runJson } = json;
  const knownRun = (id: number): CheckRunContent | null =>
    github.allCheckRuns(repository).find((run) => run.id === id)?.content ?? null;

  return [
    route("GET", `${repo}/actions/workflows/(\\d+)/runs`, async (request) => {
      const runs = await read.workflowRuns(repository, at(request), request.query.get("branch") ?? "");
      return {
        data: {
          total_count: runs.length,
          workflow_runs: runs.map((run) => {
            const { head_repository: head, ...rest } = workflowRunPayload(at(request), run);
            // Required in GitHub's description, but GitHub gives null for a fork that is gone.
            return head === null ? rest : { ...rest, head_repository: head };
          }),
        },
      };
    }),
    route("GET", `${repo}/commits/([^/]+)/check-runs`, async (request) => {
      const runs = await read.checkRuns(repository, request.parts[0] ?? "");
      // Another app's run, as in the answer of a server that does not filter.
      const conclusion = (await read.isGreen(repository, request.parts[0] ?? "")) ? "success" : "failure";
      const other = {
        ...runJson({ ...emptyRun, conclusion, headSha: request.parts[0] ?? "" }),
        app: { id: 1, name: "another" },
      };
      return { data: { total_count: runs.length + 1, check_runs: [...runs.map(runJson), other] } };
    }),
    route("GET", `${repo}/commits/([^/]+)/status`, async () => ({
      data: { state: "pending", total_count: 0, statuses: [] },
    })),
    route("POST", `${repo}/check-runs`, async (request) => {
      const run = await write.createCheckRun(repository, checkRunContent(request, null));
      return { status: 201, data: runJson(run) };
    }),
    route("PATCH", `${repo}/check-runs/(\\d+)`, async (request) => {
      const content = checkRunContent(request, knownRun(at(request)));
      const run = github.updateCheckRun(repository, at(request), content);
      return run === "missing" ? missing : { data: runJson(run) };
    }),
    route("GET", `${repo}/check-suites/(\\d+)`, async (request) => {
      const suite = await read.checkSuite(repository, at(request));
      return suite === "missing"
        ? missing
        : { data: { id: at(request), head_sha: suite.headSha, status: suite.status, conclusion: null } };
    }),
  ];
}

/** What the fake was told so far, plus what an update adds: GitHub keeps whatever is not mentioned. */
function checkRunContent(request: Request, known: CheckRunContent | null): CheckRunContent {
  const { body } = request;
  const output = (body["output"] ?? {}) as Record<string, unknown>;
  const annotations = (output["annotations"] ?? []) as Record<string, unknown>[];
  return {
    name: (body["name"] ?? known?.name) as CheckRunContent["name"],
    headSha: (body["head_sha"] ?? known?.headSha) as string,
    status: (body["status"] ?? known?.status) as CheckRunContent["status"],
    conclusion: (body["conclusion"] ?? known?.conclusion ?? null) as CheckRunContent["conclusion"],
    title: (output["title"] ?? known?.title) as string,
    summary: (output["summary"] ?? known?.summary) as string,
    annotations: [
      ...(known?.annotations ?? []),
      ...annotations.map((annotation) => ({
        path: annotation["path"] as string,
        line: annotation["start_line"] as number,
        column: (annotation["start_column"] ?? null) as number | null,
        level: annotation["annotation_level"] as "notice",
        message: annotation["message"] as string,
      })),
    ],
    actions: (body["actions"] ?? known?.actions ?? []) as CheckRunContent["actions"],
    externalId: (body["external_id"] ?? known?.externalId) as string,
  };
}

const emptyRun: CheckRunFacts = {
  id: 1,
  name: "another",
  headSha: "",
  status: "completed",
  conclusion: "success",
  title: null,
  summary: null,
  externalId: null,
  at: null,
};
