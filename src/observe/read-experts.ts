import { TerminalError } from "../base/errors.ts";
import type { Person, Repository } from "../core/model.ts";
import type { IncidentObservation } from "../core/observation.ts";
import { namedFiles, pathsNamed } from "../core/regressions/suspects.ts";
import { CODE_OWNERS_PATHS } from "../core/who/code-owners.ts";
import type { ExpertFacts } from "../core/who/who-knows.ts";
import type { GitHubReader } from "../systems/github/ports.ts";
import type { ObserveParts } from "./observe-parts.ts";
import type { Reader } from "./reading.ts";

/** How many files are in question; and for how many of them the authors are looked up. */
const MOST_PATHS = 10;
const MOST_PATHS_ASKED = 3;
/** How many commits are looked at per file, and of the whole repository if no file is in question. */
const COMMITS_OF_A_FILE = 30;
const COMMITS_OF_ALL = 100;

/**
 * What `/who` is answered from: the files the incident names, else those of the likeliest cause; their owners and
 * authors.
 */
export const readExperts: Reader = async (reading, seen, { experts: wanted }) => {
  if (wanted === null) return {};
  const experts = await reading.orWait("read:who", () => expertsOn(reading, seen, wanted.cause));
  return experts === null ? {} : { experts };
};

async function expertsOn(parts: ObserveParts, seen: IncidentObservation, cause: number | null): Promise<ExpertFacts> {
  const { read } = parts;
  const { repository } = seen;
  const [paths, codeOwners] = await Promise.all([
    pathsInQuestion(parts, seen, cause),
    readCodeOwners(read, repository),
  ]);
  const asked: readonly (string | null)[] = paths.length === 0 ? [null] : paths.slice(0, MOST_PATHS_ASKED);
  const commits = await Promise.all(
    asked.map((path) => read.history(repository, path, path === null ? COMMITS_OF_ALL : COMMITS_OF_A_FILE)),
  );
  const authors = commits.flat().flatMap(({ author }): readonly Person[] => (author === null ? [] : [author]));
  return { paths, codeOwners, authors };
}

async function pathsInQuestion(
  { read, files }: ObserveParts,
  seen: IncidentObservation,
  cause: number | null,
): Promise<readonly string[]> {
  const named = namedFiles(seen.issue);
  if (named.length > 0) {
    const tree = await treeOf(read, seen.repository);
    const found = pathsNamed(tree, named).slice(0, MOST_PATHS);
    if (found.length > 0) return found;
  }
  if (cause === null) return [];
  const pullRequest = await read.pullRequest(seen.repository, cause);
  if (pullRequest === "missing") return [];
  return (await files.of(seen.repository, pullRequest)).files.map(({ path }) => path).slice(0, MOST_PATHS);
}

/** If a repository is too large to be listed, the incident's own words are all there is. */
async function treeOf(read: GitHubReader, repository: Repository): Promise<readonly string[]> {
  try {
    return (await read.tree(repository)).map(({ path }) => path);
  } catch (error) {
    if (error instanceof TerminalError) return [];
    throw error;
  }
}

async function readCodeOwners(read: GitHubReader, repository: Repository): Promise<string | null> {
  for (const path of CODE_OWNERS_PATHS) {
    try {
      const file = await read.file(repository, path);
      if (file !== "missing") return file.text;
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
    }
  }
  return null;
}
