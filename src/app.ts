import type { Logger } from "pino";
import type { ApplicationFunctionOptions, Probot } from "probot";
import { VERSION } from "./base/version.ts";
import { createBodyReader } from "./ingress/http/body-reader.ts";
import { sendAnswer } from "./ingress/http/send-answer.ts";
import { DEFAULT_LIMITS } from "./ingress/http/server.ts";
import { createSideDoors } from "./ingress/http/side-doors.ts";
import { createLog } from "./run/create-log.ts";
import { createParts } from "./run/create-parts.ts";
import { startWorker } from "./run/run-sevgate.ts";
import { readSettings, type Settings } from "./run/settings.ts";

const GRACE_MS = 20_000;
/** What an event leads to takes seconds. Longer waits, such as for one of GitHub's limits, are left to the next event. */
const EVENT_LIMIT_MS = 60_000;
/** They send the secret itself, in a header or in the URL (docs/alerts.md). */
const UNSIGNED_SOURCES: ReadonlySet<string> = new Set(["better-stack", "alertmanager"]);

/**
 * Sevgate as an ordinary Probot app: every event is only queued, and the workers run in the background.
 *
 * `sevgate start` puts a server of its own in front of the same parts (src/ingress/http/server.ts), which limits and
 * checks requests before Probot would. `probot run` and `createNodeMiddleware` work too. They also take alerts and
 * Slack, except for what would put secrets into Probot's log, which contains the headers and URLs of all requests.
 *
 * Without a server (`probot receive`, a cloud function) nothing may continue after the event was answered: there the
 * workers start with each event, and stop when everything it led to is done. Deadlines and lost webhooks then wait for
 * the next event, because nothing sweeps.
 */
export default async function sevgate(app: Probot, { addHandler }: ApplicationFunctionOptions): Promise<void> {
  const read = readSettings(process.env);
  if (read.kind === "problems") throw new Error(read.problems.map((problem) => problem.message).join("\n"));
  const { settings } = read;
  const log = createLog(settings);
  log.info({ version: VERSION, node: process.version }, `Sevgate ${VERSION} starts as a Probot app`);
  let doors: ReturnType<typeof createSideDoors> | null = null;
  const hasServer = isAdded(addHandler, async (request, response) => {
    const answer = doors?.(request) ?? null;
    if (answer === null) return false;
    sendAnswer(request, response, await answer, false);
    return true;
  });
  if (!hasServer) {
    workByEvent(app, settings, log);
    return;
  }

  const worker = await startWorker(settings, createParts(log));
  app.onAny(async ({ id, name, payload }) => {
    await worker.accept({ name, payload }, id);
  });
  const { alerts, otherWays } = worker;
  doors = createSideDoors({ alerts, otherWays, bodies: createBodyReader(DEFAULT_LIMITS), log, isLogged: true });
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

/** Whether there is a server to add it to; Probot throws if there is none. */
function isAdded(
  addHandler: ApplicationFunctionOptions["addHandler"],
  handler: Parameters<ApplicationFunctionOptions["addHandler"]>[0],
): boolean {
  try {
    addHandler(handler);
    return true;
  } catch (error) {
    if (error instanceof Error && error.message === "No server instance") return false;
    throw error;
  }
}

/** One event at a time: the embedded store has a single holder. */
function workByEvent(app: Probot, settings: Settings, log: Logger): void {
  let turn: Promise<void> = Promise.resolve();
  app.onAny(async ({ id, name, payload }) => {
    const before = turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    turn = promise;
    await before;
    try {
      const worker = await startWorker(settings, createParts(log), { sweeps: false });
      try {
        await worker.accept({ name, payload }, id);
        await worker.untilIdle(EVENT_LIMIT_MS);
      } finally {
        await worker.stop(GRACE_MS);
      }
    } finally {
      resolve();
    }
  });
}

/** What is set up but needs `sevgate start`. */
function waysNotOffered({ alertEndpoints, calendarSecret }: Settings): readonly string[] {
  const unsigned = alertEndpoints.filter(({ source }) => UNSIGNED_SOURCES.has(source));
  return [
    ...unsigned.map(({ source, name }) => `/alerts/${source}/${name}`),
    ...(calendarSecret === null ? [] : ["calendars"]),
  ];
}
