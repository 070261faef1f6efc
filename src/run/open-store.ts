import { requireNode } from "./require-node.ts";
import type { Store, StoreOptions } from "./store.ts";

/**
 * Opens the queue, the timers and the index: in the data folder (open-embedded-store.ts), or on a PostgreSQL server
 * (open-postgres-store.ts). Only what is used is loaded.
 *
 * @throws TerminalError with a sentence for people: the folder is in use, a newer Sevgate wrote the database, access was refused
 * @throws TransientError if the PostgreSQL server does not answer
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  requireNode(process.versions);
  const { databaseUrl } = options;
  if (databaseUrl !== null) {
    const { openPostgresStore } = await import("./open-postgres-store.ts");
    return await openPostgresStore(options, databaseUrl);
  }
  const { openEmbeddedStore } = await import("./open-embedded-store.ts");
  return await openEmbeddedStore(options);
}
