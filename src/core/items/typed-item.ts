import type { ActionItem } from "./action-item.ts";

/**
 * An action item as it is typed in a command on its incident: with the name of its repository if the incident is in
 * another one.
 *
 * @param issueUrl the address of any issue of the repository whose items these are
 */
export function typedItem({ target, incident }: Pick<ActionItem, "target" | "incident">, issueUrl: string): string {
  const home = incident.repository === null ? "" : new URL(issueUrl).pathname.split("/").slice(1, 3).join("/");
  return `${target.repository ?? home}#${target.number}`;
}
