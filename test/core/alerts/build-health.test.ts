import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { isWatched, mergeHealth } from "../../../src/core/alerts/build-alert.ts";
import { buildHealth, ownRuns } from "../../../src/core/alerts/build-health.ts";
import type { Instant, WorkflowRunFacts } from "../../../src/core/model.ts";

const HOME = 70;
const NOW = Date.UTC(2026, 0, 5, 9) as Instant;

/** `3 push failure` or, for its second attempt, `3/2 push failure`; without a conclusion it is still running. */
function run(written: string, more: Partial<WorkflowRunFacts> = {}): WorkflowRunFacts {
  const [count = "", event = "", conclusion = null] = written.split(" ");
  const [number = 0, attempt = 1] = count.split("/").map(Number);
  const at = (NOW + number * 60_000) as Instant;
  return {
    workflow: "CI",
    file: "ci.yml",
    number,
    attempt,
    event,
    branch: "main",
    sha: `${number}`.repeat(40),
    headRepositoryId: HOME,
    conclusion,
    startedAt: at,
    updatedAt: at,
    url: `https://github.com/acme/ops/actions/runs/${number}`,
    ...more,
  };
}

function health(...runs: readonly (string | WorkflowRunFacts)[]): string {
  const facts = runs.map((one) => (typeof one === "string" ? run(one) : one));
  const judged = buildHealth(ownRuns(facts, HOME, "main"));
  return judged.kind === "unknown" ? "unknown" : `${judged.kind} ${judged.latest.number}`;
}

describe("a build", () => {
  it.each<readonly [string, readonly (string | WorkflowRunFacts)[], string]>([
    ["is broken by one failure after a push", ["2 push failure", "1 push success"], "broken 2"],
    ["is broken by a time-out", ["2 push timed_out", "1 push success"], "broken 2"],
    ["is broken by a workflow file that cannot start", ["1 push startup_failure"], "broken 1"],
    ["is not broken by one failure on a schedule", ["2 schedule failure", "1 schedule success"], "works 1"],
    ["says nothing by its first run on a schedule when that fails", ["1 schedule failure"], "unknown"],
    ["is broken by two failures in a row on a schedule", ["2 schedule failure", "1 schedule failure"], "broken 2"],
    ["stays broken when a schedule finds it as a push left it", ["2 schedule failure", "1 push failure"], "broken 2"],
    ["is broken by a run on a schedule that fails again when run again", ["2/2 schedule failure"], "broken 2"],
    ["works again after a success", ["2 push success", "1 push failure"], "works 2"],
    ["works again when the failed run is run again and succeeds", ["2/2 push success", "1 push failure"], "works 2"],
    ["stays broken when only an older commit is run again", ["2 push failure", "1/2 push success"], "broken 2"],
    ["still works when an older commit fails late", ["1 push failure", "2 push success"], "works 2"],
    ["is not known while the run that told is run again", ["2/2 push", "1 push success"], "unknown"],
    ["stays as it was while the next run goes on", ["3 push", "2 push failure", "1 push success"], "broken 2"],
    ["stays as it was when a run was cancelled", ["3 push cancelled", "2 push failure"], "broken 2"],
    ["stays as it was when a run was skipped", ["3 push skipped", "2 push success"], "works 2"],
    ["is not judged by runs of forks", [run("1 push failure", { headRepositoryId: 71 })], "unknown"],
    ["is not judged by runs of a fork that is gone", [run("1 push failure", { headRepositoryId: null })], "unknown"],
    ["is not judged by other branches", [run("1 push failure", { branch: "topic" })], "unknown"],
    ["is not judged by pull requests", ["1 pull_request failure", "2 pull_request_target failure"], "unknown"],
    ["is not judged by what a stranger can cause", ["1 issues failure", "2 workflow_run failure"], "unknown"],
    ["is not judged by what GitHub runs itself", [run("1 push failure", { file: null })], "unknown"],
  ])("%s", (_says, runs, expected) => {
    expect(health(...runs)).toBe(expected);
    expect(health(...runs.toReversed())).toBe(expected);
  });

  it("that fails names the run it began with", () => {
    const judged = buildHealth([run("4 push failure"), run("3 push failure"), run("2 push success")]);
    expect(judged).toMatchObject({ kind: "broken", latest: { number: 4 }, first: { number: 3 } });
  });
});

describe("the alert of a build", () => {
  it("stands as GitHub says now, whatever was known and whenever the runs ended", () => {
    const results = fc.array(
      fc.record({ failed: fc.boolean(), endedMs: fc.integer({ min: -3_600_000, max: 3_600_000 }) }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(results, (told) => {
        let state = null;
        let now = (NOW + 7_200_000) as Instant;
        for (const [number, { failed, endedMs }] of told.entries()) {
          const updatedAt = (NOW + endedMs) as Instant;
          const latest = run(`${number} push ${failed ? "failure" : "success"}`, { updatedAt });
          const judged = failed
            ? ({ kind: "broken", latest, first: latest } as const)
            : ({ kind: "works", latest } as const);
          if (state === null && !failed) continue;
          state = mergeHealth(state, 7, judged, "main", now);
          expect(state.status).toBe(failed ? "firing" : "resolved");
          expect(mergeHealth(state, 7, judged, "main", now)).toEqual(state);
          now = (now + 1_000) as Instant;
        }
      }),
    );
  });

  it("names branch, workflow, commit and run", () => {
    const latest = run("4/2 push failure", { workflow: "Build & test" });
    const state = mergeHealth(null, 7, { kind: "broken", latest, first: run("3 push failure") }, "trunk", NOW);
    expect(state).toMatchObject({
      source: "github-actions",
      title: "trunk build is broken in CI: Build & test",
      url: "https://github.com/acme/ops/actions/runs/4",
      labels: { commit: "4".repeat(40), run: "4, attempt 2", "failing since": `run 3, commit ${"3".repeat(40)}` },
    });
  });
});

describe("a workflow", () => {
  const policy = { severity: "P1", "auto-resolve": "never", "reopen-within": 0 as never } as const;
  it.each<readonly [readonly string[], readonly string[], string, string, boolean]>([
    [["**"], [], "CI / build", "ci.yml", true],
    [["CI"], [], "CI", "build.yml", true],
    [["build.yml"], [], "CI", "build.yml", true],
    [["Deploy*"], [], "CI", "build.yml", false],
    [["**"], ["Nightly*"], "Nightly fuzzing", "fuzz.yml", false],
    [["**"], ["fuzz.*"], "Nightly fuzzing", "fuzz.yml", false],
  ])("of %j but %j: is %s (%s) watched? %p", (workflows, ignore, workflow, file, expected) => {
    expect(isWatched(run("1 push success", { workflow, file }), { ...policy, workflows, ignore })).toBe(expected);
  });
});
