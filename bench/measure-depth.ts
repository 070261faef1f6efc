import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createTestDatabase } from "../testkit/postgres.ts";
import { commentOn, incidents, ordinaryIssues } from "./incident-world.ts";
import { fire, type Rate } from "./measure-intake.ts";
import { prefill, type StorePlace } from "./prefill.ts";
import { count, median, ms, table, times } from "./report.ts";
import { INCIDENT_GITHUB, SEVGATE, type Setting } from "./setting.ts";
import { FIRST } from "./signed-webhooks.ts";
import { type ServerProcess, startServer } from "./start-server.ts";

/** Few enough to be gone soon, but enough to count passes by. */
const SHALLOW = 2_000;

interface AtDepth {
  readonly passesPerSecond: number;
  readonly intake: Rate;
  readonly metricsMs: number;
}

/** Intake and passes with 100,000 keys waiting, against a queue that is nearly empty. */
export async function measureDepth(setting: Setting): Promise<void> {
  const deep = setting.quick ? 10_000 : 100_000;
  const database = await createTestDatabase();
  const rows: string[][] = [];
  for (const engine of ["embedded", "PostgreSQL"] as const) {
    const place = (depth: number): StorePlace => ({
      databaseUrl: engine === "embedded" ? null : database.url,
      dataDir: join(setting.folder, `depth-${depth}`),
    });
    const shallow = await measureAt(setting, SHALLOW, place(SHALLOW));
    const full = await measureAt(setting, deep, place(deep));
    rows.push(
      row(`passes a second, ${engine}`, shallow.passesPerSecond, full.passesPerSecond),
      row(`webhooks stored a second, ${engine}`, shallow.intake.perSecond, full.intake.perSecond),
      row(`p99 of their answers, ms, ${engine}`, full.intake.p99Ms, shallow.intake.p99Ms, ms),
      row(`reading the metrics, ms, ${engine}`, full.metricsMs, shallow.metricsMs, ms),
    );
  }
  await database.drop();
  table(`A queue with ${count(deep)} keys`, ["", `${count(SHALLOW)} keys`, `${count(deep)} keys`, "× slower"], rows);
}

/** The ratio is `larger` over `smaller`; the columns are always shallow, then deep. */
function row(name: string, larger: number, smaller: number, show: (value: number) => string = count): string[] {
  const isTime = show === ms;
  return [name, show(isTime ? smaller : larger), show(isTime ? larger : smaller), times(larger / smaller)];
}

async function measureAt(setting: Setting, depth: number, place: StorePlace): Promise<AtDepth> {
  await prefill(place, ordinaryIssues(depth, 1, 1));
  const github = await startServer(INCIDENT_GITHUB, {}, null);
  const server = await startServer(
    SEVGATE,
    {
      ...setting.environment(github.url),
      DATA_DIR: place.dataDir,
      ...(place.databaseUrl === null ? {} : { DATABASE_URL: place.databaseUrl }),
    },
    FIRST,
  );
  await pause(2_000);
  const metricsMs = await readMetrics(server);
  const passesBefore = await server.metric("sevgate_passes_total");
  const startedAt = performance.now();
  await pause(setting.quick ? 3_000 : 15_000);
  const passes = (await server.metric("sevgate_passes_total")) - passesBefore;
  const passesPerSecond = passes / ((performance.now() - startedAt) / 1_000);
  const intake = await fire(
    server,
    incidents(1_000, 20).map((issue) => commentOn(issue)),
    setting.quick,
  );
  await server.stop();
  await github.stop();
  return { passesPerSecond, intake, metricsMs };
}

/** How long that takes while passes run, ms: the median of nine after the first. */
async function readMetrics(server: ServerProcess): Promise<number> {
  await server.metric("sevgate_passes_total");
  const each: number[] = [];
  for (let at = 0; at < 9; at += 1) {
    const startedAt = performance.now();
    await server.metric("sevgate_passes_total");
    each.push(performance.now() - startedAt);
    await pause(100);
  }
  return median(each);
}
