import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { systemClock } from "../../src/base/clock.ts";
import { TerminalError } from "../../src/base/errors.ts";
import type { Instant, Key, Repository } from "../../src/core/model.ts";
import { openStore } from "../../src/run/open-store.ts";
import type { Store } from "../../src/run/store.ts";
import { rowSum } from "../../src/store/row-sum.ts";
import { createLogLines } from "../support/log-lines.ts";
import { Story } from "../support/story.ts";

// Stories take seconds on a busy machine. The long part is test/faults/folder.test.ts.
jest.setTimeout(240_000);

const MINUTE_MS = 60_000;
const REPOSITORY: Repository = { installationId: 1, id: 7, owner: "acme", name: "shop" };

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe("a data folder", () => {
  let folder: string;
  let file: string;
  const { log, lines } = createLogLines();
  const open = (): Promise<Store> => openStore({ databaseUrl: null, dataDir: folder, log, clock: systemClock });
  const warnings = () => lines.filter(({ level }) => level === 40).map(({ msg }) => String(msg));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sevgate-folder-"));
    folders.push(folder);
    file = join(folder, "sevgate.db");
    lines.length = 0;
  });

  function incident(number: number): Key {
    return { kind: "incident", repository: REPOSITORY, number };
  }

  /** A store with something in every corner, closed. */
  async function filled(): Promise<void> {
    const store = await open();
    await store.index.saveRepository(REPOSITORY, { policyState: "state of the policy", sweptAt: 5 as Instant });
    for (const number of [1, 2]) await store.index.saveIncident(7, number, { record: `record of ${number}` });
    await store.index.saveChangesReadUntil(1, 9 as Instant);
    await store.threads.saveThreadView(7, 1, "view of one");
    await store.queue.add([incident(101), incident(102)]);
    await store.queue.lookAgainAt(incident(103), 4_000_000_000_000 as Instant);
    await store.close();
  }

  /** Changes one bit wherever the file holds this text. */
  function damage(text: string): void {
    const bytes = readFileSync(file);
    let at = bytes.indexOf(text);
    expect(at).toBeGreaterThan(0);
    for (; at !== -1; at = bytes.indexOf(text, at)) bytes[at + 1] = (bytes[at + 1] ?? 0) ^ 1;
    writeFileSync(file, bytes);
  }

  it("is one file when it is closed, and holds what was kept", async () => {
    await filled();
    expect(readdirSync(folder).filter((name) => name.startsWith("sevgate"))).toEqual(["sevgate.db"]);
    const store = await open();
    expect(await store.index.incident(7, 2)).toMatchObject({ record: "record of 2" });
    expect(await store.queue.depth()).toEqual({ waiting: 2, running: 0, setAside: 0 });
    await store.close();
    expect(warnings()).toEqual([]);
  });

  it("that a newer Sevgate wrote is refused and stays where it is", async () => {
    await filled();
    const raw = new DatabaseSync(file);
    // As a later version will have it: with the same sums.
    raw.function("row_sum", { deterministic: true, varargs: true }, rowSum);
    raw.exec("insert into sevgate_schema (version, tables, opened_at) values (99, 0, 0)");
    raw.close();
    const before = readFileSync(file);
    await expect(open()).rejects.toThrow(/written by a newer Sevgate \(schema 99.+Start the newer version again/);
    await expect(open()).rejects.toBeInstanceOf(TerminalError);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith("sevgate"))).toEqual(["sevgate.db"]);
  });

  it.each<readonly [string, () => void]>([
    ["whose database is none", () => writeFileSync(file, "nonsense".repeat(1_000))],
    ["whose tables are not what they were", () => damage("sevgate_incident_open on")],
    ["whose indexes say something else than its rows", () => damage("acme/shop")],
    ["whose database another program has made", () => makeOther()],
  ])("%s is begun anew, the old one kept aside, and what does not come back is said", async (_, harm) => {
    await filled();
    harm();
    const store = await open();
    expect(await store.index.incident(7, 1)).toBeNull();
    await store.queue.add([incident(1)]);
    await store.close();
    expect(readdirSync(folder).filter((name) => name.startsWith("sevgate-broken-"))).toHaveLength(1);
    expect(warnings()).toEqual([expect.stringMatching(/moved aside.+Not on GitHub, and so gone: alerts/)]);
  });

  function makeOther(): void {
    rmSync(file);
    const other = new DatabaseSync(file);
    other.exec("create table somebody_elses (id integer primary key)");
    other.close();
  }

  it.each<readonly [string, string, (store: Store) => Promise<unknown>, unknown]>([
    ["an incident", "record of 1", (store) => store.index.incident(7, 1), null],
    ["a repository", "state of the policy", (store) => store.index.repository(7), null],
    ["a thread", "view of one", (store) => store.threads.thread(7, 1), null],
    ["a key that waits", '"number":102', async (store) => (await store.queue.depth()).waiting, 1],
  ])(
    "with a flipped bit in %s drops that alone, says so once, and has everything looked at again",
    async (...given) => {
      const [, text, ask, expected] = given;
      await filled();
      damage(text);
      const store = await open();
      expect(await ask(store)).toEqual(expected);
      expect(await store.index.incident(7, 2)).toMatchObject({ record: "record of 2" });
      expect((await store.index.repository(7))?.sweptAt ?? null).toBeNull();
      expect(await store.index.changesReadUntil(1)).toBeNull();
      await store.close();
      await (await open()).close();
      expect(warnings()).toEqual([expect.stringMatching(/damaged and are dropped.+Not on GitHub, and so gone/)]);
    },
  );

  it("of an earlier version, with another kind of database, is left as it is, which is said once", async () => {
    mkdirSync(join(folder, "pg"));
    writeFileSync(join(folder, "pg", "PG_VERSION"), "17");
    const store = await open();
    await store.queue.add([incident(1)]);
    await store.close();
    await (await open()).close();
    expect(readFileSync(join(folder, "pg", "PG_VERSION"), "utf8")).toBe("17");
    expect(warnings()).toEqual([
      expect.stringMatching(/earlier version.+leaves where it is.+Not on GitHub, and so gone/),
    ]);
  });

  it("whose database somebody else looks into is refused with what to do, and left as it is", async () => {
    await filled();
    const other = new DatabaseSync(file);
    other.exec("pragma locking_mode = exclusive");
    other.exec("begin exclusive");
    await expect(open()).rejects.toThrow(/in use by another program.+Close that program first/);
    other.exec("rollback");
    other.close();
    const store = await open();
    expect(await store.index.incident(7, 1)).toMatchObject({ record: "record of 1" });
    // And nobody else gets in while it is open.
    const late = new DatabaseSync(file);
    expect(() => late.prepare("select 1 from sevgate_work").all()).toThrow(/locked/);
    late.close();
    await store.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
  });
});

describe("a database that is lost in the middle of an incident", () => {
  it.each([false, true])(
    "costs neither severity, acknowledgement (%p) nor timers, and repeats no reminder",
    async (acknowledged) => {
      const story = await Story.begin();
      const issue = await story.declare(["sev:P0"]);
      if (acknowledged) await story.say("alice", issue, "/ack");
      else await story.advance(16 * MINUTE_MS);
      const before = { replies: story.replies(issue), history: story.history(issue), timer: story.queue.nextTimer() };
      expect(before.replies.length > 0 || acknowledged).toBe(true);
      expect(before.timer).not.toBeNull();

      story.restart({ database: "lost" });
      story.hint({ kind: "repository", repository: story.repository });
      await story.settle();
      const { history } = before;
      expect(story.history(issue)).toEqual(history);
      expect(story.replies(issue)).toEqual(before.replies);
      expect(story.queue.nextTimer()).toBe(before.timer);
      await story.advance(5 * MINUTE_MS);
      expect(story.replies(issue)).toEqual(before.replies);
    },
  );
});
