import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it, jest } from "@jest/globals";
import { systemClock } from "../../src/base/clock.ts";
import { openStore } from "../../src/run/open-store.ts";
import { seededRandom } from "../../testkit/seeded-random.ts";
import { createLogLines } from "../support/log-lines.ts";
import { type DiskEvent, LEFT, RecordedDisk, readTrace, STRACE } from "./harness/recorded-disk.ts";

jest.setTimeout(900_000);

const SEED = Number(process.env["FAULT_SEED"] ?? 20_261_127);
/** Enough for the log to be moved into the file at times. */
const ROUNDS = 250;
const CUTS = 60;

const folder = mkdtempSync(join(tmpdir(), "sevgate-power-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const traced = spawnSync("strace", ["-o", join(folder, "probe"), "true"]).status === 0 ? it : it.skip;
if (traced === it.skip)
  process.stdout.write("not tried: no strace here, or it may trace nothing (apt-get install strace)\n");

function record(
  name: string,
  program: readonly string[],
): { readonly data: string; readonly events: readonly DiskEvent[] } {
  const data = join(folder, name);
  mkdirSync(data);
  const trace = join(folder, `${name}.trace`);
  const ran = spawnSync("strace", ["-o", trace, ...STRACE, process.execPath, ...program, data, String(ROUNDS)], {
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return { data, events: readTrace(readFileSync(trace, "utf8"), data) };
}

/** Moments at which the power is cut, evenly and a little by chance, with what came before, and what since the last one. */
function cuts(events: readonly DiskEvent[]) {
  const random = seededRandom(SEED);
  const moments = Array.from({ length: CUTS }, (_, at) => Math.ceil(((at + random()) / CUTS) * events.length));
  return moments.map((moment, at) => ({
    moment,
    before: events.slice(0, moment),
    news: events.slice(moments[at - 1] ?? 0, moment),
  }));
}

/** The last round that was said to be kept. */
function lastKept(events: readonly DiskEvent[]): number {
  const said = events.flatMap((event) => (event.kind === "said" ? (event.text.match(/\d+/g) ?? []) : []));
  return Math.max(0, ...said.map(Number));
}

describe("a power cut", () => {
  traced(`at any of ${CUTS} moments loses nothing that was kept, and leaves nothing half`, async () => {
    const { data, events } = record("store", [
      fileURLToPath(new URL("../support/power-cut-process.ts", import.meta.url)),
    ]);
    expect(lastKept(events)).toBe(ROUNDS);
    expect(events.filter(({ kind }) => kind === "truncate" || kind === "write").length).toBeGreaterThan(1_000);
    const disk = new RecordedDisk(data);
    let disks = 0;
    for (const { moment, before, news } of cuts(events)) {
      for (const event of news) disk.play(event);
      const kept = lastKept(before);
      for (const left of LEFT) {
        const target = join(folder, "disk");
        rmSync(target, { recursive: true, force: true });
        disk.rebuild(target, left, seededRandom(SEED + moment));
        const where = `FAULT_SEED=${SEED} cut after event ${moment}, ${left}`;
        const expected = { where, warnings: [], missing: [], half: [] };
        expect({ where, ...(await whatIsLeft(target, kept)) }).toEqual(expected);
        disks += 1;
      }
    }
    process.stdout.write(
      `measured power cuts: ${JSON.stringify({ disks, events: events.length, lost: 0, half: 0 })}\n`,
    );
  });

  // The same on a database that does not wait for the disk: what is tried here can fail.
  traced("is told by this test where a program does not wait for the disk", () => {
    const { data, events } = record("careless", ["--input-type=module", "-e", CARELESS, "--"]);
    const disk = new RecordedDisk(data);
    let lost = 0;
    for (const { moment, before, news } of cuts(events)) {
      for (const event of news) disk.play(event);
      const target = join(folder, "careless-disk");
      rmSync(target, { recursive: true, force: true });
      disk.rebuild(target, "only what was synced", seededRandom(moment));
      lost += lastKept(before) - careless(join(target, "kept.db"));
    }
    expect(lost).toBeGreaterThan(100);
  });
});

const CARELESS = `
  const { DatabaseSync } = await import("node:sqlite");
  const [folder, rounds] = process.argv.slice(-2);
  const db = new DatabaseSync(folder + "/kept.db");
  db.exec("pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = normal; create table kept (round)");
  for (let round = 1; round <= Number(rounds); round += 1) {
    db.exec("insert into kept values (" + round + ")");
    process.stdout.write("kept " + round + "\\n");
  }
  process.exit(0);`;

function careless(file: string): number {
  const db = new DatabaseSync(file);
  try {
    return Number(db.prepare("select max(round) as last from kept").get()?.["last"] ?? 0);
  } catch {
    // Not even the table is there.
    return 0;
  } finally {
    db.close();
  }
}

/** What a store that is opened on this disk lacks of the rounds that were said to be kept, and of which round it has a half. */
async function whatIsLeft(dataDir: string, kept: number) {
  const { log, lines } = createLogLines();
  const store = await openStore({ databaseUrl: null, dataDir, log, clock: systemClock });
  const numbers = async (text: string) =>
    new Set((await store.sql.query<{ number: number }>(text)).map(({ number }) => Number(number)));
  const keys = "select cast(substr(id, 12) as integer) as number from";
  const work = await numbers(`${keys} sevgate_work`);
  const timers = await numbers(`${keys} sevgate_timer`);
  const incidents = await numbers("select number from sevgate_incident where record like 'record ' || number || ' %'");
  const threads = await numbers("select number from sevgate_thread where view = 'view ' || number");
  await store.close();
  const rounds = Array.from({ length: ROUNDS }, (_, at) => at + 1);
  const whole = (round: number) =>
    [
      work.has(round),
      work.has(10_000 + round),
      timers.has(30_000 + round),
      incidents.has(round),
      threads.has(round),
    ].every(Boolean);
  return {
    warnings: lines.filter((line) => Number(line["level"]) >= 40).map((line) => line["msg"]),
    missing: rounds.filter((round) => round <= kept && !whole(round)),
    half: rounds.filter((round) => work.has(10_000 + round) !== work.has(20_000 + round)),
  };
}
