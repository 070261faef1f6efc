import type { DeadlineName } from "./missed-deadlines.ts";
import type { Effect, Replayed, UnderRules } from "./replay.ts";

/** A number by the rules in force, and by those proposed. */
export interface WasIs {
  readonly was: number;
  readonly is: number;
}

/** What a replay comes to. */
export interface ReplaySum {
  readonly incidents: number;
  readonly closed: number;
  /** Those that neither set of rules lets close with what is there now. */
  readonly closedWithoutEvidence: number;
  readonly deadlines: Readonly<Record<DeadlineName, WasIs>>;
  /** People called: each time counts. */
  readonly calls: WasIs;
  /** Steps at which nobody was there. */
  readonly unheard: WasIs;
  /** Whoever would have been called more or less often: the largest difference first, then by login. */
  readonly people: readonly (WasIs & { readonly login: string })[];
}

/** Adds up what incidents would have come to. */
export function sumUp(all: readonly Replayed[]): ReplaySum {
  const both = (of: (rules: UnderRules) => number): WasIs => ({
    was: all.reduce((sum, { was }) => sum + of(was), 0),
    is: all.reduce((sum, { is }) => sum + (is === null ? 0 : of(is)), 0),
  });
  const deadline = (name: DeadlineName): WasIs => {
    // How often a shortened record was silent for too long cannot be counted, by either.
    const counted = name === "update" ? all.filter(({ isShortened }) => !isShortened) : all;
    return {
      was: counted.reduce((sum, { was }) => sum + was.deadlines[name].surely, 0),
      is: counted.reduce((sum, { is }) => sum + (is?.deadlines[name].surely ?? 0), 0),
    };
  };
  return {
    incidents: all.length,
    closed: all.filter(({ isOpen }) => !isOpen).length,
    closedWithoutEvidence: all.filter(
      ({ isOpen, was, is }) => !isOpen && was.close.status === "unmet" && is?.close.status === "unmet",
    ).length,
    deadlines: {
      acknowledge: deadline("acknowledge"),
      update: deadline("update"),
      "post-mortem": deadline("post-mortem"),
      "action-items": deadline("action-items"),
    },
    calls: both(({ pages }) => pages.calls.length),
    unheard: both(({ pages }) => pages.unheard),
    people: peopleIn(all),
  };
}

/** The incidents with an effect of this kind, and the effect, in the order of the replay. */
export function withEffect<Kind extends Effect["kind"]>(
  all: readonly Replayed[],
  kind: Kind,
): readonly { readonly incident: Replayed; readonly effect: Extract<Effect, { readonly kind: Kind }> }[] {
  return all.flatMap((incident) =>
    incident.effects
      .filter((effect): effect is Extract<Effect, { readonly kind: Kind }> => effect.kind === kind)
      .map((effect) => ({ incident, effect })),
  );
}

function peopleIn(all: readonly Replayed[]): ReplaySum["people"] {
  const people = new Map<string, { readonly login: string; was: number; is: number }>();
  for (const { was, is } of all) {
    for (const [which, rules] of [["was", was] as const, ["is", is] as const]) {
      for (const { login } of rules?.pages.calls ?? []) {
        const key = login.toLowerCase();
        const known = people.get(key) ?? { login, was: 0, is: 0 };
        known[which] += 1;
        people.set(key, known);
      }
    }
  }
  return [...people.values()]
    .filter(({ was, is }) => was !== is)
    .toSorted((a, b) => Math.abs(b.is - b.was) - Math.abs(a.is - a.was) || (a.login < b.login ? -1 : 1));
}
