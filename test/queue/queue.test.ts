import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, jest } from "@jest/globals";
import { systemClock } from "../../src/base/clock.ts";
import { createMemoryQueue, MemoryQueueRows } from "../../src/queue/memory-queue.ts";
import { openStore } from "../../src/run/open-store.ts";
import { createTestDatabase } from "../../testkit/postgres.ts";
import { keepsQueuePromises, type OpenQueue } from "../contract/queue.contract.ts";

// Creating a database on PostgreSQL takes seconds on a busy machine.
jest.setTimeout(60_000);

const endings: (() => Promise<unknown> | void)[] = [];
afterAll(async () => {
  for (const end of endings.reverse()) await end();
});

async function prepare(kind: "memory" | "embedded" | "postgresql"): Promise<OpenQueue> {
  if (kind === "memory") {
    const kept = new MemoryQueueRows();
    return async (parts) => {
      const queue = createMemoryQueue({ ...parts, clock: systemClock, kept });
      return { queue, onPass: (listener) => queue.onPass(listener), close: () => queue.stop(0) };
    };
  }
  const dataDir = mkdtempSync(join(tmpdir(), "sevgate-queue-"));
  endings.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const database = kind === "postgresql" ? await createTestDatabase() : null;
  if (database !== null) endings.push(() => database.drop());
  return async (parts) =>
    await openStore({ ...parts, databaseUrl: database?.url ?? null, dataDir, clock: systemClock });
}

describe.each(["memory", "embedded", "postgresql"] as const)("The queue, %s:", (kind) => {
  let open: OpenQueue;
  beforeAll(async () => {
    open = await prepare(kind);
  });
  keepsQueuePromises(() => open);
});
