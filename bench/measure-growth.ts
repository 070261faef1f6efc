import { join } from "node:path";
import { pino } from "pino";
import { systemClock } from "../src/base/clock.ts";
import { byDelivery } from "../src/queue/cause.ts";
import { openStore } from "../src/run/open-store.ts";
import { createTestDatabase } from "../testkit/postgres.ts";
import { ordinaryIssues } from "./incident-world.ts";
import { type Panel, writePlot } from "./plot.ts";
import { keyOf, prefill, type StorePlace } from "./prefill.ts";
import { count, median, table, times } from "./report.ts";
import type { Setting } from "./setting.ts";

const PLOT = "docs/images/growth.svg";
const ENGINES = ["embedded", "PostgreSQL"] as const;
/** No more keys than this are taken from a queue, so that it stays as deep as it is said to be. */
const MOST_TAKEN = 1_000;
const KEPT = 300;

interface Costs {
  /** To keep the key of one delivery, ms, one after the other. */
  readonly keeping: number;
  /** To take the next key and end its pass, in which nothing is done, ms. */
  readonly taking: number;
  /** To count what waits, ms. */
  readonly counting: number;
}

/** What one thing costs the queue, by the number of keys that wait in it: as a table, and as a plot in the docs. */
export async function measureGrowth(setting: Setting): Promise<void> {
  const depths = setting.quick ? [10, 100, 1_000] : [10, 100, 1_000, 10_000, 100_000];
  const costs: Record<(typeof ENGINES)[number], Costs[]> = { embedded: [], PostgreSQL: [] };
  for (const engine of ENGINES) {
    for (const depth of depths) {
      const database = engine === "embedded" ? null : await createTestDatabase();
      const dataDir = join(setting.folder, `growth-${depth}`);
      costs[engine].push(await measureAt(depth, { databaseUrl: database?.url ?? null, dataDir }));
      await database?.drop();
    }
  }
  const panel = (title: string, of: (cost: Costs) => number): Panel => ({
    title,
    unit: "ms",
    lines: ENGINES.map((engine) => ({ name: engine, values: costs[engine].map(of) })),
  });
  const panels = [
    panel("keeping another key", ({ keeping }) => keeping),
    panel("taking the next one and ending it", ({ taking }) => taking),
    panel("counting them", ({ counting }) => counting),
  ];
  table(
    "What one costs, by the number of keys that wait, ms",
    ["", ...depths.map((depth) => count(depth)), "most ÷ fewest keys"],
    panels.flatMap(({ title, lines }) =>
      lines.map(({ name, values }) => [
        `${title}, ${name}`,
        ...values.map((value) => value.toPrecision(2)),
        times(values.at(-1)! / values[0]!),
      ]),
    ),
  );
  if (setting.quick) return;
  writePlot(PLOT, "keys that wait", depths, panels);
  console.log(`As a plot: ${PLOT}\n`);
}

async function measureAt(depth: number, place: StorePlace): Promise<Costs> {
  await prefill(place, ordinaryIssues(depth, 1, 1));
  const store = await openStore({ ...place, log: pino({ level: "silent" }), clock: systemClock });
  const counting = await medianOf(9, () => store.queue.depth());
  const others = ordinaryIssues(depth + KEPT, 1, 1)
    .slice(depth)
    .map(keyOf);
  const keeping = await medianOf(KEPT, async (at) => {
    await store.queue.accept([others[at]!], 30, byDelivery(`delivery-${at}`));
  });
  const taken = Math.min(depth, MOST_TAKEN);
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  const begins: number[] = [];
  await store.queue.work(1, async () => {
    begins.push(performance.now());
    if (begins.length >= taken) resolve();
    return { checkAgainIn: null, alsoLookAt: [] };
  });
  await enough;
  await store.queue.stop(5_000);
  await store.close();
  const between = begins.slice(1, taken).map((begin, at) => begin - begins[at]!);
  return { keeping, taking: median(between), counting };
}

async function medianOf(often: number, work: (at: number) => Promise<unknown>): Promise<number> {
  const each: number[] = [];
  for (let at = 0; at < often; at += 1) {
    const began = performance.now();
    await work(at);
    each.push(performance.now() - began);
  }
  return median(each);
}
