import { type Answer, at, isDone, listAt, numberAt, saidBy, textAt } from "./answer.ts";
import type { RepositoryLook } from "./looks-used.ts";
import type { Asker } from "./scratch.ts";

/** What every mark begins with. */
export const MARK_PREFIX = "rehearsal-";
/** A mark of this run or an earlier one, in a title or a name. */
export const ANY_MARK = /\brehearsal-[0-9a-z]{6,12}\b/;
/** What files of a rehearsal begin with. */
export const FILE_HEADING = "# Written by sevgate rehearse";
/** Where a repository keeps them. */
export const POLICY_FILE = ".github/sevgate.yml";
export const ON_CALL_FILE = ".github/sevgate/on-call.yml";

export interface LookedAt {
  readonly look: RepositoryLook;
  readonly defaultBranch: string;
  readonly isPrivate: boolean;
}

/** What there is in a repository. Only reads. A sentence: why it cannot be looked at. */
export async function lookAtRepository(person: Asker, owner: string, name: string): Promise<LookedAt | string> {
  const repository = await person.ask("GET /repos/{owner}/{repo}");
  if (!isDone(repository)) {
    return `${owner}/${name} cannot be read: ${saidBy(repository)}. Check its name, and that your token may see it.`;
  }
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
      .filter((entry) => !ANY_MARK.test(textAt(entry, "title") ?? ""))
      .map((entry) => numberAt(entry, "number")),
  );
  const others = listAt(commits.data).filter((commit) => !isOfRehearsal(textAt(commit, "commit", "message") ?? ""));
  const authors = new Set(
    others.map((commit) => textAt(commit, "author", "login") ?? textAt(commit, "commit", "author", "email")),
  );
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
      hasOwnPolicy: (await isOthers(person, POLICY_FILE)) || (await isOthers(person, ON_CALL_FILE)),
    },
    defaultBranch: textAt(repository.data, "default_branch") ?? "main",
    isPrivate: at(repository.data, "private") === true,
  };
}

/** Commits of rehearsals say so, and so do the merges of their branches. */
function isOfRehearsal(message: string): boolean {
  return message.startsWith("Rehearse: ") || ANY_MARK.test(message);
}

async function isOthers(person: Asker, path: string): Promise<boolean> {
  const file = await person.ask("GET /repos/{owner}/{repo}/contents/{path}", { path });
  return file.status !== 404 && !isOurFile(file);
}

/** Whether a file was written by a rehearsal. */
export function isOurFile(file: Answer): boolean {
  const text = Buffer.from(textAt(file.data, "content") ?? "", "base64").toString("utf8");
  return isDone(file) && text.startsWith(FILE_HEADING);
}
