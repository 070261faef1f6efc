import { neededPermission, rank } from "../../commands/authorize.ts";
import { judgePostMortems, type PostMortemFinding } from "../../gate/requirements/post-mortem.ts";
import type { Reference } from "../../model.ts";
import { fromHere, isAppLogin, permissionKey, sameLogin, sameTarget, targetKey } from "../../names.ts";
import type { History } from "../../record/history.ts";
import type { Saying } from "../saying.ts";
import { type ObeyEach, type Obeying, type Outcome, untilRead, untilReadAnew, untilTold } from "./obeying.ts";

/** What waits for another person: a waiver, or a post-mortem. */
export const ACCEPT = {
  accept(obeying, { what }) {
    if (what === "waiver") return acceptWaiver(obeying);
    if (what !== null) return acceptPostMortem(obeying, fromHere(obeying.seen.repository, what));
    const { seen, history, refuse } = obeying;
    const written = judgePostMortems(seen, history).filter(isToReview);
    const waiting = written.filter(isWaiting);
    const [only, ...more] = waiting.length > 0 ? waiting : written;
    if (history.waiverAsked !== null && waiting.length === 0) return acceptWaiver(obeying);
    if (history.waiverAsked !== null || (waiting.length > 0 && more.length > 0)) {
      const targets = waiting.map(({ target }) => target);
      return refuse({ kind: "accept-which", waiver: history.waiverAsked !== null, targets });
    }
    return only === undefined ? refuse({ kind: "nothing-to-accept" }) : acceptPostMortem(obeying, only.target);
  },
} satisfies Partial<ObeyEach>;

function acceptWaiver({ seen, history, permission, receipt, done, answered, refuse }: Obeying): Outcome {
  const { waiverAsked: asked } = history;
  if (asked === null) return refuse({ kind: "nothing-to-accept" });
  if (asked.by !== null && sameLogin(asked.by, receipt.by)) return refuse({ kind: "accept-own", what: "waiver" });
  const needs = neededPermission("waive", seen.policy.policy.commands);
  // What an app may do is in its line of the policy, and nowhere else.
  const isAllowed = isAppLogin(receipt.by) || (permission !== "cannot-tell" && rank(permission) >= rank(needs));
  if (!isAllowed) return refuse({ kind: "may-not-accept-waiver", to: receipt.by, needs });
  if (asked.acceptedBy.some((one) => sameLogin(one, receipt.by))) return answered();
  return done({ kind: "waiver-accepted", ...receipt });
}

function acceptPostMortem(obeying: Obeying, given: Reference): Outcome {
  const { seen, history, receipt, done, answered, refuse } = obeying;
  const found = judgePostMortems(seen, history).find((one) =>
    [one.target, one.movedTo].some((place) => place !== null && sameTarget(place, given)),
  );
  if (found === undefined || !isToReview(found)) {
    const isUnread = found?.status === "unknown";
    return refuse(isUnread ? { kind: "accept-unread", ...given } : { kind: "nothing-to-accept" });
  }
  const { target, review, movedTo } = found;
  const place = movedTo ?? target;
  if (!isWaiting(found) && found.status !== "met") return refuse({ kind: "accept-incomplete", ...place });
  // Of a private one it is not said who wrote it, or when.
  const refuseBecause = (saying: Saying) => refuse(found.isSealed ? { kind: "accept-sealed", ...place } : saying);
  if (place.repository !== null && !isAppLogin(receipt.by)) {
    const there = seen.permissions.get(permissionKey(receipt.by, place.repository));
    if (there === "cannot-tell") return untilTold(obeying);
    // Nobody accepts what they cannot read.
    if (there === undefined || there === "none") return refuseBecause({ kind: "accept-unread", ...place });
  }
  const waits = untilRead(obeying, "read:writers");
  if (waits !== null) return waits;
  const writers = seen.writers.get(targetKey(target));
  if (writers === undefined) return untilReadAnew(obeying);
  if (writers.logins.some((one) => sameLogin(one, receipt.by)))
    return refuseBecause({ kind: "accept-own", what: place });
  // What was read here may be something else than what they read.
  if ((writers.editedAt ?? 0) > receipt.at) return refuseBecause({ kind: "accept-changed", to: receipt.by, ...place });
  const { digest } = review;
  const isKnown = history.accepted.some(
    (one) =>
      one.digest === digest && sameTarget(one.target, target) && one.by !== null && sameLogin(one.by, receipt.by),
  );
  return isKnown ? answered() : done({ kind: "post-mortem-accepted", ...receipt, target: { ...target }, digest });
}

type ToReview = PostMortemFinding & { readonly review: NonNullable<PostMortemFinding["review"]> };

function isToReview(finding: PostMortemFinding): finding is ToReview {
  return finding.review !== null;
}

/** Whether it has everything but people who accept it. */
function isWaiting({ lacks }: PostMortemFinding): boolean {
  return lacks.length > 0 && lacks.every(({ kind }) => kind === "not-accepted");
}

/** Whether `/waive` is still about something on a closed incident: what it was closed by may be extended or settled. */
export function isWaivable({ closed }: History): boolean {
  return closed === null || closed.how === "waived" || closed.how === "ungated";
}
