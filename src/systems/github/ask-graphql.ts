import * as z from "zod";
import { TerminalError, TransientError } from "../../base/errors.ts";
import type { Repository } from "../../core/model.ts";
import { withoutEnd } from "../../core/without-end.ts";
import { readAnswer } from "./facts.ts";
import type { GitHubClient } from "./github-client.ts";

/** What a document asks for, in words for errors, and the permission it takes. */
export interface GraphqlQuestion {
  readonly what: string;
  readonly needs: string;
  readonly document: string;
}

export const PageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() });
const GraphqlErrors = z.object({ errors: z.array(z.object({ type: z.string().nullish() })).nullish() });

/**
 * Asks through GraphQL for what only that knows; returns what is under `data`.
 *
 * @throws TransientError, TerminalError as `GitHubClient.request`; whatever GitHub reports as an error beside the data
 */
export async function askGraphql<Data>(
  client: GitHubClient,
  repository: Repository,
  asked: GraphqlQuestion,
  variables: Readonly<Record<string, unknown>>,
  schema: z.ZodType<Data>,
  mostBytes?: number,
): Promise<Data | null> {
  const name = `POST /graphql (${asked.what})`;
  const { data } = await client.request(
    repository.installationId,
    `POST ${graphqlUrl(client.apiUrl)}`,
    { query: asked.document, variables: { owner: repository.owner, name: repository.name, ...variables } },
    { name: "POST /graphql", ...(mostBytes === undefined ? {} : { mostBytes }) },
  );
  const { errors } = readAnswer("GraphQL answer", GraphqlErrors, data);
  const error = errors?.[0];
  if (error !== undefined) {
    if (error.type === "NOT_FOUND") throw notVisibleYet(asked.what);
    if (error.type === "FORBIDDEN" || error.type === "INSUFFICIENT_SCOPES") {
      throw new TerminalError(`${name}: the app may not read it. It needs the permission ${asked.needs}.`);
    }
    // GraphQL's time-outs and rate limits arrive as errors with status 200.
    throw new TransientError(`${name}: GitHub could not answer. It is tried again later.`);
  }
  return readAnswer("GraphQL answer", z.object({ data: schema.nullish() }), data).data ?? null;
}

export function notVisibleYet(what: string): TransientError {
  const thing = what === "mergeQueue" ? "repository" : "pull request";
  return new TransientError(`POST /graphql (${what}): the ${thing} is not visible yet.`);
}

/** github.com: `…/graphql`. GHES: `/api/v3` and `/api/graphql` are neighbours. */
export function graphqlUrl(apiUrl: string): string {
  const base = withoutEnd(apiUrl, "/");
  return base.endsWith("/api/v3") ? base.replace(/\/v3$/, "/graphql") : `${base}/graphql`;
}
