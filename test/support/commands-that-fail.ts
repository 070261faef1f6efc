import { parseCommand } from "../../src/core/commands/parse-command.ts";
import { COMMAND_NAMES, COMMANDS } from "../../src/core/commands/registry.ts";
import { scanCommands } from "../../src/core/commands/scan.ts";
import { renderTree } from "./rendered-tree.ts";

const USAGES: ReadonlySet<string> = new Set(COMMAND_NAMES.flatMap((name) => [`/${name}`, COMMANDS[name].usage]));

/** What people write in place of a placeholder. */
const FILLED_IN: readonly (readonly [RegExp, string])[] = [
  [/#number\b/gi, "#12"],
  [/@login\b/gi, "@octocat"],
  [/\bREASON\b/g, "it covers this failure as well"],
  [/\bTEXT\b/g, "the database is slow"],
  [/\bVERSION\b/g, "v1.4.2"],
  [/\bLEVEL\b/g, "P1"],
  [/\bHH:MM\b/g, "10:42"],
];

/**
 * The commands that a Markdown text shows, but that are not commands when copied and pasted as a comment. Placeholders
 * (`#NUMBER`, `@LOGIN`) are filled in first; usage lines (`/status TEXT`), and what somebody mistyped and we repeat, do
 * not count.
 */
export function commandsThatFail(markdown: string): readonly string[] {
  if (!markdown.includes("`/")) return [];
  const { codes } = renderTree(markdown.replaceAll(/: there is no `+ ?\/[^\n]*$/gm, "."));
  return codes.filter((code) => {
    if (!code.startsWith("/") || USAGES.has(code)) return false;
    const filled = FILLED_IN.reduce((text, [placeholder, word]) => text.replaceAll(placeholder, word), code);
    const lines = scanCommands(filled);
    return lines.some((line) => (parseCommand(line)?.kind ?? "command") !== "command");
  });
}
