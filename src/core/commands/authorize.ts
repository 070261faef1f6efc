import { PERMISSIONS, type Permission, type PermissionAnswer, type Person } from "../model.ts";
import { sameName } from "../names.ts";
import { COMMANDS, type CommandName, type CommandSpec } from "./registry.ts";

/** Who may use which command, as the policy has it. */
export interface CommandRights {
  /** Keys: `default` and names of commands. */
  readonly permission: Readonly<Record<string, Permission | undefined>>;
  /** Apps that may use commands. */
  readonly bots: readonly AppGrant[];
}

/** What the policy grants an app. GitHub gives apps no role in a repository, so there is nothing else to ask. */
export interface AppGrant {
  /** `name[bot]`, any case. */
  readonly login: string;
  /** Names of commands, and `lower-severity`; `null`: those whose spec says `listed`. */
  readonly commands: readonly string[] | null;
}

/** Three answers, and silence: unlisted apps and deleted accounts get no reply. */
export type Authorization =
  | { readonly kind: "allowed" }
  | { readonly kind: "refused"; readonly needs: Permission; readonly has: Permission }
  /** A listed app whose line does not grant the command. */
  | { readonly kind: "not-granted" }
  | { readonly kind: "cannot-tell" }
  | { readonly kind: "ignored" };

/**
 * Says whether somebody may use a command now.
 *
 * An app has what its line of the policy grants. `cannot-tell` never allows and never accuses: ask again later.
 *
 * @param actor      who wrote the comment; `null` for a deleted account
 * @param permission what GitHub answered for this person and repository at the time of judging; ignored for an app
 */
export function authorize(
  name: CommandName,
  actor: Person | null,
  permission: PermissionAnswer,
  rights: CommandRights,
): Authorization {
  if (actor === null) return { kind: "ignored" };
  if (actor.isBot) return authorizeApp(name, actor, rights);
  const needs = neededPermission(name, rights);
  if (needs === "none") return { kind: "allowed" };
  if (permission === "cannot-tell") return { kind: "cannot-tell" };
  return rank(permission) >= rank(needs) ? { kind: "allowed" } : { kind: "refused", needs, has: permission };
}

function authorizeApp(
  name: CommandName,
  actor: Pick<Person, "login">,
  rights: Pick<CommandRights, "bots">,
): Authorization {
  if (grantOf(actor, rights) === null) return { kind: "ignored" };
  return { kind: name === "help" || isGranted(name, actor, rights) ? "allowed" : "not-granted" };
}

/** Whether the policy grants an app a command, or a change to a severity that asks for less. */
export function isGranted(
  wanted: CommandName | "lower-severity",
  actor: Pick<Person, "login">,
  rights: Pick<CommandRights, "bots">,
): boolean {
  const grant = grantOf(actor, rights);
  if (grant === null) return false;
  if (grant.commands !== null) return grant.commands.includes(wanted);
  return wanted !== "lower-severity" && COMMANDS[wanted].apps === "listed";
}

function grantOf({ login }: Pick<Person, "login">, { bots }: Pick<CommandRights, "bots">): AppGrant | null {
  return bots.find((bot) => sameName(bot.login, login)) ?? null;
}

/** The least right a command needs: its line in the policy, else what the registry says, raised to the policy's default. */
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
 * The right needed to change an incident to a severity that asks for less before it may close: that of `/waive`, unless
 * the policy says otherwise.
 */
export function neededToLower(rights: Pick<CommandRights, "permission">): Permission {
  return rights.permission["lower-severity"] ?? neededPermission("waive", rights);
}

/** Rights as numbers: more is more. */
export function rank(permission: Permission): number {
  return PERMISSIONS.indexOf(permission);
}
