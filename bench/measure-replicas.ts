import { createTestDatabase } from "../testkit/postgres.ts";
import { incidents, until } from "./incident-world.ts";
import { addKeys } from "./prefill.ts";
import { count, table, times } from "./report.ts";
import { INCIDENT_GITHUB, SEVGATE, type Setting } from "./setting.ts";
import { FIRST } from "./signed-webhooks.ts";
import { type ServerProcess, startServer } from "./start-server.ts";

/** Roughly how long GitHub takes for a request: most of a pass is waiting for it. */
const GITHUB_ANSWERS_IN_MS = 100;
const PASSES_LIMIT_MS = 600_000;

/** Passes per second over new incidents: one process compared with two on one PostgreSQL. */
export async function measureReplicas(setting: Setting): Promise<void> {
  const keys = setting.quick ? 60 : 400;
  const one = await passesPerSecond(setting, keys, 1);
  const two = await passesPerSecond(setting, keys, 2);
  table(
    `${count(keys)} new incidents on PostgreSQL, GitHub answering in ${GITHUB_ANSWERS_IN_MS} ms`,
    ["processes", "passes a second", "× one process"],
    [
      ["1", one.toFixed(1), times(1)],
      ["2", two.toFixed(1), times(two / one)],
    ],
  );
}

async function passesPerSecond(setting: Setting, keys: number, processes: number): Promise<number> {
  const database = await createTestDatabase();
  const place = { databaseUrl: database.url, dataDir: setting.folder };
  const github = await startServer(INCIDENT_GITHUB, { DELAY_MS: String(GITHUB_ANSWERS_IN_MS) }, null);
  const environment = { ...setting.environment(github.url), DATABASE_URL: database.url };
  const servers: ServerProcess[] = [];
  for (let at = 0; at < processes; at += 1) servers.push(await startServer(SEVGATE, environment, FIRST));
  const passes = async () =>
    (await Promise.all(servers.map((server) => server.metric("sevgate_passes_total")))).reduce((a, b) => a + b, 0);
  const before = await passes();
  await addKeys(place, incidents(keys, 20));
  const startedAt = performance.now();
  await until("a pass over every incident", PASSES_LIMIT_MS, async () =>
    (await passes()) - before >= keys ? true : null,
  );
  const took = (performance.now() - startedAt) / 1_000;
  for (const server of servers) await server.stop();
  await github.stop();
  await database.drop();
  return keys / took;
}
