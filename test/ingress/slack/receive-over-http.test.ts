import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { systemClock } from "../../../src/base/clock.ts";
import { TransientError } from "../../../src/base/errors.ts";
import { createIngress, type Ingress } from "../../../src/ingress/http/server.ts";
import type { OtherWay } from "../../../src/ingress/http/side-doors.ts";
import { createReceiveSlack, INTERACTIONS_PATH } from "../../../src/ingress/slack/receive-slack.ts";
import { MemoryStore } from "../../../src/store/memory-store.ts";
import { createMetrics } from "../../../src/views/metrics.ts";
import { ACKNOWLEDGE_PRESS, buttonPress, SLACK_SECRET, signedForm } from "../../../testkit/slack-requests.ts";
import { createLogLines } from "../../support/log-lines.ts";

const { log, lines } = createLogLines();
let threads: MemoryStore["threads"];
const added: unknown[] = [];
let ingress: Ingress;
let url: string;
let trouble: (() => Promise<never>) | null = null;

beforeEach(async () => {
  const store = new MemoryStore();
  ({ threads } = store);
  const repository = { installationId: 1, id: 10, owner: "acme", name: "ops" };
  await store.index.saveRepository(repository, {});
  const root = { channel: "C1", ts: "1.1", name: "#alert", link: null, linkAsked: true, digest: "" };
  const sent = { root, told: [], attempt: null, failingSince: null, trouble: null };
  await threads.saveThreadSent(10, 1, 0, JSON.stringify(sent), sent.root.channel);
  const queue = { add: async (keys: readonly unknown[]) => void added.push(...keys) };
  const receive = createReceiveSlack({
    signingSecret: SLACK_SECRET,
    threads,
    index: store.index,
    queue,
    clock: systemClock,
    slack: { openView: async () => {} },
    channels: [],
    scheduleOf: () => null,
    isPrivate: async () => true,
  });
  const slack: OtherWay = async ({ header, body }) => {
    if (trouble !== null) await trouble();
    const proof = { timestamp: header("x-slack-request-timestamp"), signature: header("x-slack-signature") };
    return await receive({ path: INTERACTIONS_PATH, body, ...proof });
  };
  const parts = { secrets: ["s"], accept: async () => "ignored" as const, notReady: async () => [] };
  const otherWays = new Map([[INTERACTIONS_PATH, slack]]);
  ingress = createIngress({ ...parts, otherWays, metrics: createMetrics(systemClock), log });
  ({ url } = await ingress.listen(0, "127.0.0.1"));
});

afterEach(async () => {
  trouble = null;
  await ingress.stop(1_000);
});

async function post(change: { readonly body?: string } = {}): Promise<number> {
  const form = buttonPress(ACKNOWLEDGE_PRESS);
  const { body, timestamp, signature } = signedForm(form, Date.now());
  const answer = await fetch(`${url}${INTERACTIONS_PATH}`, {
    method: "POST",
    body: change.body ?? body,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": signature,
    },
  });
  return answer.status;
}

it("A press of a button is kept and queued before it is answered with 200", async () => {
  expect(await post()).toBe(200);
  expect(await threads.requests(10, 1)).toHaveLength(1);
  expect(added).toEqual([expect.objectContaining({ kind: "incident", number: 1 })]);
});

it("Bytes that Slack did not sign are refused with 401, and are in no log", async () => {
  expect(await post({ body: "payload=forged" })).toBe(401);
  expect(JSON.stringify(lines)).not.toContain("forged");
});

it("More than a megabyte is not read", async () => {
  expect(await post({ body: "x".repeat(1024 * 1024 + 1) })).toBe(413);
});

it("While the store does not answer, the person is told within 3 s that it did not work", async () => {
  trouble = () => Promise.reject(new TransientError("the store does not answer"));
  expect(await post()).toBe(503);
  const startedAt = performance.now();
  trouble = () => new Promise(() => {});
  expect(await post()).toBe(503);
  expect(performance.now() - startedAt).toBeLessThan(3_000);
});
