import { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";
import type { IncidentView } from "../core/merge/merge-observation.ts";
import type { Instant, Repository } from "../core/model.ts";
import type { Policy } from "../core/policy/policy.ts";
import type { IndexReader } from "../store/index-store.ts";

const FRESH_MS = 10 * 60_000;
/** An old answer is better than none when there are too many to ask for all of them again. */
const REMEMBERED_MS = 24 * 3_600_000;
const MAX_REMEMBERED = 2_000;

/** An incident as a merge sees it, except for how it is named there; `null`: the issue is not one. */
export type SeenIncident = Omit<IncidentView, "target"> | null;

/**
 * What looking at issues has found, so that a pull request that names many does not cost as many questions each time it
 * is looked at. It is valid as long as the index and the policy say what they said then.
 */
export interface SeenIncidents {
  /** `null`: nothing is known. Anything that is not fresh is worth another look. */
  recall(
    repository: Repository,
    number: number,
    policy: Policy,
  ): Promise<{ readonly found: SeenIncident; readonly isFresh: boolean } | null>;
  /** Looks, and remembers what was found. Throws as `look` does. */
  look(
    repository: Repository,
    number: number,
    policy: Policy,
    look: () => Promise<SeenIncident>,
  ): Promise<SeenIncident>;
}

/** Makes the memory. Replicas need not share it: they share the index it is checked against. */
export function createSeenIncidents(index: Pick<IndexReader, "incident">, clock: Clock): SeenIncidents {
  const known = new LRUCache<string, { readonly found: SeenIncident; readonly under: string; readonly at: Instant }>({
    max: MAX_REMEMBERED,
  });
  // Policies are kept as long as they do not change: each is serialised once.
  const policies = new WeakMap<Policy, string>();
  async function standing({ id }: Repository, number: number, policy: Policy): Promise<string> {
    const row = await index.incident(id, number);
    const text = policies.get(policy) ?? JSON.stringify(policy);
    policies.set(policy, text);
    return JSON.stringify([row?.verdict ?? null, row?.open ?? null, text]);
  }
  return {
    async recall(repository, number, policy) {
      const found = known.get(`${repository.id}#${number}`);
      const ageMs = clock.now() - (found?.at ?? 0);
      if (found === undefined || ageMs > REMEMBERED_MS) return null;
      if (found.under !== (await standing(repository, number, policy))) return null;
      return { found: found.found, isFresh: ageMs <= FRESH_MS };
    },
    async look(repository, number, policy, look) {
      const at = clock.now();
      // A change while it is being looked at makes it worth another look.
      const under = await standing(repository, number, policy);
      const found = await look();
      known.set(`${repository.id}#${number}`, { found, under, at });
      return found;
    },
  };
}
