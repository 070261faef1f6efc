import type { Override } from "./schedule.ts";

/** How a layer answered when asked for somebody. */
export interface LayerAnswer {
  readonly rotation: string;
  /**
   * `taken-from`: the person comes from it. `left-open`: it is `nobody`'s turn. `all-away`: every member is
   * unavailable. `all-busy`: whoever is left has another role, or was replaced in one.
   */
  readonly answer: "taken-from" | "not-started" | "ended" | "outside-hours" | "left-open" | "all-away" | "all-busy";
  /** Members in order of their turns, from the one whose turn it is; empty when it is nobody's. */
  readonly order: readonly string[];
  /** Which of them are unavailable. */
  readonly away: readonly string[];
}

/** How somebody came to have a role, or why nobody has it. */
export type Via =
  /** `follows`: the role whose layer it is. */
  | { readonly kind: "layer"; readonly rotation: string; readonly follows: string | null }
  /** `instead`: who would have had it; `null`: nobody. */
  | { readonly kind: "override"; readonly override: Override; readonly instead: string | null }
  | { readonly kind: "gap" };

/** One role at one moment. */
export interface OnCall {
  readonly role: string;
  /** `null`: nobody. Never passed over in silence: the caller says so and goes on to the next. */
  readonly login: string | null;
  readonly via: Via;
  /** Every layer that was asked, in order. */
  readonly asked: readonly LayerAnswer[];
  /** Logins of those who shadow the role. They are not called. */
  readonly shadows: readonly string[];
}
