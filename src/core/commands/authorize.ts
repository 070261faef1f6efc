import { PERMISSIONS, type Permission, type PermissionAnswer, type Person } from "../model.ts";
import { COMMANDS, type CommandName, type CommandSpec } from "./registry.ts";

/** Who may use which command, as the policy has it. */
export interface CommandRights {
  /** Keys: `default` and names of commands. */
  readonly permission: Readonly<Record<string, Permission | undefined>>;
  /** Bots that may use commands, as logins (`name[bot]`, any case). */
  readonly bots: readonly string[];
}

/** Three answers, and silence: bots nobody listed and deleted accounts get no reply. */
export type Authorization =
  | { readonly kind: "allowed" }
  | { readonly kind: "refused"; readonly needs: Permission; readonly has: Permission }
  | { readonly kind: "cannot-tell" }
  | { readonly kind: "ignored" };

/**
 * Says whether somebody may use a command now.
 *
 * A bot that is listed still needs the right. `cannot-tell` never allows and never accuses: ask again later.
 *
 * @param actor      who wrote the comment; `null` for a deleted account
 * @param permission what GitHub answered for this person and repository at the time of judging
 */
export function authorize(
  name: CommandName,
  actor: Person | null,
  permission: PermissionAnswer,
  rights: CommandRights,
): Authorization {
  if (actor === null) return { kind: "ignored" };
  const login = actor.login.toLowerCase();
  if (actor.isBot && !rights.bots.some((bot) => bot.toLowerCase() === login)) return { kind: "ignored" };
  const needs = neededPermission(name, rights);
  if (needs === "none") return { kind: "allowed" };
  if (permission === "cannot-tell") return { kind: "cannot-tell" };
  return rank(permission) >= rank(needs) ? { kind: "allowed" } : { kind: "refused", needs, has: permission };
}

/** The least right a command needs: its line of the policy, else what the registry says, lifted to the default. */
export function neededPermission(name: CommandName, rights: Pick<CommandRights, "permission">): Permission {
  const spec: CommandSpec = COMMANDS[name];
  if (spec.who === "anyone") return "none";
  const own = Object.hasOwn(rights.permission, name) ? rights.permission[name] : undefined;
  if (own !== undefined) return own;
  const byDefault = rights.permission["default"] ?? "triage";
  // A policy that says only `default: triage` must not make `/waive` cheaper than it is built to be.
  return rank(byDefault) >= rank(spec.who) ? byDefault : spec.who;
}

/**
 * The right it takes to change an incident's severity to one that asks for less before it may close: that of `/waive`,
 * unless the policy says otherwise.
 */
export function neededToLower(rights: Pick<CommandRights, "permission">): Permission {
  return rights.permission["lower-severity"] ?? neededPermission("waive", rights);
}

/** Rights as numbers: more is more. */
export function rank(permission: Permission): number {
  return PERMISSIONS.indexOf(permission);
}
