import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { applyFollowUps } from "../../../src/apply/apply-follow-ups.ts";
import { debtOf, isDebt } from "../../../src/core/debt/debt.ts";
import { followUpsText } from "../../../src/core/debt/follow-ups-text.ts";
import type { ActionItem, ItemState } from "../../../src/core/items/action-item.ts";
import type { CommentFacts, Instant, IssueFacts } from "../../../src/core/model.ts";
import { type FollowUpsObservation, followUpsStepId, planFollowUps } from "../../../src/core/plan/plan-follow-ups.ts";
import { defaultPolicy } from "../../../src/core/policy/default-policy.ts";
import type { GitHubWriter } from "../../../src/systems/github/ports.ts";

const DAY = 86_400_000;
const NOW = (1_000 * DAY) as Instant;
const APP = { appId: 1, botLogin: "sevgate[bot]", former: [] };
const BOT = { id: 1, login: APP.botLogin, isBot: true };
const REPOSITORY = { installationId: 1, id: 1, owner: "acme", name: "ops" };
const PLACE = { issueUrl: "https://github.com/acme/ops/issues/1", unread: 0 };
const POLICY = defaultPolicy();

function issue(number: number, change: Partial<IssueFacts>): IssueFacts {
  return {
    id: number,
    nodeId: `I_${number}`,
    number,
    url: `https://github.com/acme/ops/issues/${number}`,
    title: "Incident follow-ups",
    body: "",
    state: "open",
    closeReason: null,
    closedAt: null,
    closedBy: null,
    locked: false,
    labels: ["incident-follow-ups"],
    author: BOT,
    assignees: [],
    createdAt: NOW,
    updatedAt: NOW,
    commentCount: 0,
    subIssueCount: 0,
    milestoneDue: null,
    type: null,
    ...change,
  };
}

const anyItem: fc.Arbitrary<ActionItem> = fc.record({
  target: fc.integer({ min: 2, max: 60 }).map((number) => ({ repository: null, number })),
  url: fc.constant("https://github.com/acme/ops/issues/2"),
  title: fc.string({ maxLength: 40 }),
  state: fc.constantFrom<ItemState>("open", "done", "dropped", "unexplained", "gone"),
  reason: fc.constant(null),
  incident: fc.constantFrom({ repository: null, number: 1 }, { repository: "acme/web", number: 1 }),
  owner: fc.constantFrom(null, "bob", "Bob", "carol", "renovate[bot]"),
  due: fc.constantFrom(
    null,
    { day: "1972-09-01", from: "text" as const },
    { day: "1972-09-27", from: "milestone" as const },
    { day: "1973-01-01", from: "field" as const },
  ),
  kind: fc.constant(null),
  filedAt: fc.integer({ min: 900 * DAY, max: 1_000 * DAY }).map((at) => at as Instant),
  endedAt: fc.constant(null),
  snoozedUntil: fc.option(fc.integer({ min: 990 * DAY, max: 1_010 * DAY }).map((at) => at as Instant)),
  paths: fc.constant([]),
});

const anyIssue = fc.record({
  number: fc.integer({ min: 70, max: 75 }),
  state: fc.constantFrom("open" as const, "closed" as const),
  locked: fc.boolean(),
  closedDaysAgo: fc.integer({ min: 0, max: 300 }),
  text: fc.constantFrom("empty", "other" as const),
});

const anyComment = fc.record({ id: fc.integer({ min: 1, max: 9 }), daysAgo: fc.integer({ min: 0, max: 30 }) });

const anyWorld = fc
  .record({
    items: fc.uniqueArray(anyItem, { maxLength: 6, selector: ({ target }) => target.number }),
    issues: fc.uniqueArray(anyIssue, { maxLength: 3, selector: ({ number }) => number }),
    comments: fc.option(fc.uniqueArray(anyComment, { maxLength: 3, selector: ({ id }) => id })),
    mayMention: fc.subarray(["bob", "carol"]),
    labelsThere: fc.subarray(["incident-follow-ups"]),
  })
  .map(({ items, issues, comments, mayMention, labelsThere }): FollowUpsObservation => {
    const debt = debtOf({ incidents: [], older: [], items, policy: POLICY, at: NOW });
    const nothing = followUpsText(debtOf({ incidents: [], older: [], items: [], policy: POLICY, at: NOW }), PLACE);
    return {
      at: NOW,
      app: APP,
      policy: POLICY,
      incidents: [],
      items,
      debt,
      place: PLACE,
      issues: issues.map(({ number, state, locked, closedDaysAgo, text }) =>
        issue(number, {
          state,
          locked,
          closedAt: state === "closed" ? ((NOW - closedDaysAgo * DAY) as Instant) : null,
          body: text === "empty" ? nothing : "Something else",
        }),
      ),
      comments:
        comments?.map(
          ({ id, daysAgo }): CommentFacts => ({
            id,
            url: "",
            author: BOT,
            appId: 1,
            body: "<!-- sevgate:follow-ups-reminder -->",
            createdAt: (NOW - daysAgo * DAY) as Instant,
            updatedAt: NOW,
          }),
        ) ?? null,
      saidTwice: new Set(),
      mayMention,
      labelsThere,
      done: new Set(),
    };
  });

/** A writer that does what it is asked to, on the issues of an observation. */
function writerOn(seen: () => FollowUpsObservation): GitHubWriter {
  const change = async (number: number, fields: Partial<IssueFacts>) =>
    ({ ...seen().issues.find((one) => one.number === number)!, ...fields }) satisfies IssueFacts;
  const writer: Partial<GitHubWriter> = {
    createLabel: async () => {},
    createIssue: async (_, content) => issue(99, { ...content }),
    editIssueBody: (_, number, body) => change(number, { body }),
    reopenIssue: (_, number) => change(number, { state: "open", closedAt: null }),
    closeIssue: (_, number) => change(number, { state: "closed", closedAt: NOW }),
    createComment: async (_, __, body) => ({
      id: 100,
      url: "",
      author: BOT,
      appId: 1,
      body,
      createdAt: NOW,
      updatedAt: NOW,
    }),
    deleteComment: async () => {},
  };
  return writer as GitHubWriter;
}

async function settle(world: FollowUpsObservation): Promise<{ seen: FollowUpsObservation; steps: readonly string[] }> {
  let seen = world;
  const steps: string[] = [];
  const index = { repository: async () => null, saveRepository: async () => {} };
  for (let count = 0; count < 50; count += 1) {
    const [action] = planFollowUps(seen);
    if (action === undefined) return { seen, steps };
    steps.push(followUpsStepId(action));
    seen = await applyFollowUps({ write: writerOn(() => seen), index, repository: REPOSITORY }, seen, action);
  }
  throw new Error(`it does not end: ${steps.join(", ")}`);
}

describe("The steps towards one issue of what is late", () => {
  it("come to an end, and another pass over what they led to takes none", async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, async (world) => {
        const { seen } = await settle(world);
        // The next pass reads the comments only where somebody is to be reminded, and knows nothing of this one.
        const next = { ...seen, done: new Set<string>(), labelsThere: ["incident-follow-ups"] };
        expect((await settle(next)).steps).toEqual([]);
      }),
    );
  });

  it("leave one open issue at most, and never open one beside another that can be opened", async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, async (world) => {
        const { seen, steps } = await settle(world);
        expect(seen.issues.filter(({ state }) => state === "open").length).toBeLessThanOrEqual(1);
        const canBeOpened = world.issues.some(({ state, locked }) => state === "open" || !locked);
        if (canBeOpened) expect(steps).not.toContain("open-issue");
        if (!isDebt(world.debt)) expect(steps.filter((step) => step.startsWith("remind"))).toEqual([]);
      }),
    );
  });

  it("remind nobody twice within a week, mention nobody who may not be, and each once", async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, async (world) => {
        const { seen, steps } = await settle(world);
        const isLately = (world.comments ?? []).some(({ createdAt }) => NOW - createdAt < 7 * DAY);
        const reminders = steps.filter((step) => step.startsWith("remind"));
        if (isLately || world.comments === null) expect(reminders).toEqual([]);
        const said = (seen.comments ?? []).filter(({ id }) => id === 100).map(({ body }) => body);
        const mentioned = said.flatMap((body) => body.match(/@[\w-]+/g) ?? []).map((one) => one.toLowerCase());
        expect(new Set(mentioned).size).toBe(mentioned.length);
        for (const one of mentioned) expect(world.mayMention.map((login) => `@${login}`)).toContain(one);
      }),
    );
  });
});
