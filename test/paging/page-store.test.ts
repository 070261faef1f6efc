import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import type { SentPage } from "../../src/core/escalation/page-outbox.ts";
import type { Instant } from "../../src/core/model.ts";
import type { PageStore } from "../../src/paging/page-store.ts";
import { createSqlPageStore } from "../../src/paging/sql-page-store.ts";
import { openPglite } from "../../src/queue/open-pglite.ts";
import { openPostgres } from "../../src/queue/open-postgres.ts";
import { migrateSchema } from "../../src/queue/schema.ts";
import { MemoryPages } from "../support/memory-pages.ts";
import { createTestDatabase } from "../support/postgres.ts";

// Making an embedded database takes seconds.
jest.setTimeout(60_000);

const endings: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const end of endings.reverse()) await end();
});

async function open(kind: "memory" | "embedded" | "postgresql"): Promise<PageStore> {
  if (kind === "memory") return new MemoryPages();
  if (kind === "embedded") {
    const folder = mkdtempSync(join(tmpdir(), "sevgate-pages-"));
    endings.push(async () => rmSync(folder, { recursive: true, force: true }));
    const { sql } = await openPglite(folder);
    endings.push(() => sql.close());
    await migrateSchema(sql);
    return createSqlPageStore(sql);
  }
  const database = await createTestDatabase();
  endings.push(() => database.drop());
  const { sql } = await openPostgres(database.url, { onBroken: () => {} });
  endings.push(() => sql.close());
  await migrateSchema(sql);
  return createSqlPageStore(sql);
}

const SENT: SentPage = {
  page: "1767603600000-0",
  channel: "pagerduty",
  state: "failing",
  since: 1_767_603_600_000 as Instant,
  triedAt: 1_767_603_600_000 as Instant,
  externalId: null,
  why: "HTTP 500",
};

describe.each(["memory", "embedded", "postgresql"] as const)("what was sent, kept in %s,", (kind) => {
  let pages: PageStore;
  beforeAll(async () => {
    pages = await open(kind);
  });

  it("is known by incident, oldest first, one line for each page and channel", async () => {
    const later = { ...SENT, channel: "better-stack", since: (SENT.since + 1) as Instant } as const;
    await pages.saveSentPage(2 ** 40, 7, later);
    await pages.saveSentPage(2 ** 40, 7, SENT);
    await pages.saveSentPage(2 ** 40, 8, SENT);
    const sent = { ...SENT, state: "sent", why: "", externalId: "42", triedAt: (SENT.since + 9) as Instant } as const;
    await pages.saveSentPage(2 ** 40, 7, sent);
    expect(await pages.sentPages(2 ** 40, 7)).toEqual([sent, later]);
    expect(await pages.sentPages(2 ** 40, 9)).toEqual([]);
  });
});
