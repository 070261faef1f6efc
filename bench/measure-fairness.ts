import { join } from "node:path";
import { type BenchIssue, commentOn, issueOf, nameOf, ordinaryIssues, seenBy, until } from "./incident-world.ts";
import { sendAll } from "./open-loop.ts";
import { count, median, ms, table, times } from "./report.ts";
import { INCIDENT_GITHUB, SEVGATE, type Setting } from "./setting.ts";
import { FIRST } from "./signed-webhooks.ts";
import { startServer } from "./start-server.ts";

const NOISY = 1;
/** Roughly how long GitHub takes for a request. */
const GITHUB_ANSWERS_IN_MS = 50;
const SERVED_LIMIT_MS = 120_000;

/**
 * How long a P0 waits for its status comment while thousands of another repository's P0 keys wait, and while none do.
 * On the embedded engine, from sending the webhook.
 */
export async function measureFairness(setting: Setting): Promise<void> {
  const noisyKeys = setting.quick ? 500 : 5_000;
  const tries = setting.quick ? 3 : 10;
  const github = await startServer(INCIDENT_GITHUB, { DELAY_MS: String(GITHUB_ANSWERS_IN_MS) }, null);
  const server = await startServer(
    SEVGATE,
    { ...setting.environment(github.url), DATA_DIR: join(setting.folder, "fairness") },
    FIRST,
  );
  const waiting = () => server.metric("sevgate_queue_keys", 'state="waiting"');

  async function serve(issue: BenchIssue): Promise<number> {
    const startedAt = Date.now();
    const [sent] = await sendAll(server.webhookUrl, [{ webhook: commentOn(issue, "sev:P0"), issue }], 1);
    if (sent?.status !== 202) throw new Error("a P0 was not accepted");
    return await until("the status comment of a P0", SERVED_LIMIT_MS, async () => {
      const commentedAt = (await seenBy(github)).get(nameOf(issue))?.commentedAt ?? null;
      return commentedAt === null ? null : commentedAt - startedAt;
    });
  }
  async function serveAll(installationId: (at: number) => number, firstRepository: number) {
    const tookMs: number[] = [];
    for (let at = 0; at < tries; at += 1) {
      // Number 3 is an incident with the most severe label; each repository is new to Sevgate.
      tookMs.push(await serve(issueOf(installationId(at), firstRepository + at, 3)));
    }
    return tookMs;
  }

  await serve(issueOf(90, 1, 3));
  const alone = await serveAll((at) => 100 + at, 1);
  const noise = ordinaryIssues(noisyKeys, NOISY, 1).map((issue) => ({ webhook: commentOn(issue, "sev:P0"), issue }));
  const refused = (await sendAll(server.webhookUrl, noise, 32)).filter(({ status }) => status !== 202).length;
  const before = await waiting();
  const otherInstallation = await serveAll((at) => 200 + at, 1);
  const sameInstallation = await serveAll(() => NOISY, 100);
  const after = await waiting();
  await server.stop();
  await github.stop();

  const row = (name: string, tookMs: readonly number[]) => [
    name,
    ms(median(tookMs)),
    ms(Math.max(...tookMs)),
    times(median(tookMs) / median(alone)),
  ];
  table(
    `Webhook to status comment of a P0 (${tries} times each), GitHub answering in ${GITHUB_ANSWERS_IN_MS} ms`,
    ["keys of a noisy repository", "median ms", "slowest ms", "× nobody waits"],
    [
      row("none", alone),
      row(`${count(before)} P0, of another installation`, otherInstallation),
      row(`${count(before)} P0, of another repository of the installation`, sameInstallation),
    ],
  );
  console.log(
    `The noisy repository sent ${count(noisyKeys)}; ${refused} were refused; ${count(after)} waited at the end.\n`,
  );
}
