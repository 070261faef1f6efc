import type { Repository } from "../model.ts";
import { sameName } from "../names.ts";

/** The repository of an owner whose policy counts for all of the owner's. */
export function ownersRepository(repository: Repository): Repository {
  return { ...repository, id: 0, name: ".github" };
}

/** Whether it is the one whose policy counts for all of the owner's. */
export function isOwnersRepository({ name }: Pick<Repository, "name">): boolean {
  return sameName(name, ".github");
}
