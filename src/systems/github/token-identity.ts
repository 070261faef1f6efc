import * as z from "zod";
import { TerminalError, TransientError } from "../../base/errors.ts";
import type { Repository } from "../../core/model.ts";
import { ACTIONS_APP_ID } from "../../core/own.ts";
import { withoutEnd } from "../../core/without-end.ts";
import { graphqlUrl } from "./ask-graphql.ts";
import { NotThereError, RefusedError } from "./errors.ts";
import { readAnswer } from "./facts.ts";
import { GitHubClient, type TokenClientOptions } from "./github-client.ts";
import type { GitHubApp } from "./ports.ts";

/** Who writes with a token: as `GitHubApp.identity` says it of an app. */
export type TokenIdentity = Awaited<ReturnType<GitHubApp["identity"]>>;

/** The app of every `GITHUB_TOKEN`. On github.com its id is known; other servers have their own. */
const GITHUB_ACTIONS = "github-actions";
const GITHUB_COM = "https://api.github.com";

const WHO = `query($owner: String!, $name: String!) {
  viewer { login }
  repository(owner: $owner, name: $name) { databaseId }
}`;
/** What it cannot resolve is `null`, with an error beside it. */
const Who = z.object({
  data: z
    .object({
      viewer: z.object({ login: z.string() }).nullish(),
      repository: z.object({ databaseId: z.number().nullish() }).nullish(),
    })
    .nullish(),
  errors: z.array(z.object({ type: z.string().nullish() })).nullish(),
});
const App = z.object({ id: z.number(), slug: z.string() });

/**
 * Asks whose a token is, and whether it is good for `repository`: one question to GraphQL, and the app's number by its name unless it is
 * known (GitHub REST, "Get an app"). It may only be an app's: whatever a person's token writes would count as that person's word.
 *
 * @param slug what the app is called, for a server without GraphQL; `null`: not known
 * @throws TerminalError in words for people, if it cannot be told; TransientError if GitHub does not answer
 *
 * (A-136)
 */
export async function tokenIdentity(
  options: TokenClientOptions,
  repository: Repository,
  slug: string | null,
): Promise<TokenIdentity> {
  const apiUrl = withoutEnd(options.apiUrl, "/");
  const client = new GitHubClient({ ...options, apiUrl });
  const told = await askWho(client, repository, slug);
  if (slug !== null && told !== slug) {
    throw new TerminalError(
      `The token is one of ${told}[bot], but the input app-slug says ${slug}. Give both from the same step.`,
    );
  }
  if (apiUrl === GITHUB_COM && told === GITHUB_ACTIONS) return toIdentity(ACTIONS_APP_ID, told);
  try {
    const { data } = await client.request(repository.installationId, "GET /apps/{app_slug}", { app_slug: told });
    const app = readAnswer("app", App, data);
    return toIdentity(app.id, app.slug);
  } catch (error) {
    if (!(error instanceof RefusedError || error instanceof NotThereError)) throw error;
    throw new TerminalError(`GitHub does not say which app ${told} is. Check the inputs token and app-slug.`, {
      cause: error,
    });
  }
}

/** The name of the app the token is of. */
async function askWho(client: GitHubClient, repository: Repository, slug: string | null): Promise<string> {
  const { installationId, owner, name, id } = repository;
  const asked = { query: WHO, variables: { owner, name } };
  let who: z.output<typeof Who>;
  try {
    const route = `POST ${graphqlUrl(client.apiUrl)}`;
    who = readAnswer(
      "viewer",
      Who,
      (await client.request(installationId, route, asked, { name: "POST /graphql" })).data,
    );
  } catch (error) {
    if (!(error instanceof NotThereError)) throw error;
    return asGiven(slug);
  }
  const login = who.data?.viewer?.login ?? null;
  if (login === null && (who.errors ?? []).some(({ type }) => type === "FORBIDDEN")) return asGiven(slug);
  if (login === null) throw new TransientError("GitHub did not say whose the token is.");
  const [, app] = /^([\w-]{1,100})\[bot\]$/.exec(login) ?? [];
  if (app === undefined) {
    throw new TerminalError(
      "The token is a person's. Give GITHUB_TOKEN, or one that actions/create-github-app-token made.",
    );
  }
  const shown = who.data?.repository?.databaseId ?? null;
  if (shown === null && (who.errors ?? []).length === 0) {
    throw new TransientError("GitHub did not say which repositories the token shows.");
  }
  if (shown !== id) {
    throw new TerminalError(
      "The token does not show this repository. Install its app here, and make the token for this repository.",
    );
  }
  return app;
}

/** What the workflow says, where GitHub does not. */
function asGiven(slug: string | null): string {
  if (slug !== null) return slug;
  throw new TerminalError("GitHub does not say whose the token is. Give the input app-slug: the name of its app.");
}

function toIdentity(appId: number, slug: string): TokenIdentity {
  return { appId, slug, botLogin: `${slug}[bot]` };
}
