import { labelKey } from "../names.ts";
import { pairSeverities } from "../policy/describe-change.ts";
import type { Policy, Severity } from "../policy/policy.ts";

/** What a severity of the record is called under a policy; `null`: it has none with that name or label any more. */
export type SeverityUnder = (severity: string) => string | null;

/**
 * Follows severities from one policy to the next, as `pairSeverities` does: one that has another name with the same
 * label is still the same. What an older policy called so, and neither of these does, keeps its name (`closeRequires`).
 */
export function severityUnder(was: Pick<Policy, "severities">, is: Pick<Policy, "severities">): SeverityUnder {
  const pairs = pairSeverities(was.severities, is.severities);
  const known = new Map(pairs.flatMap((pair) => (pair.was === null ? [] : [[pair.was.name, pair.is?.name ?? null]])));
  return (severity) => {
    const found = known.get(severity);
    return found === undefined ? severity : found;
  };
}

/** The severity of that name; `undefined`: the policy has none. */
export function severityNamed({ severities }: Pick<Policy, "severities">, name: string | null): Severity | undefined {
  return severities.find((one) => one.name === name);
}

/** Labels that would make issues incidents, and did not before. */
export function newLabels(was: Pick<Policy, "severities">, is: Pick<Policy, "severities">): readonly string[] {
  const before = new Set(was.severities.map(({ label }) => labelKey(label)));
  return is.severities.flatMap(({ label }) => (before.has(labelKey(label)) ? [] : [label]));
}
