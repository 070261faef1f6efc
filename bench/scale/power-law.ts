/**
 * The share of each of so many, the largest first: proportional to rank^-exponent (Zipf's law). Adds up to 1.
 *
 * @param exponent 0: all the same; 1: the second has half of what the first has
 */
export function powerLawShares(count: number, exponent: number): readonly number[] {
  const weights = Array.from({ length: count }, (_, at) => (at + 1) ** -exponent);
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * Makes a function from a random number (0 inclusive to 1 exclusive) to an index, so that each comes up in proportion to its
 * share.
 */
export function drawByShare(shares: readonly number[]): (random: number) => number {
  let sum = 0;
  const upTo = shares.map((share) => {
    sum += share;
    return sum;
  });
  return (random) => {
    const wanted = random * sum;
    let low = 0;
    let high = upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((upTo[middle] ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** How many repositories an installation has, by its rank from 0: a hundred for the largest, one for most. */
export function repositoriesAt(rank: number): number {
  return Math.max(1, Math.round(100 / Math.sqrt(rank + 1)));
}
