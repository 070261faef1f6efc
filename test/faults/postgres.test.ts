import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it, jest } from "@jest/globals";
import pg from "pg";
import { isPrepared, prepareRepository } from "../../demo/prepare-repository.ts";
import { type SevgateProcess, startSevgate } from "../../demo/start-sevgate.ts";
import { until } from "../../demo/until.ts";
import { createWorld, PLACE, type World } from "../../demo/world.ts";
import { startEmulator } from "../../testkit/emulator.ts";
import { startTestServer, type TestServer } from "../../testkit/postgres.ts";
import { hasPgbouncer, startPgbouncer } from "../support/pgbouncer.ts";

jest.setTimeout(600_000);

const PATIENT = { limitMs: 180_000 };
const INCIDENTS = 3;
const TERMINATED_EVERY_MS = 300;
const ALL_EVERY = 20;
/** A fast machine would be through with its incidents before that. */
const LEAST_TERMINATED = 10;
/** The emulator counts requests as GitHub does. */
const LOOK_EVERY_MS = 250;
const RESTARTS = 6;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Live {
  readonly world: World;
  readonly server: SevgateProcess;
  readonly postgres: TestServer;
}

/** The real server in a process of its own, on a PostgreSQL of its own, and the GitHub emulator. */
async function begin(through: "session" | "transaction" | null): Promise<Live> {
  const postgres = await startTestServer();
  closing.push(() => postgres.stop());
  let databaseUrl = postgres.url;
  if (through !== null) {
    const bouncer = await startPgbouncer(postgres.url, through);
    closing.push(() => bouncer.stop());
    databaseUrl = bouncer.url;
  }
  const github = await startEmulator();
  closing.push(() => github.close());
  const dataDir = mkdtempSync(join(tmpdir(), "sevgate-postgres-"));
  closing.push(async () => rmSync(dataDir, { recursive: true, force: true }));
  const { appId, privateKey, webhookSecret, url } = github;
  const settings = { DATABASE_URL: databaseUrl, SWEEP_EVERY: "2s" };
  const server = await startSevgate({ githubUrl: url, appId, privateKey, webhookSecret, dataDir, settings });
  closing.push(() => server.kill());
  github.deliverTo(server.webhookUrl);
  const world = createWorld(github);
  await prepareRepository(world);
  await until("the repository is swept", () => isPrepared(world), PATIENT);
  return { world, server, postgres };
}

/**
 * Incidents one after another, each declared and acknowledged by comments on GitHub: three, and more until it is
 * enough.
 */
async function liveThrough({ world, server }: Live, isEnough: () => boolean = () => true): Promise<void> {
  for (let nth = 0; nth < INCIDENTS || !isEnough(); nth += 1) {
    const { data: issue } = await world
      .as("alice")
      .issues.create({ ...PLACE, title: `Outage ${nth}`, labels: ["sev:P0"] });
    await until("it is an incident", () => hasStatus(world, issue.number), PATIENT);
    await world.as("alice").issues.createComment({ ...PLACE, issue_number: issue.number, body: "/ack" });
    await until(
      "it is acknowledged",
      async () => (await labels(world, issue.number)).includes("incident:acknowledged"),
      PATIENT,
    );
  }
  expect(await server.stop()).toBe(0);
  expect(server.log.filter((line) => /Unhandled|uncaught/i.test(line))).toEqual([]);
}

async function hasStatus(world: World, number: number): Promise<boolean> {
  await pause(LOOK_EVERY_MS);
  return (await world.comments(number)).some(({ body }) => body?.includes("<!-- sevgate:status -->"));
}

async function labels(world: World, number: number): Promise<readonly string[]> {
  await pause(LOOK_EVERY_MS);
  const { labels } = await world.issue(number);
  return labels.map((label) => (typeof label === "string" ? label : (label.name ?? "")));
}

describe("PostgreSQL", () => {
  it.each([null, "session", "transaction"] as const)(
    "ends one connection after the other, and at times all (through PgBouncer: %p): incidents go on, and the process lives",
    async (through) => {
      if (through !== null && !hasPgbouncer()) {
        process.stdout.write("PgBouncer is not installed (apt-get install pgbouncer): not tried through it.\n");
        return;
      }
      const live = await begin(through);
      const killer = new pg.Pool({ connectionString: live.postgres.url, max: 1, application_name: "the killer" });
      killer.on("error", () => {});
      let terminated = 0;
      const stop = new AbortController();
      const killing = (async () => {
        for (let round = 1; !stop.signal.aborted; round += 1) {
          // Usually any one of them, whatever it is doing; sometimes all at once, as in a failover.
          const { rowCount } = await killer.query(
            `select pg_terminate_backend(pid) from (
               select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
               order by random() limit $1
             ) as chosen`,
            [round % ALL_EVERY === 0 ? 1_000 : 1],
          );
          terminated += rowCount ?? 0;
          await pause(TERMINATED_EVERY_MS);
        }
      })();
      try {
        await liveThrough(live, () => terminated > LEAST_TERMINATED);
      } finally {
        stop.abort();
        await killing;
        await killer.end();
      }
      process.stdout.write(`measured terminations, through ${through ?? "nothing"}: ${terminated}\n`);
      expect(terminated).toBeGreaterThan(LEAST_TERMINATED);
    },
  );

  it("restarts again and again: incidents go on, and the process lives", async () => {
    const live = await begin(null);
    let restarts = 0;
    const restarting = (async () => {
      for (; restarts < RESTARTS; restarts += 1) await live.postgres.restart();
    })();
    await Promise.all([liveThrough(live), restarting]);
    expect(restarts).toBe(RESTARTS);
  });
});
