import { derive, type Incident } from "../derive.ts";
import type { Finding } from "../gate/requirements/requirement-rules.ts";
import type { Verdict } from "../gate/verdict.ts";
import { edgeId } from "../judge/edge.ts";
import type { Found } from "../judge/judging.ts";
import { keyId } from "../key.ts";
import type { Instant } from "../model.ts";
import { fullName } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import type { Entry, KeyTime } from "../record/entry.ts";
import type { History, Moment } from "../record/history.ts";
import { type KeyMoment, keyTimes } from "../record/key-times.ts";
import { requirementSentence } from "../render/verdict.ts";
import { stepId } from "./action.ts";
import { after } from "./after.ts";
import { assume } from "./assume.ts";
import { EXPLANATION_VERSION, type Explanation, type Receipt, type VerdictNode } from "./explanation.ts";
import { planSteps } from "./plan.ts";

/** More steps than any pass takes (src/passes/steps.ts). */
const MOST_STEPS = 100;

/** How the observation came about: nothing in it says so itself. */
export interface Looked {
  readonly app: Explanation["app"]["known"];
  /** Whether the record's seal was checked. */
  readonly isSealChecked: boolean;
  readonly store: Explanation["store"];
  readonly notKnown: readonly string[];
  /** Requests to GitHub. */
  readonly requests: number;
}

/**
 * Says what an incident is and why, with the same judges and the same plan as a pass. The steps are those of a pass that GitHub
 * lets do everything: each is assumed to succeed, and the next is planned from there. `null`: not an incident.
 */
export function explain(seen: IncidentObservation, looked: Looked): Explanation | null {
  const incident = derive(seen);
  if (incident === null) return null;
  const { repository, issue, policy, app } = seen;
  const { history, gate } = incident;
  const { steps, isEnd } = stepsFrom(seen);
  const isAppKnown = looked.app !== "unknown";
  return {
    version: EXPLANATION_VERSION,
    at: iso(seen.at),
    incident: {
      key: keyId({ kind: "incident", repository, number: issue.number }),
      repository: fullName(repository),
      number: issue.number,
      url: issue.url,
      title: issue.title,
      state: issue.state,
      closeReason: issue.closeReason,
      labels: [...issue.labels],
      assignees: [...issue.assignees],
    },
    app: {
      id: isAppKnown && app.appId > 0 ? app.appId : null,
      login: isAppKnown ? app.botLogin : null,
      known: looked.app,
    },
    seal: sealOf(seen, looked),
    store: looked.store,
    policy: { source: policy.source, trouble: policy.trouble?.kind ?? null, runsIn: policy.policy["runs-in"] },
    record: recordOf(seen),
    lost: seen.record.kind === "lost" ? seen.record.why : null,
    state: {
      severity: history.severity,
      phase: history.phase,
      declared: moment(history.declared),
      drill: momentOrNull(history.drill),
      acknowledged: momentOrNull(history.acknowledged),
      mitigated: momentOrNull(history.mitigated),
      resolved: momentOrNull(history.resolved),
      times: timesOf(history),
      cancelled: momentOrNull(history.cancelled),
      waived: momentOrNull(history.waived),
      waivedUntil: history.waived?.until == null ? null : iso(history.waived.until),
      closed: history.closed === null ? null : { ...moment(history.closed), how: history.closed.how },
      reopenings: history.reopenings.length,
      responder: history.responder,
      roles: [...history.roles].map(([role, login]) => ({ role, login })),
    },
    found: incident.found.filter(({ entries, edges }) => entries.length + edges.length > 0).map(foundBy),
    verdict: {
      status: gate.status,
      waivedBy: gate.waivedBy,
      waiverAsked: gate.waiverAsked,
      tree: node(gate.tree, `${fullName(seen.repository)}#${seen.issue.number}`),
    },
    timers: incident.timers.map(({ name, due, overdue }) => ({ name, due: iso(due), overdue })),
    lookAgainAt: lookAgain(incident),
    steps,
    stepsEnd: isEnd,
    notKnown: [...looked.notKnown],
    requests: looked.requests,
  };
}

function stepsFrom(start: IncidentObservation): { readonly steps: Explanation["steps"]; readonly isEnd: boolean } {
  const steps: Explanation["steps"] = [];
  let seen = start;
  while (steps.length < MOST_STEPS) {
    const incident = derive(seen);
    const [next] = incident === null ? [] : planSteps(seen, incident);
    if (next === undefined) return { steps, isEnd: true };
    steps.push({ step: stepId(next.action), why: next.why });
    seen = after(seen, next.action, assume(seen, next.action));
  }
  return { steps, isEnd: false };
}

function sealOf({ record }: IncidentObservation, { isSealChecked }: Looked): Explanation["seal"] {
  if (record.kind === "none") return "none";
  if (record.kind === "lost") return record.why === "deleted" ? "none" : "broken";
  return isSealChecked ? "valid" : "unchecked";
}

function recordOf({ record }: IncidentObservation): Explanation["record"] {
  const kept = record.kind === "found" ? record.record : record.kind === "lost" ? record.copy : null;
  if (kept === null) return null;
  return {
    revision: kept.revision,
    judgedUpTo: kept.judgedUpTo,
    ticks: [...kept.ticks],
    entries: kept.entries.map(receipt),
    from: record.kind === "found" ? "status-comment" : "store",
  };
}

function foundBy({ judge, entries, edges }: Found): Explanation["found"][number] {
  return { judge, entries: entries.map(receipt), once: edges.map(edgeId) };
}

function receipt(entry: Entry): Receipt {
  const { kind, at, by, source, ...detail } = { source: null, ...entry };
  return { kind, at: iso(at), by, source, detail };
}

/** @param place the incident, on which to write what is missing */
function node(verdict: Verdict, place: string): VerdictNode {
  if (verdict.kind !== "requirement") {
    return { kind: verdict.kind, status: verdict.status, of: verdict.of.map((part) => node(part, place)) };
  }
  const { finding, status } = verdict;
  const { requirement } = finding;
  const says = requirementSentence(finding, place);
  return { kind: "requirement", status, requirement, says, found: candidates(finding) };
}

function candidates(finding: Finding): Extract<VerdictNode, { kind: "requirement" }>["found"] {
  switch (finding.requirement) {
    case "post-mortem":
    case "runbook-pr":
      return finding.found.map(({ target, status, lacks }) => ({
        ...{ repository: target.repository, number: target.number },
        status,
        lacks: lacks.map(({ kind }) => kind),
      }));
    case "fix-merged":
      return [
        ...finding.merged.map((number) => ({ repository: null, number, status: "met" as const, lacks: [] })),
        ...finding.early.map((number) => ({
          ...{ repository: null, number },
          status: "unmet" as const,
          lacks: ["merged-before"],
        })),
      ];
    default:
      return [];
  }
}

function lookAgain({ lookAgainAt }: Incident): string | null {
  return lookAgainAt === null ? null : iso(lookAgainAt);
}

function momentOrNull(of: Moment | null): MomentShown | null {
  return of === null ? null : moment(of);
}

function moment({ at, by }: Moment): MomentShown {
  return { at: iso(at), by };
}

function timesOf(history: History): Explanation["state"]["times"] {
  const times = keyTimes(history);
  const shown = (of: KeyMoment | null): Explanation["state"]["times"][KeyTime] => {
    if (of === null) return null;
    const { corrected } = of;
    const was = corrected === null || corrected.was === null ? null : iso(corrected.was);
    return { ...moment(of), corrected: corrected === null ? null : { by: corrected.by, was } };
  };
  return {
    started: shown(times.started),
    detected: shown(times.detected),
    acknowledged: shown(times.acknowledged),
    mitigated: shown(times.mitigated),
    resolved: shown(times.resolved),
  };
}

type MomentShown = Explanation["state"]["declared"];

function iso(at: Instant): string {
  return new Date(at).toISOString();
}
