import type { Logger } from "pino";
import { createParts } from "./create-parts.ts";
import { type RunningSevgate, runSevgate } from "./run-sevgate.ts";
import type { Settings } from "./settings.ts";

/** Starts the server with everything it is really made of. Throws as `runSevgate` does. */
export async function runServer(settings: Settings, log: Logger): Promise<RunningSevgate> {
  return await runSevgate(settings, createParts(log));
}
