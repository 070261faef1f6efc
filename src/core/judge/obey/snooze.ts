import type { CommandOf } from "../../commands/registry.ts";
import { toActionItem } from "../../items/item-issue.ts";
import type { Instant } from "../../model.ts";
import { fromHere, sameLogin } from "../../names.ts";
import type { IncidentObservation } from "../../observation.ts";
import type { History } from "../../record/history.ts";
import { namedItem, seenItem, standingOfItem } from "../item-texts.ts";
import { mayWriteIn } from "./items.ts";
import { type ObeyEach, untilRead, untilReadAnew } from "./obeying.ts";

/** Putting off an action item. */
export const SNOOZE = {
  snooze(obeying, command) {
    const { seen, history, receipt, done, answered, refuse } = obeying;
    const named = fromHere(seen.repository, command.target);
    const waits = history.items.length === 0 ? null : untilRead(obeying, "read:items");
    if (waits !== null) return waits;
    const filed = namedItem(seen, history, named);
    if (filed === null) return refuse({ kind: "no-such-item", ...named });
    const { target } = filed;
    const found = seenItem(seen, target);
    if (found === null) return untilReadAnew(obeying);
    if (!isOwnItem(seen, history, command, receipt.by)) {
      const may = mayWriteIn(obeying, found.place);
      if (may !== "may") return may;
    }
    const standing = standingOfItem(seen, filed);
    if (standing === "gone") return refuse({ kind: "no-such-item", ...target });
    if (standing === "done") return refuse({ kind: "item-is-done", ...target });
    if (standing === "dropped") return answered();
    const until = (receipt.at + command.lasts) as Instant;
    return done({ kind: "item-snoozed", ...receipt, target: { ...target }, until, reason: command.reason });
  },
} satisfies Partial<ObeyEach>;

/** Whether somebody owns the action item they want to put off: for that they need no role. */
export function isOwnItem(
  seen: IncidentObservation,
  history: History,
  command: CommandOf<"snooze">,
  login: string,
): boolean {
  const filed = namedItem(seen, history, fromHere(seen.repository, command.target));
  const found = filed === null ? null : seenItem(seen, filed.target);
  if (filed === null || found === null || found.issue === "gone") return false;
  const here = { repository: null, number: seen.issue.number };
  const { owner } = toActionItem(found.issue, filed.target, here, filed);
  return owner !== null && sameLogin(owner, login);
}
