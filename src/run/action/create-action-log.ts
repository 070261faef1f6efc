import { type Logger, pino } from "pino";
import * as z from "zod";
import { readJson } from "../../core/read-json.ts";
import { errorForLog } from "../create-log.ts";
import type { ActionReport } from "./action-report.ts";
import type { ActionSettings } from "./action-settings.ts";

/** pino's number for it. */
const WARN = 40;
const LoggedLine = z.object({
  level: z.number(),
  msg: z.string().optional(),
  key: z.string().optional(),
  step: z.string().optional(),
  result: z.string().optional(),
});

/** Steps go into the report; lines for people only if something is wrong, or if somebody has asked for all of them. */
export function createActionLog(
  report: ActionReport,
  { isDebug }: ActionSettings,
  print: (line: string) => void,
): Logger {
  const write = (line: string): void => {
    const told = readJson(LoggedLine, line);
    if (told?.msg === "step" && told.key !== undefined && told.step !== undefined) {
      report.steps.push({ key: told.key, step: told.step, result: told.result ?? "" });
    }
    if (isDebug || (told?.level ?? 0) >= WARN) print(line.trimEnd());
  };
  const options = { name: "sevgate", level: isDebug ? "debug" : "info", serializers: { err: errorForLog } };
  return pino(options, { write });
}
