import { neededPermission } from "../../commands/authorize.ts";
import { stepIdsOf } from "../../runbooks/step-ids.ts";
import type { Edge } from "../edge.ts";
import { boxIds } from "../judge-ticks.ts";
import { isWaivable } from "./accept.ts";
import type { ObeyEach } from "./obeying.ts";

/** Who is on it, how far they have got, and what they have done. */
export const RESPOND = {
  ack({ history, receipt, done, answered }) {
    if (history.responder === receipt.by) return answered();
    return done({ kind: "acknowledged", ...receipt }, { kind: "assign", login: receipt.by });
  },
  unack({ history, receipt, done, refuse }) {
    if (history.acknowledged === null) return refuse({ kind: "nobody-acknowledged" });
    const { responder } = history;
    const edges: readonly Edge[] = responder === null ? [] : [{ kind: "unassign", login: responder }];
    return done({ kind: "unacknowledged", ...receipt }, ...edges);
  },
  mitigate: ({ receipt, done }, { text }) => done({ kind: "mitigated", ...receipt, text }),
  resolve: ({ receipt, done }, { text }) => done({ kind: "resolved", ...receipt, text }),
  status: ({ receipt, done }, { text }) => done({ kind: "updated", ...receipt, text }),
  note: ({ receipt, done }, { text }) => done({ kind: "noted", ...receipt, text }),
  done({ seen, record, history, receipt, done, answered, refuse }, { boxes }) {
    const ids = boxIds(seen.status?.text ?? null, stepIdsOf(history.runbooks, seen.runbookTexts));
    const unknown = boxes.find((box) => box > ids.length);
    if (unknown !== undefined) return refuse({ kind: "no-such-box", given: unknown, boxes: ids.length });
    const items = boxes.map((box) => ids[box - 1]!).filter((id) => !record.ticks.includes(id));
    return items.length === 0 ? answered() : done({ kind: "ticked", ...receipt, items });
  },
  cancel: ({ receipt, done }, { reason }) => done({ kind: "cancelled", ...receipt, reason }),
  waive({ seen, history, name, receipt, done, refuse, say }, { lasts, reason }) {
    if (seen.issue.state === "closed" && !isWaivable(history))
      return refuse({ kind: "closed-incident", command: name });
    const { waive, commands } = seen.policy.policy;
    const waived = { kind: "waived", ...receipt, reason, ...(lasts === null ? {} : { lasts }) } as const;
    if (waive.approvals === 0) return done(waived);
    const needs = neededPermission(name, commands);
    const saying = { kind: "waiver-asked", missing: waive.approvals, needs, lasts, reason } as const;
    return done({ ...waived, approvals: waive.approvals }, say(saying));
  },
} satisfies Partial<ObeyEach>;
