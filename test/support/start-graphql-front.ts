import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Octokit, type RestEndpointMethodTypes } from "@octokit/rest";
import { forwardRequest, readBody, readdressed } from "./forward-request.ts";

/** An emulated GitHub behind one more door. */
export interface GraphqlFront {
  /** The API, in place of the emulator's own address. */
  readonly url: string;
  close(): Promise<void>;
}

type PullRequest = RestEndpointMethodTypes["pulls"]["get"]["response"]["data"];
interface Revert {
  readonly id: string;
  readonly title: string;
  readonly body: string;
}

/**
 * Adds to an emulated GitHub the one GraphQL mutation that Sevgate sends, `revertPullRequest`: the emulator has no GraphQL.
 * Everything else is passed on.
 *
 * The commit, the branch and the pull request are made over the emulator's REST API, with the token of whoever asks. As on
 * GitHub the branch is `revert-<number>-<branch>`, and what cannot be reverted cleanly is refused. Here that is whenever
 * something was merged after it: the emulator merges no texts.
 *
 * Source: GitHub docs, "GraphQL API, Mutations", `revertPullRequest`.
 */
export async function startGraphqlFront(
  targetUrl: string,
  place: { readonly owner: string; readonly repo: string },
): Promise<GraphqlFront> {
  let ownUrl = "";

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const asked = request.method === "POST" && request.url === "/graphql" ? readRevert(body.toString()) : null;
    if (asked === null) {
      const answer = await forwardRequest(request, targetUrl, body);
      const readable = readdressed(answer, targetUrl, ownUrl);
      response.writeHead(answer.status, readable.headers).end(readable.body);
      return;
    }
    const token = (request.headers.authorization ?? "").replace(/^(?:bearer|token) /i, "");
    const answer = await revert(clientOf(targetUrl, token), place, asked);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(502, { "content-type": "text/plain" }).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ownUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: ownUrl,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function readRevert(body: string): Revert | null {
  const { query, variables } = JSON.parse(body) as { readonly query: string; readonly variables: Revert };
  return /^\s*mutation\b[^{]*\{\s*revertPullRequest\b/.test(query) ? variables : null;
}

function clientOf(baseUrl: string, auth: string): Octokit {
  const silent = () => {};
  return new Octokit({ baseUrl, auth, log: { debug: silent, info: silent, warn: silent, error: silent } });
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

/** A branch whose one commit brings back the files as they were before the merge. */
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
  const branch = `revert-${pull.number}-${pull.head.ref}`;
  await client.git.createRef({ ...place, ref: `refs/heads/${branch}`, sha: commit.sha });
  return branch;
}

function refusal(type: string, message: string): unknown {
  return { data: { revertPullRequest: null }, errors: [{ type, message }] };
}
