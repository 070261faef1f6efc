import { TerminalError, TransientError } from "../base/errors.ts";
import type { GitCommit, GitEntry, PullRequestFacts, Repository } from "../core/model.ts";
import type { RevertRefusal } from "../core/observation.ts";
import { treeSha } from "../core/regressions/git-tree.ts";
import { skipsWorkflows } from "../core/regressions/revert-pull-request.ts";
import { type UndoRange, undoRange } from "../core/regressions/undo-range.ts";
import { type Undone, undoTree } from "../core/regressions/undo-tree.ts";
import type { CreationRoom, GitHubReader, GitHubWriter, Refused } from "../systems/github/ports.ts";
import type { RevertMemory } from "./revert-memory.ts";

/** How many folders are read for one revert, and how many at once. */
const MOST_TREES = 150;
const TREES_AT_ONCE = 8;
/** How many folders are created one by one. */
const MOST_FOLDERS = 20;
/** How many commits of a rebase are reverted together: one page. */
const MOST_REBASED = 99;

/** How many things the longest way creates: the mutation in vain, then tree, commit, branch and pull request. */
const CREATIONS = 5;

/**
 * GitHub writes the commit message itself, using the original title: a title that keeps workflows from running is not
 * left to it.
 */
const MUTATION_KEEPS_TITLE = { refused: "its title keeps workflows from running", isFinal: false } as const;

interface Parts {
  readonly read: GitHubReader;
  readonly write: GitHubWriter;
  readonly memory: RevertMemory;
}

interface Content {
  readonly title: string;
  readonly body: string;
}

type Opened = PullRequestFacts | "unsupported" | RevertRefusal;

/**
 * Opens the pull request that reverts a merged one: with GitHub's own mutation or, if that is not for the app or not
 * available, with git objects (A-100, decision 30). If GitHub looked at it and refused, it says so, with what a person
 * has to type.
 *
 * @throws TransientError as the ports do; the next pass continues with what is there
 */
export async function openRevert(
  parts: Parts,
  repository: Repository,
  pullRequest: PullRequestFacts,
  content: Content,
): Promise<Opened> {
  const room = await parts.write.reserve(repository, "team", CREATIONS);
  try {
    return await openWithin(parts, room, repository, pullRequest, content);
  } finally {
    room.release();
  }
}

async function openWithin(
  parts: Parts,
  room: CreationRoom,
  repository: Repository,
  pullRequest: PullRequestFacts,
  content: Content,
): Promise<Opened> {
  const { memory, write } = parts;
  const known = skipsWorkflows(pullRequest.title) ? MUTATION_KEEPS_TITLE : memory.refusal(repository, pullRequest);
  const answer = known ?? (await write.revertPullRequest(repository, pullRequest, content, room));
  if (answer !== "unsupported" && !("refused" in answer)) return answer;
  if (answer !== "unsupported" && known === null) memory.noteRefusal(repository, pullRequest, answer);
  const revert = new ObjectRevert(parts, room, repository, pullRequest, content);
  if (answer !== "unsupported" && answer.isFinal) {
    return { ...githubs(answer), undo: await revert.range().catch(unlessTold) };
  }
  try {
    const opened = await revert.open();
    return opened === "unsupported" && answer !== "unsupported" ? githubs(answer) : opened;
  } catch (error) {
    // The person who asked gets an answer; the log has the rest.
    if (!(error instanceof TerminalError)) throw error;
    return answer === "unsupported" ? answer : githubs(answer);
  }
}

/** There is an answer: that its commands name no range is no reason to wait. */
function unlessTold(error: unknown): null {
  if (error instanceof TerminalError || error instanceof TransientError) return null;
  throw error;
}

/**
 * A revert made of git objects: tree, commit, branch, pull request. Only the last two are visible, and both are found
 * again.
 */
class ObjectRevert {
  readonly #read: GitHubReader;
  readonly #write: GitHubWriter;
  readonly #memory: RevertMemory;
  readonly #room: CreationRoom;
  readonly #repository: Repository;
  readonly #pullRequest: PullRequestFacts;
  readonly #content: Content;
  readonly #commits = new Map<string, GitCommit>();
  readonly #trees = new Map<string, readonly GitEntry[]>();

  constructor(
    { read, write, memory }: Parts,
    room: CreationRoom,
    repository: Repository,
    pullRequest: PullRequestFacts,
    content: Content,
  ) {
    this.#read = read;
    this.#write = write;
    this.#memory = memory;
    this.#room = room;
    this.#repository = repository;
    this.#pullRequest = pullRequest;
    this.#content = content;
  }

  /** The commits the pull request became; `null`: that cannot be determined. */
  async range(): Promise<UndoRange | null> {
    return (await this.#source())?.range ?? null;
  }

  async open(): Promise<Opened> {
    const source = await this.#source();
    const head = await this.#read.branchTip(this.#repository, this.#pullRequest.baseRef);
    if (source === null || head === "missing") return "unsupported";
    const { range, merged, branch } = source;
    if (range === null) return ours("I cannot tell which commits it became");
    const before = await this.#commit(range.before);
    if (before === "missing") return "unsupported";
    const change = { merged: merged.tree, before: before.tree };
    const message = `${this.#content.title}\n\nThis reverts ${named(range)}.`;

    for (const name of branchNames(this.#pullRequest, branch)) {
      const tip = await this.#read.branchTip(this.#repository, name);
      if (tip === "missing") return undoing(range, await this.#make(name, head, change, message));
      // An earlier pass may have got as far as the branch.
      if (await this.#isOurs(tip, head, change, message)) return undoing(range, await this.#openFrom(name, tip));
    }
    return undoing(range, ours("the branches for it are there already"));
  }

  /** `null`: the server does not show it. */
  async #source(): Promise<{
    readonly range: UndoRange | null;
    readonly merged: GitCommit;
    readonly branch: string;
  } | null> {
    const { number, mergeSha } = this.#pullRequest;
    if (mergeSha === null) return null;
    const merged = await this.#commit(mergeSha);
    const source = await this.#read.pullRequestSource(this.#repository, number);
    if (merged === "missing" || source === "missing") return null;
    const isLong = source.commits.length > MOST_REBASED;
    const last =
      merged.parents.length !== 1 || isLong || source.commits.length <= 1
        ? []
        : await this.#read.gitHistory(this.#repository, mergeSha, source.commits.length + 1);
    const own = { commits: source.commits, isWhole: source.isWhole && !isLong };
    const range = undoRange(merged, own, last);
    const isOwn = range === null || range.kind !== "range" || (await this.#isOwnRange(range, last));
    return { range: isOwn ? range : null, merged, branch: source.branch };
  }

  /**
   * Whether the oldest commit of a rebase came with this pull request, and so did everything on top of it: a copy of
   * one of its commits may have been on the branch before, and is then left out of the rebase (git-rebase).
   *
   * GitHub lists the pull request that brought a commit to the default branch (REST, "List pull requests associated with a
   * commit").
   */
  async #isOwnRange(range: UndoRange, last: readonly GitCommit[]): Promise<boolean> {
    const oldest = last.find(({ parents }) => parents[0] === range.before);
    if (oldest === undefined) return false;
    const by = await this.#read.pullRequestsOfCommit(this.#repository, oldest.sha);
    return by.some(({ number }) => number === this.#pullRequest.number);
  }

  async #make(
    name: string,
    head: string,
    change: { readonly merged: string; readonly before: string },
    message: string,
  ): Promise<PullRequestFacts | RevertRefusal> {
    const tip = await this.#commit(head);
    if (tip === "missing") throw new TransientError("the branch moved");
    const undone = await this.#undo({ ...change, now: tip.tree });
    if (undone.kind !== "done") return refusalOf(undone);
    const refused = await this.#makeTree(tip.tree, undone);
    if (refused !== null) return this.#orWorkflow(refused, undone);
    const commit = await this.#write.createCommit(
      this.#repository,
      { message, tree: undone.sha, parent: head },
      this.#room,
    );
    if (typeof commit !== "string") return this.#orWorkflow(githubs(commit), undone);
    const made = await this.#write.createBranch(this.#repository, name, commit, this.#room);
    if (made !== "done") {
      if ((await this.#read.branchTip(this.#repository, name)) !== "missing") {
        throw new TransientError("somebody made the branch of the revert at the same time");
      }
      return this.#orWorkflow(githubs(made), undone);
    }
    this.#memory.noteBranch(this.#repository, name, commit);
    return this.#openFrom(name, commit);
  }

  /**
   * Creates the intended tree, and no other: its name is known beforehand. In one request; if that results in a
   * different tree or none, folder by folder: a server may keep a folder whose last file was removed, or refuse a file
   * in a folder's place (google/go-github#2418).
   */
  async #makeTree(base: string, { sha, changes, folders }: Extract<Undone, { kind: "done" }>) {
    const tree = await this.#write.createTree(this.#repository, base, changes, this.#room);
    if (tree === sha) return null;
    const other = ours("the tree that came of it is not the one that was asked for");
    if (folders.length > MOST_FOLDERS) return typeof tree === "string" ? other : githubs(tree);
    for (const folder of folders) {
      const entries = folder.entries.map(({ name: path, ...entry }) => ({ path, ...entry }));
      const made = await this.#write.createTree(this.#repository, null, entries, this.#room);
      if (typeof made !== "string") return githubs(made);
      if (made !== folder.sha) return other;
    }
    return null;
  }

  async #openFrom(branch: string, tip: string): Promise<PullRequestFacts | RevertRefusal> {
    const { baseRef: base } = this.#pullRequest;
    const opened = await this.#write.openPullRequest(this.#repository, { ...this.#content, branch, base }, this.#room);
    if (!("refused" in opened)) return opened;
    // One is already open: it contains exactly this revert, whoever opened it.
    const there = await this.#read.pullRequestFrom(this.#repository, branch);
    if (there !== "missing" && there.baseRef === base) return there;
    // A branch without a pull request is of no use to anybody; somebody else's is theirs, whatever is in it.
    const isOurs = this.#memory.isOurBranch(this.#repository, branch, tip);
    if (isOurs && (await this.#read.branchTip(this.#repository, branch)) === tip) {
      await this.#write.deleteBranch(this.#repository, branch);
    }
    return githubs(opened);
  }

  /** Whether a branch contains only this revert, on top of a commit that the base branch has. */
  async #isOurs(
    tip: string,
    head: string,
    change: { readonly merged: string; readonly before: string },
    message: string,
  ): Promise<boolean> {
    const commit = await this.#commit(tip);
    if (commit === "missing" || commit.message.trim() !== message || commit.parents.length !== 1) return false;
    const [parent = ""] = commit.parents;
    if (parent !== head) {
      const { mergeBase } = await this.#read.commitsBetween(this.#repository, parent, head);
      if (mergeBase !== parent) return false;
    }
    const on = await this.#commit(parent);
    if (on === "missing") return false;
    const undone = await this.#undo({ ...change, now: on.tree });
    return undone.kind === "done" && undone.sha === commit.tree;
  }

  async #commit(sha: string): Promise<GitCommit | "missing"> {
    const known = this.#commits.get(sha);
    if (known !== undefined) return known;
    const commit = await this.#read.gitCommit(this.#repository, sha);
    if (commit !== "missing") this.#commits.set(sha, commit);
    return commit;
  }

  async #undo(given: Parameters<typeof undoTree>[0]): Promise<Undone | { readonly kind: "unreadable" }> {
    for (;;) {
      const undone = undoTree(given, this.#trees);
      if (undone.kind !== "needs") return undone;
      if (this.#trees.size + undone.trees.length > MOST_TREES) return { kind: "too-many" };
      for (let at = 0; at < undone.trees.length; at += TREES_AT_ONCE) {
        const some = undone.trees.slice(at, at + TREES_AT_ONCE);
        const read = await Promise.all(some.map((sha) => this.#read.gitTree(this.#repository, sha)));
        for (const [index, sha] of some.entries()) {
          const entries = read[index];
          // Cut, or with names that are not UTF-8: what was read is not what is there.
          if (!Array.isArray(entries) || treeSha(entries) !== sha) return { kind: "unreadable" };
          this.#trees.set(sha, entries);
        }
      }
    }
  }

  /**
   * GitHub requires a separate permission to change workflows (GitHub docs, permission "Workflows"), which Sevgate does
   * not have.
   */
  #orWorkflow(refused: RevertRefusal, undone: Extract<Undone, { kind: "done" }>): RevertRefusal {
    const touches = undone.changes.some(({ path }) => /^\.github(?:\/workflows(?:\/|$)|$)/.test(path));
    return touches ? ours("it changes workflows, which Sevgate has no right to") : refused;
  }
}

function refusalOf(undone: Exclude<Undone, { kind: "done" }> | { readonly kind: "unreadable" }): RevertRefusal {
  switch (undone.kind) {
    case "nothing":
      return ours("there is nothing left of it to take back");
    case "too-many":
      return ours("it changes more than I take back by myself");
    case "changed": {
      const more = undone.count - undone.paths.length;
      const rest = more > 0 ? ` (${more} more are not named)` : "";
      return { ...ours(`what it changed was changed again since${rest}`), changed: undone.paths };
    }
    default:
      return ours("its files cannot all be read");
  }
}

function ours(refused: string): RevertRefusal {
  return { refused, by: "sevgate", changed: [], undo: null };
}

function githubs({ refused }: Refused): RevertRefusal {
  return { refused, by: "github", changed: [], undo: null };
}

/** What became of the revert of these commits. */
function undoing<One extends PullRequestFacts | RevertRefusal>(undo: UndoRange, opened: One): One {
  return "refused" in opened ? { ...opened, undo } : opened;
}

function named({ kind, sha, before }: UndoRange): string {
  return kind === "range" ? `commits ${before}..${sha}` : `commit ${sha}`;
}

/**
 * First the name GitHub's button would use, then others. The owner of a fork can call a branch anything, and workflows
 * that run on a push may put the name into a shell: anything that is not plain is left out.
 */
function branchNames({ number, mergeSha }: PullRequestFacts, source: string): readonly string[] {
  const plain = /^[\w][\w.-]*(?:\/[\w][\w.-]*)*$/.test(source) && source.length <= 150 && !source.includes("..");
  const sha = mergeSha ?? "";
  return [
    plain ? `revert-${number}-${source}` : `revert-${number}`,
    `revert-${number}-${sha.slice(0, 7)}`,
    `revert-${number}-${sha.slice(0, 12)}`,
  ];
}
