import { describe, expect, it } from "@jest/globals";
import type { Answer } from "../../src/rehearse/answer.ts";
import type { Finding, Verdict } from "../../src/rehearse/finding.ts";
import { judgeAppEvents } from "../../src/rehearse/probes/app-events.ts";
import { judgeCheckRuns } from "../../src/rehearse/probes/check-runs.ts";
import { judgeCloseReasons } from "../../src/rehearse/probes/close-reasons.ts";
import { judgeClosedByMerge } from "../../src/rehearse/probes/closed-by-merge.ts";
import { judgeClosingReferences } from "../../src/rehearse/probes/closing-references.ts";
import { judgeCommentTimes } from "../../src/rehearse/probes/comment-times.ts";
import { type Delivery, judgeDeliveries, toDelivery, worthALook } from "../../src/rehearse/probes/deliveries.ts";
import { judgeFreshIssue } from "../../src/rehearse/probes/fresh-issue.ts";
import { judgeTimeline } from "../../src/rehearse/probes/incident-timeline.ts";
import { judgeIssueDetails } from "../../src/rehearse/probes/issue-details.ts";
import { judgeLabelCase } from "../../src/rehearse/probes/label-case.ts";
import { judgeLabelFilter } from "../../src/rehearse/probes/label-filter.ts";
import { judgeLimits } from "../../src/rehearse/probes/limits.ts";
import { judgeLockedIssue } from "../../src/rehearse/probes/locked-issue.ts";
import { judgeNotModified } from "../../src/rehearse/probes/not-modified.ts";
import { judgePermissionAnswers } from "../../src/rehearse/probes/permission-answers.ts";
import { judgePins } from "../../src/rehearse/probes/pinned-comments.ts";
import { judgeReactions } from "../../src/rehearse/probes/reactions.ts";
import { judgeRefusedPeople } from "../../src/rehearse/probes/refused-people.ts";
import { judgeRerun } from "../../src/rehearse/probes/rerun.ts";
import { judgeRevert } from "../../src/rehearse/probes/revert-by-app.ts";
import { judgeRulesetSource } from "../../src/rehearse/probes/ruleset-source.ts";
import { judgeSchemaFields } from "../../src/rehearse/probes/schema-fields.ts";
import { judgeSearchWords } from "../../src/rehearse/probes/search-words.ts";
import { judgeSharedHead } from "../../src/rehearse/probes/shared-head.ts";
import { judgeSubIssues } from "../../src/rehearse/probes/sub-issues.ts";
import { judgeTagOfEdit } from "../../src/rehearse/probes/tag-of-edit.ts";
import { judgeTextEdits } from "../../src/rehearse/probes/text-edits.ts";
import { judgeTextLimits, LONG_BODY } from "../../src/rehearse/probes/text-limits.ts";
import { judgeVersions } from "../../src/rehearse/probes/versions.ts";
import { readNeeds } from "../../src/run/read-needs.ts";

const HOLDS = "holds";
const NOT = "does not hold";
const UNTOLD = "unclear";

type Row = readonly [github: string, found: readonly Finding[], verdicts: Readonly<Record<string, Verdict>>];

function answer(status: number, data: unknown = {}, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, data, headers };
}

const ok = (data: unknown = {}, headers: Readonly<Record<string, string>> = {}) => answer(200, data, headers);
const made = (data: unknown = {}) => answer(201, data);
const refused = (status: number, message = "No") => answer(status, { message });
const DOWN = refused(502, "Bad gateway");

function judges(name: string, rows: readonly Row[]): void {
  describe(`${name}: GitHub`, () => {
    it.each(rows)("%s", (_github, found, verdicts) => {
      expect(Object.fromEntries(found.map(({ assumption, verdict }) => [assumption, verdict]))).toEqual(verdicts);
      for (const { seen } of found) expect(seen).not.toBe("");
    });
  });
}

const edits = (nodes: Readonly<Record<number, string | null>>) =>
  ok({
    data: {
      repository: {
        issue: {
          comments: {
            nodes: Object.entries(nodes).map(([id, lastEditedAt]) => ({
              url: `https://x/1#issuecomment-${id}`,
              lastEditedAt,
            })),
          },
        },
      },
    },
  });
const comment = (id: number, made: string, changed = made) => ({ id, created_at: made, updated_at: changed });
const LISTED = ok([comment(1, "2026-01-05T09:00:00Z", "2026-01-05T09:00:01Z"), comment(2, "2026-01-05T09:00:02Z")]);

judges("the times of comments (A-064, A-065)", [
  [
    "says which one was edited, although another shows two times",
    judgeCommentTimes({ ids: [1, 2], listed: LISTED, edits: edits({ 1: null, 2: "2026-01-05T09:00:05Z" }), edited: 2 }),
    { "A-064": HOLDS, "A-065": HOLDS },
  ],
  [
    "calls an untouched one edited",
    judgeCommentTimes({
      ids: [1, 2],
      listed: LISTED,
      edits: edits({ 1: "2026-01-05T09:00:01Z", 2: "2026-01-05T09:00:05Z" }),
      edited: 2,
    }),
    { "A-064": NOT, "A-065": HOLDS },
  ],
  [
    "does not notice the edit",
    judgeCommentTimes({ ids: [1, 2], listed: LISTED, edits: edits({ 1: null, 2: null }), edited: 2 }),
    { "A-064": NOT, "A-065": HOLDS },
  ],
  [
    "gives later ones lower ids",
    judgeCommentTimes({ ids: [2, 1], listed: LISTED, edits: edits({ 1: "2026-01-05T09:00:05Z", 2: null }), edited: 1 }),
    { "A-064": HOLDS, "A-065": NOT },
  ],
  [
    "shows parts of seconds",
    judgeCommentTimes({
      ids: [1],
      listed: ok([comment(1, "2026-01-05T09:00:00.123Z")]),
      edits: edits({ 1: "2026-01-05T09:00:05Z" }),
      edited: 1,
    }),
    { "A-064": HOLDS, "A-065": NOT },
  ],
  [
    "has no GraphQL",
    judgeCommentTimes({ ids: [1, 2], listed: LISTED, edits: refused(404), edited: 2 }),
    { "A-064": UNTOLD, "A-065": HOLDS },
  ],
  [
    "is down",
    judgeCommentTimes({ ids: [1, 2], listed: DOWN, edits: DOWN, edited: 2 }),
    { "A-064": UNTOLD, "A-065": UNTOLD },
  ],
]);

const runs = (...ids: number[]) => ok({ check_runs: ids.map((id) => ({ id })) });
const checkRuns = {
  created: made({ id: 1 }),
  failed: ok(),
  setBack: ok(),
  read: ok({ status: "completed", conclusion: "success" }),
  second: made({ id: 2 }),
  latest: runs(2),
  all: runs(2, 1),
};
judges("a completed run (A-001, A-002, A-003, A-016)", [
  ["keeps it as it is", judgeCheckRuns(checkRuns), { "A-001": HOLDS, "A-002": HOLDS, "A-003": HOLDS, "A-016": HOLDS }],
  [
    "refuses to change it at all",
    judgeCheckRuns({ ...checkRuns, failed: refused(422), setBack: refused(422) }),
    { "A-001": HOLDS, "A-002": HOLDS, "A-003": HOLDS, "A-016": HOLDS },
  ],
  [
    "changes its conclusion, which is fine, too",
    judgeCheckRuns({ ...checkRuns, read: ok({ status: "completed", conclusion: "failure" }) }),
    { "A-001": HOLDS, "A-002": HOLDS, "A-003": HOLDS, "A-016": HOLDS },
  ],
  [
    "sets it back",
    judgeCheckRuns({ ...checkRuns, read: ok({ status: "in_progress", conclusion: null }) }),
    { "A-001": NOT, "A-002": HOLDS, "A-003": HOLDS, "A-016": HOLDS },
  ],
  [
    "lets the older one count",
    judgeCheckRuns({ ...checkRuns, latest: runs(1) }),
    { "A-001": HOLDS, "A-002": HOLDS, "A-003": NOT, "A-016": HOLDS },
  ],
  [
    "lists only one of them",
    judgeCheckRuns({ ...checkRuns, all: runs(2) }),
    { "A-001": HOLDS, "A-002": HOLDS, "A-003": HOLDS, "A-016": NOT },
  ],
  [
    "lets the app make none",
    judgeCheckRuns({ ...checkRuns, created: refused(403) }),
    { "A-001": UNTOLD, "A-002": UNTOLD, "A-003": UNTOLD, "A-016": UNTOLD },
  ],
]);

const rules = (...checks: unknown[]) =>
  ok([{ type: "required_status_checks", parameters: { required_status_checks: checks } }]);
judges("a ruleset that names the app (A-006, A-008)", [
  [
    "takes it",
    judgeRulesetSource(made({ id: 1 }), rules({ context: "sevgate/close-gate", integration_id: 7 }), 7),
    { "A-006": HOLDS, "A-008": HOLDS },
  ],
  [
    "forgets the source",
    judgeRulesetSource(made({ id: 1 }), rules({ context: "sevgate/close-gate" }), 7),
    { "A-006": NOT, "A-008": HOLDS },
  ],
  [
    "has it for another app",
    judgeRulesetSource(made({ id: 1 }), rules({ context: "sevgate/close-gate", integration_id: 8 }), 7),
    { "A-006": NOT, "A-008": HOLDS },
  ],
  ["does not take the app", judgeRulesetSource(refused(422, "Invalid integration"), rules(), 7), { "A-006": NOT }],
  [
    "has none in this plan",
    judgeRulesetSource(refused(403, "Upgrade to GitHub Pro or make this repository public"), rules(), 7),
    { "A-006": UNTOLD, "A-008": HOLDS },
  ],
  ["lets this person make none", judgeRulesetSource(refused(404), rules(), 7), { "A-006": UNTOLD, "A-008": UNTOLD }],
]);

const MANIFEST = readNeeds();
const app = ok(MANIFEST);
judges("the manifest (A-047, A-112)", [
  ["gave the app everything", judgeAppEvents(MANIFEST, app, ok(MANIFEST)), { "A-047": HOLDS, "A-112": HOLDS }],
  [
    "waits for the owner to accept a permission",
    judgeAppEvents(MANIFEST, app, ok({ permissions: { ...MANIFEST.permissions, statuses: "read" } })),
    { "A-047": HOLDS, "A-112": HOLDS },
  ],
  [
    "left out an event",
    judgeAppEvents(MANIFEST, ok({ ...MANIFEST, events: MANIFEST.events.slice(1) }), ok(MANIFEST)),
    { "A-047": HOLDS, "A-112": NOT },
  ],
  ["does not know the app there", judgeAppEvents(MANIFEST, app, refused(404)), { "A-047": UNTOLD, "A-112": HOLDS }],
  ["is down", judgeAppEvents(MANIFEST, DOWN, DOWN), { "A-047": UNTOLD, "A-112": UNTOLD }],
]);

const mine = ok({ permission: "write", role_name: "maintain", user: { permissions: { push: true } } });
const people = {
  me: mine,
  stranger: ok({ permission: "read" }),
  bots: [refused(404), ok({ permission: "none" })],
  isPrivate: false,
};
const ALL_HOLD = { "A-030": HOLDS, "A-031": HOLDS, "A-032": HOLDS, "A-033": HOLDS, "A-034": HOLDS } as const;
judges("who may do what (A-030 to A-034)", [
  ["answers as its documents say", judgePermissionAnswers(people), ALL_HOLD],
  [
    "lets a stranger write",
    judgePermissionAnswers({ ...people, stranger: ok({ permission: "write" }) }),
    { ...ALL_HOLD, "A-031": NOT },
  ],
  [
    "lets a stranger read what is private",
    judgePermissionAnswers({ ...people, isPrivate: true }),
    { ...ALL_HOLD, "A-031": NOT },
  ],
  [
    "does not know a stranger there",
    judgePermissionAnswers({ ...people, isPrivate: true, stranger: refused(404) }),
    ALL_HOLD,
  ],
  [
    "gives a role of its own in place of the four",
    judgePermissionAnswers({ ...people, me: ok({ permission: "maintain", user: { permissions: { push: true } } }) }),
    { ...ALL_HOLD, "A-032": NOT },
  ],
  [
    "does not say what the role grants",
    judgePermissionAnswers({ ...people, me: ok({ permission: "write", role_name: "write" }) }),
    { ...ALL_HOLD, "A-033": NOT },
  ],
  [
    "gives a bot rights",
    judgePermissionAnswers({ ...people, bots: [ok({ permission: "write" })] }),
    { ...ALL_HOLD, "A-034": NOT },
  ],
  [
    "refuses the app",
    judgePermissionAnswers({ me: refused(403), stranger: refused(403), bots: [refused(403)], isPrivate: false }),
    { "A-030": NOT, "A-031": UNTOLD, "A-032": UNTOLD, "A-033": UNTOLD, "A-034": UNTOLD },
  ],
]);

const reverted = ok({ data: { revertPullRequest: { revertPullRequest: { number: 9 } } } });
const graphqlError = (message: string) => ok({ data: null, errors: [{ type: "FORBIDDEN", message }] });
const TITLE = "Revert: a change";
judges("the mutation that reverts (A-100, A-101)", [
  [
    "takes it from an app",
    judgeRevert(reverted, ok({ number: 9, state: "open", title: TITLE, head: { ref: "revert-8-x" } }), TITLE),
    { "A-100": HOLDS, "A-101": HOLDS },
  ],
  [
    "says that it is not for apps",
    judgeRevert(graphqlError("Resource not accessible by integration"), null, TITLE),
    { "A-100": NOT, "A-101": UNTOLD },
  ],
  [
    "names a pull request that is not there",
    judgeRevert(reverted, refused(404), TITLE),
    { "A-100": HOLDS, "A-101": NOT },
  ],
  [
    "cannot revert this one",
    judgeRevert(graphqlError("This pull request cannot be reverted automatically"), null, TITLE),
    { "A-100": UNTOLD, "A-101": UNTOLD },
  ],
  ["has no GraphQL", judgeRevert(refused(404), null, TITLE), { "A-100": UNTOLD, "A-101": UNTOLD }],
]);

judges("pins (A-072)", [
  ["pins both", judgePins(ok({ id: 1 }), ok({ id: 2 })), { "A-072": HOLDS }],
  ["refuses the second", judgePins(ok({ id: 1 }), refused(422)), { "A-072": HOLDS }],
  ["refuses apps", judgePins(refused(403, "Resource not accessible by integration"), null), { "A-072": NOT }],
  ["has no pins", judgePins(refused(404), null), { "A-072": UNTOLD }],
  ["is down", judgePins(DOWN, null), { "A-072": UNTOLD }],
]);

judges("names of labels (A-053, A-054)", [
  ["takes them in any case", judgeLabelCase(made(), refused(422), ok()), { "A-053": HOLDS, "A-054": HOLDS }],
  [
    "does not find one in capitals, which is fine, too",
    judgeLabelCase(made(), refused(422), refused(404)),
    { "A-053": HOLDS, "A-054": HOLDS },
  ],
  ["takes a second one in capitals", judgeLabelCase(made(), made(), ok()), { "A-053": NOT, "A-054": HOLDS }],
  [
    "lets this person make none",
    judgeLabelCase(refused(403), refused(403), refused(403)),
    { "A-053": UNTOLD, "A-054": UNTOLD },
  ],
]);

judges("a merge that closes (A-059, A-060, A-084)", [
  [
    "says who closed it",
    judgeClosedByMerge({ afterMerge: { state: "closed", closed_by: { login: "wendy" } } }),
    { "A-059": HOLDS, "A-060": HOLDS, "A-084": HOLDS },
  ],
  [
    "says nobody",
    judgeClosedByMerge({ afterMerge: { state: "closed", closed_by: null } }),
    { "A-059": HOLDS, "A-060": HOLDS, "A-084": HOLDS },
  ],
  [
    "does not have the field",
    judgeClosedByMerge({ afterMerge: { state: "closed" } }),
    { "A-059": NOT, "A-060": HOLDS, "A-084": HOLDS },
  ],
  [
    "closes nothing",
    judgeClosedByMerge({ afterMerge: { state: "open" } }),
    { "A-059": UNTOLD, "A-060": UNTOLD, "A-084": UNTOLD },
  ],
  ["was not asked", judgeClosedByMerge({ afterMerge: null }), { "A-059": UNTOLD, "A-060": UNTOLD, "A-084": UNTOLD }],
]);

judges("a locked issue (A-044, A-045)", [
  [
    "refuses the comment and takes the edit",
    judgeLockedIssue(answer(204), ok(), refused(403), made({ id: 1 })),
    { "A-044": HOLDS, "A-045": HOLDS },
  ],
  [
    "refuses both",
    judgeLockedIssue(answer(204), refused(403), refused(403), made({ id: 1 })),
    { "A-044": HOLDS, "A-045": HOLDS },
  ],
  [
    "takes the comment of an app",
    judgeLockedIssue(answer(204), ok(), made(), made({ id: 1 })),
    { "A-044": NOT, "A-045": HOLDS },
  ],
  [
    "locks nothing",
    judgeLockedIssue(refused(403), ok(), made(), made({ id: 1 })),
    { "A-044": UNTOLD, "A-045": UNTOLD },
  ],
  ["is down", judgeLockedIssue(answer(204), DOWN, DOWN, made({ id: 1 })), { "A-044": UNTOLD, "A-045": UNTOLD }],
]);

judges("one head of two pull requests (A-009)", [
  [
    "shows the worst on the commit",
    judgeSharedHead({ sharedHeadRuns: [{ conclusion: "failure" }] }),
    { "A-009": HOLDS },
  ],
  [
    "shows a green one",
    judgeSharedHead({ sharedHeadRuns: [{ conclusion: "success" }, { conclusion: "failure" }] }),
    { "A-009": NOT },
  ],
  ["was not asked", judgeSharedHead({ sharedHeadRuns: null }), { "A-009": UNTOLD }],
]);

const closes = (...numbers: number[]) =>
  ok({
    data: {
      repository: { pullRequest: { closingIssuesReferences: { nodes: numbers.map((number) => ({ number })) } } },
    },
  });
judges("a keyword that goes (A-085, A-089)", [
  [
    "forgets it at once",
    judgeClosingReferences({ issue: 3, quoted: 2, before: closes(3), after: [{ seconds: 1, answer: closes() }] }),
    { "A-085": HOLDS, "A-089": HOLDS },
  ],
  [
    "keeps it, which is fine, too",
    judgeClosingReferences({ issue: 3, quoted: 2, before: closes(3), after: [{ seconds: 60, answer: closes(3) }] }),
    { "A-085": HOLDS, "A-089": HOLDS },
  ],
  [
    "did not list it",
    judgeClosingReferences({ issue: 3, quoted: 2, before: closes(), after: [{ seconds: 1, answer: closes() }] }),
    { "A-085": NOT, "A-089": HOLDS },
  ],
  [
    "refuses the question",
    judgeClosingReferences({
      issue: 3,
      quoted: 2,
      before: graphqlError("Resource not accessible"),
      after: [{ seconds: 1, answer: closes() }],
    }),
    { "A-085": UNTOLD, "A-089": UNTOLD },
  ],
  [
    "has no GraphQL",
    judgeClosingReferences({ issue: 3, quoted: 2, before: refused(404), after: [] }),
    { "A-085": UNTOLD, "A-089": UNTOLD },
  ],
]);

judges("a re-run (A-010, A-011)", [
  [
    "asks Sevgate for a new run",
    judgeRerun({ rerun: { answer: made(), cameMs: 1_200 } }),
    { "A-010": HOLDS, "A-011": HOLDS },
  ],
  ["tells nobody", judgeRerun({ rerun: { answer: made(), cameMs: null } }), { "A-010": NOT, "A-011": NOT }],
  [
    "takes it from apps alone",
    judgeRerun({ rerun: { answer: refused(403), cameMs: null } }),
    { "A-010": UNTOLD, "A-011": UNTOLD },
  ],
  ["was not asked", judgeRerun({ rerun: null }), { "A-010": UNTOLD }],
]);

const tagged = ok({}, { etag: '"a"' });
judges("the tag of an edit (A-124)", [
  ["has the same for a read", judgeTagOfEdit(tagged, answer(304)), { "A-124": HOLDS }],
  ["has another", judgeTagOfEdit(tagged, ok()), { "A-124": NOT }],
  ["has none", judgeTagOfEdit(ok(), null), { "A-124": UNTOLD }],
  ["refuses the edit", judgeTagOfEdit(refused(403), null), { "A-124": UNTOLD }],
]);

judges("versions (A-121)", [
  ["serves both", judgeVersions(ok(["2022-11-28", "2026-03-10"])), { "A-121": HOLDS }],
  ["has given up the first", judgeVersions(ok(["2026-03-10"])), { "A-121": NOT }],
  ["has none", judgeVersions(refused(404)), { "A-121": UNTOLD }],
]);

const limit = (number: number) => ok({ resources: { core: { limit: number } } });
judges("the hourly limit (A-118)", [
  ["allows five thousand", judgeLimits(limit(5_000)), { "A-118": HOLDS }],
  ["allows sixty", judgeLimits(limit(60)), { "A-118": NOT }],
  ["has none", judgeLimits(refused(404)), { "A-118": UNTOLD }],
]);

const used = (status: number, count: number) => answer(status, {}, { etag: '"a"', "x-ratelimit-used": String(count) });
judges("what has not changed (A-117)", [
  ["costs nothing", judgeNotModified(used(200, 7), [used(304, 7), used(304, 7)], used(200, 9)), { "A-117": HOLDS }],
  ["is counted", judgeNotModified(used(200, 7), [used(304, 8), used(304, 9)], used(200, 9)), { "A-117": NOT }],
  ["is sent again", judgeNotModified(used(200, 7), [used(200, 8)], used(200, 9)), { "A-117": NOT }],
  [
    "is counted with what others ask meanwhile",
    judgeNotModified(used(200, 7), [used(304, 7), used(304, 8)], used(200, 9)),
    { "A-117": UNTOLD },
  ],
  ["has no tag", judgeNotModified(ok(), [], ok()), { "A-117": UNTOLD }],
  [
    "is said of a tag that no answer had, too",
    judgeNotModified(used(200, 7), [used(304, 7), used(304, 7)], used(304, 7)),
    { "A-117": NOT },
  ],
]);

const fields = (...names: string[]) => ({ fields: names.map((name) => ({ name })) });
const schema = {
  IssueComment: fields("lastEditedAt"),
  Issue: fields("userContentEdits", "lastEditedAt"),
  PullRequest: fields("closingIssuesReferences", "headRefOid", "mergeCommit", "changedFiles"),
  Repository: fields("mergeQueue", "issueCreationPolicy"),
  Mutation: fields("revertPullRequest"),
};
judges("the schema of GraphQL (A-020, A-048, A-064, A-095, A-100, A-126)", [
  ["has every field", judgeSchemaFields(ok({ data: schema })), { "A-095": HOLDS }],
  [
    "has lost the mutation",
    judgeSchemaFields(ok({ data: { ...schema, Mutation: fields("mergePullRequest") } })),
    { "A-100": NOT, "A-095": HOLDS },
  ],
  [
    "has lost a field of pull requests",
    judgeSchemaFields(ok({ data: { ...schema, PullRequest: fields("headRefOid", "mergeCommit", "changedFiles") } })),
    { "A-095": NOT },
  ],
  [
    "has lost who edited",
    judgeSchemaFields(ok({ data: { ...schema, Issue: fields("lastEditedAt") } })),
    { "A-126": NOT, "A-095": HOLDS },
  ],
  ["has none", judgeSchemaFields(refused(404)), { "A-095": UNTOLD }],
]);

const edited = (...logins: string[]) =>
  ok({
    data: {
      repository: {
        issue: {
          lastEditedAt: "2026-01-05T09:00:00Z",
          userContentEdits: { nodes: logins.map((login) => ({ editor: { login } })) },
        },
      },
    },
  });
judges("who edited a text (A-126)", [
  ["tells the app", judgeTextEdits(edited("maria"), "maria"), { "A-126": HOLDS }],
  ["names somebody else", judgeTextEdits(edited("bob"), "maria"), { "A-126": NOT }],
  [
    "keeps it from apps",
    judgeTextEdits(graphqlError("Resource not accessible by integration"), "maria"),
    { "A-126": UNTOLD },
  ],
]);

judges("reactions (A-073, A-074)", [
  [
    "takes the same one once",
    judgeReactions(made({ id: 1 }), ok({ id: 1 }), refused(404)),
    { "A-073": HOLDS, "A-074": HOLDS },
  ],
  ["takes it twice", judgeReactions(made({ id: 1 }), made({ id: 2 }), refused(404)), { "A-073": HOLDS, "A-074": NOT }],
  [
    "takes it for what is gone",
    judgeReactions(made({ id: 1 }), ok({ id: 1 }), made({ id: 3 })),
    { "A-073": NOT, "A-074": HOLDS },
  ],
  ["has none", judgeReactions(refused(404), refused(404), refused(404)), { "A-073": UNTOLD, "A-074": UNTOLD }],
]);

const children = ok([{ number: 5 }]);
judges("sub-issues (A-128)", [
  [
    "refuses a second parent",
    judgeSubIssues({ child: 5, added: made(), taken: refused(422), listed: children }),
    { "A-128": HOLDS },
  ],
  [
    "gives it to the second parent",
    judgeSubIssues({ child: 5, added: made(), taken: made(), listed: ok([]) }),
    { "A-128": NOT },
  ],
  [
    "takes it from the first all the same",
    judgeSubIssues({ child: 5, added: made(), taken: refused(422), listed: ok([]) }),
    { "A-128": NOT },
  ],
  [
    "has none",
    judgeSubIssues({ child: 5, added: refused(404), taken: refused(404), listed: refused(404) }),
    { "A-128": UNTOLD },
  ],
]);

judges("types and fields (A-127, A-129)", [
  [
    "lists them",
    judgeIssueDetails(ok([{ name: "Incident" }]), ok([{ issue_field_name: "Priority" }])),
    { "A-127": HOLDS, "A-129": HOLDS },
  ],
  [
    "does not let the app read the fields",
    judgeIssueDetails(ok([{ name: "Bug" }]), refused(403)),
    { "A-127": HOLDS, "A-129": HOLDS },
  ],
  ["has neither", judgeIssueDetails(refused(404), refused(404)), { "A-127": UNTOLD, "A-129": HOLDS }],
  ["lists types without names", judgeIssueDetails(ok([{ id: 1 }]), refused(422)), { "A-127": NOT, "A-129": NOT }],
  ["is down", judgeIssueDetails(DOWN, DOWN), { "A-127": UNTOLD, "A-129": UNTOLD }],
]);

judges("long texts (A-080, A-082)", [
  [
    "keeps the comment and refuses the title",
    judgeTextLimits(made(), LONG_BODY, refused(422)),
    { "A-080": HOLDS, "A-082": HOLDS },
  ],
  ["cuts the comment", judgeTextLimits(made(), 65_536, refused(422)), { "A-080": NOT, "A-082": HOLDS }],
  ["refuses the comment", judgeTextLimits(refused(422), 0, refused(422)), { "A-080": NOT, "A-082": HOLDS }],
  ["takes the title", judgeTextLimits(made(), LONG_BODY, ok()), { "A-080": HOLDS, "A-082": NOT }],
  ["is down", judgeTextLimits(DOWN, 0, DOWN), { "A-080": UNTOLD, "A-082": UNTOLD }],
]);

const state = (name: string, reason: string | null) => ok({ state: name, state_reason: reason });
judges("reasons for closing (A-058)", [
  [
    "knows them",
    judgeCloseReasons(state("closed", "not_planned"), state("open", "reopened"), state("closed", "completed")),
    { "A-058": HOLDS },
  ],
  [
    "keeps the reason of the closing",
    judgeCloseReasons(state("closed", "not_planned"), state("open", "not_planned"), state("closed", "completed")),
    { "A-058": NOT },
  ],
  [
    "does not reopen by the state alone",
    judgeCloseReasons(state("closed", "not_planned"), state("closed", null), state("closed", "completed")),
    { "A-058": NOT },
  ],
  ["refuses", judgeCloseReasons(refused(403), refused(403), refused(403)), { "A-058": UNTOLD }],
]);

judges("people who are refused (A-041, A-042)", [
  [
    "leaves them out, and says so to the author",
    judgeRefusedPeople(made({ assignees: [] }), refused(422), "octocat"),
    { "A-041": HOLDS, "A-042": HOLDS },
  ],
  [
    "assigns a stranger",
    judgeRefusedPeople(made({ assignees: [{ login: "octocat" }] }), refused(422), "octocat"),
    { "A-041": NOT, "A-042": HOLDS },
  ],
  ["refuses all of them", judgeRefusedPeople(refused(422), refused(422), "octocat"), { "A-041": NOT, "A-042": HOLDS }],
  ["asks the author", judgeRefusedPeople(made({ assignees: [] }), made(), "octocat"), { "A-041": HOLDS, "A-042": NOT }],
  ["is down", judgeRefusedPeople(DOWN, DOWN, "octocat"), { "A-041": UNTOLD, "A-042": UNTOLD }],
]);

const FOUND = ok({ total_count: 3, items: [] });
judges("a search (A-120)", [
  ["wants to know which kind", judgeSearchWords(FOUND, refused(422)), { "A-120": HOLDS }],
  ["takes both kinds", judgeSearchWords(FOUND, FOUND), { "A-120": NOT }],
  ["does not let the app search", judgeSearchWords(refused(403), refused(403)), { "A-120": UNTOLD }],
]);

judges("a list by two labels (A-055)", [
  ["lists what has both", judgeLabelFilter(ok([{ number: 5 }]), 5, 6), { "A-055": HOLDS }],
  ["lists what has one of them", judgeLabelFilter(ok([{ number: 5 }, { number: 6 }]), 5, 6), { "A-055": NOT }],
  ["does not have them yet", judgeLabelFilter(ok([]), 5, 6), { "A-055": UNTOLD }],
  ["is down", judgeLabelFilter(DOWN, 5, 6), { "A-055": UNTOLD }],
]);

judges("what is new (A-066)", [
  ["shows it at once", judgeFreshIssue(made({ number: 5 }), [ok()]), { "A-066": HOLDS }],
  [
    "shows it after two seconds",
    judgeFreshIssue(made({ number: 5 }), [refused(404), refused(404), ok()]),
    { "A-066": HOLDS },
  ],
  ["never shows it to the app", judgeFreshIssue(made({ number: 5 }), [refused(404), refused(404)]), { "A-066": NOT }],
  ["is down", judgeFreshIssue(made({ number: 5 }), [DOWN]), { "A-066": UNTOLD }],
]);

const kinds = (...names: string[]) => ok(names.map((event) => ({ event })));
const whole = {
  timeline: kinds("labeled", "unlabeled", "assigned", "closed", "reopened", "cross-referenced"),
  isPlayed: true,
  pulls: ok([{ number: 4 }]),
  fix: 4,
  status: ok({ state: "pending", total_count: 0 }),
  comment: { performed_via_github_app: { id: 7 } },
  appId: 7,
};
const TIMELINE_HOLDS = { "A-018": HOLDS, "A-063": HOLDS, "A-070": HOLDS, "A-107": HOLDS } as const;
judges("the timeline (A-018, A-063, A-070, A-107)", [
  ["tells all of it", judgeTimeline(whole), TIMELINE_HOLDS],
  [
    "leaves out who mentions the issue",
    judgeTimeline({ ...whole, timeline: kinds("labeled", "unlabeled", "assigned", "closed", "reopened") }),
    { ...TIMELINE_HOLDS, "A-070": NOT },
  ],
  [
    "does not say which app wrote",
    judgeTimeline({ ...whole, comment: { performed_via_github_app: null } }),
    { ...TIMELINE_HOLDS, "A-063": NOT },
  ],
  [
    "names another app",
    judgeTimeline({ ...whole, comment: { performed_via_github_app: { id: 8 } } }),
    { ...TIMELINE_HOLDS, "A-063": NOT },
  ],
  [
    "names no pull request for the commit",
    judgeTimeline({ ...whole, pulls: ok([]) }),
    { ...TIMELINE_HOLDS, "A-107": NOT },
  ],
  [
    "calls a commit without statuses a success",
    judgeTimeline({ ...whole, status: ok({ state: "success", total_count: 0 }) }),
    { ...TIMELINE_HOLDS, "A-018": NOT },
  ],
  [
    "has statuses of others there",
    judgeTimeline({ ...whole, status: ok({ state: "success", total_count: 2 }) }),
    { ...TIMELINE_HOLDS, "A-018": UNTOLD },
  ],
  [
    "was not asked for all of it",
    judgeTimeline({ ...whole, timeline: kinds("labeled"), isPlayed: false }),
    { ...TIMELINE_HOLDS, "A-070": UNTOLD },
  ],
  [
    "merged nothing",
    judgeTimeline({ ...whole, pulls: null, status: null }),
    { ...TIMELINE_HOLDS, "A-018": UNTOLD, "A-107": UNTOLD },
  ],
]);

const at = Date.parse("2026-01-05T09:00:00Z");
const sent = (more: Partial<Delivery>): Delivery => ({
  event: "issues",
  action: "opened",
  deliveredAt: at + 2_000,
  isRedelivery: false,
  status: 202,
  number: 2,
  happenedAt: at,
  sender: { login: "maria", type: "User" },
  labels: ["sev:P0", "drill"],
  label: null,
  ...more,
});
const opened = [
  sent({}),
  sent({ action: "labeled", label: "sev:P0" }),
  sent({ action: "labeled", label: "drill" }),
  sent({ event: "issue_comment", action: "created", sender: { login: "sevgate[bot]", type: "Bot" } }),
  sent({ event: "label", action: "created", status: 502 }),
];
const DELIVERIES_HOLD = { "A-050": HOLDS, "A-061": HOLDS, "A-115": HOLDS, "A-123": HOLDS } as const;
judges("webhooks (A-050, A-061, A-115, A-123)", [
  ["sends them within seconds", judgeDeliveries(opened, 2, "sevgate[bot]"), DELIVERIES_HOLD],
  ["sends them in another order", judgeDeliveries(opened.toReversed(), 2, "sevgate[bot]"), DELIVERIES_HOLD],
  [
    "sends no `labeled` for a label",
    judgeDeliveries(
      opened.filter(({ label }) => label !== "drill"),
      2,
      "sevgate[bot]",
    ),
    { ...DELIVERIES_HOLD, "A-050": NOT },
  ],
  [
    "opens without labels",
    judgeDeliveries([sent({ labels: [] }), ...opened.slice(1)], 2, "sevgate[bot]"),
    { ...DELIVERIES_HOLD, "A-050": NOT },
  ],
  ["calls the app by another name", judgeDeliveries(opened, 2, "gate[bot]"), { ...DELIVERIES_HOLD, "A-061": NOT }],
  [
    "takes minutes",
    judgeDeliveries(
      opened.map((one) => ({ ...one, deliveredAt: at + 120_000 })),
      2,
      "sevgate[bot]",
    ),
    { ...DELIVERIES_HOLD, "A-123": NOT },
  ],
  [
    "repeats one",
    judgeDeliveries([...opened, sent({ isRedelivery: true })], 2, "sevgate[bot]"),
    { ...DELIVERIES_HOLD, "A-115": UNTOLD },
  ],
  [
    "lists none",
    judgeDeliveries([], 2, "sevgate[bot]"),
    { "A-050": UNTOLD, "A-061": UNTOLD, "A-115": UNTOLD, "A-123": UNTOLD },
  ],
]);

describe("a delivery", () => {
  it("is read with its sender, its labels and how late it was", () => {
    const payload = {
      action: "labeled",
      issue: { number: 2, updated_at: "2026-01-05T09:00:00Z", labels: [{ name: "sev:P0" }] },
      label: { name: "sev:P0" },
      sender: { login: "maria", type: "User" },
    };
    const data = {
      event: "issues",
      action: "labeled",
      delivered_at: "2026-01-05T09:00:02Z",
      redelivery: false,
      status_code: 202,
      request: { payload },
    };
    expect(toDelivery(data)).toEqual(sent({ action: "labeled", label: "sev:P0", labels: ["sev:P0"] }));
  });

  it("without a payload is still one", () => {
    expect(toDelivery({})).toMatchObject({ event: "", sender: null, happenedAt: null, labels: [] });
  });

  it("of the beginning of an incident is looked at, however many there are", () => {
    const other = Array.from({ length: 50 }, (_, id) => ({ id, event: "push", action: null }));
    const listed = [...other, { id: 99, event: "issues", action: "opened" }];
    expect(worthALook(listed, 3)).toEqual([other[0], other[1], listed.at(-1)]);
  });
});
