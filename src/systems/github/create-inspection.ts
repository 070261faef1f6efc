import * as z from "zod";
import { TransientError } from "../../base/errors.ts";
import type { Instant, Repository } from "../../core/model.ts";
import { POLICY_PATH } from "../../core/policy/parse.ts";
import { withoutEnd } from "../../core/without-end.ts";
import { versionIn } from "./enterprise-server.ts";
import { RefusedError } from "./errors.ts";
import { readAnswer } from "./facts.ts";
import { AS_APP, GitHubClient, type GitHubClientOptions } from "./github-client.ts";
import type { AppSettings, GitHubInspection, InstallationSettings } from "./ports.ts";
import { readClassicChecks } from "./read-classic-checks.ts";
import { readRequiredChecks } from "./read-required-checks.ts";

/** An app with a hundred thousand installations. */
const MAX_INSTALLATION_PAGES = 1_000;
const Granted = z.record(z.string(), z.string());
const App = z.object({ permissions: Granted, events: z.array(z.string()) });
const Hook = z.object({
  url: z.string().nullish(),
  content_type: z.string().nullish(),
  insecure_ssl: z.union([z.string(), z.number()]).nullish(),
});
const Installations = z.array(
  z.object({
    id: z.number(),
    permissions: Granted,
    events: z.array(z.string()).nullish(),
    html_url: z.string().nullish(),
  }),
);
const Answers = z.array(z.object({ status_code: z.number().nullish(), status: z.string().nullish() }));
const Found = z.object({
  items: z.array(z.object({ path: z.string(), repository: z.object({ full_name: z.string() }) })),
});
const PER_PAGE = 100;

/** Answers the self-check from GitHub's REST API. Only reads. */
export function createInspection(options: GitHubClientOptions): GitHubInspection {
  const client = new GitHubClient({ ...options, apiUrl: withoutEnd(options.apiUrl, "/") });

  /** Servers that lack a route answer it with 404. */
  async function orUntold<T>(ask: () => Promise<T>): Promise<T | "untold"> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof RefusedError && error.status === 404) return "untold";
      throw error;
    }
  }

  return {
    async appSettings(): Promise<AppSettings> {
      const { data, headers } = await client.request(AS_APP, "GET /app");
      const { permissions, events } = readAnswer("app", App, data);
      const serverTime = Date.parse(headers["date"] ?? "");
      return {
        permissions,
        events,
        serverTime: Number.isNaN(serverTime) ? null : (serverTime as Instant),
        //
        serverVersion: versionIn(headers["x-github-enterprise-version"]),
      };
    },

    webhook: () =>
      orUntold(async () => {
        const { data } = await client.request(AS_APP, "GET /app/hook/config");
        const { url, content_type, insecure_ssl } = readAnswer("webhook settings", Hook, data);
        return { url: url ?? null, contentType: content_type ?? null, checksTls: String(insecure_ssl ?? "0") === "0" };
      }),

    installationSettings: () =>
      client.list(
        AS_APP,
        "GET /app/installations",
        {},
        (data): readonly InstallationSettings[] =>
          readAnswer("installations", Installations, data).map(({ id, permissions, events, html_url }) => ({
            id,
            permissions,
            events: events ?? null,
            url: html_url ?? null,
          })),
        { maxPages: MAX_INSTALLATION_PAGES },
      ),

    deliveryAnswers: () =>
      orUntold(async () => {
        const { data } = await client.request(AS_APP, "GET /app/hook/deliveries", { per_page: PER_PAGE });
        return readAnswer("deliveries", Answers, data).map(({ status_code, status }) => ({
          statusCode: status_code == null || status_code === 0 ? null : status_code,
          said: status ?? "",
        }));
      }),

    async withPolicy(installationId, account) {
      const folder = POLICY_PATH.slice(0, POLICY_PATH.lastIndexOf("/"));
      const file = POLICY_PATH.slice(folder.length + 1);
      try {
        const { data } = await client.request(installationId, "GET /search/code", {
          q: `user:${account} path:${folder} filename:${file}`,
          per_page: PER_PAGE,
        });
        const { items } = readAnswer("found files", Found, data);
        return [
          ...new Set(items.flatMap(({ path, repository }) => (path === POLICY_PATH ? repository.full_name : []))),
        ];
      } catch (error) {
        // 422: an account that cannot be searched. And ten questions a minute are allowed, however many installations there are.
        if (error instanceof RefusedError || error instanceof TransientError) return "untold";
        throw error;
      }
    },

    requiredChecks: (repository: Repository, branch: string) =>
      orUntold(async () => {
        const inRulesets = await readRequiredChecks(client, repository, branch);
        if (inRulesets === "not-in-plan") return inRulesets;
        return [...inRulesets, ...(await readClassicChecks(client, repository, branch))];
      }),
  };
}
