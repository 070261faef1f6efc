import * as z from "zod";
import type { Instant } from "../../core/model.ts";
import { RefusedError } from "./errors.ts";
import { readAnswer, toDeliveries, toFoundEntries } from "./facts.ts";
import { AS_APP, type GitHubClient } from "./github-client.ts";
import type { OptionalFeatures } from "./optional-features.ts";
import type { ChangedEntries, ChangedEntry, DeliveryFacts, GitHubApp } from "./ports.ts";

const MAX_DELIVERIES = 5_000;
/** An installation on all repositories of a very large organization. */
const MAX_REPOSITORY_PAGES = 1_000;
const SEARCH_PAGE = 100;
/** GitHub gives 1,000 results per question, and allows 30 questions a minute: the rest is for next time. */
const MAX_SEARCH_PAGES = 10;

const Identity = z.object({ id: z.number(), slug: z.string() });
const Installations = z.array(
  z.object({
    id: z.number(),
    account: z.object({ login: z.string().nullish(), slug: z.string().nullish() }).nullish(),
    suspended_at: z.string().nullish(),
    permissions: z.record(z.string(), z.string()).nullish(),
    html_url: z.string().nullish(),
  }),
);
const Repositories = z.object({
  repositories: z.array(z.object({ id: z.number(), name: z.string(), owner: z.object({ login: z.string() }) })),
});

const UNSUPPORTED = { absent: "unsupported", gone: "unsupported" } as const;

/** Asks as the app itself (JSON Web Token), except for the repositories, which an installation lists. */
export function createGitHubApp(client: GitHubClient, features: OptionalFeatures): GitHubApp {
  return {
    async identity() {
      const { id, slug } = readAnswer("app", Identity, (await client.request(AS_APP, "GET /app")).data);
      return { appId: id, slug, botLogin: `${slug}[bot]` };
    },

    installations: () =>
      client.list(
        AS_APP,
        "GET /app/installations",
        {},
        (data) =>
          readAnswer("installations", Installations, data).map((installation) => ({
            id: installation.id,
            // An enterprise has no login, only a slug.
            account: installation.account?.login ?? installation.account?.slug ?? "",
            suspended: installation.suspended_at != null,
            ...(installation.permissions == null ? {} : { permissions: installation.permissions }),
            ...(installation.html_url == null ? {} : { url: installation.html_url }),
          })),
        { maxPages: MAX_REPOSITORY_PAGES },
      ),

    repositories: (installationId) =>
      features.try(
        "repository-list",
        () =>
          client.list(
            installationId,
            "GET /installation/repositories",
            {},
            (data) =>
              readAnswer("repositories", Repositories, data).repositories.map((repository) => ({
                installationId,
                id: repository.id,
                owner: repository.owner.login,
                name: repository.name,
              })),
            { maxPages: MAX_REPOSITORY_PAGES },
          ),
        UNSUPPORTED,
        { installationId },
      ),

    changedSince: (installationId, account, since, openWith) =>
      features.try(
        "search",
        async () => {
          const about = openWith === null ? "" : ` is:open label:${openWith.map((label) => `"${label}"`).join(",")}`;
          // GitHub wants an app to say which of the two it is asking for (422).
          const kinds = openWith === null ? ["is:issue", "is:pull-request"] : ["is:issue"];
          const found: ChangedEntries[] = [];
          try {
            for (const kind of kinds) {
              found.push(await searchFrom(client, installationId, `user:${account} ${kind}${about}`, since));
            }
          } catch (error) {
            // An enterprise, or an account without any repository that the app may see.
            if (error instanceof RefusedError && error.status === 422) return "unsupported" as const;
            throw error;
          }
          const places = found.flatMap(({ continueFrom }) => (continueFrom === null ? [] : [continueFrom]));
          return {
            entries: found.flatMap(({ entries }) => entries),
            continueFrom: places.length === 0 ? null : (Math.min(...places) as Instant),
          };
        },
        UNSUPPORTED,
        { installationId },
      ),

    requestLimit: async (installationId) => client.requestLimit(installationId),

    deliveries: (since) =>
      features.try(
        "deliveries",
        async () => {
          // A very busy app gets the newest ones: what failed long ago is found by sweeping the repositories.
          const enough = (deliveries: readonly DeliveryFacts[]) =>
            deliveries.length >= MAX_DELIVERIES || deliveries.some((delivery) => delivery.deliveredAt < since);
          const deliveries = await client.list(AS_APP, "GET /app/hook/deliveries", {}, toDeliveries, { enough });
          return deliveries.filter((delivery) => delivery.deliveredAt >= since);
        },
        UNSUPPORTED,
        { installationId: 0 },
      ),

    async redeliver(deliveryId) {
      await client.request(AS_APP, "POST /app/hook/deliveries/{delivery_id}/attempts", { delivery_id: deliveryId });
    },
  };
}

/**
 * Continues from where the last page ended, not by page number: what changes meanwhile moves to the end of the list,
 * and would move something unread onto a page already read. (A-120)
 */
async function searchFrom(
  client: GitHubClient,
  installationId: number,
  query: string,
  since: Instant,
): Promise<ChangedEntries> {
  const entries = new Map<string, ChangedEntry>();
  let from = since;
  let page = 1;
  for (let pages = 0; pages < MAX_SEARCH_PAGES; pages += 1) {
    const { data } = await client.request(installationId, "GET /search/issues", {
      q: `${query} updated:>=${new Date(from).toISOString().replace(/\.\d+Z$/, "Z")}`,
      sort: "updated",
      order: "asc",
      per_page: SEARCH_PAGE,
      page,
    });
    const found = toFoundEntries(data);
    for (const entry of found.entries) entries.set(`${entry.repository}#${entry.number}`, entry);
    // GitHub ran out of time and left some out: ask the same again next time.
    if (found.isIncomplete) return { entries: [...entries.values()], continueFrom: since };
    const last = found.entries.at(-1)?.updatedAt;
    if (last === undefined || found.entries.length < SEARCH_PAGE) {
      return { entries: [...entries.values()], continueFrom: null };
    }
    // A whole page within one second: only a page number gets past it.
    page = last > from ? 1 : page + 1;
    if (last > from) from = last;
  }
  return { entries: [...entries.values()], continueFrom: from > since ? from : ((since + 1_000) as Instant) };
}
