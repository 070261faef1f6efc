/** `unknown`: GitHub could not be asked. It never opens the gate and never accuses anybody. */
export type VerdictStatus = "met" | "unmet" | "unknown";
