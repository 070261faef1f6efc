import { setTimeout as pause } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import { atMost } from "../base/at-most.ts";
import type { Clock } from "../base/clock.ts";
import { TransientError } from "../base/errors.ts";
import { withDeadline } from "../base/with-deadline.ts";
import { keyId } from "../core/key.ts";
import type { Instant, Key, Millis } from "../core/model.ts";
import { ArrivalRate, MANY_DELIVERIES_PER_SECOND, REST_AFTER_PASS_MS } from "./arrival-rate.ts";
import { BY_TIMER, type Cause, followsFrom, namePass, type PassName, UNKNOWN_CAUSE } from "./cause.ts";
import { coalesce } from "./coalesce.ts";
import { FairShare, LOWEST_RANK_WITHIN_SHARE } from "./fair-share.ts";
import { judgeFailure, NO_TRIES } from "./judge-failure.ts";
import { createLease, LAST_WRITE_ARRIVES_MS } from "./lease.ts";
import {
  DUE_TIMER,
  type FinishedPass,
  FOLLOW_UP,
  type Pass,
  type PassResult,
  type Priority,
  type Queue,
  slotsForOthers,
} from "./queue.ts";
import type { Entry, KeptQueue, QueueRows, WorkRow } from "./queue-rows.ts";

/** So that a commit stays short: nothing else happens meanwhile. */
const MAX_AT_ONCE = 50;
/** A key that kills its process at every start must not do so forever. */
const MAX_STARTS = 10;
/** No pass takes this long: it hangs. */
const PASS_LIMIT_MS = 300_000;
/** How long to wait before asking the store again after it has refused something. */
const STORE_AGAIN_MS = 1_000;
/** It is noticed within this time that the clock was set. */
const MAX_AHEAD_MS = 60_000;
const MAX_NOTES = 10_000;

export interface LocalQueueParts {
  readonly kept: KeptQueue;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long to wait after this many failures in a row, if nobody said. */
  retryDelay(failures: number): Millis;
}

/** A pass that is under way. */
interface Running {
  readonly row: WorkRow;
  readonly name: PassName;
  readonly ending: AbortController;
  /** Its end is being saved: its slot is free, but the key stays its own until that is done. */
  isOver: boolean;
}

/** A note that a key is waiting. */
interface WaitingNote {
  readonly priority: Priority;
  isDurable: boolean;
}

/** What becomes of a key after its pass, and what the pass has asked for. */
interface Outcome {
  readonly result: FinishedPass["result"];
  /** `none`: it is removed. */
  readonly timer: { readonly inMs: Millis; readonly entry: Entry } | "none" | "as it was";
  readonly alsoLookAt: readonly Key[];
}

/**
 * The queue of a process that has it to itself: wherever the rows are kept (memory-queue.ts, sqlite-queue.ts), who is next, what
 * runs and what becomes of it is decided here.
 *
 * What runs is known only in memory. A row stays until its pass has ended, so a process that dies leaves everything waiting.
 */
export class LocalQueue implements Queue {
  readonly #parts: LocalQueueParts;
  readonly #listeners: ((pass: FinishedPass) => void)[] = [];
  readonly #shares = new FairShare();
  readonly #deliveries = new ArrivalRate();
  readonly #notes = new LRUCache<string, WaitingNote>(atMost(MAX_NOTES));
  readonly #running = new Map<string, Running>();
  readonly #passes = new Set<Promise<void>>();
  /** From now on no pass begins. */
  readonly #ending = new AbortController();
  /** Whatever passes still do is void. */
  readonly #ended = new AbortController();
  #works: { readonly concurrency: number; readonly pass: Pass } | null = null;
  #resting = 0;
  /** A key may be waiting whose installation has nothing running: finding out takes a look at all that are within their share. */
  #mayWaitAlone = true;
  #lastPlace = 0;
  #alarm: NodeJS.Timeout | undefined;
  #alarmAt = Number.POSITIVE_INFINITY;

  constructor(parts: LocalQueueParts) {
    this.#parts = parts;
  }

  /** Tells `listener` of every finished pass. */
  onPass(listener: (pass: FinishedPass) => void): void {
    this.#listeners.push(listener);
  }

  async add(keys: readonly Key[], priority: Priority = FOLLOW_UP, cause: Cause = UNKNOWN_CAUSE): Promise<void> {
    const each = [...new Map(keys.map((key) => [keyId(key), key])).values()];
    for (let from = 0; from < each.length; from += MAX_AT_ONCE) {
      const added = this.#parts.kept.commit((rows) => {
        for (const key of each.slice(from, from + MAX_AT_ONCE)) this.#put(rows, { key, cause, ...NO_TRIES }, priority);
      });
      // In the same turn, so that the next pass begins with the same commit.
      this.#fill();
      await added;
    }
  }

  async accept(keys: readonly Key[], priority: Priority = FOLLOW_UP, cause: Cause = UNKNOWN_CAUSE): Promise<void> {
    this.#deliveries.note(performance.now());
    const wanted = keys.filter((key) => !this.#waitsSurely(keyId(key), priority));
    if (wanted.length === 0) return;
    // A pass that begins before the commit takes its note away: then it is no longer certain that the key waits.
    const notes = wanted.map((key): WaitingNote => {
      const note: WaitingNote = { priority, isDurable: false };
      this.#notes.set(keyId(key), note);
      return note;
    });
    await this.add(wanted, priority, cause);
    for (const note of notes) note.isDurable = true;
  }

  async lookAgainAt(key: Key, at: Instant | null): Promise<void> {
    await this.#parts.kept.commit((rows) => {
      if (at === null) rows.removeTimer(keyId(key));
      else this.#setTimer(rows, at, { key, cause: BY_TIMER, ...NO_TRIES });
    });
  }

  async work(concurrency: number, pass: Pass): Promise<void> {
    this.#works = { concurrency, pass };
    await this.#wake();
  }

  async stop(graceMs: number): Promise<void> {
    this.#works = null;
    clearTimeout(this.#alarm);
    this.#ending.abort();
    try {
      await withDeadline(graceMs, "finishing the running passes", this.#settled());
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      this.#parts.log.warn({ graceMs }, "passes still running were put back into the queue");
    }
    this.#ended.abort();
    for (const { ending } of this.#running.values()) ending.abort();
  }

  async depth(): Promise<{ readonly waiting: number; readonly running: number; readonly setAside: number }> {
    return await this.#parts.kept.look((rows) => {
      const { work, setAside } = rows.count();
      const running = [...this.#running.values()].filter(({ isOver }) => !isOver);
      const onlyRunning = running.filter(({ row }) => rows.work(row.id)?.again === false);
      return { waiting: work - onlyRunning.length, running: running.length, setAside };
    });
  }

  /**
   * For going step by step instead of with `work`: queues the keys whose timers are due, then takes the next key and runs one pass
   * over it. `false`: none was waiting.
   */
  async step(pass: Pass): Promise<boolean> {
    const { kept } = this.#parts;
    await this.#fireDue();
    if (await kept.look((rows) => rows.count().work === 0)) return false;
    const [begun] = await this.#take(1);
    if (begun === undefined) return false;
    await this.#run(begun, pass);
    return true;
  }

  /** When the next timer is due; `null`: none is set. */
  async nextTimerAt(): Promise<Instant | null> {
    return await this.#parts.kept.look((rows) => rows.nextTimerAt());
  }

  async #settled(): Promise<void> {
    while (this.#passes.size > 0) await Promise.all(this.#passes);
  }

  #put(rows: QueueRows, entry: Entry, priority: Priority): void {
    const id = keyId(entry.key);
    const now = this.#parts.clock.now();
    const known = rows.work(id);
    const place = Math.max(this.#lastPlace + 1, now * 1_000);
    const rank = this.#shares.rankOf(entry, priority, now);
    const row = coalesce(known, { ...entry, id, rank, place, starts: 0, again: false }, this.#running.has(id));
    if (row === known) return;
    this.#lastPlace = place;
    if (!this.#isBusy(entry.key)) this.#mayWaitAlone = true;
    rows.putWork(row);
  }

  /** Whether the key was saved as waiting and no pass over it has begun since: then nothing has to be saved. */
  #waitsSurely(id: string, priority: Priority): boolean {
    const note = this.#notes.get(id);
    return note?.isDurable === true && note.priority >= priority;
  }

  #setTimer(rows: QueueRows, at: Instant, entry: Entry): void {
    rows.putTimer({ ...entry, id: keyId(entry.key), at });
    this.#setAlarm(at);
  }

  /** Looks at the timers at this moment or earlier. */
  #setAlarm(at: Instant): void {
    if (this.#works === null || at >= this.#alarmAt) return;
    clearTimeout(this.#alarm);
    this.#alarmAt = at;
    const inMs = Math.min(MAX_AHEAD_MS, Math.max(0, at - this.#parts.clock.now()));
    this.#alarm = setTimeout(() => void this.#wake(), inMs);
  }

  /** Begins whatever is due or waiting and has a slot, and does so again at the next timer. */
  async #wake(): Promise<void> {
    const { clock, log } = this.#parts;
    this.#alarmAt = Number.POSITIVE_INFINITY;
    let next = (clock.now() + MAX_AHEAD_MS) as Instant;
    try {
      await this.#fireDue();
      const at = await this.nextTimerAt();
      if (at !== null && at < next) next = at;
    } catch (error) {
      log.warn({ err: error }, "timers wait until the store answers again");
      next = (clock.now() + STORE_AGAIN_MS) as Instant;
    }
    // This also keeps the process alive.
    this.#setAlarm(next);
    this.#fill();
  }

  async #fireDue(): Promise<void> {
    const { kept, clock } = this.#parts;
    const at = await this.nextTimerAt();
    if (at === null || at > clock.now()) return;
    let fired: number;
    do {
      fired = await kept.commit((rows) => {
        const due = rows.dueTimers(clock.now(), MAX_AT_ONCE);
        for (const { id, at: _at, ...entry } of due) {
          rows.removeTimer(id);
          this.#put(rows, entry, DUE_TIMER);
        }
        return due.length;
      });
    } while (fired === MAX_AT_ONCE);
  }

  /** Begins as many passes as there are slots and keys for them. */
  #fill(): void {
    const works = this.#works;
    if (works === null || !this.#hasRoom(works.concurrency)) return;
    this.#take(works.concurrency).then(
      (begun) => {
        for (const one of begun) this.#keepRunning(this.#run(one, works.pass));
      },
      (error: unknown) => {
        this.#parts.log.warn({ err: error }, "no pass begins until the store answers again");
        setTimeout(() => this.#fill(), STORE_AGAIN_MS).unref();
      },
    );
  }

  /** The keys whose passes begin now, once it has been saved that they do. */
  async #take(concurrency: number): Promise<readonly Running[]> {
    const begun: Running[] = [];
    try {
      await this.#parts.kept.commit((rows) => this.#begin(rows, concurrency, begun));
      return begun;
    } catch (error) {
      for (const { row } of begun) this.#running.delete(row.id);
      throw error;
    }
  }

  #keepRunning(pass: Promise<void>): void {
    this.#passes.add(pass);
    void pass.finally(() => this.#passes.delete(pass));
  }

  #hasRoom(concurrency: number): boolean {
    return this.#taken() < concurrency + slotsForOthers(concurrency);
  }

  /** How many slots are taken. */
  #taken(): number {
    return [...this.#running.values()].filter(({ isOver }) => !isOver).length + this.#resting;
  }

  /** Takes the next key for every free slot, and adds it to `begun`. */
  #begin(rows: QueueRows, concurrency: number, begun: Running[]): void {
    while (this.#hasRoom(concurrency)) {
      const row = this.#next(rows, concurrency);
      if (row === null) return;
      if (row.starts >= MAX_STARTS) {
        this.#setAsideUnrun(rows, row);
        continue;
      }
      rows.putWork({ ...row, again: false, starts: row.starts + 1 });
      // From here on the pass may read: a hint that comes now needs another pass.
      this.#notes.delete(row.id);
      const one: Running = { row, name: namePass(row.cause), ending: new AbortController(), isOver: false };
      this.#running.set(row.id, one);
      begun.push(one);
    }
  }

  /**
   * Whoever is next. Once all slots but those for others are taken, only a key within its share whose installation has nothing
   * running: however slow some installations' passes are, the next one finds a slot.
   */
  #next(rows: QueueRows, concurrency: number): WorkRow | null {
    const running = [...this.#running.values()];
    if (this.#taken() < concurrency) {
      const found = rows.next({ leastRank: null, notOf: [], most: running.length + 1 });
      return found.find(({ id }) => !this.#running.has(id)) ?? null;
    }
    if (!this.#mayWaitAlone) return null;
    const notOf = [...new Set(running.map(({ row }) => row.key.repository.installationId))];
    const [found] = rows.next({ leastRank: LOWEST_RANK_WITHIN_SHARE, notOf, most: 1 });
    this.#mayWaitAlone = found !== undefined;
    return found ?? null;
  }

  /** Whether anything of its installation is running. */
  #isBusy({ repository }: Key): boolean {
    const { installationId } = repository;
    return [...this.#running.values()].some(({ row }) => row.key.repository.installationId === installationId);
  }

  #setAsideUnrun(rows: QueueRows, { id, key, starts }: WorkRow): void {
    rows.removeWork(id);
    // It no longer waits: the next delivery has to be saved.
    this.#notes.delete(id);
    rows.putAside({ id, key, since: this.#parts.clock.now() });
    this.#parts.log.error(
      { key: id, starts },
      "key set aside: the process ended in each of its passes. Please report this as a bug",
    );
  }

  async #run(running: Running, pass: Pass): Promise<void> {
    const { clock } = this.#parts;
    const { id, key } = running.row;
    const startedAt = clock.now();
    const outcome = await this.#outcomeOf(running, pass);
    // While a great many deliveries arrive, passes leave most of the machine to them.
    const rests = this.#works !== null && this.#deliveries.perSecond(performance.now()) >= MANY_DELIVERIES_PER_SECOND;
    if (rests) this.#resting += 1;
    // What has begun and not ended waits for the next start.
    if (!this.#ended.signal.aborted) await this.#end(running, outcome);
    this.#running.delete(id);
    if (!this.#isBusy(key)) this.#mayWaitAlone = true;
    const tookMs = clock.now() - startedAt;
    for (const listener of this.#listeners) listener({ key, result: outcome.result, tookMs });
    if (rests) {
      await pauseUnless(this.#ending.signal, REST_AFTER_PASS_MS);
      this.#resting -= 1;
    }
    this.#fill();
  }

  async #outcomeOf({ row, name, ending }: Running, pass: Pass): Promise<Outcome> {
    const { key } = row;
    const { signal } = ending;
    const lease = createLease(async () => true, signal);
    const limit = setTimeout(() => ending.abort(), PASS_LIMIT_MS).unref();
    try {
      const { checkAgainIn, alsoLookAt } = await Promise.race([pass(key, signal, lease, name), whenAborted(signal)]);
      await lease.assertHeld();
      const entry: Entry = { key, cause: BY_TIMER, ...NO_TRIES };
      return { result: "done", timer: checkAgainIn === null ? "none" : { inMs: checkAgainIn, entry }, alsoLookAt };
    } catch (error) {
      if (!signal.aborted) return this.#failure(row, name, error);
      if (!this.#ended.signal.aborted) {
        return this.#failure(row, name, new Error(`the pass took ${PASS_LIMIT_MS} ms and more`), LAST_WRITE_ARRIVES_MS);
      }
      const said = { pass: name.pass, key: row.id, err: error };
      this.#parts.log.info(said, "a pass lost its key to another one, or to a stop, and ended");
      return { result: "lost", timer: "as it was", alsoLookAt: [] };
    } finally {
      clearTimeout(limit);
    }
  }

  #failure({ id, key, failures, crashes }: WorkRow, name: PassName, error: unknown, atLeastMs = 0): Outcome {
    const after = judgeFailure(error, { pass: name.pass, key: id }, { failures, crashes }, this.#parts);
    if (after.kind === "dropped" || after.kind === "set-aside") {
      return { result: after.kind, timer: "as it was", alsoLookAt: [] };
    }
    const inMs = Math.max(after.inMs, atLeastMs) as Millis;
    // The next try is made for the same reason.
    const entry: Entry = { key, cause: { by: name.cause, origin: name.origin }, ...after.tries };
    return { result: after.kind, timer: { inMs, entry }, alsoLookAt: [] };
  }

  /** Saves how the pass ended, however long that takes: until then, no other pass over its key begins. */
  async #end(running: Running, outcome: Outcome): Promise<void> {
    const { kept, log } = this.#parts;
    const { row, name } = running;
    const more = outcome.alsoLookAt;
    const cause = followsFrom(row.key, name);
    while (!this.#ended.signal.aborted) {
      try {
        if (more.length > MAX_AT_ONCE) await this.add(more.slice(MAX_AT_ONCE), FOLLOW_UP, cause);
        const ended = kept.commit((rows) => {
          this.#settle(rows, row, outcome);
          for (const key of more.slice(0, MAX_AT_ONCE)) this.#put(rows, { key, cause, ...NO_TRIES }, FOLLOW_UP);
          running.isOver = true;
        });
        // In the same turn, so that the next pass begins with the same commit.
        this.#fill();
        await ended;
        return;
      } catch (error) {
        running.isOver = false;
        if (!(error instanceof TransientError)) {
          log.error(
            { pass: name.pass, key: row.id, err: error },
            "the end of a pass could not be kept: it is made again",
          );
          return;
        }
        log.warn({ key: row.id, err: error }, "the end of a pass is kept as soon as the store answers again");
      }
      await pauseUnless(this.#ended.signal, STORE_AGAIN_MS);
    }
  }

  #settle(rows: QueueRows, { id, key }: WorkRow, { result, timer }: Outcome): void {
    const { clock } = this.#parts;
    const row = rows.work(id);
    if (row?.again === true) rows.putWork({ ...row, starts: 0 });
    else rows.removeWork(id);
    if (timer === "none") rows.removeTimer(id);
    else if (timer !== "as it was") {
      this.#setTimer(rows, (clock.now() + timer.inMs) as Instant, timer.entry);
    }
    if (result === "done") rows.takeBack(id);
    if (result === "set-aside") rows.putAside({ id, key, since: clock.now() });
  }
}

/** Waits until the time is up, or there is nothing left to wait for. */
async function pauseUnless(signal: AbortSignal, ms: number): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => {});
}

function whenAborted(signal: AbortSignal): Promise<PassResult> {
  return new Promise((_resolve, reject) => {
    const refuse = () => reject(new TransientError("the pass was stopped"));
    if (signal.aborted) refuse();
    else signal.addEventListener("abort", refuse, { once: true });
  });
}
