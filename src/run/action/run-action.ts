import { randomUUID } from "node:crypto";
import { errorCode } from "../../base/error-code.ts";
import { TerminalError, TransientError } from "../../base/errors.ts";
import { ActionReport } from "./action-report.ts";
import { type ActionParts, ActionRun } from "./action-run.ts";
import { type ActionSettings, readActionSettings } from "./action-settings.ts";
import { actionLine, actionSummary } from "./action-words.ts";
import { createActionLog } from "./create-action-log.ts";
import { readEvent } from "./read-event.ts";
import { resumeCommands, stopCommands, workflowCommand } from "./workflow-command.ts";

/**
 * One run of the action: what the event names is looked at, and all that follows from it, until nothing is left that is due now. The same
 * loop as the server's, on a store that begins empty and ends with the run (docs/decisions/0048-a-run-begins-with-nothing.md).
 *
 * Never throws: whatever goes wrong is said in the job summary and beside the run.
 *
 * @returns 0, or 1 if something was left undone
 */
export async function runAction(parts: ActionParts): Promise<0 | 1> {
  const { environment, print } = parts;
  const report = new ActionReport();
  const read = readActionSettings(environment);
  const word = randomUUID();
  print(stopCommands(word));
  if (read.kind === "problems") report.refusal = read.problems.map(({ message }) => message).join(" ");
  else await runInto(report, read.settings, parts);
  print(resumeCommands(word));
  tell(report, parts);
  return report.isGreen ? 0 : 1;
}

/** Everything that may go wrong ends up in the report. */
async function runInto(report: ActionReport, settings: ActionSettings, parts: ActionParts): Promise<void> {
  const log = createActionLog(report, settings, parts.print);
  try {
    const event = readEvent(settings, parts.files);
    if (event.kind === "refused") report.refusal = event.why;
    else if (event.kind !== "nothing") await new ActionRun(report, settings, parts, log).over(event);
  } catch (error) {
    if (!(error instanceof TerminalError || error instanceof TransientError)) {
      log.error({ err: error }, "the run failed unexpectedly");
    }
    const why = whyOf(error);
    if (report.looked.size === 0) report.refusal = why;
    else report.failed({ kind: "repository", repository: settings.repository }, why);
  }
}

function whyOf(error: unknown): string {
  if (error instanceof TransientError) return `${error.message} The next run tries again.`;
  if (!(error instanceof TerminalError)) {
    return "The run failed unexpectedly. Please report this as a bug, with the lines above.";
  }
  return error.status === 401 ? "GitHub refuses the token. Check the input token." : error.message;
}

/** Says how the run went: beside the run, in the job summary and in the outputs. */
function tell(report: ActionReport, { environment, files, clock, print }: ActionParts): void {
  const line = actionLine(report);
  print(report.isGreen ? line : workflowCommand("error", line));
  const outputs = `undone=${report.undone.size}\nrequests=${report.requests}\n`;
  for (const [name, text] of [
    ["GITHUB_STEP_SUMMARY", actionSummary(report, clock.now())],
    ["GITHUB_OUTPUT", outputs],
  ] as const) {
    const path = environment[name]?.trim();
    if (!path) continue;
    try {
      files.append(path, text);
    } catch (error) {
      print(`The file that ${name} names cannot be written (${errorCode(error) || "unwritable"}).`);
    }
  }
}
