import { isLoopback } from "../base/is-loopback.ts";

/** Whether secrets may go to this address: over TLS, or in the clear on this machine alone. */
export function mayCarrySecrets(given: string): boolean {
  if (!URL.canParse(given)) return false;
  const { protocol, hostname } = new URL(given);
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}
