import { setTimeout as pause } from "node:timers/promises";
import { commentOn, incidents, ordinaryIssues } from "./incident-world.ts";
import { fire, type Rate } from "./measure-intake.ts";
import { prefill, type StorePlace, withEmptyPlace } from "./prefill.ts";
import { count, median, ms, table, times } from "./report.ts";
import { INCIDENT_GITHUB, SEVGATE, type Setting } from "./setting.ts";
import { FIRST } from "./signed-webhooks.ts";
import { type ServerProcess, startServer } from "./start-server.ts";

const SHALLOW = 2_000;
/** Timed are the passes after the first of these, until the second: in both queues the same ones of a new process. */
const [TIMED_FROM, TIMED_TO] = [400, 1_800];
const TIMED_LIMIT_MS = 120_000;
/** Each reading counts the queue as well. */
const READ_EVERY_MS = 200;
const ROUNDS = 3;

interface AtDepth {
  readonly passesPerSecond: number;
  readonly intake: Rate;
  readonly metricsMs: number;
}

/** Intake and passes with 100,000 keys waiting, against a queue that is nearly empty. */
export async function measureDepth(setting: Setting): Promise<void> {
  const deep = setting.quick ? 10_000 : 100_000;
  const rows: string[][] = [];
  for (const engine of ["embedded", "PostgreSQL"] as const) {
    const found = { shallow: [] as AtDepth[], full: [] as AtDepth[] };
    for (let round = 0; round < (setting.quick ? 1 : ROUNDS); round += 1) {
      for (const [name, depth] of [["shallow", SHALLOW] as const, ["full", deep] as const]) {
        found[name].push(await withEmptyPlace(engine, setting, (place) => measureAt(setting, depth, place)));
      }
    }
    const [shallow, full] = [medians(found.shallow), medians(found.full)];
    rows.push(
      row(`passes a second, ${engine}`, shallow.passesPerSecond, full.passesPerSecond),
      row(
        `webhooks stored a second, ${engine}; those ${count(SHALLOW)} are gone by then`,
        shallow.intake.perSecond,
        full.intake.perSecond,
      ),
      row(`p99 of their answers, ms, ${engine}`, full.intake.p99Ms, shallow.intake.p99Ms, ms),
      row(`reading the metrics, ms, ${engine}`, full.metricsMs, shallow.metricsMs, ms),
    );
  }
  table(
    `A server with ${count(deep)} keys in its queue against one with ${count(SHALLOW)}, which are soon gone`,
    ["", `${count(SHALLOW)} keys`, `${count(deep)} keys`, "× slower"],
    rows,
  );
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
  const passesPerSecond = await timePasses(server);
  const metricsMs = await readMetrics(server);
  const intake = await fire(
    server,
    incidents(1_000, 20).map((issue) => commentOn(issue)),
    setting.quick,
  );
  await server.stop();
  await github.stop();
  return { passesPerSecond, intake, metricsMs };
}

function medians(found: readonly AtDepth[]): AtDepth {
  return {
    passesPerSecond: median(found.map(({ passesPerSecond }) => passesPerSecond)),
    intake: {
      perSecond: median(found.map(({ intake }) => intake.perSecond)),
      p50Ms: median(found.map(({ intake }) => intake.p50Ms)),
      p99Ms: median(found.map(({ intake }) => intake.p99Ms)),
    },
    metricsMs: median(found.map(({ metricsMs }) => metricsMs)),
  };
}

/** Passes a second, between two readings of the metrics. */
async function timePasses(server: ServerProcess): Promise<number> {
  const readings: { readonly at: number; readonly passes: number }[] = [];
  const giveUpAt = performance.now() + TIMED_LIMIT_MS;
  for (let passes = 0; passes < TIMED_TO; await pause(READ_EVERY_MS)) {
    if (performance.now() > giveUpAt) throw new Error(`only ${passes} passes in ${TIMED_LIMIT_MS / 1_000} s`);
    passes = await server.metric("sevgate_passes_total");
    if (passes >= TIMED_FROM) readings.push({ at: performance.now(), passes });
  }
  const [first, last] = [readings[0]!, readings.at(-1)!];
  return (last.passes - first.passes) / ((last.at - first.at) / 1_000);
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
