import type { Reference, Repository, Standing } from "../core/model.ts";
import { type IndexReader, type KnownRepository, type LinkKind, UNKNOWN_REPOSITORY } from "../store/index-store.ts";

/** What a look has learned about a repository. */
export interface LearnedOfRepository {
  readonly repository: Repository;
  readonly fields: Partial<Omit<KnownRepository, "repository">>;
  /** The last change of its policy that had been heard of before that (`KnownRepository`). */
  readonly policyHintBefore: number | null;
}

/** An issue or pull request that, as a look has found, may matter to an incident. */
export interface LearnedLink {
  readonly repositoryId: number;
  readonly incident: number;
  readonly kind: LinkKind;
  /** `owner/name` and number. */
  readonly target: { readonly repository: string } & Pick<Reference, "number">;
  /** `null`: it was not looked at. */
  readonly standing: Standing | null;
}

/**
 * What a look has learned for later passes to go by. The pass saves it (src/passes/remember.ts); until then, the look itself
 * sees it, so that nothing is asked twice.
 */
export class LearnedInLook {
  readonly #repositories = new Map<number, LearnedOfRepository>();
  readonly #links: LearnedLink[] = [];

  /** @param before what the index knew about it */
  noteRepository(repository: Repository, fields: LearnedOfRepository["fields"], before: KnownRepository | null): void {
    const known = this.#repositories.get(repository.id);
    this.#repositories.set(repository.id, {
      repository,
      fields: { ...known?.fields, ...fields },
      policyHintBefore: known === undefined ? (before?.policyHint ?? null) : known.policyHintBefore,
    });
  }

  noteLink(link: LearnedLink): void {
    this.#links.push(link);
  }

  /** Everything that has been learned and not been taken yet. */
  take(): { readonly repositories: readonly LearnedOfRepository[]; readonly links: readonly LearnedLink[] } {
    const taken = { repositories: [...this.#repositories.values()], links: this.#links.splice(0) };
    this.#repositories.clear();
    return taken;
  }

  /** The index as it will be once it has what was learned about repositories. */
  over<Index extends IndexReader>(index: Index): Index {
    const shown: Pick<IndexReader, "repository" | "repositoryByName"> = {
      repository: async (id) => this.#show(await index.repository(id), id),
      repositoryByName: async (name) => {
        const known = await index.repositoryByName(name);
        return known === null ? null : this.#show(known, known.repository.id);
      },
    };
    return new Proxy(index, {
      get(target, name) {
        if (name in shown) return shown[name as keyof typeof shown];
        const method: unknown = Reflect.get(target, name, target);
        return typeof method === "function" ? method.bind(target) : method;
      },
    });
  }

  #show(known: KnownRepository | null, id: number): KnownRepository | null {
    const learned = this.#repositories.get(id);
    if (learned === undefined) return known;
    return { ...(known ?? UNKNOWN_REPOSITORY), ...learned.fields, repository: learned.repository };
  }
}
