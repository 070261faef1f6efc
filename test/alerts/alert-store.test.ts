import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import type { AlertStore } from "../../src/alerts/alert-store.ts";
import { createSqlAlertStore } from "../../src/alerts/sql-alert-store.ts";
import type { AlertChange } from "../../src/core/alerts/alert-change.ts";
import { type AlertState, mergeChange } from "../../src/core/alerts/alert-state.ts";
import type { Instant } from "../../src/core/model.ts";
import { openPglite } from "../../src/queue/open-pglite.ts";
import { openPostgres } from "../../src/queue/open-postgres.ts";
import { migrateSchema } from "../../src/queue/schema.ts";
import { MemoryAlerts } from "../support/memory-alerts.ts";
import { createTestDatabase } from "../support/postgres.ts";

// Making an embedded database takes seconds.
jest.setTimeout(60_000);

const NOW = Date.UTC(2026, 0, 5, 9) as Instant;
const HOUR = 3_600_000;
/** No installation id of GitHub's fits into 32 bits for ever. */
const HOME = 2 ** 40 + 1;

const endings: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const end of endings.reverse()) await end();
});

async function open(kind: "memory" | "embedded" | "postgresql"): Promise<AlertStore> {
  if (kind === "memory") return new MemoryAlerts();
  if (kind === "embedded") {
    const folder = mkdtempSync(join(tmpdir(), "sevgate-alerts-"));
    endings.push(async () => rmSync(folder, { recursive: true, force: true }));
    const { sql } = await openPglite(folder);
    endings.push(() => sql.close());
    await migrateSchema(sql);
    return createSqlAlertStore(sql);
  }
  const database = await createTestDatabase();
  endings.push(() => database.drop());
  const { sql } = await openPostgres(database.url, { onBroken: () => {} });
  endings.push(() => sql.close());
  await migrateSchema(sql);
  return createSqlAlertStore(sql);
}

const CHANGE: AlertChange = {
  change: "fired",
  key: "k",
  externalId: null,
  at: NOW,
  order: "time",
  title: 'Checkout \u0000 é "',
  summary: "",
  severity: null,
  url: null,
  actor: null,
  labels: { severity: "critical" },
};

function told(change: AlertChange["change"], at = NOW): (known: AlertState | null) => AlertState {
  const one: AlertChange = { ...CHANGE, change, at };
  return (known) => mergeChange(known, { source: "better-stack", endpoint: "prod" }, one, (at + 1) as Instant);
}

describe.each(["memory", "embedded", "postgresql"] as const)("the store of alerts, %s", (kind) => {
  let store: AlertStore;
  beforeAll(async () => {
    store = await open(kind);
  });

  it("keeps what was reported as it was, and what was noted about it beside it", async () => {
    const { before, after } = await store.report(HOME, "a", NOW, told("fired"));
    expect(before).toBeNull();
    await store.save(HOME, "a", { issue: 7, handledAt: NOW, told: { state: "acknowledged", firedAt: NOW } });
    await store.report(HOME, "a", NOW, told("acknowledged"));
    expect(await store.alert(HOME, "a")).toEqual({
      repositoryId: HOME,
      id: "a",
      state: { ...after, status: "acknowledged", acknowledgedAt: NOW },
      issue: 7,
      earlierIssue: null,
      handledAt: NOW,
      openingAt: null,
      folded: null,
      told: { state: "acknowledged", firedAt: NOW },
      trouble: null,
    });
    expect(await store.alert(HOME + 1, "a")).toBeNull();
  });

  it("loses none of many reports that come at once", async () => {
    const starts = Array.from({ length: 20 }, (_, index) => (NOW + index * 2_000) as Instant);
    await Promise.all(
      starts.map((start) =>
        store.report(HOME, "busy", NOW, (known) => {
          const fired = told("fired", start)(known);
          return { ...fired, summary: `${fired.summary}${known === null ? "" : known.summary}x`.slice(0, 100) };
        }),
      ),
    );
    expect((await store.alert(HOME, "busy"))?.state.summary).toBe("x".repeat(20));
  });

  it("gives away so many openings in an hour and no more, also when all are asked for at once", async () => {
    const home = HOME + 2;
    const ids = Array.from({ length: 12 }, (_, index) => `o${index}`);
    for (const id of ids) await store.report(home, id, NOW, told("fired"));
    const given = await Promise.all(ids.map((id) => store.reserveOpening(home, id, NOW, 5)));
    expect(given.filter(Boolean)).toHaveLength(5);
    // Whoever has one keeps it.
    expect(await store.reserveOpening(home, ids[given.indexOf(true)]!, NOW, 5)).toBe(true);
    expect(await store.reserveOpening(home, ids[given.indexOf(false)]!, (NOW + HOUR) as Instant, 5)).toBe(true);
  });

  it("tells the alerts of an incident, those that fire first, and how many there are", async () => {
    const home = HOME + 3;
    for (let index = 0; index < 25; index += 1) {
      await store.report(home, `c${index}`, (NOW + index) as Instant, told(index % 2 === 0 ? "resolved" : "fired"));
      await store.save(home, `c${index}`, { issue: 9 });
    }
    const { listed, named, ...counts } = await store.ofIncident(home, 9);
    expect(named).toHaveLength(5);
    expect(counts).toEqual({ firing: 12, acknowledged: 0, resolved: 13 });
    expect(listed).toHaveLength(20);
    expect(listed.slice(0, 12).map(({ id }) => id)).toEqual(
      Array.from({ length: 12 }, (_, index) => `c${23 - 2 * index}`),
    );
    expect(await store.ofIncident(home, 10)).toEqual({
      listed: [],
      named: [],
      firing: 0,
      acknowledged: 0,
      resolved: 0,
    });
  });

  it("gives what a storm folded to its issue, once", async () => {
    const home = HOME + 4;
    for (const [id, folded] of [
      ["p", "P1"],
      ["q", "P0"],
      ["r", "P1"],
    ] as const) {
      await store.report(home, id, NOW, told("fired"));
      await store.save(home, id, { folded });
    }
    expect(await store.folded(home, "P1")).toBe(2);
    await store.giveFolded(home, "P1", 11);
    expect(await store.folded(home, "P1")).toBe(0);
    expect(await store.folded(home, "P0")).toBe(1);
    expect((await store.ofIncident(home, 11)).firing).toBe(2);
  });

  it("tells which alerts of an endpoint have a member that burns", async () => {
    const home = HOME + 6;
    const group =
      (ids: readonly string[], over: readonly string[] = []) =>
      (known: AlertState | null) => {
        const one = (id: string, status: "firing" | "resolved") => ({
          id,
          status,
          name: id,
          severity: null,
          startedAt: NOW,
          endedAt: status === "firing" ? null : ((NOW + 1) as Instant),
        });
        const members = [...ids.map((id) => one(id, "firing")), ...over.map((id) => one(id, "resolved"))];
        const change: AlertChange = {
          ...CHANGE,
          change: "fired",
          group: { id: "g", members, isWhole: true, truncated: 0 },
        };
        return mergeChange(known, { source: "alertmanager", endpoint: "m" }, change, (NOW + 2) as Instant);
      };
    await store.report(home, "x", NOW, group(["a", "b"]));
    await store.report(home, "y", NOW, group(["b", "c'\u00e9"]));
    const ask = (...members: readonly string[]) => store.holding(home, "alertmanager", "m", members);
    expect(await ask("b", "c'\u00e9", "z")).toEqual([
      { id: "x", members: ["b"] },
      { id: "y", members: ["b", "c'\u00e9"] },
    ]);
    await store.report(home, "x", NOW, group(["a"], ["b"]));
    expect(await ask("b")).toEqual([{ id: "y", members: ["b"] }]);
    expect([await ask(), await store.holding(home, "grafana", "m", ["b"])]).toEqual([[], []]);
  });

  it("forgets what is long over, and nothing that fires", async () => {
    const home = HOME + 5;
    await store.report(home, "over", NOW, told("resolved"));
    await store.report(home, "burning", NOW, told("fired"));
    await store.report(home, "lately", (NOW + HOUR) as Instant, told("resolved"));
    await store.forgetQuiet((NOW + 1) as Instant);
    const left = await Promise.all(["over", "burning", "lately"].map((id) => store.alert(home, id)));
    expect(left.map((one) => one?.id ?? null)).toEqual([null, "burning", "lately"]);
  });
});
