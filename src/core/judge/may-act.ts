import { authorize, isGranted, neededToLower, rank } from "../commands/authorize.ts";
import type { CommandName } from "../commands/registry.ts";
import type { PermissionAnswer, Person } from "../model.ts";
import { isAppLogin, permissionKey } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import { isOwnAccount, isShared } from "../own.ts";

/** Whether somebody may do what they did on the issue itself. The third answer neither obeys nor accuses. */
export type Standing = "allowed" | "refused" | "cannot-tell";

type Place = Pick<IncidentObservation, "app" | "permissions" | "policy">;

/**
 * Whether somebody may do to the issue what `command` would say: closing as *not planned* says `/cancel`, and so on.
 * GitHub itself asks for less: the author may close an issue, and an app may with `issues: write`.
 *
 * An app needs the command in its line of `commands.bots`, because GitHub gives apps no role in a repository.
 *
 * @param actor `null`: the account is gone, and its rights with it
 *
 * (A-036, A-037)
 */
export function mayAct(seen: Place, actor: Person | null, command: CommandName): Standing {
  const rights = seen.policy.policy.commands;
  return standing(seen, actor, {
    ofApp: (app) => isGranted(command, app, rights),
    ofPerson: (permission) => {
      const may = authorize(command, actor, permission, rights);
      return may.kind === "allowed" || may.kind === "cannot-tell" ? may.kind : "refused";
    },
  });
}

/** Whether somebody may change the severity to one that asks for less before the incident may close. */
export function mayLower(seen: Place, actor: Person | null): Standing {
  const rights = seen.policy.policy.commands;
  return standing(seen, actor, {
    ofApp: (app) => isGranted("lower-severity", app, rights) || isGranted("waive", app, rights),
    ofPerson: (permission) => {
      if (permission === "cannot-tell") return permission;
      return rank(permission) >= rank(neededToLower(rights)) ? "allowed" : "refused";
    },
  });
}

function standing(
  seen: Place,
  actor: Person | null,
  judge: {
    readonly ofApp: (actor: Person) => boolean;
    readonly ofPerson: (permission: PermissionAnswer) => Standing;
  },
): Standing {
  if (actor === null) return "refused";
  // What another workflow does as GitHub Actions is not done by Sevgate.
  if (isOwnAccount(seen.app, actor) && !isShared(actor.login)) return "allowed";
  if (actor.isBot) return judge.ofApp(actor) ? "allowed" : "refused";
  return judge.ofPerson(seen.permissions.get(permissionKey(actor.login)) ?? "cannot-tell");
}

/** Somebody the record knows only by login. */
export function personOf(login: string): Person {
  return { id: 0, login, isBot: isAppLogin(login) };
}
