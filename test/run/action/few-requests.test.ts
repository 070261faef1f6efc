import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { HOUR_MS, MINUTE_MS } from "../../../src/core/time-units.ts";
import { ActionRuns } from "../../support/action-runs.ts";

let runs: ActionRuns;

beforeEach(() => {
  runs = new ActionRuns("github-token");
});

afterEach(() => {
  runs.stop();
});

/** A new hour begins, with so many requests. */
function beginHour(limit: number): void {
  runs.limit = { limit, remaining: limit, resetsAt: runs.clock.now() + HOUR_MS } as typeof runs.limit;
}

const last = () => runs.runs.at(-1)!;
const labels = (number: number) => runs.github.issue(number, runs.repository).labels;
const declared = () => runs.github.numbers(runs.repository).filter((one) => labels(one).includes("incident:declared"));

describe("what people without rights do", () => {
  it("leaves half of the hour's requests to everybody else, and waits for the schedule", async () => {
    const { github } = runs;
    const { number } = await runs.after(() =>
      github.as("bob").openIssue({ title: "Down", body: "", labels: ["sev:P0"] }),
    );
    beginHour(300);
    for (let at = 0; at < 40; at += 1) await runs.after(() => github.as("rita").comment(number, "/mitigate"));
    expect(runs.limit?.remaining).toBeGreaterThan(30);
    expect(last().summary).toContain("what people without rights here do waits for the schedule");
    expect(last().requests.length).toBeLessThan(4);
    expect(last().exitCode).toBe(1);
    await runs.after(() => github.as("alice").comment(number, "/ack"));
    expect(last().exitCode).toBe(0);
    expect(labels(number)).toContain("incident:acknowledged");
  });

  it("is told apart by their rights: a member whom the event calls a stranger is heard", async () => {
    const { github } = runs;
    github.setRole("carol", "triage");
    const { number } = await runs.after(() =>
      github.as("bob").openIssue({ title: "Down", body: "", labels: ["sev:P0"] }),
    );
    beginHour(1_000);
    runs.limit!.remaining = 300;
    await runs.after(() => github.as("carol").comment(number, "/ack"));
    expect(labels(number)).toContain("incident:acknowledged");
  });

  it("waits when it is a pull request, for the schedule or until somebody of the team does something to it", async () => {
    const { github } = runs;
    beginHour(1_000);
    runs.limit!.remaining = 300;
    const pull = await runs.after(() => github.as("rita").openPullRequest({ title: "Fix", body: "Fixes it" }));
    expect(last().exitCode).toBe(1);
    expect(github.allCheckRuns(runs.repository)).toEqual([]);
    await runs.after(() => github.as("alice").edit(pull.number, { title: "Fix it" }));
    expect(github.allCheckRuns(runs.repository)).toHaveLength(1);
    await runs.after(() => github.as("rita").openPullRequest({ title: "Another", body: "Fixes it" }));
    expect(github.allCheckRuns(runs.repository)).toHaveLength(1);
    await runs.schedule();
    expect(github.allCheckRuns(runs.repository)).toHaveLength(2);
  });
});

const SHOWN: Readonly<Record<string, string>> = {
  "/ack": "alice has it",
  "/postmortem": "#2",
  "/mitigate rolled back": "P0 · mitigated",
};

describe("the hour's requests, used up in the middle of a command,", () => {
  it.each(["/ack", "/postmortem", "/mitigate rolled back"])(
    "leave %s to the schedule of the next hour, once",
    async (command) => {
      for (let left = 2; ; left += 2) {
        runs.stop();
        runs = new ActionRuns("github-token");
        const { github } = runs;
        const { number } = await runs.after(() =>
          github.as("bob").openIssue({ title: "Down", body: "", labels: ["sev:P0"] }),
        );
        beginHour(1_000);
        runs.limit!.remaining = left;
        const { id } = await runs.after(() => github.as("alice").comment(number, command));
        const { exitCode, summary } = last();
        if (exitCode === 1) expect(summary).toMatch(/rate limit is reached|waits for an answer of GitHub/);
        runs.later(HOUR_MS);
        beginHour(1_000);
        await runs.schedule();
        expect(last().exitCode).toBe(0);
        expect(github.reactions(id, runs.repository)).toHaveLength(1);
        expect(github.numbers(runs.repository)).toHaveLength(command === "/postmortem" ? 2 : 1);
        expect(runs.status(number)).toContain(SHOWN[command]);
        if (exitCode === 0) {
          expect(left).toBeGreaterThan(10);
          return;
        }
      }
    },
  );
});

describe("a command on an incident that many pull requests name", () => {
  it("looks again at the checks of the team's, and of a few others: an outsider cannot make it dear", async () => {
    const { github } = runs;
    const { number } = await runs.after(() =>
      github.as("bob").openIssue({ title: "Down", body: "", labels: ["sev:P0"] }),
    );
    const body = `Fixes #${number}`;
    await runs.after(() => github.as("bob").openPullRequest({ title: "The fix", body }));
    for (let at = 0; at < 30; at += 1) {
      runs.unheard(() => github.as("rita").openPullRequest({ title: `Fix ${at}`, body }));
    }
    await runs.after(() => github.as("alice").comment(number, "/cancel wrong alert"));
    expect(last()).toMatchObject({ name: "issue_comment", exitCode: 0 });
    expect(last().requests.length).toBeLessThan(70);
    expect(last().summary).toContain("pull request #2: `");
    expect(last().summary).toContain(
      "27 pull requests by people without rights here name an incident that has changed",
    );
  });
});

describe("a scheduled run with more open incidents than requests", () => {
  const OPEN = 40;

  beforeEach(() => {
    for (let at = 0; at < OPEN; at += 1) {
      runs.unheard(() => runs.github.as("bob").openIssue({ title: `Slow ${at}`, body: "", labels: ["sev:P1"] }));
    }
  });

  it("keeps a fifth for events also while it is at work, and says what it left", async () => {
    beginHour(200);
    const run = await runs.schedule();
    expect(run.exitCode).toBe(1);
    expect(runs.limit?.remaining).toBeGreaterThan(30);
    expect(run.summary).toContain("kept for events");
    expect(declared().length).toBeGreaterThan(5);
    expect(declared().length).toBeLessThan(OPEN);
    expect(run.outputs).toMatch(/undone=\d\d/);
  });

  it("starves none: each begins with the newest, and goes on somewhere else", async () => {
    beginHour(1_000);
    await runs.schedule();
    runs.later(2 * MINUTE_MS);
    await runs.schedule();
    expect(declared()).toHaveLength(OPEN);
    const looked = new Set<string>();
    for (let hour = 0; hour < 8; hour += 1) {
      runs.later(10 * MINUTE_MS);
      beginHour(100);
      const { summary, requests } = await runs.schedule();
      expect(requests.length).toBeLessThan(90);
      const [, part = ""] = summary.split("### Looked at");
      for (const [one] of part.matchAll(/incident #\d+/g)) looked.add(one);
      expect(part).toContain(`incident #${OPEN}`);
    }
    expect(looked.size).toBe(OPEN);
  });
});
