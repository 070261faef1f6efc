import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Instant } from "../../src/core/model.ts";
import { systemClock } from "../../src/queue/clock.ts";
import { openStore, type Store } from "../../src/queue/open-store.ts";
import type { ThreadStore } from "../../src/queue/thread-store.ts";
import { createLogLines } from "../support/log-lines.ts";
import { MemoryThreads } from "../support/memory-store.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const REPOSITORY = 2 ** 40 + 1;
const AT = Date.UTC(2026, 0, 5) as Instant;

/** What anybody who remembers threads promises. */
function keepsThreadPromises(threads: () => ThreadStore): void {
  it("remembers what Slack should show and what was sent apart from each other", async () => {
    expect(await threads().thread(REPOSITORY, 1)).toBeNull();
    await threads().saveThreadView(REPOSITORY, 1, "view");
    expect(await threads().saveThreadSent(REPOSITORY, 1, 0, "sent", "C1")).toBe(true);
    await threads().saveThreadView(REPOSITORY, 1, "another view");
    expect(await threads().thread(REPOSITORY, 1)).toMatchObject({ view: "another view", sent: "sent", revision: 1 });
  });

  it("lets only one of two passes write down what was sent", async () => {
    expect(await threads().saveThreadSent(REPOSITORY, 2, 0, "first", "C1")).toBe(true);
    expect(await threads().saveThreadSent(REPOSITORY, 2, 0, "second", "C1")).toBe(false);
    expect(await threads().saveThreadSent(REPOSITORY, 2, 1, "third", "C1")).toBe(true);
    expect(await threads().thread(REPOSITORY, 2)).toMatchObject({ view: null, sent: "third", revision: 2 });
  });

  it("gives away so many announcements to an outsider in an hour, and to all of them, and the same one again", async () => {
    const most = { ofAuthor: 2, ofRepository: 3 };
    const reserve = (number: number, author: string, minutes: number) =>
      threads().reserveAnnouncement(REPOSITORY + 1, number, author, (AT + minutes * 60_000) as Instant, most);
    expect(await reserve(1, "mallory", 0)).toBe(true);
    expect(await reserve(2, "Mallory", 1)).toBe(true);
    expect(await reserve(3, "mallory", 2)).toBe(false);
    expect(await reserve(1, "mallory", 3)).toBe(true);
    expect(await reserve(4, "trudy", 4)).toBe(true);
    expect(await reserve(5, "oscar", 5)).toBe(false);
    // What was given away again is as old as it was.
    expect(await reserve(5, "oscar", 61)).toBe(true);
    expect(await threads().thread(REPOSITORY + 1, 3)).toBeNull();
  });

  it("takes a request once, also when it was answered and closed already", async () => {
    const request = { id: "T1:1.1:2.2", repositoryId: REPOSITORY, number: 3, body: "{}", at: AT };
    expect(await threads().addRequest(request)).toBe(true);
    expect(await threads().addRequest(request)).toBe(false);
    expect(await threads().requests(REPOSITORY, 3)).toEqual([
      expect.objectContaining({ id: request.id, answer: null, at: AT }),
    ]);
    await threads().answerRequest(request.id, "done");
    expect(await threads().request(request.id)).toMatchObject({ answer: "done" });
    await threads().closeRequest(request.id);
    expect([await threads().request(request.id), await threads().requests(REPOSITORY, 3)]).toEqual([null, []]);
    expect(await threads().addRequest(request)).toBe(false);
  });

  it("keeps the requests of incidents and of declarations apart, oldest first", async () => {
    for (const [id, number, at] of [
      ["b", null, 2],
      ["a", null, 1],
      ["c", 4, 0],
    ] as const) {
      await threads().addRequest({ id, repositoryId: REPOSITORY, number, body: "{}", at: (AT + at) as Instant });
    }
    expect((await threads().requests(REPOSITORY, null)).map(({ id }) => id)).toEqual(["a", "b"]);
    expect((await threads().requests(REPOSITORY, 4)).map(({ id }) => id)).toEqual(["c"]);
  });
}

describe("threads in memory, which stories use", () => {
  const memory = new MemoryThreads();
  keepsThreadPromises(() => memory);
});

describe.each(["embedded", "postgresql"] as const)("threads, %s", (engine) => {
  let store: Store;
  let database: TestDatabase | null = null;
  const dataDir = mkdtempSync(join(tmpdir(), "sevgate-threads-"));
  beforeAll(async () => {
    database = engine === "postgresql" ? await createTestDatabase() : null;
    const { log } = createLogLines();
    store = await openStore({ databaseUrl: database?.url ?? null, dataDir, log, clock: systemClock });
  }, 60_000);
  afterAll(async () => {
    await store.close();
    await database?.drop();
    rmSync(dataDir, { recursive: true, force: true });
  }, 60_000);

  keepsThreadPromises(() => store.threads);

  it("are kept when their incident is forgotten: they have to be told that it is gone", async () => {
    await store.index.saveRepository({ installationId: 1, id: 78, owner: "acme", name: "web" }, {});
    await store.index.saveIncident(78, 5, { open: true });
    await store.threads.saveThreadView(78, 5, "view");
    await store.index.forgetIncident(78, 5);
    expect(await store.threads.thread(78, 5)).toMatchObject({ view: "view" });
    await store.index.forgetRepository(78);
    expect(await store.threads.thread(78, 5)).toBeNull();
  });

  it("are listed while their incident is open, and forgotten with their repository", async () => {
    const repository = { installationId: 1, id: 77, owner: "acme", name: "shop" };
    await store.index.saveRepository(repository, {});
    for (const number of [2, 1, 3]) {
      await store.index.saveIncident(77, number, { open: number !== 3 });
      await store.threads.saveThreadView(77, number, `view ${number}`);
    }
    expect((await store.threads.openThreads(77)).map(({ view }) => view)).toEqual(["view 1", "view 2"]);
    for (const number of [1, 2, 3])
      await store.threads.saveThreadSent(77, number, 0, "sent", number === 1 ? "C77" : "C78");
    expect(await store.threads.openThreadsIn("C77", 10)).toEqual([
      { repositoryId: 77, view: "view 1", sent: "sent", revision: 1 },
    ]);
    expect((await store.threads.openThreadsIn("C78", 10)).map(({ view }) => view)).toEqual(["view 2"]);
    expect(await store.threads.openThreadsIn("C78", 0)).toEqual([]);
    // What somebody without rights declared does not crowd out what the team did.
    await store.index.saveIncident(77, 9, { open: true });
    await store.threads.saveThreadView(77, 9, "view 9");
    await store.threads.saveThreadSent(77, 9, 0, "sent", "C78");
    await store.threads.reserveAnnouncement(77, 2, "mallory", 1_000 as Instant, { ofAuthor: 3, ofRepository: 10 });
    expect((await store.threads.openThreadsIn("C78", 1)).map(({ view }) => view)).toEqual(["view 9"]);
    await store.index.forgetRepository(77);
    expect(await store.threads.thread(77, 1)).toBeNull();
  });
});
