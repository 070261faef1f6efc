import { LRUCache } from "lru-cache";
import { TerminalError, TransientError } from "../base/errors.ts";
import type { Instant, Repository } from "../core/model.ts";
import type { RunbookShelf } from "../core/observation.ts";
import { matchesAny } from "../core/policy/glob.ts";
import { likeliestFirst, matchRunbooks, type RunbookQuestion } from "../core/runbooks/match-runbooks.ts";
import { LARGEST_RUNBOOK_BYTES, type Runbook, type RunbookText, readRunbook } from "../core/runbooks/runbook.ts";
import { StepLimit } from "../core/step-limit.ts";
import type { GitHubReader } from "../systems/github/ports.ts";

/** How many runbooks' words are read; if there are more, those whose path looks most promising. */
export const MOST_RUNBOOKS_READ = 50;
/** The most steps for finding the runbooks among all files: a hundred thousand ordinary paths take a fifth of it. */
const MOST_GLOB_STEPS = 20_000_000;
const MAX_REMEMBERED = 2_000;

/** Reads runbooks. The words of a blob never change, so each is read only once in the life of the process. */
export interface RunbookSource {
  /** What there is, and when those that match one of the questions were last changed. A failed answer makes it `unread`. */
  shelf(repository: Repository, globs: readonly string[], questions: readonly RunbookQuestion[]): Promise<RunbookShelf>;
  /** The words of blobs; those that can no longer be read are left out. Throws `TransientError`. */
  texts(repository: Repository, shas: readonly string[]): Promise<ReadonlyMap<string, RunbookText>>;
}

const UNKNOWN_TEXT: RunbookText = readRunbook("");

/** Makes a source that costs, at most, the tree, the blobs not yet known, and one request for each match. */
export function createRunbookSource(read: Pick<GitHubReader, "tree" | "blob" | "history">): RunbookSource {
  const remembered = new LRUCache<string, RunbookText>({ max: MAX_REMEMBERED });

  async function textOf(repository: Repository, sha: string): Promise<RunbookText | null> {
    const key = `${repository.id} ${sha}`;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    try {
      const text = await read.blob(repository, sha);
      if (text === "missing") return null;
      const found = readRunbook(text);
      remembered.set(key, found);
      return found;
    } catch (error) {
      if (error instanceof TerminalError) return null;
      throw error;
    }
  }

  async function readShelf(
    repository: Repository,
    globs: readonly string[],
    questions: readonly RunbookQuestion[],
  ): Promise<RunbookShelf> {
    const limit = new StepLimit(MOST_GLOB_STEPS);
    const entries = (await read.tree(repository)).filter(({ path }) => matchesAny(globs, path, limit));
    if (limit.isUsedUp) return { kind: "unread", isForGood: true };
    const texts = new Map<string, RunbookText>();
    const readTexts = (some: readonly { readonly sha: string }[]) =>
      Promise.all(
        some.map(async ({ sha }) => {
          const text = await textOf(repository, sha);
          if (text !== null) texts.set(sha, text);
        }),
      );
    const withTexts = (): readonly Runbook[] =>
      entries.map(({ path, sha }) => ({ path, sha, ...(texts.get(sha) ?? UNKNOWN_TEXT) }));
    const short = entries.filter(({ bytes }) => (bytes ?? 0) <= LARGEST_RUNBOOK_BYTES);
    await readTexts(likeliestFirst(short, questions[0]?.title ?? "").slice(0, MOST_RUNBOOKS_READ));
    const all = withTexts();
    const matching = new Map(
      questions.flatMap((one) => matchRunbooks(all, one)).map(({ runbook }) => [runbook.path, runbook]),
    );
    // One that matches only by its path is shown with its steps all the same.
    await readTexts([...matching.values()].filter(({ sha }) => !texts.has(sha)));
    const dates = await Promise.all(
      [...matching.keys()].map(async (path): Promise<readonly [string, Instant | null]> => {
        const [newest] = await read.history(repository, path, 1);
        return [path, newest?.at ?? null];
      }),
    );
    const paths = entries.map(({ path }) => path).toSorted();
    return { kind: "read", paths, runbooks: withTexts(), texts, changedAt: new Map(dates) };
  }

  return {
    async shelf(repository, globs, questions) {
      try {
        return await readShelf(repository, globs, questions);
      } catch (error) {
        if (error instanceof TerminalError) return { kind: "unread", isForGood: true };
        // A rate limit holds up the whole pass, as it would hold up what follows.
        if (error instanceof TransientError && error.retryAfterMs === null) return { kind: "unread", isForGood: false };
        throw error;
      }
    },

    async texts(repository, shas) {
      const found = await Promise.all(shas.map(async (sha) => [sha, await textOf(repository, sha)] as const));
      return new Map(found.flatMap(([sha, text]) => (text === null ? [] : [[sha, text] as const])));
    },
  };
}
