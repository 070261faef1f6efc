import { LRUCache } from "lru-cache";
import { atMost } from "../base/at-most.ts";
import type { Clock } from "../base/clock.ts";
import { TransientError } from "../base/errors.ts";
import type { PermissionAnswer, Person, Repository, Standing } from "../core/model.ts";
import { type AppIdentity, isOwnAccount } from "../core/own.ts";
import { isOfTheTeam } from "../core/trust/content-class.ts";
import type { GitHubReader } from "../systems/github/ports.ts";

const REMEMBERED_MS = 30 * 60_000;
const MAX_REMEMBERED = 10_000;

/** The rights people had a while ago: enough to decide whose words come first, but never to let anybody do anything. */
export interface KnownPeople {
  /** At most half an hour old. Throws as `GitHubReader` does for a rate limit or a refusal. */
  permission(repository: Repository, login: string): Promise<PermissionAnswer>;
  /** The same without asking; `null`: nothing is remembered. */
  remembered(repository: Repository, login: string): PermissionAnswer | null;
  /** Asked now, and remembered for the others. Throws as `permission` does. */
  permissionNow(repository: Repository, login: string): Promise<PermissionAnswer>;
}

/** Makes a memory of rights, so that looking at something again and again asks only once. */
export function createKnownPeople(read: Pick<GitHubReader, "permission">, clock: Clock): KnownPeople {
  const known = new LRUCache<string, { readonly has: PermissionAnswer; readonly until: number }>(
    atMost(MAX_REMEMBERED),
  );
  const idOf = (repository: Repository, login: string) => `${repository.id}:${login.toLowerCase()}`;
  async function permissionNow(repository: Repository, login: string): Promise<PermissionAnswer> {
    const has = await askPermission(read, repository, login);
    if (has !== "cannot-tell") known.set(idOf(repository, login), { has, until: clock.now() + REMEMBERED_MS });
    return has;
  }
  function remembered(repository: Repository, login: string): PermissionAnswer | null {
    const found = known.get(idOf(repository, login));
    return found !== undefined && clock.now() < found.until ? found.has : null;
  }
  return {
    remembered,
    permissionNow,
    permission: async (repository, login) => remembered(repository, login) ?? permissionNow(repository, login),
  };
}

/**
 * Somebody's rights now. A rate limit holds up the whole pass; any other temporary failure is an answer in itself:
 * cannot tell.
 */
export async function askPermission(
  read: Pick<GitHubReader, "permission">,
  repository: Repository,
  login: string,
): Promise<PermissionAnswer> {
  try {
    return await read.permission(repository, login);
  } catch (error) {
    if (error instanceof TransientError && error.retryAfterMs === null) return "cannot-tell";
    throw error;
  }
}

/**
 * How far to trust what somebody wrote in a repository, for deciding what comes first there; the app itself counts as
 * the team.
 */
export async function standingOf(
  { people, app }: { readonly people: KnownPeople; readonly app: AppIdentity },
  repository: Repository,
  author: Person | null,
): Promise<Standing> {
  if (author === null) return "outsider";
  if (isOwnAccount(app, author)) return "team";
  const has = await people.permission(repository, author.login);
  if (has === "cannot-tell") return "untold";
  return isOfTheTeam(has) ? "team" : "outsider";
}
