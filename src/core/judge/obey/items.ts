import { judgePostMortems, type PostMortemFinding } from "../../gate/requirements/post-mortem.ts";
import { PERMISSIONS, type Permission, type PermissionAnswer, type Reference } from "../../model.ts";
import { fromHere, isAppLogin, permissionKey } from "../../names.ts";
import type { Entry } from "../../record/entry.ts";
import type { Edge } from "../edge.ts";
import { itemText, namedItem, seenItem, standingOfItem, unfiledLines } from "../item-texts.ts";
import { type ObeyEach, type Obeying, type Outcome, untilRead, untilReadAnew, untilTold } from "./obeying.ts";

/** Action items: filing them, and dropping one. */
export const ITEMS = {
  items: (obeying) => fileItems(obeying),
  drop: (obeying, { target, reason }) => dropItem(obeying, fromHere(obeying.seen.repository, target), reason),
} satisfies Partial<ObeyEach>;

/** Files nothing itself: it says which lines are to be filed, and the plan files them (core/plan/item-steps.ts). */
function fileItems(obeying: Obeying): Outcome {
  const { seen, history, receipt, done, answered, refuse } = obeying;
  const found = judgePostMortems(seen, history);
  if (found.length === 0) return refuse({ kind: "items-without-post-mortem" });
  const complete = found.filter(isComplete);
  const [nearest] = found;
  if (complete.length === 0) return refuse({ kind: "items-incomplete", ...(nearest!.movedTo ?? nearest!.target) });
  const open = complete.filter(({ isSealed }) => !isSealed);
  if (open.length === 0) return refuse({ kind: "items-sealed", ...complete[0]!.target });
  for (const { target, movedTo } of open) {
    const may = mayWriteIn(obeying, movedTo ?? target);
    if (may !== "may") return may;
  }
  const texts = open.flatMap(({ target }) => itemText(seen, target) ?? []);
  const entries = texts.flatMap((text): readonly Entry[] => {
    const lines = [...new Set(unfiledLines(text).map(({ digest }) => digest))];
    const postMortem = { ...text.postMortem };
    return lines.length === 0 ? [] : [{ kind: "items-asked", ...receipt, postMortem, lines }];
  });
  if (entries.length > 0) return done(entries);
  const isAnyFiled = texts.some(({ lines }) => lines.some((line) => line.isFiled));
  return isAnyFiled ? answered() : refuse({ kind: "no-items", ...open[0]!.target });
}

/** It has everything but people who accept it: its items may be filed meanwhile. */
function isComplete({ status, lacks }: PostMortemFinding): boolean {
  return status === "met" || (lacks.length > 0 && lacks.every(({ kind }) => kind === "not-accepted"));
}

function dropItem(obeying: Obeying, named: Reference, reason: string): Outcome {
  const { seen, history, receipt, done, answered, refuse } = obeying;
  const waits = history.items.length === 0 ? null : untilRead(obeying, "read:items");
  if (waits !== null) return waits;
  const filed = namedItem(seen, history, named);
  if (filed === null) return refuse({ kind: "no-such-item", ...named });
  const { target } = filed;
  const found = seenItem(seen, target);
  if (found === null) return untilReadAnew(obeying);
  const may = mayWriteIn(obeying, found.place);
  if (may !== "may") return may;
  const standing = standingOfItem(seen, filed);
  if (standing === "done") return refuse({ kind: "item-is-done", ...target });
  if (standing === "dropped") return answered();
  const close: Edge = { kind: "close-item", target };
  return done({ kind: "item-dropped", ...receipt, target: { ...target }, reason }, close);
}

/** The rights that let a person do there what the app would do for them. */
const MAY_WRITE: readonly PermissionAnswer[] = PERMISSIONS.slice(PERMISSIONS.indexOf("triage")) satisfies Permission[];

/** What somebody asks for elsewhere takes a right there. */
export function mayWriteIn(obeying: Obeying, { repository }: Reference): "may" | Outcome {
  const { seen, receipt, refuse } = obeying;
  // What an app may do is in its line of the policy.
  if (repository === null || isAppLogin(receipt.by)) return "may";
  const there = seen.permissions.get(permissionKey(receipt.by, repository));
  if (there === "cannot-tell") return untilTold(obeying);
  return there !== undefined && MAY_WRITE.includes(there) ? "may" : refuse({ kind: "items-elsewhere", repository });
}
