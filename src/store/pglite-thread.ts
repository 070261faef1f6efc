import { parentPort, workerData } from "node:worker_threads";
import { PGlite, protocol } from "@electric-sql/pglite";
import type { PgliteAnswer, PgliteRequest } from "./pglite-request.ts";

/**
 * The thread in which the embedded PostgreSQL runs (open-pglite.ts): its statements are computed, not waited for, and would
 * hold up everything else in the thread that answers webhooks.
 *
 * One request at a time; `workerData` is the folder.
 */

/** Keeps an idle process about 100 MB smaller than PGlite's own setting does; Sevgate's tables are small. */
const SMALL_BUFFERS = ["-c", "shared_buffers=16MB"];

if (parentPort === null) throw new Error("pglite-thread.ts runs as a worker thread only");
const port = parentPort;

function answer(message: PgliteAnswer): void {
  port.postMessage(message);
}

/** An error as plain data: a structured clone would lose the SQLSTATE. The values of the statement stay here. */
function failure(error: unknown): PgliteAnswer {
  const { message, code } = error as { readonly message?: unknown; readonly code?: unknown };
  return {
    kind: "failed",
    message: typeof message === "string" ? message : String(error),
    code: typeof code === "string" ? code : null,
  };
}

const parsed = new Map<string, string>();

/** One message to the database instead of the five that a query takes: a third of the time. */
async function write(engine: PGlite, text: string, values: readonly string[]): Promise<void> {
  const { serialize } = protocol;
  let statement = parsed.get(text);
  if (statement === undefined) {
    statement = `sevgate_${parsed.size}`;
    await engine.execProtocol(Buffer.concat([serialize.parse({ name: statement, text }), serialize.sync()]));
    parsed.set(text, statement);
  }
  const bound = serialize.bind({ statement, values: [...values] });
  await engine.execProtocol(Buffer.concat([bound, serialize.execute({}), serialize.sync()]));
}

async function carryOut(engine: PGlite, request: PgliteRequest): Promise<void> {
  switch (request.kind) {
    case "query": {
      const { rows } = await engine.query(request.text, [...request.values]);
      answer({ kind: "rows", rows: [rows] });
      return;
    }
    case "write":
      await write(engine, request.text, request.values);
      answer({ kind: "rows", rows: [] });
      return;
    case "exec": {
      const results = await engine.exec(request.text);
      answer({ kind: "rows", rows: results.map((result) => result.rows) });
      return;
    }
    case "listen":
      await engine.listen(request.channel, (payload) =>
        answer({ kind: "notified", channel: request.channel, payload }),
      );
      answer({ kind: "rows", rows: [] });
      return;
    case "close":
      await engine.close();
      answer({ kind: "rows", rows: [] });
      port.close();
  }
}

try {
  const engine = await PGlite.create({
    dataDir: String(workerData),
    startParams: [...PGlite.defaultStartParams, ...SMALL_BUFFERS],
  });
  port.on("message", (request: PgliteRequest) => {
    carryOut(engine, request).catch((error: unknown) => answer(failure(error)));
  });
  answer({ kind: "rows", rows: [] });
} catch (error) {
  answer(failure(error));
  port.close();
}
