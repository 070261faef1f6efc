import { z } from "zod";
import { readAnswer, toDeliveries } from "./facts.ts";
import { AS_APP, type GitHubClient } from "./github-client.ts";
import type { OptionalFeatures } from "./optional-features.ts";
import type { DeliveryFacts, GitHubApp } from "./ports.ts";

const MAX_DELIVERIES = 5_000;
/** An installation on all repositories of a very large organization. */
const MAX_REPOSITORY_PAGES = 1_000;

const Identity = z.object({ id: z.number(), slug: z.string() });
const Installations = z.array(
  z.object({
    id: z.number(),
    account: z.object({ login: z.string().nullish(), slug: z.string().nullish() }).nullish(),
    suspended_at: z.string().nullish(),
  }),
);
const Repositories = z.object({
  repositories: z.array(z.object({ id: z.number(), name: z.string(), owner: z.object({ login: z.string() }) })),
});

/** Asks as the app itself (JSON Web Token), but for the repositories, which an installation lists. */
export function createGitHubApp(client: GitHubClient, features: OptionalFeatures): GitHubApp {
  return {
    async identity() {
      const { id, slug } = readAnswer("app", Identity, (await client.request(AS_APP, "GET /app")).data);
      return { appId: id, slug, botLogin: `${slug}[bot]` };
    },

    installations: () =>
      client.list(AS_APP, "GET /app/installations", {}, (data) =>
        readAnswer("installations", Installations, data).map((installation) => ({
          id: installation.id,
          // An enterprise has no login, only a slug.
          account: installation.account?.login ?? installation.account?.slug ?? "",
          suspended: installation.suspended_at != null,
        })),
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
        "unsupported" as const,
      ),

    requestLimit: async (installationId) => client.requestLimit(installationId),

    deliveries: (since) =>
      features.try(
        "deliveries",
        async () => {
          // A very busy app gets the newest: what failed long ago is found by the sweep of the repositories.
          const enough = (deliveries: readonly DeliveryFacts[]) =>
            deliveries.length >= MAX_DELIVERIES || deliveries.some((delivery) => delivery.deliveredAt < since);
          const deliveries = await client.list(AS_APP, "GET /app/hook/deliveries", {}, toDeliveries, { enough });
          return deliveries.filter((delivery) => delivery.deliveredAt >= since);
        },
        "unsupported" as const,
      ),

    async redeliver(deliveryId) {
      await client.request(AS_APP, "POST /app/hook/deliveries/{delivery_id}/attempts", { delivery_id: deliveryId });
    },
  };
}
