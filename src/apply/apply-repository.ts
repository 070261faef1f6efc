import type { Logger } from "pino";
import { HeldBackError, TerminalError } from "../base/errors.ts";
import type { Trace } from "../base/trace.ts";
import { labelsMissing } from "../core/plan/labels.ts";
import type { RepositoryObservation } from "../observe/observe-repository.ts";
import type { IndexStore } from "../store/index-store.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";

/**
 * Creates the labels a repository needs and lacks, and remembers that it was swept, and who may see it.
 *
 * @returns how soon the labels held back by the budget may be tried again, in ms: nothing else waits for them. `null`:
 *   none are
 */
export async function applyRepository(
  parts: { readonly write: GitHubWriter; readonly index: IndexStore; readonly log: Logger; readonly trace: Trace },
  seen: RepositoryObservation,
): Promise<number | null> {
  const { write, index, log, trace } = parts;
  const { repository } = seen;
  const labelsThere = [...seen.labelsThere];
  let waitMs: number | null = null;
  for (const label of labelsMissing(seen.neededLabels, seen.labelsThere)) {
    try {
      await trace.take(`create-label:${label.name}`, "plan:labels", () => write.createLabel(repository, label));
      labelsThere.push(label.name);
    } catch (error) {
      if (error instanceof HeldBackError) {
        waitMs = error.retryAfterMs ?? 0;
        break;
      }
      if (!(error instanceof TerminalError)) throw error;
      // Without the right to create labels an incident still works; GitHub creates plain ones when they are used.
      log.warn({ repository: repository.id, label: label.name, err: error }, "label refused");
    }
  }
  await index.saveRepository(repository, { sweptAt: seen.at, isPrivate: seen.isPrivate, labelsThere });
  return waitMs;
}
