import { readFileSync } from "node:fs";
import type { Instant } from "../src/core/model.ts";
import { calendarEvents } from "../src/core/oncall/calendar-events.ts";
import { lintOnCall } from "../src/core/oncall/lint-on-call.ts";
import { type ParsedOnCall, parseOnCall } from "../src/core/oncall/parse-on-call.ts";
import { stretches } from "../src/core/oncall/shifts.ts";
import { whoChanges } from "../src/core/oncall/who-changes.ts";
import { whoIsOn } from "../src/core/oncall/who-is-on.ts";
import { worstOnCall } from "../testkit/worst-on-call.ts";
import { median, table } from "./report.ts";
import type { Setting } from "./setting.ts";

const AT = Date.UTC(2026, 2, 10, 12) as Instant;
const DAY_MS = 86_400_000;

/** With logins in place of the placeholders. */
function filledIn(template: string): string {
  return template.replaceAll(/<(\w+)-login>/g, "$1");
}

/** What it costs to ask an on-call file: the one of templates/, and the worst one that is allowed. */
export function measureOnCall({ quick }: Setting): void {
  const texts = [
    filledIn(readFileSync(new URL("../templates/github/sevgate/on-call.yml", import.meta.url), "utf8")),
    worstOnCall(),
  ];
  const files = texts.map(valid);
  const rounds = quick ? 5 : 25;
  const parts: readonly (readonly [string, (file: ValidOnCall) => unknown])[] = [
    ["who is on call now", ({ schedule }) => whoIsOn(schedule, AT)],
    ["who is on call for 30 days", ({ schedule }) => stretches(schedule, AT, (AT + 30 * DAY_MS) as Instant)],
    ["lint", (file) => lintOnCall(file, AT)],
    ["who changes, in a pull request", ({ schedule }) => whoChanges(schedule, schedule, AT)],
    ["calendar of primary", ({ schedule }) => calendarEvents(schedule, { kind: "role", name: "primary" }, AT)],
  ];
  const rows = [
    ["parse", ...texts.map((text) => took(rounds, () => valid(text)))],
    ...parts.map(([name, work]) => [name, ...files.map((file) => took(rounds, () => work(file)))]),
  ];
  table(
    "Asking an on-call file",
    ["", "the template, ms", "the worst allowed, ms", "slowest of these, ms"],
    rows.map(row),
  );
}

type ValidOnCall = Extract<ParsedOnCall, { readonly kind: "valid" }>;
interface Took {
  readonly median: number;
  readonly slowest: number;
}

/** The first rounds, in which code is compiled, only count for the slowest. */
function took(rounds: number, work: () => unknown): Took {
  const times = Array.from({ length: rounds }, () => {
    const begin = performance.now();
    work();
    return performance.now() - begin;
  });
  return { median: median(times), slowest: Math.max(...times) };
}

function row([name, template, worst]: readonly (string | Took)[]): readonly string[] {
  const [typical, most] = [template, worst] as readonly Took[];
  return [String(name), fine(typical!.median), fine(most!.median), fine(most!.slowest)];
}

function fine(ms: number): string {
  return ms < 1 ? ms.toFixed(3) : ms < 10 ? ms.toFixed(1) : ms.toFixed(0);
}

function valid(text: string): ValidOnCall {
  const parsed = parseOnCall(text);
  if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems[0]));
  return parsed;
}
