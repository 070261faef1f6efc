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

/**
 * `/items` or `/drop` in a comment on a post-mortem or on an action item, where they do nothing; `null`: neither is there.
 * Also one whose arguments are wrong: on the item itself its number is easily left out.
 */
export function strayItemCommand(body: string, host: string): "items" | "drop" | null {
  for (const line of scanCommands(body)) {
    const parsed = parseCommand(line, host);
    if (parsed === null || parsed.kind === "unknown") continue;
    const name = parsed.kind === "command" ? parsed.command.name : parsed.command;
    if (name === "items" || name === "drop") return name;
  }
  return null;
}
