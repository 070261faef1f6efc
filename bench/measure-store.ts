import { join } from "node:path";
import { StatementSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { pino } from "pino";
import { systemClock } from "../src/base/clock.ts";
import { UNSAID } from "../src/core/alerts/alert-change.ts";
import { mergeChange } from "../src/core/alerts/merge-change.ts";
import type { Instant, Key, Millis } from "../src/core/model.ts";
import { byDelivery } from "../src/queue/cause.ts";
import { openStore } from "../src/run/open-store.ts";
import { createSqlAlertStore } from "../src/store/sql-alert-store.ts";
import { SqliteConnection } from "../src/store/sqlite-connection.ts";
import { count, table } from "./report.ts";
import type { Setting } from "./setting.ts";

const PER_SECOND = 100;
const ALERTS = 5_000;
const INCIDENTS = 2_000;

/**
 * How long each call of the embedded store holds up the thread, with 100,000 keys waiting: passes that read and write the index, 100
 * deliveries a second, metrics, and the long clean-ups.
 */
export async function measureStore(setting: Setting): Promise<void> {
  const deep = setting.quick ? 10_000 : 100_000;
  const store = await openStore({
    databaseUrl: null,
    dataDir: join(setting.folder, "store"),
    log: pino({ level: "silent" }),
    clock: systemClock,
  });
  const alerts = createSqlAlertStore(store.sql);
  const keyOf = (number: number): Key => ({
    kind: "incident",
    repository: { installationId: 1 + (number % 50), id: number % 500, owner: "acme", name: `r${number % 500}` },
    number,
  });
  const calls = recordCalls();
  await store.queue.add(
    Array.from({ length: deep }, (_, number) => keyOf(number)),
    20,
  );
  const adding = calls.take();

  for (let at = 0; at < ALERTS; at += 1) {
    await alerts.report(1, `alert ${at}`, at as Instant, (known) =>
      mergeChange(known, { source: "better-stack", endpoint: "prod" }, resolved(at), at as Instant),
    );
  }
  for (let number = 0; number < INCIDENTS; number += 1) {
    await store.index.saveIncident(1, number, { record: "r".repeat(20_000), recordRevision: 1 });
  }
  calls.take();

  let passes = 0;
  await store.queue.work(6, async (key) => {
    passes += 1;
    const number = key.kind === "incident" ? key.number : 0;
    await store.index.repository(key.repository.id);
    await store.index.incident(key.repository.id, number);
    await store.index.linksFrom(key.repository.id, number);
    await store.index.saveIncident(key.repository.id, number, { record: "r".repeat(8_000), recordRevision: 1 });
    return { checkAgainIn: 3_600_000 as Millis, alsoLookAt: [] };
  });
  const endsAt = performance.now() + (setting.quick ? 5_000 : 30_000);
  for (let tick = 0; performance.now() < endsAt; tick += 1) {
    const deliveries = Array.from({ length: PER_SECOND / 10 }, (_, at) =>
      store.queue.accept([keyOf(deep + tick * 10 + at)], 30, byDelivery(`delivery-${tick}-${at}`)),
    );
    await Promise.all([...deliveries, store.queue.depth(), pause(100)]);
  }
  const working = calls.take();
  await Promise.all([alerts.forgetQuiet(ALERTS as Instant), store.index.forgetRepository(1)]);
  const cleaned = calls.take();
  await store.queue.stop(5_000);
  await store.close();
  calls.end();
  table(
    `Calls of the embedded store, ${count(deep)} keys waiting, ${count(passes)} passes meanwhile`,
    ["while", "calls", "p50 ms", "p99 ms", "p99.9 ms", "longest ms"],
    [
      ["adding the keys", ...row(adding)],
      [`passes, ${PER_SECOND} deliveries a second, metrics`, ...row(working)],
      [`${count(ALERTS)} alerts and a repository of ${count(INCIDENTS)} incidents forgotten`, ...row(cleaned)],
    ],
  );
}

function resolved(at: number) {
  return {
    ...UNSAID,
    change: "resolved",
    key: `alert ${at}`,
    externalId: null,
    at: at as Instant,
    order: "time",
    title: "title",
    summary: "s".repeat(500),
    severity: null,
    url: null,
    actor: null,
    labels: {},
  } as const;
}

/** The time of each call: a statement, a commit, or a part that is carried out at once. Nothing else goes on meanwhile. */
function recordCalls(): { take(): readonly number[]; end(): void } {
  const patched = [
    [StatementSync.prototype, "all"],
    [SqliteConnection.prototype, "commit"],
    [SqliteConnection.prototype, "look"],
  ] as const;
  let taken: number[] = [];
  let depth = 0;
  const undo = patched.map(([prototype, name]) => {
    const original = Reflect.get(prototype, name) as (...given: unknown[]) => unknown;
    Reflect.set(prototype, name, function timed(this: unknown, ...given: unknown[]) {
      const began = performance.now();
      depth += 1;
      try {
        return original.apply(this, given);
      } finally {
        depth -= 1;
        if (depth === 0) taken.push(performance.now() - began);
      }
    });
    return () => Reflect.set(prototype, name, original);
  });
  return {
    take() {
      const all = taken;
      taken = [];
      return all;
    },
    end() {
      for (const one of undo) one();
    },
  };
}

function row(calls: readonly number[]): string[] {
  const sorted = calls.toSorted((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2);
  return [count(calls.length), at(0.5), at(0.99), at(0.999), at(1)];
}
