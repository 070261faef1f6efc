import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startEmulator } from "../testkit/emulator.ts";
import { median, ms, table, times } from "./report.ts";
import { PROBOT, SEVGATE, type Setting } from "./setting.ts";
import { startServer } from "./start-server.ts";

/** Probot's own limiter lets a comment out every 3 s; a bare bot that comments sooner would be measured waiting. */
const PROBOT_LIMIT_MS = 3_100;
const PAUSE_MS = 500;

/** From setting the label to the comment people see, over HTTP and signed webhooks, for both servers. */
export async function measureLabelToStatus(setting: Setting): Promise<void> {
  const labellings = setting.quick ? 1 : 10;
  const probot = await labelToComment(
    setting,
    labellings,
    PROBOT,
    { BARE_APP: "comment" },
    "This is an incident.",
    PROBOT_LIMIT_MS,
  );
  const sevgate = await labelToComment(
    setting,
    labellings,
    SEVGATE,
    { DATA_DIR: join(setting.folder, "label") },
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
    `Label to visible comment, on the emulator (${labellings} times)`,
    ["server", "median ms", "slowest ms", "× bare Probot"],
    [
      row("Probot `Server`, one comment for a label: nothing read or kept", probot),
      row("Sevgate: queue, reads, template, status comment with the signed record", sevgate),
    ],
  );
}

async function labelToComment(
  setting: Setting,
  labellings: number,
  program: readonly string[],
  env: Readonly<Record<string, string>>,
  marker: string,
  pauseMs: number,
): Promise<readonly number[]> {
  const emulator = await startEmulator();
  const server = await startServer(
    program,
    {
      ...setting.environment(emulator.url),
      APP_ID: String(emulator.appId),
      PRIVATE_KEY: emulator.privateKey,
      WEBHOOK_SECRET: emulator.webhookSecret,
      ...env,
    },
    null,
  );
  // The first sweep creates the labels.
  await pause(2_000);
  emulator.deliverTo(server.webhookUrl);
  const timesMs: number[] = [];
  for (let at = 0; at <= labellings; at += 1) {
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
