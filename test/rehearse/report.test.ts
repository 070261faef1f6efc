import { describe, expect, it } from "@jest/globals";
import { saidBy } from "../../src/rehearse/answer.ts";
import { fails, holds, untold } from "../../src/rehearse/finding.ts";
import { rehearsalMarkdown } from "../../src/rehearse/rehearsal-markdown.ts";
import {
  exitCodeOf,
  REHEARSAL_VERSION,
  type RehearsalReport,
  whyNoAnswer,
  worstOfEach,
} from "../../src/rehearse/rehearsal-report.ts";
import { NOT_IN_TIME } from "../../src/rehearse/story-seen.ts";

const SENT = { name: "issues.opened", atMs: 3_000, delayMs: 2_000, status: 202 };
const REPORT: RehearsalReport = {
  version: REHEARSAL_VERSION,
  sevgate: "0.1.0",
  repository: "acme/sevgate-scratch",
  isPrivate: true,
  host: "api.github.com",
  mark: "rehearsal-k3x9z2",
  startedAt: "2026-01-05T09:00:00.000Z",
  tookMs: 600_000,
  endedBecause: null,
  withoutAppBecause: null,
  requests: 300,
  pauses: 0,
  steps: [{ id: "status", ms: 1_200, seen: "nobody has acknowledged it" }],
  webhooks: [{ name: "issues.opened", atMs: 3_000, delayMs: 2_000, status: 202 }],
  probes: [{ id: "T-7", title: "pins", findings: [holds("A-072", "200")], requests: [] }],
  manual: [{ id: "T-18", why: "no API renames an app", step: "Rename it." }],
  cleanUp: { done: ["deleted 4 issues"], left: ["commits"] },
};

describe("the report of a rehearsal", () => {
  it("says by number what holds, how long each step took, how late webhooks were, and what is left", () => {
    const page = rehearsalMarkdown(REPORT);
    expect(page).toContain("**1 assumptions hold, 0 do not**");
    expect(page).toContain("| the status comment | 1.2 s | nobody has acknowledged it |");
    expect(page).toContain("| A-072 | An app may pin a comment on an issue | holds | 200 | T-7 |");
    expect(page).toMatch(/It says nothing of the other \d+: A-004, A-005, /);
    expect(page).toContain("| 3 s | issues.opened | 2 s | 202 |");
    expect(page).toContain("| T-18 | no API renames an app | Rename it. |");
    expect(page).toMatch(/## Left in the repository\n\n- commits/);
  });

  it("shows what GitHub said without secrets and without markup", () => {
    const message = `token ghs_${"x".repeat(40)} of @octocat \u001b[2J| <img src=x> ${"long ".repeat(100)}`;
    const seen = saidBy({ status: 403, data: { message } });
    expect(seen).not.toContain("ghs_x");
    expect(seen).not.toContain("\u001b");
    expect(seen.length).toBeLessThan(200);
    const page = rehearsalMarkdown({
      ...REPORT,
      endedBecause: seen,
      probes: [
        {
          id: "T-7",
          title: "pins",
          findings: [fails("A-072", seen)],
          requests: [{ as: "app", route: "PUT /x", said: seen, ms: 1 }],
        },
      ],
      cleanUp: { done: [seen], left: [seen] },
    });
    expect(page).not.toMatch(/@octocat|<img|ghs_x/);
    expect(page.split("\n").filter((line) => line.startsWith("| A-072"))).toEqual([
      expect.stringMatching(/\| T-7 \|$/),
    ]);
  });

  it("takes the worst of what several probes found", () => {
    const probes = [
      { id: "a", title: "", findings: [untold("A-072", "x"), holds("A-064", "x")], requests: [] },
      { id: "b", title: "", findings: [holds("A-072", "x"), fails("A-064", "x")], requests: [] },
    ];
    expect(worstOfEach(probes).map(({ assumption, verdict, probe }) => [assumption, verdict, probe])).toEqual([
      ["A-064", "does not hold", "b"],
      ["A-072", "holds", "b"],
    ]);
  });

  it.each<[string, Partial<RehearsalReport>, RegExp]>([
    [
      "could not deliver",
      {
        webhooks: [
          { ...SENT, status: 202 },
          { ...SENT, status: 502 },
        ],
      },
      /1 of 2 .* was 502\. Is the server up/,
    ],
    ["got no answer to", { webhooks: [{ ...SENT, status: 0 }] }, /the last answer was none\./],
    ["did not even send", { webhooks: [] }, /lists no webhook .* are webhooks on/],
    ["delivered", { webhooks: [SENT] }, /^Sevgate did not answer\. Its webhooks arrived: the server's log/],
    ["could not be asked about", { withoutAppBecause: "no APP_ID", webhooks: [] }, /Is it running, and installed/],
  ])("says what to look at where Sevgate is silent and its webhooks are what GitHub %s", (_what, more, why) => {
    const report = { ...REPORT, steps: [{ id: "labels", ms: null, seen: NOT_IN_TIME } as const], ...more };
    expect(whyNoAnswer(report)).toMatch(why);
    expect(rehearsalMarkdown(report)).toContain(whyNoAnswer(report));
    // Then it was not Sevgate that was waited for.
    const refusedToMe = [{ id: "labels", ms: null, seen: "PUT: 403" } as const];
    expect(whyNoAnswer({ ...report, steps: refusedToMe })).toBeNull();
  });

  it.each<[string, Partial<RehearsalReport>, 0 | 1]>([
    ["everything holds", {}, 0],
    ["something unclear", { probes: [{ id: "T-7", title: "", findings: [untold("A-072", "x")], requests: [] }] }, 0],
    [
      "something does not hold",
      { probes: [{ id: "T-7", title: "", findings: [fails("A-072", "x")], requests: [] }] },
      1,
    ],
    ["a step did not come", { steps: [{ id: "reopen", ms: null, seen: "x" }] }, 1],
    ["a revert was refused", { steps: [{ id: "revert", ms: null, seen: "x" }] }, 0],
    ["it ended early", { endedBecause: "you stopped it" }, 1],
  ])("gives the exit code: %s", (_what, more, code) => {
    expect(exitCodeOf({ ...REPORT, ...more })).toBe(code);
  });
});
