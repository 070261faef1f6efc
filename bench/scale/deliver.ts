import { createHmac } from "node:crypto";
import { Agent } from "node:http";
import { postOnce } from "../post-once.ts";
import { WEBHOOK_SECRET } from "../signed-webhooks.ts";

/** A request to a server, and how it was answered; `null`: no connection, or no answer within 10 s. */
type Answered = number | null;

/** GitHub's own payloads hold many fields that nobody here reads: about 12 kB. */
const LIKE_GITHUB = "x".repeat(9_000);
const agent = new Agent({ keepAlive: true });
let deliveries = 0;

/** Sends a webhook as GitHub does. */
export function deliverWebhook(serverUrl: string, event: { name: string; payload: unknown }): Promise<Answered> {
  const body = JSON.stringify({ ...(event.payload as object), unread: LIKE_GITHUB });
  deliveries += 1;
  return post(`${serverUrl}/api/github/webhooks`, body, {
    "x-github-event": event.name,
    "x-github-delivery": `00000000-0000-4000-8000-${String(deliveries).padStart(12, "0")}`,
    "x-hub-signature-256": `sha256=${createHmac("sha256", WEBHOOK_SECRET).update(body).digest("hex")}`,
  });
}

/** Sends what an alert source sends. */
export function deliverAlert(url: string, secret: string, payload: unknown): Promise<Answered> {
  return post(url, JSON.stringify(payload), { authorization: `Bearer ${secret}` });
}

function post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<Answered> {
  return postOnce(agent, url, body, { "content-type": "application/json", ...headers });
}
