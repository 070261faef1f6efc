import { describe, expect, it } from "@jest/globals";
import { keyId } from "../../../src/core/key.ts";
import type { Instant, Repository } from "../../../src/core/model.ts";
import { AccountChanges } from "../../../src/ingress/sweep/account-changes.ts";
import { ToldChanges } from "../../../src/ingress/sweep/told-changes.ts";
import { MemoryIndex } from "../../../src/store/memory-index.ts";
import type { ChangedEntries, ChangedEntry } from "../../../src/systems/github/ports.ts";
import { VirtualClock } from "../../../testkit/virtual-clock.ts";

const MINUTE_MS = 60_000;
const SHOP: Repository = { installationId: 9, id: 7, owner: "acme", name: "shop" };

async function setUp() {
  const clock = new VirtualClock();
  const index = new MemoryIndex();
  await index.saveRepository(SHOP, { severityLabels: ["sev:P0"], postMortemLabel: "post-mortem" });
  const asked: { readonly since: Instant; readonly openWith: readonly string[] | null }[] = [];
  const state: { changed: ChangedEntries | "unsupported"; open: ChangedEntries } = {
    changed: { entries: [], continueFrom: null },
    open: { entries: [], continueFrom: null },
  };
  const told = new ToldChanges(clock);
  const start = () =>
    new AccountChanges(
      {
        app: {
          changedSince: async (_id, _account, since, openWith) => {
            asked.push({ since, openWith });
            return openWith === null ? state.changed : state.open;
          },
        },
        index,
        clock,
        told,
      },
      9,
      "acme",
    );
  const find = (name: string) => (name.toLowerCase() === "acme/shop" ? SHOP : undefined);
  const entry = (number: number, more: Partial<ChangedEntry> = {}): ChangedEntry => ({
    repository: "acme/shop",
    number,
    isPullRequest: false,
    labels: ["sev:P0"],
    updatedAt: (clock.now() + number) as Instant,
    ...more,
  });
  const changed = (entries: readonly ChangedEntry[], continueFrom: Instant | null = null) => {
    state.changed = { entries, continueFrom };
  };
  return { clock, index, asked, state, start, find, entry, changed, told };
}

describe("The question for all changes of an account", () => {
  it("goes back ten minutes, the first time a day, and asks in an empty index for what is open, too", async () => {
    const { clock, asked, start, find, index } = await setUp();
    const changes = start();
    const first = clock.now();
    for (let count = 0; count < 2; count += 1) {
      expect(await changes.ask()).toBe(true);
      await changes.done((await changes.take(find, 100)).keys);
      clock.advance(5 * MINUTE_MS);
    }
    expect(asked.map(({ since }) => since - first)).toEqual([-24 * 60 * MINUTE_MS, -first, -10 * MINUTE_MS]);
    expect(asked.map(({ openWith }) => openWith?.includes("incident:declared") ?? null)).toEqual([null, true, null]);
    expect(await index.changesReadUntil(9)).toBe(first - 5 * MINUTE_MS);
  });

  it("is the same again while nothing of it is in the queue", async () => {
    const { asked, start, find, entry, changed, clock } = await setUp();
    const start1 = start();
    changed([entry(1), entry(2)]);
    await start1.ask();
    await start1.take(find, 1);
    clock.advance(30 * MINUTE_MS);
    await start().ask();
    expect(asked[2]?.since).toBe((asked[0]?.since ?? 0) + 30 * MINUTE_MS);
  });

  it("begins, after a restart, at the oldest change that has not been taken", async () => {
    const { asked, start, find, entry, changed, clock } = await setUp();
    const changes = start();
    const elsewhere = entry(9, { repository: "acme/new" });
    changed([entry(1), entry(2), entry(3), elsewhere]);
    await changes.ask();
    clock.advance(30 * MINUTE_MS);
    changed([]);
    await changes.ask();
    const { keys, cost } = await changes.take(find, 1);
    expect([keys.map(keyId), cost]).toEqual([["incident:7#1"], 6]);
    await changes.done(keys);
    asked.length = 0;
    await start().ask();
    expect(asked[0]?.since).toBe(entry(2).updatedAt - 30 * MINUTE_MS);

    await changes.done((await changes.take(find, 100)).keys);
    asked.length = 0;
    await start().ask();
    expect(asked[0]?.since).toBe(elsewhere.updatedAt);
    expect(changes.unknown(find)).toEqual(["acme/new"]);
    changes.leaveOut(["acme/new"]);
    await changes.done([]);
    asked.length = 0;
    await start().ask();
    expect(asked[0]?.since).toBe(clock.now() - 10 * MINUTE_MS);
  });

  it("takes a change once, however often the overlap shows it, and again when it changed again", async () => {
    const { start, find, entry, changed } = await setUp();
    const changes = start();
    const take = async () => {
      await changes.ask();
      const { keys } = await changes.take(find, 100);
      await changes.done(keys);
      return keys.map(keyId);
    };
    changed([entry(1)]);
    expect([await take(), await take()]).toEqual([["incident:7#1"], []]);
    changed([entry(1, { updatedAt: entry(2).updatedAt })]);
    expect(await take()).toEqual(["incident:7#1"]);
  });

  it("keeps what the queue did not take", async () => {
    const { start, find, entry, changed } = await setUp();
    const changes = start();
    changed([entry(1)]);
    await changes.ask();
    expect((await changes.take(find, 100)).keys).toHaveLength(1);
    expect((await changes.take(find, 100)).keys).toHaveLength(1);
  });

  it("leaves out what a delivery has told already, and nothing that happened in the same second or later", async () => {
    const { start, find, entry, changed, told, clock } = await setUp();
    const payload = (number: number) => ({
      repository: { id: 7 },
      issue: { number, updated_at: new Date(entry(number).updatedAt).toISOString() },
    });
    const [first, second, third, ordinary] = [1, 2, 3, 4].map((number) => ({
      entry: entry(number),
      payload: payload(number),
    }));
    if (first === undefined || second === undefined || third === undefined || ordinary === undefined) throw new Error();
    told.note(third.payload, new Map([["incident:7#3", null]]));
    clock.advance(3_000);
    told.note(first.payload, new Map([["incident:7#1", null]]));
    told.note(second.payload, new Map([["incident:7#2", null]]));
    told.note(ordinary.payload, new Map());
    for (const strange of [null, 5, {}, { repository: 1, issue: { number: "x", updated_at: 5 } }]) {
      told.note(strange, new Map());
    }
    changed([
      first.entry,
      { ...second.entry, updatedAt: (second.entry.updatedAt + 1) as Instant },
      third.entry,
      ordinary.entry,
    ]);
    const changes = start();
    await changes.ask();
    expect((await changes.take(find, 100)).keys.map(keyId)).toEqual(["incident:7#2", "incident:7#3", "incident:7#4"]);
  });

  it("says so where GitHub cannot tell, and forgets nothing of what it knew", async () => {
    const { start, state, index } = await setUp();
    state.changed = "unsupported";
    expect(await start().ask()).toBe(false);
    expect(await index.changesReadUntil(9)).toBeNull();
  });

  it("puts incidents before everything else, and leaves out what matters to none", async () => {
    const { start, find, entry, changed, index } = await setUp();
    await index.saveIncident(7, 5, {});
    await index.saveIncident(7, 6, {});
    await index.addLink(7, 6, "post-mortem", "acme/shop", 4);
    changed([
      entry(1, { isPullRequest: true, labels: [] }),
      entry(2, { labels: [] }),
      entry(3, { labels: ["Post-Mortem"] }),
      entry(4, { labels: [] }),
      entry(5, { labels: [] }),
      entry(8, { labels: ["incident:resolved"] }),
    ]);
    const changes = start();
    await changes.ask();
    expect((await changes.take(find, 100)).keys.map(keyId)).toEqual([
      "incident:7#6",
      "incident:7#5",
      "incident:7#8",
      "repository:7",
      "pull-request:7#1",
    ]);
  });

  it("looks at the whole repository while its labels are not known", async () => {
    const { start, find, entry, changed, index } = await setUp();
    await index.saveRepository(SHOP, { severityLabels: null });
    changed([entry(2, { labels: [] })]);
    const changes = start();
    await changes.ask();
    expect((await changes.take(find, 100)).keys.map(keyId)).toEqual(["repository:7"]);
  });
});
