import { join } from "node:path";
import { type BenchIssue, commentOn, incidents, nameOf, seenBy, until } from "./incident-world.ts";
import { type Delivery, type Sent, sendAll, sendAtRate } from "./open-loop.ts";
import { count, mb, ms, quantile, table } from "./report.ts";
import { INCIDENT_GITHUB, SEVGATE, type Setting } from "./setting.ts";
import { FIRST, signedComment } from "./signed-webhooks.ts";
import { type ServerProcess, startServer } from "./start-server.ts";

const INCIDENTS = 1_000;
const INSTALLATIONS = 20;
const PER_SECOND = 100;
const BURST_PER_SECOND = 200;
const BURST = 2_000;
const PASSES_LIMIT_MS = 90_000;

/**
 * 100 signed webhooks per second, half of them about 1,000 incidents and the other half about nothing, on the embedded
 * engine.
 */
export async function measureLoad(setting: Setting): Promise<void> {
  const minutes = setting.quick ? 0.5 : 10;
  const github = await startServer(INCIDENT_GITHUB, {}, null);
  // Not the first start ever.
  await (await start(setting, github, "load")).stop();
  const server = await start(setting, github, "load");
  const memory = watchMemory(server);
  const deliver = mixture();
  const sent = await sendAtRate(
    server.webhookUrl,
    { perSecond: PER_SECOND, count: Math.round(PER_SECOND * 60 * minutes) },
    deliver,
  );
  const lost = await countLost(github, sent);
  const passes = await server.metric("sevgate_passes_total");
  const heapMb = (await server.metric("nodejs_heap_size_used_bytes")) / 1e6;
  const heapTotalMb = (await server.metric("nodejs_heap_size_total_bytes")) / 1e6;
  const externalMb = (await server.metric("nodejs_external_memory_bytes")) / 1e6;
  const { maximumMb, byMinuteMb } = memory.stop();
  await server.stop();
  await github.stop();

  const tookMs = sent.filter(({ status }) => status === 202).map((one) => one.tookMs);
  table(
    `${PER_SECOND} signed webhooks a second for ${minutes} minutes, 14 kB each, embedded engine`,
    ["", ""],
    [
      ["sent", count(sent.length)],
      ["answered 202", count(tookMs.length)],
      ["answered otherwise, or not within 10 s", count(sent.length - tookMs.length)],
      ["202, but no pass began after it", count(lost)],
      ["passes", count(passes)],
      ["p50, ms", ms(quantile(tookMs, 0.5))],
      ["p99, ms", ms(quantile(tookMs, 0.99))],
      ["p99.9, ms", ms(quantile(tookMs, 0.999))],
      ["slowest, ms", ms(Math.max(...tookMs))],
      ["largest memory (RSS), MB", mb(maximumMb)],
      [
        "at the end: heap in use, heap reserved, outside the heap, MB",
        [heapMb, heapTotalMb, externalMb].map(mb).join(", "),
      ],
      ["memory after each minute, MB", byMinuteMb.map(mb).join(" ")],
    ],
  );
}

/** 2,000 webhooks in 10 s, with the server ending in the middle: what was not answered with 202 is sent again. */
export async function measureBurst(setting: Setting): Promise<void> {
  const rows = [
    ["SIGTERM", ...(await burst(setting, "stop"))],
    ["SIGKILL", ...(await burst(setting, "kill"))],
  ];
  table(
    `${count(BURST)} webhooks in ${BURST / BURST_PER_SECOND} s, the server ended by a signal in the middle and started again`,
    ["signal", "202 at once", "sent again", "202 in the end", "202, but no pass began after it", "down, s"],
    rows,
  );
}

async function burst(setting: Setting, how: "stop" | "kill"): Promise<readonly string[]> {
  const github = await startServer(INCIDENT_GITHUB, {}, null);
  let server = await start(setting, github, `burst-${how}`);
  const { url, webhookUrl } = server;
  const sending = sendAtRate(webhookUrl, { perSecond: BURST_PER_SECOND, count: BURST }, mixture());
  await new Promise((done) => setTimeout(done, (BURST / BURST_PER_SECOND / 2) * 1_000));
  const endedAt = performance.now();
  await server[how]();
  server = await start(setting, github, `burst-${how}`, new URL(url).port);
  const downMs = performance.now() - endedAt;
  const first = await sending;
  const stored = first.filter(({ status }) => status === 202);
  let again: readonly Delivery[] = first.filter(({ status }) => status !== 202);
  const sentAgain = again.length;
  // As GitHub does when the sweep asks for it.
  for (let round = 0; again.length > 0 && round < 20; round += 1) {
    const redelivered = await sendAll(webhookUrl, again, 8);
    stored.push(...redelivered.filter(({ status }) => status === 202));
    again = redelivered.filter(({ status }) => status !== 202);
  }
  const lost = await countLost(github, stored);
  await server.stop();
  await github.stop();
  return [count(BURST - sentAgain), count(sentAgain), count(stored.length), count(lost), ms(downMs / 1_000)];
}

function start(setting: Setting, github: ServerProcess, folder: string, port?: string): Promise<ServerProcess> {
  return startServer(
    SEVGATE,
    {
      ...setting.environment(github.url),
      DATA_DIR: join(setting.folder, folder),
      ...(port === undefined ? {} : { PORT: port }),
    },
    FIRST,
  );
}

/** Comments on incidents and on other issues, in turn. */
function mixture(): (index: number) => Delivery {
  const about = incidents(INCIDENTS, INSTALLATIONS).map((issue) => ({ webhook: commentOn(issue), issue }));
  const aboutNothing = about.map(({ issue }) => ({
    webhook: signedComment({ ...issue, number: issue.number + 5_000, label: null }),
    issue: null,
  }));
  // A stride without a common divisor, so that neighbours belong to different repositories.
  return (index) => {
    const list: readonly Delivery[] = index % 2 === 0 ? about : aboutNothing;
    return list[(Math.floor(index / 2) * 7) % list.length] as Delivery;
  };
}

/** Waits until each incident has been read after the last accepted webhook about it; returns how many never were. */
async function countLost(github: ServerProcess, sent: readonly Sent[]): Promise<number> {
  const lastSentAt = new Map<string, number>();
  for (const { status, issue, sentAt } of sent) {
    if (status === 202 && issue !== null) noteLater(lastSentAt, issue, sentAt);
  }
  async function lost(): Promise<number> {
    const seen = await seenBy(github);
    return [...lastSentAt].filter(([name, at]) => (seen.get(name)?.readAt ?? 0) < at).length;
  }
  await until("every stored key had its pass", PASSES_LIMIT_MS, async () => ((await lost()) === 0 ? 0 : null)).catch(
    () => {},
  );
  return await lost();
}

function noteLater(times: Map<string, number>, issue: BenchIssue, at: number): void {
  const name = nameOf(issue);
  times.set(name, Math.max(at, times.get(name) ?? 0));
}

function watchMemory(server: ServerProcess) {
  const samples: number[] = [server.memoryMb()];
  const timer = setInterval(() => samples.push(server.memoryMb()), 1_000);
  return {
    stop() {
      clearInterval(timer);
      return {
        maximumMb: Math.max(...samples),
        byMinuteMb: samples.filter((_, second) => second % 60 === 0),
      };
    },
  };
}
