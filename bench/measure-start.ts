import { join } from "node:path";
import { median, ms, table, times } from "./report.ts";
import { EMPTY_GITHUB, HTTP, PROBOT, SEVGATE, type Setting } from "./setting.ts";
import { FIRST } from "./signed-webhooks.ts";
import { startServer } from "./start-server.ts";

/** From starting the process to the first webhook answered with 2xx. */
export async function measureStart(setting: Setting): Promise<void> {
  const github = await startServer(EMPTY_GITHUB, {}, null);
  const environment = setting.environment(github.url);
  const firsts = { probot: [] as number[], http: [] as number[], empty: [] as number[], warm: [] as number[] };
  for (let at = 0; at < (setting.quick ? 1 : 3); at += 1) {
    const data = { ...environment, DATA_DIR: join(setting.folder, `start-${at}`) };
    firsts.http.push(await startAndStop(HTTP, environment));
    firsts.probot.push(await startAndStop(PROBOT, environment));
    firsts.empty.push(await startAndStop(SEVGATE, data));
    firsts.warm.push(await startAndStop(SEVGATE, data));
  }
  await github.stop();
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

/** Returns the time until its first answer, ms. */
export async function startAndStop(
  program: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const server = await startServer(program, environment, FIRST);
  await server.stop();
  return server.firstAnswerMs;
}
