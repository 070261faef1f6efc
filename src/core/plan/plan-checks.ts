import type { HeadVerdict } from "../merge/head-verdict.ts";
import { judgedId } from "../merge/judged.ts";
import type { MergeObservation } from "../merge/merge-observation.ts";
import type { CheckRunContent, CheckRunFacts } from "../model.ts";
import { POLICY_PATH } from "../policy/parse.ts";
import { closeGateCheck } from "./close-gate-check.ts";
import { followUpsCheck } from "./follow-ups-check.ts";
import { misnamedCheck, misnamedFiles } from "./misnamed-check.ts";
import { joinChecks, onCallCheck } from "./on-call-check.ts";
import { policyCheck } from "./policy-check.ts";
import { worstOf } from "./worst-of.ts";

/** A check to post. */
export interface CheckAction {
  readonly kind: "create-check";
  readonly content: CheckRunContent;
}

/** A check that has to be posted again although it says the same: somebody asked for it. */
export type MadeAnew = CheckRunContent["name"] | "all" | null;

/**
 * Lists what has to be written so that the checks on a commit are right. Empty: they already are.
 *
 * A check belongs to the commit, and one commit may be the head of several pull requests: the worst verdict among the
 * open ones counts (docs/decisions/0028-one-verdict-for-a-commit.md). Each change is a run of its own: a completed run
 * no longer changes.
 *
 * @param others the other open pull requests with the same head
 *
 * (A-001, A-003)
 */
export function planChecks(
  seen: MergeObservation,
  others: readonly MergeObservation[] = [],
  anew: MadeAnew = null,
): readonly CheckAction[] {
  const all = [seen, ...others].toSorted((a, b) => (a.pullRequest ?? 0) - (b.pullRequest ?? 0));
  const wanted = [closeGateCheck, fileCheck, followUpsCheck].map((check) => joinHeads(all, check));
  return wanted.flatMap((content): readonly CheckAction[] => {
    if (content === null) return [];
    const own = seen.checks.filter((check) => check.name === content.name && check.headSha === content.headSha);
    const latest = own.toSorted((a, b) => b.id - a.id)[0];
    const isAsked = anew === "all" || anew === content.name;
    if (latest !== undefined && !isAsked && saysTheSame(latest, content)) return [];
    return [{ kind: "create-check", content }];
  });
}

/** The check for all pull requests with this commit as their head; `null`: none wants it. */
function joinHeads(
  all: readonly MergeObservation[],
  check: (seen: MergeObservation) => CheckRunContent | null,
): CheckRunContent | null {
  const found = all.flatMap((seen): readonly HeadVerdict[] => {
    const { pullRequest, base } = seen;
    const content = check(seen);
    return content === null ? [] : [{ pullRequest: pullRequest ?? 0, base, content }];
  });
  if (found.length === 0) return null;
  const numbers = all.flatMap(({ pullRequest }) => pullRequest ?? []);
  const content = worstOf(found as [HeadVerdict, ...HeadVerdict[]]);
  return numbers.length < 2 ? content : { ...content, externalId: judgedId({ kind: "pull-requests", numbers }) };
}

/** One check for all files that configure Sevgate in a repository. */
function fileCheck(seen: MergeObservation): CheckRunContent | null {
  if (!seen.isOpen) return null;
  const { pullRequest, headPolicy, headOnCall, headSha } = seen;
  if (pullRequest === null) return null;
  const policy =
    headPolicy === null
      ? null
      : policyCheck({
          headSha,
          pullRequest,
          path: POLICY_PATH,
          base: seen.policy.policy,
          head: headPolicy,
          owner: seen.ownerPolicy,
          repository: seen.repository,
          isGateRequired: seen.isGateRequired,
        });
  const onCall =
    headOnCall === null
      ? null
      : onCallCheck({
          headSha,
          pullRequest,
          base: seen.onCall.schedule,
          head: headOnCall,
          severities: seen.policy.policy.severities.map(({ name }) => name),
          at: seen.at,
        });
  const wrong = misnamedFiles(seen.files, seen.policy.source === POLICY_PATH);
  const misnamed = wrong.length === 0 ? null : misnamedCheck({ headSha, pullRequest }, wrong);
  const [first, ...more] = [policy, onCall, misnamed].filter((check) => check !== null);
  return first === undefined ? null : more.reduce(joinChecks, first);
}

/** GitHub keeps title and summary as given, so the text tells whether anything changed. */
function saysTheSame(check: CheckRunFacts, content: CheckRunContent): boolean {
  const same = (a: string | null, b: string) => (a ?? "").trim() === b.trim();
  return (
    check.status === content.status &&
    check.conclusion === content.conclusion &&
    check.externalId === content.externalId &&
    same(check.title, content.title) &&
    same(check.summary, content.summary)
  );
}
