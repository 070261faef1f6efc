import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { pino } from "pino";
import { systemClock } from "../src/base/clock.ts";
import { keyId } from "../src/core/key.ts";
import type { Key } from "../src/core/model.ts";
import { QUEUE_SCHEMA } from "../src/queue/boss-queue.ts";
import { FairShare } from "../src/queue/fair-share.ts";
import type { Priority } from "../src/queue/queue.ts";
import { openStore } from "../src/run/open-store.ts";
import { createTestDatabase } from "../testkit/postgres.ts";
import type { BenchIssue } from "./incident-world.ts";
import type { Setting } from "./setting.ts";

/** Where a server keeps its queue: on PostgreSQL if there is a `databaseUrl`, else in the folder. */
export interface StorePlace {
  readonly databaseUrl: string | null;
  readonly dataDir: string;
}

export type Engine = "embedded" | "PostgreSQL";

/** Lets `use` have an empty place to keep a queue in: a new database on PostgreSQL, which is dropped after it, or a new folder. */
export async function withEmptyPlace<T>(
  engine: Engine,
  setting: Setting,
  use: (place: StorePlace) => Promise<T>,
): Promise<T> {
  const database = engine === "embedded" ? null : await createTestDatabase();
  try {
    return await use({ databaseUrl: database?.url ?? null, dataDir: mkdtempSync(join(setting.folder, "store-")) });
  } finally {
    await database?.drop();
  }
}

/** Adds keys as webhooks do; servers may be running on PostgreSQL. */
export async function addKeys(place: StorePlace, issues: readonly BenchIssue[]): Promise<void> {
  const store = await openStore({ ...place, log: pino({ level: "silent" }), clock: systemClock });
  await store.queue.add(issues.map(keyOf), 20);
  await store.close();
}

const PRIORITY: Priority = 0;

type Query = (text: string, values: unknown[]) => Promise<unknown>;

/**
 * Fills the queue of a server that is not running. On PostgreSQL the first key goes in the usual way; the others are copies of
 * its row with identities and ranks of their own, because adding 100,000 one by one takes minutes there.
 */
export async function prefill(place: StorePlace, issues: readonly BenchIssue[]): Promise<void> {
  const [first] = issues;
  if (first === undefined) return;
  const store = await openStore({ ...place, log: pino({ level: "silent" }), clock: systemClock });
  await store.queue.add(place.databaseUrl === null ? issues.map(keyOf) : [keyOf(first)], PRIORITY);
  await store.close();
  if (place.databaseUrl === null) return;
  const { query, close } = await connect(place.databaseUrl);
  const shares = new FairShare();
  const now = systemClock.now();
  const entries = issues.map((issue) => {
    const key = keyOf(issue);
    return { id: keyId(key), entry: entryOf(key), rank: shares.rank(key, PRIORITY, now) };
  });
  for (let at = 1; at < entries.length; at += 10_000) {
    await query(
      `insert into ${QUEUE_SCHEMA}.job
       select copy.* from ${QUEUE_SCHEMA}.job, jsonb_array_elements($2::jsonb) as key,
         lateral jsonb_populate_record(null::${QUEUE_SCHEMA}.job, to_jsonb(job) || jsonb_build_object(
           'id', gen_random_uuid(), 'singleton_key', key ->> 'id', 'priority', key -> 'rank',
           'data', key -> 'entry')) as copy
       where job.singleton_key = $1`,
      [keyId(keyOf(first)), JSON.stringify(entries.slice(at, at + 10_000))],
    );
  }
  // As the server's own upkeep does, sooner or later.
  await query("vacuum analyze", []);
  await close();
}

async function connect(databaseUrl: string): Promise<{ query: Query; close(): Promise<void> }> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  return { query: (text, values) => client.query(text, values), close: () => client.end() };
}

/** The key a delivery about this issue would be kept under. */
export function keyOf({ installationId, repositoryId, repository, number }: BenchIssue): Key {
  const [owner = "", name = ""] = repository.split("/");
  return { kind: "incident", repository: { installationId, id: repositoryId, owner, name }, number };
}

function entryOf(key: Key): unknown {
  return { key, failures: 0, crashes: 0 };
}
