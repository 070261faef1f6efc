import type { Requirement, Requires } from "../policy/policy.ts";

/** Whether a requirement stands anywhere in what a severity asks for. */
export function asksFor(requires: Requires, name: Requirement): boolean {
  return requires.kind === "requirement" ? requires.name === name : requires.of.some((part) => asksFor(part, name));
}
