import { createHmac, timingSafeEqual } from "node:crypto";

const SIGNATURE = /^sha256=([0-9a-f]{64})$/;

/** Whether the header has the form GitHub sends: worth reading a body for. */
export function isSignature(header: string | undefined): header is string {
  return header !== undefined && SIGNATURE.test(header);
}

/**
 * Whether GitHub signed these bytes with one of the secrets, in constant time (GitHub docs, "Validating webhook
 * deliveries").
 *
 * @param body    as received, before any decoding
 * @param secrets the current one and, while rotating, the previous one
 */
export function verifySignature(body: Buffer, header: string, secrets: readonly string[]): boolean {
  const given = Buffer.from(SIGNATURE.exec(header)?.[1] ?? "", "hex");
  let valid = false;
  for (const secret of secrets) {
    const expected = createHmac("sha256", secret).update(body).digest();
    // Every secret is tried, so that the time taken does not reveal which one matches.
    if (given.length === expected.length && timingSafeEqual(given, expected)) valid = true;
  }
  return valid;
}
