import { type Logger, pino, stdTimeFunctions } from "pino";
import pretty from "pino-pretty";
import { errorCode } from "../base/error-code.ts";
import type { Settings } from "./settings.ts";

/**
 * Makes the log: JSON lines, or lines for people.
 *
 * Of an error, only the name, message, code and stack are written: what libraries attach to their errors (requests, headers,
 * connection settings) may contain secrets.
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

/** The parts of an error that are worth a line, including its causes. */
export function errorForLog(error: unknown): unknown {
  return describe(error, 0);
}

const MAX_CAUSES = 4;

function describe(thrown: unknown, depth: number): unknown {
  if (typeof thrown !== "object" || thrown === null || !("message" in thrown)) return { message: typeof thrown };
  const { name, message, stack, cause } = thrown as Error;
  const code = errorCode(thrown);
  return {
    type: name,
    message,
    ...(code === "" ? {} : { code }),
    stack,
    ...(cause === undefined || depth >= MAX_CAUSES ? {} : { cause: describe(cause, depth + 1) }),
  };
}
