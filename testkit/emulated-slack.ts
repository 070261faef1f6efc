import { createEmulator } from "emulate";

/** A message as the emulated Slack keeps it. */
export interface KeptMessage {
  readonly ts: string;
  readonly thread_ts?: string;
  readonly subtype?: string;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly unfurl_links?: boolean;
}

/** A running emulated Slack with a channel `#alert` and a bot in it. */
export interface EmulatedSlack {
  /** Such as `http://localhost:40123/api`. */
  readonly apiUrl: string;
  readonly token: string;
  /** By name: the id of somebody in the workspace. */
  readonly users: Readonly<Record<string, string>>;
  /** By name: the id of a channel. */
  readonly channels: Readonly<Record<string, string>>;
  /** Root messages of a channel, oldest first. */
  messages(channel: string): Promise<readonly KeptMessage[]>;
  /** A root message and its replies, oldest first. */
  thread(channel: string, ts: string): Promise<readonly KeptMessage[]>;
  /** What a person who presses a button or sends a command gets: valid for 3 s. */
  triggerId(user: string): Promise<string>;
  /** Calls any method. Throws when Slack says no. */
  call(method: string, options: object): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

const TOKEN = "xoxb-emulated-token";

/** Starts an emulated Slack on a free loopback port. */
export async function startSlack(): Promise<EmulatedSlack> {
  const emulator = await createEmulator({
    service: "slack",
    port: 0,
    seed: {
      slack: {
        channels: [{ name: "alert" }, { name: "general" }],
        users: [{ name: "alice" }, { name: "bob" }, { name: "mallory" }],
        tokens: [
          { token: TOKEN, type: "bot", scopes: ["chat:write", "channels:history", "channels:read", "users:read"] },
        ],
      },
    },
  });
  const apiUrl = `${emulator.url}/api`;

  async function call(method: string, options: object): Promise<Record<string, unknown>> {
    const response = await fetch(`${apiUrl}/${method}`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify(options),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (answer["ok"] !== true) throw new Error(`${method}: ${JSON.stringify(answer)}`);
    return answer;
  }

  const named = (list: unknown) =>
    Object.fromEntries((list as { name: string; id: string }[]).map(({ name, id }) => [name, id]));
  const channels = named((await call("conversations.list", {}))["channels"]);
  const users = named((await call("users.list", {}))["members"]);
  return {
    apiUrl,
    token: TOKEN,
    users,
    channels,
    call,
    async messages(channel) {
      const { messages } = await call("conversations.history", { channel: channels[channel] ?? channel });
      return (messages as KeptMessage[]).toReversed();
    },
    async thread(channel, ts) {
      const { messages } = await call("conversations.replies", { channel: channels[channel] ?? channel, ts });
      return messages as KeptMessage[];
    },
    async triggerId(user) {
      return String((await call("views.generateTriggerId", { user: users[user] }))["trigger_id"]);
    },
    close: () => emulator.close(),
  };
}
