import { authorize, type CommandRights, neededToLower, rank } from "../commands/authorize.ts";
import type { CommandName } from "../commands/registry.ts";
import type { PermissionAnswer, Person } from "../model.ts";
import { type IncidentObservation, permissionKey } from "../observation.ts";
import { isOwnAccount } from "../own.ts";

/** Whether somebody may do what they did on the issue itself. The third answer neither obeys nor accuses. */
export type Standing = "allowed" | "refused" | "cannot-tell";

type Place = Pick<IncidentObservation, "app" | "permissions" | "policy">;

/**
 * Whether somebody may do on the issue what `command` would say: closing as *not planned* says `/cancel`, and so on. What
 * GitHub lets people do there asks less: the author may close an issue, and an app may with `issues: write`.
 *
 * An app needs no right besides its line in `commands.bots`: GitHub gives apps no role in a repository.
 *
 * @param actor `null`: the account is gone, and its rights with it
 */
export function mayAct(seen: Place, actor: Person | null, command: CommandName): Standing {
  return standing(seen, actor, (permission, rights) => {
    const may = authorize(command, actor, permission, rights);
    return may.kind === "ignored" ? "refused" : may.kind;
  });
}

/** Whether somebody may change the severity to one that asks for less before the incident may close. */
export function mayLower(seen: Place, actor: Person | null): Standing {
  return standing(seen, actor, (permission, rights) => {
    if (permission === "cannot-tell") return permission;
    return rank(permission) >= rank(neededToLower(rights)) ? "allowed" : "refused";
  });
}

function standing(
  seen: Place,
  actor: Person | null,
  ofPerson: (permission: PermissionAnswer, rights: CommandRights) => Standing,
): Standing {
  if (actor === null) return "refused";
  if (isOwnAccount(seen.app, actor)) return "allowed";
  const rights = seen.policy.policy.commands;
  if (actor.isBot) return isListedBot(actor, rights) ? "allowed" : "refused";
  return ofPerson(seen.permissions.get(permissionKey(actor.login)) ?? "cannot-tell", rights);
}

/** Whether the policy takes commands from this app. */
export function isListedBot(actor: Pick<Person, "login">, { bots }: Pick<CommandRights, "bots">): boolean {
  return bots.some((bot) => bot.toLowerCase() === actor.login.toLowerCase());
}

/** Somebody the record names by login alone. GitHub's apps are called `slug[bot]`, people never. */
export function personOf(login: string): Person {
  return { id: 0, login, isBot: login.endsWith("[bot]") };
}
