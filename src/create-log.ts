import { type Logger, pino, stdTimeFunctions } from "pino";
import pretty from "pino-pretty";
import type { Settings } from "./settings.ts";

/**
 * Makes the log: JSON lines, or lines for people.
 *
 * Errors are written with name, message, code and stack alone: what libraries hang onto their errors (requests,
 * headers, connection settings) may hold secrets.
 */
export function createLog(settings: Pick<Settings, "logLevel" | "logFormat">): Logger {
  const options = {
    name: "sevgate",
    level: settings.logLevel,
    timestamp: stdTimeFunctions.isoTime,
    serializers: { err: errorForLog },
  };
  return settings.logFormat === "pretty"
    ? pino(options, pretty({ sync: true, ignore: "pid,hostname,name", translateTime: "SYS:HH:MM:ss" }))
    : pino(options);
}

/** What of an error is worth a line, its causes included. */
export function errorForLog(error: unknown): unknown {
  return describe(error, 0);
}

const MAX_CAUSES = 4;

function describe(error: unknown, depth: number): unknown {
  if (!(error instanceof Error)) return { message: typeof error };
  const code = "code" in error ? String(error.code) : undefined;
  return {
    type: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    stack: error.stack,
    ...(error.cause === undefined || depth >= MAX_CAUSES ? {} : { cause: describe(error.cause, depth + 1) }),
  };
}
