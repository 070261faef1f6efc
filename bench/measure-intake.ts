import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import autocannon from "autocannon";
import { startAndStop } from "./measure-start.ts";
import { count, mb, ms, quantile, table, times } from "./report.ts";
import { EMPTY_GITHUB, HTTP, PROBOT, SEVGATE, type Setting } from "./setting.ts";
import { FIRST, type SignedWebhook, signedComments } from "./signed-webhooks.ts";
import { type ServerProcess, startServer } from "./start-server.ts";

export const CONNECTIONS = 16;
const MANY_CONNECTIONS = 128;
/** More than are sent in the time, so that no key comes twice. */
const DIFFERENT_INCIDENTS = 64_000;

const ENOUGH_FOR_EACH = 100;

const QUIET: readonly SignedWebhook[] = signedComments(1, null);
const ONE_INCIDENT = signedComments(1, "sev:P0");
const MANY_INCIDENTS = signedComments(1_000, "sev:P0");

/** Signed deliveries per second, and how much memory they leave behind. */
export async function measureIntake(setting: Setting): Promise<void> {
  const github = await startServer(EMPTY_GITHUB, {}, null);
  const settings = setting.environment(github.url);
  const http = await measured(setting.quick, HTTP, settings, [ONE_INCIDENT]);
  const probot = await measured(setting.quick, PROBOT, settings, [ONE_INCIDENT]);
  const sevgate = await measured(setting.quick, SEVGATE, { ...settings, DATA_DIR: join(setting.folder, "intake") }, [
    QUIET,
    ONE_INCIDENT,
    MANY_INCIDENTS,
  ]);
  const different = await measureDifferent(setting, settings);
  await github.stop();
  const [bare, perProbot] = [http.rates[0]!, probot.rates[0]!];
  const row = (name: string, rate: Rate) => [
    name,
    count(rate.perSecond),
    ms(rate.p50Ms),
    ms(rate.p99Ms),
    times(rate.perSecond / perProbot.perSecond),
    times(rate.perSecond / bare.perSecond),
  ];
  table(
    "Signed webhooks, 14 kB each",
    ["server", "a second", "p50 ms", "p99 ms", "× bare Probot", "× bare http"],
    [
      row("node:http + HMAC + JSON.parse: nothing kept", bare),
      row("Probot `Server`, empty handler: nothing kept", perProbot),
      row("Sevgate, an issue that is no incident", sevgate.rates[0]!),
      row("Sevgate, one busy incident: stored before the answer", sevgate.rates[1]!),
      row("Sevgate, 1,000 incidents in turn: stored before the answer", sevgate.rates[2]!),
    ],
  );
  table(
    "Signed webhooks, 14 kB each, every one about another incident",
    ["connections", "bare Probot, a second", "Sevgate, a second", "p99 ms", "× bare Probot"],
    different.map(({ connections, probot: bareProbot, sevgate: own }) => [
      count(connections),
      count(bareProbot.perSecond),
      count(own.perSecond),
      ms(own.p99Ms),
      times(own.perSecond / bareProbot.perSecond),
    ]),
  );
  table(
    "Memory (RSS)",
    ["server", "idle, MB", "after the run, MB"],
    [
      ["node:http + HMAC + JSON.parse", mb(http.idleMb), mb(http.afterMb)],
      ["Probot `Server`, empty handler", mb(probot.idleMb), mb(probot.afterMb)],
      ["Sevgate, embedded store, second start", mb(sevgate.idleMb), mb(sevgate.afterMb)],
    ],
  );
}

/** The hardest load: nothing is known to be waiting, so everything is stored. */
async function measureDifferent(setting: Setting, settings: Readonly<Record<string, string>>) {
  const incidents = signedComments(setting.quick ? DIFFERENT_INCIDENTS / 4 : DIFFERENT_INCIDENTS, "sev:P0");
  const rows: { readonly connections: number; readonly probot: Rate; readonly sevgate: Rate }[] = [];
  for (const connections of [CONNECTIONS, MANY_CONNECTIONS]) {
    const rates: Rate[] = [];
    for (const program of [PROBOT, SEVGATE]) {
      const folder = join(setting.folder, `different-${connections}`);
      const environment = { ...settings, DATA_DIR: folder };
      if (program === SEVGATE) await startAndStop(program, environment);
      const server = await startServer(program, environment, FIRST);
      await pause(1_000);
      rates.push(await send(server, incidents, setting.quick ? 1 : 4, connections));
      await server.stop();
    }
    rows.push({ connections, probot: rates[0]!, sevgate: rates[1]! });
  }
  return rows;
}

export interface Rate {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function measured(
  quick: boolean,
  program: readonly string[],
  env: Readonly<Record<string, string>>,
  loads: readonly (readonly SignedWebhook[])[],
) {
  if (program === SEVGATE) await startAndStop(program, env);
  const server = await startServer(program, env, FIRST);
  await pause(1_000);
  const idleMb = server.memoryMb();
  const rates: Rate[] = [];
  for (const load of loads) rates.push(await fire(server, load, quick));
  const afterMb = server.memoryMb();
  await server.stop();
  return { rates, idleMb, afterMb };
}

/** As many as it can take, from `CONNECTIONS` senders that each wait for the answer, after a second to warm up. */
export async function fire(server: ServerProcess, requests: readonly SignedWebhook[], quick: boolean): Promise<Rate> {
  if (!quick) await send(server, requests, 1, CONNECTIONS);
  return await send(server, requests, quick ? 1 : 6, CONNECTIONS);
}

/** If there are enough for all senders, each sends different ones. */
async function send(
  server: ServerProcess,
  requests: readonly SignedWebhook[],
  seconds: number,
  connections: number,
): Promise<Rate> {
  const share = Math.floor(requests.length / connections);
  let clients = 0;
  const setupClient = (client: { setRequests(requests: readonly SignedWebhook[]): void }) => {
    const from = clients * share;
    clients += 1;
    client.setRequests(requests.slice(from, from + share));
  };
  const run = autocannon({
    url: server.webhookUrl,
    connections,
    duration: seconds,
    // autocannon prepares all of these for each connection.
    ...(share < ENOUGH_FOR_EACH ? { requests } : { requests: requests.slice(0, 1), setupClient }),
  });
  // The first of each connection waits for autocannon itself, which still prepares what the others will send.
  const begun = new Set<object>();
  const tookMs: number[] = [];
  run.on("response", (client, _status, _bytes, took) => {
    if (begun.has(client)) tookMs.push(took);
    else begun.add(client);
  });
  const result = await run;
  if (result.non2xx + result.errors > 0) throw new Error(`${result.non2xx + result.errors} webhooks were not accepted`);
  return { perSecond: result.requests.average, p50Ms: quantile(tookMs, 0.5), p99Ms: quantile(tookMs, 0.99) };
}
