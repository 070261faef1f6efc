import pino from "pino";
import { TerminalError, TransientError } from "../src/base/errors.ts";
import { RequestTally } from "../src/base/request-tally.ts";
import { keyId } from "../src/core/key.ts";
import type { Instant, Key, Millis, Repository } from "../src/core/model.ts";
import { recordKey } from "../src/core/record/seal.ts";
import { createSweep } from "../src/ingress/sweep/sweep.ts";
import { ToldChanges } from "../src/ingress/sweep/told-changes.ts";
import { createEnqueueHints } from "../src/ingress/webhooks/enqueue-hints.ts";
import type { WebhookEvent } from "../src/ingress/webhooks/hints.ts";
import { createReconciler } from "../src/reconcile.ts";
import { builtInTemplates } from "../src/run/built-in-templates.ts";
import { MemoryAlerts } from "../src/store/memory-alerts.ts";
import { MemoryIndex } from "../src/store/memory-index.ts";
import { createGitHub } from "../src/systems/github/create-github.ts";
import { API_URL } from "../testkit/fake-over-http/api.ts";
import { MemoryQueue } from "../testkit/memory-queue.ts";
import { seededRandom } from "../testkit/seeded-random.ts";
import { type HourOfRequests, LargeOrganization, MOST_AN_HOUR } from "./large-organization.ts";
import { count, median, table } from "./report.ts";
import type { Setting } from "./setting.ts";

interface Organization {
  readonly repositories: number;
  readonly openIncidents: number;
  readonly changesAnHour: number;
  /** Requests per hour; `null`: anything, and then every sweep takes every repository. */
  readonly limit: number | null;
  /** The share of webhooks that never come. */
  readonly lost: number;
}

interface Life {
  readonly hours: readonly HourOfRequests[];
  /** From a change of an open incident whose webhook was lost to the pass over it, ms. */
  readonly lags: readonly number[];
  readonly passes: number;
}

const LARGE: Organization = {
  repositories: 10_000,
  openIncidents: 200,
  changesAnHour: 240,
  limit: MOST_AN_HOUR,
  lost: 0.05,
};
const HOURS = 24;
/** In an organization where every sweep takes every repository, every hundredth is measured. */
const SAMPLE = 100;
const EVERY = 300_000 as Millis;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How long ago the repositories were looked at: roughly as long as a round takes. */
const ROUND_DAYS = 8;
const WEBHOOK_TAKES_MS = 3_000;

/**
 * What the sweep of a very large organization costs GitHub: the real sweep, passes and client, over an organization in
 * memory (large-organization.ts), on a virtual clock. Passes that webhooks or timers ask for are left out.
 */
export async function measureSweep(setting: Setting): Promise<void> {
  const hours = setting.quick ? 8 : HOURS;
  const startedAt = performance.now();
  const sample = {
    ...LARGE,
    repositories: LARGE.repositories / SAMPLE,
    openIncidents: LARGE.openIncidents / SAMPLE,
    changesAnHour: LARGE.changesAnHour / SAMPLE,
    limit: null,
  };
  const before = await live(setting, sample, hours);
  const now = await live(setting, LARGE, hours);
  const silent = await live(setting, { ...LARGE, lost: 1 }, hours);
  const tookS = (performance.now() - startedAt) / 1_000;

  table(
    `Requests an hour by the sweep of ${count(LARGE.repositories)} repositories and ${count(LARGE.repositories * 10)} ` +
      `incidents, ${LARGE.openIncidents} of them open; ${LARGE.changesAnHour} changes an hour; ${hours} virtual hours`,
    ["", "mean", "of 12,500", "worst hour", "of 12,500", "“not modified”"],
    [
      row("as before: every repository every five minutes", before, SAMPLE),
      row("one question, and a round; 1 webhook in 20 is lost", now, 1),
      row("one question, and a round; no webhook comes at all", silent, 1),
    ],
  );
  console.log(`The first line is every ${SAMPLE}th repository, times ${SAMPLE}. "Not modified" does not count.`);
  for (const [name, life] of [
    ["1 webhook in 20 is lost", now],
    ["no webhook comes", silent],
  ] as const) {
    const minutes = (ms: number) => (ms / 60_000).toFixed(0);
    console.log(
      `Where ${name}: of the requests ${count(mean(life.hours.map(({ searches }) => searches)))} an hour are searches; ` +
        `${count(mean(life.hours.map(({ asApp }) => asApp)))} more are the app's own. ${count(life.passes / hours)} passes ` +
        `an hour. A lost change of an open incident was looked at after ${minutes(median(life.lags))} min (median), ` +
        `${minutes(Math.max(...life.lags))} min (worst of ${life.lags.length}).`,
    );
  }
  console.log(`The search index of this GitHub does not lag. Took ${tookS.toFixed(0)} s.\n`);
}

function row(name: string, { hours }: Life, times: number): readonly string[] {
  const all = hours.map(({ counted, searches }) => (counted + searches) * times);
  const worst = Math.max(...all);
  const free = mean(hours.map((hour) => hour.free * times));
  return [name, count(mean(all)), share(mean(all)), count(worst), share(worst), count(free)];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

function share(requests: number): string {
  return `${((requests / MOST_AN_HOUR) * 100).toFixed(1)} %`;
}

async function live({ privateKey }: Setting, world: Organization, hours: number): Promise<Life> {
  const organization = new LargeOrganization(world);
  const { clock } = organization;
  const log = pino({ level: "silent" });
  const index = new MemoryIndex();
  const github = createGitHub({ appId: organization.github.appId, privateKey, apiUrl: API_URL, log, clock });
  const reconcile = createReconciler({
    github,
    index,
    alerts: new MemoryAlerts(),
    clock,
    log,
    recordKeys: [recordKey("a record key for measurements, long enough to be one")],
    templates: builtInTemplates(),
    chat: null,
    requests: new RequestTally(),
  });
  const told = new ToldChanges(clock);
  const queue = new MemoryQueue();
  const add = async (keys: readonly Key[]) => queue.add(keys);
  const metrics = { countSweep() {}, countRedelivery() {} };
  const sweep = createSweep({ app: github.app, queue: { add }, index, clock, log, metrics, told, every: EVERY });
  const accept = createEnqueueHints({
    queue: { accept: add },
    index,
    clock,
    told,
    botLogin: () => organization.github.botLogin,
    webHost: "github.com",
    forgetTokens() {},
  });
  const lostAt = new Map<string, Instant>();
  const lags: number[] = [];
  let passes = 0;

  /** Runs every waiting pass. */
  async function settle(counts: boolean): Promise<void> {
    organization.counts = counts;
    for (let key = queue.take(); key !== null; key = queue.take()) {
      if (counts) passes += 1;
      try {
        queue.add((await reconcile(key, new AbortController().signal)).alsoLookAt);
      } catch (error) {
        // Dropped until the next hint, as the queue does.
        if (!(error instanceof TerminalError || error instanceof TransientError)) throw error;
      }
      const since = lostAt.get(keyId(key));
      if (since !== undefined) lags.push(clock.now() - since);
      lostAt.delete(keyId(key));
    }
    organization.counts = true;
  }

  const random = seededRandom(7);
  const sent: WebhookEvent[] = [];
  /** Somebody does something, and GitHub reports it or does not. */
  async function change(): Promise<void> {
    const at = clock.now();
    const incident = organization.change();
    const events = sent.splice(0);
    clock.advance(WEBHOOK_TAKES_MS);
    if (random() >= world.lost) {
      for (const event of events) await accept(event);
      await settle(false);
    } else if (incident !== null) {
      const id = keyId({ kind: "incident", ...incident });
      lostAt.set(id, lostAt.get(id) ?? at);
    }
    // What Sevgate itself did.
    sent.length = 0;
  }

  organization.listen();
  organization.github.onEvent(({ name, payload }) => void sent.push({ name, payload }));
  try {
    await lookAtAll(organization, index, async (repository) => {
      queue.add([{ kind: "repository", repository }]);
      await settle(false);
    });
    // Whole hours, so that each is complete.
    clock.advance(HOUR_MS - (clock.now() % HOUR_MS));
    await index.saveChangesReadUntil(organization.github.installationId, clock.now());
    sent.length = 0;
    organization.hours.clear();
    const startedAt = clock.now();
    const perSweep = (world.changesAnHour * EVERY) / HOUR_MS;
    for (let at = 0; at < (hours * HOUR_MS) / EVERY; at += 1) {
      await sweep();
      await settle(true);
      for (let done = Math.floor(at * perSweep); done < Math.floor((at + 1) * perSweep); done += 1) await change();
      clock.advance(startedAt + (at + 1) * EVERY - clock.now());
    }
  } finally {
    organization.stop();
  }
  return { hours: [...organization.hours.values()], lags, passes };
}

/**
 * Puts the index into its state after a round: repositories with open incidents were really looked at, the others have
 * a copy of such a look, at some time in the last few days.
 */
async function lookAtAll(
  organization: LargeOrganization,
  index: MemoryIndex,
  look: (repository: Repository) => Promise<void>,
): Promise<void> {
  const really = new Set(organization.openIncidents.map(({ repository }) => repository));
  for (const repository of really) {
    await look(repository);
    // As fast as GitHub's limit of creations allows.
    organization.clock.advance(240_000);
  }
  const [first] = really;
  const known = first === undefined ? null : await index.repository(first.id);
  if (known === null) throw new Error("no repository was looked at");
  const random = seededRandom(1);
  for (const repository of organization.repositories) {
    for (const number of organization.github.numbers(repository).slice(0, 10)) {
      await index.saveIncident(repository.id, number, { open: false });
    }
    if (really.has(repository)) continue;
    const { repository: _, ...like } = known;
    const sweptAt = (organization.clock.now() - random() * ROUND_DAYS * DAY_MS) as Instant;
    await index.saveRepository(repository, { ...like, policyReadAt: sweptAt, sweptAt });
  }
}
