import { betterStackIncident } from "../testkit/alert-payloads.ts";
import { type EmulatedSlack, type KeptMessage, startSlack } from "../testkit/emulated-slack.ts";
import { FakeBetterStack, type FakeIncident } from "../testkit/fake-better-stack.ts";
import { buttonPress, SLACK_SECRET, signedForm } from "../testkit/slack-requests.ts";
import { FULL_NAME } from "./world.ts";

/** A Slack message with the replies below it, oldest first. */
export interface SlackConversation {
  readonly root: KeptMessage;
  readonly replies: readonly KeptMessage[];
}

/** The systems an incident involves besides GitHub: Slack and Better Stack. People act there over real HTTP. */
export interface Neighbours {
  readonly slack: EmulatedSlack;
  /** What Sevgate has to know to talk to them, by environment variable. */
  readonly settings: Readonly<Record<string, string>>;
  /** Better Stack finds that the checkout is down, and posts its webhook. Returns Sevgate's answer. */
  reportOutage(sevgateUrl: string): Promise<number>;
  /** The outage as Better Stack has it. */
  outage(): FakeIncident;
  /** What is in `#alert`, oldest first. */
  conversations(): Promise<readonly SlackConversation[]>;
  /** Presses a button on a message, the way Slack reports it: as a signed form. Returns Sevgate's answer. */
  press(sevgateUrl: string, user: string, message: KeptMessage, label: string): Promise<number>;
  close(): Promise<void>;
}

export const CHANNEL = "#alert";

const ALERT_SECRET = "alert-secret-of-the-demo-only-4a7d1c0b";
const OUTAGE_ID = "81077";
const OUTAGE_NAME = "Checkout is down";
const INTERACTIONS_PATH = "/slack/interactions";

/** Starts them on loopback, with free ports. */
export async function startNeighbours(): Promise<Neighbours> {
  const slack = await startSlack();
  const betterStack = new FakeBetterStack();
  const betterStackUrl = await betterStack.listen();
  const startedAt = new Date().toISOString();
  const outage = betterStack.open(OUTAGE_ID, { name: OUTAGE_NAME, started_at: startedAt });
  const channel = slack.channels["alert"] ?? "";

  return {
    slack,
    settings: {
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: slack.token,
      SLACK_SIGNING_SECRET: SLACK_SECRET,
      SLACK_CHANNELS: `alert=${FULL_NAME}`,
      ALERT_ENDPOINTS: `better-stack/prod=${FULL_NAME}`,
      ALERT_SECRET_PROD: ALERT_SECRET,
      BETTER_STACK_API_URL: betterStackUrl,
      BETTER_STACK_API_TOKEN: betterStack.token,
      BETTER_STACK_REQUESTER_EMAIL: "ops@shop.example",
      PAGING_CHANNELS: `better-stack=${FULL_NAME}`,
    },
    async reportOutage(sevgateUrl) {
      const told = betterStackIncident(
        "started",
        {
          name: OUTAGE_NAME,
          cause: "Status 502",
          url: "https://shop.example/checkout",
          started_at: startedAt,
        },
        OUTAGE_ID,
      );
      const answer = await fetch(`${sevgateUrl}/alerts/better-stack/prod`, {
        method: "POST",
        headers: { authorization: `Bearer ${ALERT_SECRET}`, "content-type": "application/json" },
        body: JSON.stringify(told),
      });
      return answer.status;
    },
    outage: () => outage,
    async conversations() {
      const roots = (await slack.messages("alert")).filter(
        ({ ts, thread_ts }) => thread_ts === undefined || thread_ts === ts,
      );
      return await Promise.all(
        roots.map(async (root) => ({ root, replies: (await slack.thread("alert", root.ts)).slice(1) })),
      );
    },
    async press(sevgateUrl, user, message, label) {
      const { action_id = "", value = "" } = buttonOf(message, label);
      const form = buttonPress({
        user: slack.users[user] ?? "",
        channel,
        ts: message.ts,
        action: action_id,
        value,
        actionTs: (Date.now() / 1_000).toFixed(6),
      });
      const { body, timestamp, signature } = signedForm(form, Date.now());
      const answer = await fetch(`${sevgateUrl}${INTERACTIONS_PATH}`, {
        method: "POST",
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          "x-slack-request-timestamp": timestamp,
          "x-slack-signature": signature,
        },
        body,
      });
      return answer.status;
    },
    async close() {
      betterStack.close();
      await slack.close();
    },
  };
}

interface Button {
  readonly action_id?: string;
  readonly value?: string;
  readonly text: { readonly text: string };
}

/** Throws when the message has no such button. */
function buttonOf(message: KeptMessage, label: string): Button {
  const blocks = message.blocks as readonly { readonly type: string; readonly elements?: readonly Button[] }[];
  const buttons = blocks.flatMap((block) => (block.type === "actions" ? (block.elements ?? []) : []));
  const found = buttons.find(({ text }) => text.text === label);
  if (found === undefined) throw new Error(`the message has no button “${label}”`);
  return found;
}
