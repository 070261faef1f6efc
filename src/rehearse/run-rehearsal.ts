import { TerminalError, TransientError } from "../base/errors.ts";
import { VERSION } from "../base/version.ts";
import { type CleanedUp, cleanUp } from "./clean-up.ts";
import { type Finding, notAsked, untoldEach } from "./finding.ts";
import type { Pace } from "./pace.ts";
import { playStory } from "./play-story.ts";
import type { Probe } from "./probe.ts";
import { ALL_PROBES, MANUAL_TESTS } from "./probes/all-probes.ts";
import { RehearsalOverError } from "./rehearsal-over-error.ts";
import { type ProbeFound, REHEARSAL_VERSION, type RehearsalReport } from "./rehearsal-report.ts";
import type { Scratch } from "./scratch.ts";

export interface RehearsalParts {
  readonly scratch: Scratch;
  readonly pace: Pace;
  readonly host: string;
  /** Why nothing is asked as the app; `null`: it is. */
  readonly withoutAppBecause: string | null;
  /** The labels there were before. */
  readonly labelsBefore: ReadonlySet<string>;
  /** Leaves everything there. */
  readonly keep: boolean;
  /** Aborted by the second Ctrl-C. */
  readonly stopCleanUp: AbortSignal;
  readonly say: (words: string) => void;
  readonly probes?: readonly Probe[];
}

/** A clean-up has these of its own, whatever was used before. */
const CLEAN_UP_REQUESTS = 400;
const CLEAN_UP_MS = 10 * 60_000;

/** Plays the story, tries every probe, cleans up whatever happened, and says what was found. */
export async function runRehearsal(parts: RehearsalParts): Promise<RehearsalReport> {
  const { scratch, pace, say, keep, probes = ALL_PROBES } = parts;
  const startedAt = pace.now();
  const found: ProbeFound[] = [];
  let endedBecause: string | null = null;
  let cleanedUp: CleanedUp = { done: [], left: [] };
  try {
    say("playing the story");
    await playStory(scratch);
    // Without Sevgate there is nothing to look at; what GitHub alone answers can still be asked.
    for (const [index, probe] of probes.entries()) {
      say(`${probe.id}, ${index + 1} of ${probes.length}: ${probe.title}`);
      found.push(await tryProbe(probe, parts));
    }
  } catch (error) {
    endedBecause = whyOver(error);
  } finally {
    for (const probe of probes.slice(found.length)) {
      found.push(notTried(probe, endedBecause ?? "the rehearsal ended before"));
    }
    pace.beginPart(CLEAN_UP_REQUESTS, CLEAN_UP_MS, parts.stopCleanUp);
    if (keep)
      cleanedUp = {
        done: [],
        left: [
          `everything, as --keep asks: sevgate rehearse --clean-up ${scratch.owner}/${scratch.name} takes it away`,
        ],
      };
    else {
      say("cleaning up");
      cleanedUp = await cleanUp(scratch, parts.labelsBefore);
    }
  }
  return {
    version: REHEARSAL_VERSION,
    sevgate: VERSION,
    repository: `${scratch.owner}/${scratch.name}`,
    isPrivate: scratch.isPrivate,
    host: parts.host,
    mark: scratch.mark,
    startedAt: new Date(startedAt).toISOString(),
    tookMs: pace.now() - startedAt,
    endedBecause,
    withoutAppBecause: parts.withoutAppBecause,
    requests: pace.requests.length,
    pauses: pace.pauses,
    steps: scratch.story.steps,
    webhooks: scratch.story.webhooks,
    probes: found,
    manual: MANUAL_TESTS,
    cleanUp: cleanedUp,
  };
}

/** One probe: what it found; where GitHub did not answer, that nothing could be told. */
async function tryProbe(probe: Probe, { scratch, pace, withoutAppBecause }: RehearsalParts): Promise<ProbeFound> {
  const { app } = scratch;
  const run = probe.needs === "person" ? () => probe.run(scratch) : app === null ? null : () => probe.run(scratch, app);
  if (run === null) return notTried(probe, withoutAppBecause ?? "the app's settings are not at hand");
  const before = pace.requests.length;
  let findings: readonly Finding[];
  try {
    findings = await run();
  } catch (error) {
    if (!(error instanceof TransientError || error instanceof TerminalError)) throw error;
    findings = untoldEach(probe.assumptions, error.message);
  }
  return asFound(probe, findings, pace.requests.slice(before));
}

function notTried(probe: Probe, because: string): ProbeFound {
  return asFound(
    probe,
    probe.assumptions.map((one) => notAsked(one, because)),
    [],
  );
}

function asFound({ id, title }: Probe, findings: readonly Finding[], requests: ProbeFound["requests"]): ProbeFound {
  return { id, title, findings, requests };
}

/** Why it ended, for people. Throws what is a mistake of ours. */
function whyOver(error: unknown): string {
  if (error instanceof RehearsalOverError || error instanceof TransientError || error instanceof TerminalError) {
    return error.message;
  }
  throw error;
}
