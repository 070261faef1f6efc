import { fromHere } from "../../names.ts";
import type { RevertRefusal } from "../../observation.ts";
import { namedFiles, suspectsOf, suspectsSince } from "../../regressions/suspects.ts";
import type { Edge } from "../edge.ts";
import { whenToAsk } from "../or-later.ts";
import { type Obey, type ObeyEach, untilMade, untilRead, untilReadAnew, untilShown } from "./obeying.ts";

const revert: Obey<"revert"> = (obeying, { target, reason }) => {
  const { seen, history, receipt, done, refuse } = obeying;
  if (fromHere(seen.repository, target).repository !== null) return refuse({ kind: "revert-elsewhere" });
  const { number } = target;
  const known = history.reverts.find((one) => one.pullRequest === number);
  if (known !== undefined) return refuse({ kind: "reverted-already", number, revert: known.revert });
  const given = { kind: "cannot-revert", number, incident: seen.issue.number } as const;
  const unread = whenToAsk(seen, "read:revert", receipt.at);
  if (typeof unread === "object") return { kind: "waits", until: unread.at };
  if (unread !== "now") {
    return refuse({ ...given, why: unanswered(unread), mergeSha: null, defaultBranch: "HEAD" });
  }
  const facts = seen.regressions?.reverts.get(number);
  const pullRequest = facts?.pullRequest ?? "missing";
  if (pullRequest === "missing") return refuse({ kind: "not-merged", number, isThere: false });
  const isMerged = pullRequest.merged && pullRequest.baseRef === pullRequest.defaultBranch;
  if (!isMerged) return refuse({ kind: "not-merged", number, isThere: true });
  const answer = facts?.revert ?? null;
  const { mergeSha, defaultBranch } = pullRequest;
  if (answer === null) {
    const edge: Edge = { kind: "create-revert", pullRequest, by: receipt.by, reason };
    return untilMade(obeying, edge, (because) =>
      refuse({ ...given, why: unanswered(because), mergeSha, defaultBranch }),
    );
  }
  if (answer === "unsupported" || "refused" in answer) {
    return refuse({ ...given, why: answer === "unsupported" ? null : answer, mergeSha, defaultBranch });
  }
  const reviewer = history.responder;
  const edges: readonly Edge[] =
    reviewer === null ? [] : [{ kind: "request-review", number: answer.number, login: reviewer }];
  return done({ kind: "revert-opened", ...receipt, pullRequest: number, revert: answer.number, reason }, ...edges);
};

/** What was merged before it, and how to revert it. */
export const REGRESSIONS = {
  suspects(obeying) {
    const { seen, history, answered, say } = obeying;
    const waits = untilRead(obeying, "read:suspects");
    if (waits !== null) return waits;
    const facts = suspectsSince(seen.regressions?.suspects ?? [], history.knownGood);
    if (facts === null) return untilReadAnew(obeying);
    const { good, merged, isCut } = facts;
    const suspects = suspectsOf(facts, namedFiles(seen.issue));
    return answered(say({ kind: "suspects", good, suspects, isCut: isCut || merged.length > suspects.length }));
  },
  good(obeying, { ref }) {
    const { seen, receipt, done } = obeying;
    const waits = untilRead(obeying, "read:good");
    if (waits !== null) return waits;
    const commit = seen.regressions?.refs.get(ref) ?? "missing";
    if (commit === "missing") return untilShown(obeying, { kind: "no-such-commit", ref });
    return done({ kind: "known-good", ...receipt, sha: commit.sha, name: ref, committedAt: commit.at });
  },
  revert,
} satisfies Partial<ObeyEach>;

function unanswered(because: "over" | "refused"): RevertRefusal {
  const refused =
    because === "over" ? "GitHub has not done it for a quarter of an hour" : "GitHub refuses what it takes";
  return { refused, by: "sevgate", changed: [], undo: null };
}
