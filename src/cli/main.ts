import { CommanderError } from "commander";
import { errorCode } from "../base/error-code.ts";
import { TerminalError } from "../base/errors.ts";
import { KNOWN_SETTINGS } from "../run/known-settings.ts";
import { createProgram } from "./create-program.ts";
import { EXIT_USAGE } from "./exit-codes.ts";
import { UsageError } from "./usage-error.ts";

// Whoever reads the output may stop early, as `head` does: that is no failure. A full disk is one.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error) => {
    if (errorCode(error) === "EPIPE") process.exit();
    if (stream === process.stdout) process.stderr.write(`error: the output cannot be written (${errorCode(error)}).\n`);
    process.exit(1);
  });
}

try {
  await createProgram(KNOWN_SETTINGS).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // It has said what is wrong, or shown the help that was asked for.
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  } else if (error instanceof UsageError) {
    if (process.argv.includes("--json")) process.stdout.write(`${JSON.stringify({ error: error.message })}\n`);
    else process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = EXIT_USAGE;
  } else if (errorCode(error) === "ABORT_ERR") {
    // Ctrl-C or Ctrl-D at a question, which comes before anything is written. The question's line has not ended.
    process.stderr.write("\nStopped: nothing was written.\n");
    process.exitCode = 1;
  } else if (error instanceof TerminalError || (error instanceof Error && "syscall" in error)) {
    // It says what to fix. Or the file system or the network refused, and nobody had better words for it: where in our code is of no use to anybody.
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
