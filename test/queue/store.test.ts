import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import { until } from "../../demo/until.ts";
import { backoff } from "../../src/base/backoff.ts";
import { systemClock } from "../../src/base/clock.ts";
import { TerminalError, TransientError } from "../../src/base/errors.ts";
import { keyId } from "../../src/core/key.ts";
import type { Instant, Key, Millis, Repository } from "../../src/core/model.ts";
import { QUEUE_SCHEMA } from "../../src/queue/boss-queue.ts";
import type { PassResult } from "../../src/queue/queue.ts";
import { openStore } from "../../src/run/open-store.ts";
import type { Store } from "../../src/run/store.ts";
import { lockDataFolder } from "../../src/store/data-folder-lock.ts";
import { createTestDatabase, type TestDatabase } from "../../testkit/postgres.ts";
import { createLogLines } from "../support/log-lines.ts";
import { passDiary, signal } from "../support/pass-diary.ts";

// Creating a database on PostgreSQL takes seconds on a busy machine.
jest.setTimeout(60_000);

const DONE: PassResult = { checkAgainIn: null, alsoLookAt: [] };
const REPOSITORY: Repository = { installationId: 1, id: 2 ** 40 + 1, owner: "Acme", name: "shop" };

function incident(number: number): Key {
  return { kind: "incident", repository: REPOSITORY, number };
}

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sevgate-store-"));
  folders.push(folder);
  return folder;
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe.each(["embedded", "postgresql"] as const)("the store, %s", (engine) => {
  let store: Store;
  let dataDir: string;
  let nextNumber = 1;
  const { log, lines } = createLogLines();

  async function open(): Promise<Store> {
    return await openStore({
      databaseUrl: engine === "postgresql" ? database.url : null,
      dataDir,
      log,
      clock: systemClock,
      retryDelay: () => 0 as Millis,
    });
  }
  /** A key that no other test uses: they share a database, as real ones would. */
  function freshKey(): Key {
    nextNumber += 1;
    return incident(nextNumber);
  }

  beforeAll(() => {
    dataDir = newFolder();
  });
  beforeEach(async () => {
    lines.length = 0;
    store = await open();
  });
  afterEach(async () => {
    await store.queue.stop(10_000);
    await store.close();
  });

  it("says that another try may help when the database is gone", async () => {
    await store.close();
    await expect(store.queue.add([freshKey()])).rejects.toBeInstanceOf(TransientError);
    await expect(store.index.repository(1)).rejects.toBeInstanceOf(TransientError);
    await expect(store.ping()).rejects.toBeInstanceOf(TransientError);
    store = await open();
  });

  it("remembers when the failed deliveries were looked through", async () => {
    await store.index.saveDeliveriesSweptAt(1_700_000_000_123 as Instant);
    await store.index.saveDeliveriesSweptAt(1_700_000_000_456 as Instant);
    await store.close();
    store = await open();
    expect(await store.index.deliveriesSweptAt()).toBe(1_700_000_000_456);
  });
});

describe("a long queue on PostgreSQL", () => {
  it("is told as it was counted a moment ago, for it would take long to count it anew", async () => {
    const own = await createTestDatabase();
    const { log } = createLogLines();
    const store = await openStore({ databaseUrl: own.url, dataDir: "unused", log, clock: systemClock });
    await store.queue.add([incident(1)]);
    const copies = (first: number, last: number) =>
      own.query(
        `insert into ${QUEUE_SCHEMA}.job select copy.* from ${QUEUE_SCHEMA}.job, generate_series(${first}, ${last}) as n,
           lateral jsonb_populate_record(null::${QUEUE_SCHEMA}.job,
             to_jsonb(job) || jsonb_build_object('id', gen_random_uuid(), 'singleton_key', n)) as copy
         where job.singleton_key like 'incident%'`,
      );
    const counted = (keys: number) =>
      own.query(`update ${QUEUE_SCHEMA}.queue set queued_count = ${keys} where name = 'work'`);
    const waiting = async () => (await store.queue.depth()).waiting;

    await copies(2, 9_999);
    await counted(123_456);
    const aFew = await waiting();
    await copies(10_000, 10_100);
    const many = await waiting();
    await counted(0);
    const atLeast = await waiting();
    await store.close();
    await own.drop();
    expect({ aFew, many, atLeast }).toEqual({ aFew: 9_999, many: 123_456, atLeast: 10_000 });
  });
});

describe("a key on PostgreSQL that a slot would take from others", () => {
  it("waits on with the rank it had, however often slots look for work", async () => {
    const own = await createTestDatabase();
    const { log } = createLogLines();
    const store = await openStore({ databaseUrl: own.url, dataDir: "unused", log, clock: systemClock });
    const of = (installationId: number, id: number): Key => ({
      kind: "incident",
      repository: { ...REPOSITORY, installationId, id },
      number: 1,
    });
    const [own11, own12, waiting, other] = [of(11, 111), of(12, 120), of(11, 110), of(14, 140)];
    const [begun, looked, over] = [signal(), signal(), signal()];
    let running = 0;
    await store.queue.work(2, async (key) => {
      if (keyId(key) === keyId(other)) looked.reach();
      if (keyId(key) !== keyId(own11) && keyId(key) !== keyId(own12)) return DONE;
      running += 1;
      if (running === 2) begun.reach();
      await over.reached;
      return DONE;
    });
    await store.queue.add([own11, own12], 30);
    await begun.reached;
    await store.queue.add([waiting], 30);
    // None for the moment at which a slot looks at it: read until it is given back.
    const rows = () =>
      until("the key waits", async () => {
        const found = await own.query(
          `select name, priority from ${QUEUE_SCHEMA}.job where singleton_key = '${keyId(waiting)}' and state < 'active'`,
        );
        return found.length > 0 ? found : undefined;
      });
    const before = await rows();
    // By the time this one is due, each slot has looked for work.
    await store.queue.lookAgainAt(other, (systemClock.now() + 2_500) as Instant);
    await looked.reached;
    const after = await rows();
    over.reach();
    await store.close();
    await own.drop();
    expect(before).toEqual([{ name: "work", priority: expect.any(Number) }]);
    expect(after).toEqual(before);
  });
});

describe("a slot on PostgreSQL that becomes free while an installation with passes that hang asks for more", () => {
  it("serves another one's P2, whichever slot it is", async () => {
    const own = await createTestDatabase();
    const { log } = createLogLines();
    const store = await openStore({ databaseUrl: own.url, dataDir: "unused", log, clock: systemClock });
    const of = (installationId: number, number: number): Key => ({
      kind: "incident",
      repository: { ...REPOSITORY, installationId, id: installationId },
      number,
    });
    const seen = new Set<string>();
    const hanging = new Map<string, () => void>();
    await store.queue.work(2, async (key) => {
      seen.add(keyId(key));
      if (key.repository.installationId !== 13) await new Promise<void>((end) => hanging.set(keyId(key), end));
      return DONE;
    });
    const isSeen = (key: Key) => until(`a pass over ${keyId(key)}`, async () => seen.has(keyId(key)));
    const runAll = async (keys: readonly Key[]) => {
      await store.queue.add(keys, 30);
      for (const key of keys) await isSeen(key);
    };
    const served: number[] = [];
    try {
      // In the two slots for everybody and the one for others, nobody knows who in which.
      await runAll([of(11, 1), of(12, 1), of(15, 1)]);
      await store.queue.add(
        Array.from({ length: 40 }, (_, at) => of(11, 2 + at)),
        30,
      );
      // One of these two at least is in a slot for everybody.
      for (const installationId of [12, 15]) {
        hanging.get(keyId(of(installationId, 1)))?.();
        const probe = of(13, installationId);
        await store.queue.add([probe], 22);
        await isSeen(probe);
        served.push(installationId);
        await runAll([of(installationId, 2)]);
      }
    } finally {
      for (const end of hanging.values()) end();
      await store.close();
      await own.drop();
    }
    expect(served).toEqual([12, 15]);
  });
});

describe("several processes on one PostgreSQL", () => {
  it("never work on one key at the same time, and leave none behind", async () => {
    const own = await createTestDatabase();
    const { log } = createLogLines();
    const stores = await Promise.all(
      [1, 2].map(() => openStore({ databaseUrl: own.url, dataDir: "unused", log, clock: systemClock })),
    );
    const running = new Set<string>();
    const overlaps: string[] = [];
    const seen = new Set<string>();
    const { promise: allSeen, resolve } = Promise.withResolvers<void>();
    const keys = Array.from({ length: 12 }, (_, index) => incident(index + 1));
    const pass = async (key: Key) => {
      const id = keyId(key);
      if (running.has(id)) overlaps.push(id);
      running.add(id);
      await new Promise((done) => setImmediate(done));
      running.delete(id);
      seen.add(id);
      if (seen.size === keys.length) resolve();
      return DONE;
    };
    for (const store of stores) await store.queue.work(4, pass);
    for (const store of stores) await Promise.all(keys.map((key) => store.queue.add([key])));
    // A key added while the other process had just worked on it is seen twice.
    await allSeen;
    for (const store of stores) await store.queue.stop(10_000);
    const left = await stores[0]!.queue.depth();
    for (const store of stores) await store.close();
    await own.drop();
    expect(overlaps).toEqual([]);
    expect(left.running).toBe(0);
  });

  it("does not take jobs from a process that is only slow", async () => {
    const own = await createTestDatabase();
    const { log } = createLogLines();
    const options = { databaseUrl: own.url, dataDir: "unused", log, clock: systemClock };
    const first = await openStore(options);
    const [began, goOn] = [signal(), signal()];
    await first.queue.add([incident(1)]);
    await first.queue.work(1, async () => {
      began.reach();
      await goOn.reached;
      return DONE;
    });
    await began.reached;
    const second = await openStore(options);
    const depth = await second.queue.depth();
    goOn.reach();
    await first.queue.stop(10_000);
    await second.close();
    await first.close();
    await own.drop();
    expect(depth).toMatchObject({ running: 1, waiting: 0 });
  });

  it("refuse a database that a newer Sevgate has written, and leave it alone", async () => {
    const own = await createTestDatabase();
    const { log } = createLogLines();
    const options = { databaseUrl: own.url, dataDir: "unused", log, clock: systemClock };
    await (await openStore(options)).close();
    await own.query("insert into sevgate_schema (version, at) values (99, now())");
    await expect(openStore(options)).rejects.toThrow(/newer Sevgate \(schema 99/);
    await own.drop();
  });

  it.each([
    ["a database that is not there", "/nothing_here", /DATABASE_URL/],
    ["a user that is not there", "nobody_here@", /DATABASE_URL/],
  ])("say what to check for %s, and never show the password", async (_name, change, message) => {
    const url = new URL(database.url);
    if (change.startsWith("/")) url.pathname = change;
    else url.username = "nobody_here";
    url.password = "hunter2hunter2";
    const { log } = createLogLines();
    const failure: unknown = await openStore({
      databaseUrl: url.href,
      dataDir: "unused",
      log,
      clock: systemClock,
    }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TerminalError);
    expect((failure as Error).message).toMatch(message);
    expect((failure as Error).message).not.toContain("hunter2");
  });
});

describe("the data folder", () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });

  /** Starts a process that holds the folder; resolves when two of its passes are running. */
  async function startHolder(folder: string): Promise<ChildProcess> {
    const script = fileURLToPath(new URL("../support/store-process.ts", import.meta.url));
    const child = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    let began = 0;
    for await (const line of createInterface({ input: child.stdout! })) {
      if (line.startsWith("began")) began += 1;
      if (began === 2) break;
    }
    return child;
  }

  async function kill(child: ChildProcess): Promise<void> {
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await ended;
  }

  function openFolder(folder: string, log = createLogLines().log): Promise<Store> {
    return openStore({ databaseUrl: null, dataDir: folder, log, clock: systemClock });
  }

  it("is refused to a second process, by the name of the first, and taken over when that is killed", async () => {
    const folder = newFolder();
    const child = await startHolder(folder);
    const refusal: unknown = await openFolder(folder).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(TerminalError);
    expect((refusal as Error).message).toMatch(
      new RegExp(`in use by process ${child.pid} on .+, since 20.+DATABASE_URL`),
    );
    await kill(child);
    const store = await openFolder(folder);
    // Two keys were running and one waiting: all of them wait again, without having to wait for a heartbeat.
    expect(await store.queue.depth()).toEqual({ waiting: 3, running: 0, setAside: 0 });
    const seen = passDiary();
    await store.queue.work(2, async (key) => {
      seen.write(key);
      return DONE;
    });
    await seen.until(3);
    expect(seen.ids.map((id) => id.split("#")[1]).sort()).toEqual(["1", "2", "3"]);
    await store.queue.stop(10_000);
    await store.close();
  });

  it("is refused while its holder is stopped and cannot answer", async () => {
    const folder = newFolder();
    const child = await startHolder(folder);
    child.kill("SIGSTOP");
    await expect(lockDataFolder(folder)).rejects.toThrow(/in use by another process, which does not answer/);
    await kill(child);
    await (await lockDataFolder(folder)).release();
  });

  it("goes to exactly one of many that want it at the same time, however often it changes hands", async () => {
    const folder = newFolder();
    for (let round = 0; round < 5; round += 1) {
      const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataFolder(folder)));
      const winners = tries.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));
      expect(winners).toHaveLength(1);
      await winners[0]!.release();
    }
    expect(readdirSync(folder).filter((name) => name.startsWith(".lock")).length).toBe(0);
  });

  it("may have a name of any length", async () => {
    const folder = join(newFolder(), "a".repeat(120));
    const lock = await lockDataFolder(folder);
    await expect(lockDataFolder(folder)).rejects.toThrow(`in use by process ${process.pid}`);
    await lock.release();
  });

  it("is named with a remedy when it cannot be written", async () => {
    const file = join(newFolder(), "file");
    writeFileSync(file, "");
    await expect(openFolder(file)).rejects.toThrow(/cannot be written \(EEXIST\).+DATA_DIR/);
  });
});

describe("backoff", () => {
  it("waits from 1 s to 15 min, and never less after more failures", () => {
    fc.assert(
      fc.property(fc.nat(200), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, random) => {
        const wait = backoff(failures, random);
        expect(wait).toBeGreaterThanOrEqual(1_000);
        expect(wait).toBeLessThanOrEqual(15 * 60_000);
        expect(backoff(failures + 1, random)).toBeGreaterThanOrEqual(wait);
      }),
    );
    expect(backoff(0, 0)).toBe(1_000);
    expect(backoff(3, 0)).toBe(8_000);
    expect(backoff(3, 0.5)).toBe(6_000);
  });
});
