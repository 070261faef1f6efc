import { afterEach, describe, expect, it, jest } from "@jest/globals";
import { fold } from "../../src/core/record/history.ts";
import { open } from "../../src/core/record/seal.ts";
import type { FakeGitHub } from "../../testkit/fake-github/fake-github.ts";
import { seededRandom } from "../../testkit/seeded-random.ts";
import { ActionRuns, POLICY } from "../support/action-runs.ts";
import { filledPostMortem } from "../support/filled-post-mortem.ts";
import { RECORD_KEYS, Story } from "../support/story.ts";

jest.setTimeout(120_000);

type Act = (github: FakeGitHub) => void;

const ACTS = 34;
const SCHEDULED_EVERY = 6;
const STEP_MS = 10 * 60_000;
const SAID = [
  "/ack",
  "/unack",
  "/mitigate turned it off",
  "/resolve turned it on again",
  "/status looking",
  "/note seen at the edge",
  "/severity P1 not that bad",
  "/severity P0 worse",
  "/assign @bob comms",
  "/postmortem",
  "/cancel a false alarm",
  "/waive nothing to learn",
  "I have no idea / sorry",
];
const LABELS = ["sev:P0", "sev:P1", "sev:P2"];

/** What people do in a day, one after the other. The same for the same seed. */
function dayOf(seed: number): readonly Act[] {
  const random = seededRandom(seed);
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  return Array.from({ length: ACTS }, (_, at): Act => {
    const [kind, login, said, label, pick] = [random(), one(["alice", "bob"]), one(SAID), one(LABELS), random()];
    return (github) => {
      const numbers = github.numbers();
      const issues = numbers.filter((number) => !isPullRequest(github, number));
      const pulls = numbers.filter((number) => isPullRequest(github, number));
      const issue = issues[Math.floor(pick * issues.length)];
      const pull = pulls[Math.floor(pick * pulls.length)];
      const person = github.as(login);
      if (issue === undefined || kind < 0.15) {
        person.openIssue({ title: `Down ${at}`, body: "Since nine.", labels: pick < 0.8 ? [label] : [] });
      } else if (kind < 0.5) person.comment(issue, said);
      else if (kind < 0.58) (github.issue(issue).state === "open" ? person.close : person.reopen).call(person, issue);
      else if (kind < 0.64) person.label(issue, label);
      else if (kind < 0.68) person.unlabel(issue, github.issue(issue).labels[0] ?? label);
      else if (kind < 0.78) fill(github, login, issue);
      else if (kind < 0.88)
        person.openPullRequest({ title: "A change", body: `Fixes #${issue}`, files: runbook(pick) });
      else if (pull !== undefined && github.issue(pull).state === "open") github.as("alice").merge(pull);
    };
  });
}

function runbook(pick: number): Readonly<Record<string, string>> {
  return pick < 0.5 ? { "runbooks/restart.md": "# Restart it\n\n1. Restart it." } : {};
}

function isPullRequest(github: FakeGitHub, number: number): boolean {
  try {
    github.pullRequest(number);
    return true;
  } catch {
    return false;
  }
}

function fill(github: FakeGitHub, login: string, number: number): void {
  const { body } = github.issue(number);
  const filled = filledPostMortem(body);
  if (filled !== body) github.as(login).edit(number, { body: filled });
}

/** What came of it: issues, receipts, and what the newest check of each pull request says. */
function outcome(github: FakeGitHub): unknown {
  return github.numbers().map((number) => {
    if (isPullRequest(github, number)) {
      const { headSha, state } = github.pullRequest(number);
      return { number, state, check: github.checkRuns(headSha).at(-1)?.conclusion ?? null };
    }
    const { title, state, labels, assignees, nodeId } = github.issue(number);
    const place = { appId: github.appId, repositoryId: github.allRepositories()[0]!.id, issueNodeId: nodeId };
    const records = github
      .comments(number)
      .filter(({ author, body }) => author?.login === github.botLogin && body.includes("<!-- sevgate:status -->"))
      .map(({ body }) => open(body, place, RECORD_KEYS));
    return {
      number,
      title,
      state,
      labels: labels.toSorted(),
      assignees: [...assignees].toSorted(),
      records: records.map((one) => {
        if (one.kind !== "valid") return one.kind;
        const { phase, severity } = fold(one.record.entries);
        const receipts = one.record.entries.filter((entry) => "source" in entry && entry.source !== null);
        return { phase, severity, receipts: receipts.map(({ kind }) => kind) };
      }),
    };
  });
}

describe("a day that the action runs ends as one that the server runs,", () => {
  let runs: ActionRuns | null = null;
  afterEach(() => runs?.stop());

  it.each(Array.from({ length: 8 }, (_, at) => at + 1))("whatever people do: day %i", async (seed) => {
    const story = await Story.begin({ policy: POLICY.replace("action", "server") });
    for (const act of dayOf(seed)) {
      act(story.github);
      await story.settle();
      await story.advance(STEP_MS);
    }
    runs = new ActionRuns(seed % 2 === 0 ? "github-token" : "own-app");
    runs.later(60_000);
    await runs.schedule();
    for (const [at, act] of dayOf(seed).entries()) {
      await runs.after(() => act(runs!.github));
      runs.later(STEP_MS);
      // So rarely that what an event's own run leaves out would be seen.
      if (at % SCHEDULED_EVERY === SCHEDULED_EVERY - 1) await runs.schedule();
    }
    expect(outcome(runs.github)).toEqual(outcome(story.github));
    expect(runs.runs.filter(({ exitCode }) => exitCode !== 0).map(({ summary }) => summary)).toEqual([]);
  });
});
