import { labelKey } from "../names.ts";
import type { Policy } from "../policy/policy.ts";
import { SEVERITY_COLORS, STATE_LABELS, WAIVED_LABEL } from "../record/state-label.ts";
import { ALERT_LABEL } from "../words/alert-label.ts";
import { REPORT_LABEL } from "../words/report-label.ts";

/** A label of a repository, as it is created; one that is there is left as it is. */
export interface LabelContent {
  readonly name: string;
  /** Six hexadecimal digits. */
  readonly color: string;
  readonly description: string;
}

/** The labels by which people declare incidents, most severe first: they are needed from the first look at a repository on. */
export function severityLabels({ severities }: Policy): readonly LabelContent[] {
  return severities.map((severity, at) => ({
    name: severity.label,
    color: SEVERITY_COLORS[Math.min(at, SEVERITY_COLORS.length - 1)]!,
    description: severity.description.slice(0, 100),
  }));
}

/** The labels that say where an incident stands: they are needed with the first incident. */
export function stateLabels(): readonly LabelContent[] {
  return Object.values(STATE_LABELS);
}

/** Needed with the first issue that an alert opens. */
export function alertLabel(): LabelContent {
  return { name: ALERT_LABEL, color: "fbca04", description: "Opened by an alert" };
}

/** Needed with the first post-mortem. */
export function postMortemLabel(policy: Policy): LabelContent {
  return {
    name: policy["post-mortem"].label,
    color: "1d76db",
    description: "What happened, why, and what follows from it",
  };
}

/** Needed with the first action item that is filed. */
export function actionItemLabel(policy: Policy): LabelContent {
  return { name: policy["action-items"].label, color: "c2e0c6", description: "What a post-mortem has promised" };
}

/** Needed with the first drill. */
export function drillLabel({ drills: { label } }: Policy): LabelContent {
  return {
    name: label,
    color: "bfd4f2",
    description: "Practice: all works as in an incident, and no number counts it",
  };
}

/** Needed with the first report. */
export function reportLabel(): LabelContent {
  return { name: REPORT_LABEL, color: "d4c5f9", description: "The numbers of a week, a month or a quarter" };
}

/** Needed with the first thing that is listed as late. */
export function followUpsLabel(policy: Pick<Policy, "follow-ups">): LabelContent {
  return {
    name: policy["follow-ups"].label,
    color: "fef2c0",
    description: "What is still to be done after incidents",
  };
}

/** On an incident whose post-mortem or action items are late. */
export const SLO_MISSED: LabelContent = {
  name: "slo:missed",
  color: "d93f0b",
  description: "Its post-mortem or an action item is late, or was",
};
/** On an incident with little time left for them. */
export const SLO_NEAR_MISS: LabelContent = {
  name: "slo:near-miss",
  color: "fbca04",
  description: "Little time is left for its post-mortem or an action item, or was",
};

/** Needed if the policy wants service levels shown. */
export function serviceLevelLabels(): readonly LabelContent[] {
  return [SLO_MISSED, SLO_NEAR_MISS];
}

/** Every label that may be needed in a repository with this policy. */
export function allLabels(policy: Policy): readonly LabelContent[] {
  return [
    ...severityLabels(policy),
    ...stateLabels(),
    WAIVED_LABEL,
    alertLabel(),
    postMortemLabel(policy),
    actionItemLabel(policy),
    drillLabel(policy),
    reportLabel(),
    followUpsLabel(policy),
    ...serviceLevelLabels(),
  ];
}

/** Those of the labels that are not known to be there. */
export function labelsMissing(labels: readonly LabelContent[], there: readonly string[]): readonly LabelContent[] {
  const known = new Set(there.map(labelKey));
  return labels.filter(({ name }) => !known.has(labelKey(name)));
}
