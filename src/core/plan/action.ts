import type { PullRequestFacts, Reference } from "../model.ts";
import type { IncidentRecord } from "../record/record.ts";
import type { ContentClass } from "../trust/content-class.ts";

/** One step towards what should be. Plain data: it can be logged, compared and replayed. */
export type Action =
  | { readonly kind: "reopen-issue" }
  | { readonly kind: "close-issue"; readonly reason: "completed" | "not_planned" }
  | { readonly kind: "edit-issue-body"; readonly body: string }
  /** `edge`: the edge it carries out, noted in `IncidentObservation.done`. */
  | {
      readonly kind: "comment";
      readonly marker: string;
      readonly body: string;
      readonly edge: string;
      readonly creates: ContentClass;
      /** If the budget has no room for it, the pass comes back; else it is not said, now or later. */
      readonly waits: boolean;
    }
  | {
      readonly kind: "react";
      readonly commentId: number;
      readonly reaction: "+1" | "confused";
      readonly edge: string;
    }
  | { readonly kind: "assign"; readonly login: string; readonly edge: string }
  | { readonly kind: "unassign"; readonly login: string; readonly edge: string }
  | {
      readonly kind: "create-post-mortem";
      /** `owner/name`; `null`: the incident's own. */
      readonly repository: string | null;
      readonly title: string;
      readonly body: string;
      readonly labels: readonly string[];
    }
  | {
      readonly kind: "create-revert";
      readonly pullRequest: PullRequestFacts;
      readonly title: string;
      readonly body: string;
      readonly edge: string;
    }
  /** A line of a post-mortem, as an issue beside it. */
  | {
      readonly kind: "create-item";
      readonly postMortem: Reference;
      readonly place: Reference;
      readonly line: string;
      readonly title: string;
      readonly body: string;
      readonly labels: readonly string[];
    }
  /** `child`: the id of the issue, not its number. */
  | { readonly kind: "add-sub-issue"; readonly parent: Reference; readonly child: number; readonly edge: string }
  | { readonly kind: "assign-item"; readonly target: Reference; readonly login: string; readonly edge: string }
  | {
      readonly kind: "close-item";
      readonly target: Reference;
      readonly place: Reference;
      readonly reason: "completed" | "not_planned";
      readonly edge: string;
    }
  | {
      readonly kind: "edit-post-mortem";
      readonly postMortem: Reference;
      readonly place: Reference;
      readonly body: string;
      readonly edge: string;
    }
  | { readonly kind: "request-review"; readonly number: number; readonly login: string; readonly edge: string }
  /** The text people see and the record sealed below it, in one write. */
  | {
      readonly kind: "create-status";
      readonly text: string;
      readonly record: IncidentRecord;
      readonly creates: ContentClass;
      /** Before a page, which goes ahead without it. */
      readonly isEarly: boolean;
    }
  | { readonly kind: "edit-status"; readonly commentId: number; readonly text: string; readonly record: IncidentRecord }
  /** When the comment cannot be written: the copy of the record in the index then carries on alone. */
  | { readonly kind: "keep-record"; readonly record: IncidentRecord }
  | { readonly kind: "pin-status"; readonly commentId: number }
  | { readonly kind: "delete-duplicate"; readonly commentId: number }
  | { readonly kind: "create-label"; readonly name: string; readonly color: string; readonly description: string }
  | { readonly kind: "add-label"; readonly label: string }
  | { readonly kind: "remove-label"; readonly label: string };

/** The action as the log names it: its identity, without anybody's login. */
export function stepId(action: Action): string {
  return action.kind === "assign" || action.kind === "unassign" ? action.kind : actionId(action);
}

/**
 * The identity of an action within a pass: its texts may change from one plan to the next, and it is still the same
 * action.
 */
export function actionId(action: Action): string {
  switch (action.kind) {
    case "comment":
    case "react":
    case "assign":
    case "unassign":
    case "create-revert":
    case "request-review":
    case "add-sub-issue":
    case "assign-item":
    case "close-item":
    case "edit-post-mortem":
      return action.edge;
    case "create-item":
      return `${action.kind}:${action.line}`;
    case "create-label":
      return `${action.kind}:${action.name}`;
    case "add-label":
    case "remove-label":
      return `${action.kind}:${action.label}`;
    case "create-status":
      return action.isEarly ? `${action.kind}:early` : action.kind;
    case "edit-status":
    case "keep-record":
      // Another revision is another step: a long backlog of commands is saved in several steps.
      return `${action.kind}:${action.record.revision}`;
    case "delete-duplicate":
      return `${action.kind}:${action.commentId}`;
    default:
      return action.kind;
  }
}
