import { describe, expect, it } from "@jest/globals";
import type { Answer } from "../../src/rehearse/answer.ts";
import type { Finding } from "../../src/rehearse/finding.ts";
import { judgeCheckRuns } from "../../src/rehearse/probes/check-runs.ts";
import { judgeClosedByMerge } from "../../src/rehearse/probes/closed-by-merge.ts";
import { judgeClosingReferences } from "../../src/rehearse/probes/closing-references.ts";
import { judgeCommentTimes } from "../../src/rehearse/probes/comment-times.ts";
import { type Delivery, judgeDeliveries } from "../../src/rehearse/probes/deliveries.ts";
import { judgeFreshIssue } from "../../src/rehearse/probes/fresh-issue.ts";
import { judgeIssueDetails } from "../../src/rehearse/probes/issue-details.ts";
import { judgeLabelFilter } from "../../src/rehearse/probes/label-filter.ts";
import { judgeLockedIssue } from "../../src/rehearse/probes/locked-issue.ts";
import { judgePermissionAnswers } from "../../src/rehearse/probes/permission-answers.ts";
import { judgePins } from "../../src/rehearse/probes/pinned-comments.ts";
import { judgeReactions } from "../../src/rehearse/probes/reactions.ts";
import { judgeRefusedPeople } from "../../src/rehearse/probes/refused-people.ts";
import { judgeRevert } from "../../src/rehearse/probes/revert-by-app.ts";
import { judgeSearchWords } from "../../src/rehearse/probes/search-words.ts";

const answer = (status: number, data: unknown = {}): Answer => ({ status, data, headers: {} });
const ok = (data: unknown = {}) => answer(200, data);
const refused = (status: number, message = "No") => answer(status, { message });

const at = Date.parse("2026-01-05T09:00:00Z");
const delivery: Delivery = {
  event: "issue_comment",
  action: "created",
  deliveredAt: at + 2_000,
  isRedelivery: false,
  status: 202,
  number: 2,
  happenedAt: at,
  sender: { login: "sevgate[bot]", type: "Bot" },
  labels: [],
  label: null,
};
const late = { ...delivery, deliveredAt: at + 600_000 };
const runs = (...ids: number[]) => ok({ check_runs: ids.map((id) => ({ id })) });
const checks = {
  created: answer(201, { id: 1 }),
  failed: ok(),
  setBack: ok(),
  read: ok({ status: "completed", conclusion: "success" }),
  second: answer(201, { id: 2 }),
  latest: runs(2),
  all: runs(2, 1),
};
const closes = (...numbers: number[]) =>
  ok({
    data: {
      repository: { pullRequest: { closingIssuesReferences: { nodes: numbers.map((number) => ({ number })) } } },
    },
  });
const people = {
  me: ok({ permission: "admin", role_name: "admin", user: { permissions: { push: true } } }),
  stranger: ok({ permission: "read" }),
  bots: [refused(404)],
  isPrivate: false,
};

describe("“holds” is not said of a GitHub that", () => {
  it.each<[string, readonly Finding[], string]>([
    [
      "did not let the app set a check run back",
      judgeCheckRuns({ ...checks, setBack: refused(403, "Resource not accessible") }),
      "A-001",
    ],
    ["failed when the conclusion was changed", judgeCheckRuns({ ...checks, failed: refused(502) }), "A-002"],
    ["answers with nothing about rights", judgePermissionAnswers({ ...people, me: ok() }), "A-030"],
    [
      "folds maintain into read",
      judgePermissionAnswers({
        ...people,
        me: ok({ permission: "read", role_name: "maintain", user: { permissions: { push: true } } }),
      }),
      "A-032",
    ],
    [
      "tells no rights of whoever may write",
      judgePermissionAnswers({
        ...people,
        me: ok({ permission: "admin", role_name: "admin", user: { permissions: {} } }),
      }),
      "A-033",
    ],
    ["answers reactions with nothing", judgeReactions(ok(), ok(), refused(404)), "A-074"],
    [
      "left the comment there that reactions are refused to",
      judgeReactions(ok({ id: 1 }), ok({ id: 1 }), null),
      "A-073",
    ],
    ["does not say who is assigned", judgeRefusedPeople(answer(202), refused(422), "octocat"), "A-041"],
    [
      "spells the assigned stranger in another case",
      judgeRefusedPeople(ok({ assignees: [{ login: "OctoCat" }] }), refused(422), "octocat"),
      "A-041",
    ],
    [
      "lets the app comment on no issue at all",
      judgeLockedIssue(answer(204), refused(403), refused(403), refused(403)),
      "A-044",
    ],
    ["opened only one of two issues", judgeLabelFilter(ok([{ number: 5 }]), 5, 0), "A-055"],
    ["lists no comments", judgeCommentTimes({ ids: [1, 2], listed: ok([]), edits: ok(), edited: 2 }), "A-065"],
    ["has no issue types to look at", judgeIssueDetails(ok([]), refused(404)), "A-127"],
    ["has no fields to look at", judgeIssueDetails(ok([]), ok([])), "A-129"],
    ["names fields by numbers alone", judgeIssueDetails(ok([]), ok([{ issue_field_id: 1 }])), "A-129"],
    [
      "delivers four of ten webhooks after ten minutes",
      judgeDeliveries([...Array(6).fill(delivery), ...Array(4).fill(late)], 2, "sevgate[bot]"),
      "A-123",
    ],
    ["had no failed delivery to repeat", judgeDeliveries([delivery], 2, "sevgate[bot]"), "A-115"],
    [
      "closed nothing, so that an app closed the incident",
      judgeClosedByMerge({
        afterMerge: { state: "closed", closed_by: { login: "sevgate[bot]", type: "Bot" } },
      }),
      "A-084",
    ],
    [
      "closes by words in code",
      judgeClosingReferences({ issue: 3, quoted: 2, before: closes(3, 2), after: [{ seconds: 1, answer: closes() }] }),
      "A-085",
    ],
    [
      "answers GraphQL with an error beside the data",
      judgeClosingReferences({
        issue: 3,
        quoted: null,
        before: ok({ ...(closes(3).data as object), errors: [{ message: "Something went wrong" }] }),
        after: [{ seconds: 1, answer: closes() }],
      }),
      "A-085",
    ],
    ["takes a pin without showing the comment", judgePins(answer(202), null), "A-072"],
    ["answers a search with nothing", judgeSearchWords(ok(), refused(422)), "A-120"],
    ["does not say which issue it made", judgeFreshIssue(answer(201), [ok()]), "A-066"],
    [
      "names another pull request than the revert",
      judgeRevert(
        ok({ data: {} }),
        ok({ number: 3, state: "open", title: "A change of somebody" }),
        "Revert: a change",
      ),
      "A-101",
    ],
  ])("%s", (_github, found, assumption) => {
    const [finding] = found.filter((one) => one.assumption === assumption);
    expect(finding?.verdict).toMatch(/^(?:unclear|does not hold)$/);
  });

  it("sends one webhook of many late", () => {
    const [finding] = judgeDeliveries([...Array(20).fill(delivery), late], 2, "sevgate[bot]").filter(
      ({ assumption }) => assumption === "A-123",
    );
    expect(finding?.verdict).toBe("holds");
  });
});
