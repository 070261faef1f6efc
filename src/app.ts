import type { Probot } from "probot";
import { createLog } from "./create-log.ts";
import { createParts } from "./create-parts.ts";
import { startWorker } from "./run-sevgate.ts";
import { readSettings } from "./settings.ts";

const GRACE_MS = 20_000;

/**
 * Sevgate as an ordinary Probot app: every event is only queued, and the workers run behind it.
 *
 * `sevgate start` puts a server of its own in front of the same parts (src/ingress/server.ts), which limits and checks
 * requests before Probot would. `probot run` works too, for development.
 */
export default async function sevgate(app: Probot): Promise<void> {
  const read = readSettings(process.env);
  if (read.kind === "problems") throw new Error(read.problems.map((problem) => problem.message).join("\n"));
  const worker = await startWorker(read.settings, createParts(createLog(read.settings)));
  app.onAny(async ({ name, payload }) => {
    await worker.accept({ name, payload });
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      void worker.stop(GRACE_MS).finally(() => process.exit(0));
    });
  }
}
