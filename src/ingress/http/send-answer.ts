import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answer } from "../../base/answer.ts";

/** How long a client may go on sending what is thrown away, so that it sees the answer before the connection closes. */
const LINGER_MS = 1_000;

/** Ends the request. A body that was not read to its end is drained for a moment; then the connection closes. */
export function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer, close: boolean): void {
  if (response.destroyed || response.headersSent) return;
  const unread = !request.complete;
  response.writeHead(answer.status, {
    // Known beforehand, so that head and body leave in one piece. A 304 has none (RFC 9110, section 8.6).
    ...(answer.status === 304 ? {} : { "content-length": Buffer.byteLength(answer.body) }),
    "content-type": answer.contentType ?? "application/json; charset=utf-8",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    ...answer.headers,
    ...(unread || close ? { connection: "close" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : answer.body);
  if (!unread) return;
  const { socket } = request;
  request.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
}
