import { CommanderError } from "commander";
import { KNOWN_SETTINGS } from "../run/known-settings.ts";
import { createProgram } from "./create-program.ts";
import { EXIT_USAGE } from "./exit-codes.ts";

try {
  await createProgram(KNOWN_SETTINGS).parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // It has said what is wrong, or shown the help that was asked for.
  process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
}
