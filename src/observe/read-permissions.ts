import type { ChatRequest } from "../core/chat/chat-request.ts";
import { placeFromHere } from "../core/gate/post-mortem-place.ts";
import type { PendingCommand } from "../core/judge/pending-commands.ts";
import { peopleInQuestion } from "../core/judge/people-in-question.ts";
import type { Instant, PermissionAnswer, Repository } from "../core/model.ts";
import { permissionKey } from "../core/names.ts";
import type { IncidentObservation } from "../core/observation.ts";
import { Known } from "../core/record/known.ts";
import type { IncidentRecord } from "../core/record/record.ts";
import { incidentId } from "../core/waiting.ts";
import { askPermission } from "./known-people.ts";
import type { ObserveParts } from "./observe-parts.ts";
import { ofSameInstallation } from "./other-repository.ts";

/** The rights of everybody who asks for something, and of who declared it where it is still to be confirmed. */
export async function readPermissions(
  { read, index }: ObserveParts,
  seen: IncidentObservation,
  pending: readonly PendingCommand[],
  drafts: boolean,
  asksForDeclarer: boolean,
  requests: readonly ChatRequest[],
): Promise<ReadonlyMap<string, PermissionAnswer>> {
  const elsewhere = placeFromHere(seen);
  const there = drafts && elsewhere !== null ? await ofSameInstallation(index, seen.repository, elsewhere) : null;
  const declarer = asksForDeclarer ? seen.issue.author : null;
  const logins = [
    ...new Set([
      ...pending.filter(({ author }) => !author.isBot).map((one) => one.author.login),
      ...(declarer === null ? [] : [declarer.login]),
      ...requests.flatMap(({ login }) => (login === null ? [] : [login])),
    ]),
  ];
  const answers = await Promise.all(
    logins.flatMap((login) => [
      askPermission(read, seen.repository, login).then((answer) => [permissionKey(login), answer] as const),
      ...(there === null
        ? []
        : [askPermission(read, there, login).then((answer) => [permissionKey(login, elsewhere), answer] as const)]),
    ]),
  );
  return new Map(answers);
}

/** Also the rights of those whose deeds on the issue itself mean something: which ones, only the evidence tells. */
export async function readMorePermissions(
  { read }: ObserveParts,
  seen: IncidentObservation,
  record: IncidentRecord,
): Promise<ReadonlyMap<string, PermissionAnswer>> {
  const logins = peopleInQuestion(seen, new Known(record)).filter(
    (login) => !seen.permissions.has(permissionKey(login)),
  );
  const answers = await Promise.all(
    logins.map(async (login) => [permissionKey(login), await askPermission(read, seen.repository, login)] as const),
  );
  return new Map([...seen.permissions, ...answers]);
}

/** Since when GitHub does not tell some of these rights, asked again and again; `null`: it told all. */
export function untoldSince(
  { unanswered }: ObserveParts,
  repository: Repository,
  number: number,
  at: Instant,
  permissions: ReadonlyMap<string, PermissionAnswer>,
): Instant | null {
  const id = incidentId(repository, number);
  if (![...permissions.values()].includes("cannot-tell")) {
    unanswered.answered(id, "rights");
    return null;
  }
  return unanswered.keep(id, "rights", at);
}
