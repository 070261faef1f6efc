import { type Answer, at, isDone, listAt, numberAt, saidBy, short, textAt } from "./answer.ts";
import type { RepositoryLook } from "./looks-used.ts";
import { isMarkedMessage, isMarkedTitle } from "./mark.ts";
import type { Asker } from "./scratch.ts";

/** What files of a rehearsal begin with. */
export const FILE_HEADING = "# Written by sevgate rehearse";
/** Where a repository keeps them. */
export const POLICY_FILE = ".github/sevgate.yml";
export const ON_CALL_FILE = ".github/sevgate/on-call.yml";

export interface LookedAt {
  readonly look: RepositoryLook;
  /** Stays the same when it is renamed, and tells it from another one of its name. */
  readonly id: number | null;
  readonly defaultBranch: string;
  readonly isPrivate: boolean;
}

/** What there is in a repository. Only reads. A sentence: why it cannot be looked at. */
export async function lookAtRepository(person: Asker, owner: string, name: string): Promise<LookedAt | string> {
  const repository = await person.ask("GET /repos/{owner}/{repo}");
  if (!isDone(repository)) {
    return `${owner}/${name} cannot be read: ${saidBy(repository)}. Check its name, and that your token may see it.`;
  }
  const moved = whyAnother(repository, owner, name, null);
  if (moved !== null) return moved;
  const issues = await person.ask("GET /repos/{owner}/{repo}/issues", { state: "all", per_page: 100 });
  const pulls = await person.ask("GET /repos/{owner}/{repo}/pulls", { state: "all", per_page: 100 });
  const commits = await person.ask("GET /repos/{owner}/{repo}/commits", { per_page: 100 });
  const topics = await person.ask("GET /repos/{owner}/{repo}/topics");
  // An empty repository says 409 to a list of commits.
  const unread =
    [issues, pulls].find((answer) => !isDone(answer)) ?? (isDone(commits) || commits.status === 409 ? null : commits);
  if (unread !== null)
    return `${owner}/${name} cannot be read as a whole: ${saidBy(unread)}. Check the rights of your token.`;
  const entries = new Set(
    [...listAt(issues.data), ...listAt(pulls.data)]
      .filter((entry) => !isMarkedTitle(textAt(entry, "title") ?? ""))
      .map((entry) => numberAt(entry, "number")),
  );
  const others = listAt(commits.data).filter((commit) => !isMarkedMessage(textAt(commit, "commit", "message") ?? ""));
  const authors = new Set(
    others.map((commit) => textAt(commit, "author", "login") ?? textAt(commit, "commit", "author", "email")),
  );
  const files = [];
  for (const path of [POLICY_FILE, ON_CALL_FILE]) {
    files.push(await person.ask("GET /repos/{owner}/{repo}/contents/{path}", { path }));
  }
  return {
    look: {
      owner: textAt(repository.data, "owner", "login") ?? owner,
      name: textAt(repository.data, "name") ?? name,
      topics: listAt(topics.data, "names").map(String),
      isArchived: at(repository.data, "archived") === true,
      isFork: at(repository.data, "fork") === true,
      hasIssues: at(repository.data, "has_issues") !== false,
      mayPush: at(repository.data, "permissions", "push") !== false,
      stars: numberAt(repository.data, "stargazers_count") ?? 0,
      forks: numberAt(repository.data, "forks_count") ?? 0,
      entries: entries.size,
      commits: others.length,
      authors: authors.size,
      watchers: numberAt(repository.data, "subscribers_count") ?? 0,
      hasOwnPolicy: files.some((file) => file.status !== 404 && !isOurFile(file)),
      isBeingRehearsed: files.some((file) => isOurFile(file)),
    },
    id: numberAt(repository.data, "id"),
    defaultBranch: textAt(repository.data, "default_branch") ?? "main",
    isPrivate: at(repository.data, "private") === true,
  };
}

/**
 * Why a repository is not the one of this name; `null`: it is. A read follows where one moved to, and another one may get its old
 * name.
 *
 * @param repository "Get a repository"
 * @param id         the number it had; `null`: nobody knows
 */
export function whyAnother(repository: Answer, owner: string, name: string, id: number | null): string | null {
  const place = textAt(repository.data, "full_name");
  if (place?.toLowerCase() !== `${owner}/${name}`.toLowerCase()) {
    const is = place === null ? "is not what GitHub answers about" : `is called ${short(place)} now`;
    return `${owner}/${name} ${is}: nothing is written by a name that a repository had before. Write the name it has`;
  }
  return id !== null && numberAt(repository.data, "id") !== id
    ? `${owner}/${name} is another repository than before: nothing is written there`
    : null;
}

/** Whether a file was written by a rehearsal: by any, or by that of a mark. */
export function isOurFile(file: Answer, mark: string | null = null): boolean {
  const text = Buffer.from(textAt(file.data, "content") ?? "", "base64").toString("utf8");
  return isDone(file) && text.startsWith(mark === null ? `${FILE_HEADING} (` : `${FILE_HEADING} (${mark})`);
}
