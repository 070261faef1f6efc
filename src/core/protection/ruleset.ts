import { RULESET_NAME } from "./plan-protection.ts";

/** Who may merge without the check, for the day Sevgate is down. */
export type Bypass = "admins" | "maintainers" | "none";

export const BYPASSES: readonly Bypass[] = ["admins", "maintainers", "none"];

/** GitHub's numbers for the roles that every repository has; no page lists them. */
const ROLES = { maintainers: 2, admins: 5 } as const;

/** A ruleset in GitHub's own words ("Create a repository ruleset"); also what its page of rulesets imports. */
export interface Ruleset {
  readonly name: string;
  readonly target: "branch";
  readonly enforcement: "active";
  readonly bypass_actors: readonly {
    readonly actor_id: number;
    readonly actor_type: "RepositoryRole";
    readonly bypass_mode: "pull_request";
  }[];
  readonly conditions: {
    readonly ref_name: { readonly include: readonly string[]; readonly exclude: readonly string[] };
  };
  readonly rules: readonly {
    readonly type: "required_status_checks";
    readonly parameters: {
      readonly required_status_checks: readonly { readonly context: string; readonly integration_id: number }[];
      readonly strict_required_status_checks_policy: boolean;
    };
  }[];
}

/**
 * The ruleset that lets a merge into the default branch wait for a check of one app.
 *
 * A bypass is for pull requests only: nobody pushes past it, and GitHub writes each use down. The branch need not be up
 * to date, which a merge queue sees to by itself, and a repository without one may not want.
 */
export function closeGateRuleset(check: string, appId: number, bypass: Bypass): Ruleset {
  return {
    name: RULESET_NAME,
    target: "branch",
    enforcement: "active",
    bypass_actors: rolesOf(bypass).map((role) => ({
      actor_id: ROLES[role],
      actor_type: "RepositoryRole",
      bypass_mode: "pull_request",
    })),
    conditions: { ref_name: { include: ["~DEFAULT_BRANCH"], exclude: [] } },
    rules: [
      {
        type: "required_status_checks",
        parameters: {
          required_status_checks: [{ context: check, integration_id: appId }],
          strict_required_status_checks_policy: false,
        },
      },
    ],
  };
}

/** Whoever maintains a repository is not its admin to GitHub, nor the other way round: each is named. */
function rolesOf(bypass: Bypass): readonly (keyof typeof ROLES)[] {
  return bypass === "none" ? [] : bypass === "admins" ? ["admins"] : ["maintainers", "admins"];
}
