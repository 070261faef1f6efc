import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { HOUR_MS, MINUTE_MS } from "../../../src/core/time-units.ts";
import { ActionRuns } from "../../support/action-runs.ts";

jest.setTimeout(180_000);

/**
 * What GITHUB_TOKEN may ask in an hour (GitHub docs, "Rate limits for the REST API"). Counted without entity tags: every run begins with
 * nothing, so that none of its questions is one that was answered before.
 */
const LIMIT = 1_000;
const HOURS = 8;

/**
 * An hour of a busy day: an incident is declared, acknowledged, told of, closed too early, learned from and resolved, while two others
 * stay open; six pull requests are opened, pushed to and merged; and people write on issues that are none of Sevgate's business.
 */
async function busyHour(runs: ActionRuns, hour: number): Promise<void> {
  const { github } = runs;
  const [alice, bob, rita] = (["alice", "bob", "rita"] as const).map((login) => github.as(login));
  const { number } = await runs.after(() =>
    bob!.openIssue({ title: `Outage ${hour}`, body: "Since nine.", labels: [hour % 2 === 0 ? "sev:P0" : "sev:P1"] }),
  );
  const acts: (() => unknown)[] = [
    () => alice!.comment(number, "/ack"),
    () => bob!.comment(number, "https://example.com/graph looks bad"),
    () => alice!.comment(number, "/status rolling back"),
    () => alice!.comment(number, "/mitigate rolled back"),
    () => bob!.close(number),
    () => alice!.comment(number, "/postmortem"),
    () => alice!.comment(number, "/status watching"),
  ];
  let pull = 0;
  for (let at = 0; at < 6; at += 1) {
    const body = at === 0 ? `Fixes #${number}` : at === 1 ? `Refs #${number}` : "A change.";
    acts.push(() => (pull = bob!.openPullRequest({ title: `Change ${hour}.${at}`, body }).number));
    acts.push(() => bob!.pushToPullRequest(pull, "More"));
    acts.push(() => (at > 1 ? alice!.merge(pull) : null));
  }
  for (let at = 0; at < 10; at += 1) {
    acts.push(() => rita!.openIssue({ title: "A question", body: "How?", labels: at < 3 ? ["bug"] : [] }));
    acts.push(() => rita!.comment(number - 1 > 0 ? number - 1 : number, "See https://example.com/docs"));
  }
  const every = HOUR_MS / acts.length;
  let scheduledAt = runs.clock.now() as number;
  for (const act of acts) {
    await runs.after(act);
    runs.later(every);
    if (runs.clock.now() - scheduledAt < 10 * MINUTE_MS) continue;
    scheduledAt = runs.clock.now();
    await runs.schedule();
  }
}

describe("a busy day of a repository", () => {
  const runs = new ActionRuns("github-token");
  const byHour: number[] = [];
  const questionsByHour: number[] = [];

  beforeAll(async () => {
    for (const title of ["Slow search", "Mails are late"]) {
      await runs.after(() => runs.github.as("bob").openIssue({ title, body: "For days.", labels: ["sev:P2"] }));
    }
    for (let hour = 0; hour < HOURS; hour += 1) {
      const before = runs.runs.length;
      await busyHour(runs, hour);
      const ended = runs.runs.slice(before);
      byHour.push(ended.reduce((sum, { requests }) => sum + requests.length, 0));
      questionsByHour.push(ended.reduce((sum, { questions }) => sum + questions, 0));
    }
  });

  afterAll(() => runs.stop());

  it("stays within the requests of GITHUB_TOKEN in every hour, and within its questions to GraphQL", () => {
    // Using more than before is a decision: docs/install/action.md names the number.
    expect(Math.max(...byHour)).toBeLessThanOrEqual(650);
    expect(650).toBeLessThan(LIMIT);
    expect(Math.max(...questionsByHour)).toBeLessThan(LIMIT);
  });

  it("leaves nothing undone", () => {
    expect(runs.runs.length).toBeGreaterThan(HOURS * 40);
    expect(runs.runs.filter(({ exitCode }) => exitCode !== 0).map(({ summary }) => summary)).toEqual([]);
  });
});
