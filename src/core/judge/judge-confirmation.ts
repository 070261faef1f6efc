import { isGranted } from "../commands/authorize.ts";
import type { Instant, PermissionAnswer, Person } from "../model.ts";
import { labelKey, permissionKey } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import { isNamed } from "../oncall/schedule.ts";
import { isOwnAccount } from "../own.ts";
import { type History, isSomebodyNeeded } from "../record/history.ts";
import type { Known } from "../record/known.ts";
import { type ContentClass, isOfTheTeam } from "../trust/content-class.ts";
import { lastLabeled } from "./begin-record.ts";
import { type Judged, NOTHING } from "./judged.ts";
import { personOf } from "./may-act.ts";

/** How long an incident may be kept asleep because GitHub does not tell somebody's rights. */
const PAGE_UNTOLD_AFTER_MS = 2 * 60_000;
const ASK_AGAIN_MS = 30_000;

/**
 * Whether GitHub has to be asked for the declarer's rights before anybody is paged, or the chat is told once too often.
 *
 * Only people with *triage* can set labels, with one exception: an issue form sets its labels for whoever opens the
 * issue. So only the issue's own author has to be asked about, and no app: apps open issues with labels through the
 * API, which drops the labels without the right (GitHub REST, "Create an issue").
 */
export function isConfirmationOpen(
  seen: Pick<IncidentObservation, "issue" | "onCall" | "policy" | "thread">,
  history: History,
): boolean {
  const { author, state } = seen.issue;
  const { schedule } = seen.onCall;
  if (
    (schedule === null && seen.thread === null) ||
    state === "closed" ||
    seen.policy.policy.paging.unconfirmed === "page"
  )
    return false;
  if (history.confirmed !== "unasked" || !isSomebodyNeeded(history)) return false;
  if (author === null || author.isBot || history.declared.by !== author.login) return false;
  return !isOnCallFile(seen, author.login);
}

function isOnCallFile({ onCall: { schedule } }: Pick<IncidentObservation, "onCall">, login: string): boolean {
  return schedule !== null && isNamed(schedule, login);
}

/**
 * Says once whether the declaration is good enough to page people for. If that stays unknown, they are paged after two
 * minutes.
 */
export function judgeConfirmation(seen: IncidentObservation, { history }: Known): Judged {
  const by = history.declared.by;
  if (by === null || !isConfirmationOpen(seen, history)) return NOTHING;
  const { timeline, policy } = seen;
  const label = policy.policy.severities.find((one) => one.name === history.severity)?.label ?? "";
  const labeled = lastLabeled(timeline, label);
  if (labeled !== null && labeled.actor?.login !== by && labeled.actor?.isBot !== true) {
    return { ...NOTHING, entries: [{ kind: "confirmed", at: seen.at, by: labeled.actor?.login ?? null }] };
  }
  // The label that made it an incident was an app's, and shown late: what apps declare pages people, but they vouch for
  // nobody.
  const declaredAs = policy.policy.severities.find((one) => one.name === history.asked[0])?.label ?? "";
  if (isAppsDeclaration(seen, declaredAs)) {
    return { ...NOTHING, entries: [{ kind: "confirmed", at: seen.at, by: null }] };
  }
  const has: PermissionAnswer = seen.permissions.get(permissionKey(by)) ?? "cannot-tell";
  if (has === "cannot-tell" && seen.at - history.episode.since < PAGE_UNTOLD_AFTER_MS) {
    return { ...NOTHING, lookAgainAt: (seen.at + ASK_AGAIN_MS) as Instant };
  }
  // Unknown rights page people, but vouch for nobody: whose budget pays is another question.
  if (has === "cannot-tell") return { ...NOTHING, entries: [{ kind: "confirmed", at: seen.at, by: null }] };
  const isConfirmed = isOfTheTeam(has);
  // The timeline may lag behind the label, and the label may be the team's.
  const isUntold = timeline !== null && labeled === null && seen.at - history.episode.since < PAGE_UNTOLD_AFTER_MS;
  if (!isConfirmed && isUntold) return { ...NOTHING, lookAgainAt: (seen.at + ASK_AGAIN_MS) as Instant };
  return { ...NOTHING, entries: [{ kind: isConfirmed ? "confirmed" : "unconfirmed", at: seen.at, by }] };
}

function isAppsDeclaration({ app, timeline }: Pick<IncidentObservation, "app" | "timeline">, label: string): boolean {
  const first = timeline?.find(
    ({ kind, label: one }) => kind === "labeled" && one !== null && labelKey(one) === labelKey(label),
  );
  return first?.actor?.isBot === true && !isOwnAccount(app, first.actor);
}

/**
 * Who has to be asked about, to know how far to trust the incident's own words; `null`: it makes no difference, or
 * nobody knows.
 *
 * Whoever declared it, as long as nobody with rights has said anything since. If that is not known either, the author:
 * a team member's issue is the team's, whoever labelled it. Not an app: GitHub lets an app set labels only if it has
 * the right. But an app that labels a person's issue without being granted `severity` by the policy does so in the
 * author's name.
 */
export function declarerInQuestion(
  seen: Pick<IncidentObservation, "app" | "issue" | "onCall" | "policy">,
  history: History,
): string | null {
  if (history.isVouchedFor || history.confirmed === "no") return null;
  const declarer = declarerOf(seen, history);
  return declarer === null || declarer.isBot || isOnCallFile(seen, declarer.login) ? null : declarer.login;
}

/**
 * Who declared it, else the issue's author: in the record, only the login tells whether somebody is an app. When a
 * workflow labels whatever anybody opens, the author's budget pays; an alert integration opens its issues itself.
 */
export function declarerOf(
  { app, issue: { author }, policy }: Pick<IncidentObservation, "app" | "issue" | "policy">,
  { declared: { by } }: History,
): Pick<Person, "login" | "isBot"> | null {
  if (by === null) return author;
  const declarer = personOf(by);
  const isForThePolicy = isOwnAccount(app, declarer) || isGranted("severity", declarer, policy.policy.commands);
  return declarer.isBot && author?.isBot !== true && !isForThePolicy ? author : declarer;
}

/**
 * Whose budget pays for what the incident itself says. Not whether it may page (`judgeConfirmation`): a policy may let
 * anybody page, and so do unknown rights, but neither makes an outsider part of the team.
 *
 * Incidents from alerts and Sevgate's own are the incident's, and so are those somebody on the team declared or has
 * said something about. Everything else is an outsider's, even if GitHub does not say who did it: it gets what is left
 * over, later. If GitHub does not say what rights they have, it may be either: that has a share of its own, and GitHub
 * is asked again before long (docs/decisions/0022-outsiders-get-what-is-left-over.md).
 */
export function contentClassOf(
  seen: Pick<IncidentObservation, "app" | "issue" | "onCall" | "declarer" | "policy">,
  history: History,
): Extract<ContentClass, "incident" | "untold" | "outsider"> {
  if (history.isVouchedFor) return "incident";
  if (history.confirmed === "no") return "outsider";
  const declarer = declarerOf(seen, history);
  if (declarer === null) return "outsider";
  if (declarer.isBot || isOnCallFile(seen, declarer.login) || isOfTheTeam(seen.declarer)) return "incident";
  return seen.declarer === "cannot-tell" ? "untold" : "outsider";
}
