import { keyId } from "../../core/key.ts";
import { codeSpan, oneLine, plain, shorten } from "../../core/markdown/escape.ts";
import { assertNever, type Instant, type Key } from "../../core/model.ts";
import { documentLink } from "../../core/words/documents.ts";
import { count, utc } from "../../core/words/time.ts";
import type { ActionReport } from "./action-report.ts";

const MOST_LINES = 50;
const MOST_WHY = 300;

/** The job summary: Markdown that holds numbers, kinds and times, and nothing that people wrote. */
export function actionSummary(report: ActionReport, now: Instant): string {
  const { refusal, looked, steps, later, undone, remarks } = report;
  if (refusal !== null) return `## Sevgate\n\nNothing was done. ${plain(refusal, MOST_WHY)}\n`;
  const lines = ["## Sevgate", "", headline(report)];
  section(
    lines,
    "Not done",
    [...undone.values()].map(({ key, why }) => `- ${nameOf(key)}: ${plain(why, MOST_WHY)}`),
  );
  section(
    lines,
    "To know",
    remarks.map((one) => `- ${plain(one, MOST_WHY)}`),
  );
  section(
    lines,
    "Looked at",
    [...looked.values()].map((key) => `- ${nameOf(key)}${stepsOf(report, key)}`),
  );
  const waiting = [...later.values()].toSorted((a, b) => a.at - b.at);
  section(
    lines,
    "Waits for the schedule",
    waiting.map(({ key, at }) => `- ${nameOf(key)}: from ${utc(at)} on`),
  );
  if (looked.size > 0 || steps.length > 0 || undone.size > 0) lines.push("", costs(report, now));
  return `${lines.join("\n")}\n`;
}

function headline({ looked, steps, undone }: ActionReport): string {
  if (undone.size > 0) {
    return `**Something was left undone.** The next scheduled run tries again; ${documentLink("install/action", "what to do", "a-red-run")}.`;
  }
  if (looked.size === 0) return "Nothing to do: this event concerns no incident.";
  return steps.length === 0 ? "Everything is as it should be." : `Done: ${count(steps.length, "step")}.`;
}

function section(lines: string[], title: string, entries: readonly string[]): void {
  if (entries.length === 0) return;
  const more = entries.length - MOST_LINES;
  lines.push("", `### ${title}`, "", ...entries.slice(0, MOST_LINES), ...(more > 0 ? [`- and ${more} more`] : []));
}

function stepsOf({ steps }: ActionReport, key: Key): string {
  const own = steps.filter((one) => one.key === keyId(key));
  const names = own.map(({ step, result }) => codeSpan(result === "done" ? step : `${step}: ${result}`));
  return names.length === 0 ? "" : `: ${names.join(", ")}`;
}

function costs({ requests, questions, limit }: ActionReport, now: Instant): string {
  const used = `${count(requests, "request")} and ${count(questions, "question")} to GraphQL.`;
  if (limit === null) return used;
  const inMinutes = Math.max(1, Math.ceil((limit.resetsAt - now) / 60_000));
  return `${used} Left of the hour's ${limit.limit} requests: ${limit.remaining}, for ${count(inMinutes, "minute")}.`;
}

/** What a run says on one line of its log, and beside the run where something is wrong. */
export function actionLine(report: ActionReport): string {
  const { refusal, undone, looked, steps, requests } = report;
  if (refusal !== null) return refusal;
  const [first] = undone.values();
  if (first === undefined) {
    if (looked.size === 0) return "Nothing to do: this event concerns no incident.";
    return `${count(looked.size, "look")}, ${count(steps.length, "step")}, ${count(requests, "request")}.`;
  }
  const others = undone.size === 1 ? "" : ` And ${undone.size - 1} more.`;
  return `Left undone: ${nameOf(first.key)}: ${shorten(oneLine(first.why), MOST_WHY)}${others} The job summary has the list.`;
}

/** Such as `incident #12`. */
function nameOf(key: Key): string {
  switch (key.kind) {
    case "incident":
      return `incident #${key.number}`;
    case "pull-request":
      return `pull request #${key.number}`;
    case "stray-command":
      return `comment on #${key.number}`;
    case "page":
    case "thread":
      return `${key.kind} of #${key.number}`;
    case "merge-group":
    case "recheck":
      return `commit ${key.headSha.slice(0, 7)}`;
    case "repository":
      return "the repository";
    case "report":
      return "the report";
    case "onboarding":
      return "the onboarding";
    case "follow-ups":
      return "what is late";
    case "alert":
    case "alert-source":
      return "an alert";
    case "workflow":
      return `workflow ${key.workflow}`;
    case "declaration":
      return "a declaration";
    default:
      return assertNever(key);
  }
}
