import { isPlaceWanted } from "../gate/post-mortem-place.ts";
import { judgePostMortems } from "../gate/requirements/post-mortem.ts";
import { judgeRunbooks } from "../gate/requirements/runbook-pr.ts";
import type { VerdictStatus } from "../gate/verdict-status.ts";
import type { Reference } from "../model.ts";
import { sameTarget } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import type { Entry } from "../record/entry.ts";
import type { Known } from "../record/known.ts";
import { countedLinks, MAX_LINKS } from "./counted-links.ts";
import { type Judged, NOTHING } from "./judged.ts";

/**
 * Puts links found in texts into the record, so that losing the index loses no evidence, and remembers runbook pull
 * requests that were seen merged: what is merged stays merged until it is reverted.
 */
export function judgeLinks(seen: IncidentObservation, { history }: Known): Judged {
  const entries: Entry[] = [];
  const known = (evidence: "post-mortem" | "runbook-pr", target: Extract<Entry, { kind: "linked" }>["target"]) =>
    history.links.some((link) => link.evidence === evidence && sameTarget(link.target, target));

  // Links made by command have a limit of their own: those found in texts never keep one out.
  const isFull = (evidence: "post-mortem" | "runbook-pr") =>
    [
      ...countedLinks(seen, history, evidence).filter((link) => !link.byCommand),
      ...entries.filter((entry) => entry.kind === "linked"),
    ].filter((one) => one.evidence === evidence).length >= MAX_LINKS;
  // What somebody without rights wrote takes up a place only if it counts.
  const isWorthKeeping = ({ target, status }: { readonly target: Reference; readonly status: VerdictStatus }) =>
    status === "met" || seen.evidence.some((one) => sameTarget(one.target, target) && one.trust !== "outsider");

  for (const finding of judgePostMortems(seen, history)) {
    const unlinked = finding.lacks.some((lack) =>
      ["gone", "not-linked", "is-the-incident", "cannot-read", "moved", "older"].includes(lack.kind),
    );
    // A line from a place where the policy wants no post-mortems takes up no place: anybody anywhere can write one.
    if (!isPlaceWanted(seen, finding.target)) continue;
    if (unlinked || known("post-mortem", finding.target) || isFull("post-mortem")) continue;
    if (!isWorthKeeping(finding)) continue;
    // The command that asks for it is still to be judged, and will link it in the name of whoever asked.
    if (finding.target.repository === null && finding.target.number === seen.draftedPostMortem?.number) continue;
    const said = seen.evidence.some((one) => one.via === "own-text" && sameTarget(one.target, finding.target));
    if (!said) continue;
    entries.push({
      kind: "linked",
      at: seen.at,
      by: null,
      evidence: "post-mortem",
      target: { ...finding.target },
      source: null,
    });
  }

  for (const finding of judgeRunbooks(seen, history)) {
    const { target } = finding;
    const reverted = finding.lacks.find((lack) => lack.kind === "reverted");
    if (reverted !== undefined && history.proven.has(target.number)) {
      entries.push({ kind: "disproven", at: seen.at, by: null, target: { ...target }, revertedBy: reverted.by });
    }
    if (
      finding.lacks.some((lack) =>
        ["gone", "not-named", "no-runbook-file", "files-cut", "merged-before"].includes(lack.kind),
      )
    )
      continue;
    if (!known("runbook-pr", target) && !isFull("runbook-pr") && isWorthKeeping(finding)) {
      entries.push({
        kind: "linked",
        at: seen.at,
        by: null,
        evidence: "runbook-pr",
        target: { ...target },
        source: null,
      });
    }
    const merged = seen.evidence.some(
      (one) =>
        one.kind === "pull-request" &&
        sameTarget(one.target, target) &&
        one.answer !== "missing" &&
        one.answer.pullRequest.merged,
    );
    if (finding.status === "met" && merged && !history.proven.has(target.number)) {
      entries.push({ kind: "proven", at: seen.at, by: null, target: { ...target } });
    }
  }
  for (const { pullRequest, revertedBy } of seen.fixes) {
    if (revertedBy === null || history.fixesReverted.get(pullRequest.number) === revertedBy.number) continue;
    const target = { repository: null, number: pullRequest.number };
    entries.push({ kind: "fix-reverted", at: seen.at, by: null, target, revertedBy: revertedBy.number });
  }
  return entries.length === 0 ? NOTHING : { ...NOTHING, entries };
}
