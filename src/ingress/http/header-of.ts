import type { IncomingMessage } from "node:http";

/** `undefined` when the header is missing; a header sent twice arrives joined and matches no pattern. */
export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}
