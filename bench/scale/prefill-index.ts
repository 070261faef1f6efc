import { pino } from "pino";
import { systemClock } from "../../src/base/clock.ts";
import type { Instant, Repository } from "../../src/core/model.ts";
import { openStore } from "../../src/run/open-store.ts";
import { seededRandom } from "../../testkit/seeded-random.ts";
import type { StorePlace } from "../prefill.ts";

const AT_THE_SAME_TIME = 8;
const SWEPT_WITHIN_MS = 5 * 3_600_000;

/**
 * Puts the index into its state after months: every repository was looked at in the last hours, and had incidents. All is a copy of
 * what passes have really left of `like`; the servers may not be running.
 */
export async function prefillIndex(
  place: StorePlace,
  like: { readonly repository: Repository; readonly number: number },
  repositories: readonly Repository[],
  incidents: number,
): Promise<void> {
  const { index, close } = await openStore({ ...place, log: pino({ level: "silent" }), clock: systemClock });
  try {
    const known = await index.repository(like.repository.id);
    const incident = await index.incident(like.repository.id, like.number);
    if (known?.policyReadAt == null || incident?.record == null) throw new Error("nothing to copy was left");
    const { repository: _, ...fields } = known;
    const { repositoryId: __, number: ___, ...record } = incident;
    const random = seededRandom(repositories.length);
    const left = repositories.filter(({ id }) => id !== like.repository.id).entries();
    await Promise.all(
      Array.from({ length: AT_THE_SAME_TIME }, async () => {
        for (const [, repository] of left) {
          const sweptAt = Math.round(Date.now() - random() * SWEPT_WITHIN_MS) as Instant;
          await index.saveRepository(repository, { ...fields, policyReadAt: sweptAt, sweptAt });
          for (let at = 0; at < incidents; at += 1) {
            await index.saveIncident(repository.id, 1_000_000 + at, { ...record, open: false });
          }
        }
      }),
    );
  } finally {
    await close();
  }
}
