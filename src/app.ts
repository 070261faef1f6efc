import type { ApplicationFunctionOptions, Probot } from "probot";
import { createLog } from "./create-log.ts";
import { createParts } from "./create-parts.ts";
import { createBodyReader } from "./ingress/body-reader.ts";
import { sendAnswer } from "./ingress/send-answer.ts";
import { DEFAULT_LIMITS } from "./ingress/server.ts";
import { createSideDoors } from "./ingress/side-doors.ts";
import { startWorker } from "./run-sevgate.ts";
import { readSettings, type Settings } from "./settings.ts";

const GRACE_MS = 20_000;
/** They show the secret itself, in a header or in the address (docs/alerts.md). */
const UNSIGNED_SOURCES: ReadonlySet<string> = new Set(["better-stack", "alertmanager"]);

/**
 * Sevgate as an ordinary Probot app: every event is only queued, and the workers run behind it.
 *
 * `sevgate start` puts a server of its own in front of the same parts (src/ingress/server.ts), which limits and checks
 * requests before Probot would. `probot run` works too, for development. It takes alerts and Slack as well, but for what
 * would bring secrets into Probot's log: that holds the headers and addresses of all requests.
 */
export default async function sevgate(app: Probot, { addHandler }: ApplicationFunctionOptions): Promise<void> {
  const read = readSettings(process.env);
  if (read.kind === "problems") throw new Error(read.problems.map((problem) => problem.message).join("\n"));
  const { settings } = read;
  const log = createLog(settings);
  const worker = await startWorker(settings, createParts(log));
  app.onAny(async ({ name, payload }) => {
    await worker.accept({ name, payload });
  });
  const { alerts, otherWays } = worker;
  const doors = createSideDoors({ alerts, otherWays, bodies: createBodyReader(DEFAULT_LIMITS), log, isLogged: true });
  addHandler(async (request, response) => {
    const answer = doors(request);
    if (answer === null) return false;
    sendAnswer(request, response, await answer, false);
    return true;
  });
  const notOffered = waysNotOffered(settings);
  if (notOffered.length > 0) {
    log.warn(
      { notOffered },
      "not offered under Probot, whose log would hold their secrets: use sevgate start for these ways in",
    );
  }
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      void worker.stop(GRACE_MS).finally(() => process.exit(0));
    });
  }
}

/** What is set up and needs `sevgate start`. */
function waysNotOffered({ alertEndpoints, calendarSecret }: Settings): readonly string[] {
  const unsigned = alertEndpoints.filter(({ source }) => UNSIGNED_SOURCES.has(source));
  return [
    ...unsigned.map(({ source, name }) => `/alerts/${source}/${name}`),
    ...(calendarSecret === null ? [] : ["calendars"]),
  ];
}
