import { randomBytes } from "node:crypto";
import type pg from "pg";
import { withDeadline } from "../base/with-deadline.ts";

/** What has to be closed for listening to end. */
export interface Listening {
  readonly close: () => Promise<void>;
}

export interface ListenParts {
  /** A new client, not connected yet. */
  connect(): pg.Client;
  /** Notifies the channel from another connection. */
  notify(payload: string): Promise<unknown>;
  readonly channel: string;
  onNotification(payload: string): void;
  /** Called whenever listening has begun again: notifications in between were missed. */
  onReconnect(): void;
  /** Called when listening has ended, and each time it cannot be resumed. */
  onLost(error: unknown): void;
}

/** Payloads that only test whether they arrive; nobody else sends any like them. */
const PROBE = "sevgate-probe:";
const PROBE_LIMIT_MS = 2_000;
const PROBE_EVERY_MS = 30_000;
const CLOSE_LIMIT_MS = 1_000;
const RETRY_AFTER_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000] as const;

/**
 * Listens on a channel of a PostgreSQL server, over a connection of its own, and begins again when that breaks.
 *
 * Whether notifications arrive is tested, at the beginning and every 30 s: through a pooler in transaction mode, `LISTEN`
 * is accepted and nothing ever arrives.
 *
 * @throws Error if they do not arrive at the beginning: the caller then has to look for itself
 */
export async function listenOnPostgres(parts: ListenParts): Promise<Listening> {
  const { channel, notify, onNotification, onReconnect, onLost } = parts;
  let closed = false;
  let failures = 0;
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;

  async function begin(): Promise<void> {
    const next = parts.connect();
    client = next;
    // Even once it is given up, to its very end: an `error` event without a listener ends the process.
    next.on("error", (error) => lose(next, error));
    next.on("end", () => lose(next, new Error("the connection that listens has ended")));
    next.on("notification", ({ payload = "" }) => {
      if (!payload.startsWith(PROBE)) onNotification(payload);
    });
    await next.connect();
    const name = next.escapeIdentifier(channel);
    await next.query(`listen ${name}`);
    await probe(next).catch(async (error: unknown) => {
      // Behind a pooler the session goes on without us, and should be left as it was.
      await withDeadline(CLOSE_LIMIT_MS, "ending to listen", next.query(`unlisten ${name}`)).catch(() => {});
      throw error;
    });
    failures = 0;
    onReconnect();
    probeLater(next);
  }

  async function probe(listening: pg.Client): Promise<void> {
    const payload = `${PROBE}${randomBytes(9).toString("base64url")}`;
    let onArrived = (_: pg.Notification): void => {};
    const arrived = new Promise<void>((done) => {
      onArrived = (notification) => {
        if (notification.payload === payload) done();
      };
      listening.on("notification", onArrived);
    });
    try {
      await withDeadline(PROBE_LIMIT_MS, "hearing a notification", Promise.all([arrived, notify(payload)]));
    } finally {
      listening.off("notification", onArrived);
    }
  }

  function probeLater(listening: pg.Client): void {
    if (closed || client !== listening) return;
    timer = setTimeout(() => {
      probe(listening).then(
        () => probeLater(listening),
        (error: unknown) => lose(listening, error),
      );
    }, PROBE_EVERY_MS);
    timer.unref();
  }

  /** Gives up a client that no longer listens, and begins again after a while. */
  function lose(listening: pg.Client, error: unknown): void {
    if (closed || client !== listening) return;
    void abandon();
    onLost(error);
    const inMs = RETRY_AFTER_MS[Math.min(failures, RETRY_AFTER_MS.length - 1)];
    failures += 1;
    timer = setTimeout(() => {
      begin().catch((reason: unknown) => {
        if (client !== null) lose(client, reason);
      });
    }, inMs);
    timer.unref();
  }

  async function abandon(): Promise<void> {
    clearTimeout(timer);
    const last = client;
    client = null;
    if (last !== null) await withDeadline(CLOSE_LIMIT_MS, "ending a connection", last.end()).catch(() => {});
  }

  try {
    await begin();
  } catch (error) {
    // Not tried again: it may be because of how the server is reached.
    closed = true;
    await abandon();
    throw error;
  }
  return {
    async close() {
      closed = true;
      await abandon();
    },
  };
}
