import type { Reference } from "../model.ts";
import { parseCommand } from "./parse-command.ts";
import type { CommandName } from "./registry.ts";
import { scanCommands } from "./scan.ts";

/** Commands that other apps obey on pull requests (Prow's and those of its kind): there they are rarely meant for Sevgate. */
const ALSO_OF_OTHERS: ReadonlySet<CommandName> = new Set(["assign", "cancel", "help", "status", "done"]);

/**
 * The first command in a comment on a pull request, where commands do nothing; `null`: none is meant for Sevgate. Only
 * one that would be obeyed on an incident counts, not a misspelled one.
 *
 * @param namesIncident whether the pull request names an incident; else commands that other apps know are theirs
 */
export function strayCommand(body: string, host: string, namesIncident: boolean): CommandName | null {
  for (const line of scanCommands(body)) {
    const parsed = parseCommand(line, host);
    if (parsed?.kind !== "command") continue;
    const { name } = parsed.command;
    if (namesIncident || !ALSO_OF_OTHERS.has(name)) return name;
  }
  return null;
}

/** Commands about action items. */
const OF_ITEMS = ["items", "drop", "snooze"] as const satisfies readonly CommandName[];

/** A command about action items, written where it does nothing. */
export interface StrayItemCommand {
  readonly name: (typeof OF_ITEMS)[number];
  /** The item it names; `null`: it names none that can be read. */
  readonly target: Reference | null;
}

/**
 * `/items`, `/drop` or `/snooze` in a comment on a post-mortem, on an action item or on the issue that lists what is late,
 * where they do nothing; `null`: none is there. Also one whose arguments are wrong: on the item itself its number is
 * easily left out.
 */
export function strayItemCommand(body: string, host: string): StrayItemCommand | null {
  for (const line of scanCommands(body)) {
    const parsed = parseCommand(line, host);
    if (parsed === null || parsed.kind === "unknown") continue;
    const written = parsed.kind === "command" ? parsed.command.name : parsed.command;
    const name = OF_ITEMS.find((one) => one === written);
    if (name === undefined) continue;
    const target = parsed.kind === "command" && "target" in parsed.command ? parsed.command.target : null;
    return { name, target: target !== null && "number" in target ? target : null };
  }
  return null;
}
