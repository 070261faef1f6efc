import type { RequiredCheck } from "../../src/systems/github/ports.ts";
import type { RepositoryState, RulesetState } from "./state.ts";

/** Adds a ruleset, or changes the one with its id: what is not named stays. */
export function putRuleset(
  state: RepositoryState,
  given: Partial<RulesetState> & Pick<RulesetState, "name">,
): RulesetState {
  const known = state.rulesets.find(({ id }) => id === given.id);
  if (known !== undefined) return Object.assign(known, given);
  const ruleset: RulesetState = {
    target: "branch",
    enforcement: "active",
    bypass_actors: [],
    conditions: { ref_name: { include: ["~DEFAULT_BRANCH"], exclude: [] } },
    rules: [],
    ...given,
    id: given.id ?? 1_000 + state.rulesets.length,
  };
  state.rulesets.push(ruleset);
  return ruleset;
}

/** The rulesets in force on a branch (GitHub docs, "Creating rulesets for a repository": fnmatch is not played here). */
export function rulesetsOn(state: RepositoryState, branch: string): readonly RulesetState[] {
  const matches = (pattern: string) =>
    pattern === "~ALL" ||
    pattern === `refs/heads/${branch}` ||
    (pattern === "~DEFAULT_BRANCH" && branch === state.defaultBranch);
  return state.rulesets.filter(
    ({ enforcement, target, conditions }) =>
      enforcement === "active" &&
      target === "branch" &&
      conditions?.ref_name.include.some(matches) === true &&
      !conditions.ref_name.exclude.some(matches),
  );
}

/** The checks that the repository's own rulesets require of a branch. */
export function checksRequired(state: RepositoryState, branch: string): readonly RequiredCheck[] {
  return rulesetsOn(state, branch).flatMap(({ rules }) =>
    rules.flatMap(({ parameters }) =>
      ((parameters?.["required_status_checks"] ?? []) as { context: string; integration_id?: number | null }[]).map(
        ({ context, integration_id }) => ({ name: context, appId: integration_id ?? null }),
      ),
    ),
  );
}
