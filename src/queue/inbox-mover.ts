import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import type { Inbox } from "./inbox.ts";

/** Moves what arrives from the inbox into the queue. */
export interface InboxMover {
  /** Something has arrived. */
  wake(): void;
  /** Stops moving; whatever is left waits for the next start. */
  stop(): Promise<void>;
}

/** The next move waits this many times as long as the last one took, so that many arrivals share one under load. */
const REST_FACTOR = 20;
const MAX_REST_MS = 1_000;
/** How often to look for what a dead process has left behind. */
const LOOK_AROUND_MS = 5_000;

/** Moves what the last process left behind, and from then on whatever arrives. */
export function startInboxMover(inbox: Inbox, log: Logger): InboxMover {
  let wanted = false;
  let stopped = false;
  let moving: Promise<void> | null = null;

  async function move(): Promise<void> {
    while (wanted && !stopped) {
      wanted = false;
      const startedAt = performance.now();
      try {
        if (await inbox.moveSome()) wanted = true;
      } catch (error) {
        log.warn({ err: error }, "deliveries wait in the inbox until the database answers again");
      }
      const restMs = Math.min(MAX_REST_MS, REST_FACTOR * (performance.now() - startedAt));
      await pause(restMs, undefined, { ref: false });
    }
    moving = null;
  }

  function wake(): void {
    wanted = true;
    moving ??= move();
  }

  const lookAround = setInterval(wake, LOOK_AROUND_MS);
  lookAround.unref();
  wake();
  return {
    wake,
    async stop() {
      stopped = true;
      clearInterval(lookAround);
      await moving;
    },
  };
}
