import { fold, type History, isSomebodyNeeded } from "../history.ts";
import type { Instant, PermissionAnswer } from "../model.ts";
import { type IncidentObservation, permissionKey } from "../observation.ts";
import type { IncidentRecord } from "../record/record.ts";
import { type ContentClass, isOfTheTeam } from "../trust/content-class.ts";
import { lastLabeled } from "./begin-record.ts";
import { type Judged, NOTHING } from "./judged.ts";

/** GitHub not telling somebody's rights must not keep an incident asleep for longer. */
const PAGE_UNTOLD_AFTER_MS = 2 * 60_000;
const ASK_AGAIN_MS = 30_000;

/**
 * Whether GitHub has to be asked for the declarer's rights before anybody is paged, or told in Slack once too often.
 *
 * Labels are set by people with *triage* alone, but for the one case of an issue form: it sets its labels for whoever
 * opens the issue. So it is only the issue's own author that is asked about, and no app: those open issues with their
 * labels through the API, which drops the labels without the right (GitHub REST, "Create an issue").
 */
export function isConfirmationOpen(
  seen: Pick<IncidentObservation, "issue" | "onCall" | "policy" | "thread">,
  history: History,
): boolean {
  const { author, state } = seen.issue;
  const { schedule } = seen.onCall;
  if (
    (schedule === null && seen.thread === undefined) ||
    state === "closed" ||
    seen.policy.policy.paging.unconfirmed === "page"
  )
    return false;
  if (history.confirmed !== "unasked" || !isSomebodyNeeded(history)) return false;
  if (author === null || author.isBot || history.declared.by !== author.login) return false;
  return ![...(schedule?.people.keys() ?? [])].some((login) => login.toLowerCase() === author.login.toLowerCase());
}

/** Says once whether the declaration is good enough to page people for. Unknown pages after two minutes. */
export function judgeConfirmation(seen: IncidentObservation, record: IncidentRecord): Judged {
  const history = fold(record.entries);
  const by = history.declared.by;
  if (by === null || !isConfirmationOpen(seen, history)) return NOTHING;
  const { timeline, policy } = seen;
  const label = policy.policy.severities.find((one) => one.name === history.severity)?.label ?? "";
  const labeled = lastLabeled(timeline, label);
  if (labeled !== null && labeled.actor?.login !== by) {
    return { entries: [{ kind: "confirmed", at: seen.at, by: labeled.actor?.login ?? null }], edges: [] };
  }
  const has: PermissionAnswer = seen.permissions.get(permissionKey(by)) ?? "cannot-tell";
  if (has === "cannot-tell" && seen.at - history.episode.since < PAGE_UNTOLD_AFTER_MS) {
    return { ...NOTHING, lookAgainAt: (seen.at + ASK_AGAIN_MS) as Instant };
  }
  const isConfirmed = has === "cannot-tell" || isOfTheTeam(has);
  // The timeline may lag behind the label, and the label may be the team's.
  const isUntold = timeline !== null && labeled === null && seen.at - history.episode.since < PAGE_UNTOLD_AFTER_MS;
  if (!isConfirmed && isUntold) return { ...NOTHING, lookAgainAt: (seen.at + ASK_AGAIN_MS) as Instant };
  return { entries: [{ kind: isConfirmed ? "confirmed" : "unconfirmed", at: seen.at, by }], edges: [] };
}

/** Whether nobody has said yet that the declaration is the team's: an issue form sets its labels for anybody. */
export function isDeclarerDoubtful(
  { issue, policy }: Pick<IncidentObservation, "issue" | "policy">,
  history: History,
): boolean {
  const { author } = issue;
  if (policy.policy.paging.unconfirmed === "page" || history.confirmed !== "unasked") return false;
  return author !== null && !author.isBot && history.declared.by === author.login;
}

/** What the incident's own words count as: what an outsider declared is an outsider's until somebody of the team says something. */
export function contentClassOf(
  seen: Pick<IncidentObservation, "issue" | "policy" | "declarer">,
  history: History,
): ContentClass {
  if (history.confirmed === "no" && seen.policy.policy.paging.unconfirmed !== "page") return "outsider";
  if (!isDeclarerDoubtful(seen, history)) return "incident";
  const { declarer = "cannot-tell" } = seen;
  return declarer === "cannot-tell" || isOfTheTeam(declarer) ? "incident" : "outsider";
}
