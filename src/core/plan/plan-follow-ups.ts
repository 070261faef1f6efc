import type { PastIncident } from "../archive/past-incident.ts";
import { type Debt, isDebt, lateSince, type OpenItem, withinOf } from "../debt/debt.ts";
import {
  FOLLOW_UPS_TITLE,
  followUpsText,
  isEmptyText,
  isReminder,
  isSaidTwice,
  remindedIn,
  reminderText,
  type TextPlace,
  twiceText,
} from "../debt/follow-ups-text.ts";
import { itemsLevel, postMortemLevel, worstLevel } from "../debt/service-level.ts";
import type { ActionItem } from "../items/action-item.ts";
import type { CommentFacts, Instant, IssueFacts, Millis } from "../model.ts";
import { hasLabel } from "../names.ts";
import { type AppIdentity, isFormersComment, isOwnComment } from "../own.ts";
import type { Policy } from "../policy/policy.ts";
import { sameText } from "../same-text.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../time-units.ts";
import {
  followUpsLabel,
  type LabelContent,
  labelsMissing,
  SLO_MISSED,
  SLO_NEAR_MISS,
  serviceLevelLabels,
} from "./labels.ts";

/** How long nobody is reminded again. */
export const REMINDED_EVERY_MS = 7 * DAY_MS;
/** How many incidents get another label in one pass: the others follow. */
const MOST_LABELLED = 20;

/** What is known when a pass attends to what is late in a repository. */
export interface FollowUpsObservation {
  readonly at: Instant;
  readonly app: AppIdentity;
  readonly policy: Policy;
  readonly incidents: readonly PastIncident[];
  readonly items: readonly ActionItem[];
  readonly debt: Debt;
  readonly place: TextPlace;
  /** Every issue of the app's with the label, whatever its state, by number. */
  readonly issues: readonly IssueFacts[];
  /** What is said on the one that is kept; `null`: it was not read, since nobody is to be reminded. */
  readonly comments: readonly CommentFacts[] | null;
  /** What is said on the others that are open, by number. */
  readonly saidTwice: ReadonlySet<number>;
  /** Owners of what is late who may be mentioned: they have the triage role now. */
  readonly mayMention: readonly string[];
  /** Names of labels that are known to be in the repository. */
  readonly labelsThere: readonly string[];
  /** Steps of this very pass, whatever GitHub made of them. */
  readonly done: ReadonlySet<string>;
}

/** A step of such a pass. */
export type FollowUpsAction =
  | ({ readonly kind: "create-label" } & LabelContent)
  | { readonly kind: "open-issue"; readonly title: string; readonly body: string; readonly labels: readonly string[] }
  | { readonly kind: "edit-issue"; readonly issue: number; readonly body: string }
  | { readonly kind: "reopen-issue"; readonly issue: number }
  | { readonly kind: "close-issue"; readonly issue: number; readonly reason: "completed" | "not_planned" }
  | { readonly kind: "say-twice"; readonly issue: number; readonly body: string }
  | { readonly kind: "remind"; readonly issue: number; readonly body: string }
  | { readonly kind: "delete-comment"; readonly issue: number; readonly comment: number }
  | { readonly kind: "add-label" | "remove-label"; readonly issue: number; readonly label: string };

/** The step as the log names it. No two steps of a pass have the same. */
export function followUpsStepId(action: FollowUpsAction): string {
  switch (action.kind) {
    case "create-label":
      return `${action.kind}:${action.name}`;
    case "open-issue":
      return action.kind;
    case "add-label":
    case "remove-label":
      return `${action.kind}:${action.issue}:${action.label}`;
    case "delete-comment":
      return `${action.kind}:${action.comment}`;
    default:
      return `${action.kind}:${action.issue}`;
  }
}

/**
 * The steps towards one issue that says what is late, and incidents with the labels of their service levels. Empty:
 * there is nothing left to do. The pass takes the first, and plans anew.
 *
 * People who close the issue have seen what it lists: it is opened again when something else is late, and left as it is
 * until then. One that Sevgate closed because it listed nothing is opened again when there is something to list. Of two,
 * the older stays.
 */
export function* planFollowUps(seen: FollowUpsObservation): Iterable<FollowUpsAction> {
  for (const action of steps(seen)) if (!seen.done.has(followUpsStepId(action))) yield action;
}

function* steps(seen: FollowUpsObservation): Iterable<FollowUpsAction> {
  const { policy, debt, issues } = seen;
  if (policy["follow-ups"].issue) {
    const kept = keptIssue(issues);
    yield* twins(seen, kept);
    if (kept !== null) yield* keep(seen, kept);
    else if (isDebt(debt) && isNews(debt, issues)) yield* openOne(seen);
  }
  if (policy["follow-ups"].labels) yield* serviceLabels(seen);
}

/** The issue that is kept up to date: the oldest that is open, else the oldest that can be opened. `null`: none is there. */
export function keptIssue(issues: readonly IssueFacts[]): IssueFacts | null {
  const inOrder = issues.filter((issue) => !isSealed(issue)).toSorted((a, b) => a.number - b.number);
  return inOrder.find(({ state }) => state === "open") ?? inOrder[0] ?? null;
}

/** The others that are open: two passes opened one at the same moment. */
export function twinsOf(issues: readonly IssueFacts[]): readonly IssueFacts[] {
  const kept = keptIssue(issues);
  return issues.filter(({ state, number }) => state === "open" && number !== kept?.number);
}

/** Closed and locked, as an issue converted to a discussion is: GitHub will not reopen it. */
function isSealed({ state, locked }: IssueFacts): boolean {
  return state === "closed" && locked;
}

/** Whether something has become late since people put an issue away for good. */
function isNews(debt: Debt, issues: readonly IssueFacts[]): boolean {
  const putAway = Math.max(0, ...issues.map(({ closedAt }) => closedAt ?? 0));
  return putAway === 0 || (lateSince(debt) ?? 0) > putAway;
}

function* twins({ issues, saidTwice }: FollowUpsObservation, kept: IssueFacts | null): Iterable<FollowUpsAction> {
  if (kept === null) return;
  for (const { number, locked } of twinsOf(issues)) {
    // GitHub takes no comment of an app on a locked issue.
    if (!locked && !saidTwice.has(number)) yield { kind: "say-twice", issue: number, body: twiceText(kept.number) };
    yield { kind: "close-issue", issue: number, reason: "not_planned" };
  }
}

function* openOne({ debt, place, policy, labelsThere }: FollowUpsObservation): Iterable<FollowUpsAction> {
  const label = followUpsLabel(policy);
  for (const missing of labelsMissing([label], labelsThere)) yield { kind: "create-label", ...missing };
  yield { kind: "open-issue", title: FOLLOW_UPS_TITLE, body: followUpsText(debt, place), labels: [label.name] };
}

function* keep(seen: FollowUpsObservation, kept: IssueFacts): Iterable<FollowUpsAction> {
  const { debt, place } = seen;
  const { number: issue, state, body, closedAt } = kept;
  const wanted = followUpsText(debt, place, remindedAt(seen, kept));
  const edits: readonly FollowUpsAction[] = sameText(body, wanted) ? [] : [{ kind: "edit-issue", issue, body: wanted }];
  if (!isDebt(debt)) {
    // Closed first: an empty one that is open was opened by people, and stays so.
    if (state === "open" && !isEmptyText(body)) yield { kind: "close-issue", issue, reason: "completed" };
    yield* edits;
    return;
  }
  if (state === "closed") {
    if (!isEmptyText(body) && (lateSince(debt) ?? 0) <= (closedAt ?? 0)) return;
    yield { kind: "reopen-issue", issue };
  }
  // The text then remembers when that was.
  yield* remind(seen, kept);
  yield* edits;
}

/** The owners of what is late, with their items, in the order of the list. */
export function ownersOfLate({
  overdue,
}: Debt): readonly { readonly login: string; readonly items: readonly OpenItem[] }[] {
  const owners = new Map<string, { readonly login: string; readonly items: OpenItem[] }>();
  for (const one of overdue) {
    const { owner } = one.item;
    if (owner === null) continue;
    const known = owners.get(owner.toLowerCase());
    if (known === undefined) owners.set(owner.toLowerCase(), { login: owner, items: [one] });
    else known.items.push(one);
  }
  return [...owners.values()];
}

/**
 * When people were last reminded, by our own comments; should these be gone, by the text of the issue, to the day. `null`:
 * never, as far as they tell.
 */
export function remindedAt(
  { at, app, comments }: Pick<FollowUpsObservation, "at" | "app" | "comments">,
  kept: IssueFacts | null,
): Instant | null {
  const moments = remindersIn(app, comments ?? []).map(({ createdAt }) => createdAt);
  if (moments.length > 0) return Math.max(...moments) as Instant;
  return kept === null ? null : remindedIn(kept.body, at);
}

function remindersIn(app: AppIdentity, comments: readonly CommentFacts[]): readonly CommentFacts[] {
  // Forged, it puts off a reminder by a week at most.
  const isOurs = (comment: CommentFacts) => isOwnComment(app, comment) || isFormersComment(app, comment);
  return comments.filter((comment) => isOurs(comment) && isReminder(comment.body));
}

/** Whether a comment of ours says that there is another such issue. */
export function saysTwice(app: AppIdentity, comments: readonly CommentFacts[]): boolean {
  return comments.some((comment) => isOwnComment(app, comment) && isSaidTwice(comment.body));
}

/**
 * One comment a week for everybody: it mentions the owners of what is late, and the one before it goes. GitHub takes no
 * comment of an app on a locked issue.
 */
function* remind(seen: FollowUpsObservation, kept: IssueFacts): Iterable<FollowUpsAction> {
  const { at, app, comments, debt, mayMention, place } = seen;
  if (comments === null || kept.locked) return;
  const last = remindedAt(seen, kept);
  if (last === null || at - last >= REMINDED_EVERY_MS) {
    const people = ownersOfLate(debt).filter(({ login }) => mayMention.includes(login));
    if (people.length === 0) return;
    yield { kind: "remind", issue: kept.number, body: reminderText(people, place) };
  }
  for (const { id, createdAt } of remindersIn(app, comments)) {
    if (at - createdAt >= REMINDED_EVERY_MS) yield { kind: "delete-comment", issue: kept.number, comment: id };
  }
}

/** Incidents whose labels say another service level than they have; of many, the newest first. */
function* serviceLabels(seen: FollowUpsObservation): Iterable<FollowUpsAction> {
  const changes = seen.incidents
    .toReversed()
    .map((one) => labelChanges(seen, one))
    .filter((actions) => actions.length > 0);
  const [missing] = labelsMissing(serviceLevelLabels(), seen.labelsThere);
  const adds = changes.flat().some(({ kind }) => kind === "add-label");
  if (adds && missing !== undefined) yield { kind: "create-label", ...missing };
  yield* changes.slice(0, MOST_LABELLED).flat();
}

/** Whether there are more labels to change than one pass does. */
export function hasMoreLabels(seen: FollowUpsObservation): boolean {
  if (!seen.policy["follow-ups"].labels) return false;
  return seen.incidents.filter((one) => labelChanges(seen, one).length > 0).length > MOST_LABELLED;
}

function labelChanges(seen: FollowUpsObservation, { issue, history }: PastIncident): readonly FollowUpsAction[] {
  const { items, policy, at } = seen;
  const severity = policy.severities.find(({ name }) => name === history.severity);
  const own = items.filter(({ incident }) => incident.repository === null && incident.number === issue.number);
  const level =
    history.drill !== null
      ? "none"
      : worstLevel([postMortemLevel(history, severity, at), itemsLevel(own, withinOf(policy, history.severity), at)]);
  const wanted = level === "missed" ? SLO_MISSED.name : level === "near-miss" ? SLO_NEAR_MISS.name : null;
  const changes: FollowUpsAction[] = [];
  if (wanted !== null && !hasLabel(issue.labels, wanted)) {
    changes.push({ kind: "add-label", issue: issue.number, label: wanted });
  }
  for (const { name } of serviceLevelLabels()) {
    if (name !== wanted && hasLabel(issue.labels, name)) {
      changes.push({ kind: "remove-label", issue: issue.number, label: name });
    }
  }
  return changes;
}

/** What becomes late within the hour is shown together. */
const LOOK_AT_MOST_EVERY_MS = HOUR_MS;
/** How soon the labels that are left follow. */
const MORE_LABELS_MS = 10 * MINUTE_MS;

/**
 * In how many ms another look finds something else without any hint: when something becomes late or due soon, when people
 * may be reminded again, or when a service level may have changed. `null`: never.
 */
export function nextFollowUpsLook(seen: FollowUpsObservation): Millis | null {
  const { at, debt, policy } = seen;
  if (hasMoreLabels(seen)) return MORE_LABELS_MS as Millis;
  const last = remindedAt(seen, keptIssue(seen.issues));
  const moments = [
    ...(debt.changesAt === null ? [] : [debt.changesAt]),
    ...(policy["follow-ups"].issue && ownersOfLate(debt).length > 0
      ? [last === null ? at + DAY_MS : last + REMINDED_EVERY_MS]
      : []),
    ...(policy["follow-ups"].labels && (debt.changesAt !== null || isDebt(debt)) ? [at + DAY_MS] : []),
  ];
  if (moments.length === 0) return null;
  return Math.max(LOOK_AT_MOST_EVERY_MS, Math.min(...moments) - at) as Millis;
}
