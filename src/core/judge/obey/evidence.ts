import { isMergedBefore } from "../../gate/merged-before.ts";
import { placeFromHere, placeWanted } from "../../gate/post-mortem-place.ts";
import type { Permission, PermissionAnswer, Reference } from "../../model.ts";
import { fromHere, fullName, permissionKey, sameName, sameRepository, sameTarget } from "../../names.ts";
import { countedLinks, MAX_LINKS } from "../counted-links.ts";
import type { Edge } from "../edge.ts";
import { matchingRunbooks, runbooksMatched } from "../judge-runbook-list.ts";
import {
  noAnswer,
  type ObeyEach,
  type Obeying,
  type Outcome,
  untilMade,
  untilRead,
  untilShown,
  untilTold,
} from "./obeying.ts";

/** Post-mortems and runbooks: linking, creating and listing them. */
export const EVIDENCE = {
  postmortem: (obeying, { target }) =>
    target === null ? draftPostMortem(obeying) : link(obeying, "post-mortem", target, ""),
  runbook: (obeying, { target, reason }) =>
    target === null ? listRunbooks(obeying) : link(obeying, "runbook-pr", target, reason),
} satisfies Partial<ObeyEach>;

function link(obeying: Obeying, evidence: "post-mortem" | "runbook-pr", given: Reference, reason: string): Outcome {
  const { seen, history, receipt, done, answered, refuse } = obeying;
  const target = fromHere(seen.repository, given);
  const what = evidence === "post-mortem" ? "post-mortem" : "runbook";
  if (target.repository === null && target.number === seen.issue.number) return refuse({ kind: "link-itself" });
  const here = fullName(seen.repository);
  const allowed = evidence === "post-mortem" ? placeWanted(seen) : here;
  if (!sameName(target.repository ?? here, allowed)) return refuse({ kind: "link-elsewhere", allowed });
  const kind = evidence === "post-mortem" ? "issue" : "pull-request";
  const found = seen.evidence.find(
    (one) => one.kind === kind && one.target.number === target.number && sameRepository(one.target, target),
  );
  const gone = { kind: "link-gone", what, ...target } as const;
  if (found === undefined) return refuse(gone);
  // For a private repository it is not even said whether the issue exists.
  const isSealed = found.kind === "issue" && found.sealedBy !== null;
  if (found.answer === "missing" && !isSealed) return untilShown(obeying, gone);
  const linked = countedLinks(seen, history, evidence);
  const known = linked.find((one) => sameTarget(one.target, target));
  const isTooOld =
    found.kind === "pull-request" && found.answer !== "missing" && isMergedBefore(found.answer.pullRequest, seen.issue);
  if (isTooOld && reason === "" && known?.withReason !== true) {
    return refuse({ kind: "link-older", number: target.number });
  }
  const isKnown = known?.byCommand === true && (reason === "" || known.withReason);
  if (isKnown) return answered();
  if (known === undefined && linked.filter((one) => one.byCommand).length >= MAX_LINKS) {
    return refuse({ kind: "too-many-links", what, limit: MAX_LINKS });
  }
  return done({ kind: "linked", ...receipt, evidence, target: { ...target }, ...(reason === "" ? {} : { reason }) });
}

/** The rights that let a person write where the app would write for them. */
const MAY_WRITE: readonly PermissionAnswer[] = ["triage", "write", "maintain", "admin"] satisfies Permission[];

function draftPostMortem(obeying: Obeying): Outcome {
  const { seen, history, receipt, done, refuse } = obeying;
  const { draftedPostMortem: drafted } = seen;
  const links = countedLinks(seen, history, "post-mortem");
  const waits = untilRead(obeying, "read:post-mortem");
  // The app's own draft, not linked by command yet: a pass died between creating it and saving the record. While GitHub
  // does not say whether there is one, what names the incident may be just that.
  const mayBeDraft = drafted !== null || waits !== null;
  const linked = links.find((one) => one.byCommand) ?? (mayBeDraft ? undefined : links[0]);
  if (linked !== undefined) return refuse({ kind: "has-post-mortem", ...linked.target });

  const repository = placeFromHere(seen);
  if (repository !== null) {
    // The app may write there; the person has to be allowed to as well.
    const there = seen.permissions.get(permissionKey(receipt.by, repository));
    if (there === "cannot-tell") return untilTold(obeying);
    // Either the app is not there, or the person has no right there: it does not say which.
    if (there === undefined || !MAY_WRITE.includes(there)) return refuse({ kind: "may-not-create", repository });
  }
  if (waits !== null) return waits;
  if (drafted === null) {
    const edge: Edge = { kind: "create-post-mortem", by: receipt.by, history };
    return untilMade(obeying, edge, (because) => noAnswer(obeying, because));
  }
  return done({ kind: "linked", ...receipt, evidence: "post-mortem", target: { repository, number: drafted.number } });
}

/** Lists the runbooks that match now; from now on the status comment shows them. */
function listRunbooks({ seen, name, history, receipt, done, refuse, say }: Obeying): Outcome {
  const shelf = seen.runbooks;
  // A record saved in this very pass already lists them; the next pass reads what a later command needs.
  if (shelf?.kind !== "read") return refuse({ kind: "runbooks-unread", isForGood: shelf?.isForGood ?? false });
  const matched = runbooksMatched(seen, history.severity);
  const matching = matchingRunbooks(seen, shelf, history.severity).map(({ runbook, because }) => ({
    path: runbook.path,
    title: runbook.title,
    changedAt: shelf.changedAt.get(runbook.path) ?? null,
    because,
  }));
  const isNew =
    matched.kind === "runbooks-matched" && JSON.stringify(matched.runbooks) !== JSON.stringify(history.runbooks);
  const answered = { kind: "answered", ...receipt, command: name } as const;
  return done(isNew ? [answered, matched] : answered, say({ kind: "runbooks", paths: shelf.paths, matching }));
}
