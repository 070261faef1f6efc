import type { Reference, Repository } from "./model.ts";

/**
 * Whether two names are the same to GitHub, which ignores case in accounts and repositories. Severities are compared
 * this way too.
 */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Whether two logins are the same to GitHub, which ignores case. */
export function sameLogin(one: string, other: string): boolean {
  return sameName(one, other);
}

/** Whether a login is an app's. GitHub names apps `slug[bot]`, but never people: their logins have no brackets. */
export function isAppLogin(login: string): boolean {
  return login.endsWith("[bot]");
}

/**
 * The identity of a label name: two names with the same key are the same label to GitHub, which ignores case.
 *
 * NFC first: the same letter typed on two systems may differ in bytes.
 */
export function labelKey(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

/** Whether `labels` contain `name`, compared as GitHub does: ignoring case. */
export function hasLabel(labels: readonly string[], name: string): boolean {
  return labels.some((label) => labelKey(label) === labelKey(name));
}

/** `owner/name`. */
export function fullName(repository: Pick<Repository, "owner" | "name">): string {
  return `${repository.owner}/${repository.name}`;
}

/** The key of `permissions`: a right belongs to one person in one repository. */
export function permissionKey(login: string, repository: string | null = null): string {
  return `${repository?.toLowerCase() ?? ""}:${login.toLowerCase()}`;
}

/** Whether two references lead to the same repository, both seen from the incident's. */
export function sameRepository(a: Reference, b: Reference): boolean {
  return (a.repository?.toLowerCase() ?? null) === (b.repository?.toLowerCase() ?? null);
}

/** Whether two references mean the same thing, both seen from the incident's repository. */
export function sameTarget(a: Reference, b: Reference): boolean {
  return a.number === b.number && sameRepository(a, b);
}

/** The identity of what a reference means, seen from the incident's repository: `#5`, `acme/ops#5`. */
export function targetKey({ repository, number }: Reference): string {
  return `${repository?.toLowerCase() ?? ""}#${number}`;
}

/** A reference seen from the incident's repository: its own name becomes `null`. */
export function fromHere(here: Pick<Repository, "owner" | "name">, reference: Reference): Reference {
  const isHere = reference.repository !== null && sameName(reference.repository, fullName(here));
  // Copies just these two fields: what comes from the index carries more, and the record should not.
  return { repository: isHere ? null : reference.repository, number: reference.number };
}
