import { Agent } from "node:http";
import type { BenchIssue } from "./incident-world.ts";
import { postOnce } from "./post-once.ts";
import type { SignedWebhook } from "./signed-webhooks.ts";

/** A webhook to send; `issue`: the incident that has to be looked at because of it. */
export interface Delivery {
  readonly webhook: SignedWebhook;
  readonly issue: BenchIssue | null;
}

/** What became of a delivery. */
export interface Sent extends Delivery {
  /** `null`: no answer. */
  readonly status: number | null;
  /** When it left, ms since 1970. */
  readonly sentAt: number;
  /** From the moment it should have been sent until its answer: waiting behind others counts. */
  readonly tookMs: number;
}

const TICK_MS = 5;

/**
 * Sends deliveries at a fixed rate, regardless of the answers, and waits for the last answer.
 *
 * @param at which delivery is the nth, from 0
 */
export async function sendAtRate(
  url: string,
  options: { readonly perSecond: number; readonly count: number },
  at: (index: number) => Delivery,
): Promise<readonly Sent[]> {
  const agent = new Agent({ keepAlive: true });
  const startedAt = performance.now();
  const sent: Promise<Sent>[] = [];
  await new Promise<void>((done) => {
    const timer = setInterval(() => {
      const due = Math.min(options.count, ((performance.now() - startedAt) / 1_000) * options.perSecond);
      while (sent.length < due) {
        const intendedAt = startedAt + (sent.length / options.perSecond) * 1_000;
        sent.push(send(url, agent, at(sent.length), intendedAt));
      }
      if (sent.length >= options.count) {
        clearInterval(timer);
        done();
      }
    }, TICK_MS);
  });
  const all = await Promise.all(sent);
  agent.destroy();
  return all;
}

/** Sends deliveries, this many at the same time, as fast as they are answered. */
export async function sendAll(
  url: string,
  deliveries: readonly Delivery[],
  atTheSameTime: number,
): Promise<readonly Sent[]> {
  const agent = new Agent({ keepAlive: true });
  const sent: Sent[] = [];
  const left = deliveries.values();
  await Promise.all(
    Array.from({ length: atTheSameTime }, async () => {
      for (const delivery of left) sent.push(await send(url, agent, delivery, performance.now()));
    }),
  );
  agent.destroy();
  return sent;
}

async function send(url: string, agent: Agent, delivery: Delivery, intendedAt: number): Promise<Sent> {
  const { webhook } = delivery;
  const sentAt = Date.now();
  const status = await postOnce(agent, url, webhook.body, webhook.headers);
  return { ...delivery, status, sentAt, tookMs: performance.now() - intendedAt };
}
