import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../demo/until.ts";
import { freePort } from "../../testkit/postgres.ts";

/** A real Alertmanager that sends to a webhook. */
export interface TestAlertmanager {
  /** Fires it, or ends it if `endsAt` is given. Moments are in RFC 3339. */
  report(alert: {
    readonly labels: Readonly<Record<string, string>>;
    readonly startsAt: string;
    readonly endsAt?: string;
  }): Promise<void>;
  /** Writes the route's matcher in another way, as somebody editing the file might, and reloads it. */
  respell(): Promise<void>;
  stop(): Promise<void>;
}

const PROGRAMS = ["prometheus-alertmanager", "alertmanager"] as const;

/** Debian names it `prometheus-alertmanager`. `undefined`: this machine has none; it does not come with npm. */
export function findAlertmanager(): string | undefined {
  return PROGRAMS.find((program) => spawnSync(program, ["--version"]).status === 0);
}

/** Starts one on loopback, which looks at its groups every second. */
export async function startAlertmanager(program: string, webhook: string, secret: string): Promise<TestAlertmanager> {
  const folder = mkdtempSync(join(tmpdir(), "sevgate-alertmanager-"));
  const file = join(folder, "alertmanager.yml");
  const port = await freePort();
  const write = (matcher: string) =>
    writeFileSync(
      file,
      `route:
  receiver: sevgate
  group_by: [alertname]
  group_wait: 100ms
  group_interval: 1s
  repeat_interval: 1h
  routes: [{ matchers: ['${matcher}'], receiver: sevgate }]
receivers:
  - name: sevgate
    webhook_configs: [{ url: "${webhook}", http_config: { authorization: { credentials: "${secret}" } } }]
`,
    );
  write('env=~"prod|live"');
  const child: ChildProcess = spawn(
    program,
    [
      `--config.file=${file}`,
      `--storage.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
    ],
    { stdio: "ignore" },
  );
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const url = `http://127.0.0.1:${port}`;
  const post = async (path: string, body: unknown) => {
    const answer = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`Alertmanager answered ${answer.status} to ${path}`);
  };
  await until("Alertmanager is ready", async () => (await fetch(`${url}/-/ready`).catch(() => null))?.ok === true);
  return {
    report: (alert) => post("/api/v2/alerts", [alert]),
    async respell() {
      write('env=~"live|prod"');
      await post("/-/reload", {});
    },
    async stop() {
      process.off("exit", kill);
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
