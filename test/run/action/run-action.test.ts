import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { ActionRuns } from "../../support/action-runs.ts";

let runs: ActionRuns;

beforeEach(() => {
  runs = new ActionRuns();
});

afterEach(() => {
  runs.stop();
});

describe("the life of an incident, run by run", () => {
  it("begins with a label and ends with a post-mortem, and every run is green", async () => {
    const { github } = runs;
    await runs.schedule();
    console.log(JSON.stringify(runs.runs,null,1));
    const { number } = await runs.after(() =>
      github.as("bob").openIssue({ title: "Checkout is down", body: "It started at nine.", labels: ["sev:P0"] }),
    );
    console.log(JSON.stringify(runs.runs,null,1));
    expect(github.issue(number, runs.repository).labels).toEqual(["sev:P0", "incident:declared"]);
    expect(runs.status(number)).toContain("nobody has acknowledged");
    await runs.after(() => github.as("alice").comment(number, "/ack"));
    expect(github.issue(number, runs.repository).labels).toContain("incident:acknowledged");
    await runs.after(() => github.as("bob").close(number));
    expect(github.issue(number, runs.repository).state).toBe("open");
    await runs.after(() => github.as("alice").comment(number, "/postmortem"));
    for (const run of runs.runs) console.log(run.name, run.exitCode, run.questions, run.requests.length, run.requests.join("\n   "), run.lines.join("\n"), run.summary);
    expect(runs.runs.filter(({ exitCode }) => exitCode !== 0)).toEqual([]);
  });
});
