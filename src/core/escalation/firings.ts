import type { Instant } from "../model.ts";
import type { EscalationRule } from "../oncall/schedule.ts";

/** One moment at which a rule calls people. */
export interface Firing {
  /** 0-based; repetitions keep counting. */
  readonly step: number;
  /** 0: a step as the file has it; else which repetition it is, from 1. */
  readonly round: number;
  readonly at: Instant;
  /** What this step adds. */
  readonly adds: readonly string[];
  /** Roles are cumulative: whom this step and those before it call. */
  readonly calls: readonly string[];
}

/**
 * Every moment at which a rule calls people, in an episode that began at `since`, earliest first.
 *
 * Each repetition goes through all steps again; it begins `every` after the last step of the round before.
 */
export function firingsOf(rule: Pick<EscalationRule, "steps" | "repeat">, since: Instant): readonly Firing[] {
  const { steps, repeat } = rule;
  const first = steps[0]?.after ?? 0;
  const roundMs = (steps.at(-1)?.after ?? 0) - first + (repeat?.every ?? 0);
  const rounds = Array.from({ length: 1 + (repeat?.times ?? 0) }, (_, round) => round);
  return rounds.flatMap((round) =>
    steps.map(({ after, notify }, index): Firing => {
      const calls = [...new Set(steps.slice(0, index + 1).flatMap((one) => one.notify))];
      const at = (since + after + round * roundMs) as Instant;
      return { step: round * steps.length + index, round, at, adds: notify, calls };
    }),
  );
}
