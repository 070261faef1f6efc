import { type Escalation, escalate, MAX_LATENESS_MS, type NextCall } from "../escalation/escalate.ts";
import type { Instant } from "../model.ts";
import { sameLogin } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import { escalationFor, resolveTarget, TEAM } from "../oncall/escalation-rule.ts";
import { isNamed, type OnCallSchedule } from "../oncall/schedule.ts";
import { isOwnComment } from "../own.ts";
import type { Entry } from "../record/entry.ts";
import { type History, isSomebodyNeeded, type Page } from "../record/history.ts";
import type { Known } from "../record/known.ts";
import { markerIn } from "../words/markers.ts";
import { ackRunsOutAt } from "./ack-timeout.ts";
import { type Edge, sayOnce } from "./edge.ts";
import { isConfirmationOpen } from "./judge-confirmation.ts";
import { type Judged, NOTHING } from "./judged.ts";

/** GitHub allows ten assignees per issue (GitHub docs, "Assigning issues and pull requests to other GitHub users"). */
const MAX_ASSIGNEES = 10;

/** What the status comment says about the escalation. */
export type EscalationState =
  /** No on-call file, or nobody is needed. */
  | { readonly kind: "quiet" }
  /** Declared from outside the team, and not confirmed by anybody. */
  | { readonly kind: "held" }
  | ({ readonly kind: "running"; readonly next: NextCall | null } & Pick<Escalation, "isStale" | "reachedNobody">);

export type JudgedEscalation = Judged & { readonly escalation: EscalationState };

const QUIET: JudgedEscalation = { ...NOTHING, escalation: { kind: "quiet" } };

/**
 * Calls the people the on-call file names, when nobody answers. The rules are in `escalate` (core/escalation/).
 *
 * @param isOver the issue is closed, by somebody who may close it
 */
export function judgeEscalation(
  seen: IncidentObservation,
  known: Known,
  isOver = seen.issue.state === "closed",
): JudgedEscalation {
  const { schedule } = seen.onCall;
  if (schedule === null || isOver) return QUIET;
  const expiry = judgeAckTimeout(seen, known, schedule);
  const { history } = known.with(expiry.entries);
  if (!isSomebodyNeeded(history)) return { ...QUIET, ...expiry };
  if (history.confirmed === "no" || isConfirmationOpen(seen, history)) {
    return { ...QUIET, ...expiry, escalation: { kind: "held" } };
  }

  const rule = escalationFor(schedule, history.severity);
  const { episode, pages } = history;
  const { due, next, isStale, reachedNobody, lookAgainAt } = escalate({
    episode,
    pages,
    rule,
    resolve: resolver(schedule),
    isNamed: (login) => isNamed(schedule, login),
    unreachable: unreachedIn(seen),
    said: saidPages(seen, episode.since),
    now: seen.at,
  });
  const context = { severity: history.severity, why: episode.why, since: episode.since, next };
  return {
    entries: [...expiry.entries, ...due.map(entryOf)],
    edges: due.flatMap((page) => edgesOf(seen, page, context)),
    escalation: { kind: "running", next, isStale, reachedNobody },
    lookAgainAt,
  };
}

function judgeAckTimeout(seen: IncidentObservation, { record, history }: Known, schedule: OnCallSchedule): Judged {
  const timeout = escalationFor(schedule, history.severity)["ack-timeout"];
  if (timeout === null || history.closed !== null || history.cancelled !== null) return NOTHING;
  const due = ackRunsOutAt(seen, history, record.entries, schedule, timeout);
  if (due === null || seen.at - due > MAX_LATENESS_MS) return NOTHING;
  if (seen.at < due) return { ...NOTHING, lookAgainAt: due };
  return { ...NOTHING, entries: [{ kind: "ack-timed-out", at: due, by: null }] };
}

/** `resolveTarget`, asked only once for each target and moment: every question walks through rotations and zones. */
function resolver(schedule: OnCallSchedule): (target: string, at: Instant) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (target, at) => {
    const id = `${at} ${target}`;
    const found = known.get(id) ?? resolveTarget(schedule, target, at);
    known.set(id, found);
    return found;
  };
}

/** Lower-case logins that GitHub did not let the app assign in this pass. */
export function notAssigned(seen: Pick<IncidentObservation, "done">): ReadonlySet<string> {
  const prefix = "not-assigned:";
  return new Set([...seen.done].filter((id) => id.startsWith(prefix)).map((id) => id.slice(prefix.length)));
}

/**
 * Lower-case logins of people whom a mention would not reach, according to GitHub (`IncidentObservation.reach`). On a
 * locked issue, of those whom GitHub did not let the app assign.
 */
export function unreachedIn(seen: Pick<IncidentObservation, "done" | "reach">): ReadonlySet<string> {
  return new Set([...notAssigned(seen), ...[...seen.reach].flatMap(([login, reached]) => (reached ? [] : [login]))]);
}

/**
 * Nobody is assigned by a page: a mention wakes them once, and the list of issues shows an owner only where somebody
 * has acknowledged.
 *
 * On a locked issue nobody can be mentioned, so that people called by name or role are assigned in place of it:
 * GitHub notifies them of that. Not those called as the team: an issue has room for ten assignees.
 */
export function assignEdges(seen: Pick<IncidentObservation, "issue">, targets: Page["targets"]): readonly Edge[] {
  const { assignees, locked } = seen.issue;
  if (!locked) return [];
  return targets
    .filter(({ login, role }) => role !== TEAM && !assignees.some((one) => sameLogin(one, login)))
    .slice(0, Math.max(0, MAX_ASSIGNEES - assignees.length))
    .map(({ login }): Edge => ({ kind: "assign", login }));
}

/** What a comment about a page needs to know besides the page itself. */
interface PageContext {
  readonly severity: string;
  readonly why: History["episode"]["why"];
  readonly since: Instant;
  readonly next: NextCall | null;
}

/** On a locked issue, assigning comes first. */
function edgesOf(seen: IncidentObservation, page: Page, context: PageContext): readonly Edge[] {
  const { targets, nobody, unreachable, round, step } = page;
  // Everybody there is has been called before: nothing to say.
  if (targets.length === 0 && nobody.length === 0 && unreachable.length === 0) return [];
  const marker = `${targets.length === 0 ? "page-nobody" : "page"}-${context.since}-${step}`;
  const { severity, why, since, next } = context;
  const saying = {
    kind: "page",
    severity,
    why,
    since,
    at: seen.at,
    round,
    targets,
    nobody,
    unreachable,
    next,
  } as const;
  return [...assignEdges(seen, targets), sayOnce(marker, saying)];
}

function entryOf(page: Page): Entry {
  return {
    kind: "paged",
    at: page.at,
    by: null,
    episode: page.episode,
    step: page.step,
    round: page.round,
    targets: page.targets.map((target) => ({ ...target })),
    nobody: [...page.nobody],
    unreachable: [...page.unreachable],
    text: "",
    source: null,
  };
}

const PAGE_MARKER = /^page-(\d+)-(\d+)$/;

/** The steps of this episode that a comment of ours reports, whether or not the record knows. */
function saidPages(
  seen: IncidentObservation,
  since: Instant,
): readonly { readonly step: number; readonly at: Instant }[] {
  return seen.comments.flatMap((comment) => {
    const { body, createdAt } = comment;
    const [, episode, step] = (isOwnComment(seen.app, comment) ? PAGE_MARKER.exec(markerIn(body) ?? "") : null) ?? [];
    return step !== undefined && Number(episode) === since ? [{ step: Number(step), at: createdAt }] : [];
  });
}
