/** What a command answers its caller with; 2 means the same for all of them. */
export interface ExitCodes {
  readonly 0: string;
  readonly 1: string;
}

/** The command line was not understood: nothing was done. */
export const EXIT_USAGE = 2;

/** What the exit code of each command means, by its name: for `--help`, and for docs/cli.md. */
export const EXIT_CODES = {
  demo: {
    0: "the story was played to its end",
    1: "something in it was not as it should be, or a file cannot be written",
  },
  start: { 0: "stopped by SIGTERM or SIGINT", 1: "it refused to start, or was stopped by a second signal" },
  setup: { 0: "the app exists and its settings are written", 1: "nothing was changed, or the app is not complete" },
  init: { 0: "the files are there", 1: "something is in the way, and nothing was written" },
  validate: { 0: "all is valid; notes and warnings do not count", 1: "something is not valid, or cannot be read" },
  oncall: {
    0: "it could say; with --lint, without an error",
    1: "the file is not valid or cannot be read; with --lint, an error was found",
  },
  runbooks: {
    0: "they are listed; with --lint, nothing is to fix",
    1: "the folder, the policy or a runbook cannot be used; with --lint, something is to fix",
  },
  explain: { 0: "it is explained", 1: "there is nothing to explain, or it cannot be read" },
  report: { 0: "the report is printed", 1: "something it needs cannot be read" },
  simulate: {
    0: "it could say, whatever would have been different",
    1: "a file cannot be used, or GitHub cannot be read",
  },
  drill: { 0: "the drill has started", 1: "nothing was started, or GitHub did not say whether it was" },
  protect: {
    0: "the check is required from the app; without --apply, also when what would be sent is shown",
    1: "it cannot be said, or was not done; nothing was changed unless the message says so",
  },
  healthcheck: { 0: "it is; with --ready, it is ready", 1: "it is not, or nothing answers" },
  rehearse: {
    0: "GitHub and Sevgate did what is assumed; what is unclear does not count",
    1: "something is not as assumed, it ended early, or it did not begin",
  },
  doctor: { 0: "nothing failed; warnings do not count", 1: "something failed" },
} as const satisfies Readonly<Record<string, ExitCodes>>;

/** The exit codes of a command, for the end of its `--help`. */
export function exitCodesHelp({ 0: done, 1: failed }: ExitCodes): string {
  return `\nExit codes:\n  0  ${done}\n  1  ${failed}\n  ${EXIT_USAGE}  the command line was not understood`;
}
