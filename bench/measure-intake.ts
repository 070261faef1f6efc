import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import autocannon from "autocannon";
import { startAndStop } from "./measure-start.ts";
import { count, mb, ms, table, times } from "./report.ts";
import { EMPTY_GITHUB, HTTP, PROBOT, SEVGATE, type Setting } from "./setting.ts";
import { FIRST, type SignedWebhook, signedComments } from "./signed-webhooks.ts";
import { type ServerProcess, startServer } from "./start-server.ts";

export const CONNECTIONS = 16;

const QUIET: readonly SignedWebhook[] = signedComments(1, null);
const ONE_INCIDENT = signedComments(1, "sev:P0");
const MANY_INCIDENTS = signedComments(1_000, "sev:P0");

/** Signed deliveries a second, and what memory they leave behind. */
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
    "Memory (RSS)",
    ["server", "idle, MB", "after the run, MB"],
    [
      ["node:http + HMAC + JSON.parse", mb(http.idleMb), mb(http.afterMb)],
      ["Probot `Server`, empty handler", mb(probot.idleMb), mb(probot.afterMb)],
      ["Sevgate, embedded store, second start", mb(sevgate.idleMb), mb(sevgate.afterMb)],
    ],
  );
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
  // The first start makes the embedded database, in memory that is given back only at its end.
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

/** As many as it takes, from `CONNECTIONS` senders that each wait for the answer. */
export async function fire(server: ServerProcess, requests: readonly SignedWebhook[], quick: boolean): Promise<Rate> {
  const url = server.webhookUrl;
  if (!quick) await autocannon({ url, connections: CONNECTIONS, duration: 1, requests });
  const result = await autocannon({ url, connections: CONNECTIONS, duration: quick ? 1 : 6, requests });
  if (result.non2xx + result.errors > 0) throw new Error(`${result.non2xx + result.errors} webhooks were not accepted`);
  return { perSecond: result.requests.average, p50Ms: result.latency.p50, p99Ms: result.latency.p99 };
}
