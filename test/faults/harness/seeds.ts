/** The seeds of a run: `count` from 1, or just the one FAULT_SEED names. A failed test prints its seed. */
export function faultSeeds(count: number): readonly number[] {
  const named = process.env["FAULT_SEED"];
  if (named !== undefined && named !== "") return [Number(named)];
  return Array.from({ length: count }, (_, index) => index + 1);
}
