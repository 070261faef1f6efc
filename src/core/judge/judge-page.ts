import type { PageTarget } from "../commands/registry.ts";
import type { Instant } from "../model.ts";
import { sameLogin } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import { resolveTarget } from "../oncall/escalation-rule.ts";
import { type EntryOf, MAX_PAGED } from "../record/entry.ts";
import type { History, Page } from "../record/history.ts";
import type { Edge } from "./edge.ts";
import { assignEdges, notAssigned } from "./judge-escalation.ts";
import type { Saying } from "./saying.ts";

/** What `/page` comes to. */
export type JudgedPage =
  | { readonly kind: "refused"; readonly saying: Saying }
  | { readonly kind: "paged"; readonly entry: EntryOf<"paged">; readonly edges: readonly Edge[] };

/**
 * Judges `/page`: whom it calls now. Only people whom the on-call file names; the page is theirs, also when they
 * were called before.
 */
export function judgePage(
  seen: IncidentObservation,
  history: History,
  command: { readonly target: PageTarget; readonly text: string },
  base: { readonly at: Instant; readonly by: string; readonly source: { comment: number; line: number } },
): JudgedPage {
  const { schedule } = seen.onCall;
  if (schedule === null) return { kind: "refused", saying: { kind: "no-on-call-file" } };
  const { target } = command;
  const named = [...schedule.people.keys()];
  const found =
    target.kind === "role"
      ? resolveTarget(schedule, target.role, seen.at).map((login) => ({ login, role: target.role }))
      : named.filter((login) => sameLogin(login, target.login)).map((login) => ({ login, role: null }));
  if (found.length === 0) {
    const saying: Saying =
      target.kind === "role"
        ? { kind: "nobody-on-call", role: target.role }
        : { kind: "not-on-call-file", login: target.login, named: named.slice(0, 10) };
    return { kind: "refused", saying };
  }
  const missing = notAssigned(seen);
  const targets: Page["targets"] = found.filter(({ login }) => !missing.has(login.toLowerCase())).slice(0, MAX_PAGED);
  if (targets.length === 0) return { kind: "refused", saying: { kind: "cannot-assign", logins: [found[0]!.login] } };
  const saying: Saying = { kind: "paged-by", by: base.by, severity: history.severity, targets, text: command.text };
  const entry: EntryOf<"paged"> = {
    kind: "paged",
    ...base,
    episode: history.episode.since,
    step: null,
    round: 0,
    targets: targets.map((one) => ({ ...one })),
    nobody: [],
    unreachable: [],
    text: command.text,
  };
  const marker = `page-by-${base.source.comment}-${base.source.line}`;
  return { kind: "paged", entry, edges: [...assignEdges(seen, targets), { kind: "say", marker, saying }] };
}
