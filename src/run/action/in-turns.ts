const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The same in another order, for a run that may not get to the end: the first ones stay first, and of the others each run begins with
 * another one, so that every one of them has its turn. @param turn goes up by one from run to run
 */
export function inTurns<T>(all: readonly T[], first: number, turn: number): readonly T[] {
  const others = all.slice(first);
  // Steps by the golden ratio come everywhere soonest, however many of the turns are missed.
  const from = Math.floor(((turn * GOLDEN) % 1) * others.length);
  return [...all.slice(0, first), ...others.slice(from), ...others.slice(0, from)];
}
