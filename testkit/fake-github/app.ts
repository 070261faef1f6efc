import { sameName } from "../../src/core/names.ts";
import type { GitHubApp } from "../../src/systems/github/ports.ts";
import type { FakeWorld } from "./world.ts";

/** The app as a whole: who it is, and where it is installed. */
export function createApp(world: FakeWorld): GitHubApp {
  return {
    identity: () =>
      world.call("read", "identity", null, () => ({
        appId: world.settings.appId,
        botLogin: world.settings.botLogin,
        slug: world.settings.slug,
      })),
    installations: () =>
      world.call("read", "installations", null, () => {
        const accounts = new Map<number, string>();
        for (const { repository } of world.repositories.values()) {
          accounts.set(repository.installationId, repository.owner);
        }
        return [...accounts].map(([id, account]) => ({ id, account, suspended: world.settings.suspended.has(id) }));
      }),
    repositories: (installationId) =>
      world.call("read", "repositories", null, () =>
        world.settings.features.repositoryList
          ? [...world.repositories.values()]
              .map((state) => state.repository)
              .filter((repository) => repository.installationId === installationId)
          : "unsupported",
      ),
    changedSince: (installationId, account, since, openWith) =>
      world.call("read", "search", null, () => {
        if (!world.settings.features.search) return "unsupported";
        const entries = [...world.repositories.values()]
          .filter(({ repository }) => sameName(repository.owner, account))
          // From others, what everybody may see.
          .filter(({ repository, isPrivate }) => repository.installationId === installationId || !isPrivate)
          .flatMap(({ repository: { owner, name }, issues }) =>
            [...issues.values()].map((issue) => ({
              repository: `${owner}/${name}`,
              number: issue.number,
              isPullRequest: issue.pullRequest !== null,
              labels: [...issue.labels],
              updatedAt: issue.updatedAt,
              isOpen: issue.state === "open",
            })),
          )
          .filter(({ updatedAt }) => updatedAt >= since)
          .filter(
            ({ isPullRequest, isOpen, labels }) =>
              openWith === null ||
              (!isPullRequest && isOpen && labels.some((label) => openWith.some((one) => sameName(one, label)))),
          )
          .sort((a, b) => a.updatedAt - b.updatedAt);
        const read = entries.slice(0, world.settings.foundAtOnce);
        return {
          entries: read.map(({ isOpen: _, ...entry }) => entry),
          continueFrom: read.length < entries.length ? (read.at(-1)?.updatedAt ?? since) : null,
        };
      }),
    // It asks nothing, and is not counted.
    requestLimit: async () => world.settings.requestLimit,
    deliveries: (since) =>
      world.call("read", "deliveries", null, () =>
        world.settings.features.deliveries
          ? world.settings.deliveries.filter((delivery) => delivery.deliveredAt >= since)
          : "unsupported",
      ),
    redeliver: (deliveryId) =>
      world.call("write", "redeliver", null, () => {
        world.settings.redelivered.push(deliveryId);
      }),
  };
}
