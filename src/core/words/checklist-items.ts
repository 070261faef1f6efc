/** Items Sevgate cannot see for itself; people tick them in the status comment. */
export const BY_PEOPLE: readonly { readonly id: string; readonly text: string }[] = [
  { id: "runbook", text: "Follow the runbook, if there is one (`/runbook` lists them)" },
  { id: "revert", text: "A regression? Go back to the last known good version first" },
  { id: "reach-out", text: "Reach out to whoever knows more" },
];

/** Every item of the checklist except the steps of runbooks, from the top. */
export const ITEM_IDS: ReadonlySet<string> = new Set([
  "acknowledge",
  "thread",
  ...BY_PEOPLE.map((item) => item.id),
  "update",
  "learn",
]);

/** A line of the checklist: its mark, and the id that Sevgate wrote after it. */
export const ITEM = /^\s*[-*+] \[(?<mark>[ xX])\] .*<!-- item:(?<id>[a-z0-9-]{1,40}) -->\s*$/;
