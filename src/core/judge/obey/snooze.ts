import type { CommandOf } from "../../commands/registry.ts";
import { filedAs, toActionItem } from "../../items/item-issue.ts";
import type { Instant } from "../../model.ts";
import { fromHere, sameLogin } from "../../names.ts";
import type { IncidentObservation } from "../../observation.ts";
import type { History } from "../../record/history.ts";
import { seenItem, standingOfItem } from "../item-texts.ts";
import { mayWriteIn } from "./items.ts";
import { type ObeyEach, untilRead, untilReadAnew } from "./obeying.ts";

/** Putting off an action item. */
export const SNOOZE = {
  snooze(obeying, command) {
    const { seen, history, receipt, done, answered, refuse } = obeying;
    const target = fromHere(seen.repository, command.target);
    const filed = filedAs(history.items, target);
    if (filed === null) return refuse({ kind: "no-such-item", ...target });
    const waits = untilRead(obeying, "read:items");
    if (waits !== null) return waits;
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
  const target = fromHere(seen.repository, command.target);
  const filed = filedAs(history.items, target);
  const found = seenItem(seen, target);
  if (filed === null || found === null || found.issue === "gone") return false;
  const here = { repository: null, number: seen.issue.number };
  const { owner } = toActionItem(found.issue, target, here, filed);
  return owner !== null && sameLogin(owner, login);
}
