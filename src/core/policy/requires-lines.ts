import { readDocument } from "./read-document.ts";
import { brokenRules } from "./rules.ts";
import { PolicyDocument } from "./schema.ts";

/**
 * The line of a policy file that says what a severity needs before it can close, by its name, from 1: that of
 * `close-requires`, else that of the severity. One that the file does not name has none.
 * A kept text that was laid over another is one line: then the link leads to the top of the file that says so.
 */
export function requiresLines(text: string): ReadonlyMap<string, number> {
  const read = readDocument(text, PolicyDocument, brokenRules);
  if (read.kind === "invalid") return new Map();
  const { keys, of } = read.positions;
  const lines = new Map<string, number>();
  for (const path of keys) {
    const [first, name, field] = path;
    if (first !== "severities" || name === undefined || path.length > 3) continue;
    if (field === undefined || field === "close-requires") lines.set(String(name), of(path, "key").line);
  }
  return lines;
}
