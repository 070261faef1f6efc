import { chmodSync, chownSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import pg from "pg";
import { until } from "../../demo/until.ts";
import { systemClock } from "../../src/base/clock.ts";
import { TerminalError, TransientError } from "../../src/base/errors.ts";
import { keyId } from "../../src/core/key.ts";
import type { Instant, Key, Millis, Repository } from "../../src/core/model.ts";
import { inspectStore } from "../../src/doctor/inspect-store.ts";
import type { PassResult } from "../../src/queue/queue.ts";
import { openStore } from "../../src/run/open-store.ts";
import type { Store } from "../../src/run/store.ts";
import { listenOnPostgres } from "../../src/store/listen-on-postgres.ts";
import { openPostgres } from "../../src/store/open-postgres.ts";
import { migrateSchema } from "../../src/store/schema.ts";
import { createTestDatabase, startTestServer, type TestDatabase } from "../../testkit/postgres.ts";
import { createLogLines } from "../support/log-lines.ts";
import { createOwnAuthority } from "../support/own-authority.ts";
import { hasPgbouncer, startPgbouncer } from "../support/pgbouncer.ts";

jest.setTimeout(120_000);

const DONE: PassResult = { checkAgainIn: null, alsoLookAt: [] };
const REPOSITORY: Repository = { installationId: 1, id: 7, owner: "acme", name: "shop" };
const GENEROUS = { limitMs: 60_000 };

function incident(number: number): Key {
  return { kind: "incident", repository: REPOSITORY, number };
}

let database: TestDatabase;
const stores: Store[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  await database.drop();
});

async function open(databaseUrl: string, { log } = createLogLines()): Promise<Store> {
  const store = await openStore({
    databaseUrl,
    dataDir: "unused",
    log,
    clock: systemClock,
    retryDelay: () => 0 as Millis,
  });
  stores.push(store);
  return store;
}

async function refusalOf(databaseUrl: string): Promise<string> {
  const thrown: unknown = await open(databaseUrl).then(
    (store) => store.close().then(() => "it opened"),
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(TerminalError);
  return (thrown as Error).message;
}

/** Ends all connections to the database except the one that asks. */
async function terminateAll(): Promise<number> {
  const ended = await database.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  return ended.length;
}

describe("a connection that the server ends", () => {
  it("between two statements of a transaction fails that transaction, and the next one works", async () => {
    const store = await open(database.url);
    const failure = await store.sql
      .transaction(async (query) => {
        const [own] = await query<{ pid: number }>("select pg_backend_pid() as pid");
        await database.query(`select pg_terminate_backend(${own?.pid})`);
        await until("the connection is gone", async () => {
          const left = await database.query(`select from pg_stat_activity where pid = ${own?.pid}`);
          return left.length === 0;
        });
        await query("select 1");
      })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TransientError);
    expect(await store.sql.transaction((query) => query("select 1 as one"))).toEqual([{ one: 1 }]);
    await store.close();
  });

  it("again and again, under load, costs no key its pass, and the process nothing", async () => {
    const { log, lines } = createLogLines();
    const store = await open(database.url, { log, lines });
    const passes = new Map<string, number>();
    await store.queue.work(4, async (key) => {
      await store.sql.transaction(async (query) => {
        await query("select 1");
        await pause(5);
        await query("select 1");
      });
      passes.set(keyId(key), (passes.get(keyId(key)) ?? 0) + 1);
      return DONE;
    });
    const keys = Array.from({ length: 20 }, (_, index) => incident(index + 1));
    let terminated = 0;
    const accepted = new Set<string>();
    for (let round = 0; round < 4; round += 1) {
      for (const key of keys) {
        await store.queue.accept([key]).then(
          () => accepted.add(keyId(key)),
          (error: unknown) => expect(error).toBeInstanceOf(TransientError),
        );
      }
      terminated += await terminateAll();
    }
    expect(terminated).toBeGreaterThan(8);
    await until(
      "every key that was accepted had its pass",
      async () => [...accepted].every((id) => passes.has(id)),
      GENEROUS,
    );
    await until(
      "the queue is empty",
      async () => {
        const { waiting, running } = await store.queue.depth().catch(() => ({ waiting: 1, running: 1 }));
        return waiting + running === 0;
      },
      GENEROUS,
    );
    await store.queue.stop(10_000);
    await store.close();
    expect(lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });

  it("while it listens is followed by another one, which listens again", async () => {
    const heard: string[] = [];
    const begun: number[] = [];
    const pool = new pg.Pool({ connectionString: database.url });
    pool.on("error", () => {});
    const listening = await listenOnPostgres({
      connect: () => new pg.Client({ connectionString: database.url, application_name: "the listener" }),
      notify: (payload) => pool.query("select pg_notify('news', $1)", [payload]),
      channel: "news",
      onNotification: (payload) => heard.push(payload),
      onReconnect: () => begun.push(begun.length),
      onLost: () => {},
    });
    await database.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'the listener'",
    );
    await until("it listens again", async () => begun.length === 2);
    await database.query("notify news, 'hello'");
    await until("the news is heard", async () => heard.length > 0);
    await listening.close();
    await pool.end();
    expect(heard).toEqual(["hello"]);
  });
});

describe("a server that restarts", () => {
  it("is waited for: every key that was accepted has its pass, and the process goes on", async () => {
    const server = await startTestServer();
    const { log, lines } = createLogLines();
    const store = await open(server.url, { log, lines });
    const passes = new Set<string>();
    await store.queue.work(4, async (key) => {
      await store.sql.transaction((query) => query("select 1"));
      passes.add(keyId(key));
      return DONE;
    });
    for (let round = 0; round < 1; round += 1) {
      const keys = Array.from({ length: 10 }, (_, index) => incident(round * 10 + index + 1));
      for (const key of keys) await store.queue.accept([key]);
      await server.restart();
      await until("all have had their pass", async () => keys.every((key) => passes.has(keyId(key))), GENEROUS);
    }
    await store.queue.stop(10_000);
    await store.close();
    await server.stop();
    expect(lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });
});

describe("PgBouncer", () => {
  if (!hasPgbouncer()) {
    process.stdout.write("PgBouncer is not installed (apt-get install pgbouncer): nothing was tried through it.\n");
    it.skip("is not installed here: nothing was tried through it", () => {});
    return;
  }

  it.each(["session", "transaction"] as const)(
    "in %s mode works: keys, timers, transactions, several processes, and connections that end",
    async (mode) => {
      const bouncer = await startPgbouncer(database.url, mode);
      const { log, lines } = createLogLines();
      const both = [await open(bouncer.url, { log, lines }), await open(bouncer.url, { log, lines })] as const;
      const passes: string[] = [];
      for (const store of both) {
        await store.queue.work(3, async (key) => {
          passes.push(keyId(key));
          await store.index.saveRepository(REPOSITORY, { severityLabels: ["sev:P0"] });
          return DONE;
        });
      }
      const keys = Array.from({ length: 20 }, (_, index) => incident(index + 1));
      for (const [index, key] of keys.entries()) await both[index % 2 === 0 ? 0 : 1].queue.accept([key]);
      await both[0].queue.lookAgainAt(incident(99), (systemClock.now() + 100) as Instant);
      await until(
        "all have had their pass",
        async () => [...keys, incident(99)].every((key) => passes.includes(keyId(key))),
        GENEROUS,
      );
      await terminateAll();
      await until(
        "a key is taken after the end of all connections",
        async () =>
          await both[1].queue.accept([incident(100)]).then(
            () => true,
            () => false,
          ),
        GENEROUS,
      );
      await until("it has its pass", async () => passes.includes(keyId(incident(100))), GENEROUS);
      expect(await inspectStore({ databaseUrl: bouncer.url, dataDir: "unused" })).toMatchObject({ setAside: 0 });
      for (const store of both) {
        await store.queue.stop(10_000);
        await store.close();
      }
      await bouncer.stop();
      expect(lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
      expect(lines.some(({ msg }) => /notifications do not arrive/.test(String(msg)))).toBe(mode === "transaction");
    },
  );

  it("in statement mode is refused with the setting to change", async () => {
    const bouncer = await startPgbouncer(database.url, "statement");
    expect(await refusalOf(bouncer.url)).toMatch(/Set pool_mode = transaction or session/);
    await bouncer.stop();
  });
});

describe("a role that may not create anything", () => {
  const role = `sevgate_test_${process.pid}`;
  let url: string;

  beforeAll(async () => {
    const own = await createTestDatabase();
    await own.query(`create role ${role} login`);
    await own.drop();
  });
  afterAll(async () => {
    const own = await createTestDatabase();
    await own.query(`drop role ${role}`);
    await own.drop();
  });
  beforeEach(() => {
    const address = new URL(database.url);
    address.username = role;
    url = address.href;
  });
  afterEach(async () => {
    await database.query(`drop owned by ${role} cascade`);
  });

  /** The statements a refusal names, one after another as an owner would paste them. */
  async function runWhatItSays(message: string): Promise<void> {
    const statements = message.slice(message.indexOf("Run as its owner: ") + "Run as its owner: ".length);
    expect(statements).toMatch(/;$/);
    await database.query(statements);
  }

  it("is refused with the statements to run, and works after them", async () => {
    await database.query("revoke create on schema public from public");
    const message = await refusalOf(url);
    expect(message).toMatch(
      /GRANT CREATE ON SCHEMA public TO sevgate_test_\d+; CREATE SCHEMA sevgate_queue AUTHORIZATION sevgate_test_\d+;$/,
    );
    await runWhatItSays(message);
    await (await open(url)).close();
  });

  it("is told of the schema that is missing where its search path names none", async () => {
    await database.query("drop schema public cascade");
    const message = await refusalOf(url);
    expect(message).toMatch(/CREATE SCHEMA sevgate AUTHORIZATION sevgate_test_\d+;/);
    await runWhatItSays(message);
    await (await open(url)).close();
    await database.query(`alter role ${role} reset search_path`);
  });

  it("is enough where somebody else has made the tables and lets it use them", async () => {
    await (await open(database.url)).close();
    await database.query("revoke create on schema public from public");
    const message = await refusalOf(url);
    expect(message).toMatch(/GRANT USAGE ON SCHEMA sevgate_queue TO/);
    expect(message).not.toMatch(/GRANT CREATE/);
    await runWhatItSays(message);
    const store = await open(url);
    const { promise: passed, resolve } = Promise.withResolvers<void>();
    await store.queue.work(1, async () => {
      resolve();
      return DONE;
    });
    await store.queue.accept([incident(1)]);
    await passed;
    await store.queue.stop(10_000);
    await store.close();
  });

  it("keeps connections for everything else while a storm of alerts, each alone with its row, takes what it can", async () => {
    const { sql } = await openPostgres(database.url, { onBroken: () => {} });
    const { promise: goOn, resolve: letGo } = Promise.withResolvers<void>();
    const storm = Array.from({ length: 20 }, (_, at) => sql.transaction(() => goOn, `alert ${at}`));
    expect(await sql.query("select 1 as one")).toEqual([{ one: 1 }]);
    expect(await sql.transaction((query) => query("select 2 as two"))).toEqual([{ two: 2 }]);
    letGo();
    await Promise.all(storm);
    await sql.close();
  });

  it("is told to own the tables where they are older than the program", async () => {
    const { sql } = await openPostgres(database.url, { onBroken: () => {} });
    await migrateSchema(sql, 1);
    await sql.close();
    await database.query("revoke create on schema public from public");
    await runWhatItSays(await refusalOf(url));
    const message = await refusalOf(url);
    expect(message).toMatch(/GRANT CREATE ON SCHEMA public TO .*ALTER TABLE public\.sevgate_incident OWNER TO/);
    await runWhatItSays(message);
    await (await open(url)).close();
  });
});

describe("PostgreSQL with a certificate of an authority of one's own", () => {
  const authority = createOwnAuthority();
  let url: string;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    const server = await startTestServer(["ssl=on"], (data, user) => {
      for (const [from, name] of [
        [authority.certificate, "server.crt"],
        [authority.key, "server.key"],
      ] as const) {
        copyFileSync(from, join(data, name));
        chmodSync(join(data, name), 0o600);
        if (user !== undefined) chownSync(join(data, name), user.uid, user.gid);
      }
    });
    const address = new URL(server.url);
    address.hostname = "localhost";
    url = address.href;
    stop = server.stop;
  });
  afterAll(async () => {
    await stop();
    authority.remove();
  });

  it("works with sslrootcert in DATABASE_URL", async () => {
    const store = await open(`${url}?sslmode=verify-full&sslrootcert=${authority.ca}`);
    expect(await store.sql.query("select ssl from pg_stat_ssl where pid = pg_backend_pid()")).toEqual([{ ssl: true }]);
    await store.close();
  });

  it("is refused without it, with both ways to name the authority", async () => {
    expect(await refusalOf(`${url}?sslmode=verify-full`)).toMatch(/sslrootcert=.+NODE_EXTRA_CA_CERTS=/);
  });

  it("is refused under another name than the certificate's", async () => {
    const other = url.replace("localhost", "127.0.0.1");
    expect(await refusalOf(`${other}?sslmode=verify-full&sslrootcert=${authority.ca}`)).toMatch(
      /not valid for this address and time \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
    );
  });

  it("is refused in words where the file of the authority is not there, and where the server takes no TLS", async () => {
    expect(await refusalOf(`${url}?sslmode=verify-full&sslrootcert=/nowhere/ca.pem`)).toMatch(
      /names a file that cannot be read \(ENOENT\): \/nowhere\/ca\.pem/,
    );
    expect(await refusalOf(`${database.url}?sslmode=verify-full`)).toMatch(/PostgreSQL takes no TLS/);
  });
});
