import { describe, expect, it, jest } from "@jest/globals";
import type { Instant } from "../../src/core/model.ts";
import { reportMarkdown } from "../../src/core/report/report-markdown.ts";
import { DAY_MS } from "../../src/core/time-units.ts";
import { playYear, reportOfYear } from "../support/year-of-a-repository.ts";

// Three hundred incidents.
jest.setTimeout(600_000);

const REPORTS = "incident-report";

describe("A year of a repository with 300 incidents, while much goes wrong", () => {
  it("ends with the same report from GitHub alone, byte for byte, after the database was deleted", async () => {
    const year = await playYear(300, 20_260_105);
    const { story, faults } = year;
    for (const [fault, times] of Object.entries(faults)) expect([fault, times > 0]).toEqual([fault, true]);

    const kept = await reportOfYear(year, "store");
    const [own] = kept.repositories;
    const { leftOut } = own!;
    expect(own!.incidents.length + leftOut.drills + leftOut.cancelled).toBe(300);
    expect(leftOut).toMatchObject({ unreadable: [], unread: 0 });
    expect(leftOut.drills).toBeGreaterThan(3);
    expect(own!.endings.waived).toBeGreaterThan(3);
    expect(own!.endings.reopened).toBeGreaterThan(3);
    expect(own!.incidents.some(({ state }) => state === "open")).toBe(true);
    expect(own!.pages.pages).toBeGreaterThan(100);
    expect(own!.factors!.postMortems).toBeGreaterThan(100);

    const issues = await monthly(story);
    // One for each month that is over, and never a second one.
    expect(new Set(issues.map(({ title }) => title)).size).toBe(issues.length);
    expect(issues.length).toBe(12);

    story.github.forgetCalls();
    expect(bytes(await reportOfYear(year, "github"))).toEqual(bytes(kept));
    const reads = story.github.reads;
    const comments = reads.filter((one) => one === "comments").length;
    // One for each incident, and the listings.
    expect(comments).toBe(300);
    expect(reads.length - comments).toBeLessThan(12);

    story.restart({ database: "lost" });
    story.hint({ kind: "repository", repository: story.repository });
    await story.advance(DAY_MS);
    expect(bytes(await reportOfYear(year, "store"))).toEqual(bytes(kept));
    expect(bytes(await reportOfYear(year, "github"))).toEqual(bytes(kept));
    expect((await monthly(story)).map(({ body }) => body)).toEqual(issues.map(({ body }) => body));
  });

  async function monthly(story: Awaited<ReturnType<typeof playYear>>["story"]) {
    return await story.github.read.issuesWithLabel(story.repository, REPORTS, { state: "all", since: 0 as Instant });
  }

  function bytes(report: Awaited<ReturnType<typeof reportOfYear>>): {
    readonly json: string;
    readonly markdown: string;
  } {
    return { json: JSON.stringify(report), markdown: reportMarkdown(report) };
  }
});
