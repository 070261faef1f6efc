import { rolesNow, whyLines } from "../../oncall/roles-now.ts";
import { whoKnows } from "../../who/who-knows.ts";
import { type ObeyEach, untilRead } from "./obeying.ts";

/** Commands that are answered and change nothing. */
export const ASK = {
  help({ permission, receipt, answered, say }) {
    const has = permission === "cannot-tell" ? "none" : permission;
    return answered(say({ kind: "help", to: receipt.by, has }));
  },
  oncall({ seen, answered, refuse, say }) {
    const { schedule } = seen.onCall;
    if (schedule === null) return refuse({ kind: "no-on-call-file" });
    const roles = rolesNow(schedule, seen.at).map(({ now, next }) => ({
      role: now.role,
      login: now.login,
      shadows: now.shadows,
      why: whyLines(now, schedule),
      next: next === null ? null : { at: next.from, login: next.login },
    }));
    return answered(say({ kind: "on-call", zone: schedule.zone, roles }));
  },
  who(obeying) {
    const { seen, answered, say } = obeying;
    const waits = untilRead(obeying, "read:who");
    if (waits !== null) return waits;
    const facts = seen.experts ?? { paths: [], codeOwners: null, authors: [] };
    const experts = whoKnows(facts, seen.onCall.schedule, seen.at);
    return answered(say({ kind: "who", experts, paths: facts.paths }));
  },
} satisfies Partial<ObeyEach>;
