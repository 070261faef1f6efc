import type { Policy, Requirement, Requires } from "../policy/policy.ts";

/** Whether a requirement occurs anywhere in what a severity asks for. */
export function asksFor(requires: Requires, name: Requirement): boolean {
  return requires.kind === "requirement" ? requires.name === name : requires.of.some((part) => asksFor(part, name));
}

/**
 * What an incident of this severity needs before it may close. A severity the policy no longer has keeps the strictest
 * gate.
 */
export function closeRequires({ severities }: Pick<Policy, "severities">, severity: string): Requires {
  return (severities.find(({ name }) => name === severity) ?? severities[0]!)["close-requires"];
}
