import { setTimeout as pause } from "node:timers/promises";
import type { Job, JobInsert, JobWithMetadata, PgBoss, WorkOptions } from "pg-boss";
import type { Logger } from "pino";
import type { Clock } from "../base/clock.ts";
import { TransientError } from "../base/errors.ts";
import { withDeadline } from "../base/with-deadline.ts";
import { keyId } from "../core/key.ts";
import type { Instant, Key, Millis } from "../core/model.ts";
import { databaseError, type Sql } from "../store/sql.ts";
import { ArrivalRate, MANY_DELIVERIES_PER_SECOND, REST_AFTER_PASS_MS } from "./arrival-rate.ts";
import { BY_TIMER, type Cause, followsFrom, namePass, type PassName, UNKNOWN_CAUSE } from "./cause.ts";
import { FairShare, LOWEST_RANK_WITHIN_SHARE } from "./fair-share.ts";
import { type Arrival, Inbox } from "./inbox.ts";
import { type InboxMover, startInboxMover } from "./inbox-mover.ts";
import { judgeFailure, NO_TRIES, type Tries } from "./judge-failure.ts";
import { createLease, LAST_WRITE_ARRIVES_MS } from "./lease.ts";
import {
  DUE_TIMER,
  type FinishedPass,
  FOLLOW_UP,
  type Pass,
  type Priority,
  type Queue,
  slotsForOthers,
} from "./queue.ts";

/** The PostgreSQL schema pg-boss keeps its tables in. */
export const QUEUE_SCHEMA = "sevgate_queue";

const WORK = "work";
const TIMER = "timer";
const SET_ASIDE = "set-aside";

const ADD_LIMIT_MS = 5_000;
/** So that no statement gets large. */
const MAX_INSERTED_AT_ONCE = 1_000;
/** Beyond this, keys are not counted whenever somebody asks: what pg-boss counts every five seconds is used instead. */
const MOST_COUNTED = 10_000;
/** The states are written as in pg-boss's index of live jobs, so that only its entries are read, and few of those. */
const DEPTH = `
  with waiting as (
    select count(*)::int as counted from (
      select from ${QUEUE_SCHEMA}.job where name = $1 and state in ('created', 'retry') limit ${MOST_COUNTED}) as few
  ), arrived as (
    select count(distinct id)::int as counted from (
      select id from sevgate_inbox limit ${MOST_COUNTED}) as few
  )
  select
    arrived.counted + case when waiting.counted < ${MOST_COUNTED} then waiting.counted
      else greatest(waiting.counted, (select queued_count::int from ${QUEUE_SCHEMA}.queue where name = $1)) end as waiting,
    (select count(*)::int from ${QUEUE_SCHEMA}.job where name = $1 and state = 'active') as running,
    (select count(*)::int from ${QUEUE_SCHEMA}.job where name = $2 and state in ('created', 'retry')) as "setAside"
  from waiting, arrived`;
/** When a key comes back that would have taken a slot kept for others, and how long the slot that looked rests before. */
const GIVEN_BACK_SECONDS = 1;
const REST_AFTER_GIVING_BACK_MS = 100;
/** So that this is quick with 100,000 keys: whoever is within a share is among these (fair-share.ts). */
const LOOKED_THROUGH = 2_000;
/**
 * Of the next keys, in the order of pg-boss, the first one of an installation that holds no slot here comes before what a slot
 * has just given back. Else that slot would go on meeting keys that it must not take.
 */
const BRING_FORWARD = `
  with next as (
    select id, group_id, priority, created_on from ${QUEUE_SCHEMA}.job
    where name = $1 and state < 'active' and not blocked and start_after <= now()
    order by priority desc, created_on limit ${LOOKED_THROUGH}
  ), first as (
    select id from next where group_id <> all($2::text[]) order by priority desc, created_on limit 1
  )
  update ${QUEUE_SCHEMA}.job set priority = greatest(job.priority, $3)
  from first where job.name = $1 and job.id = first.id and job.state < 'active'`;

/** What a job carries: where to look, why, and how earlier tries went. */
interface Entry extends Tries {
  readonly key: Key;
  /** Left out by versions that did not know causes. */
  readonly cause?: Cause;
}

/** An entry on its way into the queue. */
interface Added {
  readonly entry: Entry;
  readonly priority: Priority;
  /** Its place among waiting keys: higher first (fair-share.ts). */
  readonly rank: number;
}

export interface BossQueueParts {
  readonly boss: PgBoss;
  readonly sql: Sql;
  readonly clock: Clock;
  readonly log: Logger;
  /** Moves what was accepted into the queue; tests with a clock of their own do that themselves. */
  readonly startMover?: typeof startInboxMover;
  /** How long to wait after this many failures in a row, if nobody said. */
  retryDelay(failures: number): Millis;
}

/**
 * The queue of keys on pg-boss.
 *
 * - `work` is `stately` with the key's id as singleton key: one waiting and one running job per key, across all
 *   processes (docs/decisions/0003-embedded-store-and-its-lock.md).
 * - Timers wait in a queue of their own: in `work`, a job for next week would take the key's only waiting place.
 * - Who is next is decided when a key is added (fair-share.ts): what pg-boss calls the priority of a job is its rank.
 * - A failed pass completes its job and sets the key's timer. pg-boss's own retries are only for what kills a process:
 *   they would take a waiting place too, and do not know `retryAfterMs`.
 *
 * Priorities, counts and cleanup read pg-boss's `job` table directly: its version is pinned, and test/queue runs against
 * it.
 */
export class BossQueue implements Queue {
  readonly #parts: BossQueueParts;
  readonly #listeners: ((pass: FinishedPass) => void)[] = [];
  readonly #inbox: Inbox;
  #mover: InboxMover | undefined;
  readonly #deliveries = new ArrivalRate();
  readonly #ending = new AbortController();
  readonly #shares = new FairShare();
  /** Separate from the shares of keys: a key that many deliveries are about takes its place in the queue only once. */
  readonly #sharesOfInbox = new FairShare();
  /** How many slots each installation holds. */
  readonly #held = new Map<number, number>();
  #stopping = false;

  constructor(parts: BossQueueParts) {
    this.#parts = parts;
    this.#inbox = new Inbox({ query: parts.sql.query, admit: (arrivals) => this.#admit(arrivals) });
  }

  /** Creates the queues that do not exist yet. */
  async prepare(): Promise<void> {
    const { boss } = this.#parts;
    await boss.createQueue(SET_ASIDE, { policy: "short", retentionSeconds: 30 * 24 * 3_600, retryLimit: 0 });
    await boss.createQueue(WORK, {
      policy: "stately",
      notify: true,
      // Only for jobs whose process died or hung: a key that kills its process must not do so forever.
      retryLimit: 10,
      retryDelay: 0,
      heartbeatSeconds: 10,
      expireInSeconds: 300,
      retentionSeconds: 30 * 24 * 3_600,
      deleteAfterSeconds: 600,
      deadLetter: SET_ASIDE,
    });
    await boss.createQueue(TIMER, {
      policy: "short",
      notify: true,
      retryLimit: 1_000,
      retryDelay: 5,
      heartbeatSeconds: 10,
      expireInSeconds: 60,
      retentionSeconds: 30 * 24 * 3_600,
      deleteAfterSeconds: 600,
    });
  }

  /** Tells `listener` of every finished pass. */
  onPass(listener: (pass: FinishedPass) => void): void {
    this.#listeners.push(listener);
  }

  async add(keys: readonly Key[], priority: Priority = FOLLOW_UP, cause = UNKNOWN_CAUSE): Promise<void> {
    await this.#addEntries(
      keys.map((key) => ({ key, cause, ...NO_TRIES })),
      priority,
    );
  }

  async accept(keys: readonly Key[], priority: Priority = FOLLOW_UP, cause = UNKNOWN_CAUSE): Promise<void> {
    this.#deliveries.note(performance.now());
    if (keys.length === 0) return;
    const arrivals = keys.map((key): Arrival => {
      const rank = this.#sharesOfInbox.rank(key, priority, this.#parts.clock.now());
      return { id: keyId(key), data: JSON.stringify({ key, cause, ...NO_TRIES }), priority, rank };
    });
    await withDeadline(ADD_LIMIT_MS, "storing a delivery", this.#inbox.add(arrivals)).catch(rethrow);
    this.#mover?.wake();
  }

  async lookAgainAt(key: Key, at: Instant | null): Promise<void> {
    if (at === null) {
      await this.#parts.sql.query(
        `delete from ${QUEUE_SCHEMA}.job where name = $1 and singleton_key = $2 and state < 'active'`,
        [TIMER, keyId(key)],
      );
      return;
    }
    await this.#setTimer({ key, cause: BY_TIMER, ...NO_TRIES }, (at - this.#parts.clock.now()) as Millis);
  }

  async work(concurrency: number, pass: Pass): Promise<void> {
    const { boss, log, startMover = startInboxMover } = this.#parts;
    this.#mover = startMover(this.#inbox, log);
    for (let slot = 0; slot < concurrency; slot += 1) await this.#openSlot(concurrency, pass, {});
    // However slow some installations' passes are, the next one finds a slot. Only among keys within their share, so that
    // looking for one does not mean reading thousands of others.
    for (let slot = 0; slot < slotsForOthers(concurrency); slot += 1) {
      await this.#openSlot(concurrency, pass, { groupConcurrency: 1, minPriority: LOWEST_RANK_WITHIN_SHARE });
    }
    await boss.work<Entry>(
      TIMER,
      { batchSize: 100, pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 1 },
      async (jobs) => {
        await this.#addEntries(
          jobs.map((job) => job.data),
          DUE_TIMER,
        );
      },
    );
  }

  /** One worker per slot: in a batch, a slow key would hold up the others. */
  async #openSlot(
    concurrency: number,
    pass: Pass,
    takesOnly: Pick<WorkOptions, "groupConcurrency" | "minPriority">,
  ): Promise<void> {
    const { boss } = this.#parts;
    let id = "";
    id = await boss.work<Entry, void, WorkOptions & { readonly includeMetadata: true }>(
      WORK,
      {
        ...takesOnly,
        batchSize: 1,
        pollingIntervalSeconds: 0.5,
        notifyPollingIntervalSeconds: 2,
        includeMetadata: true,
      },
      async ([job]) => {
        try {
          if (job !== undefined) await this.#runInSlot(concurrency, job, pass);
          await this.#letDeliveriesIn();
        } finally {
          // pg-boss would pause for a polling interval between two jobs.
          boss.notifyWorker(id);
        }
      },
    );
  }

  /**
   * Runs the pass, unless that would take a slot from the others: slots that look at the same moment do not see what the
   * others take.
   */
  async #runInSlot(concurrency: number, job: JobWithMetadata<Entry>, pass: Pass): Promise<void> {
    const { installationId } = job.data.key.repository;
    const held = this.#held.get(installationId) ?? 0;
    const taken = [...this.#held.values()].reduce((sum, slots) => sum + slots, 0);
    if (held > 0 && taken >= concurrency) {
      await this.#giveBack(job);
      await this.#rest(REST_AFTER_GIVING_BACK_MS);
      return;
    }
    this.#held.set(installationId, held + 1);
    try {
      await this.#run(job, pass);
    } finally {
      const left = (this.#held.get(installationId) ?? 1) - 1;
      if (left === 0) this.#held.delete(installationId);
      else this.#held.set(installationId, left);
    }
  }

  /** The key waits on, with the rank it had: nobody has asked for it again. */
  async #giveBack({ data, priority }: JobWithMetadata<Entry>): Promise<void> {
    const { boss, sql } = this.#parts;
    await boss.insert(WORK, [{ ...jobOf(data, priority), startAfter: GIVEN_BACK_SECONDS }]).catch(rethrow);
    await sql.query(BRING_FORWARD, [WORK, [...this.#held.keys()].map(String), priority + 1]);
  }

  async stop(graceMs: number): Promise<void> {
    const { boss, log } = this.#parts;
    this.#ending.abort();
    const drained = Promise.all([this.#mover?.stop(), boss.offWork(WORK), boss.offWork(TIMER)]);
    try {
      await withDeadline(graceMs, "finishing the running passes", drained);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      // Stopping pg-boss without grace puts these keys back, and aborts their signals.
      log.warn({ graceMs }, "passes still running were put back into the queue");
      this.#stopping = true;
      await boss.stop({ graceful: false, close: false });
    }
  }

  async depth(): Promise<{ readonly waiting: number; readonly running: number; readonly setAside: number }> {
    const [row] = await this.#parts.sql.query<{ waiting: number; running: number; setAside: number }>(DEPTH, [
      WORK,
      SET_ASIDE,
    ]);
    const { waiting = 0, running = 0, setAside = 0 } = row ?? {};
    return { waiting, running, setAside };
  }

  async #addEntries(entries: readonly Entry[], priority: Priority): Promise<void> {
    const items = [...new Map(entries.map((entry) => [keyId(entry.key), this.#ranked(entry, priority)]))];
    for (let from = 0; from < items.length; from += MAX_INSERTED_AT_ONCE) {
      const some = new Map(items.slice(from, from + MAX_INSERTED_AT_ONCE));
      await withDeadline(ADD_LIMIT_MS, "adding to the queue", this.#insert(some)).catch(rethrow);
    }
  }

  /** When the promise resolves, the arrivals are in the queue. */
  async #admit(arrivals: readonly Arrival[]): Promise<void> {
    const most = new Map<string, Arrival>();
    for (const arrival of arrivals) {
      const known = most.get(arrival.id);
      if (known === undefined) most.set(arrival.id, arrival);
      else if (known.priority < arrival.priority) most.set(arrival.id, { ...known, priority: arrival.priority });
    }
    const items = [...most].map(
      ([id, { data, priority }]) => [id, this.#ranked(JSON.parse(data) as Entry, priority)] as const,
    );
    await this.#insert(new Map(items));
  }

  #ranked(entry: Entry, priority: Priority): Added {
    return { entry, priority, rank: this.#shares.rankOf(entry, priority, this.#parts.clock.now()) };
  }

  async #insert(items: ReadonlyMap<string, Added>): Promise<void> {
    const { boss, sql } = this.#parts;
    const inserted = await boss.insert(
      WORK,
      [...items.values()].map(({ entry, rank }) => jobOf(entry, rank)),
      { returnId: true },
    );
    const urgent = [...items].filter(([, { priority }]) => priority > 0);
    if (urgent.length === 0 || (inserted ?? []).length === items.size) return;
    // Some keys are already waiting, perhaps behind a sweep: an urgent hint moves them forward.
    await sql.query(
      `update ${QUEUE_SCHEMA}.job set priority = wanted.priority
       from unnest($2::text[], $3::int[]) as wanted(key, priority)
       where name = $1 and singleton_key = wanted.key and state < 'active' and job.priority < wanted.priority`,
      [WORK, urgent.map(([id]) => id), urgent.map(([, { rank }]) => rank)],
    );
  }

  async #setTimer(entry: Entry, inMs: Millis, singletonKey = keyId(entry.key)): Promise<void> {
    // Relative, so that only the database's clock decides: it may differ from ours.
    const startAfter = Math.max(0, inMs) / 1_000;
    await this.#parts.boss.upsert(TIMER, entry, { singletonKey, startAfter }).catch(rethrow);
  }

  async #run(job: Job<Entry>, pass: Pass): Promise<void> {
    const { clock, boss } = this.#parts;
    const { data, signal } = job;
    const name = namePass(data.cause ?? UNKNOWN_CAUSE);
    const entry: Entry = { ...data, cause: { by: name.cause, origin: name.origin } };
    // pg-boss counts the attempts of a job: one that another process has been given meanwhile is no longer ours.
    const lease = createLease(async () => {
      // pg-boss answers more than its types say.
      const touched = (await boss.touch(WORK, job).catch(rethrow)) as { readonly affected: number };
      return touched.affected === 1;
    }, signal);
    const startedAt = clock.now();
    let result: FinishedPass["result"];
    try {
      const { checkAgainIn, alsoLookAt } = await pass(entry.key, signal, lease, name);
      // Whoever took over the key has set its timer, by a more recent look.
      await lease.assertHeld();
      await this.lookAgainAt(entry.key, checkAgainIn === null ? null : ((clock.now() + checkAgainIn) as Instant));
      await this.add(alsoLookAt, FOLLOW_UP, followsFrom(entry.key, name));
      await this.#takeBack(entry.key);
      result = "done";
    } catch (error) {
      // A process that stood still first fails at the time limit of a request, and does not know why.
      await lease.assertHeld().catch(() => {});
      result = lease.isLost ? await this.#lost(entry, name, error) : await this.#failed(entry, name, error);
    }
    const tookMs = clock.now() - startedAt;
    for (const listener of this.#listeners) listener({ key: entry.key, result, tookMs });
  }

  /** While a great many deliveries arrive, passes leave most of the machine to them. */
  async #letDeliveriesIn(): Promise<void> {
    if (this.#deliveries.perSecond(performance.now()) < MANY_DELIVERIES_PER_SECOND) return;
    await this.#rest(REST_AFTER_PASS_MS);
  }

  /** Waits until the time is up, or this process is to stop. */
  async #rest(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#ending.signal }).catch(() => {});
  }

  /** A pass that is being stopped has already been put back. */
  async #lost(entry: Entry, { pass }: PassName, error: unknown): Promise<FinishedPass["result"]> {
    const key = keyId(entry.key);
    // What it wrote, or had on its way, may conflict with what the other pass wrote: one more look tells. By a timer of
    // its own, because the key's timer is set by the other pass.
    if (!this.#stopping) {
      await this.#setTimer({ ...entry, ...NO_TRIES }, LAST_WRITE_ARRIVES_MS, `${key} once more`);
    }
    this.#parts.log.info({ pass, key, err: error }, "a pass lost its key to another one, or to a stop, and ended");
    return "lost";
  }

  async #failed(entry: Entry, { pass }: PassName, error: unknown): Promise<FinishedPass["result"]> {
    const key = keyId(entry.key);
    const after = judgeFailure(error, { pass, key }, entry, this.#parts);
    if (after.kind === "set-aside") {
      await this.#parts.boss.insert(SET_ASIDE, [{ singletonKey: key, data: entry }]);
    } else if (after.kind !== "dropped") {
      await this.#setTimer({ ...entry, ...after.tries }, after.inMs);
    }
    return after.kind;
  }

  /** A key that works again is no longer set aside. */
  async #takeBack(key: Key): Promise<void> {
    await this.#parts.sql.query(
      `delete from ${QUEUE_SCHEMA}.job where name = $1 and singleton_key = $2 and state < 'active'`,
      [SET_ASIDE, keyId(key)],
    );
  }
}

/** A key that waits, as pg-boss keeps it. */
function jobOf(entry: Entry, rank: number): JobInsert<Entry> {
  return {
    singletonKey: keyId(entry.key),
    data: entry,
    priority: rank,
    group: { id: String(entry.key.repository.installationId) },
  };
}

function rethrow(error: unknown): never {
  throw databaseError(error);
}
