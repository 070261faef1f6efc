import { isUtf8 } from "node:buffer";

/** An answer that ends a request. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const RETRY_AFTER_S = "60";

/** A sentence for people, as JSON. */
export function json(status: number, message: string): Answer {
  return { status, body: JSON.stringify({ ok: status < 400, message }) };
}

/** Try again later: the sender should keep what it sent. */
export function unavailable(message: string): Answer {
  return { ...json(503, message), headers: { "retry-after": RETRY_AFTER_S } };
}

/** `undefined` when the bytes are not UTF-8 or not JSON. */
export function parseJson(body: Buffer): unknown {
  if (!isUtf8(body)) return undefined;
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
