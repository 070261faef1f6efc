import { readFileSync } from "node:fs";
import { load } from "js-yaml";
import type { FakeEvent } from "../../testkit/fake-github/events.ts";

export type WorkflowTemplate = "sevgate.yml" | "sevgate-github-token.yml";

interface Workflow {
  readonly on: Readonly<Record<string, { readonly types?: readonly string[] } | null | readonly unknown[]>>;
  readonly jobs: { readonly sevgate: { readonly if: string } };
}

/** The example workflow as it is in `templates/`. */
export function workflowTemplate(name: WorkflowTemplate): Workflow {
  const text = readFileSync(new URL(`../../templates/workflows/${name}`, import.meta.url), "utf8");
  return load(text) as Workflow;
}

/**
 * Whether an event starts the job of a workflow: by the `types` under `on`, and by the job's `if`, evaluated as GitHub documents its
 * expressions (GitHub docs, "Evaluate expressions in workflows and actions"): what is not there is empty, and letters count the same in both cases.
 */
export function startsRun(
  { on, jobs }: Workflow,
  { name, payload }: FakeEvent,
  vars: Readonly<Record<string, string>> = {},
): boolean {
  if (!(name in on)) return false;
  const trigger = on[name];
  const types = trigger !== null && trigger !== undefined && "types" in trigger ? trigger.types : undefined;
  if (types !== undefined && !types.includes(payload.action ?? "")) return false;
  return evaluate(jobs.sevgate.if, { github: { event_name: name, event: payload }, vars }) === true;
}

const TOKEN = /\s*(?:('(?:[^']|'')*')|(&&|\|\||==|!=|!|[(),])|([\w.-]+))/y;

/** The part of the language that the templates use: literals, paths, `contains`, `format`, `==`, `!=`, `!`, `&&`, `||`. */
function evaluate(expression: string, contexts: unknown): unknown {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const text = expression.trim();
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text);
    if (found === null) throw new Error(`not understood: ${text}`);
    tokens.push((found[1] ?? found[2] ?? found[3])!);
  }
  const isNext = (token: string): boolean => tokens[0] === token;
  const either = (): unknown => {
    let left = both();
    while (isNext("||")) {
      tokens.shift();
      const right = both();
      left = isTrue(left) ? left : right;
    }
    return left;
  };
  const both = (): unknown => {
    let left = compared();
    while (isNext("&&")) {
      tokens.shift();
      const right = compared();
      left = isTrue(left) ? right : left;
    }
    return left;
  };
  const compared = (): unknown => {
    const left = single();
    if (!isNext("==") && !isNext("!=")) return left;
    const isEqual = tokens.shift() === "==";
    return (asText(left) === asText(single())) === isEqual;
  };
  const single = (): unknown => {
    const token = tokens.shift() ?? "";
    if (token === "!") return !isTrue(single());
    if (token === "(") return closed(either());
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (!isNext("(")) return at(contexts, token);
    tokens.shift();
    const given = [either()];
    while (isNext(",")) {
      tokens.shift();
      given.push(either());
    }
    return closed(call(token, given));
  };
  const closed = (value: unknown): unknown => {
    if (tokens.shift() !== ")") throw new Error(`not closed: ${text}`);
    return value;
  };
  const value = either();
  if (tokens.length > 0) throw new Error(`left over: ${tokens.join(" ")}`);
  return value;
}

function call(name: string, [first, ...more]: readonly unknown[]): unknown {
  if (name === "contains") return asText(first).includes(asText(more[0]));
  if (name === "format") return asText(first).replace(/\{(\d)\}/g, (_, index) => asText(more[Number(index)]));
  throw new Error(`unknown function ${name}`);
}

function at(contexts: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, name) => {
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : null;
  }, contexts);
}

function isTrue(value: unknown): boolean {
  return value !== null && value !== undefined && value !== false && value !== "" && value !== 0;
}

function asText(value: unknown): string {
  return value === null || value === undefined ? "" : String(value).toLowerCase();
}
