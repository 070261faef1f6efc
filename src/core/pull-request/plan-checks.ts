import type { CheckRunContent, CheckRunFacts } from "../model.ts";
import { joinChecks, onCallCheck } from "../oncall/on-call-check.ts";
import { misnamedCheck, misnamedFiles } from "../policy/misnamed-check.ts";
import { policyCheck } from "../policy/policy-check.ts";
import { closeGateCheck } from "./close-gate-check.ts";
import type { MergeObservation } from "./merge-observation.ts";

/** A check to post, or to bring up to date. */
export type CheckAction =
  | { readonly kind: "create-check"; readonly content: CheckRunContent }
  | { readonly kind: "update-check"; readonly checkRunId: number; readonly content: CheckRunContent };

/** The file a change of the policy is in. */
export const POLICY_FILE = ".github/sevgate.yml";

/** Lists what has to be written so that the checks on this commit say what is true. Empty: they do. */
export function planChecks(seen: MergeObservation): readonly CheckAction[] {
  return wantedChecks(seen).flatMap((content): readonly CheckAction[] => {
    const own = seen.checks.filter((check) => check.name === content.name && check.headSha === content.headSha);
    const latest = own.toSorted((a, b) => b.id - a.id)[0];
    if (latest === undefined) return [{ kind: "create-check", content }];
    if (saysTheSame(latest, content)) return [];
    // GitHub adds the annotations of an update to those there are: changed ones need a run of their own.
    if (content.name === "sevgate/policy") return [{ kind: "create-check", content }];
    return [{ kind: "update-check", checkRunId: latest.id, content }];
  });
}

function wantedChecks(seen: MergeObservation): readonly CheckRunContent[] {
  const gate = closeGateCheck(seen);
  const files = seen.isOpen ? fileCheck(seen) : null;
  return [gate, files].filter((check) => check !== null);
}

/** One check for all files that say how a repository is looked after. */
function fileCheck(seen: MergeObservation): CheckRunContent | null {
  const { pullRequest, headPolicy, headOnCall, headSha } = seen;
  if (pullRequest === null) return null;
  const policy =
    headPolicy === null
      ? null
      : policyCheck({ headSha, pullRequest, path: POLICY_FILE, base: seen.policy.policy, head: headPolicy });
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
  const wrong = misnamedFiles(seen.files);
  const misnamed = wrong.length === 0 ? null : misnamedCheck({ headSha, pullRequest }, wrong);
  const [first, ...more] = [policy, onCall, misnamed].filter((check) => check !== null);
  return first === undefined ? null : more.reduce(joinChecks, first);
}

/** GitHub keeps title and summary as given, so that the text tells whether anything changed. */
function saysTheSame(check: CheckRunFacts, content: CheckRunContent): boolean {
  const same = (a: string | null, b: string) => (a ?? "").trim() === b.trim();
  return (
    check.status === content.status &&
    check.conclusion === content.conclusion &&
    same(check.title, content.title) &&
    same(check.summary, content.summary)
  );
}
