import { setFlagsFromString } from "node:v8";
import { errorCode } from "../base/error-code.ts";
import { TerminalError, TransientError } from "../base/errors.ts";
import { VERSION } from "../base/version.ts";
import { loadDotEnv, readSettings } from "../run/settings.ts";

/** The exit code when people have to fix something first. */
const EXIT_REFUSED = 1;

/**
 * `sevgate start`: runs the server until SIGTERM or SIGINT.
 *
 * Whatever people have to fix is one line each on standard error, with exit code 1; nothing is left half-started.
 */
export async function start(): Promise<void> {
  loadDotEnv();
  const read = readSettings(process.env);
  if (read.kind === "problems") {
    for (const { message } of read.problems) console.error(`sevgate: ${message}`);
    process.exitCode = EXIT_REFUSED;
    return;
  }
  // Loaded only now, so that a wrong setting is reported at once; and the log before the rest, which takes a second or
  // more.
  const { createLog } = await import("../run/create-log.ts");
  const log = createLog(read.settings);
  const store = read.settings.databaseUrl === null ? "embedded" : "postgresql";
  log.info({ version: VERSION, node: process.version, store }, `Sevgate ${VERSION} starts`);
  const { runServer } = await import("../run/run-server.ts");
  // Whoever reads in the log that it listens may end it in the same moment.
  const isToStop = signalled(log);
  try {
    const running = await runServer(read.settings, log);
    // A V8 that does not know this option says so on standard error, and goes on.
    setFlagsFromString(`--heap-growing-percent=${LIMITED_GROWTH}`);
    await isToStop;
    await running.stop();
    log.info("Sevgate has stopped");
    process.exit(0);
  } catch (error) {
    if (!(error instanceof TerminalError || error instanceof TransientError)) throw error;
    console.error(`sevgate: ${refusal(error)}`);
    process.exit(EXIT_REFUSED);
  }
}

/**
 * By how much V8 lets the heap grow before it collects, in percent of what was in use. By itself that is up to four times,
 * and the pages are kept: 80 MB for 36 that are used (docs/decisions/0033-built-into-few-files.md).
 */
const LIMITED_GROWTH = 50;

/** The terminal sends Ctrl-C to npm and to us, and npm passes it on: that is one request, not two. */
const SAME_WISH_MS = 1_000;

/** Resolves with the first signal to stop; the second one, a second or more later, ends the process. */
function signalled(log: { info(message: string): void }): Promise<void> {
  return new Promise((done) => {
    let askedAt: number | null = null;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        if (askedAt !== null && performance.now() - askedAt < SAME_WISH_MS) return;
        if (askedAt !== null) process.exit(EXIT_REFUSED);
        askedAt = performance.now();
        log.info(`${signal}: finishing the running passes, at most 20 s`);
        done();
      });
    }
  });
}

function refusal(error: TerminalError | TransientError): string {
  if (error instanceof TerminalError) return error.message;
  const code = errorCode(error.cause);
  return `PostgreSQL does not answer${code === "" ? "" : ` (${code})`}. Check DATABASE_URL, and that the server runs.`;
}
