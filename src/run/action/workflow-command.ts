import { oneLine } from "../../core/markdown/escape.ts";

/**
 * A line that the runner takes for a command (GitHub docs, "Workflow commands for GitHub Actions"): nothing in `text` ends it or
 * begins another.
 */
export function workflowCommand(command: "error" | "warning" | "notice", text: string): string {
  return `::${command} title=Sevgate::${oneLine(text).replaceAll("%", "%25")}`;
}

/** Until the line with the same word, the runner takes no line for a command: people's words may be on them. */
export function stopCommands(word: string): string {
  return `::stop-commands::${word}`;
}

/** Ends `stopCommands`. */
export function resumeCommands(word: string): string {
  return `::${word}::`;
}
