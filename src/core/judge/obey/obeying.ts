import type { CommandName, CommandOf } from "../../commands/registry.ts";
import type { Instant, PermissionAnswer } from "../../model.ts";
import type { IncidentObservation } from "../../observation.ts";
import type { Entry } from "../../record/entry.ts";
import type { Known } from "../../record/known.ts";
import type { CommandRead } from "../../waiting.ts";
import { type Edge, edgeId } from "../edge.ts";
import type { Judged } from "../judged.ts";
import { askAgainAt, orLater, whenToAsk } from "../or-later.ts";
import type { Saying } from "../saying.ts";

/**
 * Something a command names that was created just before it may be missing for one to three seconds: until then
 * it is not a slip.
 */
const SHOWN_AFTER_MS = 5_000;
/** How soon another pass reads what this one could not know it needed. */
const READ_ANEW_MS = 1_000;

/** What a command leads to. */
export type Outcome =
  /** What it leaves in the record, and what is done because of it. */
  | ({ readonly kind: "judged" } & Pick<Judged, "entries" | "edges">)
  /** GitHub is asked for it now, by the edge. Further commands of that name wait. */
  | { readonly kind: "tried"; readonly edge: Edge }
  /** What it needs is asked for again at `until`. Further commands of that name wait. */
  | { readonly kind: "waits"; readonly until: Instant }
  /** It is judged at `until`, and no command ahead of it: the order is kept. `withClosing`: so is a close next to it. */
  | { readonly kind: "held"; readonly until: Instant; readonly withClosing: boolean };

/** Where a command is. The entries it leaves begin with this. */
export interface Receipt {
  readonly at: Instant;
  readonly by: string;
  readonly source: { readonly comment: number; readonly line: number };
}

/** A command that its author may use, about to be obeyed, and the ways of answering it. */
export interface Obeying extends Pick<Known, "record" | "history"> {
  readonly seen: IncidentObservation;
  readonly name: CommandName;
  readonly receipt: Receipt;
  /** What GitHub says about its author's right in the repository. */
  readonly permission: PermissionAnswer;
  /** It was obeyed: what it leaves, and what is done because of it, with a thumbs-up at the end. */
  readonly done: (left: Entry | readonly Entry[], ...edges: readonly Edge[]) => Outcome;
  /** It was obeyed, and changes nothing. */
  readonly answered: (...edges: readonly Edge[]) => Outcome;
  /** It is not obeyed, and its author is told why. */
  readonly refuse: (saying: Saying) => Outcome;
  /** Says something in addition. */
  readonly say: (saying: Saying) => Edge;
}

/** Obeys the commands with one name. */
export type Obey<Name extends CommandName> = (obeying: Obeying, command: CommandOf<Name>) => Outcome;

/** A way to obey for every command. */
export type ObeyEach = { readonly [Name in CommandName]: Obey<Name> };

/** GitHub does not tell the right of whoever asks: it is asked again, until it has been asked for long enough. */
export function untilTold({
  seen,
  receipt,
  name,
  refuse,
}: Pick<Obeying, "seen" | "receipt" | "name" | "refuse">): Outcome {
  if (orLater(seen, receipt.at) === null) return refuse({ kind: "cannot-tell", to: receipt.by, command: name });
  return { kind: "held", until: askAgainAt(seen.at), withClosing: false };
}

/** What the command names does not exist: refused with `saying`, unless it may have been created just before. */
export function untilShown({ seen, receipt, refuse }: Obeying, saying: Saying): Outcome {
  if (seen.at - receipt.at >= SHOWN_AFTER_MS) return refuse(saying);
  return { kind: "held", until: (receipt.at + SHOWN_AFTER_MS) as Instant, withClosing: true };
}

/** What had to be read for the command, but could not be; `null`: it was read. */
export function untilRead(obeying: Obeying, what: CommandRead): Outcome | null {
  const when = whenToAsk(obeying.seen, what, obeying.receipt.at);
  if (when === "now") return null;
  return typeof when === "object" ? { kind: "waits", until: when.at } : noAnswer(obeying, when);
}

/** What was read for the command was read before another command changed what is needed: the next pass reads it. */
export function untilReadAnew({ seen }: Obeying): Outcome {
  return { kind: "waits", until: (seen.at + READ_ANEW_MS) as Instant };
}

/**
 * What `edge` creates for the command does not exist yet: tried now or later, or refused once it has been tried for
 * long enough.
 */
export function untilMade(
  { seen, receipt }: Obeying,
  edge: Edge,
  refused: (because: "over" | "refused") => Outcome,
): Outcome {
  const when = whenToAsk(seen, edgeId(edge), receipt.at);
  if (when === "now") return { kind: "tried", edge };
  return typeof when === "object" ? { kind: "waits", until: when.at } : refused(when);
}

/** GitHub has not told or done what is needed, or will not. */
export function noAnswer({ receipt, name, refuse }: Obeying, because: "over" | "refused"): Outcome {
  return refuse({ kind: "no-answer", to: receipt.by, command: name, isRefused: because === "refused" });
}
