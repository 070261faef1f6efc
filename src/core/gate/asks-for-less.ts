import type { Requirement, Requires } from "../policy/policy.ts";

/**
 * Whether anything satisfies `to` without satisfying `from`: an incident that moves from one to the other may then
 * close with less than before. Exact: every set of fulfilled requirements is tried, at most 2⁶ of them.
 */
export function asksForLess(to: Requires, from: Requires): boolean {
  const names = [...new Set([...namesIn(to), ...namesIn(from)])];
  for (let set = 0; set < 2 ** names.length; set += 1) {
    const isMet = (name: Requirement) => (set & (1 << names.indexOf(name))) !== 0;
    if (satisfies(to, isMet) && !satisfies(from, isMet)) return true;
  }
  return false;
}

function namesIn(requires: Requires): readonly Requirement[] {
  return requires.kind === "requirement" ? [requires.name] : requires.of.flatMap(namesIn);
}

function satisfies(requires: Requires, isMet: (name: Requirement) => boolean): boolean {
  if (requires.kind === "requirement") return isMet(requires.name);
  return requires.kind === "any-of"
    ? requires.of.some((part) => satisfies(part, isMet))
    : requires.of.every((part) => satisfies(part, isMet));
}
