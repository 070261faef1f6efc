import { setTimeout as pause } from "node:timers/promises";
import type { Repository } from "../../src/core/model.ts";
import { alertmanagerGroup } from "../../testkit/alert-payloads.ts";
import { createTestDatabase } from "../../testkit/postgres.ts";
import { until } from "../incident-world.ts";
import { quantile } from "../report.ts";
import { SEVGATE, type Setting } from "../setting.ts";
import { FIRST } from "../signed-webhooks.ts";
import { type ServerProcess, startServer } from "../start-server.ts";
import { deliverAlert, deliverWebhook } from "./deliver.ts";
import { type Asked, ManyInstallations, nameOf } from "./many-installations.ts";
import { prefillIndex } from "./prefill-index.ts";
import { type Act, type Hour, type MomentName, SILENT, STORMY, WILD } from "./schedule.ts";
import { type ServedHint, StatusTimes } from "./status-times.ts";
import { type MachineReport, watchLag, watchMachine } from "./watch-machine.ts";

/** Who is asking, and when. */
export interface About {
  readonly moment: MomentName;
  /** By rank, from 0. */
  readonly installation: number;
  /** 0 is the most severe; `null`: a pull request, whose check is waited for. */
  readonly severity: number | null;
}

export interface HourReport {
  readonly hints: readonly ServedHint<About>[];
  readonly lagMs: ReadonlyMap<MomentName, number>;
  readonly delivered: { readonly webhooks: Deliveries; readonly alerts: Deliveries };
  readonly machine: MachineReport;
  readonly asked: Asked;
  readonly passes: ReadonlyMap<string, number>;
  /** Processor time of the server processes, and of this one, which plays GitHub and everybody on it, s. */
  readonly serversCpuS: number;
  readonly worldCpuS: number;
  readonly memoryMb: number;
  /** Size of the database, MB: after filling it, and at the end; `null`: embedded. */
  readonly databaseMb: readonly [number, number] | null;
  readonly waitingAtEnd: number;
}

/** How many deliveries ended in which way; unanswered: no connection, or no answer within 10 s. */
interface Deliveries {
  accepted: number;
  refused: number;
  unanswered: number;
}

const SEVERITY_LABELS = ["sev:P0", "sev:P1", "sev:P2"];
const SECRET = "a-secret-of-the-alerts-for-the-benchmark";
const STORM_POLICY = "version: 1\nalerts:\n  endpoints:\n    metrics: { severity: P1 }\n";
const INCIDENTS_BEFORE = 1;
const KINDS = ["incident", "pull-request", "repository", "alert", "thread", "page"];
/** The most time that what came last gets. */
const SETTLE_MS = 15_000;
/** An outage is half refusals, half silence. */
const REFUSING_SHARE = 0.5;

/** One scaled hour of a new world, with so many processes, on PostgreSQL or (1 process) embedded. */
export async function runHour(
  setting: Setting,
  hour: Hour,
  options: {
    readonly installations: number;
    readonly seed: number;
    readonly processes: number;
    readonly engine: "postgresql" | "embedded";
  },
): Promise<HourReport> {
  const { installations, seed, processes, engine } = options;
  const times = new StatusTimes<About>();
  const now = () => performance.now();
  const world = new ManyInstallations(
    installations,
    seed,
    {
      read: (issue) => times.read(issue, now()),
      written: (issue) => times.written(issue, now()),
      checked(commit) {
        times.read(commit, now());
        times.written(commit, now());
      },
    },
    (rank) => (rank === STORMY ? STORM_POLICY : null),
  );
  const github = await world.listen();
  const database = engine === "postgresql" ? await createTestDatabase() : null;
  const place = { databaseUrl: database?.url ?? null, dataDir: `${setting.folder}/scale-${processes}` };
  const environment = {
    ...setting.environment(github.url),
    SWEEP_EVERY: "5m",
    DATA_DIR: place.dataDir,
    ...(database === null ? {} : { DATABASE_URL: database.url }),
    ALERT_ENDPOINTS: `alertmanager/metrics=acme-${STORMY + 1}/shop-0`,
    ALERT_SECRET_METRICS: SECRET,
  };
  const servers: ServerProcess[] = [];
  try {
    await fill(world, place, environment, times);
    const sizeMb = async () =>
      Number((await database?.query("select pg_database_size(current_database()) as size"))?.[0]?.["size"]) / 1e6;
    const filledMb = await sizeMb();
    for (let at = 0; at < processes; at += 1) servers.push(await startServer(SEVGATE, environment, FIRST));
    const before = await sumOf(servers);
    const machine = await watchMachine(database?.url ?? null);
    const cpuBefore = process.cpuUsage();
    const played = await play(world, servers, hour, times);
    const cpu = process.cpuUsage(cpuBefore);
    const machineReport = await machine.stop();
    const after = await sumOf(servers);
    return {
      hints: times.all(),
      ...played,
      machine: machineReport,
      asked: { ...world.asked },
      passes: new Map([...after.passes].map(([kind, count]) => [kind, count - (before.passes.get(kind) ?? 0)])),
      serversCpuS: after.cpuS - before.cpuS,
      worldCpuS: (cpu.user + cpu.system) / 1e6,
      memoryMb: Math.max(...servers.map((server) => server.memoryMb())),
      databaseMb: database === null ? null : [filledMb, await sizeMb()],
      waitingAtEnd: after.waiting,
    };
  } finally {
    for (const server of servers) await server.stop();
    await github.close();
    await database?.drop();
  }
}

/** A look at one repository and one incident for real; everything else is filled with copies of what they left. */
async function fill(
  world: ManyInstallations,
  place: { readonly databaseUrl: string | null; readonly dataDir: string },
  environment: Readonly<Record<string, string>>,
  times: StatusTimes<About>,
): Promise<void> {
  const repository = world.installations.at(-1)?.[0];
  if (repository === undefined) throw new Error("there is no installation");
  world.shown = 0;
  const server = await startServer(SEVGATE, environment, FIRST);
  const stopListening = world.github.onEvent((event) => void deliverWebhook(server.url, event));
  world.github.setRole("ada", "maintain", repository);
  const { number } = world.github.as("ada", repository).openIssue({ title: "Down", labels: ["sev:P0"] });
  times.hinted(`${nameOf(repository)}#${number}`, {
    about: { moment: "calm", installation: -1, severity: 0 },
    atMs: performance.now(),
  });
  await until("a first incident", 60_000, async () => (times.isDone ? true : null));
  // The pass goes on after its status comment, and others follow.
  await until("an end of the first passes", 60_000, async () =>
    (await server.metric("sevgate_queue_keys", 'state="waiting"')) +
      (await server.metric("sevgate_queue_keys", 'state="running"')) ===
    0
      ? true
      : null,
  );
  stopListening();
  await server.stop();
  world.shown = world.installations.length;
  // The policy of the repository in the storm is its own, and so is read first.
  const others = world.installations.flatMap((some, rank) => (rank === STORMY ? some.slice(1) : some));
  await prefillIndex(place, { repository, number }, others, INCIDENTS_BEFORE);
}

async function play(
  world: ManyInstallations,
  servers: readonly ServerProcess[],
  { moments, acts }: Hour,
  times: StatusTimes<About>,
): Promise<Pick<HourReport, "lagMs" | "delivered">> {
  const delivered = {
    webhooks: { accepted: 0, refused: 0, unanswered: 0 },
    alerts: { accepted: 0, refused: 0, unanswered: 0 },
  };
  let turn = 0;
  const nextUrl = () => servers[turn++ % servers.length]?.url ?? "";
  const noteIn = (deliveries: Deliveries) => (status: number | null) => {
    if (status === null) deliveries.unanswered += 1;
    else if (status < 300) deliveries.accepted += 1;
    else deliveries.refused += 1;
  };
  const stopListening = world.github.onEvent(
    (event) => void deliverWebhook(nextUrl(), event).then(noteIn(delivered.webhooks)),
  );
  const lag = watchLag();
  const lagMs = new Map<MomentName, number>();
  const lives = new Map<number, { readonly repository: Repository; readonly number: number; readonly about: About }>();
  let moment: MomentName = "calm";

  function hint(thing: string, about: About): void {
    times.hinted(thing, { about, atMs: performance.now() });
  }
  function perform(act: Act): void {
    switch (act.kind) {
      case "incident": {
        const repository = repositoryAt(world, act);
        const about = { moment, installation: act.installation, severity: act.severity };
        world.github.setRole("ada", "maintain", repository);
        const { number } = world.github.as("ada", repository).openIssue({
          title: "Checkout fails",
          body: "Half of all orders end with an error.",
          labels: [SEVERITY_LABELS[act.severity] ?? ""],
        });
        lives.set(act.life, { repository, number, about });
        hint(`${nameOf(repository)}#${number}`, about);
        return;
      }
      case "pull-request": {
        const repository = repositoryAt(world, act);
        const pull = world.github.as("ada", repository).openPullRequest({ title: "Go on", body: "Words." });
        const about = { moment, installation: act.installation, severity: null };
        hint(`${nameOf(repository)}@${pull.headSha}`, about);
        return;
      }
      case "alert":
        void deliverAlert(
          `${nextUrl()}/alerts/alertmanager/metrics`,
          SECRET,
          alertmanagerGroup("firing", `{}:{alertname="Storm${act.number}"}`),
        ).then(noteIn(delivered.alerts));
        return;
      default: {
        const life = lives.get(act.life);
        if (life === undefined) return;
        const ada = world.github.as("ada", life.repository);
        if (act.kind === "chatter") {
          ada.comment(life.number, "I look at the logs.");
          return;
        }
        ada.comment(life.number, act.kind === "acknowledge" ? "/ack" : "/note It began with the last release.");
        hint(`${nameOf(life.repository)}#${life.number}`, { ...life.about, moment });
      }
    }
  }

  const startedAt = performance.now();
  const waitUntil = async (atMs: number) => {
    const inMs = startedAt + atMs - performance.now();
    if (inMs > 0) await pause(inMs);
  };
  const left = acts.values();
  let next = left.next();
  for (const { name, fromMs, toMs } of moments) {
    await waitUntil(fromMs);
    moment = name;
    world.silentFor = name === "silent" ? SILENT : null;
    world.health = name === "outage" ? "refusing" : "well";
    const silentFromMs = fromMs + REFUSING_SHARE * (toMs - fromMs);
    while (next.done !== true && next.value.atMs < toMs) {
      await waitUntil(next.value.atMs);
      if (name === "outage" && next.value.atMs >= silentFromMs) world.health = "silent";
      perform(next.value);
      next = left.next();
    }
    await waitUntil(toMs);
    lagMs.set(name, quantile(lag.take(), 0.99));
  }
  const settleUntil = performance.now() + SETTLE_MS;
  while (!times.isDone && performance.now() < settleUntil) await pause(100);
  lag.stop();
  stopListening();
  return { lagMs, delivered };
}

function repositoryAt(world: ManyInstallations, at: { installation: number; repository: number }): Repository {
  const repository = world.installations[at.installation]?.[at.repository];
  if (repository === undefined) throw new Error(`installation ${at.installation} has no repository ${at.repository}`);
  return repository;
}

async function sumOf(servers: readonly ServerProcess[]) {
  const passes = new Map<string, number>();
  let cpuS = 0;
  let waiting = 0;
  for (const server of servers) {
    for (const kind of KINDS) {
      const count = await server.metric("sevgate_passes_total", `kind="${kind}"`);
      passes.set(kind, (passes.get(kind) ?? 0) + count);
    }
    cpuS += await server.metric("process_cpu_seconds_total");
    waiting = await server.metric("sevgate_queue_keys", 'state="waiting"');
  }
  return { passes, cpuS, waiting };
}

/** Those with a bad day are not asked whether they were kept waiting. */
export function hasBadDay({ installation }: About): boolean {
  return [WILD, STORMY, SILENT, -1].includes(installation);
}
