import type { Instant, IssueFacts, PullRequestFacts } from "../../src/core/model.ts";
import { type EvidenceFacts, type IncidentObservation, NOTHING_LOOKED_UP } from "../../src/core/observation.ts";
import { allLabels } from "../../src/core/plan/labels.ts";
import { defaultPolicy } from "../../src/core/policy/default-policy.ts";
import { BUILT_IN_TEMPLATES } from "./story.ts";

/** 5 January 2026, 09:00 UTC. */
export const NINE = Date.UTC(2026, 0, 5, 9) as Instant;

/** An open issue `acme/ops#1`, opened at nine. */
export function buildIssue(fields: Partial<IssueFacts> = {}): IssueFacts {
  const number = fields.number ?? 1;
  return {
    id: number,
    nodeId: `I_${number}`,
    number,
    url: `https://github.com/acme/ops/issues/${number}`,
    title: "Checkout is down",
    body: "",
    state: "open",
    closeReason: null,
    closedAt: null,
    closedBy: null,
    locked: false,
    labels: [],
    author: { id: 9, login: "bob", isBot: false },
    assignees: [],
    createdAt: NINE,
    updatedAt: NINE,
    commentCount: 0,
    subIssueCount: 0,
    milestoneDue: null,
    type: null,
    ...fields,
  };
}

/** An open pull request `acme/ops#2` to the default branch. */
export function buildPullRequest(fields: Partial<PullRequestFacts> = {}): PullRequestFacts {
  const number = fields.number ?? 2;
  return {
    number,
    nodeId: `PR_${number}`,
    url: `https://github.com/acme/ops/pull/${number}`,
    title: "A change",
    body: "",
    state: "open",
    merged: false,
    mergedAt: null,
    draft: false,
    author: { id: 9, login: "bob", isBot: false },
    headSha: "a".repeat(40),
    mergeSha: null,
    baseRef: "main",
    defaultBranch: "main",
    ...fields,
  };
}

/** An issue that may be the post-mortem, because the incident says so. */
export function buildEvidence(answer: Extract<EvidenceFacts, { kind: "issue" }>["answer"], number = 3): EvidenceFacts {
  return {
    kind: "issue",
    target: { repository: null, number },
    via: "incident-text",
    trust: null,
    movedTo: null,
    sealedBy: null,
    answer,
  };
}

/** Incident `acme/ops#1` at nine, of severity P0, with nothing else to see. */
export function buildObservation(fields: Partial<IncidentObservation> = {}): IncidentObservation {
  return {
    at: NINE,
    app: { appId: 1, botLogin: "sevgate[bot]", former: [] },
    repository: { installationId: 1, id: 10, owner: "acme", name: "ops" },
    issue: buildIssue({ labels: ["sev:P0"] }),
    comments: [],
    ...NOTHING_LOOKED_UP,
    alerts: null,
    pageReports: [],
    misnamed: [],
    thread: null,
    requests: [],
    status: null,
    duplicateStatusIds: [],
    record: { kind: "none" },
    policy: { policy: defaultPolicy(), source: null, requiresLines: new Map(), trouble: null },
    onCall: { schedule: null, trouble: null },
    sentPages: [],
    templates: BUILT_IN_TEMPLATES,
    labelsThere: allLabels(defaultPolicy()).map(({ name }) => name),
    can: { pin: true, react: true, editLocked: true },
    done: new Set(),
    ...fields,
  };
}
