import { TerminalError } from "../../src/base/errors.ts";
import type { Repository } from "../../src/core/model.ts";
import type { FakeGitHub } from "../fake-github/fake-github.ts";
import { DESCRIBED_VERSION, loadGitHubDescription } from "../github-description.ts";
import { API_URL, API_VERSIONS } from "./api.ts";
import { appRoutes } from "./app-routes.ts";
import { checkRoutes } from "./check-routes.ts";
import { gitRoutes } from "./git-routes.ts";
import { graphqlRoutes } from "./graphql-routes.ts";
import { issueRoutes } from "./issue-routes.ts";
import { createJson } from "./json.ts";
import { pullRequestRoutes } from "./pull-request-routes.ts";
import { repositoryRoutes } from "./repository-routes.ts";
import type { Said, Served } from "./route.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const VERSIONS: ReadonlySet<string> = new Set(API_VERSIONS);

const ROUTES = [appRoutes, repositoryRoutes, issueRoutes, pullRequestRoutes, checkRoutes, gitRoutes, graphqlRoutes];

/**
 * The fake as GitHub's REST API shows it: the same state, in GitHub's words.
 *
 * Every request is checked against GitHub's description before it is answered, and every answer before it is given: a
 * request or answer that GitHub would not know is an error that names the problem, which no promise expects. GraphQL is
 * checked against its schema.
 */
export function fakeOverHttp(
  github: FakeGitHub,
  repository: Repository,
): (method: string, url: string, body: unknown, version?: string) => Promise<HttpAnswer> {
  const repo = `/repos/${repository.owner}/${repository.name}`;
  const served: Served = { github, repository, repo, json: createJson(github, repository) };
  const routes = ROUTES.flatMap((routesOf) => routesOf(served));

  return async (method, url, body, version = DESCRIBED_VERSION) => {
    if (!VERSIONS.has(version)) return { status: 400, headers: {}, body: { message: `No API version ${version}.` } };
    const description = loadGitHubDescription(version);
    const { pathname, searchParams } = new URL(url, API_URL);
    const described = pathname !== "/graphql" && !pathname.startsWith("/repositories/");
    const given = typeof body === "object" && body !== null && Object.keys(body).length > 0 ? body : undefined;
    const problems = described ? description.problemsOfRequest(method, pathname, searchParams, given) : [];
    if (problems.length > 0) return wrong(`${method} ${pathname}: ${problems.join("; ")}`);
    for (const [routeMethod, pattern, answer] of routes) {
      const match = pattern.exec(pathname);
      if (routeMethod !== method || match === null) continue;
      const request = {
        path: pathname,
        parts: match.slice(1).map((part) => decodeURIComponent(part ?? "")),
        query: searchParams,
        body: (given ?? {}) as Readonly<Record<string, unknown>>,
      };
      let said: Said;
      try {
        said = await answer(request);
      } catch (error) {
        if (!(error instanceof TerminalError) || error.status === null) throw error;
        said = { status: error.status, data: { message: error.message } };
      }
      const { status = 200 } = said;
      const [page, headers] = pageOf(said, searchParams, pathname);
      if (!described || status >= 300) return { status, headers, body: page };
      try {
        return {
          status,
          headers,
          body: description.answer(method, pathname, status, inVersion(version, pathname, page)),
        };
      } catch (error) {
        return wrong(String(error));
      }
    }
    return { status: 404, headers: {}, body: { message: "Not Found" } };
  };
}

function wrong(message: string): HttpAnswer {
  return { status: 422, headers: {}, body: { message: `AGAINST THE DESCRIPTION ${message}` } };
}

/** One page of a list, and the `Link` to the next. */
function pageOf(said: Said, query: URLSearchParams, path: string): readonly [unknown, Record<string, string>] {
  const headers = { ...said.headers };
  const key = ["check_runs", "commits", "items", "repositories", "workflow_runs"].find(
    (name) => said.data != null && name in (said.data as object),
  );
  const entries: unknown = key === undefined ? said.data : (said.data as Record<string, unknown>)[key];
  if (!Array.isArray(entries) || !query.has("per_page")) return [said.data, headers];
  const size = Number(query.get("per_page"));
  const page = Number(query.get("page") ?? "1");
  const part = entries.slice((page - 1) * size, page * size);
  if (page * size < entries.length) {
    const next = new URLSearchParams(query);
    next.set("page", String(page + 1));
    const last = new URLSearchParams(query);
    last.set("page", String(Math.ceil(entries.length / size)));
    headers["link"] = `<${API_URL}${path}?${next}>; rel="next", <${API_URL}${path}?${last}>; rel="last"`;
  }
  return [key === undefined ? part : { ...(said.data as object), [key]: part }, headers];
}

/** Leaves out what later versions of the API leave out (GitHub docs, "Breaking changes"). */
function inVersion(version: string, path: string, data: unknown): unknown {
  if (version === DESCRIBED_VERSION || !/\/pulls(?:\/\d+(?:\/requested_reviewers)?)?$/.test(path)) return data;
  if (Array.isArray(data)) return data.map((entry) => inVersion(version, path, entry));
  const { merge_commit_sha: _, ...rest } = data as Record<string, unknown>;
  return rest;
}
