import { fold } from "../history.ts";
import type { Instant } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";
import type { Severity } from "../policy/policy.ts";
import type { IncidentRecord } from "../record/record.ts";
import { isOurs, labelEdge, lastLabeled, severitiesOn } from "./begin-record.ts";
import { type Judged, NOTHING } from "./judged.ts";

/** None or two severity labels stay this long: people swap labels in two steps, and the second says what they meant. */
export const LABEL_SETTLE_MS = 3_000;

/**
 * Reads the severity labels as the input they are.
 *
 * The most severe wins. A label that differs from the record because the app itself put it there (a pass that died
 * before it could save, or an old answer of GitHub) is no change by a person.
 */
export function judgeLabels(seen: IncidentObservation, record: IncidentRecord): Judged {
  if (seen.issue.state === "closed") return NOTHING;
  const history = fold(record.entries);
  if (history.phase === "cancelled") return NOTHING;
  const { severities } = seen.policy.policy;
  // What this pass has put on itself is no input.
  if (severities.some((severity) => seen.done.has(labelEdge(severity.label)))) return NOTHING;
  const on = severitiesOn(seen.issue, severities);
  const top = on[0];

  if (top === undefined) {
    const own = severities.find((severity) => severity.name === history.severity);
    if (own === undefined || !labelsSettled(seen)) return NOTHING;
    const saying = { kind: "severity-restored", label: own.label, severity: own.name } as const;
    return { entries: [], edges: [{ kind: "say", marker: `label-restored-${record.revision}`, saying }] };
  }
  if (top.name === history.severity) {
    if (on.length === 1 || !labelsSettled(seen)) return NOTHING;
    // A label of ours, or one that is older than the change, is half of it: that pass did not get to its end.
    const others = on
      .slice(1)
      .filter(({ label }) => !isOurs(seen, label) && !isOlder(seen, label, history.severitySince));
    const removed = others.map((severity) => severity.label);
    if (removed.length === 0) return NOTHING;
    // The other half of a raise, by label or by command: that the old label goes surprises nobody.
    const change = record.entries.findLast((entry) => entry.kind === "severity-changed");
    const wasRaised = change?.to === top.name && on[1]?.name === change.from && on.length === 2;
    if (wasRaised) return NOTHING;
    const saying = { kind: "labels-tidied", kept: top.label, removed } as const;
    return { entries: [], edges: [{ kind: "say", marker: `labels-tidied-${record.revision}`, saying }] };
  }

  // A record that was saved a moment ago, in this very pass: the next one knows who put the label there, and when.
  if (seen.timeline === null) return NOTHING;
  const labeled = lastLabeled(seen.timeline, top.label);
  if (isOurs(seen, top.label) || isOlder(seen, top.label, history.severitySince)) return NOTHING;
  return {
    entries: [
      {
        kind: "severity-changed",
        at: labeled?.at ?? seen.at,
        by: labeled?.actor?.login ?? null,
        from: history.severity,
        to: top.name,
        reason: "",
        source: null,
        raised: isRaise(severities, history.severity, top.name),
      },
    ],
    edges: [],
  };
}

/** Whether the label was put there before `since`. `false` while nobody knows when. */
function isOlder(seen: IncidentObservation, label: string, since: Instant): boolean {
  const labeled = seen.timeline === null ? null : lastLabeled(seen.timeline, label);
  return labeled !== null && labeled.at < since;
}

/** Whether `to` is more severe than `from`. A level the policy does not know any more is the least severe. */
export function isRaise(severities: readonly Severity[], from: string, to: string): boolean {
  const rank = (name: string) => {
    const at = severities.findIndex((one) => one.name === name);
    return at === -1 ? severities.length : at;
  };
  return rank(to) < rank(from);
}

/** Whether the labels have been left alone long enough to tidy them up. */
export function labelsSettled(seen: IncidentObservation): boolean {
  return seen.at - seen.issue.updatedAt >= LABEL_SETTLE_MS;
}
