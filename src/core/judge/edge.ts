import type { PullRequestFacts, Reference } from "../model.ts";
import { targetKey } from "../names.ts";
import type { History } from "../record/history.ts";
import type { ContentClass } from "../trust/content-class.ts";
import type { Saying } from "./saying.ts";

/**
 * Something done once because of a new entry, before the entry is saved: if a pass dies in between, the next one judges
 * the same again and finds what was done (a reply, by its marker) or does it again to no effect (the others).
 */
export type Edge =
  | {
      readonly kind: "say";
      readonly marker: string;
      readonly saying: Saying;
      /** What it answers; `null`: it answers nobody. */
      readonly answers: { readonly commentId: number; readonly by: string } | null;
      /** `null`: the incident's own class (`contentClassOf`). */
      readonly creates: ContentClass | null;
    }
  | { readonly kind: "react"; readonly commentId: number; readonly reaction: "+1" | "confused" }
  | { readonly kind: "assign"; readonly login: string }
  | { readonly kind: "unassign"; readonly login: string }
  | { readonly kind: "create-post-mortem"; readonly by: string; readonly history: History }
  | {
      readonly kind: "create-revert";
      readonly pullRequest: PullRequestFacts;
      readonly by: string;
      readonly reason: string;
    }
  /** An action item that will not be done. */
  | { readonly kind: "close-item"; readonly target: Reference }
  /** `number`: the pull request to review. */
  | { readonly kind: "request-review"; readonly number: number; readonly login: string };

/** Something to say that answers nobody. */
export function sayOnce(marker: string, saying: Saying): Extract<Edge, { kind: "say" }> {
  return { kind: "say", marker, saying, answers: null, creates: null };
}

/** The identity of an edge within a pass (`IncidentObservation.done`). */
export function edgeId(edge: Edge): string {
  switch (edge.kind) {
    case "say":
      return `say:${edge.marker}`;
    case "react":
      return edge.reaction === "+1" ? `react:${edge.commentId}` : `react:${edge.commentId}:${edge.reaction}`;
    case "assign":
    case "unassign":
      return `${edge.kind}:${edge.login.toLowerCase()}`;
    case "create-post-mortem":
      return edge.kind;
    case "create-revert":
      return `${edge.kind}:${edge.pullRequest.number}`;
    case "close-item":
      return `${edge.kind}:${targetKey(edge.target)}`;
    case "request-review":
      return `${edge.kind}:${edge.number}`;
  }
}
