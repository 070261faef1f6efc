import type { Story } from "./story.ts";

/** A line that a pass left, about a step or about its end. */
export interface TraceLine {
  readonly level: number;
  readonly msg: "step" | "pass";
  readonly pass: string;
  readonly cause: string;
  readonly origin: string;
  readonly key: string;
  readonly step: string;
  readonly why: string;
  readonly result: string;
  readonly requests: number;
  readonly steps: number;
}

/** What every pass of the story left, from line `since` on. */
export function traceLines(story: Pick<Story, "log">, since = 0): readonly TraceLine[] {
  return story.log
    .slice(since)
    .map((line) => JSON.parse(line) as TraceLine)
    .filter(({ msg }) => msg === "step" || msg === "pass");
}

/** Those about steps. */
export function stepLines(story: Pick<Story, "log">, since = 0): readonly TraceLine[] {
  return traceLines(story, since).filter(({ msg }) => msg === "step");
}
