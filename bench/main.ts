import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import autocannon from "autocannon";
import { startEmulator } from "../test/support/emulator.ts";
import { measureThinking } from "./measure-thinking.ts";
import { type SignedWebhook, signedComments, WEBHOOK_SECRET } from "./signed-webhooks.ts";
import { type ServerProcess, startServer } from "./start-server.ts";

/**
 * `npm run bench`: what Sevgate costs, as ratios to what it stands on, measured in one run on one machine. Absolute
 * numbers are of that machine only. Loopback only; ends by itself.
 */
const { values: options } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const SECONDS = options.quick ? 1 : 6;
const STARTS = options.quick ? 1 : 3;
const THINKING_ROUNDS = options.quick ? 3 : 51;
const LABELLINGS = options.quick ? 1 : 10;
const CONNECTIONS = 16;
/** Probot's own limiter lets a comment out every 3 s; a bare bot that comments sooner would be measured waiting. */
const PROBOT_LIMIT_MS = 3_100;
const PAUSE_MS = 500;

const SEVGATE = ["bin/sevgate.js", "start"];
const PROBOT = ["bench/servers/bare-probot.ts"];
const HTTP = ["bench/servers/bare-http.ts"];

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const folder = mkdtempSync(join(tmpdir(), "sevgate-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

const QUIET: readonly SignedWebhook[] = signedComments(1, null);
const ONE_INCIDENT = signedComments(1, "sev:P0");
const MANY_INCIDENTS = signedComments(1_000, "sev:P0");
const FIRST = QUIET[0] as SignedWebhook;

console.log(`${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${CONNECTIONS} connections\n`);
execFileSync("npm", ["run", "--silent", "build"], { stdio: "inherit" });

const github = await startServer(["bench/servers/stub-github.ts"], {}, null);
const settings = {
  APP_ID: "1",
  PRIVATE_KEY: privateKey,
  WEBHOOK_SECRET,
  GITHUB_API_URL: github.url,
  LOG_LEVEL: "silent",
  SWEEP_EVERY: "24h",
};
await measureStart();
await measureIntake();
await github.stop();
measureCore();
await measureLabelToStatus();

/** From starting the process to the first webhook answered with 2xx. */
async function measureStart(): Promise<void> {
  const firsts = { probot: [] as number[], http: [] as number[], empty: [] as number[], warm: [] as number[] };
  for (let at = 0; at < STARTS; at += 1) {
    const data = { ...settings, DATA_DIR: join(folder, `start-${at}`) };
    firsts.http.push(await startAndStop(HTTP, settings));
    firsts.probot.push(await startAndStop(PROBOT, settings));
    firsts.empty.push(await startAndStop(SEVGATE, data));
    firsts.warm.push(await startAndStop(SEVGATE, data));
  }
  const probotMs = median(firsts.probot);
  table(
    "Start to the first accepted webhook",
    ["server", "ms", "× bare Probot"],
    [
      ["node:http + HMAC + JSON.parse", ms(median(firsts.http)), times(median(firsts.http) / probotMs)],
      ["Probot `Server`, empty handler", ms(probotMs), times(1)],
      ["Sevgate, data folder there", ms(median(firsts.warm)), times(median(firsts.warm) / probotMs)],
      ["Sevgate, first start ever", ms(median(firsts.empty)), times(median(firsts.empty) / probotMs)],
    ],
  );
}

async function startAndStop(program: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const server = await startServer(program, env, FIRST);
  await server.stop();
  return server.firstAnswerMs;
}

/** Signed deliveries a second, and what memory they leave behind. */
async function measureIntake(): Promise<void> {
  const http = await measured(HTTP, settings, [ONE_INCIDENT]);
  const probot = await measured(PROBOT, settings, [ONE_INCIDENT]);
  const sevgate = await measured(SEVGATE, { ...settings, DATA_DIR: join(folder, "intake") }, [
    QUIET,
    ONE_INCIDENT,
    MANY_INCIDENTS,
  ]);
  const [bare, perProbot] = [http.rates[0]!, probot.rates[0]!];
  const row = (name: string, rate: Rate) => [
    name,
    Math.round(rate.perSecond).toLocaleString("en"),
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

interface Rate {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function measured(
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
  for (const load of loads) rates.push(await fire(server, load));
  const afterMb = server.memoryMb();
  await server.stop();
  return { rates, idleMb, afterMb };
}

async function fire(server: ServerProcess, requests: readonly SignedWebhook[]): Promise<Rate> {
  const url = server.webhookUrl;
  if (!options.quick) await autocannon({ url, connections: CONNECTIONS, duration: 1, requests });
  const result = await autocannon({ url, connections: CONNECTIONS, duration: SECONDS, requests });
  if (result.non2xx + result.errors > 0) throw new Error(`${result.non2xx + result.errors} webhooks were not accepted`);
  return { perSecond: result.requests.average, p50Ms: result.latency.p50, p99Ms: result.latency.p99 };
}

/** One round of derive and plan for an incident at rest. */
function measureCore(): void {
  const counts = [10, 100, 1_000, 2_500];
  measureThinking(100, options.quick ? 50 : 300);
  const took = counts.map((count) => measureThinking(count, THINKING_ROUNDS));
  table(
    "Thinking: derive and plan, by the number of comments of the last day",
    ["comments", "ms", "× 10 comments", "ms for 100 comments"],
    counts.map((count, at) => [
      count.toLocaleString("en"),
      ms(took[at]!),
      times(took[at]! / took[0]!),
      ms((took[at]! / count) * 100),
    ]),
  );
}

/** From setting the label to the comment people see, over HTTP and signed webhooks both ways. */
async function measureLabelToStatus(): Promise<void> {
  const probot = await labelToComment(PROBOT, { BARE_APP: "comment" }, "This is an incident.", PROBOT_LIMIT_MS);
  const sevgate = await labelToComment(
    SEVGATE,
    { DATA_DIR: join(folder, "label") },
    "<!-- sevgate:status -->",
    PAUSE_MS,
  );
  const row = (name: string, timesMs: readonly number[]) => [
    name,
    ms(median(timesMs)),
    ms(Math.max(...timesMs)),
    times(median(timesMs) / median(probot)),
  ];
  table(
    `Label to visible comment, on the emulator (${LABELLINGS} times)`,
    ["server", "median ms", "slowest ms", "× bare Probot"],
    [
      row("Probot `Server`, one comment for a label: nothing read or kept", probot),
      row("Sevgate: queue, reads, template, status comment with the signed record", sevgate),
    ],
  );
}

async function labelToComment(
  program: readonly string[],
  env: Readonly<Record<string, string>>,
  marker: string,
  pauseMs: number,
): Promise<readonly number[]> {
  const emulator = await startEmulator();
  const server = await startServer(
    program,
    {
      ...settings,
      APP_ID: String(emulator.appId),
      PRIVATE_KEY: emulator.privateKey,
      WEBHOOK_SECRET: emulator.webhookSecret,
      GITHUB_API_URL: emulator.url,
      ...env,
    },
    null,
  );
  // The first sweep creates the labels.
  await pause(2_000);
  emulator.deliverTo(server.webhookUrl);
  const timesMs: number[] = [];
  for (let at = 0; at <= LABELLINGS; at += 1) {
    const issue = (await emulator.as("bob", "POST", "/repos/acme/ops/issues", { title: `Incident ${at}` })) as {
      readonly number: number;
    };
    const path = `/repos/acme/ops/issues/${issue.number}`;
    await pause(pauseMs);
    const startedAt = performance.now();
    await emulator.as("bob", "POST", `${path}/labels`, { labels: ["sev:P0"] });
    for (;;) {
      const comments = (await emulator.as("maria", "GET", `${path}/comments`)) as readonly { readonly body: string }[];
      if (comments.some((comment) => comment.body.includes(marker))) break;
      if (performance.now() - startedAt > 20_000) throw new Error(`${program.join(" ")} did not comment`);
      await pause(5);
    }
    // The first one warms up.
    if (at > 0) timesMs.push(performance.now() - startedAt);
  }
  emulator.deliverTo(null);
  await server.stop();
  await emulator.close();
  return timesMs;
}

function table(title: string, header: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = header.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join(" | ")} |`;
  console.log(`**${title}**\n`);
  console.log(line(header));
  console.log(
    `| ${widths.map((width, at) => (at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`,
  );
  for (const row of rows) console.log(line(row));
  console.log();
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function ms(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

function mb(value: number): string {
  return value.toFixed(0);
}

function times(ratio: number): string {
  return ratio.toFixed(ratio < 10 ? 2 : 0);
}
