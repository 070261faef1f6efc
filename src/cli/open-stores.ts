import { systemClock } from "../base/clock.ts";
import { TerminalError, TransientError } from "../base/errors.ts";
import type { Explanation } from "../core/plan/explanation.ts";
import type { Settings } from "../run/settings.ts";
import type { AlertStore } from "../store/alert-store.ts";
import type { IndexStore } from "../store/index-store.ts";
import { lookIntoStore } from "../store/look-into-store.ts";
import type { PageStore } from "../store/page-store.ts";
import { NEWEST_VERSION, schemaVersion } from "../store/schema.ts";
import type { Query } from "../store/sql.ts";
import { createSqlAlertStore } from "../store/sql-alert-store.ts";
import { createSqlIndexStore } from "../store/sql-index-store.ts";
import { createSqlPageStore } from "../store/sql-page-store.ts";
import { createSqlThreadStore } from "../store/sql-thread-store.ts";
import { NEWEST_SQLITE_VERSION, sqliteVersion } from "../store/sqlite-schema.ts";
import type { ThreadStore } from "../store/thread-store.ts";
import type { WatchedChat } from "../systems/chat.ts";
import { createSlack } from "../systems/slack/create-slack.ts";
import { createSlackChat } from "../systems/slack/slack-chat.ts";

/** What the server keeps beside GitHub, for looking only. */
export interface Stores {
  readonly index: IndexStore;
  readonly alerts: AlertStore;
  readonly pages: PageStore;
  /** `null`: none is set up. */
  readonly chat: WatchedChat | null;
}

/**
 * Opens the server's stores for as long as `look` takes, and changes nothing in them. If they cannot be read, `look` gets
 * `null`, and why not. Throws as `look` does.
 */
export async function withStores<Found>(
  settings: Settings,
  look: (stores: Stores | null, store: Explanation["store"]) => Promise<Found>,
): Promise<Found> {
  // What `look` throws does not come from the store.
  type Looked = { readonly found: Found } | { readonly thrown: unknown } | "other-version";
  const opened = await lookIntoStore(settings, async (sql, engine): Promise<Looked> => {
    if (!(await isOurVersion(sql.query, engine))) return "other-version";
    const stores: Stores = {
      index: createSqlIndexStore(sql),
      alerts: createSqlAlertStore(sql),
      pages: createSqlPageStore(sql),
      chat: watchedChat(settings, createSqlThreadStore(sql)),
    };
    return await look(stores, "read").then(
      (found) => ({ found }),
      (thrown: unknown) => ({ thrown }),
    );
  }).catch((error: unknown) => {
    if (error instanceof TransientError || error instanceof TerminalError) return "no-answer" as const;
    throw error;
  });
  if (typeof opened === "string") return await look(null, opened);
  if ("thrown" in opened) throw opened.thrown;
  return opened.found;
}

async function isOurVersion(query: Query, engine: "embedded" | "postgresql"): Promise<boolean> {
  return engine === "embedded"
    ? (await sqliteVersion(query)) === NEWEST_SQLITE_VERSION
    : (await schemaVersion(query)) === NEWEST_VERSION;
}

function watchedChat({ slack }: Settings, threads: ThreadStore): WatchedChat | null {
  return slack === null ? null : { chat: createSlackChat(createSlack({ ...slack, clock: systemClock })), threads };
}
