import * as z from "zod";
import { readJson } from "../read-json.ts";

/** Who can run a repository: the server the app belongs to, or the GitHub Action in the repository's own workflows. */
export const RUNS_IN = ["server", "action"] as const;
export type RunsIn = (typeof RUNS_IN)[number];

/** `unclear`: a file names `runs-in`, and nobody can say with which value. */
export const WhoRuns = z.enum([...RUNS_IN, "unclear"]);
export type WhoRuns = z.output<typeof WhoRuns>;

const MENTIONED = /runs[-_]?in\b/i;
const LINE = /^(["']?)runs-in\1[ \t]*:(?<value>[\s\S]*)$/;
const COMMENT = /(?:^|[ \t])#[\s\S]*/;

/**
 * Who runs a repository, by a policy file that cannot be used; `null`: the file says nothing about it. Server and action read
 * broken files with this, so that they never take one for different things.
 */
export function runsInOf(broken: string): WhoRuns | null {
  const lines = broken.split(/\r\n?|\n/).map((line) => line.replace(COMMENT, "").trimEnd());
  const mentions = lines.filter((line) => MENTIONED.test(line));
  const said = new Set(mentions.map(runnerIn));
  const [only = null] = said;
  return said.size > 1 ? "unclear" : only;
}

function runnerIn(line: string): WhoRuns {
  const written = LINE.exec(line)
    ?.groups?.["value"]?.trim()
    .replace(/^(["'])([\s\S]*)\1$/, "$2");
  return RUNS_IN.find((one) => one === written) ?? "unclear";
}

const Kept = z.object({ runsIn: WhoRuns.default("server") });

/** The same as the index remembers it (`KnownRepository.policyState`); `null`: no policy has been read yet. */
export function whoRunsBy(policyState: string | null): WhoRuns | null {
  return readJson(Kept, policyState)?.runsIn ?? null;
}

/** Why a repository is left alone, and what to do about it, in one line. */
export function elsewhereLine(here: RunsIn, who: WhoRuns, place: string): string {
  if (who === "unclear") {
    return `Nobody can tell who runs ${place}, so nothing is done there: write runs-in: server or runs-in: action in .github/sevgate.yml on the default branch.`;
  }
  return here === "action"
    ? `The server runs ${place}, so the action does nothing here. For the action to run it, add this line to .github/sevgate.yml on the default branch: runs-in: action`
    : `The GitHub Action of ${place} runs it (runs-in: action in its policy), so the server does nothing there.`;
}
