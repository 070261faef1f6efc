import { sameLogin, sameName } from "../../names.ts";
import type { Edge } from "../edge.ts";
import { notAssigned } from "../judge-escalation.ts";
import type { ObeyEach } from "./obeying.ts";
import { page } from "./page.ts";

/** Bringing in other people. */
export const PEOPLE = {
  assign({ seen, receipt, done, refuse, say }, { logins, role: given }) {
    const { roles } = seen.policy.policy;
    const role = given === null ? null : (roles.find((one) => sameName(one, given)) ?? null);
    if (given !== null && role === null) return refuse({ kind: "unknown-role", given, known: roles });
    const missing = notAssigned(seen);
    const refused = logins.filter((login) => missing.has(login.toLowerCase()));
    const taken = logins.filter((login) => !refused.includes(login));
    if (taken.length === 0) return refuse({ kind: "cannot-assign", logins: refused });
    return done(
      taken.map((login) => ({ kind: "assigned", ...receipt, login, role })),
      ...taken.map((login): Edge => ({ kind: "assign", login })),
      ...(refused.length === 0 ? [] : [say({ kind: "cannot-assign", logins: refused })]),
    );
  },
  handoff({ seen, history: { responder }, receipt, done, answered, refuse }, { login }) {
    if (responder !== null && sameLogin(responder, login)) return answered();
    if (notAssigned(seen).has(login.toLowerCase())) return refuse({ kind: "cannot-assign", logins: [login] });
    const before: readonly Edge[] = responder === null ? [] : [{ kind: "unassign", login: responder }];
    // Assigning comes first: if GitHub refuses it, nothing has changed.
    return done({ kind: "handed-over", ...receipt, login }, { kind: "assign", login }, ...before);
  },
  page,
} satisfies Partial<ObeyEach>;
