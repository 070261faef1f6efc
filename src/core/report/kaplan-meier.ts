/** How long something took, or how long it had not happened when nobody could look any further. */
export interface Observation {
  /** In any unit, from 0. */
  readonly after: number;
  /** `false`: not yet. */
  readonly happened: boolean;
}

/** One step of the curve: from `after` on, until the next one, this share has happened. */
export interface CurveStep {
  readonly after: number;
  /** How many it could still have happened to just before. */
  readonly atRisk: number;
  /** To how many it happened then. */
  readonly happened: number;
  /** From 0 to 1. */
  readonly share: number;
  /** Where the true share lies, 95 times out of 100; both `null`: this cannot be told, because it happened to all. */
  readonly low: number | null;
  readonly high: number | null;
}

/** For an interval of 95 %. */
const Z = 1.959963984540054;

/**
 * The share to which something has happened within a time, with those to which it has not happened yet counted as such: one minus
 * the product-limit estimate of Kaplan and Meier, with the interval of Greenwood's variance on the scale log(−log S). One that was
 * last looked at in the very moment in which it happened to others counts as at risk in it.
 *
 * @returns the steps, earliest first; empty: it has happened to none
 *
 * Kaplan, Meier: Nonparametric Estimation from Incomplete Observations (1958); Kalbfleisch, Prentice: The Statistical Analysis of
 * Failure Time Data (2002), 1.4.
 */
export function kaplanMeier(observations: readonly Observation[]): readonly CurveStep[] {
  const inOrder = observations.toSorted((a, b) => a.after - b.after);
  const steps: CurveStep[] = [];
  let left = 1;
  let variance = 0;
  for (let at = 0; at < inOrder.length; ) {
    const { after } = inOrder[at]!;
    const atRisk = inOrder.length - at;
    let happened = 0;
    for (; at < inOrder.length && inOrder[at]!.after === after; at += 1) if (inOrder[at]!.happened) happened += 1;
    if (happened === 0) continue;
    left *= (atRisk - happened) / atRisk;
    variance += happened / (atRisk * (atRisk - happened));
    steps.push({ after, atRisk, happened, share: 1 - left, ...interval(left, variance) });
  }
  return steps;
}

function interval(left: number, variance: number): Pick<CurveStep, "low" | "high"> {
  if (left <= 0 || !Number.isFinite(variance)) return { low: null, high: null };
  const spread = (Z * Math.sqrt(variance)) / Math.abs(Math.log(left));
  return { low: 1 - left ** Math.exp(-spread), high: 1 - left ** Math.exp(spread) };
}

/** The share to which it has happened within a time, as far as anybody has looked. */
export type ShareWithin = Pick<CurveStep, "share" | "low" | "high">;

/**
 * What the curve says at a time. `null`: nobody has looked for so long at one to which it has not happened yet, so that nothing
 * can be said.
 */
export function shareWithin(
  curve: readonly CurveStep[],
  observations: readonly Observation[],
  time: number,
): ShareWithin | null {
  const step = curve.findLast(({ after }) => after <= time);
  const longest = observations.reduce((most, { after }) => Math.max(most, after), -1);
  if (time > longest && step?.share !== 1) return null;
  return step === undefined
    ? { share: 0, low: null, high: null }
    : { share: step.share, low: step.low, high: step.high };
}

/** The time within which it has happened to half of all; `null`: the curve does not come so far. */
export function medianOf(curve: readonly CurveStep[]): number | null {
  // What is half but for the rounding of a computer is half.
  return curve.find(({ share }) => share >= 0.5 - 1e-12)?.after ?? null;
}
