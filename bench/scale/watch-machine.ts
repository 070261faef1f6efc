import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import pg from "pg";

/** What the database and the machine did over some time. */
export interface MachineReport {
  /** The most connections at any look; `null`: there is no database server. */
  readonly connections: number | null;
  /** Processor time of the database server's processes for this database, s. */
  readonly databaseCpuS: number;
  /** Of all processors, s: in use, whoever used it. */
  readonly busyS: number;
  readonly tookS: number;
  readonly processors: number;
}

const LOOK_EVERY_MS = 1_000;
/** Linux counts processor time in hundredths of a second (`man 7 time`, USER_HZ). */
const TICKS_A_SECOND = 100;

/** Watches until stopped. On Linux; elsewhere the processor times are 0. */
export async function watchMachine(databaseUrl: string | null): Promise<{ stop(): Promise<MachineReport> }> {
  const client = databaseUrl === null ? null : new pg.Client({ connectionString: databaseUrl });
  await client?.connect();
  const startedAt = performance.now();
  const busyBefore = busyTicks();
  const ticksOf = new Map<number, { first: number; last: number }>();
  let connections = 0;

  async function look(): Promise<void> {
    if (client === null) return;
    const { rows } = await client.query<{ pid: number }>(
      "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
    connections = Math.max(connections, rows.length);
    for (const { pid } of rows) {
      const ticks = ticksOfProcess(pid);
      const known = ticksOf.get(pid);
      // A connection made since the last look has worked for us alone.
      if (known === undefined) ticksOf.set(pid, { first: 0, last: ticks });
      else known.last = ticks;
    }
  }
  await look();
  for (const known of ticksOf.values()) known.first = known.last;
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look).catch(() => {});
  }, LOOK_EVERY_MS);

  return {
    async stop() {
      clearInterval(timer);
      await looking;
      await look();
      await client?.end();
      return {
        connections: client === null ? null : connections,
        databaseCpuS: [...ticksOf.values()].reduce((sum, { first, last }) => sum + last - first, 0) / TICKS_A_SECOND,
        busyS: (busyTicks() - busyBefore) / TICKS_A_SECOND,
        tookS: (performance.now() - startedAt) / 1_000,
        processors: cpus().length,
      };
    },
  };
}

function ticksOfProcess(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in brackets, may hold anything.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}

function busyTicks(): number {
  try {
    const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n");
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.split(/\s+/).slice(1).map(Number);
    return user + nice + system + irq + softirq;
  } catch {
    return 0;
  }
}

/** How late timers fire, ms, looked at every 50 ms. */
export function watchLag(): { take(): readonly number[]; stop(): void } {
  let lags: number[] = [];
  let dueAt = performance.now() + 50;
  const timer = setInterval(() => {
    const now = performance.now();
    lags.push(Math.max(0, now - dueAt));
    dueAt = now + 50;
  }, 50);
  return {
    take() {
      const taken = lags;
      lags = [];
      return taken;
    },
    stop: () => clearInterval(timer),
  };
}
