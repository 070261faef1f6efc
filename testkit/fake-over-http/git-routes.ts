import type { TreeChange } from "../../src/core/regressions/undo-tree.ts";
import type { NewFile } from "../../src/systems/github/ports.ts";
import { commitJson, gitCommitJson, listedCommitJson, time, user } from "./json.ts";
import { madeOr, missing, type Route, route, type Served } from "./route.ts";

/** GitHub lists this many entries of a tree ("Get a tree"). */
const MOST_ENTRIES = 100_000;

/** Commits, and what they consist of. */
export function gitRoutes({ github, repository, repo }: Served): readonly Route[] {
  const { read, write } = github;
  return [
    route("GET", `${repo}/commits/([^/]+)`, async (request) => {
      const commit = await read.commit(repository, request.parts[0] ?? "");
      if (commit === "missing") return { status: 422, data: { message: "No commit found for SHA" } };
      return {
        data: {
          sha: commit.sha,
          commit: { message: "", committer: { date: time(commit.at) } },
          author: commit.author === null ? null : user(commit.author),
        },
      };
    }),
    route("GET", `${repo}/compare/([^/]+)`, async (request) => {
      const [base = "", head = ""] = (request.parts[0] ?? "").split("...");
      const { commits, isWhole, mergeBase } = await read.commitsBetween(repository, base, head);
      const total = commits.length + (isWhole ? 0 : 1);
      return {
        data: {
          total_commits: total,
          commits: commits.map(commitJson),
          ...(mergeBase === null ? {} : { merge_base_commit: { sha: mergeBase, commit: { message: "" } } }),
        },
      };
    }),
    route("GET", `${repo}/git/trees/HEAD`, async () => ({
      data: {
        sha: "t".repeat(40),
        truncated: false,
        tree: (await read.tree(repository)).flatMap(({ path, sha, bytes }) => [
          ...(path.includes("/")
            ? [{ type: "tree", path: path.slice(0, path.lastIndexOf("/")), sha: "d", mode: "040000" }]
            : []),
          { type: "blob", path, sha, mode: "100644", ...(bytes === null ? {} : { size: bytes }) },
        ]),
      },
    })),
    route("GET", `${repo}/git/trees/([0-9a-f]{40})`, async (request) => {
      const sha = request.parts[0] ?? "";
      if (request.query.get("recursive") !== null) {
        const files = [...github.filesAt(sha, repository)];
        return {
          data: {
            sha,
            truncated: files.length > MOST_ENTRIES,
            tree: files
              .slice(0, MOST_ENTRIES)
              .map(([path, blob]) => ({ type: "blob", path, sha: blob, mode: "100644" })),
          },
        };
      }
      const entries = await read.gitTree(repository, sha);
      if (entries === "missing" || entries === "cut") return missing;
      const tree = entries.map(({ name, ...entry }) => ({ path: name, ...entry }));
      return { data: { sha, truncated: false, tree } };
    }),
    route("POST", `${repo}/git/trees`, async ({ body }) => {
      const { base_tree: base = null, tree } = body as { base_tree?: string; tree: (TreeChange | NewFile)[] };
      return madeOr(await write.createTree(repository, base, tree), (sha) => ({ sha, tree: [], truncated: false }));
    }),
    route("GET", `${repo}/git/commits/([^/]+)`, async (request) => {
      const commit = await read.gitCommit(repository, request.parts[0] ?? "");
      return commit === "missing" ? missing : { data: gitCommitJson(commit) };
    }),
    route("POST", `${repo}/git/commits`, async ({ body }) => {
      const { message, tree, parents } = body as { message: string; tree: string; parents: string[] };
      const made = await write.createCommit(repository, { message, tree, parent: parents[0] ?? "" });
      return madeOr(made, (sha) => ({
        sha,
        message,
        tree: { sha: tree },
        parents: parents.map((one) => ({ sha: one })),
      }));
    }),
    route("GET", `${repo}/git/ref/heads/(.+)`, async (request) => {
      const sha = await read.branchTip(repository, request.parts[0] ?? "");
      return sha === "missing"
        ? missing
        : { data: { ref: `refs/heads/${request.parts[0]}`, object: { type: "commit", sha } } };
    }),
    route("POST", `${repo}/git/refs`, async ({ body }) => {
      const { ref, sha } = body as { ref: string; sha: string };
      const made = await write.createBranch(repository, ref.replace("refs/heads/", ""), sha);
      return madeOr(made, () => ({ ref, object: { type: "commit", sha } }));
    }),
    route("DELETE", `${repo}/git/refs/heads/(.+)`, async (request) => {
      if (!github.branches(repository).has(request.parts[0] ?? "")) {
        return { status: 422, data: { message: "Reference does not exist" } };
      }
      await write.deleteBranch(repository, request.parts[0] ?? "");
      return { status: 204 };
    }),
    route("GET", `${repo}/git/blobs/([^/]+)`, async (request) => {
      const sha = request.parts[0] ?? "";
      const text = await read.blob(repository, sha);
      if (text === "missing") return missing;
      const content = Buffer.from(text).toString("base64").replace(/.{60}/g, "$&\n");
      return { data: { sha, encoding: "base64", size: Buffer.byteLength(text), content } };
    }),
    route("GET", `${repo}/commits`, async ({ query }) => {
      const most = Number(query.get("per_page"));
      const from = query.get("sha");
      if (from !== null) return { data: (await read.gitHistory(repository, from, most)).map(listedCommitJson) };
      const listed = await read.history(repository, query.get("path"), most);
      return {
        data: listed.map(({ sha, at: when, author }) => ({
          sha,
          commit: { message: "", committer: { date: time(when) } },
          author: author === null ? null : user(author),
        })),
      };
    }),
  ];
}
