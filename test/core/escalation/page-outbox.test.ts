import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { pageId, pagingTrouble, planPaging, type SentPage } from "../../../src/core/escalation/page-outbox.ts";
import type { Instant } from "../../../src/core/model.ts";
import type { PagingChannel } from "../../../src/core/policy/policy.ts";
import type { Page } from "../../../src/core/record/history.ts";
import { NINE } from "../../support/build-observation.ts";

const BOTH: readonly PagingChannel[] = ["pagerduty", "better-stack"];
const PAGE: Page = {
  at: NINE,
  by: null,
  episode: NINE,
  step: 0,
  round: 0,
  targets: [{ login: "alice", role: "primary" }],
  nobody: [],
  unreachable: [],
  source: null,
};

type Answer = "taken" | "failed" | "refused";

/** Lets `seconds` pass, doing each planned thing when it is due; `answer` is what a channel says at a given second. */
function play(
  seconds: number,
  answer: (channel: PagingChannel, second: number) => Answer,
  wantedUntil = Number.POSITIVE_INFINITY,
) {
  const rows = new Map<string, SentPage>();
  const did: string[] = [];
  let next: Instant | null = NINE;
  for (let count = 0; next !== null && next - NINE <= seconds * 1_000; count += 1) {
    if (count > 500) throw new Error("it does not come to rest");
    const now: Instant = next;
    const second = (now - NINE) / 1_000;
    const wanted = second < wantedUntil ? [PAGE] : [];
    const known = [...rows.values()];
    const { step, lookAgainAt } = planPaging({ wanted, known, channels: BOTH, now });
    if (step === null) {
      const turns = second < wantedUntil && wantedUntil <= seconds ? ((NINE + wantedUntil * 1_000) as Instant) : null;
      next = lookAgainAt === null || (turns !== null && turns < lookAgainAt) ? turns : lookAgainAt;
      continue;
    }
    const channel = step.kind === "send" ? step.channel : step.known.channel;
    const said = answer(channel, second);
    did.push(`${second}: ${step.kind} ${channel} ${said}`);
    const base = step.known ?? { page: pageId(PAGE), channel, since: now, externalId: null };
    const done = step.kind === "send" ? "sent" : "ended";
    const failed = step.kind === "end" && step.known.state === "sent" ? "sent" : "failing";
    const state = said === "taken" ? done : said === "refused" ? (step.kind === "end" ? "ended" : "refused") : failed;
    rows.set(channel, { ...base, state, triedAt: now, why: said === "taken" ? "" : said });
  }
  return { did, rows: [...rows.values()] };
}

describe("a page for other systems", () => {
  it("goes to the first channel, and to no other when that takes it", () => {
    expect(play(3_600, () => "taken").did).toEqual(["0: send pagerduty taken"]);
  });

  it("goes to the next channel at once when the first refuses it for good", () => {
    const { did } = play(3_600, (channel) => (channel === "pagerduty" ? "refused" : "taken"));
    expect(did).toEqual(["0: send pagerduty refused", "0: send better-stack taken"]);
  });

  it("goes to the next channel when the first has failed for two minutes", () => {
    const { did, rows } = play(3_600, (channel) => (channel === "pagerduty" ? "failed" : "taken"));
    expect(did.filter((line) => line.includes("better-stack"))).toEqual(["120: send better-stack taken"]);
    expect(did.filter((line) => line.includes("pagerduty"))).toHaveLength(12);
    expect(pagingTrouble([PAGE], rows, BOTH)).toEqual([
      { channel: "pagerduty", why: "failed", instead: "better-stack" },
    ]);
  });

  it("is tried until one takes it: every minute, however long all of them fail", () => {
    const { did } = play(3_600, (_, second) => (second < 1_800 ? "failed" : "taken"));
    expect(did.at(-1)).toMatch(/^18\d\d: send \S+ taken$/);
    expect(did.length).toBeLessThan(90);
  });

  it("is taken back when somebody has answered, also one of which nobody knows whether it arrived", () => {
    expect(play(3_600, () => "taken", 60).did).toEqual(["0: send pagerduty taken", "60: end pagerduty taken"]);
    const lost = play(3_600, (_, second) => (second < 1 ? "failed" : "taken"), 5);
    expect(lost.did.at(-1)).toMatch(/^\d+: end pagerduty taken$/);
  });

  it("is not sent when it is an hour old and nothing is known of it", () => {
    const now = (NINE + 3_600_001) as Instant;
    expect(planPaging({ wanted: [PAGE], known: [], channels: BOTH, now })).toEqual({ step: null, lookAgainAt: null });
  });

  it("is in one channel in the end, whatever they answer, and in none when somebody has answered", () => {
    const answers = fc.array(fc.constantFrom<Answer>("taken", "failed"), { minLength: 200, maxLength: 200 });
    fc.assert(
      fc.property(answers, answers, fc.integer({ min: 1, max: 900 }), (one, other, until) => {
        const answer = (channel: PagingChannel, second: number): Answer =>
          second > 3_000 ? "taken" : (channel === "pagerduty" ? one : other)[Math.floor(second / 10) % 200]!;
        const standing = play(7_200, answer).rows.filter((row) => row.state === "sent");
        expect(standing).toHaveLength(1);
        expect(play(7_200, answer, until).rows.map((row) => row.state)).not.toContain("sent");
      }),
    );
  });
});
