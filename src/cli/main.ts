import { CommanderError } from "commander";
import { errorCode } from "../base/error-code.ts";
import { KNOWN_SETTINGS } from "../run/known-settings.ts";
import { createProgram } from "./create-program.ts";
import { EXIT_USAGE } from "./exit-codes.ts";

// Whoever reads the output may stop early, as `head` does: that is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error) => {
    if (errorCode(error) !== "EPIPE") throw error;
    process.exit();
  });
}

try {
  await createProgram(KNOWN_SETTINGS).parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // It has said what is wrong, or shown the help that was asked for.
  process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
}
