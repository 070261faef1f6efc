/** `unknown`: GitHub could not be asked. It never opens the gate and never accuses anybody. */
export type VerdictStatus = "met" | "unmet" | "unknown";

/** Three-valued logic (Kleene): `unknown` stays unknown unless the other parts decide without it. */
export function combine(kind: "any-of" | "all-of", of: readonly VerdictStatus[]): VerdictStatus {
  const [decisive, neutral] = kind === "any-of" ? (["met", "unmet"] as const) : (["unmet", "met"] as const);
  if (of.includes(decisive)) return decisive;
  return of.includes("unknown") ? "unknown" : neutral;
}
