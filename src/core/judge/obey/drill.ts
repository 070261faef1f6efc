import { settledBy } from "../judge-drill.ts";
import type { ObeyEach } from "./obeying.ts";

/** Making an incident practice. */
export const DRILL = {
  drill({ seen, history, receipt, done, answered, refuse }) {
    if (history.drill !== null) return answered();
    const why = settledBy(seen, history, true);
    if (why !== null) return refuse({ kind: "drill-too-late", severity: history.severity, why });
    return done({ kind: "drill", ...receipt, on: true });
  },
} satisfies Partial<ObeyEach>;
