import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Instant } from "../../core/model.ts";
import type { AlertEndpoint } from "./alert-endpoints.ts";

/** Whether a delivery comes from somebody who may send it. `by-body`: the body has to be read to tell. */
export type Proof =
  | { readonly kind: "proved" }
  | { readonly kind: "refused" }
  | { readonly kind: "by-body"; check(body: Buffer): boolean };

/** How far a signed time may be from ours. */
const FRESH_MS = 300_000;
const REFUSED: Proof = { kind: "refused" };

/**
 * Checks the secret of an endpoint, in constant time. Fails closed: a delivery that proves nothing is refused.
 *
 * - Every source: `Authorization: Bearer <secret>`, the password of basic authentication, or the secret as the last
 *   part of the path.
 * - PagerDuty: `X-PagerDuty-Signature`, HMAC-SHA256 of the body, any of several (developer.pagerduty.com/docs,
 *   "Verifying Webhook Signatures").
 * - Grafana: `X-Grafana-Alerting-Signature`, of the body, or of the time, a colon and the body if it also sends
 *   `X-Grafana-Alerting-Timestamp` (grafana.com/docs, "HMAC signature").
 * - The Events API: `routing_key` in the body, which is not parsed until the key has been checked.
 *
 * If there is a signature, it has to be right, whatever else is sent.
 *
 * @param token the last part of the path; `null`: there is none
 */
export function proveAlert(
  endpoint: AlertEndpoint,
  headers: IncomingHttpHeaders,
  token: string | null,
  now: Instant,
): Proof {
  const { source, secrets } = endpoint;
  const pagerDuty = source === "pagerduty" ? one(headers["x-pagerduty-signature"]) : null;
  if (pagerDuty !== null) {
    const given = pagerDuty.split(",").flatMap((part) => /^\s*v1=([0-9a-f]{64})\s*$/i.exec(part)?.[1] ?? []);
    return { kind: "by-body", check: (body) => isSigned(body, given, secrets) };
  }
  const grafana = source === "grafana" ? one(headers["x-grafana-alerting-signature"]) : null;
  if (grafana !== null) {
    const time = one(headers["x-grafana-alerting-timestamp"]);
    if (time !== null && !(Math.abs(now - Number(time) * 1_000) <= FRESH_MS)) return REFUSED;
    const prefix = Buffer.from(time === null ? "" : `${time}:`);
    const given = /^[0-9a-f]{64}$/i.test(grafana) ? [grafana] : [];
    return { kind: "by-body", check: (body) => isSigned(Buffer.concat([prefix, body]), given, secrets) };
  }
  const shown = [token, credentialOf(one(headers["authorization"]))].filter((secret) => secret !== null);
  if (shown.length > 0) return shown.some((secret) => isSecret(secret, secrets)) ? { kind: "proved" } : REFUSED;
  if (source === "pagerduty-events") {
    return {
      kind: "by-body",
      check(body) {
        return routingKeysIn(body).some((key) => isSecret(key, secrets));
      },
    };
  }
  return REFUSED;
}

function isSigned(bytes: Buffer, given: readonly string[], secrets: readonly string[]): boolean {
  let valid = false;
  for (const secret of secrets) {
    const expected = createHmac("sha256", secret).update(bytes).digest();
    // All are tried, so that the time taken does not reveal which one matches.
    for (const hex of given) if (timingSafeEqual(Buffer.from(hex, "hex"), expected)) valid = true;
  }
  return valid;
}

function isSecret(given: string, secrets: readonly string[]): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  let valid = false;
  for (const secret of secrets) if (timingSafeEqual(digest(given), digest(secret))) valid = true;
  return valid;
}

/** The secret in an `Authorization` header: a bearer token, or the password of basic authentication (RFC 7617). */
function credentialOf(header: string | null): string | null {
  const [, scheme = "", value = ""] = /^(bearer|basic)\s+(\S+)\s*$/i.exec(header ?? "") ?? [];
  if (value === "") return null;
  if (scheme.toLowerCase() === "bearer") return value;
  const [, password = null] = /^[^:]*:([\s\S]*)$/.exec(Buffer.from(value, "base64").toString("utf8")) ?? [];
  return password;
}

const KEY = Buffer.from('"routing_key"');
/** Secrets are shorter than this; an alert may quote another routing key or two in its details. */
const LONGEST_KEY_BYTES = 600;
const MOST_KEYS_TRIED = 8;

/**
 * The routing keys in a body about which nothing is proven yet, found without parsing it: one pass over the bytes, and
 * a few hundred of them at each place. Only somebody who knows the secret can write it after that name.
 */
function routingKeysIn(body: Buffer): readonly string[] {
  const found: string[] = [];
  let tried = 0;
  for (let at = body.indexOf(KEY); at !== -1 && tried < MOST_KEYS_TRIED; at = body.indexOf(KEY, at + KEY.length)) {
    tried += 1;
    const near = body.toString("utf8", at + KEY.length, at + KEY.length + LONGEST_KEY_BYTES);
    const [, text] = /^[ \t\r\n]{0,9}:[ \t\r\n]{0,9}("(?:[^"\\]|\\.){1,520}")/.exec(near) ?? [];
    if (text === undefined) continue;
    try {
      found.push(String(JSON.parse(text)));
    } catch {
      // Not a JSON string, so it is not a key either.
    }
  }
  return found;
}

/** A header sent twice proves nothing. */
function one(value: string | string[] | undefined): string | null {
  return typeof value === "string" ? value : null;
}
