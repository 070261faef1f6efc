import type { Finding } from "./finding.ts";
import type { Scratch } from "./scratch.ts";

/** One thing a rehearsal tries: it asks GitHub, and judges the answers by a pure function of its own file. */
export interface Probe {
  /** `T-7`, as in docs/assumptions.md, or a name. */
  readonly id: string;
  /** What is tried, in a few words. */
  readonly title: string;
  /** The rows of docs/assumptions.md that it says something about. */
  readonly assumptions: readonly string[];
  /** `app`: only with the app's own key. */
  readonly needs: "person" | "app";
  /** Throws as asking does: then nothing could be told. */
  run(scratch: Scratch): Promise<readonly Finding[]>;
}

/** One-minute tests of docs/assumptions.md that no program can run, each with the reason and what a person does instead. */
export interface ManualTest {
  readonly id: string;
  readonly why: string;
  readonly step: string;
}
