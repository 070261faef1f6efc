import { appendFileSync, readFileSync, statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "./base/clock.ts";
import { runAction } from "./run/action/run-action.ts";
import { createTokenGitHub } from "./systems/github/create-token-github.ts";
import { lastScheduledRun } from "./systems/github/last-scheduled-run.ts";
import { tokenIdentity } from "./systems/github/token-identity.ts";

// What a runner of GitHub Actions starts (action.yml): one run for one event.
process.exitCode = await runAction({
  environment: process.env,
  files: {
    size: (path) => statSync(path).size,
    read: (path) => readFileSync(path, "utf8"),
    append: (path, text) => appendFileSync(path, text),
  },
  clock: systemClock,
  print: (line) => process.stdout.write(`${line}\n`),
  pause: async (ms) => {
    await pause(ms);
  },
  identify: tokenIdentity,
  createGitHub: createTokenGitHub,
  lastScheduledRun,
});
