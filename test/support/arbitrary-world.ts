import fc from "fast-check";
import type { CommentFacts, Instant, IssueFacts, PermissionAnswer, TimelineFacts } from "../../src/core/model.ts";
import { permissionKey } from "../../src/core/names.ts";
import { type EvidenceFacts, type IncidentObservation, NOTHING_LOOKED_UP } from "../../src/core/observation.ts";
import { allLabels } from "../../src/core/plan/labels.ts";
import { defaultPolicy } from "../../src/core/policy/default-policy.ts";
import type { Policy } from "../../src/core/policy/policy.ts";
import { STATE_LABEL_NAMES } from "../../src/core/record/state-label.ts";
import { readRunbook } from "../../src/core/runbooks/runbook.ts";
import { BUILT_IN_TEMPLATES } from "./story.ts";

const START = Date.UTC(2026, 0, 5, 9) as Instant;
const MINUTE = 60_000;
/** The login of the app. */
export const BOT = "sevgate[bot]";
const FILLED = [
  "Incident: #7",
  "## What happened\n\nIt broke.",
  "## Why it happened\n\nA pool ran dry.",
  "## Action items\n\n- [ ] Limit the pool, bob, #9\n- [ ] Add an alert @bob in 3d\n- [ ] Rehearse the failover [process]",
].join("\n\n");

/** Lines people write, commands and prose, good and bad. */
const LINES = [
  "/ack",
  "/unack",
  "/mitigate moved the traffic",
  "/resolve all good again",
  "/severity P1 it is smaller than it looked",
  "/severity P9",
  "/drill",
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
  "/waive 1h until the others are back",
  "/accept",
  "/accept waiver",
  "/accept #8",
  "/time started 08:10 by the graph",
  "/time acknowledged 09:01\n\n/time mitigated 2026-01-05T09:02Z",
  "/items",
  "/drop #41 it is gone",
  "/drop #9 it is none",
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
/** What a pass may see of an issue that has never been looked at: labels, comments with commands, rights, a post-mortem. */
export const arbitraryWorld = fc
  .record({
    state: fc.constantFrom("open" as const, "closed" as const),
    reason: fc.constantFrom("completed" as const, "not_planned" as const, "duplicate" as const),
    labels: fc.subarray(["sev:P0", "sev:P1", "sev:P2", "drill", "bug", ...STATE_LABEL_NAMES]),
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
    people: fc.constantFrom(0, 1),
    react: fc.boolean(),
    labelsReady: fc.boolean(),
    ticker: fc.constantFrom("may" as const, "may-not" as const, "untold" as const),
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
  /** How many others have to accept a waiver, and a post-mortem. */
  readonly people: number;
  readonly react: boolean;
  readonly labelsReady: boolean;
  readonly ticker: "may" | "may-not" | "untold";
}): IncidentObservation {
  // Nobody comments in the same second in which the issue was opened and labelled.
  const commentedAt = (START + world.ageMinutes * MINUTE + 1_000) as Instant;
  const at = (commentedAt + 1_000) as Instant;
  const closed = world.state === "closed";
  const base = { kind: "issue", trust: null, movedTo: null, sealedBy: null } as const;
  const evidence: EvidenceFacts[] = [
    { ...base, target: { repository: null, number: 404 }, via: "command", answer: "missing" },
    {
      ...base,
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
    app: { appId: 1, botLogin: BOT, former: [] },
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
    ...NOTHING_LOOKED_UP,
    alerts: null,
    pageReports: [],
    misnamed: [],
    thread: null,
    requests: [],
    record: { kind: "none" },
    timeline: labeledBy("bob", world.labels, START),
    permissions: new Map(Object.entries(world.permissions).map(([login, answer]) => [permissionKey(login), answer])),
    evidence: world.postMortem === "none" ? evidence.slice(0, 1) : evidence,
    runbooks: SHELF,
    runbookTexts: SHELF.texts,
    writers: new Map([["#8", { logins: ["bob"], editedAt: null }]]),
    items: { found: [], homes: new Map([["#8", 10]]), others: [], tickers: new Map([["#8", world.ticker]]) },
    policy: { policy: policyWith(world.people), source: null, requiresLines: new Map(), trouble: null },
    onCall: { schedule: null, trouble: null },
    sentPages: [],
    templates: BUILT_IN_TEMPLATES,
    labelsThere: world.labelsReady ? allLabels(defaultPolicy()).map(({ name }) => name) : [],
    can: { pin: true, react: world.react, editLocked: true },
    done: new Set(),
  };
}

function policyWith(people: number): Policy {
  const policy = defaultPolicy();
  const reviewed = { ...policy["post-mortem"], "reviewed-by": people };
  return { ...policy, "post-mortem": reviewed, waive: { approvals: people } };
}

/** The issue `acme/ops#7`, or another one. */
export function issueFacts(fields: Partial<IssueFacts>): IssueFacts {
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
    milestoneDue: null,
    type: null,
    ...fields,
  };
}

function commentFacts(id: number, login: string, body: string, at: Instant): CommentFacts {
  const url = `https://github.com/acme/ops/issues/7#issuecomment-${id}`;
  return { id, url, author: { id: 5, login, isBot: false }, appId: null, body, createdAt: at, updatedAt: at };
}

/** The events of setting these labels. */
export function labeledBy(login: string, labels: readonly string[], at: Instant): readonly TimelineFacts[] {
  const actor = { id: 2, login, isBot: login === BOT };
  return labels.map((label) => ({ kind: "labeled", at, actor, label, source: null }));
}
