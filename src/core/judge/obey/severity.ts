import { sameName } from "../../names.ts";
import { isRaise, lowersTheGate } from "../judge-labels.ts";
import { mayLower, personOf } from "../may-act.ts";
import type { ObeyEach } from "./obeying.ts";

/** How bad it is. A level that asks for less before closing needs a right of its own. */
export const SEVERITY = {
  severity({ seen, history, receipt, done, answered, refuse }, { severity: given, reason }) {
    const { policy } = seen.policy;
    const from = history.severity;
    const wanted = policy.severities.find((one) => sameName(one.name, given));
    if (wanted === undefined) return refuse({ kind: "unknown-severity", given });
    if (wanted.name === from) return answered();
    const may = lowersTheGate(policy, from, wanted) ? mayLower(seen, personOf(receipt.by)) : "allowed";
    if (may !== "allowed") return refuse({ kind: "may-not-lower", to: receipt.by, severity: wanted.name, from });
    const raised = isRaise(policy.severities, from, wanted.name);
    return done({ kind: "severity-changed", ...receipt, from, to: wanted.name, reason, raised });
  },
} satisfies Partial<ObeyEach>;
