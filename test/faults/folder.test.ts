import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it, jest } from "@jest/globals";
import { until } from "../../demo/until.ts";
import { systemClock } from "../../src/base/clock.ts";
import { TerminalError } from "../../src/base/errors.ts";
import { type AlertChange, UNSAID } from "../../src/core/alerts/alert-change.ts";
import { mergeChange } from "../../src/core/alerts/merge-change.ts";
import type { SentPage } from "../../src/core/escalation/page-outbox.ts";
import type { Instant, Key, Repository } from "../../src/core/model.ts";
import { openStore } from "../../src/run/open-store.ts";
import { runSevgate } from "../../src/run/run-sevgate.ts";
import { readSettings } from "../../src/run/settings.ts";
import type { Store } from "../../src/run/store.ts";
import { createSqlAlertStore } from "../../src/store/sql-alert-store.ts";
import { createSqlPageStore } from "../../src/store/sql-page-store.ts";
import { FakeGitHub } from "../../testkit/fake-github/fake-github.ts";
import { seededRandom } from "../../testkit/seeded-random.ts";
import { createLogLines } from "../support/log-lines.ts";

jest.setTimeout(900_000);

const SEED = Number(process.env["FAULT_SEED"] ?? 20_261_123);
const FLIPS = 240;
const DISK_MB = 8;
const REPOSITORY: Repository = { installationId: 1, id: 7, owner: "acme", name: "shop" };

const folders: string[] = [];
const children: ChildProcess[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sevgate-folder-"));
  folders.push(folder);
  return folder;
}
afterEach(async () => {
  for (const child of children.splice(0)) {
    const ended = new Promise((done) => child.once("exit", done));
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await ended;
    }
  }
});
afterAll(() => {
  if (mounted === it) spawnSync("umount", ["--lazy", small]);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function tell(what: string, figures: unknown): void {
  process.stdout.write(`measured ${what}: ${JSON.stringify(figures)}\n`);
}

/** Whether this user may do it here; what is not tried is reported, and fails where it has to work (CI as root). */
function mayRun(command: string, ...given: readonly string[]): boolean {
  return spawnSync(command, given, { stdio: "ignore" }).status === 0;
}

function incident(number: number): Key {
  return { kind: "incident", repository: REPOSITORY, number };
}

function open(dataDir: string, log = createLogLines().log): Promise<Store> {
  return openStore({ databaseUrl: null, dataDir, log, clock: systemClock });
}

const HOLDER = fileURLToPath(new URL("../support/store-process.ts", import.meta.url));
const NEW_NAMESPACE = ["--pid", "--fork", "--kill-child", "--mount-proc"];

async function untilOpen(child: ChildProcess): Promise<void> {
  children.push(child);
  for await (const line of createInterface({ input: child.stdout! })) if (line === "open") return;
  throw new Error("the holder ended before it was open");
}

const namespaces = mayRun("unshare", ...NEW_NAMESPACE, "true") ? it : it.skip;
if (namespaces === it.skip) process.stdout.write("not tried: this user may make no process namespaces\n");

describe("a data folder opened twice", () => {
  namespaces("is refused within 2 s to a process in another container, where both are process 1", async () => {
    const folder = newFolder();
    const inside = ["unshare", ...NEW_NAMESPACE, process.execPath, HOLDER, folder] as const;
    await untilOpen(spawn(inside[0], inside.slice(1), { stdio: ["ignore", "pipe", "inherit"] }));

    const script = `
      const { lockDataFolder } = await import(${JSON.stringify(new URL("../../src/store/data-folder-lock.ts", import.meta.url).href)});
      const begun = performance.now();
      try { await lockDataFolder(${JSON.stringify(folder)}); console.log(JSON.stringify({ pid: process.pid })); }
      catch (error) { console.log(JSON.stringify({ pid: process.pid, message: error.message, ms: performance.now() - begun })); }`;
    const second = spawnSync("unshare", [...NEW_NAMESPACE, process.execPath, "--input-type=module", "-e", script], {
      encoding: "utf8",
    });
    const told = JSON.parse(second.stdout) as { pid: number; message?: string; ms?: number };
    tell("second container refused", { ms: Math.round(told.ms ?? -1) });
    expect(told.pid).toBe(1);
    expect(told.message).toMatch(/in use by process 1 on .+, since 20/);
    expect(told.ms).toBeLessThan(2_000);

    await expect(open(folder)).rejects.toThrow(/in use by process 1 on .+, since 20/);
  });
});

describe("a data folder with a flipped bit", () => {
  it(`holds what was kept, or less and says so, or is begun anew, at ${FLIPS} places: never a wrong value, nothing gone in silence`, async () => {
    const closed = newFolder();
    const store = await open(closed);
    await fill(store);
    // As a process leaves it that is killed: most of it in the log. What comes last is looked at by nobody here: of the last
    // commit a flipped bit and a power cut look the same.
    const killed = newFolder();
    for (let at = 0; at < 3; at += 1) await store.index.saveDeliveriesSweptAt(at as Instant);
    for (const name of ["sevgate.db", "sevgate.db-wal"]) cpSync(join(closed, name), join(killed, name));
    await store.close();
    const whole = await read(closed, []);
    expect(whole.size).toBe(7 * 40 + 1);
    const ends: Record<string, number> = { unharmed: 0, "less, and said so": 0, "begun anew": 0 };

    for (let flip = 0; flip < FLIPS; flip += 1) {
      const random = seededRandom(SEED + flip);
      const [from, name] = (
        [
          [closed, "sevgate.db"],
          [killed, "sevgate.db-wal"],
          [closed, "sevgate.db"],
          [killed, "sevgate.db"],
        ] as const
      )[flip % 4]!;
      const folder = newFolder();
      cpSync(from, folder, { recursive: true, filter: (path) => !path.endsWith(".sock") });
      const target = join(folder, name);
      const bytes = readFileSync(target);
      const at = Math.floor(random() * bytes.length);
      bytes[at] = bytes[at]! ^ (1 << Math.floor(random() * 8));
      writeFileSync(target, bytes);
      const where = `FAULT_SEED=${SEED} flip ${flip}: ${name} of a ${from === closed ? "closed" : "killed"} store, byte ${at}`;
      const warnings: string[] = [];
      const found = await read(folder, warnings).catch((error: unknown) => {
        throw new Error(where, { cause: error });
      });
      const wrong = [...found].filter(([what, value]) => whole.get(what) !== value);
      expect({ where, wrong }).toEqual({ where, wrong: [] });
      const isLess = found.size < whole.size;
      expect({ where, goneInSilence: isLess && warnings.length === 0 }).toEqual({ where, goneInSilence: false });
      const end = found.size === 0 ? "begun anew" : isLess ? "less, and said so" : "unharmed";
      ends[end] = (ends[end] ?? 0) + 1;
      rmSync(folder, { recursive: true, force: true });
    }
    tell(`${FLIPS} flipped bits`, ends);
    expect(ends["less, and said so"]).toBeGreaterThan(FLIPS / 10);
  });

  const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
  const page = (number: number): SentPage => ({
    page: `page ${number}`,
    channel: "pagerduty",
    state: "sent",
    since: number as Instant,
    triedAt: number as Instant,
    externalId: `external ${number}`,
    why: "",
  });
  const fired = (number: number): AlertChange => ({
    ...UNSAID,
    change: "fired",
    key: `alert ${number}`,
    externalId: null,
    at: number as Instant,
    order: "time",
    title: `title ${number}`,
    summary: "s".repeat(300),
    severity: null,
    url: null,
    actor: null,
    labels: {},
  });

  /** Forty of everything that is kept. */
  async function fill(store: Store): Promise<void> {
    const alerts = createSqlAlertStore(store.sql);
    const pages = createSqlPageStore(store.sql);
    await store.index.saveRepository(REPOSITORY, { severityLabels: ["sev:P0"], policyState: "x".repeat(500) });
    for (const number of numbers) {
      const record = `record ${number} ${"y".repeat(400)}`;
      await store.index.saveIncident(7, number, { record, recordRevision: number, verdict: "ready" });
      await store.threads.saveThreadView(7, number, `view ${number} ${"v".repeat(300)}`);
      await store.threads.addRequest({
        id: `request ${number}`,
        repositoryId: 7,
        number,
        body: "{}",
        at: number as Instant,
      });
      await alerts.report(7, `alert ${number}`, number as Instant, (known) =>
        mergeChange(known, { source: "better-stack", endpoint: "prod" }, fired(number), number as Instant),
      );
      await pages.saveSentPage(7, number, page(number));
      await store.queue.lookAgainAt(incident(1_000 + number), (4_000_000_000_000 + number) as Instant);
    }
    await store.queue.add(numbers.map(incident));
  }

  /** What a store that is opened there holds, by what it is; and what its log says. */
  async function read(folder: string, warnings: string[]): Promise<ReadonlyMap<string, string>> {
    const { log, lines } = createLogLines();
    const store = await open(folder, log);
    const alerts = createSqlAlertStore(store.sql);
    const pages = createSqlPageStore(store.sql);
    const found = new Map<string, string>();
    const note = (what: string, value: unknown) => {
      if (value !== null && value !== undefined) found.set(what, JSON.stringify(value));
    };
    // It is looked at again once anything is gone.
    const repository = await store.index.repository(7);
    note("repository", repository && { ...repository, sweptAt: null, policyReadAt: null });
    for (const number of numbers) {
      note(`incident ${number}`, await store.index.incident(7, number));
      note(`thread ${number}`, await store.threads.thread(7, number));
      note(`request ${number}`, await store.threads.request(`request ${number}`));
      note(`alert ${number}`, await alerts.alert(7, `alert ${number}`));
      note(`page ${number}`, (await pages.sentPages(7, number))[0]);
    }
    for (const table of ["work", "timer"]) {
      const rows = await store.sql.query<{ id: string }>(`select * from sevgate_${table} order by id`);
      for (const row of rows) note(`${table} ${row.id}`, row);
    }
    await store.close();
    warnings.push(...lines.filter(({ level }) => Number(level) >= 40).map(({ msg }) => String(msg)));
    return found;
  }
});

const small = newFolder();
const mounted = mayRun("mount", "-t", "tmpfs", "-o", `size=${DISK_MB}m`, "tmpfs", small) ? it : it.skip;
if (mounted === it.skip) process.stdout.write("not tried: this user may mount no small disk\n");

describe(`a disk of ${DISK_MB} MB that is full`, () => {
  mounted("is answered with 503, named in the log and at the start, and all goes on when there is room", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const secret = "a-webhook-secret-of-fair-length";
    const dataDir = join(small, "data");
    const read = readSettings({
      APP_ID: "4242",
      PRIVATE_KEY: privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
      WEBHOOK_SECRET: secret,
      PORT: "0",
      HOST: "127.0.0.1",
      DATA_DIR: dataDir,
      SWEEP_EVERY: "9h",
    });
    if (read.kind === "problems") throw new Error(read.problems[0]?.message);
    const { log, lines } = createLogLines();
    const passes = new Set<number>();
    let begun = 0;
    const start = () =>
      runSevgate(read.settings, {
        log,
        createGitHub: () => new FakeGitHub({ clock: systemClock }),
        createSlack: () => {
          throw new Error("Slack is not set up");
        },
        createPass: () => async (key) => {
          begun += 1;
          if (key.kind === "incident") passes.add(key.number);
          return { checkAgainIn: null, alsoLookAt: [] };
        },
      });
    async function deliver(url: string, number: number): Promise<number> {
      const body = JSON.stringify({
        action: "labeled",
        installation: { id: 1 },
        repository: { id: 7, name: "shop", full_name: "acme/shop", owner: { login: "acme" }, default_branch: "main" },
        issue: { number, labels: [{ name: "sev:P0" }] },
        label: { name: "sev:P0" },
        sender: { id: 5, login: "bob", type: "User" },
      });
      const answer = await fetch(`${url}/api/github/webhooks`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-github-event": "issues",
          "x-github-delivery": `delivery-${number}`,
          "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
        },
        body,
      });
      return answer.status;
    }

    let running = await start();
    expect(await deliver(running.url, 1)).toBe(202);
    fillDisk();
    const stored = new Set([1]);
    let refused = 0;
    for (let number = 2; refused === 0 && number < 20_000; number += 1) {
      const status = await deliver(running.url, number);
      if (status === 202) stored.add(number);
      else {
        expect(status).toBe(503);
        refused = number;
      }
    }
    expect(refused).toBeGreaterThan(0);
    expect(JSON.stringify(lines)).toContain("database or disk is full");
    tell("full disk", { storedBefore: stored.size });

    // There is room again, and the process goes on.
    rmSync(filler);
    await until("deliveries are taken again", async () => (await deliver(running.url, refused)) === 202, {
      limitMs: 60_000,
    });
    stored.add(refused);
    await until("every stored key had its pass", async () => [...stored].every((number) => passes.has(number)), {
      limitMs: 60_000,
    });
    // A pass whose end could not be kept is not made again and again.
    expect(begun).toBeLessThan(2 * stored.size);
    await running.stop();

    fillDisk();
    await expect(start()).rejects.toThrow(/disk is not full/);
    rmSync(filler);
    running = await start();
    expect(await deliver(running.url, 1)).toBe(202);
    await running.stop();
  });

  mounted("that takes no writes is refused in words, and what is on it stays as it is", async () => {
    const dataDir = join(small, "only-to-be-read");
    const store = await open(dataDir);
    await store.index.saveIncident(7, 1, { recordRevision: 3 });
    await store.close();
    const before = readFileSync(join(dataDir, "sevgate.db"));
    expect(spawnSync("mount", ["-o", "remount,ro", small]).status).toBe(0);
    try {
      const refusal: unknown = await open(dataDir).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(TerminalError);
      expect((refusal as Error).message).toMatch(/Set DATA_DIR to a folder/);
    } finally {
      spawnSync("mount", ["-o", "remount,rw", small]);
    }
    expect(readFileSync(join(dataDir, "sevgate.db")).equals(before)).toBe(true);
    const again = await open(dataDir);
    expect(await again.index.incident(7, 1)).toMatchObject({ recordRevision: 3 });
    await again.close();
  });
});

const filler = join(small, "filler");
function fillDisk(): void {
  spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=4k"], { stdio: "ignore" });
}
