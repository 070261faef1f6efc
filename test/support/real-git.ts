import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GitCommit, GitEntry, Instant, PullRequestFacts } from "../../src/core/model.ts";
import { treeSha } from "../../src/core/regressions/git-tree.ts";
import type { GitHubReader, GitHubWriter } from "../../src/systems/github/ports.ts";

/** A file as git keeps it: `160000` is a submodule, whose content is a commit. */
export interface GitFile {
  readonly mode: "100644" | "100755" | "120000" | "160000";
  readonly content: string;
}

/** Path → file. */
export type GitFiles = ReadonlyMap<string, GitFile>;

export interface NewCommit {
  readonly message: string;
  readonly files: GitFiles;
  /** Which commits of the list, by index. */
  readonly parents: readonly number[];
  /** Rebased: the index of the commit it is a copy of. */
  readonly copyOf?: number;
}

const EMAIL = "alice@example.com";
const FIRST_SECOND = 1_700_000_000;

/**
 * Histories kept by the real git program, each presented as GitHub would show it.
 *
 * The trees are worked out here; git is asked for what only git can say: the names of commits, and what a revert makes
 * of them.
 */
export class RealGit {
  readonly #folder = mkdtempSync(join(tmpdir(), "sevgate-git-"));
  readonly #commits = new Map<string, GitCommit>();
  readonly #trees = new Map<string, readonly GitEntry[]>();
  readonly #branches = new Map<string, string>();

  constructor() {
    this.#run("git", ["init", "-q"]);
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Makes the commits, and returns their SHAs. The last is the tip of `main`, the only branch. */
  make(history: readonly NewCommit[]): readonly string[] {
    const lines = history.flatMap(({ message, files, parents, copyOf }, index) => [
      "commit refs/heads/scratch",
      `mark :${index + 1}`,
      `author Alice <${EMAIL}> ${secondOf(copyOf ?? index)} +0000`,
      `committer Alice <${EMAIL}> ${secondOf(index)} +0000`,
      `data ${Buffer.byteLength(message)}`,
      message,
      ...parents.map((parent, at) => `${at === 0 ? "from" : "merge"} :${parent + 1}`),
      "deleteall",
      ...[...files].flatMap(([path, { mode, content }]) =>
        mode === "160000"
          ? [`M ${mode} ${content} ${path}`]
          : [`M ${mode} inline ${path}`, `data ${Buffer.byteLength(content)}`, content],
      ),
    ]);
    const input = ["reset refs/heads/scratch", "", ...lines, ""].join("\n");
    this.#run("git", ["fast-import", "--quiet", "--force", "--export-marks=marks"], input);
    const marks = readFileSync(join(this.#folder, "marks"), "utf8").trim().split("\n");
    const shas = new Map(marks.map((line) => line.slice(1).split(" ") as [string, string]));
    const made = history.map((_, index) => shas.get(String(index + 1)) ?? "");
    for (const [index, { message, files, parents, copyOf }] of history.entries()) {
      const sha = made[index] ?? "";
      this.#commits.set(sha, {
        sha,
        tree: this.#keep(entriesOf(files)),
        parents: parents.map((parent) => made[parent] ?? ""),
        message,
        authorEmail: EMAIL,
        authoredAt: (secondOf(copyOf ?? index) * 1_000) as Instant,
      });
    }
    this.#branches.clear();
    this.#branches.set("main", made.at(-1) ?? "");
    return made;
  }

  /** The tree that `git revert` makes on top of a commit; `null`: it stops. */
  revert(on: string, args: string): string | null {
    const script = [
      `git checkout -q -f --detach ${on} && git clean -q -ffdx || exit 3`,
      `git revert --no-edit ${args} >&2 && git rev-parse "HEAD^{tree}" && exit 0`,
      "git revert --quit; git reset -q --hard; echo stopped",
    ].join("\n");
    const said = this.#run("sh", ["-c", script]).trim();
    return said === "stopped" ? null : said;
  }

  tree(commit: string): string {
    return this.#commits.get(commit)?.tree ?? "";
  }

  /** What GitHub would say and do, as far as a revert by git objects needs; `own`: the commits of the pull request. */
  asGitHub(own: readonly string[]): { readonly read: GitHubReader; readonly write: GitHubWriter } {
    const commit = (sha: string): GitCommit | "missing" => this.#commits.get(sha) ?? "missing";
    const commits = (shas: readonly string[]) => shas.flatMap((sha) => this.#commits.get(sha) ?? []);
    const read: Partial<GitHubReader> = {
      gitCommit: async (_, sha) => commit(sha),
      gitHistory: async (_, sha, most) => {
        const found: GitCommit[] = [];
        let next = this.#commits.get(sha);
        while (next !== undefined && found.length < most) {
          found.push(next);
          next = this.#commits.get(next.parents[0] ?? "");
        }
        return found;
      },
      gitTree: async (_, sha) => this.#trees.get(sha) ?? "missing",
      branchTip: async (_, branch) => this.#branches.get(branch) ?? "missing",
      pullRequestsOfCommit: async () => [{ number: 7 } as PullRequestFacts],
      pullRequestSource: async () => ({ branch: "topic", commits: commits(own), isWhole: true }),
    };
    const write: Partial<GitHubWriter> = {
      reserve: async () => ({ take: () => true, release: () => {} }),
      revertPullRequest: async () => ({ refused: "Resource not accessible by integration", isFinal: false }),
      createTree: async (_, base, changes) => {
        if (base !== null && changes.some(({ type }) => type === "tree")) return { refused: "GitRPC::BadObjectState" };
        const entries = base === null ? new Map<string, Entry>() : this.#flat(base);
        for (const change of changes) {
          if ("content" in change) throw new Error("not kept here");
          const { path, sha, ...kind } = change;
          for (const known of entries.keys()) {
            if (known === path || known.startsWith(`${path}/`)) entries.delete(known);
          }
          if (sha !== null) entries.set(path, { ...kind, sha });
        }
        return this.#keep(entries);
      },
      createCommit: async (_, { message, tree, parent }) => {
        const sha = createHash("sha1").update(`${tree}${parent}${message}`).digest("hex");
        const authoredAt = 0 as Instant;
        this.#commits.set(sha, { sha, tree, parents: [parent], message, authorEmail: EMAIL, authoredAt });
        return sha;
      },
      createBranch: async (_, branch, sha) => {
        this.#branches.set(branch, sha);
        return "done";
      },
      openPullRequest: async (_, { branch, title, body }) =>
        ({ number: 99, title, body, headSha: this.#branches.get(branch) ?? "" }) as PullRequestFacts,
    };
    return { read: read as GitHubReader, write: write as GitHubWriter };
  }

  #run(program: string, args: readonly string[], input = ""): string {
    const env = {
      ...process.env,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "Alice",
      GIT_AUTHOR_EMAIL: EMAIL,
      GIT_COMMITTER_NAME: "Alice",
      GIT_COMMITTER_EMAIL: EMAIL,
    };
    return execFileSync(program, [...args], { cwd: this.#folder, input, env, encoding: "utf8", stdio: "pipe" });
  }

  #flat(tree: string, under = "", found = new Map<string, Entry>()): Map<string, Entry> {
    for (const { name, ...entry } of this.#trees.get(tree) ?? []) {
      if (entry.type === "tree") this.#flat(entry.sha, `${under}${name}/`, found);
      else found.set(`${under}${name}`, entry);
    }
    return found;
  }

  #keep(entries: ReadonlyMap<string, Entry>): string {
    const here: GitEntry[] = [];
    const folders = new Map<string, Map<string, Entry>>();
    for (const [path, entry] of entries) {
      const slash = path.indexOf("/");
      if (slash < 0) {
        here.push({ name: path, ...entry });
        continue;
      }
      const name = path.slice(0, slash);
      folders.set(name, (folders.get(name) ?? new Map<string, Entry>()).set(path.slice(slash + 1), entry));
    }
    for (const [name, inside] of folders) {
      here.push({ name, mode: "040000", type: "tree", sha: this.#keep(inside) });
    }
    const sha = treeSha(here);
    this.#trees.set(sha, here);
    return sha;
  }
}

type Entry = Omit<GitEntry, "name">;

function secondOf(index: number): number {
  return FIRST_SECOND + index * 60;
}

function entriesOf(files: GitFiles): ReadonlyMap<string, Entry> {
  return new Map(
    [...files].map(([path, { mode, content }]): [string, Entry] => {
      if (mode === "160000") return [path, { mode, type: "commit", sha: content }];
      const sha = createHash("sha1")
        .update(`blob ${Buffer.byteLength(content)}\0${content}`)
        .digest("hex");
      return [path, { mode, type: "blob", sha }];
    }),
  );
}
