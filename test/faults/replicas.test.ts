import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import pg from "pg";
import { isPrepared, prepareRepository } from "../../demo/prepare-repository.ts";
import { type SevgateProcess, startSevgate } from "../../demo/start-sevgate.ts";
import { until } from "../../demo/until.ts";
import { createWorld, PLACE, type World } from "../../demo/world.ts";
import { systemClock } from "../../src/base/clock.ts";
import { keyId } from "../../src/core/key.ts";
import type { Key } from "../../src/core/model.ts";
import { openStore } from "../../src/run/open-store.ts";
import type { Store } from "../../src/run/store.ts";
import { type RunningEmulator, startEmulator } from "../../testkit/emulator.ts";
import { createTestDatabase, type TestDatabase } from "../../testkit/postgres.ts";
import { createLogLines } from "../support/log-lines.ts";

// Real processes, and real heartbeats of 10 s, the shortest pg-boss knows.
jest.setTimeout(600_000);

const GENEROUS = { limitMs: 90_000 };
const HINTING_MS = 8_000;
/** How long a pass stands still in the longest test. */
const STANDS_STILL_MS = 60_000;

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await database.drop();
});

/** The measured figures, for docs/reliability.md. */
function tell(what: string, figures: Readonly<Record<string, number>>): void {
  process.stdout.write(`measured ${what}: ${JSON.stringify(figures)}\n`);
}

async function numberOf(text: string): Promise<number> {
  const [row] = await database.query(text);
  return Number(Object.values(row ?? {})[0]);
}

describe("several processes on one PostgreSQL", () => {
  const children: ChildProcess[] = [];
  let store: Store;

  beforeEach(async () => {
    store = await openStore({
      databaseUrl: database.url,
      dataDir: "unused",
      log: createLogLines().log,
      clock: systemClock,
    });
    await database.query(
      "create table runs (id serial primary key, key text, pid int, began timestamptz, ended timestamptz)",
    );
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGKILL");
      await ended;
    }
    await store.close();
  });

  async function start(mode: "run" | "hang", concurrency: number): Promise<ChildProcess> {
    const script = fileURLToPath(new URL("../support/replica-process.ts", import.meta.url));
    const child = spawn(process.execPath, [script, database.url, String(concurrency), mode], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    for await (const line of createInterface({ input: child.stdout! })) if (line === "open") break;
    return child;
  }
  function incident(number: number): Key {
    return { kind: "incident", repository: { installationId: 1, id: 7, owner: "acme", name: "shop" }, number };
  }
  async function untilEmpty(): Promise<void> {
    await until(
      "the queue is empty",
      async () => {
        const { waiting, running } = await store.queue.depth();
        return waiting + running === 0;
      },
      GENEROUS,
    );
  }

  it.each([2, 4])(
    "%i of them never work on one key at the same time, and every last hint is followed by a run",
    async (count) => {
      for (let index = 0; index < count; index += 1) await start("run", 4);
      const keys = Array.from({ length: 5 }, (_, index) => incident(index + 1));
      const lastHint = new Map<string, string>();
      let hints = 0;
      const endAt = performance.now() + HINTING_MS;
      await Promise.all(
        Array.from({ length: 8 }, async (_, sender) => {
          for (let nth = sender; performance.now() < endAt; nth += 1) {
            const key = keys[nth % keys.length]!;
            const [row] = await database.query("select clock_timestamp()::text as at");
            await store.queue.add([key]);
            const known = lastHint.get(keyId(key)) ?? "";
            const at = String(row?.["at"]);
            if (at > known) lastHint.set(keyId(key), at);
            hints += 1;
          }
        }),
      );
      await untilEmpty();

      const overlaps = await numberOf(
        `select count(*) from runs a join runs b on a.key = b.key and a.id < b.id
       where a.began < b.ended and b.began < a.ended`,
      );
      const processes = await numberOf("select count(distinct pid) from runs");
      const runs = await numberOf("select count(*) from runs");
      const unfinished = await numberOf("select count(*) from runs where ended is null");
      tell(`${count} processes`, { hints, runs, overlaps, processes });
      expect({ overlaps, unfinished, processes }).toEqual({ overlaps: 0, unfinished: 0, processes: count });
      for (const [key, at] of lastHint) {
        const after = await numberOf(`select count(*) from runs where key = '${key}' and began > '${at}'`);
        expect({ key, followed: after > 0 }).toEqual({ key, followed: true });
      }
      expect(lastHint.size).toBe(keys.length);
    },
  );

  it("one that is killed is followed by the other, on all its keys, within 20 s", async () => {
    const keys = [1, 2, 3, 4].map(incident);
    const doomed = await start("hang", 4);
    await store.queue.add(keys);
    await until("four passes run", async () => (await numberOf("select count(*) from runs")) === 4, GENEROUS);
    const heir = await start("run", 4);
    const [row] = await database.query("select clock_timestamp()::text as at");
    const killedAt = String(row?.["at"]);
    doomed.kill("SIGKILL");
    const done = `from runs where pid = ${heir.pid} and ended is not null`;
    await until(
      "the other took over",
      async () => (await numberOf(`select count(distinct key) ${done}`)) === 4,
      GENEROUS,
    );
    const seconds = await numberOf(
      `select extract(epoch from max(began) - '${killedAt}') from runs where pid = ${heir.pid}`,
    );
    tell("taken over after SIGKILL", { seconds });
    expect(seconds).toBeLessThan(20);
    await untilEmpty();
    // Each key was given to the successor once: nothing from the dead process runs twice.
    expect(await numberOf(`select count(*) ${done}`)).toBe(4);
  });
});

/** One process's own way to the emulated GitHub, on which its writes can be held up. */
interface Line {
  readonly url: string;
  /** Method and path of the writes that passed, in order. */
  readonly writes: string[];
  /** Runs `held` before the nth write is passed on (`before`), or before its answer is (`after`). 1 is the next one. */
  hold(nth: number, when: "before" | "after", held: () => Promise<void>): void;
  /** The same before the answer to the first new comment is passed on. */
  holdComment(held: () => Promise<void>): void;
  close(): Promise<void>;
}

async function startLine(githubUrl: string): Promise<Line> {
  const writes: string[] = [];
  let holding: { isIt(): boolean; when: "before" | "after"; held: () => Promise<void> } | null = null;

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = "GET", url = "/" } = request;
    const isWrite = method !== "GET" && !url.endsWith("/access_tokens") && url !== "/graphql";
    if (isWrite) writes.push(`${method} ${url}`);
    const held = isWrite && holding?.isIt() ? holding : null;
    if (held !== null) holding = null;
    if (held?.when === "before") await held.held();
    const headers = new Headers();
    for (const name of ["authorization", "content-type", "accept", "user-agent"]) {
      const value = request.headers[name];
      if (value !== undefined) headers.set(name, String(value));
    }
    const answer = await fetch(githubUrl + url, {
      method,
      headers,
      redirect: "manual",
      ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (held?.when === "after") await held.held();
    const said = [...answer.headers].filter(
      ([name]) => !["content-encoding", "transfer-encoding", "content-length"].includes(name),
    );
    response.writeHead(answer.status, Object.fromEntries(said)).end(body);
  }

  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    writes,
    hold(nth, when, held) {
      const at = writes.length + nth;
      holding = { isIt: () => writes.length === at, when, held };
    },
    holdComment(held) {
      holding = { isIt: () => /^POST .*\/comments$/.test(writes.at(-1) ?? ""), when: "after", held };
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

describe("a process that stands still in the middle of applying, on PostgreSQL,", () => {
  const folder = mkdtempSync(join(tmpdir(), "sevgate-replicas-"));
  let github: RunningEmulator;
  let world: World;
  const lines: Line[] = [];
  const servers: SevgateProcess[] = [];

  beforeEach(async () => {
    github = await startEmulator();
    world = createWorld(github);
  });
  afterEach(async () => {
    github.deliverTo(null);
    for (const server of servers.splice(0)) await server.kill();
    for (const line of lines.splice(0)) await line.close();
    await github.close();
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(): Promise<{ readonly server: SevgateProcess; readonly line: Line }> {
    const line = await startLine(github.url);
    lines.push(line);
    const { appId, privateKey, webhookSecret } = github;
    const dataDir = join(folder, String(servers.length));
    // No sweep except the first: what happens is the queue's doing.
    const settings = { DATABASE_URL: database.url, SWEEP_EVERY: "9h", LOG_LEVEL: "debug" };
    const server = await startSevgate({ githubUrl: line.url, appId, privateKey, webhookSecret, dataDir, settings });
    servers.push(server);
    return { server, line };
  }
  async function rest(server: SevgateProcess): Promise<void> {
    await until(
      "the queue is empty",
      async () => {
        const waiting = await server.metric("sevgate_queue_keys", { state: "waiting" });
        return waiting + (await server.metric("sevgate_queue_keys", { state: "running" })) === 0;
      },
      GENEROUS,
    );
  }
  async function labels(issue: number): Promise<readonly string[]> {
    const { labels: found } = await world.issue(issue);
    return found.map((label) => (typeof label === "string" ? label : (label.name ?? ""))).sort();
  }

  /** Prevents any incident from being saved until the returned function is called. */
  async function lockIncidents(): Promise<() => Promise<void>> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query("begin");
    await client.query("lock table sevgate_incident in share row exclusive mode");
    return async () => {
      await client.query("commit");
      await client.end();
    };
  }
  /** How many timers are due within a minute: the look that follows a lost pass. */
  async function timersSet(): Promise<number> {
    return await numberOf(
      `select count(*) from sevgate_queue.job
       where name = 'timer' and state < 'active' and start_after < now() + interval '1 minute'`,
    );
  }
  async function untilSaveWaits(): Promise<void> {
    const waiting = "select count(*) from pg_locks where relation = 'sevgate_incident'::regclass and not granted";
    await until("a save waits for the lock", async () => (await numberOf(waiting)) > 0, GENEROUS);
  }

  /** Declares an incident, stops the process that works on it at its nth write, and lets another one take over. */
  async function play(nth: number, when: "before" | "after" | "saving", stillMs: number) {
    const slow = await start();
    github.deliverTo(slow.server.webhookUrl);
    await prepareRepository(world);
    await until("the repository is swept", () => isPrepared(world), GENEROUS);
    await rest(slow.server);
    let goOn: () => void = () => {};
    const released = new Promise<void>((done) => {
      goOn = done;
    });
    const held = new Promise<void>((reached) => {
      const stop = () => {
        process.kill(slow.server.pid, "SIGSTOP");
        reached();
      };
      if (when === "saving") {
        slow.line.holdComment(async () => {
          const unlock = await lockIncidents();
          void untilSaveWaits().then(() => {
            stop();
            return unlock();
          });
        });
        return;
      }
      slow.line.hold(nth, when, async () => {
        stop();
        // When it wakes, an answer is waiting where it will be read.
        if (when === "before") await released;
      });
    });
    const { data } = await world
      .as("bob")
      .issues.create({ ...PLACE, title: "Down", body: "Words.", labels: ["sev:P0"] });
    await world.as("alice").issues.createComment({ ...PLACE, issue_number: data.number, body: "/ack\n/note on it" });
    await held;
    const stoppedAt = performance.now();
    github.deliverTo(null);

    const heir = await start();
    await until(
      "the other one finished it",
      async () => (await labels(data.number)).includes("incident:acknowledged"),
      GENEROUS,
    );
    await until(
      "the other one rests",
      async () => (await heir.server.metric("sevgate_queue_keys", { state: "running" })) === 0,
      GENEROUS,
    );
    const tookOverMs = Math.round(performance.now() - stoppedAt);
    await pause(Math.max(0, stillMs - (performance.now() - stoppedAt)));

    const [writesBefore, linesBefore] = [slow.line.writes.length, slow.server.log.length];
    goOn();
    process.kill(slow.server.pid, "SIGCONT");
    await until(
      "the slow pass ended",
      async () => slow.server.log.slice(linesBefore).some((line) => line.includes("lost its key")),
      GENEROUS,
    );
    const lateWrites = slow.line.writes.slice(writesBefore);
    // The key is looked at again: whoever takes it sees what arrived late.
    await until("one more look, by whomever", async () => (await timersSet()) === 0, GENEROUS);
    await rest(heir.server);
    const bodies = (await world.comments(data.number)).map((comment) => comment.body ?? "");
    return {
      tookOverMs,
      lateWrites,
      labels: await labels(data.number),
      assignees: (await world.issue(data.number)).assignees?.map((one) => one.login),
      sections: (await world.issue(data.number)).body?.match(/\*\*Impact:\*\*/g)?.length,
      statusComments: bodies.filter((body) => body.includes("<!-- sevgate:status -->")).length,
      notes: bodies.filter((body) => body.includes("on it") && body.includes("sevgate:status")).length,
      comments: bodies.length,
    };
  }

  const WELL = {
    labels: ["incident:acknowledged", "sev:P0"],
    assignees: ["alice"],
    sections: 1,
    statusComments: 1,
    notes: 1,
    comments: 2,
  };

  it.each([1, 2, 3, 4, 5])("after its write %i, writes nothing more when it wakes", async (nth) => {
    const { tookOverMs, lateWrites, ...ending } = await play(nth, "after", 0);
    tell(`stopped after write ${nth}`, { tookOverMs, lateWrites: lateWrites.length });
    expect(lateWrites).toEqual([]);
    expect(ending).toEqual(WELL);
  });

  it("while it saves what it wrote, writes nothing more when it wakes, though no request tells it how late it is", async () => {
    const { tookOverMs, lateWrites, ...ending } = await play(0, "saving", 0);
    tell("stopped while saving", { tookOverMs, lateWrites: lateWrites.length });
    expect(lateWrites).toEqual([]);
    expect(ending).toEqual(WELL);
  });

  it("for 60 s, writes nothing more when it wakes", async () => {
    const { tookOverMs, lateWrites, ...ending } = await play(2, "after", STANDS_STILL_MS);
    tell("stopped for 60 s", { tookOverMs, lateWrites: lateWrites.length });
    expect(lateWrites).toEqual([]);
    expect(ending).toEqual(WELL);
  });

  it.each([2, 3, 4])("does no lasting harm with its write %i, which was on the way and arrives last", async (nth) => {
    const { tookOverMs, lateWrites, ...ending } = await play(nth, "before", 0);
    tell(`write ${nth} arrived last`, { tookOverMs, lateWrites: lateWrites.length });
    expect(ending).toEqual(WELL);
  });
});
