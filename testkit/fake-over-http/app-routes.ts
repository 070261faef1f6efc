import type { Instant } from "../../src/core/model.ts";
import { API_URL, API_VERSIONS } from "./api.ts";
import { time } from "./json.ts";
import { missing, type Route, route, type Served } from "./route.ts";

/** The app as a whole, and where it is installed. */
export function appRoutes({ github, repository }: Served): readonly Route[] {
  return [
    route("POST", "/app/installations/(\\d+)/access_tokens", async () => ({
      status: 201,
      // Any length: since April 2026 they are longer than 40 characters.
      data: { token: `ghs_${github.appId}_${"t".repeat(300)}`, expires_at: "2099-01-01T00:00:00Z" },
    })),
    route("GET", "/user", async () =>
      github.viewer === null
        ? { status: 403, data: { message: "Resource not accessible by integration" } }
        : { data: { login: github.viewer.login, type: github.viewer.type } },
    ),
    route("GET", "/versions", async () => ({ data: [...API_VERSIONS] })),
    route("GET", "/app", async () => {
      const { appId, slug } = await github.app.identity();
      return { data: { id: appId, slug } };
    }),
    route("GET", "/apps/([\\w-]+)", async ({ parts }) => {
      const { appId, slug } = await github.app.identity();
      return parts[0] === slug ? { data: { id: appId, slug } } : missing;
    }),
    route("GET", "/app/installations", async () => ({
      data: (await github.app.installations()).map((installation) => ({
        id: installation.id,
        account: { login: installation.account },
        suspended_at: installation.suspended ? "2026-01-05T09:00:00Z" : null,
      })),
    })),
    route("GET", "/installation/repositories", async () => {
      const repositories = await github.app.repositories(repository.installationId);
      if (repositories === "unsupported") return missing;
      return {
        data: {
          total_count: repositories.length,
          repositories: repositories.map(({ id, owner, name }) => ({ id, name, owner: { login: owner } })),
        },
      };
    }),
    route("GET", "/search/issues", async ({ query }) => {
      const [, account = "", kind, labels, since = ""] =
        /^user:(\S+) is:(issue|pull-request)(?: is:open label:(\S.*))? updated:>=(\S+)$/.exec(query.get("q") ?? "") ??
        [];
      const openWith = labels === undefined ? null : labels.split(",").map((label) => label.replaceAll('"', ""));
      const found = await github.app.changedSince(
        repository.installationId,
        account,
        Date.parse(since) as Instant,
        openWith,
      );
      if (found === "unsupported") return missing;
      const items = found.entries.filter(({ isPullRequest }) => isPullRequest === (kind === "pull-request"));
      return {
        data: {
          total_count: items.length,
          incomplete_results: found.continueFrom !== null,
          search_type: "lexical",
          items: items.map((entry) => ({
            number: entry.number,
            repository_url: `${API_URL}/repos/${entry.repository}`,
            labels: entry.labels.map((name) => ({ name })),
            updated_at: time(entry.updatedAt),
            ...(entry.isPullRequest
              ? { pull_request: { url: "u", html_url: "h", diff_url: "d", patch_url: "p" } }
              : {}),
          })),
        },
      };
    }),
    route("GET", "/app/hook/deliveries", async () => {
      const deliveries = await github.app.deliveries(0 as Instant);
      if (deliveries === "unsupported") return missing;
      return {
        data: deliveries.map(({ id, guid, deliveredAt, ok }) => ({
          id: Number(id),
          guid,
          delivered_at: time(deliveredAt),
          status_code: ok ? 200 : 502,
        })),
      };
    }),
    route("POST", "/app/hook/deliveries/(\\d+)/attempts", async (request) => {
      await github.app.redeliver(request.parts[0] ?? "");
      return { status: 202, data: {} };
    }),
  ];
}
