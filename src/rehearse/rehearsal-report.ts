import { isDone } from "./answer.ts";
import type { CleanedUp } from "./clean-up.ts";
import type { Finding } from "./finding.ts";
import type { AskedRequest } from "./pace.ts";
import type { ManualTest } from "./probe.ts";
import { NOT_IN_TIME, type SentWebhook, type StoryStep } from "./story-seen.ts";

/** Grows when something that was there means something else. */
export const REHEARSAL_VERSION = 1;

/** What one probe found. */
export interface ProbeFound {
  readonly id: string;
  readonly title: string;
  readonly findings: readonly Finding[];
  /** What was asked for it. */
  readonly requests: readonly AskedRequest[];
}

/** Everything a rehearsal found, without secrets. */
export interface RehearsalReport {
  readonly version: typeof REHEARSAL_VERSION;
  readonly sevgate: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly isPrivate: boolean;
  /** Whose API: `api.github.com`. */
  readonly host: string;
  readonly mark: string;
  readonly startedAt: string;
  readonly tookMs: number;
  /** `null`: it came to its end. */
  readonly endedBecause: string | null;
  /** `null`: the app's settings were at hand. */
  readonly withoutAppBecause: string | null;
  readonly requests: number;
  readonly pauses: number;
  readonly steps: readonly StoryStep[];
  readonly webhooks: readonly SentWebhook[];
  readonly probes: readonly ProbeFound[];
  readonly manual: readonly ManualTest[];
  readonly cleanUp: CleanedUp;
}

/** Findings by the row of docs/assumptions.md, the worst for each; in order. */
export function worstOfEach(probes: readonly ProbeFound[]): readonly (Finding & { readonly probe: string })[] {
  const worse = ["does not hold", "holds", "unclear", "not asked"];
  const found = new Map<string, Finding & { readonly probe: string }>();
  for (const { id, findings } of probes) {
    for (const finding of findings) {
      const known = found.get(finding.assumption);
      if (known === undefined || worse.indexOf(finding.verdict) < worse.indexOf(known.verdict)) {
        found.set(finding.assumption, { ...finding, probe: id });
      }
    }
  }
  return [...found.values()].toSorted((a, b) => (a.assumption < b.assumption ? -1 : 1));
}

/** 0: nothing that Sevgate assumes is wrong, and its story was played to the end. */
export function exitCodeOf({ probes, steps, endedBecause }: RehearsalReport): 0 | 1 {
  const wrong = probes.some(({ findings }) => findings.some(({ verdict }) => verdict === "does not hold"));
  return wrong || endedBecause !== null || steps.some((step) => isMissing(step)) ? 1 : 0;
}

/** A step that should have come. A re-run may need a button, and a revert may be refused with good reason. */
export function isMissing({ id, ms }: StoryStep): boolean {
  return ms === null && id !== "rerun" && id !== "revert";
}

/** What is to be looked at where Sevgate did not answer at all, by what GitHub says of its webhooks; `null`: it answered. */
export function whyNoAnswer({ steps, webhooks, withoutAppBecause }: RehearsalReport): string | null {
  if (!steps.some(({ id, ms, seen }) => id === "labels" && ms === null && seen === NOT_IN_TIME)) return null;
  const failed = webhooks.filter((one) => !isDone(one));
  const last = failed.at(-1);
  const why =
    withoutAppBecause !== null
      ? "Is it running, and installed there?"
      : webhooks.length === 0
        ? "GitHub lists no webhook about this repository: are webhooks on in the app's settings, with these events?"
        : last !== undefined
          ? `GitHub could not deliver ${failed.length} of ${webhooks.length} webhooks; the last answer was ${last.status === 0 ? "none" : last.status}. Is the server up, and is the app's webhook address the right one?`
          : "Its webhooks arrived: the server's log says what it could not do.";
  return `Sevgate did not answer. ${why} sevgate doctor looks.`;
}

/** `1 does not hold`, `3 do not hold`. */
export function countWrong(count: number): string {
  return count === 1 ? "1 does not" : `${count} do not`;
}
