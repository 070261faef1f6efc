import { BlockList, isIP } from "node:net";
import { withoutEnd } from "../core/without-end.ts";

export type ServerUrl =
  | { readonly kind: "ok"; readonly url: string }
  | { readonly kind: "refused"; readonly why: string };

/** Addresses that nothing outside a machine or its network can reach (IANA special-purpose address registries). */
const PRIVATE = new BlockList();
for (const [address, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  PRIVATE.addSubnet(address, bits, "ipv4");
}
for (const [address, bits] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const) {
  PRIVATE.addSubnet(address, bits, "ipv6");
}

/** Names that are not in the public DNS (RFC 6761, RFC 6762, RFC 8375, and ICANN's reservation of `.internal`). */
const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home\.arpa|test|invalid)\.?$/;
const EXAMPLE = "https://sevgate.example.com";

/**
 * The URL at which GitHub is to reach the server: without a trailing slash, query or fragment.
 *
 * GitHub sends signed but readable deliveries there: `http:` is accepted for this machine only. Nothing from github.com
 * reaches this machine or its network (GitHub docs, "Troubleshooting webhooks", "Failed to connect to host"); a GitHub
 * Enterprise Server may be in the same network, or on the same machine.
 *
 * @param githubUrl the GitHub that will send the deliveries
 */
export function readServerUrl(given: string | null, githubUrl: string): ServerUrl {
  const url = given !== null && URL.canParse(given.trim()) ? new URL(given.trim()) : null;
  if (url === null || !["https:", "http:"].includes(url.protocol)) {
    return refused(`Give the address where GitHub reaches the server: sevgate setup --url ${EXAMPLE}`);
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    return refused(`The address holds more than a name and a path. Give it like this: --url ${EXAMPLE}`);
  }
  const isHere = isLoopbackName(url.hostname);
  //
  if (isOnTheInternet(githubUrl) && isPrivateName(url.hostname)) {
    return refused(
      `GitHub cannot reach ${url.hostname}: it is an address of this machine or its network. Give one that the internet ` +
        `knows, such as that of your proxy or a tunnel: --url ${EXAMPLE}`,
    );
  }
  if (url.protocol === "http:" && !isHere) {
    return refused(
      `GitHub's deliveries would travel in the clear to ${url.host}. Put a proxy with TLS in front of the server, and give ` +
        `its address: --url https://${url.host}`,
    );
  }
  return { kind: "ok", url: withoutEnd(`${url.origin}${url.pathname}`, "/") };
}

/** Whether it is GitHub's own service: github.com, or a subdomain of ghe.com (GitHub docs, "Data residency"). */
export function isOnTheInternet(githubUrl: string): boolean {
  const { hostname } = new URL(githubUrl);
  return hostname === "github.com" || hostname.endsWith(".ghe.com");
}

function isPrivateName(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, "");
  const family = isIP(address);
  if (family !== 0) return PRIVATE.check(address, family === 4 ? "ipv4" : "ipv6");
  return PRIVATE_NAME.test(hostname) || !hostname.includes(".");
}

function isLoopbackName(hostname: string): boolean {
  return hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname) || /(?:^|\.)localhost\.?$/.test(hostname);
}

function refused(why: string): ServerUrl {
  return { kind: "refused", why };
}
