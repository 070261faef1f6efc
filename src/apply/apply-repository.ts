import type { Logger } from "pino";
import { TerminalError } from "../errors.ts";
import type { GitHubWriter } from "../github/ports.ts";
import type { RepositoryObservation } from "../observe/observe-repository.ts";
import type { IndexStore } from "../queue/index-store.ts";

/** Creates the labels a repository lacks, and remembers that it was swept, and how widely it may be seen. */
export async function applyRepository(
  parts: { readonly write: GitHubWriter; readonly index: IndexStore; readonly log: Logger },
  seen: RepositoryObservation,
): Promise<void> {
  const { write, index, log } = parts;
  const { repository } = seen;
  let ready = true;
  for (const label of seen.missingLabels) {
    try {
      await write.createLabel(repository, label);
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      // Without the right to create labels an incident still works; GitHub makes plain ones as they are used.
      ready = false;
      log.warn({ repository: repository.id, label: label.name, err: error }, "label refused");
    }
  }
  const labelsReadyFor = ready ? { labelsReadyFor: seen.neededLabels.map((label) => label.name).join("\n") } : {};
  await index.saveRepository(repository, { sweptAt: seen.at, isPrivate: seen.isPrivate, ...labelsReadyFor });
}
