import { assertNever, type IssueFacts, type Repository } from "../core/model.ts";
import { hasLabel } from "../core/names.ts";
import { type FollowUpsAction, type FollowUpsObservation, followUpsStepId } from "../core/plan/plan-follow-ups.ts";
import type { IndexStore } from "../store/index-store.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";
import { createLabel } from "./create-label.ts";

/** What `applyFollowUps` needs. */
export interface ApplyFollowUpsParts {
  readonly write: GitHubWriter;
  readonly index: Pick<IndexStore, "repository" | "saveRepository">;
  readonly repository: Repository;
}

/** Carries out one step towards the issue that says what is late, and returns the observation after it. */
export async function applyFollowUps(
  parts: ApplyFollowUpsParts,
  seen: FollowUpsObservation,
  action: FollowUpsAction,
): Promise<FollowUpsObservation> {
  return withStepDone({ ...seen, ...(await changed(parts, seen, action)) }, action);
}

/** The step is not taken again in this pass, whatever has become of it. */
export function withStepDone(seen: FollowUpsObservation, action: FollowUpsAction): FollowUpsObservation {
  return { ...seen, done: new Set([...seen.done, followUpsStepId(action)]) };
}

async function changed(
  parts: ApplyFollowUpsParts,
  seen: FollowUpsObservation,
  action: FollowUpsAction,
): Promise<Partial<FollowUpsObservation>> {
  const { write, repository } = parts;
  switch (action.kind) {
    case "create-label":
      await createLabel(parts, repository, action);
      return { labelsThere: [...seen.labelsThere, action.name] };
    case "open-issue": {
      const { title, body, labels } = action;
      return withIssue(seen, await write.createIssue(repository, { title, body, labels }, "team"));
    }
    case "edit-issue":
      return withIssue(seen, await write.editIssueBody(repository, action.issue, action.body));
    case "reopen-issue":
      return withIssue(seen, await write.reopenIssue(repository, action.issue));
    case "close-issue":
      return withIssue(seen, await write.closeIssue(repository, action.issue, action.reason));
    case "say-twice":
      await write.createComment(repository, action.issue, action.body, "team");
      return { saidTwice: new Set([...seen.saidTwice, action.issue]) };
    case "remind": {
      const comment = await write.createComment(repository, action.issue, action.body, "team");
      return { comments: [...(seen.comments ?? []), comment] };
    }
    case "delete-comment":
      await write.deleteComment(repository, action.comment);
      return { comments: (seen.comments ?? []).filter(({ id }) => id !== action.comment) };
    case "add-label":
      await write.addLabels(repository, action.issue, [action.label]);
      return withLabels(seen, action.issue, (labels) => [...labels, action.label]);
    case "remove-label":
      await write.removeLabel(repository, action.issue, action.label);
      return withLabels(seen, action.issue, (labels) => labels.filter((label) => !hasLabel([label], action.label)));
    default:
      return assertNever(action);
  }
}

function withIssue({ issues }: FollowUpsObservation, issue: IssueFacts): Partial<FollowUpsObservation> {
  const others = issues.filter(({ number }) => number !== issue.number);
  return { issues: [...others, issue].toSorted((a, b) => a.number - b.number) };
}

function withLabels(
  { incidents }: FollowUpsObservation,
  number: number,
  change: (labels: readonly string[]) => readonly string[],
): Partial<FollowUpsObservation> {
  return {
    incidents: incidents.map((one) =>
      one.issue.number === number ? { ...one, issue: { ...one.issue, labels: change(one.issue.labels) } } : one,
    ),
  };
}
