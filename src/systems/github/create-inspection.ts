import * as z from "zod";
import type { Instant, Repository } from "../../core/model.ts";
import { withoutEnd } from "../../core/without-end.ts";
import { RefusedError } from "./errors.ts";
import { readAnswer } from "./facts.ts";
import { AS_APP, GitHubClient, type GitHubClientOptions } from "./github-client.ts";
import type { AppSettings, GitHubInspection, InstallationSettings } from "./ports.ts";
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
const Installations = z.array(z.object({ id: z.number(), permissions: Granted }));
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
      return { permissions, events, serverTime: Number.isNaN(serverTime) ? null : (serverTime as Instant) };
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
        (data): readonly InstallationSettings[] => readAnswer("installations", Installations, data),
        { maxPages: MAX_INSTALLATION_PAGES },
      ),

    requiredChecks: (repository: Repository, branch: string) =>
      orUntold(() => readRequiredChecks(client, repository, branch)),
  };
}
