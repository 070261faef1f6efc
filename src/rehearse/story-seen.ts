import type { Answer } from "./answer.ts";

/** One step of the story: what a person did, and how long Sevgate's answer took. */
export interface StoryStep {
  readonly id: StepId;
  /** `null`: it did not come. */
  readonly ms: number | null;
  /** What was seen, or why nothing was. */
  readonly seen: string;
}

/** What Sevgate is waited for, in order, with what each is for people. */
export const STEPS = {
  labels: "the policy is read: its labels are there",
  status: "the status comment",
  page: "the page: whoever is on call is mentioned",
  ack: "`/ack` is obeyed",
  update: "`/status` is on the timeline",
  revert: "`/revert` opens a pull request",
  reopen: "closed too early, it is open again",
  check: "the check on a pull request that would close it",
  worst: "the worst verdict stays on a commit of two pull requests",
  postmortem: "`/postmortem` opens an issue",
  gate: "filled in, the post-mortem is enough to close",
  green: "the check turns green by itself",
  rerun: "a re-run is answered with a new run",
  closed: "merged, it closes and stays closed",
} as const;

/** What is seen of a step that Sevgate did not take. */
export const NOT_IN_TIME = "it did not come in time";

export type StepId = keyof typeof STEPS;

/** A webhook that GitHub says it sent the app. */
export interface SentWebhook {
  /** `issues.opened`. */
  readonly name: string;
  /** Since the rehearsal began. */
  readonly atMs: number;
  /** Since what it is about, in whole seconds of GitHub; `null`: the payload does not say. */
  readonly delayMs: number | null;
  /** What the server answered. */
  readonly status: number;
}

/** What the story leaves for the probes; `null`: it did not come to that. */
export interface StorySeen {
  readonly steps: StoryStep[];
  incident: number | null;
  /** Answer to reading the status comment. */
  statusComment: unknown;
  fix: { readonly number: number; readonly headSha: string } | null;
  /** Runs of the check on the fix's commit with a second pull request on it, newest first. */
  sharedHeadRuns: readonly unknown[] | null;
  /** Answer to "re-request a check run", and whether a newer run came. */
  rerun: { readonly answer: Answer; readonly cameMs: number | null } | null;
  /** The issue after the merge of what fixes it. */
  afterMerge: unknown;
  mergeSha: string | null;
  /** In their order; empty: nobody could ask. */
  webhooks: readonly SentWebhook[];
}

export function nothingSeen(): StorySeen {
  return {
    steps: [],
    incident: null,
    statusComment: null,
    fix: null,
    sharedHeadRuns: null,
    rerun: null,
    afterMerge: null,
    mergeSha: null,
    webhooks: [],
  };
}
