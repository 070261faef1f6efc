import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Octokit, RestEndpointMethodTypes } from "@octokit/rest";
import { createSilentOctokit } from "./create-silent-octokit.ts";
import { forwardRequest, readBody, readdressed } from "./forward-request.ts";
import { type Listening, listenOnLoopback } from "./listen-on-loopback.ts";

type PullRequest = RestEndpointMethodTypes["pulls"]["get"]["response"]["data"];
interface Revert {
  readonly id: string;
  readonly title: string;
  readonly body: string;
}

/**
 * Adds to an emulated GitHub the one GraphQL mutation that Sevgate sends, `revertPullRequest`, as the emulator has no GraphQL,
 * and keeps completed check runs as they are, as GitHub does. Everything else is passed on.
 *
 * The commit, the branch and the pull request are created through the emulator's REST API, with the caller's token. As on
 * GitHub, the branch is `revert-<number>-<branch>`, and what cannot be reverted cleanly is refused. Here, that is whenever
 * something was merged after it: the emulator does not merge texts.
 *
 * @returns the API, in place of the emulator's own address
 *
 * Source: GitHub docs, "GraphQL API, Mutations", `revertPullRequest`.
 */
export async function startGraphqlFront(
  targetUrl: string,
  place: { readonly owner: string; readonly repo: string },
): Promise<Listening> {
  let ownUrl = "";

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const token = (request.headers.authorization ?? "").replace(/^(?:bearer|token) /i, "");
    const run =
      request.method === "PATCH" ? /^\/repos\/[^/]+\/[^/]+\/check-runs\/(\d+)$/.exec(request.url ?? "") : null;
    const kept = run === null ? body : await withoutChangeOfCompleted(targetUrl, token, request.url ?? "", body);
    const asked = request.method === "POST" && request.url === "/graphql" ? readRevert(body.toString()) : null;
    if (asked === null) {
      const answer = await forwardRequest(request, targetUrl, kept);
      const readable = readdressed(answer, targetUrl, ownUrl);
      response.writeHead(answer.status, readable.headers).end(readable.body);
      return;
    }
    const answer = await revert(createSilentOctokit(targetUrl, token), place, asked);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(502, { "content-type": "text/plain" }).end(String(error));
    });
  });
  const listening = await listenOnLoopback(server);
  ownUrl = listening.url;
  return listening;
}

/**
 * The body of "Update a check run" as GitHub takes it: a completed run keeps its status and conclusion, and the answer is 200
 * all the same. The emulator would change both.
 */
async function withoutChangeOfCompleted(targetUrl: string, token: string, path: string, body: Buffer): Promise<Buffer> {
  const headers = { authorization: `Bearer ${token}` };
  const known = (await (await fetch(`${targetUrl}${path}`, { headers })).json()) as { readonly status?: string };
  if (known.status !== "completed") return body;
  const { status: _status, conclusion: _conclusion, ...rest } = JSON.parse(body.toString()) as Record<string, unknown>;
  return Buffer.from(JSON.stringify(rest));
}

function readRevert(body: string): Revert | null {
  const { query, variables } = JSON.parse(body) as { readonly query: string; readonly variables: Revert };
  return /^\s*mutation\b[^{]*\{\s*revertPullRequest\b/.test(query) ? variables : null;
}

async function revert(
  client: Octokit,
  place: { readonly owner: string; readonly repo: string },
  { id, title, body }: Revert,
): Promise<unknown> {
  const { data: closed } = await client.pulls.list({ ...place, state: "closed", per_page: 100 });
  const found = closed.find((one) => one.node_id === id);
  if (found === undefined) return refusal("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'.`);
  const { data: pull } = await client.pulls.get({ ...place, pull_number: found.number });
  const { data: base } = await client.git.getRef({ ...place, ref: `heads/${pull.base.ref}` });
  if (!pull.merged || pull.merge_commit_sha !== base.object.sha) {
    return refusal("UNPROCESSABLE", "This pull request cannot be reverted automatically.");
  }
  const head = await branchWithout(client, place, pull, base.object.sha);
  const { data: made } = await client.pulls.create({ ...place, title, body, head, base: pull.base.ref });
  return { data: { revertPullRequest: { revertPullRequest: { number: made.number } } } };
}

/** A branch with a single commit that restores the files as they were before the merge. */
async function branchWithout(
  client: Octokit,
  place: { readonly owner: string; readonly repo: string },
  pull: PullRequest,
  mergeSha: string,
): Promise<string> {
  const { data: merge } = await client.git.getCommit({ ...place, commit_sha: mergeSha });
  const { data: before } = await client.git.getCommit({ ...place, commit_sha: merge.parents[0]?.sha ?? "" });
  const { data: commit } = await client.git.createCommit({
    ...place,
    message: `Revert "${pull.title}"`,
    tree: before.tree.sha,
    parents: [mergeSha],
  });
  const { data: branches } = await client.repos.listBranches({ ...place, per_page: 100 });
  const branch = freeName(
    `revert-${pull.number}-${pull.head.ref}`,
    branches.map(({ name }) => name),
  );
  await client.git.createRef({ ...place, ref: `refs/heads/${branch}`, sha: commit.sha });
  return branch;
}

/** The name itself, or with the first number that nobody has. What GitHub does then it does not document. */
function freeName(name: string, taken: readonly string[]): string {
  for (let more = 0; ; more += 1) {
    const candidate = more === 0 ? name : `${name}-${more}`;
    if (!taken.includes(candidate)) return candidate;
  }
}

function refusal(type: string, message: string): unknown {
  return { data: { revertPullRequest: null }, errors: [{ type, message }] };
}
