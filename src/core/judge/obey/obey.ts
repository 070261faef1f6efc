import type { Command, CommandName } from "../../commands/registry.ts";
import { ACCEPT } from "./accept.ts";
import { ASK } from "./ask.ts";
import { DRILL } from "./drill.ts";
import { EVIDENCE } from "./evidence.ts";
import { ITEMS } from "./items.ts";
import type { Obey, ObeyEach, Obeying, Outcome } from "./obeying.ts";
import { PEOPLE } from "./people.ts";
import { REGRESSIONS } from "./regressions.ts";
import { RESPOND } from "./respond.ts";
import { SEVERITY } from "./severity.ts";
import { TIMES } from "./times.ts";

/** Every command, family by family. Does not compile while one is missing. */
const OBEY = {
  ...RESPOND,
  ...SEVERITY,
  ...DRILL,
  ...PEOPLE,
  ...ACCEPT,
  ...ASK,
  ...EVIDENCE,
  ...REGRESSIONS,
  ...TIMES,
  ...ITEMS,
} satisfies ObeyEach;

/** Obeys a command that its author may use. */
export function obey(obeying: Obeying, command: Command): Outcome {
  return (OBEY[command.name] as Obey<CommandName>)(obeying, command);
}
