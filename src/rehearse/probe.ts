import type { Finding } from "./finding.ts";
import type { AppSide, Scratch } from "./scratch.ts";

interface Tried {
  /** `T-7`, as in docs/assumptions.md, or a name. */
  readonly id: string;
  /** What is tried, in a few words. */
  readonly title: string;
  /** The rows of docs/assumptions.md that it says something about. */
  readonly assumptions: readonly string[];
}

/** Asks as a person. */
export interface PersonProbe extends Tried {
  readonly needs: "person";
  /** Throws as asking does: then nothing could be told. */
  run(scratch: Scratch): Promise<readonly Finding[]>;
}

/** Asks with the app's own key: without it, it is not tried. */
export interface AppProbe extends Tried {
  readonly needs: "app";
  /** As that of a `PersonProbe`. */
  run(scratch: Scratch, app: AppSide): Promise<readonly Finding[]>;
}

/** One thing a rehearsal tries: it asks GitHub, and judges the answers by a pure function of its own file. */
export type Probe = PersonProbe | AppProbe;

/** One-minute tests of docs/assumptions.md that no program can run, each with the reason and what a person does instead. */
export interface ManualTest {
  readonly id: string;
  readonly why: string;
  readonly step: string;
}
