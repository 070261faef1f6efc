import { PERMISSIONS, type PermissionAnswer } from "../model.ts";

/**
 * What something Sevgate writes is for, the most important first; whatever is limited is granted in that order
 * (docs/decisions/0022-outsiders-get-what-is-left-over.md).
 *
 * - `incident`: the gate, the status comment, pages and the record of incidents.
 * - `team`: replies to people on the team, and what they ask for.
 * - `upkeep`: labels.
 * - `untold`: incidents of people whose rights GitHub does not tell: a small share that outsiders cannot use up.
 * - `outsider`: whatever somebody without rights in the repository asks for.
 * - `onboarding`: the pull request that shows a repository its policy. Nobody asked for it.
 */
export const CONTENT_CLASSES = ["incident", "team", "upkeep", "untold", "outsider", "onboarding"] as const;
export type ContentClass = (typeof CONTENT_CLASSES)[number];

/** Whether a right in the repository puts somebody on the team: it lets them label issues. An unknown right does not. */
export function isOfTheTeam(permission: PermissionAnswer | null | undefined): boolean {
  if (permission == null || permission === "cannot-tell") return false;
  return PERMISSIONS.indexOf(permission) >= PERMISSIONS.indexOf("triage");
}
