import type { ActionItem } from "../items/action-item.ts";

/** Whether an action item is still to be done: closed without being done, and without a reason, it is. */
export function isToDo({ state }: Pick<ActionItem, "state">): boolean {
  return state === "open" || state === "unexplained";
}
