import { type Answer, isDone, listAt, numberAt, saidBy, textAt } from "../answer.ts";
import { type Finding, holds, told, untold, untoldEach } from "../finding.ts";
import type { AppProbe } from "../probe.ts";

interface CheckRunAnswers {
  /** A run is created as a success, … */
  readonly created: Answer;
  /** … changed to a failure, … */
  readonly failed: Answer;
  /** … and set back; then it is read. */
  readonly setBack: Answer;
  readonly read: Answer;
  /** A second run of that name; then the latest of each name are listed, and all of them. */
  readonly second: Answer;
  readonly latest: Answer;
  readonly all: Answer;
}

export function judgeCheckRuns(answers: CheckRunAnswers): readonly Finding[] {
  const { created, failed, setBack, read, second, latest, all } = answers;
  const first = numberAt(created.data, "id");
  if (!isDone(created) || first === null) {
    return untoldEach(checkRunsProbe.assumptions, `no run was made: ${saidBy(created)}`);
  }
  const status = textAt(read.data, "status");
  const conclusion = textAt(read.data, "conclusion");
  const newer = numberAt(second.data, "id");
  const named = listAt(latest.data, "check_runs").map((run) => numberAt(run, "id"));
  const listed = listAt(all.data, "check_runs").map((run) => numberAt(run, "id"));
  return [
    isDone(read) && wasJudged(setBack)
      ? told("A-001", status === "completed", `set back: ${saidBy(setBack)}; it is “${status}” afterwards`)
      : untold("A-001", `set back: ${saidBy(setBack)}; read: ${saidBy(read)}`),
    // Right either way: Sevgate makes a new run.
    wasJudged(failed) && isDone(read)
      ? holds(
          "A-002",
          `changed to failure: ${saidBy(failed)}; it is “${conclusion}” afterwards. A new run is right either way`,
        )
      : untold("A-002", `changed to failure: ${saidBy(failed)}; read: ${saidBy(read)}`),
    isDone(latest) && newer !== null
      ? told(
          "A-003",
          named.includes(newer) && !named.includes(first),
          `the newer run ${named.includes(newer) ? "counts" : "does not count"}`,
        )
      : untold("A-003", saidBy(isDone(latest) ? second : latest)),
    isDone(all) && newer !== null
      ? told("A-016", listed.includes(first) && listed.includes(newer), `${listed.length} runs are listed, of 2`)
      : untold("A-016", saidBy(isDone(all) ? second : all)),
  ];
}

/** Done, or refused for what was asked, not for who asked. */
function wasJudged(answer: Answer): boolean {
  return isDone(answer) || answer.status === 422;
}

const NAME = "sevgate/rehearsal";

export const checkRunsProbe: AppProbe = {
  id: "T-2",
  title: "a completed check run is changed and set back",
  assumptions: ["A-001", "A-002", "A-003", "A-016"],
  needs: "app",
  async run({ branch }, app) {
    const { sha } = await branch("checks");
    const { ask } = app.installation;
    const output = { title: "A trial", summary: "Made by `sevgate rehearse`; it says nothing about this commit." };
    const run = { name: NAME, head_sha: sha, status: "completed", conclusion: "success", output };
    const create = () => ask("POST /repos/{owner}/{repo}/check-runs", run);
    const created = await create();
    const place = { check_run_id: numberAt(created.data, "id") ?? 0 };
    const change = "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}";
    const failed = await ask(change, { ...place, status: "completed", conclusion: "failure" });
    const setBack = await ask(change, { ...place, status: "in_progress" });
    const read = await ask("GET /repos/{owner}/{repo}/check-runs/{check_run_id}", place);
    const second = await create();
    const list = "GET /repos/{owner}/{repo}/commits/{ref}/check-runs";
    const latest = await ask(list, { ref: sha, check_name: NAME, filter: "latest" });
    const all = await ask(list, { ref: sha, check_name: NAME, filter: "all", app_id: app.appId });
    return judgeCheckRuns({ created, failed, setBack, read, second, latest, all });
  },
};
