import { describe, expect, it } from "@jest/globals";
import { derive } from "../../src/core/derive.ts";
import type { CommentFacts, Instant } from "../../src/core/model.ts";
import { permissionKey } from "../../src/core/names.ts";
import type { IncidentObservation } from "../../src/core/observation.ts";
import { parseOnCall } from "../../src/core/oncall/parse-on-call.ts";
import { plan } from "../../src/core/plan/plan.ts";
import type { Entry } from "../../src/core/record/entry.ts";
import { buildIssue, buildObservation, NINE } from "../support/build-observation.ts";
import { countCalls } from "../support/count-calls.ts";

const HISTORY = import.meta.resolve("../../src/core/record/history.ts");

const at = (minutes: number) => (NINE + minutes * 60_000) as Instant;

const ON_CALL = [
  "rotations: { ops: { members: [alice, bob], start: 2026-01-05, shift: 1w } }",
  "roles: { primary: { layers: [ops] } }",
  "escalation: { default: { steps: [{ after: 0m, notify: [primary] }], ack-timeout: 1h } }",
  "people: { alice: {}, bob: {} }",
].join("\n");

function schedule(): IncidentObservation["onCall"] {
  const parsed = parseOnCall(ON_CALL);
  if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
  return { schedule: parsed.schedule, trouble: null };
}

/** The incident ten minutes later, acknowledged, with somebody on call and these additional entries. */
function incident(fields: Partial<IncidentObservation> = {}, ...more: readonly Entry[]): IncidentObservation {
  const entries: readonly Entry[] = [
    { kind: "declared", at: NINE, by: "bob", severity: "P0" },
    { kind: "acknowledged", at: at(1), by: "alice", source: { comment: 1, line: 1 } },
    ...more,
  ];
  const record = { version: 1, revision: 1, templateApplied: true, judgedUpTo: 1 } as const;
  return buildObservation({
    at: at(10),
    record: { kind: "found", record: { ...record, ticks: [], entries: [...entries] } },
    onCall: schedule(),
    permissions: new Map([[permissionKey("alice"), "maintain"]]),
    ...fields,
  });
}

function comment(id: number, body: string): CommentFacts {
  return {
    id,
    url: `https://github.com/acme/ops/issues/1#issuecomment-${id}`,
    appId: null,
    body,
    author: { id: 2, login: "alice", isBot: false },
    createdAt: at(id),
    updatedAt: at(id),
  };
}

const closed: Entry = { kind: "closed", at: at(5), by: "alice", how: "resolved", closedAt: at(5), evidence: [] };

describe("the entries of a record are read through once, however many judge by them: in a pass", () => {
  it.each<[string, IncidentObservation, number]>([
    ["in which nothing is new", incident(), 0],
    [
      "over a closed incident",
      incident({ issue: buildIssue({ state: "closed", closedAt: at(5), labels: ["sev:P0"] }) }, closed),
      0,
    ],
    [
      "with commands that change nothing",
      incident({ comments: [comment(2, "/frobnicate"), comment(3, "thank you!")] }),
      0,
    ],
    [
      "with three commands, and once more after each",
      incident({ comments: [comment(2, "/status looking"), comment(3, "/note a graph\n/mitigate it is off")] }),
      3,
    ],
    [
      "with a button pressed in Slack, and once more after it",
      incident({
        requests: [{ chat: "slack", kind: "resolve", id: "1.1", user: "U1", channel: "C1", at: at(9), login: "alice" }],
      }),
      1,
    ],
  ])("%s", (_, seen, grows) => {
    const folds = countCalls(HISTORY, "fold", () => {
      const derived = derive(seen);
      if (derived === null || seen.record.kind !== "found") throw new Error("no incident");
      expect(derived.record.entries.length - seen.record.record.entries.length).toBe(grows);
      plan(seen, derived);
    });
    expect(folds).toBe(1 + grows);
  });
});
