import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import { backoff } from "../../src/base/backoff.ts";
import { systemClock } from "../../src/base/clock.ts";
import { TerminalError, TransientError } from "../../src/base/errors.ts";
import { keyId } from "../../src/core/key.ts";
import type { Instant, Key, Millis, Repository } from "../../src/core/model.ts";
import { byDelivery, type PassName } from "../../src/queue/cause.ts";
import type { PassResult } from "../../src/queue/queue.ts";
import { openStore, type Store } from "../../src/run/open-store.ts";
import { lockDataFolder } from "../../src/store/data-folder-lock.ts";
import { openPglite } from "../../src/store/open-pglite.ts";
import { createTestDatabase, type TestDatabase } from "../../testkit/postgres.ts";
import { createLogLines } from "../support/log-lines.ts";

// Making an embedded database takes seconds.
jest.setTimeout(60_000);

const DONE: PassResult = { checkAgainIn: null, alsoLookAt: [] };
const REPOSITORY: Repository = { installationId: 1, id: 2 ** 40 + 1, owner: "Acme", name: "shop" };

function incident(number: number): Key {
  return { kind: "incident", repository: REPOSITORY, number };
}

function soon(ms: number): Instant {
  return (systemClock.now() + ms) as Instant;
}

/** A promise and the way to keep it. */
function signal<T = void>(): { readonly reached: Promise<T>; reach(value: T): void } {
  let reach: (value: T) => void = () => {};
  const reached = new Promise<T>((done) => {
    reach = done;
  });
  return { reached, reach };
}

/** Collects the keys of passes and tells when a certain number has been reached. */
function diary(): { readonly ids: string[]; write(key: Key): void; until(count: number): Promise<void> } {
  const ids: string[] = [];
  const waiting: { readonly count: number; reach(): void }[] = [];
  return {
    ids,
    write(key) {
      ids.push(keyId(key));
      for (const { count, reach } of waiting) if (ids.length >= count) reach();
    },
    until(count) {
      if (ids.length >= count) return Promise.resolve();
      const { reached, reach } = signal();
      waiting.push({ count, reach: () => reach() });
      return reached;
    },
  };
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
  /** A key no other test uses: they share a database, as a real one would. */
  function freshKey(): Key {
    nextNumber += 1;
    return incident(nextNumber);
  }

  async function untilEmpty(): Promise<void> {
    for (;;) {
      const { waiting, running } = await store.queue.depth();
      if (waiting + running === 0) return;
    }
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

  it("keeps a key once, however often it is hinted at", async () => {
    const key = freshKey();
    const seen = diary();
    await store.queue.add([key, key]);
    await store.queue.add([key]);
    const last = freshKey();
    await store.queue.add([last]);
    await store.queue.work(1, async (taken) => {
      seen.write(taken);
      return DONE;
    });
    await seen.until(2);
    expect(seen.ids).toEqual([keyId(key), keyId(last)]);
  });

  it("works on every key of a delivery that was accepted, though the process ended before it was in the queue", async () => {
    const [key, again] = [freshKey(), freshKey()];
    // Nobody works here: what is accepted stays in the inbox.
    await store.queue.accept([key, again]);
    await store.queue.accept([again]);
    await store.close();
    store = await open();
    const passes = diary();
    await store.queue.work(2, async (worked) => {
      passes.write(worked);
      return DONE;
    });
    await passes.until(2);
    expect(passes.ids.toSorted()).toEqual([keyId(key), keyId(again)].toSorted());
  }, 60_000);

  it("works on a key once more when a delivery is accepted while it is being worked on", async () => {
    const key = freshKey();
    const [began, ended] = [signal(), signal()];
    const passes = diary();
    await store.queue.work(2, async (worked) => {
      passes.write(worked);
      if (passes.ids.length === 1) {
        began.reach();
        await ended.reached;
      }
      return DONE;
    });
    await store.queue.accept([key]);
    await began.reached;
    await store.queue.accept([key]);
    ended.reach();
    await passes.until(2);
    expect(passes.ids).toEqual([keyId(key), keyId(key)]);
  });

  it("works on a key exactly once more after hints that arrive while it is being worked on", async () => {
    const key = freshKey();
    const [began, goOn] = [signal(), signal()];
    const seen = diary();
    await store.queue.work(3, async (taken) => {
      seen.write(taken);
      began.reach();
      if (seen.ids.length === 1) await goOn.reached;
      return DONE;
    });
    await store.queue.add([key]);
    await began.reached;
    for (let hint = 0; hint < 5; hint += 1) await store.queue.add([key]);
    goOn.reach();
    await seen.until(2);
    // Whatever was left of the five hints would come before a key that was added after them.
    const last = freshKey();
    await store.queue.add([last]);
    await seen.until(3);
    expect(seen.ids).toEqual([keyId(key), keyId(key), keyId(last)]);
  });

  it("never works on a key twice at the same time, and always after its last hint", async () => {
    const keys = [freshKey(), freshKey(), freshKey()];
    const running = new Set<string>();
    const overlaps: string[] = [];
    const runs: string[] = [];
    const finished = diary();
    const pass = async (key: Key) => {
      const id = keyId(key);
      if (running.has(id)) overlaps.push(id);
      running.add(id);
      runs.push(id);
      await new Promise((done) => setImmediate(done));
      running.delete(id);
      finished.write(key);
      return DONE;
    };
    await store.queue.work(6, pass);
    for (let round = 0; round < 30; round += 1) await store.queue.add([keys[round % keys.length]!]);
    const runsBefore = new Map(keys.map((key) => [keyId(key), runs.filter((id) => id === keyId(key)).length]));
    await store.queue.add(keys);
    await Promise.all(
      keys.map(async (key) => {
        const before = runsBefore.get(keyId(key))!;
        while (finished.ids.filter((id) => id === keyId(key)).length <= before) {
          await finished.until(finished.ids.length + 1);
        }
      }),
    );
    // The last hints may have left one more run of a key: it is no other test's business.
    await untilEmpty();
    expect(overlaps).toEqual([]);
  });

  it("lets other keys pass while one is slow", async () => {
    const [slow, quick] = [freshKey(), freshKey()];
    const goOn = signal();
    const seen = diary();
    await store.queue.work(2, async (key) => {
      if (keyId(key) === keyId(slow)) await goOn.reached;
      seen.write(key);
      return DONE;
    });
    await store.queue.add([slow]);
    await store.queue.add([quick]);
    await seen.until(1);
    goOn.reach();
    await seen.until(2);
    expect(seen.ids).toEqual([keyId(quick), keyId(slow)]);
  });

  it("takes urgent keys first, also one that was waiting as part of a sweep", async () => {
    const [swept, alsoSwept, hinted, urgent] = [freshKey(), freshKey(), freshKey(), freshKey()];
    await store.queue.add([swept, alsoSwept], 0);
    await store.queue.add([hinted], 20);
    await store.queue.add([urgent, alsoSwept], 30);
    const seen = diary();
    await store.queue.work(1, async (key) => {
      seen.write(key);
      return DONE;
    });
    await seen.until(4);
    expect(new Set(seen.ids.slice(0, 2))).toEqual(new Set([keyId(urgent), keyId(alsoSwept)]));
    expect(seen.ids.slice(2)).toEqual([keyId(hinted), keyId(swept)]);
  });

  it("brings a key back when its timer is due, once, at the moment it was moved to", async () => {
    const [key, marker] = [freshKey(), freshKey()];
    const seen = diary();
    await store.queue.work(2, async (taken) => {
      seen.write(taken);
      return DONE;
    });
    await store.queue.lookAgainAt(key, soon(3_600_000));
    await store.queue.lookAgainAt(key, soon(100));
    await store.queue.lookAgainAt(marker, soon(1_200));
    await seen.until(2);
    expect(seen.ids).toEqual([keyId(key), keyId(marker)]);
  });

  it("forgets a timer that was taken away", async () => {
    const [key, marker] = [freshKey(), freshKey()];
    const seen = diary();
    await store.queue.lookAgainAt(key, soon(50));
    await store.queue.lookAgainAt(key, null);
    await store.queue.lookAgainAt(marker, soon(600));
    await store.queue.work(2, async (taken) => {
      seen.write(taken);
      return DONE;
    });
    await seen.until(1);
    expect(seen.ids).toEqual([keyId(marker)]);
  });

  it("works on a key at once though its timer is far away", async () => {
    const key = freshKey();
    const seen = diary();
    await store.queue.lookAgainAt(key, soon(3_600_000));
    await store.queue.add([key]);
    await store.queue.work(1, async (taken) => {
      seen.write(taken);
      return DONE;
    });
    await seen.until(1);
    expect(seen.ids).toEqual([keyId(key)]);
  });

  it("looks again when a pass asks for it, and at the keys a pass names", async () => {
    const [key, other] = [freshKey(), freshKey()];
    const seen = diary();
    await store.queue.add([key]);
    await store.queue.work(2, async (taken) => {
      seen.write(taken);
      return seen.ids.length === 1 ? { checkAgainIn: 300 as Millis, alsoLookAt: [other] } : DONE;
    });
    await seen.until(3);
    expect(seen.ids).toEqual([keyId(key), keyId(other), keyId(key)]);
  });

  it("tells a pass its first cause, also at the next try, and what follows from it where it began", async () => {
    const [key, other] = [freshKey(), freshKey()];
    const seen = diary();
    const names: PassName[] = [];
    await store.queue.accept([key], 10, byDelivery("guid-1"));
    await store.queue.accept([key], 20, byDelivery("guid-2"));
    await store.queue.work(1, async (taken, _signal, _lease, name) => {
      names.push(name);
      seen.write(taken);
      if (seen.ids.length === 1) throw new TransientError("GitHub is slow", { retryAfterMs: 0 });
      return seen.ids.length === 2 ? { checkAgainIn: 300 as Millis, alsoLookAt: [other] } : DONE;
    });
    await seen.until(4);
    expect(seen.ids).toEqual([keyId(key), keyId(key), keyId(other), keyId(key)]);
    const first = { pass: "guid-1", cause: "delivery", origin: "guid-1" };
    const [, , followed, due] = names;
    expect(names).toEqual([
      first,
      first,
      { pass: expect.any(String), cause: `after:${keyId(key)}`, origin: "guid-1" },
      { pass: expect.any(String), cause: "timer", origin: due?.pass },
    ]);
    expect(new Set(["guid-1", followed?.pass, due?.pass]).size).toBe(3);
  });

  it("tries a pass again that failed for a passing reason", async () => {
    const key = freshKey();
    const seen = diary();
    await store.queue.add([key]);
    await store.queue.work(1, async (taken) => {
      seen.write(taken);
      if (seen.ids.length <= 7)
        throw new TransientError("GitHub is slow", { retryAfterMs: seen.ids.length === 1 ? 0 : null });
      return DONE;
    });
    await seen.until(8);
    await store.queue.stop(10_000);
    expect(await store.queue.depth()).toMatchObject({ waiting: 0, running: 0, setAside: 0 });
  });

  it("drops a pass that cannot succeed until the next hint, and says so in the log", async () => {
    const [key, marker] = [freshKey(), freshKey()];
    const seen = diary();
    await store.queue.work(1, async (taken) => {
      seen.write(taken);
      if (keyId(taken) === keyId(key) && seen.ids.length === 1)
        throw new TerminalError("no permission", { status: 403 });
      return DONE;
    });
    await store.queue.add([key]);
    await seen.until(1);
    // A second try would be due at once.
    await store.queue.lookAgainAt(marker, soon(800));
    await seen.until(2);
    expect(seen.ids).toEqual([keyId(key), keyId(marker)]);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 40, key: keyId(key), status: 403, msg: "pass dropped until the next hint" }),
    );
    await store.queue.add([key]);
    await seen.until(3);
  });

  it("sets a key aside that fails five times for no known reason, works on, and takes it back once it works", async () => {
    const [poison, healthy] = [freshKey(), freshKey()];
    let broken = true;
    const seen = diary();
    await store.queue.work(1, async (taken) => {
      seen.write(taken);
      if (broken && keyId(taken) === keyId(poison)) throw new Error("a bug");
      return DONE;
    });
    await store.queue.add([poison]);
    await seen.until(5);
    await store.queue.lookAgainAt(healthy, soon(800));
    await seen.until(6);
    expect(seen.ids.filter((id) => id === keyId(poison))).toHaveLength(5);
    expect((await store.queue.depth()).setAside).toBe(1);
    broken = false;
    await store.queue.add([poison]);
    await seen.until(7);
    await store.queue.stop(10_000);
    expect((await store.queue.depth()).setAside).toBe(0);
  });

  it("finishes the running pass before it stops, and keeps what waits for the next start", async () => {
    const [first, second] = [freshKey(), freshKey()];
    const [began, goOn] = [signal(), signal()];
    const finished = diary();
    await store.queue.add([first]);
    await store.queue.work(1, async (key) => {
      began.reach();
      await goOn.reached;
      finished.write(key);
      return DONE;
    });
    await began.reached;
    await store.queue.add([second]);
    const stopped = store.queue.stop(30_000);
    goOn.reach();
    await stopped;
    expect(finished.ids).toEqual([keyId(first)]);
    await store.close();
    store = await open();
    expect((await store.queue.depth()).waiting).toBe(1);
    await store.queue.work(1, async (key) => {
      finished.write(key);
      return DONE;
    });
    await finished.until(2);
    expect(finished.ids).toEqual([keyId(first), keyId(second)]);
  });

  it("puts a pass back that does not finish in time when stopping", async () => {
    const key = freshKey();
    const [began, aborted] = [signal(), signal()];
    await store.queue.add([key]);
    await store.queue.work(1, async (_key, abort) => {
      abort.addEventListener("abort", () => aborted.reach());
      began.reach();
      await aborted.reached;
      throw new TransientError("stopped");
    });
    await began.reached;
    await store.queue.stop(10);
    await aborted.reached;
    await store.close();
    store = await open();
    expect(await store.queue.depth()).toMatchObject({ waiting: 1, running: 0 });
    const seen = diary();
    await store.queue.work(1, async (taken) => {
      seen.write(taken);
      return DONE;
    });
    await seen.until(1);
    expect(seen.ids).toEqual([keyId(key)]);
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
    // Two keys were running and one waiting: all of them wait again, without anybody waiting for a heartbeat.
    expect(await store.queue.depth()).toEqual({ waiting: 3, running: 0, setAside: 0 });
    const seen = diary();
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

  it("is begun anew when its database does not open, and the old one is kept aside", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, "pg"));
    writeFileSync(join(folder, "pg", "PG_VERSION"), "nonsense");
    const { log, lines } = createLogLines();
    const store = await openFolder(folder, log);
    await store.queue.add([incident(1)]);
    await store.close();
    expect(readdirSync(folder).some((name) => name.startsWith("pg-broken-"))).toBe(true);
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 40,
        msg: "the embedded database did not open and was moved aside; everything is rebuilt from GitHub",
      }),
    );
  });
});

describe("the embedded database", () => {
  it("carries out what GitHub waits for before what only passes wait for, and all of a transaction in between", async () => {
    const { sql, urgentWrite } = await openPglite(newFolder());
    await sql.query("create table kept (text text, number integer)");
    const order: string[] = [];
    const told = (name: string) => () => {
      order.push(name);
    };
    await Promise.all([
      sql.transaction(async (query) => {
        await query("select 1");
        await query("select 2");
        order.push("transaction");
      }),
      sql.query("select 3").then(told("ordinary")),
      urgentWrite("insert into kept values ($1, $2::integer)", ["it's", "4"]).then(told("urgent")),
    ]);
    expect(order).toEqual(["transaction", "urgent", "ordinary"]);
    await expect(urgentWrite("insert into kept values ($1, $2::integer)", ["", "no number"])).rejects.toMatchObject({
      code: "22P02",
    });
    await urgentWrite("insert into kept values ($1, $2::integer)", ["", "5"]);
    await expect(sql.query("select * from kept")).resolves.toEqual([
      { text: "it's", number: 4 },
      { text: "", number: 5 },
    ]);
    await expect(sql.query("select 1/0")).rejects.toMatchObject({ code: "22012" });
    await sql.close();
    await expect(sql.query("select 1")).rejects.toBeInstanceOf(TransientError);
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
