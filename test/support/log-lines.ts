import { type Logger, pino } from "pino";
import { errorForLog } from "../../src/run/create-log.ts";

/** A log that keeps its lines, as the real one would write them. */
export function createLogLines(): { readonly log: Logger; readonly lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    { level: "debug", serializers: { err: errorForLog } },
    { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  return { log, lines };
}
