import { HeldBackError } from "../base/errors.ts";
import type { Repository } from "../core/model.ts";
import { sameName } from "../core/names.ts";
import type { LabelContent } from "../core/plan/labels.ts";
import type { IndexStore } from "../store/index-store.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";

type LabelIndex = Pick<IndexStore, "repository" | "saveRepository">;

/**
 * Creates a label, and remembers that it is there; or does nothing, if the budget keeps what is left of it for more important
 * things. GitHub creates a plain one when it is used (REST, "Add labels to an issue"): no incident waits for a colour.
 *
 * @throws TransientError, TerminalError as `GitHubWriter` does
 */
export async function createLabel(
  { write, index }: { readonly write: GitHubWriter; readonly index: LabelIndex },
  repository: Repository,
  { name, color, description }: LabelContent,
): Promise<void> {
  try {
    await write.createLabel(repository, { name, color, description });
  } catch (error) {
    if (error instanceof HeldBackError) return;
    throw error;
  }
  await noteLabel(index, repository, name);
}

/** Remembers that a label is in the repository. */
export async function noteLabel(index: LabelIndex, repository: Repository, name: string): Promise<void> {
  const known = (await index.repository(repository.id))?.labelsThere ?? [];
  if (!known.some((one) => sameName(one, name))) {
    await index.saveRepository(repository, { labelsThere: [...known, name] });
  }
}
