import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { mb, median, ms, table, times } from "./report.ts";
import { EMPTY_GITHUB, HTTP, PROBOT, SEVGATE, type Setting } from "./setting.ts";
import { FIRST } from "./signed-webhooks.ts";
import { startServer } from "./start-server.ts";

const ROUNDS = 9;
const REST_MS = 1_000;

interface Start {
  readonly firstAnswerMs: number;
  readonly processorMs: number;
  /** A second later, MB. */
  readonly atRestMb: number;
  readonly largestMb: number;
}

/** From starting the process to the first webhook answered with 2xx, and what it takes. */
export async function measureStart(setting: Setting): Promise<void> {
  const github = await startServer(EMPTY_GITHUB, {}, null);
  const environment = setting.environment(github.url);
  const starts = {
    http: [] as Start[],
    probot: [] as Start[],
    first: [] as Start[],
    again: [] as Start[],
    anew: [] as Start[],
  };
  for (let at = 0; at < (setting.quick ? 1 : ROUNDS); at += 1) {
    const data = { ...environment, DATA_DIR: join(setting.folder, `start-${at}`) };
    starts.http.push(await observeStart(HTTP, environment));
    starts.probot.push(await observeStart(PROBOT, environment));
    starts.first.push(await observeStart(SEVGATE, data));
    starts.again.push(await observeStart(SEVGATE, data));
    starts.anew.push(await observeStart(SEVGATE, { ...data, NODE_DISABLE_COMPILE_CACHE: "1" }));
  }
  await github.stop();
  const row = (name: string, some: readonly Start[]) => {
    const of = (what: keyof Start, all = some) => median(all.map((one) => one[what]));
    return [
      name,
      ms(of("firstAnswerMs")),
      times(of("firstAnswerMs") / of("firstAnswerMs", starts.probot)),
      ms(of("processorMs")),
      times(of("processorMs") / of("processorMs", starts.probot)),
      mb(of("atRestMb")),
      mb(of("largestMb")),
    ];
  };
  table(
    "Start to the first accepted webhook",
    ["server", "ms", "× bare Probot", "processor time, ms", "× bare Probot", "at rest, MB", "largest, MB"],
    [
      row("node:http + HMAC + JSON.parse", starts.http),
      row("Probot `Server`, empty handler", starts.probot),
      row("Sevgate, first start ever", starts.first),
      row("Sevgate, data folder there", starts.again),
      row("Sevgate, without what the build compiled", starts.anew),
    ],
  );
}

async function observeStart(program: readonly string[], environment: Readonly<Record<string, string>>): Promise<Start> {
  const server = await startServer(program, environment, FIRST);
  const processorMs = server.processorMs();
  await pause(REST_MS);
  const seen = { processorMs, atRestMb: server.memoryMb(), largestMb: server.largestMb() };
  await server.stop();
  return { firstAnswerMs: server.firstAnswerMs, ...seen };
}

/** So that what is measured next finds its data folder there. */
export async function startAndStop(
  program: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const server = await startServer(program, environment, FIRST);
  await server.stop();
}
