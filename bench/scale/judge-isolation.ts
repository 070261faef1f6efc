/** No installation's worst moment makes another one's P0 later than this. */
export const LATEST_P0_MS = 5_000;
/** A timer of the simulation itself that fires this late has waited for the processor, and so has everything else. */
const BUSY_LAG_MS = 500;

/** What was seen of a moment. */
export interface SeenMoment {
  /** The slowest P0 of the installations that have no part in it, ms; `null`: one was never served. */
  readonly worstMs: number | null;
  /** How late the simulation's own timers were, 99th of a hundred, ms. */
  readonly lagMs: number;
}

/** `beyond`: the machine could not have done it, whoever comes first. */
export type Isolation = "held" | "broken" | "beyond";

/**
 * Whether a bad moment of one installation was kept from the others.
 *
 * @param calm the same load without anything bad: what is late then is not late because of a neighbour
 */
export function judgeIsolation(moment: SeenMoment, calm: SeenMoment): Isolation {
  if (isInTime(moment)) return "held";
  return !isInTime(calm) || moment.lagMs > BUSY_LAG_MS ? "beyond" : "broken";
}

function isInTime({ worstMs }: SeenMoment): boolean {
  return worstMs !== null && worstMs <= LATEST_P0_MS;
}
