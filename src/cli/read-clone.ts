import { readFile, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { errorCode } from "../base/error-code.ts";
import { CODE_OWNERS_PATHS } from "../core/who/code-owners.ts";
import { gitRemote } from "./git-remote.ts";

/** What a clone says about the repository it is of. */
export interface Clone {
  /** `owner/name`; `null`: its remote `origin` does not say. */
  readonly repository: string | null;
  /** The default branch there, as far as the clone knows it. */
  readonly defaultBranch: string | null;
  /** Logins that CODEOWNERS names, without teams, each once. */
  readonly codeOwners: readonly string[];
}

/** A file of CODEOWNERS that is larger is not read by GitHub either. */
const LARGEST_OWNERS_CHARACTERS = 3_000_000;
const MOST_OWNERS = 6;
/** How the file of a work tree begins that stands in the folder's place. */
const GIT_FOLDER = "gitdir: ";

/** The root of the clone that holds the folder; `null`: it is in none. */
export async function cloneRootOf(folder: string): Promise<string | null> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if ((await kindOf(join(at, ".git"))) !== null) return at;
    if (dirname(at) === at) return null;
  }
}

/** Whether there is a file or a folder; `null`: neither. */
export async function kindOf(path: string): Promise<"file" | "folder" | null> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "file";
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return null;
    throw error;
  }
}

/** Reads what helps from the clone in this folder. What cannot be read is left out. */
export async function readClone(root: string): Promise<Clone> {
  const folder = await gitFolderOf(root);
  const remote = folder === null ? null : await gitRemote(() => readFile(join(folder, "config"), "utf8"));
  const head = folder === null ? "" : await readOrEmpty(join(folder, "refs/remotes/origin/HEAD"));
  return {
    repository: remote?.repository ?? null,
    defaultBranch: /^ref: refs\/remotes\/origin\/(\S{1,200})\s*$/.exec(head)?.[1] ?? null,
    codeOwners: await codeOwnersIn(root),
  };
}

/** Where git keeps what all work trees of a repository share. */
async function gitFolderOf(root: string): Promise<string | null> {
  const dotGit = join(root, ".git");
  if ((await kindOf(dotGit)) !== "file") return dotGit;
  const [line = ""] = (await readOrEmpty(dotGit)).split("\n");
  const named = line.slice(GIT_FOLDER.length).trim();
  if (!line.startsWith(GIT_FOLDER) || named === "") return null;
  const own = isAbsolute(named) ? named : join(root, named);
  const common = (await readOrEmpty(join(own, "commondir"))).trim();
  return common === "" ? own : resolve(own, common);
}

async function codeOwnersIn(root: string): Promise<readonly string[]> {
  for (const path of CODE_OWNERS_PATHS) {
    const text = (await readOrEmpty(join(root, path))).slice(0, LARGEST_OWNERS_CHARACTERS);
    if (text === "") continue;
    const lines = text.split("\n").map((line) => line.split("#")[0] ?? "");
    const named = lines.flatMap((line) =>
      [...line.matchAll(/\s@([a-z\d][a-z\d-]{0,38})(?=\s|$)/gi)].map(([, login = ""]) => login),
    );
    return [...new Map(named.map((login) => [login.toLowerCase(), login])).values()].slice(0, MOST_OWNERS);
  }
  return [];
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
