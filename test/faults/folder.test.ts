import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it, jest } from "@jest/globals";
import { until } from "../../demo/until.ts";
import { systemClock } from "../../src/base/clock.ts";
import { TerminalError } from "../../src/base/errors.ts";
import type { Key, Repository } from "../../src/core/model.ts";
import { openStore } from "../../src/run/open-store.ts";
import { runSevgate } from "../../src/run/run-sevgate.ts";
import { readSettings } from "../../src/run/settings.ts";
import type { Store } from "../../src/run/store.ts";
import { FakeGitHub } from "../../testkit/fake-github/fake-github.ts";
import { seededRandom } from "../../testkit/seeded-random.ts";
import { createLogLines } from "../support/log-lines.ts";

jest.setTimeout(900_000);

const SEED = Number(process.env["FAULT_SEED"] ?? 20_261_123);
const FLIPS = 50;
const DISK_MB = 80;
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

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => statSync(path).size > 0)
    .sort();
}

describe("a data folder with a flipped bit", () => {
  it(`opens with what was in it, is refused, or is begun anew, at ${FLIPS} places: never a wrong state in silence`, async () => {
    const whole = newFolder();
    const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
    const first = await open(whole);
    await first.index.saveRepository(REPOSITORY, { severityLabels: ["sev:P0"], policyState: "x".repeat(500) });
    for (const number of numbers) {
      await first.index.saveIncident(7, number, {
        record: `record ${number} ${"y".repeat(400)}`,
        recordRevision: number,
      });
    }
    await first.queue.add(numbers.map(incident));
    await first.close();
    const files = filesBelow(join(whole, "pg"));
    const ends: Record<string, number> = { unharmed: 0, "error when read": 0, refused: 0, "begun anew": 0 };

    for (let flip = 0; flip < FLIPS; flip += 1) {
      const random = seededRandom(SEED + flip);
      // Half of them in the contents of the tables, their indexes and the log; the rest anywhere.
      const large = files.filter((path) => flip % 2 === 1 || statSync(path).size >= 8_192);
      const path = large[Math.floor(random() * large.length)]!;
      const folder = newFolder();
      cpSync(join(whole, "pg"), join(folder, "pg"), { recursive: true });
      const target = join(folder, path.slice(whole.length + 1));
      const bytes = readFileSync(target);
      const at = Math.floor(random() * bytes.length);
      bytes[at] = bytes[at]! ^ (1 << Math.floor(random() * 8));
      writeFileSync(target, bytes);
      const where = `FAULT_SEED=${SEED} flip ${flip}: ${path.slice(whole.length + 1)} byte ${at}`;
      try {
        const end = await openAndRead(folder, numbers, where);
        ends[end] = (ends[end] ?? 0) + 1;
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
    tell(`${FLIPS} flipped bits`, ends);
  });

  async function openAndRead(folder: string, numbers: readonly number[], where: string): Promise<string> {
    let store: Store;
    try {
      store = await open(folder);
    } catch (error) {
      // Whoever reads the message has to know what to do.
      if (!(error instanceof TerminalError)) throw new Error(`${where}: ${String(error)}`, { cause: error });
      return "refused";
    }
    try {
      if (readdirSync(folder).some((name) => name.startsWith("pg-broken-"))) return "begun anew";
      const read = await Promise.all(numbers.map((number) => store.index.incident(7, number))).catch(() => null);
      const depth = await store.queue.depth().catch(() => null);
      if (read === null || depth === null) return "error when read";
      const seen = read.map((one) => [one?.number, one?.recordRevision, one?.record]);
      const expected = numbers.map((number) => [number, number, `record ${number} ${"y".repeat(400)}`]);
      expect({ where, seen, waiting: depth.waiting }).toEqual({ where, seen: expected, waiting: numbers.length });
      return "unharmed";
    } finally {
      await store.close().catch(() => {});
    }
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
    const start = () =>
      runSevgate(read.settings, {
        log,
        createGitHub: () => new FakeGitHub({ clock: systemClock }),
        createSlack: () => {
          throw new Error("Slack is not set up");
        },
        createPass: () => async (key) => {
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
    const filler = join(small, "filler");
    spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=64k"], { stdio: "ignore" });
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
    expect(JSON.stringify(lines)).toMatch(/No space left on device|could not extend file|disk/i);
    tell("full disk", { storedBefore: stored.size });

    await running.stop();
    await expect(start()).rejects.toThrow(/disk is not full/);

    rmSync(filler);
    running = await start();
    expect(await deliver(running.url, refused)).toBe(202);
    stored.add(refused);
    await until("every stored key had its pass", async () => [...stored].every((number) => passes.has(number)), {
      limitMs: 60_000,
    });
    await running.stop();
  });
});
