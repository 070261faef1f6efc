import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { derive } from "../../../src/core/derive.ts";
import type { CommentFacts, Instant, IssueFacts, PermissionAnswer, TimelineFacts } from "../../../src/core/model.ts";
import { permissionKey } from "../../../src/core/names.ts";
import { type EvidenceFacts, type IncidentObservation, NOTHING_UNREAD } from "../../../src/core/observation.ts";
import { type Action, actionId } from "../../../src/core/plan/action.ts";
import { after, type Learned, ownComment } from "../../../src/core/plan/after.ts";
import { plan } from "../../../src/core/plan/plan.ts";
import { DEFAULT_POLICY } from "../../../src/core/policy/default-policy.ts";
import { fold } from "../../../src/core/record/history.ts";
import type { IncidentRecord } from "../../../src/core/record/record.ts";
import { STATE_LABEL_NAMES } from "../../../src/core/record/state-label.ts";
import { readRunbook } from "../../../src/core/runbooks/runbook.ts";
import { BUILT_IN_TEMPLATES } from "../../support/story.ts";

const START = Date.UTC(2026, 0, 5, 9) as Instant;
const MINUTE = 60_000;
const BOT = "sevgate[bot]";
const FILLED = [
  "Incident: #7",
  "## What happened\n\nIt broke.",
  "## Why it happened\n\nA pool ran dry.",
  "## Action items\n\n- [ ] Limit the pool, bob, #9",
].join("\n\n");

/** Lines people write, commands and prose, good and bad. */
const LINES = [
  "/ack",
  "/unack",
  "/mitigate moved the traffic",
  "/resolve all good again",
  "/severity P1 it is smaller than it looked",
  "/severity P9",
  "/assign @carol lead",
  "/assign @nobody",
  "/status still looking",
  "/note found the graph",
  "/postmortem",
  "/postmortem #8",
  "/postmortem #404",
  "/runbook",
  "/cancel the probe was wrong",
  "/waive same cause as last week",
  "/help",
  "/resolv",
  "Fixed it, I think. See /etc/hosts",
  "> /resolve quoted",
] as const;

const RUNBOOK = readRunbook("# Checkout is down\n\n1. Turn it off\n2. Turn it on\n");
const SHELF = {
  kind: "read" as const,
  paths: ["runbooks/checkout.md"],
  runbooks: [{ path: "runbooks/checkout.md", sha: "c".repeat(40), ...RUNBOOK }],
  texts: new Map([["c".repeat(40), RUNBOOK]]),
  changedAt: new Map([["runbooks/checkout.md", START]]),
};

const person = fc.constantFrom("alice", "bob", "rita", "mallory");
const arbitraryWorld = fc
  .record({
    state: fc.constantFrom("open" as const, "closed" as const),
    reason: fc.constantFrom("completed" as const, "not_planned" as const, "duplicate" as const),
    labels: fc.subarray(["sev:P0", "sev:P1", "sev:P2", "bug", ...STATE_LABEL_NAMES]),
    comments: fc.array(
      fc.record({ by: person, lines: fc.array(fc.constantFrom(...LINES), { minLength: 1, maxLength: 3 }) }),
      {
        maxLength: 6,
      },
    ),
    permissions: fc.record({
      alice: fc.constantFrom<PermissionAnswer>("maintain", "admin", "cannot-tell"),
      bob: fc.constantFrom<PermissionAnswer>("triage", "write"),
      rita: fc.constant<PermissionAnswer>("read"),
      mallory: fc.constant<PermissionAnswer>("none"),
    }),
    postMortem: fc.constantFrom("none", "empty", "filled"),
    ageMinutes: fc.integer({ min: 0, max: 3_000 }),
    react: fc.boolean(),
    labelsReady: fc.boolean(),
  })
  .map(toObservation);

function toObservation(world: {
  readonly state: "open" | "closed";
  readonly reason: "completed" | "not_planned" | "duplicate";
  readonly labels: readonly string[];
  readonly comments: readonly { readonly by: string; readonly lines: readonly string[] }[];
  readonly permissions: Readonly<Record<string, PermissionAnswer>>;
  readonly postMortem: string;
  readonly ageMinutes: number;
  readonly react: boolean;
  readonly labelsReady: boolean;
}): IncidentObservation {
  // Nobody comments in the very second in which the issue was opened and labelled.
  const commentedAt = (START + world.ageMinutes * MINUTE + 1_000) as Instant;
  const at = (commentedAt + 1_000) as Instant;
  const closed = world.state === "closed";
  const evidence: EvidenceFacts[] = [
    { kind: "issue", target: { repository: null, number: 404 }, via: "command", answer: "missing" },
    {
      kind: "issue",
      target: { repository: null, number: 8 },
      via: world.postMortem === "none" ? "command" : "own-text",
      answer: issueFacts({
        number: 8,
        labels: ["post-mortem"],
        body: world.postMortem === "filled" ? FILLED : "Incident: #7",
      }),
    },
  ];
  return {
    at,
    app: { appId: 1, botLogin: BOT },
    repository: { installationId: 1, id: 10, owner: "acme", name: "ops" },
    issue: issueFacts({
      number: 7,
      labels: world.labels,
      state: world.state,
      closeReason: closed ? world.reason : null,
      closedAt: closed ? at : null,
      closedBy: closed ? { id: 2, login: "bob", isBot: false } : null,
      commentCount: world.comments.length,
      updatedAt: at,
    }),
    comments: world.comments.map((comment, index) =>
      commentFacts(index + 1, comment.by, comment.lines.join("\n"), commentedAt),
    ),
    status: null,
    duplicateStatusIds: [],
    record: { kind: "none" },
    timeline: labeledBy("bob", world.labels, START),
    permissions: new Map(Object.entries(world.permissions).map(([login, answer]) => [permissionKey(login), answer])),
    unread: NOTHING_UNREAD,
    evidence: world.postMortem === "none" ? evidence.slice(0, 1) : evidence,
    fixes: [],
    draftedPostMortem: null,
    runbooks: SHELF,
    runbookTexts: SHELF.texts,
    policy: { policy: DEFAULT_POLICY, source: null, trouble: null },
    onCall: { schedule: null, trouble: null },
    sentPages: [],
    templates: BUILT_IN_TEMPLATES,
    labelsReady: world.labelsReady,
    can: { pin: true, react: world.react, editLocked: true },
    done: new Set(),
  };
}

function issueFacts(fields: Partial<IssueFacts>): IssueFacts {
  const number = fields.number ?? 7;
  return {
    id: number,
    nodeId: `I_${number}`,
    number,
    url: `https://github.com/acme/ops/issues/${number}`,
    title: "Checkout is down",
    body: "It began at nine.",
    state: "open",
    closeReason: null,
    closedAt: null,
    closedBy: null,
    locked: false,
    labels: [],
    author: { id: 2, login: "bob", isBot: false },
    assignees: [],
    createdAt: START,
    updatedAt: START,
    commentCount: 0,
    subIssueCount: 0,
    ...fields,
  };
}

function commentFacts(id: number, login: string, body: string, at: Instant): CommentFacts {
  const url = `https://github.com/acme/ops/issues/7#issuecomment-${id}`;
  return { id, url, author: { id: 5, login, isBot: false }, appId: null, body, createdAt: at, updatedAt: at };
}

/** GitHub, as far as a pass can tell: every write works and gets the next number. */
function answer(seen: IncidentObservation, action: Action): Learned {
  const next = 1_000 + seen.comments.length + seen.done.size;
  switch (action.kind) {
    case "comment":
      return { kind: "comment", comment: { ...ownComment(seen, next, action.marker), body: action.body } };
    case "create-status":
      return { kind: "comment", comment: ownComment(seen, 900, "status") };
    case "create-post-mortem":
      return {
        kind: "issue",
        issue: issueFacts({
          number: 8,
          labels: action.labels,
          body: action.body,
          author: { id: 9, login: BOT, isBot: true },
        }),
      };
    case "assign":
      // Nobody of that name may be assigned here.
      return {
        kind: "assignees",
        logins: action.login === "nobody" ? seen.issue.assignees : [...seen.issue.assignees, action.login],
      };
    default:
      return { kind: "nothing" };
  }
}

interface Run {
  readonly seen: IncidentObservation;
  readonly actions: readonly Action[];
}

/** Plans and applies until nothing is left, or `most` actions were applied. */
function run(start: IncidentObservation, most = Number.POSITIVE_INFINITY): Run {
  let seen = start;
  const actions: Action[] = [];
  while (actions.length < most) {
    const incident = derive(seen);
    const action = incident === null ? undefined : plan(seen, incident)[0];
    if (action === undefined) return { seen, actions };
    if (actions.length > 60) throw new Error(`no end: ${actions.slice(-6).map(actionId).join(", ")}`);
    actions.push(action);
    seen = after(seen, action, answer(seen, action));
  }
  return { seen, actions };
}

/** What the next pass reads when this one died: everything GitHub holds, nothing the process knew. */
function readAgain(seen: IncidentObservation): IncidentObservation {
  const timeline = seen.timeline ?? [];
  const ours = seen.issue.labels.filter((label) => !timeline.some((event) => event.label === label));
  return {
    ...seen,
    done: new Set(),
    status: seen.status === null ? null : { ...seen.status, isNew: false },
    timeline: [...timeline, ...labeledBy(BOT, ours, seen.at)],
  };
}

/**
 * The pass that comes a little later by itself: two severity labels may be half of a swap for three seconds, and what a command
 * names may not be shown for five.
 */
function later(seen: IncidentObservation): IncidentObservation {
  return readAgain({ ...seen, at: (seen.at + 5_000) as Instant });
}

function labeledBy(login: string, labels: readonly string[], at: Instant): readonly TimelineFacts[] {
  const actor = { id: 2, login, isBot: login === BOT };
  return labels.map((label) => ({ kind: "labeled", at, actor, label, source: null }));
}

/** What people care about in the end. */
function outcome(seen: IncidentObservation) {
  const record = seen.record.kind === "found" ? seen.record.record : null;
  return {
    state: seen.issue.state,
    reason: seen.issue.closeReason,
    labels: [...seen.issue.labels].sort(),
    assignees: [...seen.issue.assignees].sort(),
    body: seen.issue.body,
    phase: record === null ? null : fold(record.entries).phase,
    severity: record === null ? null : fold(record.entries).severity,
    judged: record === null ? null : judgedIn(record),
    said: seen.comments
      .filter((comment) => comment.author?.login === BOT)
      .map((comment) => comment.body.split("\n")[0])
      .sort(),
  };
}

function judgedIn(record: IncidentRecord): readonly string[] {
  return record.entries
    .flatMap((entry) =>
      "source" in entry && entry.source !== null ? [`${entry.source.comment}:${entry.source.line}`] : [],
    )
    .sort();
}

describe("a plan", () => {
  it("comes to an end from every world, and planning again after it plans nothing", () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        const settled = readAgain(run(world).seen);
        expect(run(settled).actions.map(actionId)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it("comes to an end on a locked issue too, says nothing there, and keeps its record", () => {
    fc.assert(
      fc.property(arbitraryWorld, fc.boolean(), fc.boolean(), (open, editLocked, isKnown) => {
        // Also of one that had its comment before it was locked.
        const before = isKnown ? readAgain(run(open).seen) : open;
        const locked = { ...before, issue: { ...before.issue, locked: true }, can: { ...before.can, editLocked } };
        const { seen, actions } = run(locked);
        expect(actions.map(({ kind }) => kind)).not.toContain("comment");
        expect(actions.map(({ kind }) => kind)).not.toContain("create-status");
        expect(run(readAgain(seen)).actions.map(actionId)).toEqual([]);
        if (derive(locked) !== null) expect(seen.record.kind).toBe("found");
      }),
      { numRuns: 100 },
    );
  });

  it("may be killed between any two actions: the next pass arrives where an undisturbed one does", () => {
    fc.assert(
      fc.property(arbitraryWorld, fc.nat({ max: 20 }), (world, kill) => {
        const first = run(world);
        const undisturbed = run(later(first.seen));
        const died = run(world, Math.min(kill, first.actions.length));
        const recovered = run(later(run(readAgain(died.seen)).seen));
        expect(outcome(recovered.seen)).toEqual(outcome(undisturbed.seen));
        const wasReopened = world.issue.state === "closed" && recovered.seen.issue.state === "open";
        const explained = outcome(recovered.seen).said.filter((line) => line?.includes("sevgate:reopened-"));
        expect(explained).toHaveLength(wasReopened ? 1 : 0);
      }),
      { numRuns: 250 },
    );
  });

  it("judges every command once: no comment and line is in the record twice", () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        const { record } = run(world).seen;
        const judged = record.kind === "found" ? judgedIn(record.record) : [];
        expect(new Set(judged).size).toBe(judged.length);
      }),
      { numRuns: 80 },
    );
  });

  it("keeps exactly one state label and at most one severity label that is not waiting to be sorted out", () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        const { seen } = run(world);
        if (seen.record.kind !== "found") return;
        expect(seen.issue.labels.filter((label) => STATE_LABEL_NAMES.includes(label))).toHaveLength(1);
      }),
      { numRuns: 80 },
    );
  });

  it("never leaves an incident closed as completed that is neither ready, waived, nor marked", () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        // A close beside a command that names what GitHub may not show yet is judged with it, seconds later.
        const { seen } = run(later(run(world).seen));
        const incident = derive(seen);
        if (incident === null || seen.issue.state === "open" || seen.issue.closeReason !== "completed") return;
        const excused = incident.history.phase === "closed-ungated" || incident.history.cancelled !== null;
        expect(incident.gate.status === "met" || excused).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
