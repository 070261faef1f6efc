import { expect, it } from "@jest/globals";
import { systemClock } from "../../../src/base/clock.ts";
import { COMMANDS_PATH, createReceiveSlack } from "../../../src/ingress/slack/receive-slack.ts";
import { MemoryStore } from "../../../src/store/memory-store.ts";
import { SLACK_SECRET, signedForm } from "../../../testkit/slack-requests.ts";

const POLICY = { text: 'version: 1\nslack:\n  channel: "#alert"\n', sha: "a", source: ".github/sevgate.yml" };

/** Answers to `/incident`, with what each of them read, when the channel has this many repositories. */
async function channelOf(repositories: number) {
  const read: string[] = [];
  const counted = <Store extends object>(store: Store): Store =>
    new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return async (...args: unknown[]) => {
          const answer: unknown = await value.apply(target, args);
          for (const one of Array.isArray(answer) ? answer : [answer]) read.push(one === null ? "" : String(name));
          return answer;
        };
      },
    });
  const { index, threads } = new MemoryStore();
  for (let id = 1; id <= repositories; id += 1) {
    const repository = { installationId: 1, id, owner: "acme", name: `shop-${id}` };
    await index.saveRepository(repository, { lastGoodPolicy: POLICY, isPrivate: false, slackChannel: "alert" });
    const root = { channel: "C0ALERT0001", ts: "1.1", name: "#alert", link: null, linkAsked: true, digest: "" };
    const sent = { root, told: [], attempt: null, failingSince: null, trouble: null };
    await threads.saveThreadSent(id, 1, 0, JSON.stringify(sent), root.channel);
  }
  const forms: unknown[] = [];
  const receive = createReceiveSlack({
    signingSecret: SLACK_SECRET,
    threads: counted(threads),
    index: counted(index),
    queue: { add: async () => {} },
    clock: systemClock,
    slack: { openView: async (_, view) => void forms.push(view) },
    channels: [{ channel: "alert", repositories: null }],
    scheduleOf: () => null,
    isPrivate: async () => false,
  });
  return async (text: string) => {
    read.length = 0;
    const form = { command: "/incident", text, channel_id: "C0ALERT0001", channel_name: "alert", trigger_id: "1.2.3" };
    const { body, ...proof } = signedForm(form, systemClock.now());
    const answer = await receive({ path: COMMANDS_PATH, ...proof, body: Buffer.from(body) });
    return { says: `${answer.body}${JSON.stringify(forms)}`, rows: read.length, names: new Set(read) };
  };
}

it.each([
  ["who", 10],
  ["declare", 100],
  ["list", 200],
])(
  "/incident %s reads no more for three thousand repositories than it shows, and the names of the channel's",
  async (text, most) => {
    const { says, rows, names } = await (await channelOf(3_000))(text);
    expect(says).not.toContain("No repository");
    expect(names).not.toContain("repositories");
    const namesAlone = text === "list" ? 0 : 1_000;
    expect(rows).toBeLessThanOrEqual(most + namesAlone);
    expect((await (await channelOf(1_500))(text)).rows).toBe(rows);
  },
);
