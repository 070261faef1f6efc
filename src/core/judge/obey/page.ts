import type { CommandOf } from "../../commands/registry.ts";
import { sameLogin } from "../../names.ts";
import { resolveTarget } from "../../oncall/escalation-rule.ts";
import type { OnCallSchedule } from "../../oncall/schedule.ts";
import { type EntryOf, MAX_PAGED } from "../../record/entry.ts";
import type { Page } from "../../record/history.ts";
import { sayOnce } from "../edge.ts";
import { assignEdges, unreachedIn } from "../judge-escalation.ts";
import type { Obey } from "./obeying.ts";

/** Pages people now. Only those whom the on-call file names; the page is theirs even if they were paged before. */
export const page: Obey<"page"> = ({ seen, history, receipt, done, refuse }, command) => {
  const { schedule } = seen.onCall;
  if (schedule === null) return refuse({ kind: "no-on-call-file" });
  const named = [...schedule.people.keys()];
  const meant = whoIsMeant(schedule, command);
  if (meant === null) return refuse({ kind: "not-on-call-file", login: command.text, named: named.slice(0, 10) });
  const { target, text } = meant;
  const found =
    target.kind === "role"
      ? resolveTarget(schedule, target.role, seen.at).map((login) => ({ login, role: target.role }))
      : named.filter((login) => sameLogin(login, target.login)).map((login) => ({ login, role: null }));
  if (found.length === 0) {
    return target.kind === "role"
      ? refuse({ kind: "nobody-on-call", role: target.role })
      : refuse({ kind: "not-on-call-file", login: target.login, named: named.slice(0, 10) });
  }
  if (found.every(({ login }) => sameLogin(login, receipt.by))) return refuse({ kind: "page-yourself" });
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

type Target = { readonly kind: "role"; readonly role: string } | { readonly kind: "login"; readonly login: string };

/**
 * Whom `/page` names. Somebody in a hurry leaves out the `@`, and a file may have roles of its own: a first word that is a
 * login or a role of the file is meant, any other is part of the text, which is for primary. `null`: a single word that is
 * neither; it was meant for somebody.
 */
function whoIsMeant(
  schedule: OnCallSchedule,
  { target, text }: CommandOf<"page">,
): { readonly target: Target; readonly text: string } | null {
  if (target.kind !== "unsaid") return { target, text };
  const [word = "", after = ""] = /^(\S+)\s*([\s\S]*)$/.exec(text)?.slice(1) ?? [];
  const name = word.replace(/[,:.!]$/, "");
  const login = [...schedule.people.keys()].find((one) => sameLogin(one, name));
  if (login !== undefined) return { target: { kind: "login", login }, text: after };
  const role = schedule.roles.find((one) => sameLogin(one.name, name))?.name;
  if (role !== undefined) return { target: { kind: "role", role }, text: after };
  return word !== "" && after === "" ? null : { target: { kind: "role", role: "primary" }, text };
}
