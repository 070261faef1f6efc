import type { IssueFacts } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";
import type { Action } from "./action.ts";
import { type Learned, ownComment } from "./after.ts";

/** The number of what is not made yet. */
const NOT_MADE_YET = 0;

/** What GitHub would answer to an action, if it did what is asked: for looking ahead, without doing it. */
export function assume(seen: IncidentObservation, action: Action): Learned {
  switch (action.kind) {
    case "comment":
      return { kind: "comment", comment: { ...ownComment(seen, nextId(seen), action.marker), body: action.body } };
    case "create-status":
      return { kind: "comment", comment: ownComment(seen, nextId(seen), "status") };
    case "create-post-mortem":
      return { kind: "issue", issue: draft(seen, action) };
    case "create-revert": {
      const revert = {
        ...action.pullRequest,
        number: NOT_MADE_YET,
        state: "open",
        merged: false,
        mergedAt: null,
      } as const;
      return { kind: "revert", revert };
    }
    case "assign":
      return { kind: "assignees", logins: [...seen.issue.assignees, action.login] };
    default:
      return { kind: "nothing" };
  }
}

/** Later than all that is there. */
function nextId({ comments, done }: IncidentObservation): number {
  return Math.max(0, ...comments.map(({ id }) => id)) + done.size + 1;
}

function draft(seen: IncidentObservation, action: Extract<Action, { kind: "create-post-mortem" }>): IssueFacts {
  return {
    ...seen.issue,
    number: NOT_MADE_YET,
    title: action.title,
    body: action.body,
    labels: action.labels,
    state: "open",
    closeReason: null,
    closedAt: null,
    closedBy: null,
    locked: false,
    author: { id: 0, login: seen.app.botLogin, isBot: true },
    assignees: [],
    createdAt: seen.at,
    updatedAt: seen.at,
    commentCount: 0,
    subIssueCount: 0,
    milestoneDue: null,
  };
}
