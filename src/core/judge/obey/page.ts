import { sameLogin } from "../../names.ts";
import { resolveTarget } from "../../oncall/escalation-rule.ts";
import { type EntryOf, MAX_PAGED } from "../../record/entry.ts";
import type { Page } from "../../record/history.ts";
import { sayOnce } from "../edge.ts";
import { assignEdges, unreachedIn } from "../judge-escalation.ts";
import type { Obey } from "./obeying.ts";

/** Calls people now. Only those whom the on-call file names; the page is theirs even if they were called before. */
export const page: Obey<"page"> = ({ seen, history, receipt, done, refuse }, { target, text }) => {
  const { schedule } = seen.onCall;
  if (schedule === null) return refuse({ kind: "no-on-call-file" });
  const named = [...schedule.people.keys()];
  const found =
    target.kind === "role"
      ? resolveTarget(schedule, target.role, seen.at).map((login) => ({ login, role: target.role }))
      : named.filter((login) => sameLogin(login, target.login)).map((login) => ({ login, role: null }));
  if (found.length === 0) {
    return target.kind === "role"
      ? refuse({ kind: "nobody-on-call", role: target.role })
      : refuse({ kind: "not-on-call-file", login: target.login, named: named.slice(0, 10) });
  }
  const missing = unreachedIn(seen);
  const targets: Page["targets"] = found.filter(({ login }) => !missing.has(login.toLowerCase())).slice(0, MAX_PAGED);
  if (targets.length === 0) return refuse({ kind: "cannot-page", logins: [found[0]!.login] });
  const entry: EntryOf<"paged"> = {
    kind: "paged",
    ...receipt,
    episode: history.episode.since,
    step: null,
    round: 0,
    targets: targets.map((one) => ({ ...one })),
    nobody: [],
    unreachable: [],
    text,
  };
  // No answer to the caller: the comment is for those who are called.
  const marker = `page-by-${receipt.source.comment}-${receipt.source.line}`;
  const saying = { kind: "paged-by", by: receipt.by, severity: history.severity, targets, text } as const;
  return done(entry, ...assignEdges(seen, targets), sayOnce(marker, saying));
};
