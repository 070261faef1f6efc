import type { CheckRunContent, CheckRunFacts, Repository, WorkflowRunFacts } from "../../src/core/model.ts";
import type { Missing } from "../../src/systems/github/ports.ts";
import { checkRunPayload, workflowRunPayload } from "./events.ts";
import { type RepositoryState, suiteOf } from "./state.ts";
import type { FakeWorld } from "./world.ts";

export interface NewWorkflowRun {
  /** Of the workflow. */
  readonly id: number;
  /** Default: `CI`. */
  readonly name?: string;
  /** Default: made from the name; `null`: GitHub's own. */
  readonly file?: string | null;
  /** The number of the run to re-run; left out: a new one. */
  readonly number?: number;
  /** Default: `push`. */
  readonly event?: string;
  /** Default: the default branch. */
  readonly branch?: string;
  /** Default: the head. */
  readonly sha?: string;
  readonly fork?: boolean;
}

/** Acts on check runs and their suites, by login. */
export function checkActs(world: FakeWorld) {
  return {
    rerequestCheckRun: (repository: Repository, login: string, checkRunId: number, identifier: string | null): void => {
      const state = world.writable(repository);
      const run = state.checkRuns.get(checkRunId);
      if (run === undefined) throw new Error(`no check run ${checkRunId}`);
      const suite = suiteOf(state, run.headSha);
      // The run itself stays as it was (GitHub REST, "Rerequest a check run").
      if (identifier === null) suite.status = "queued";
      world.emit(state, login, "check_run", {
        action: identifier === null ? "rerequested" : "requested_action",
        check_run: checkRunPayload(run, { id: world.settings.appId, slug: world.settings.slug }, suite.id),
        ...(identifier === null ? {} : { requested_action: { identifier } }),
      });
    },

    rerequestCheckSuite: (repository: Repository, login: string, headSha: string): void => {
      const state = world.writable(repository);
      const suite = suiteOf(state, headSha);
      suite.status = "queued";
      world.emit(state, login, "check_suite", {
        action: "rerequested",
        // Empty for pull requests from forks and for merge groups, so nobody may rely on it.
        check_suite: { id: suite.id, head_sha: headSha, head_branch: null, status: "queued", pull_requests: [] },
      });
    },
  };
}

export function saveCheckRun(
  world: FakeWorld,
  repository: Repository,
  id: number,
  content: CheckRunContent,
): CheckRunFacts {
  const state = world.writable(repository);
  const facts: CheckRunFacts = {
    id,
    name: content.name,
    headSha: content.headSha,
    status: content.status,
    conclusion: content.conclusion,
    title: content.title,
    summary: content.summary,
    externalId: content.externalId,
    at: state.checkRuns.get(id)?.at ?? world.clock.now(),
  };
  const suite = state.checkSuites.get(content.headSha) ?? { id: world.id(), status: content.status };
  suite.status = content.status;
  state.checkSuites.set(content.headSha, suite);
  const action = state.checkRuns.has(id) ? null : "created";
  const { appId } = world.settings;
  state.checkRuns.set(id, { ...facts, content, appId });
  for (const sent of [action, content.status === "completed" ? "completed" : null]) {
    if (sent === null) continue;
    world.emit(state, world.settings.botLogin, "check_run", {
      action: sent,
      check_run: checkRunPayload(
        { ...facts, content, appId },
        { id: world.settings.appId, slug: world.settings.slug },
        suite.id,
      ),
    });
  }
  return facts;
}

/**
 * "Update a check run": the status of a completed run does not go back, nor does its conclusion change. GitHub still
 * answers 200.
 */
export function updateCheckRun(
  world: FakeWorld,
  repository: Repository,
  checkRunId: number,
  content: CheckRunContent,
): CheckRunFacts | Missing {
  const known = world.state(repository).checkRuns.get(checkRunId);
  if (known === undefined) return "missing";
  const { status, conclusion } = known.status === "completed" ? known.content : content;
  return saveCheckRun(world, repository, checkRunId, { ...content, status, conclusion });
}

/**
 * A workflow runs, or (`number`) one of its runs is re-run, and ends; `conclusion: null`: it is still running. Its end
 * causes a webhook.
 */
export function runWorkflow(
  world: FakeWorld,
  state: RepositoryState,
  workflow: NewWorkflowRun,
  conclusion: string | null,
): WorkflowRunFacts {
  const { repository } = state;
  const { id, number = null, event = "push", branch = state.defaultBranch, fork = false } = workflow;
  const runs = state.workflowRuns.get(id) ?? [];
  const again = runs.find((run) => run.number === number);
  const name = workflow.name ?? again?.workflow ?? "CI";
  const at = world.clock.now();
  const run: WorkflowRunFacts = {
    workflow: name,
    file: workflow.file === undefined ? `${name.toLowerCase().replaceAll(/\W+/g, "-")}.yml` : workflow.file,
    number: again?.number ?? runs.length + 1,
    // A run in progress ends under its own number.
    attempt: again === undefined ? 1 : again.attempt + (again.conclusion === null ? 0 : 1),
    event: again?.event ?? event,
    branch: again?.branch ?? branch,
    sha: again?.sha ?? workflow.sha ?? state.headSha,
    headRepositoryId: again?.headRepositoryId ?? (fork ? repository.id + 1 : repository.id),
    conclusion,
    startedAt: at,
    updatedAt: at,
    url: `https://github.com/${repository.owner}/${repository.name}/actions/runs/${id}0${again?.number ?? runs.length + 1}`,
  };
  state.workflowRuns.set(id, again === undefined ? [run, ...runs] : runs.map((one) => (one === again ? run : one)));
  if (conclusion !== null) {
    world.emit(state, "alice", "workflow_run", { action: "completed", workflow_run: workflowRunPayload(id, run) });
  }
  return run;
}
