import { readFile } from "node:fs/promises";

/** Where a repository is, by the address git fetches it from. */
export interface RemotePlace {
  readonly host: string;
  /** `owner/name`. */
  readonly repository: string;
}

/**
 * The remote `origin` of the clone in this folder, by its `.git/config`; `null`: it is none, or its address is not that of a
 * repository.
 */
export async function gitRemote(
  read: (file: string) => Promise<string> = (file) => readFile(file, "utf8"),
): Promise<RemotePlace | null> {
  let config: string;
  try {
    config = await read(".git/config");
  } catch {
    // A worktree, or no clone at all: then it has to be named.
    return null;
  }
  const at = config.search(/^\[remote "origin"\][ \t]*$/m);
  if (at === -1) return null;
  const [, ...lines] = config.slice(at).split("\n");
  const end = lines.findIndex((line) => line.startsWith("["));
  const own = end === -1 ? lines : lines.slice(0, end);
  const url = own.flatMap((line) => /^[ \t]*url[ \t]*=[ \t]*(\S+)[ \t]*$/.exec(line)?.[1] ?? [])[0] ?? "";
  const [, host, repository] =
    /^(?:https?:\/\/|ssh:\/\/)?(?:[\w.-]{1,64}@)?([\w.-]{1,200})(?::\d{1,5})?[/:]([\w-]{1,100}\/[\w.-]{1,100}?)(?:\.git)?\/?$/.exec(
      url,
    ) ?? [];
  return host === undefined || repository === undefined ? null : { host, repository };
}
