/** A place that requires a check on the default branch, and from whom. */
export interface Requirement {
  /**
   * `ruleset`: of the repository itself. `inherited`: a ruleset of its organization or enterprise. `classic`: branch
   * protection.
   */
  readonly kind: "ruleset" | "inherited" | "classic";
  /** Of the ruleset; `null` for branch protection. */
  readonly id: number | null;
  /** What people call it: the ruleset's name, or whose it is. */
  readonly name: string;
  /** The only app whose check counts; `null`: anybody's does. */
  readonly appId: number | null;
}

/** A ruleset of the repository, by its name. */
export interface NamedRuleset {
  readonly id: number;
  readonly name: string;
}

/** The smallest change after which a merge waits for the check of one app, and of no other. */
export type ProtectionPlan =
  | { readonly kind: "nothing"; readonly by: Requirement }
  /** The check is required already, and gets its source. */
  | { readonly kind: "pin"; readonly requirement: Requirement }
  /** Sevgate's own ruleset is there, and does not hold: it is switched off, or its check was taken out. */
  | { readonly kind: "repair"; readonly ruleset: NamedRuleset }
  | { readonly kind: "create" };

/** The name of the ruleset that Sevgate makes, and by which it finds it again. */
export const RULESET_NAME = "sevgate/close-gate";

/**
 * Plans the smallest change; a check that is required from that app already needs none.
 *
 * A rule that names another app is somebody's choice, and is not taken over; one of the organization is not the
 * repository's to change. Then a ruleset beside it does: rules add up (GitHub docs, "About rulesets").
 *
 * @param required what is in force on the default branch
 * @param named    the ruleset of the repository that is called `RULESET_NAME`
 */
export function planProtection(
  required: readonly Requirement[],
  named: NamedRuleset | null,
  appId: number,
): ProtectionPlan {
  const pinned = required.find((one) => one.appId === appId);
  if (pinned !== undefined) return { kind: "nothing", by: pinned };
  const open = required.find((one) => one.appId === null && one.kind !== "inherited");
  if (open !== undefined) return { kind: "pin", requirement: open };
  return named === null ? { kind: "create" } : { kind: "repair", ruleset: named };
}
