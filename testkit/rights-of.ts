const ROLES = ["read", "triage", "write", "maintain", "admin"];
const RIGHTS = ["pull", "triage", "push", "maintain", "admin"];

/** What a role may do, as GitHub lists it for a person; another role may do nothing. */
export function rightsOf(role: string): Readonly<Record<string, boolean>> {
  const most = ROLES.indexOf(role);
  return Object.fromEntries(RIGHTS.map((right, at) => [right, at <= most]));
}
