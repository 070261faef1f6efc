import type { Instant, Millis } from "../../core/model.ts";
import type { DeliveryFacts } from "../../systems/github/ports.ts";
import type { Metrics } from "../../views/metrics.ts";
import { InstallationSweep, type InstallationSweepParts, type InstallationSwept } from "./installation-sweep.ts";

export interface SweepParts extends InstallationSweepParts {
  readonly metrics: Pick<Metrics, "countSweep" | "countRedelivery">;
}

/** What a sweep did. */
export interface SweepReport extends InstallationSwept {
  readonly redelivered: number;
}

/** github.com remembers deliveries for 3 days (GitHub docs, "Redelivering webhooks"). */
const REMEMBERED_MS = 3 * 24 * 3_600_000;
/** A delivery may appear in GitHub's list some time after it happened. */
const OVERLAP_MS = 3_600_000;
/** A delivery that failed this often within the hours looked at is not the network's fault. */
const MAX_ATTEMPTS = 5;

/**
 * Makes a function that looks everywhere once, each time it is called: the repositories of every installation go into
 * the queue, behind everything else, and GitHub is asked to repeat deliveries that failed. This finds whatever a lost
 * webhook would have told. From a large installation it takes what changed, and the repositories whose turn it is
 * (installation-sweep.ts).
 *
 * One installation that fails does not hold up the others. Throws if the list of installations cannot be had.
 */
export function createSweep(parts: SweepParts): () => Promise<SweepReport> {
  const sweeps = new Map<number, InstallationSweep>();
  return async () => {
    const swept = await sweepRepositories(parts, sweeps);
    const redelivered = await redeliverFailed(parts);
    return { ...swept, redelivered };
  };
}

async function sweepRepositories(
  parts: SweepParts,
  sweeps: Map<number, InstallationSweep>,
): Promise<InstallationSwept> {
  const { app, log } = parts;
  const installations = await app.installations();
  for (const id of sweeps.keys()) if (!installations.some((one) => one.id === id)) sweeps.delete(id);
  let repositories = 0;
  let changes = 0;
  for (const installation of installations) {
    if (installation.suspended) continue;
    const known = sweeps.get(installation.id);
    // A renamed account is asked for by its new name.
    const sweep =
      known?.account === installation.account
        ? known
        : new InstallationSweep(parts, installation.id, installation.account);
    sweeps.set(installation.id, sweep);
    try {
      const swept = await sweep.run();
      repositories += swept.repositories;
      changes += swept.changes;
    } catch (error) {
      log.warn(
        { installationId: installation.id, err: error },
        "an installation could not be swept; the next sweep will",
      );
    }
  }
  return { repositories, changes };
}

async function redeliverFailed({ app, index, clock, log, metrics }: SweepParts): Promise<number> {
  const now = clock.now();
  const last = await index.deliveriesSweptAt();
  const since = (last === null ? now - REMEMBERED_MS : last - OVERLAP_MS) as Instant;
  const deliveries = await app.deliveries(since);
  if (deliveries === "unsupported") return 0;
  let count = 0;
  for (const delivery of failedForGood(deliveries)) {
    try {
      await app.redeliver(delivery.id);
      metrics.countRedelivery();
      count += 1;
    } catch (error) {
      log.warn({ guid: delivery.guid, err: error }, "a failed delivery could not be asked for again");
    }
  }
  await index.saveDeliveriesSweptAt(now);
  return count;
}

/** The latest attempt at every delivery that never succeeded: a redelivery keeps the GUID of the first attempt. */
export function failedForGood(deliveries: readonly DeliveryFacts[]): readonly DeliveryFacts[] {
  const attempts = new Map<string, DeliveryFacts[]>();
  for (const delivery of deliveries) {
    const known = attempts.get(delivery.guid);
    if (known === undefined) attempts.set(delivery.guid, [delivery]);
    else known.push(delivery);
  }
  return [...attempts.values()].flatMap((tries) => {
    if (tries.some((attempt) => attempt.ok) || tries.length >= MAX_ATTEMPTS) return [];
    return [tries.reduce((latest, attempt) => (attempt.deliveredAt > latest.deliveredAt ? attempt : latest))];
  });
}

/** Time until the next sweep: `every`, give or take 10 %, so that many servers do not ask at the same moment. */
export function nextSweepIn(every: Millis, random: number): Millis {
  return Math.round(every * (0.9 + 0.2 * random)) as Millis;
}

/** Sweeps now, and then again and again until stopped. A sweep that fails is only logged: the next one comes soon. */
export function startSweeping(parts: SweepParts): { hasSwept(): boolean; stop(): Promise<void> } {
  const sweep = createSweep(parts);
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let hasSwept = false;
  let running = once();

  async function once(): Promise<void> {
    try {
      const report = await sweep();
      hasSwept = true;
      parts.metrics.countSweep("done");
      parts.log.debug(report, "swept");
    } catch (error) {
      parts.metrics.countSweep("failed");
      parts.log.warn({ err: error }, "the sweep did not get through; the next one will try again");
    }
    if (stopped) return;
    timer = setTimeout(
      () => {
        running = once();
      },
      nextSweepIn(parts.every, Math.random()),
    );
  }

  return {
    hasSwept: () => hasSwept,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
