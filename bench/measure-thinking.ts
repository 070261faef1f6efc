import { readFileSync } from "node:fs";
import { derive } from "../src/core/derive.ts";
import type { CommentFacts, Instant, Person } from "../src/core/model.ts";
import { permissionKey } from "../src/core/names.ts";
import { type IncidentObservation, NOTHING_LOOKED_UP } from "../src/core/observation.ts";
import { after, ownComment } from "../src/core/plan/after.ts";
import { allLabels } from "../src/core/plan/labels.ts";
import { plan } from "../src/core/plan/plan.ts";
import { defaultPolicy } from "../src/core/policy/default-policy.ts";

const NOW = Date.UTC(2026, 0, 5, 12) as Instant;
const DECLARED_AT = (NOW - 3 * 3_600_000) as Instant;
const ALICE: Person = { id: 2, login: "alice", isBot: false };
/** A step for every command, and some more. */
const MAX_STEPS = 1_000;
const BOT: Person = { id: 1, login: "sevgate[bot]", isBot: true };

/** What people write during an incident: prose, a quote, a log in a code block. About 330 characters. */
const PROSE = [
  "The error rate on checkout went up again, now at 12 %. I am looking at the **connection pool** of the payment service.",
  "> did somebody deploy at 11:40?",
  "Yes, see #123 and the [dashboard](https://example.com/d/42).",
  "```",
  "2026-01-05T11:41:07Z ERROR pool exhausted (limit 50, waiting 312)",
  "```",
  "Going back to the version from Friday first.",
].join("\n\n");

/**
 * How long one round of thinking takes for an incident at rest with this many recent comments, one in 25 of them with a
 * command that was obeyed: the median of `rounds`, ms. It is what a pass with nothing to do costs in addition to its
 * reads.
 */
export function measureThinking(comments: number, rounds: number): number {
  const seen = atRest(incidentWith(comments));
  const timesMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    think(seen);
    timesMs.push(performance.now() - startedAt);
  }
  return timesMs.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
}

function think(seen: IncidentObservation) {
  const incident = derive(seen);
  if (incident === null) throw new Error("the benchmark's issue is no incident");
  return plan(seen, incident);
}

/** Applies the plan until nothing is left, as a pass would. */
function atRest(begun: IncidentObservation): IncidentObservation {
  let seen = begun;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const [action] = think(seen);
    if (action === undefined) return seen;
    const says = action.kind === "comment" || action.kind === "create-status";
    const comment = ownComment(seen, 1_000_000 + step, "status");
    seen = after(seen, action, says ? { kind: "comment", comment } : { kind: "nothing" });
  }
  throw new Error("the benchmark's incident does not come to rest");
}

function incidentWith(comments: number): IncidentObservation {
  const repository = { installationId: 1, id: 1, owner: "acme", name: "ops" };
  return {
    at: NOW,
    app: { appId: 1, botLogin: BOT.login, former: [] },
    repository,
    issue: {
      id: 1,
      nodeId: "I_1",
      number: 1,
      url: "https://github.com/acme/ops/issues/1",
      title: "Checkout fails",
      body: PROSE,
      state: "open",
      closeReason: null,
      closedAt: null,
      closedBy: null,
      locked: false,
      labels: ["sev:P0"],
      author: ALICE,
      assignees: [],
      createdAt: DECLARED_AT,
      updatedAt: (NOW - 60_000) as Instant,
      commentCount: comments,
      subIssueCount: 0,
      milestoneDue: null,
      type: null,
    },
    comments: Array.from({ length: comments }, (_, at) => comment(at, comments)),
    status: null,
    duplicateStatusIds: [],
    ...NOTHING_LOOKED_UP,
    alerts: null,
    pageReports: [],
    misnamed: [],
    thread: null,
    requests: [],
    record: { kind: "none" },
    timeline: [{ kind: "labeled", at: DECLARED_AT, actor: ALICE, label: "sev:P0", source: null }],
    permissions: new Map([[permissionKey(ALICE.login), "write"]]),
    policy: { policy: defaultPolicy(), source: null, requiresLines: new Map(), trouble: null },
    onCall: { schedule: null, trouble: null },
    sentPages: [],
    templates: {
      incident: [template("incident")],
      postMortem: [template("post-mortem")],
      status: [template("status")],
      postMortemFor: new Map(),
      problems: [],
    },
    labelsThere: allLabels(defaultPolicy()).map(({ name }) => name),
    can: { pin: true, react: true, editLocked: true },
    done: new Set(),
  };
}

/** Each one is a little different, so that nothing is remembered from the one before. */
function comment(at: number, of: number): CommentFacts {
  const createdAt = (DECLARED_AT + 60_000 + Math.floor((at * 3_600_000) / of)) as Instant;
  return {
    id: at + 1,
    url: `https://github.com/acme/ops/issues/1#issuecomment-${at + 1}`,
    author: ALICE,
    appId: null,
    // Every 25th contains a command, and some a line that only looks like one.
    body: `${PROSE}\n\n${at % 25 === 0 ? "/status" : at % 10 === 0 ? "/etc/hosts is right," : "Look"} no. ${at}.`,
    createdAt,
    updatedAt: createdAt,
  };
}

function template(name: string): string {
  return readFileSync(new URL(`../templates/${name}.md`, import.meta.url), "utf8");
}
