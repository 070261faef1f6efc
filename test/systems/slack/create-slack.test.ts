import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { TransientError } from "../../../src/base/errors.ts";
import { declareForm } from "../../../src/core/chat/slack/declare-form.ts";
import { marked, messageOfLines, type SlackMessage } from "../../../src/core/chat/slack/message.ts";
import { PerhapsSentError } from "../../../src/systems/chat.ts";
import { createSlack } from "../../../src/systems/slack/create-slack.ts";
import type { Slack } from "../../../src/systems/slack/ports.ts";
import { SlackRefusedError } from "../../../src/systems/slack/slack-refused-error.ts";
import { type EmulatedSlack, startSlack } from "../../../testkit/emulated-slack.ts";
import { VirtualClock } from "../../../testkit/virtual-clock.ts";

let emulated: EmulatedSlack;
beforeAll(async () => {
  emulated = await startSlack();
}, 30_000);
afterAll(async () => {
  await emulated.close();
});

const HELLO: SlackMessage = { text: "Hello", blocks: [{ type: "section", text: marked("Hello") }] };
const root = (channel: string, content = HELLO) => ({ channel, threadTs: null, broadcast: false, content });

function slack(clock = new VirtualClock()): Slack {
  return createSlack({ token: emulated.token, apiUrl: emulated.apiUrl, clock });
}

/** Slack, where every answer is `answer`. */
function answering(answer: () => Promise<Response>, clock = new VirtualClock()): { slack: Slack; sent: string[] } {
  const sent: string[] = [];
  const fetch = async (url: string | URL) => {
    sent.push(String(url));
    return await answer();
  };
  return { slack: createSlack({ token: "xoxb-secret", apiUrl: "https://slack.com/api", clock, fetch }), sent };
}

const json =
  (status: number, body: object, headers: Record<string, string> = {}) =>
  async () =>
    new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });

describe("Slack's adapter", () => {
  it("posts, links, edits in place and replies in the thread, without unfurling or looking for names", async () => {
    const client = slack();
    const place = await client.post(root("#alert"));
    expect(place.channel).toBe(emulated.channels["alert"]);
    expect(await client.link(place)).toContain(place.ts.replace(".", ""));
    await client.update(place, messageOfLines(["Changed"]));
    await client.post({
      channel: place.channel,
      threadTs: place.ts,
      broadcast: true,
      content: messageOfLines(["Told"]),
    });
    const [head, reply] = await emulated.thread("alert", place.ts);
    expect(head).toMatchObject({
      text: "Changed",
      unfurl_links: false,
      unfurl_media: false,
      link_names: false,
      parse: "none",
    });
    expect(reply).toMatchObject({ text: "Told", thread_ts: place.ts });
    expect((await emulated.messages("alert")).filter(({ ts }) => ts === place.ts)).toHaveLength(1);
  });

  it("opens a form while the trigger is good, and says when it is not", async () => {
    const form = declareForm({
      channel: "C1",
      repositories: [{ id: 1, name: "acme/ops", severities: ["P0"] }],
      title: "x",
    });
    await slack().openView(await emulated.triggerId("alice"), form);
    await expect(slack().openView("1.2.3", form)).rejects.toBeInstanceOf(SlackRefusedError);
  });

  it.each(["nowhere", "CNOWHERE12"])("says in Slack's word why %s takes no message", async (channel) => {
    await expect(slack().post(root(channel))).rejects.toMatchObject({ reason: "channel_not_found" });
  });

  it("asks for 1.1 s between two messages in one channel, and never waits itself", async () => {
    const clock = new VirtualClock();
    const client = slack(clock);
    const { channel } = await client.post(root("#alert"));
    expect([client.waitBefore(channel), client.waitBefore("#alert"), client.waitBefore("C2")]).toEqual([
      1_100, 1_100, 0,
    ]);
    clock.advance(1_100);
    expect(client.waitBefore(channel)).toBe(0);
  });

  it("holds every channel back for as long as Slack says (429), sending nothing twice", async () => {
    const clock = new VirtualClock();
    const { slack: client, sent } = answering(json(429, {}, { "retry-after": "30" }), clock);
    await expect(client.post(root("C1"))).rejects.toMatchObject({ name: "TransientError", retryAfterMs: 30_000 });
    expect(client.waitBefore("C2")).toBe(30_000);
    expect(sent).toHaveLength(1);
  });

  it.each<readonly [string, () => Promise<Response>]>([
    ["500", json(500, {})],
    ["504", json(504, {})],
    ["fatal_error", json(200, { ok: false, error: "fatal_error" })],
    [
      "a connection that breaks",
      () => Promise.reject(Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNRESET" } })),
    ],
    ["a time-out", () => Promise.reject(new DOMException("timed out", "TimeoutError"))],
    ["an answer without what was asked", json(200, { ok: true })],
    ["an answer that is no JSON", async () => new Response("<html>")],
  ])("does not know what became of a message after %s, says so, and sends it once", async (_, answer) => {
    const { slack: client, sent } = answering(answer);
    await expect(client.post(root("C1"))).rejects.toBeInstanceOf(PerhapsSentError);
    expect(sent).toHaveLength(1);
  });

  it.each<readonly [string, () => Promise<Response>]>([
    [
      "no connection",
      () => Promise.reject(Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNREFUSED" } })),
    ],
    ["no name", () => Promise.reject(Object.assign(new TypeError("fetch failed"), { cause: { code: "ENOTFOUND" } }))],
    ["a 429 without a time", json(429, {})],
    ["service_unavailable", json(200, { ok: false, error: "service_unavailable" })],
  ])("knows that nothing arrived after %s", async (_, answer) => {
    const error: unknown = await answering(answer)
      .slack.post(root("C1"))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TransientError);
    expect(error).not.toBeInstanceOf(PerhapsSentError);
  });

  it("says nothing of the token or the message when it fails", async () => {
    const { slack: client } = answering(json(403, { said: "xoxb-secret" }));
    const error = (await client
      .post(root("C1", messageOfLines(["private words"])))
      .catch((thrown: unknown) => thrown)) as Error;
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toMatch(/xoxb|private words/);
  });

  it.each(["https://evil.example/archives/C1/p1", "javascript:alert(1)", "http://acme.slack.com/x"])(
    "takes no address for a thread but Slack's: not %s",
    async (permalink) => {
      const { slack: client } = answering(json(200, { ok: true, permalink }));
      expect(await client.link({ channel: "C1", ts: "1.1" })).toBeNull();
    },
  );
});
