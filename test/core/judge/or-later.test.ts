import { describe, expect, it } from "@jest/globals";
import type { ChatRequest } from "../../../src/core/chat/chat-request.ts";
import { beginRecord } from "../../../src/core/judge/begin-record.ts";
import { judgeCommands } from "../../../src/core/judge/judge-commands.ts";
import { judgeRequests } from "../../../src/core/judge/judge-requests.ts";
import type { CommentFacts, Instant } from "../../../src/core/model.ts";
import type { IncidentObservation } from "../../../src/core/observation.ts";
import { Known } from "../../../src/core/record/known.ts";
import { buildObservation, NINE } from "../../support/build-observation.ts";

const MINUTE_MS = 60_000;
const at = (minutes: number) => (NINE + minutes * MINUTE_MS) as Instant;

const ack: CommentFacts = {
  id: 1,
  url: "https://github.com/acme/ops/issues/1#issuecomment-1",
  appId: null,
  body: "/ack",
  author: { id: 2, login: "alice", isBot: false },
  createdAt: NINE,
  updatedAt: NINE,
};
const press = {
  chat: "slack",
  kind: "acknowledge",
  user: "U1",
  channel: "C1",
  id: "1.1",
  at: NINE,
  login: "alice",
} as ChatRequest;

/** Asked for at nine, looked at `minutes` later, while GitHub tells no rights. */
function untold(minutes: number, unansweredSince?: Instant): IncidentObservation {
  const seen = buildObservation({
    at: at(minutes),
    comments: [ack],
    requests: [press],
    permissions: new Map([["alice", "cannot-tell"]]),
  });
  return unansweredSince === undefined ? seen : { ...seen, unansweredSince };
}

const DOORS: readonly (readonly [string, (seen: IncidentObservation) => boolean])[] = [
  [
    "a comment",
    (seen) => {
      const { edges, lookAgainAt } = judgeCommands(seen, new Known(beginRecord(buildObservation())!));
      return lookAgainAt === null && edges.some((edge) => edge.kind === "say" && edge.saying.kind === "cannot-tell");
    },
  ],
  [
    "a button in Slack",
    (seen) => {
      const { answers, lookAgainAt } = judgeRequests(seen, new Known(beginRecord(buildObservation())!));
      return lookAgainAt === null && answers.some(({ answer }) => answer.kind === "cannot-tell");
    },
  ],
];

describe.each(DOORS)("While GitHub does not tell whether somebody may, who asked by %s", (_, isToldOff) => {
  it.each([
    ["just now", untold(0), false],
    ["for fourteen minutes", untold(14, at(0)), false],
    ["for fifteen minutes", untold(15, at(0)), true],
    ["twenty minutes ago, but GitHub was first asked a minute ago", untold(20, at(19)), false],
    ["half an hour ago, and GitHub was first asked a quarter of an hour ago", untold(30, at(15)), true],
  ])("is told that it could not be found out after fifteen minutes of asking: %s", (_, seen, told) => {
    expect(isToldOff(seen)).toBe(told);
  });
});
