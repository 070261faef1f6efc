import { pino } from "pino";
import { systemClock } from "../src/base/clock.ts";
import { keyId } from "../src/core/key.ts";
import { byDelivery } from "../src/queue/cause.ts";
import type { Queue } from "../src/queue/queue.ts";
import { openStore } from "../src/run/open-store.ts";
import { ordinaryIssues } from "./incident-world.ts";
import { type Panel, writePlot } from "./plot.ts";
import { type Engine, keyOf, prefill, withEmptyPlace } from "./prefill.ts";
import { count, median, table, times } from "./report.ts";
import type { Setting } from "./setting.ts";

const PLOT = "docs/images/growth.svg";
const ENGINES: readonly Engine[] = ["embedded", "PostgreSQL"];
/** No more keys than this are kept and taken for one figure. */
const MOST = 1_000;
const WARM_UP = 100;

interface Costs {
  /** To keep the key of one delivery, ms, one after the other. */
  readonly keeping: number;
  /** To take the next key and end its pass, in which nothing is done, ms. */
  readonly taking: number;
  /** To say how many wait, ms. */
  readonly counting: number;
}

/** What one thing costs the queue, by the number of keys that wait in it: as a table, and as a plot in the docs. */
export async function measureGrowth(setting: Setting): Promise<void> {
  const depths = setting.quick ? [10, 100, 1_000] : [10, 100, 1_000, 10_000, 100_000];
  const costs: Record<Engine, Costs[]> = { embedded: [], PostgreSQL: [] };
  for (const engine of ENGINES) {
    await measureAt(engine, setting, WARM_UP);
    for (const depth of depths) costs[engine].push(await measureAt(engine, setting, depth));
  }
  const panel = (title: string, of: (cost: Costs) => number): Panel => ({
    title,
    unit: "ms",
    lines: ENGINES.map((engine) => ({ name: engine, values: costs[engine].map(of) })),
  });
  const panels = [
    panel("keeping another key", ({ keeping }) => keeping),
    panel("taking the next one and ending it", ({ taking }) => taking),
    panel("saying how many wait", ({ counting }) => counting),
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

/** Each in a queue of its own, of which no more than a tenth, or five keys, comes or goes meanwhile. */
async function measureAt(engine: Engine, setting: Setting, depth: number): Promise<Costs> {
  const few = Math.max(5, Math.min(MOST, depth / 10));
  const rounds = depth <= 1_000 ? 5 : 1;
  const keeping: number[] = [];
  const taking: number[] = [];
  const counting: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await withQueue(engine, setting, depth, async (queue) => {
      for (let at = 0; at < 9; at += 1) counting.push(await timed(() => queue.depth()));
      const others = ordinaryIssues(depth + few, 1, 1)
        .slice(depth)
        .map(keyOf);
      for (const key of others) keeping.push(await timed(() => queue.accept([key], 30, byDelivery(keyId(key)))));
    });
    await withQueue(engine, setting, depth, async (queue) => {
      const { promise: enough, resolve } = Promise.withResolvers<void>();
      const begins: number[] = [];
      await queue.work(1, async () => {
        begins.push(performance.now());
        if (begins.length > few) resolve();
        return { checkAgainIn: null, alsoLookAt: [] };
      });
      await enough;
      for (let at = 1; at <= few; at += 1) taking.push(begins[at]! - begins[at - 1]!);
    });
  }
  return { keeping: median(keeping), taking: median(taking), counting: median(counting) };
}

async function withQueue(
  engine: Engine,
  setting: Setting,
  depth: number,
  use: (queue: Queue) => Promise<void>,
): Promise<void> {
  await withEmptyPlace(engine, setting, async (place) => {
    await prefill(place, ordinaryIssues(depth, 1, 1));
    const store = await openStore({ ...place, log: pino({ level: "silent" }), clock: systemClock });
    await use(store.queue);
    await store.queue.stop(5_000);
    await store.close();
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
