import { parseCommand } from "../../src/core/commands/parse-command.ts";
import { COMMAND_NAMES, COMMANDS } from "../../src/core/commands/registry.ts";
import { scanCommands } from "../../src/core/commands/scan.ts";
import { renderTree } from "./rendered-tree.ts";

const USAGES: ReadonlySet<string> = new Set(COMMAND_NAMES.flatMap((name) => [`/${name}`, COMMANDS[name].usage]));

/**
 * The commands that a Markdown text shows, but that are not commands when copied and pasted as a comment. Placeholders
 * (`#number`, `@login`) are filled in first; usage lines (`/status <text>`), and what somebody mistyped and we repeat,
 * do not count.
 */
export function commandsThatFail(markdown: string): readonly string[] {
  if (!markdown.includes("`/")) return [];
  const { codes } = renderTree(markdown.replaceAll(/There is no `+ ?\/[^\n]*?\. Did you mean/g, "Did you mean"));
  return codes.filter((code) => {
    if (!code.startsWith("/") || USAGES.has(code)) return false;
    const lines = scanCommands(code.replace(/#number/i, "#12").replace(/@login/i, "@octocat"));
    return lines.some((line) => (parseCommand(line)?.kind ?? "command") !== "command");
  });
}
