import { createHmac, timingSafeEqual } from "node:crypto";
import type { Instant } from "../../core/model.ts";

/** A request is valid for 5 minutes (docs.slack.dev, "Verifying requests from Slack"); a clock may be wrong either way. */
const FRESH_S = 300;

/**
 * Whether Slack signed these bytes recently, in constant time.
 *
 * @param body      as received, before any decoding
 * @param timestamp the header `X-Slack-Request-Timestamp`, seconds
 * @param signature the header `X-Slack-Signature`
 */
export function verifySlackSignature(
  body: Buffer,
  { timestamp, signature }: { readonly timestamp: string | undefined; readonly signature: string | undefined },
  secret: string,
  now: Instant,
): boolean {
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now / 1_000 - Number(timestamp)) > FRESH_S) return false;
  const given = Buffer.from(/^v0=([0-9a-f]{64})$/.exec(signature ?? "")?.[1] ?? "", "hex");
  const expected = createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body).digest();
  return given.length === expected.length && timingSafeEqual(given, expected);
}
