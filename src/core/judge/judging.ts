import type { Instant } from "../model.ts";
import type { Entry } from "../record/entry.ts";
import type { Known } from "../record/known.ts";
import type { Edge } from "./edge.ts";
import type { Judged } from "./judged.ts";

/**
 * The judges that find what is new in an observation, in the order they are asked. `record`: what the record begins
 * with.
 */
export type JudgeName =
  | "record"
  | "labels"
  | "drill"
  | "links"
  | "runbook-list"
  | "suspect"
  | "thread"
  | "lock"
  | "commands"
  | "requests"
  | "alerts"
  | "items"
  | "waiver"
  | "closing"
  | "acceptance"
  | "confirmation"
  | "escalation"
  | "reminders";

/** What one judge found new. */
export interface Found {
  readonly judge: JudgeName;
  readonly entries: readonly Entry[];
  readonly edges: readonly Edge[];
}

/** What is known about an incident while one judge after another adds to it. */
export class Judging {
  readonly found: Found[];
  readonly edges: Edge[] = [];
  /** When something is worth another look. */
  readonly moments: Instant[] = [];
  #known: Known;

  /** @param begun which of `known` is already new: the record begins with it */
  constructor(known: Known, begun: readonly Entry[] = []) {
    this.#known = known;
    this.found = [{ judge: "record", entries: begun, edges: [] }];
  }

  /** With everything judged so far. */
  get known(): Known {
    return this.#known;
  }

  take<One extends Judged>(judge: JudgeName, judged: One): One {
    this.#known = this.#known.with(judged.entries);
    this.found.push({ judge, entries: judged.entries, edges: judged.edges });
    this.edges.push(...judged.edges);
    if (judged.lookAgainAt !== null) this.moments.push(judged.lookAgainAt);
    return judged;
  }
}
