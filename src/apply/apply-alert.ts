import { TerminalError } from "../base/errors.ts";
import { newsOf } from "../core/alerts/alert-state.ts";
import { assertNever, type Instant, type Repository } from "../core/model.ts";
import type { AlertAction, AlertObservation, StormObservation } from "../core/plan/plan-alert.ts";
import { stormId } from "../core/render/alert-issue.ts";
import type { AlertStore } from "../store/alert-store.ts";
import type { IndexStore } from "../store/index-store.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";
import { createLabel } from "./create-label.ts";

/** What `applyAlert` needs. */
export interface ApplyAlertParts {
  readonly write: GitHubWriter;
  readonly alerts: AlertStore;
  readonly index: Pick<IndexStore, "repository" | "saveRepository">;
  readonly repository: Repository;
}

/** Carries out one step for an alert, and returns the observation after it. */
export async function applyAlert(
  parts: ApplyAlertParts,
  seen: AlertObservation,
  action: AlertAction,
): Promise<AlertObservation> {
  const { write, alerts, repository } = parts;
  const { alert } = seen;
  const save = async (fields: Parameters<AlertStore["save"]>[2]): Promise<AlertObservation> => {
    await alerts.save(repository.id, alert.id, fields);
    return { ...seen, alert: { ...alert, ...fields } };
  };
  switch (action.kind) {
    case "create-label":
      return { ...seen, labelsThere: await labelThere(parts, seen, action) };
    case "reserve-opening": {
      const mayOpen = await alerts.reserveOpening(repository.id, alert.id, seen.at, action.most);
      return { ...seen, mayOpen };
    }
    case "open-issue": {
      const issue = await write.createIssue(repository, action, "incident");
      const handledAt = newsOf(alert.state);
      const saved = await save({ issue: issue.number, earlierIssue: action.earlier, handledAt, folded: null });
      return { ...saved, issue };
    }
    case "reopen-issue":
      return { ...seen, issue: await write.reopenIssue(repository, action.issue) };
    case "describe-issue": {
      const { issue: number, title, body } = action;
      let { issue } = seen;
      if (title !== null) issue = await write.retitleIssue(repository, number, title);
      if (body !== null) issue = await write.editIssueBody(repository, number, body);
      return { ...seen, issue, isDescribed: true };
    }
    case "note-issue": {
      const handledAt = newsOf(alert.state);
      const saved = await save({ issue: action.issue, earlierIssue: action.earlier, handledAt });
      return { ...saved, issue: seen.marked ?? seen.issue };
    }
    case "fold":
      return {
        ...(await save({
          folded: action.severity,
          issue: null,
          earlierIssue: alert.issue ?? alert.earlierIssue,
          handledAt: newsOf(alert.state),
        })),
        issue: null,
      };
    default:
      return assertNever(action);
  }
}

/** The same for a storm, whose row only says which issue is its own. */
export async function applyStorm(
  parts: ApplyAlertParts,
  seen: StormObservation,
  action: AlertAction,
): Promise<StormObservation> {
  const { write, alerts, repository } = parts;
  const { severity, at } = seen;
  switch (action.kind) {
    case "create-label":
      return { ...seen, labelsThere: await labelThere(parts, seen, action) };
    case "open-issue":
      return { ...seen, issue: await write.createIssue(repository, action, "incident") };
    case "reopen-issue":
      return { ...seen, issue: await write.reopenIssue(repository, action.issue) };
    case "note-issue":
      await noteStorm(alerts, repository, severity, at, action.issue);
      await alerts.giveFolded(repository.id, severity, action.issue);
      return { ...seen, folded: 0 };
    case "reserve-opening":
    case "describe-issue":
    case "fold":
      throw new Error(`a storm does not ${action.kind}`);
    default:
      return assertNever(action);
  }
}

/** Whether it was created or not: no alert waits for a colour. */
async function labelThere(
  parts: ApplyAlertParts,
  { labelsThere }: Pick<AlertObservation, "labelsThere">,
  action: Extract<AlertAction, { kind: "create-label" }>,
): Promise<readonly string[]> {
  try {
    await createLabel(parts, parts.repository, action);
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
  }
  return [...labelsThere, action.name];
}

async function noteStorm(
  alerts: AlertStore,
  repository: Repository,
  severity: string,
  at: Instant,
  issue: number,
): Promise<void> {
  const id = stormId(severity);
  await alerts.report(repository.id, id, at, (known) => known ?? { ...NO_ALERT, key: id, resolvedAt: at });
  // Not as one of the issue's alerts, because it is not one.
  await alerts.save(repository.id, id, { earlierIssue: issue, openingAt: at });
}

/** A row needs a state. A storm itself does not fire: the alerts in it do. */
const NO_ALERT = {
  source: "sevgate",
  endpoint: "storm",
  externalId: null,
  status: "resolved",
  firedAt: null,
  lastStartAt: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
  resolvedBy: null,
  times: 0,
  starts: [],
  title: "Alert storm",
  summary: "",
  severity: null,
  url: null,
  labels: {},
} as const;
