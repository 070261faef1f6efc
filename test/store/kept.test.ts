import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, jest } from "@jest/globals";
import { systemClock } from "../../src/base/clock.ts";
import { openStore } from "../../src/run/open-store.ts";
import { MemoryStore } from "../../src/store/memory-store.ts";
import { createSqlAlertStore } from "../../src/store/sql-alert-store.ts";
import { createSqlPageStore } from "../../src/store/sql-page-store.ts";
import { createTestDatabase } from "../../testkit/postgres.ts";
import { type KeptParts, keepsStorePromises } from "../contract/store.contract.ts";
import { createLogLines } from "../support/log-lines.ts";

// Creating a database on PostgreSQL takes seconds on a busy machine.
jest.setTimeout(60_000);

const endings: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const end of endings.reverse()) await end();
});

async function open(kind: "memory" | "embedded" | "postgresql"): Promise<KeptParts> {
  if (kind === "memory") return new MemoryStore();
  const dataDir = mkdtempSync(join(tmpdir(), "sevgate-kept-"));
  endings.push(async () => rmSync(dataDir, { recursive: true, force: true }));
  const database = kind === "postgresql" ? await createTestDatabase() : null;
  if (database !== null) endings.push(() => database.drop());
  const { log } = createLogLines();
  const store = await openStore({ databaseUrl: database?.url ?? null, dataDir, log, clock: systemClock });
  endings.push(() => store.close());
  return { ...store, alerts: createSqlAlertStore(store.sql), pages: createSqlPageStore(store.sql) };
}

describe.each(["memory", "embedded", "postgresql"] as const)("What is kept between passes, %s:", (kind) => {
  let store: KeptParts;
  beforeAll(async () => {
    store = await open(kind);
  });
  keepsStorePromises(() => store);
});
