import { afterEach, describe, expect, it, jest } from "@jest/globals";
import { until } from "../../../demo/until.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { wordsOf } from "../../../src/core/alerts/alert-rule.ts";
import { type AlertState, burningMembers } from "../../../src/core/alerts/alert-state.ts";
import type { Key } from "../../../src/core/model.ts";
import { createAlertIntake } from "../../../src/ingress/alerts/alert-intake.ts";
import { createIngress } from "../../../src/ingress/http/server.ts";
import { MemoryAlerts } from "../../../src/store/memory-alerts.ts";
import { MemoryIndex } from "../../../src/store/memory-index.ts";
import { MemoryPages } from "../../../src/store/memory-pages.ts";
import { createMetrics } from "../../../src/views/metrics.ts";
import { findAlertmanager, startAlertmanager } from "../../support/alertmanager.ts";
import { createLogLines } from "../../support/log-lines.ts";

jest.setTimeout(60_000);

const HOME = { installationId: 9, id: 70, owner: "acme", name: "ops" };
const SECRET = "a-secret-of-at-least-thirty-two-characters";
const POLICY = "alerts: { endpoints: { metrics: { severity: P2, severities: { critical: P0, warning: P1 } } } }";

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function listen() {
  const { log, lines } = createLogLines();
  const metrics = createMetrics(systemClock);
  const alerts = new MemoryAlerts();
  const index = new MemoryIndex();
  const lastGoodPolicy = { text: POLICY, sha: "a", source: "x" };
  await index.saveRepository(HOME, { lastGoodPolicy, policyReadAt: systemClock.now() });
  const added: Key[] = [];
  const queue = {
    async add(keys: readonly Key[]) {
      added.push(...keys);
    },
  };
  const ingress = createIngress({
    secrets: ["not for alerts"],
    accept: async () => "ignored",
    alerts: createAlertIntake({
      endpoints: [{ source: "alertmanager", name: "metrics", repository: "acme/ops", secrets: [SECRET] }],
      alerts,
      pages: new MemoryPages(),
      queue,
      index,
      hasSwept: () => true,
      clock: systemClock,
      log,
      metrics,
    }),
    notReady: async () => [],
    metrics,
    log,
  });
  endings.push(() => ingress.stop(1_000));
  const { url } = await ingress.listen(0, "127.0.0.1");
  const ids = () => [...new Set(added.flatMap((key) => (key.kind === "alert" ? [key.alert] : [])))];
  const state = async (): Promise<AlertState | null> => (await alerts.alert(HOME.id, ids()[0] ?? ""))?.state ?? null;
  return { url, ids, state, lines, added };
}

describe("a real Alertmanager", () => {
  const program = findAlertmanager();
  if (program === undefined) {
    process.stdout.write(
      "Alertmanager is not installed (apt-get install prometheus-alertmanager): only what one sent before was tried.\n",
    );
    it.skip("is not installed here: only what one sent before was tried", () => {});
    return;
  }

  it("sends one alert: while members join and end, its configuration is written anew, and all is over", async () => {
    const { url, ids, state, lines, added } = await listen();
    const manager = await startAlertmanager(program, `${url}/alerts/alertmanager/metrics`, SECRET);
    endings.push(() => manager.stop());
    const now = () => new Date(systemClock.now()).toISOString();
    const alert = (instance: string, severity: string) => ({
      labels: { alertname: "Errors", env: "prod", instance, severity },
      startsAt: now(),
    });
    const burning = (expected: readonly string[]) => async () => {
      const known = await state();
      return known !== null && JSON.stringify(wordsOf(known)) === JSON.stringify(expected);
    };
    const first = alert("a", "warning");
    await manager.report(first);
    await until("the first one fires", burning(["warning"]));
    const second = alert("b", "critical");
    await manager.report(second);
    await until("the second one joins", burning(["warning", "critical"]));
    await manager.report({ ...second, endsAt: now() });
    await until("the second one is over", burning(["warning"]));
    const before = added.length;
    await manager.respell();
    await until("the group came under its other name", async () => added.length > before);
    expect(burningMembers((await state())!).map(({ name }) => name)).toEqual(["instance=a"]);
    await manager.report({ ...first, endsAt: now() });
    await until("all is over", async () => (await state())?.status === "resolved");
    expect([ids().length, (await state())?.times]).toEqual([1, 1]);
    expect(lines).toEqual([]);
  });
});
