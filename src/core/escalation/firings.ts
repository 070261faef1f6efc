import type { Instant, Millis } from "../model.ts";

/** Whom to call and when, for one severity: as the on-call file says it. Times run from the episode's beginning. */
export interface EscalationRule {
  /** In the order of `after`; never empty. `notify`: `team`, or names of roles. */
  readonly steps: readonly { readonly after: Millis; readonly notify: readonly string[] }[];
  /** After the last step everybody is called again, so often. */
  readonly repeat: { readonly every: Millis; readonly times: number } | null;
  /** How long an acknowledgement without any further word holds; `null`: for ever. */
  readonly "ack-timeout": Millis | null;
}

/** One moment at which a rule calls people. */
export interface Firing {
  /** 0-based; repetitions are counted on. */
  readonly step: number;
  /** 0: a step of the file; else the how manieth repetition. */
  readonly round: number;
  readonly at: Instant;
  /** What this step adds. */
  readonly adds: readonly string[];
  /** Roles are cumulative: what this step and those before it call. */
  readonly calls: readonly string[];
}

/** All moments at which a rule calls people in an episode that began at `since`, earliest first. */
export function firingsOf(rule: Pick<EscalationRule, "steps" | "repeat">, since: Instant): readonly Firing[] {
  const steps = rule.steps.map(({ after, notify }, step): Firing => {
    const calls = unique(rule.steps.slice(0, step + 1).flatMap((one) => one.notify));
    return { step, round: 0, at: (since + after) as Instant, adds: notify, calls };
  });
  const last = steps.at(-1);
  if (last === undefined || rule.repeat === null) return steps;
  const { every, times } = rule.repeat;
  const repetitions = Array.from({ length: times }, (_, index): Firing => {
    const round = index + 1;
    return { ...last, step: last.step + round, round, at: (last.at + round * every) as Instant, adds: last.calls };
  });
  return [...steps, ...repetitions];
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
