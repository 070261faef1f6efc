import { draftEvidence } from "../gate/post-mortem-place.ts";
import { labelEdge } from "../judge/begin-record.ts";
import { assertNever, type CommentFacts, type IssueFacts, type Reference } from "../model.ts";
import { hasLabel, labelKey, sameTarget } from "../names.ts";
import type { IncidentObservation, RevertFacts } from "../observation.ts";
import { ITEMS_ASK, type Waiting } from "../waiting.ts";
import { markerOf } from "../words/markers.ts";
import type { Action } from "./action.ts";

/** What GitHub answered to an action, if the answer says something new. */
export type Learned =
  | { readonly kind: "nothing" }
  | { readonly kind: "issue"; readonly issue: IssueFacts }
  | { readonly kind: "comment"; readonly comment: CommentFacts }
  /** What became of a revert. */
  | { readonly kind: "revert"; readonly revert: NonNullable<RevertFacts["revert"]> }
  /** What a command asked for was not done. */
  | { readonly kind: "unanswered"; readonly waiting: Waiting }
  /** It was not said: what is left of the budget is kept for more important things. */
  | { readonly kind: "held-back" }
  /** The server has no reactions. */
  | { readonly kind: "no-reactions" }
  /** GitHub accepts no change to the comment while the issue is locked. */
  | { readonly kind: "refused-locked" }
  /** Who is assigned now. */
  | { readonly kind: "assignees"; readonly logins: readonly string[] };

/**
 * The observation after an action: what GitHub would show, without asking it again.
 *
 * This lets a pass read once and plan anew after each step: what one step learns (the number of a new issue, who could
 * not be assigned) is known to the next.
 */
export function after(seen: IncidentObservation, action: Action, learned: Learned): IncidentObservation {
  switch (action.kind) {
    case "reopen-issue":
      return {
        ...seen,
        issue: answered(learned) ?? { ...seen.issue, state: "open", closeReason: null, closedAt: null, closedBy: null },
      };
    case "close-issue":
      return {
        ...seen,
        issue: answered(learned) ?? {
          ...seen.issue,
          state: "closed",
          closeReason: action.reason,
          closedAt: seen.at,
          closedBy: { id: 0, login: seen.app.botLogin, isBot: true },
        },
      };
    case "edit-issue-body":
      // Once, even if GitHub answers with a body other than the one it was sent.
      return did({ ...seen, issue: answered(learned) ?? { ...seen.issue, body: action.body } }, "template");
    case "comment":
      if (learned.kind === "held-back") return did(did(seen, action.edge), heldBack(action.edge));
      return did(
        learned.kind === "comment" ? { ...seen, comments: [...seen.comments, learned.comment] } : seen,
        action.edge,
      );
    case "react": {
      const can = learned.kind === "no-reactions" ? { ...seen.can, react: false } : seen.can;
      return did({ ...seen, can }, action.edge);
    }
    case "assign": {
      const assignees = learned.kind === "assignees" ? learned.logins : [...seen.issue.assignees, action.login];
      const assigned = assignees.some((one) => one.toLowerCase() === action.login.toLowerCase());
      const next = did({ ...seen, issue: { ...seen.issue, assignees } }, action.edge);
      return assigned ? next : did(next, `not-assigned:${action.login.toLowerCase()}`);
    }
    case "unassign": {
      const assignees = seen.issue.assignees.filter((one) => one.toLowerCase() !== action.login.toLowerCase());
      return did({ ...seen, issue: { ...seen.issue, assignees } }, action.edge);
    }
    case "create-post-mortem": {
      if (learned.kind === "unanswered") return waits(seen, "create-post-mortem", learned.waiting);
      const issue = answered(learned);
      if (issue === null) return did(seen, "create-post-mortem");
      const evidence = [...seen.evidence, draftEvidence(seen, issue)];
      return did({ ...seen, draftedPostMortem: issue, evidence }, "create-post-mortem");
    }
    case "create-revert": {
      if (learned.kind === "unanswered") return waits(seen, action.edge, learned.waiting);
      if (learned.kind !== "revert") return did(seen, action.edge);
      const { pullRequest } = action;
      const known = seen.regressions ?? { suspects: [], refs: new Map(), reverts: new Map() };
      const reverts = new Map([...known.reverts, [pullRequest.number, { pullRequest, revert: learned.revert }]]);
      return did({ ...seen, regressions: { ...known, reverts } }, action.edge);
    }
    case "set-type":
      return did({ ...seen, issue: answered(learned) ?? { ...seen.issue, type: action.type } }, action.edge);
    case "request-review":
      return did(seen, action.edge);
    case "create-item": {
      if (learned.kind === "unanswered") return waits(seen, ITEMS_ASK, learned.waiting);
      const issue = answered(learned);
      if (issue === null || seen.items === null) return seen;
      const { postMortem, place, line } = action;
      const made = { repository: postMortem.repository, number: issue.number };
      const there = { repository: place.repository, number: issue.number };
      const item = { target: made, place: there, postMortem, line, issue, isSubIssue: false };
      return { ...seen, items: { ...seen.items, found: [...seen.items.found, item] } };
    }
    case "add-sub-issue":
      if (learned.kind === "unanswered") return waits(seen, ITEMS_ASK, learned.waiting);
      return did(seen, action.edge);
    case "assign-item": {
      if (learned.kind === "unanswered") return waits(seen, ITEMS_ASK, learned.waiting);
      const assignees = learned.kind === "assignees" ? learned.logins : [];
      return did(
        withItem(seen, action.target, (issue) => ({ ...issue, assignees })),
        action.edge,
      );
    }
    case "close-item": {
      if (learned.kind === "unanswered") return waits(seen, ITEMS_ASK, learned.waiting);
      const closed = (issue: IssueFacts): IssueFacts =>
        answered(learned) ?? { ...issue, state: "closed", closeReason: action.reason, closedAt: seen.at };
      return did(withItem(seen, action.target, closed), action.edge);
    }
    case "edit-post-mortem": {
      if (learned.kind === "unanswered") return waits(seen, ITEMS_ASK, learned.waiting);
      const evidence = seen.evidence.map((one) =>
        one.kind === "issue" && sameTarget(one.target, action.postMortem) && typeof one.answer !== "string"
          ? { ...one, answer: answered(learned) ?? { ...one.answer, body: action.body } }
          : one,
      );
      return did({ ...seen, evidence }, action.edge);
    }
    case "create-status": {
      if (learned.kind === "held-back") return did(seen, EARLY_STATUS);
      if (learned.kind !== "comment") return seen;
      const { id, createdAt } = learned.comment;
      const found = { kind: "found", record: action.record } as const;
      return {
        ...seen,
        status: { commentId: id, createdAt, text: action.text, madeOf: null, isNew: true, ...OUR_OWN },
        record: found,
      };
    }
    case "keep-record":
      return { ...seen, record: { kind: "found", record: action.record } };
    case "edit-status": {
      if (learned.kind === "refused-locked") return { ...seen, can: { ...seen.can, editLocked: false } };
      const was = seen.status ?? { createdAt: seen.at, isNew: false, ...OUR_OWN };
      const found = { kind: "found", record: action.record } as const;
      // That of a former app could not be edited.
      const moved = learned.kind === "comment" ? learned.comment : null;
      const place =
        moved === null
          ? { ...was, commentId: action.commentId, isBehind: false }
          : {
              ...OUR_OWN,
              commentId: moved.id,
              createdAt: moved.createdAt,
              isNew: true,
              continues: was.former?.instead === null ? action.commentId : null,
            };
      return { ...seen, status: { ...place, text: action.text, madeOf: null }, record: found };
    }
    case "pin-status":
      return did(seen, "pin");
    case "delete-duplicate":
      return {
        ...seen,
        duplicateStatusIds: seen.duplicateStatusIds.filter((id) => id !== action.commentId),
        comments: seen.comments.filter((comment) => comment.id !== action.commentId),
      };
    case "create-label":
      // Also if it was held back: GitHub creates a plain one when it is used.
      return { ...seen, labelsThere: [...seen.labelsThere, action.name] };
    case "add-label":
      if (hasLabel(seen.issue.labels, action.label)) return seen;
      return did(withLabels(seen, [...seen.issue.labels, action.label]), labelEdge(action.label));
    case "remove-label":
      return withLabels(
        seen,
        seen.issue.labels.filter((one) => labelKey(one) !== labelKey(action.label)),
      );
    default:
      return assertNever(action);
  }
}

/** Of a status comment that no move between apps has touched. */
const OUR_OWN = { isBehind: false, continues: null, former: null } as const;

/** Stands for a status comment that was to come before a page, and is not there (`IncidentObservation.done`). */
export const EARLY_STATUS = "early-status";

/** The edge that stands in for one the budget held back (`IncidentObservation.done`). */
export function heldBack(edge: string): string {
  return `held-back:${edge}`;
}

function withItem(
  seen: IncidentObservation,
  target: Reference,
  change: (issue: IssueFacts) => IssueFacts,
): IncidentObservation {
  if (seen.items === null) return seen;
  const found = seen.items.found.map((one) =>
    sameTarget(one.target, target) && one.issue !== "gone" ? { ...one, issue: change(one.issue) } : one,
  );
  return { ...seen, items: { ...seen.items, found } };
}

function answered(learned: Learned): IssueFacts | null {
  return learned.kind === "issue" ? learned.issue : null;
}

function did(seen: IncidentObservation, edge: string): IncidentObservation {
  return { ...seen, done: new Set([...seen.done, edge]) };
}

function waits(seen: IncidentObservation, ask: string, waiting: Waiting): IncidentObservation {
  return { ...seen, waits: new Map([...seen.waits, [ask, waiting]]) };
}

function withLabels(seen: IncidentObservation, labels: readonly string[]): IncidentObservation {
  return { ...seen, issue: { ...seen.issue, labels } };
}

/** A comment of ours as it would come back from GitHub; for servers that answer without a body. */
export function ownComment(seen: IncidentObservation, id: number, marker: string): CommentFacts {
  return {
    id,
    url: `${seen.issue.url}#issuecomment-${id}`,
    author: { id: 0, login: seen.app.botLogin, isBot: true },
    appId: seen.app.appId,
    body: markerOf(marker),
    createdAt: seen.at,
    updatedAt: seen.at,
  };
}
