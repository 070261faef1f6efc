import type { Reference, Repository } from "./model.ts";

/** Whether two names are one to GitHub, which tells accounts and repositories apart without regard to case; so do severities. */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** GitHub's logins are the same in upper and lower case. */
export function sameLogin(one: string, other: string): boolean {
  return sameName(one, other);
}

/** Whether a login is an app's. GitHub's apps are called `slug[bot]`, people never: a login has no brackets. */
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

/** Whether `labels` hold `name`, as GitHub compares labels: without regard to case. */
export function hasLabel(labels: readonly string[], name: string): boolean {
  return labels.some((label) => labelKey(label) === labelKey(name));
}

/** `owner/name`. */
export function fullName(repository: Pick<Repository, "owner" | "name">): string {
  return `${repository.owner}/${repository.name}`;
}

/** The key of `permissions`: rights are asked for one person in one repository. */
export function permissionKey(login: string, repository: string | null = null): string {
  return `${repository?.toLowerCase() ?? ""}:${login.toLowerCase()}`;
}

/** Whether two references are to the same repository, both seen from the incident's. */
export function sameRepository(a: Reference, b: Reference): boolean {
  return (a.repository?.toLowerCase() ?? null) === (b.repository?.toLowerCase() ?? null);
}

/** Whether two references mean the same thing, both seen from the incident's repository. */
export function sameTarget(a: Reference, b: Reference): boolean {
  return a.number === b.number && sameRepository(a, b);
}

/** A reference seen from the incident's repository: its own name becomes `null`. */
export function fromHere(here: Pick<Repository, "owner" | "name">, reference: Reference): Reference {
  const isHere = reference.repository !== null && sameName(reference.repository, fullName(here));
  // A copy of just these two: what comes from the index carries more, and the record takes no more.
  return { repository: isHere ? null : reference.repository, number: reference.number };
}
