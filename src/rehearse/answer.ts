import { oneLine } from "../core/markdown/escape.ts";
import { type HttpAnswer, redact } from "../systems/github/errors.ts";

/** What GitHub answered, whatever its status. */
export type Answer = HttpAnswer;

/** More of GitHub's words than this is in no report. */
const LONGEST_SAID = 160;

/** What stands at a place of some JSON; `undefined`: nothing does. */
export function at(data: unknown, ...path: readonly (string | number)[]): unknown {
  let found = data;
  for (const step of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Readonly<Record<string | number, unknown>>)[step];
  }
  return found;
}

/** The text at a place of some JSON; `null`: there is none. */
export function textAt(data: unknown, ...path: readonly (string | number)[]): string | null {
  const found = at(data, ...path);
  return typeof found === "string" ? found : null;
}

/** The number at a place of some JSON; `null`: there is none. */
export function numberAt(data: unknown, ...path: readonly (string | number)[]): number | null {
  const found = at(data, ...path);
  return typeof found === "number" ? found : null;
}

/** The list at a place of some JSON; empty if there is none. */
export function listAt(data: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(data, ...path);
  return Array.isArray(found) ? found : [];
}

/** The names of an issue's or a pull request's labels. */
export function labelsOf(data: unknown): readonly string[] {
  return listAt(data, "labels").flatMap((label) => textAt(label, "name") ?? []);
}

/** Whether an answer says that it was done. */
export function isDone({ status }: Pick<Answer, "status">): boolean {
  return status >= 200 && status < 300;
}

/** Whether GraphQL answered: what it refuses has status 200, too. */
export function isAnswered({ status, data }: Pick<Answer, "status" | "data">): boolean {
  return isDone({ status }) && at(data, "data") != null && listAt(data, "errors").length === 0;
}

/** Status and message of an answer in a few words, without secrets: `422 Validation Failed`. */
export function saidBy({ status, data }: Pick<Answer, "status" | "data">): string {
  const message = isDone({ status }) ? (textAt(data, "errors", 0, "message") ?? "") : (textAt(data, "message") ?? "");
  return short(`${status} ${message}`.trim());
}

/** A text from outside as a report or a terminal may show it: one line, without secrets and control characters, and not long. */
export function short(text: string): string {
  const line = oneLine(redact(text));
  return line.length > LONGEST_SAID ? `${line.slice(0, LONGEST_SAID)}…` : line;
}
