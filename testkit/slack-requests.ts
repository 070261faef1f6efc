import { createHmac } from "node:crypto";

export const SLACK_SECRET = "a signing secret for tests, long enough";

/** What Slack sends: a form, and the headers that prove it. */
export interface SignedForm {
  readonly body: string;
  readonly timestamp: string;
  readonly signature: string;
}

/** Signs a form as Slack does. `at`: ms. */
export function signedForm(form: Record<string, string>, at: number, secret = SLACK_SECRET): SignedForm {
  const body = new URLSearchParams(form).toString();
  const timestamp = String(Math.floor(at / 1_000));
  const signature = `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
  return { body, timestamp, signature };
}

/** One that is well formed, for tests of the way in. */
export const ACKNOWLEDGE_PRESS = {
  user: "U1",
  channel: "C1",
  ts: "1.1",
  action: "sevgate:acknowledge",
  value: "10/1",
  actionTs: "2.2",
} as const;

/** A press of a button, as docs.slack.dev has it ("block_actions payload"). */
export function buttonPress(press: {
  readonly user: string;
  readonly channel: string;
  readonly ts: string;
  readonly action: string;
  readonly value: string;
  readonly actionTs: string;
}): Record<string, string> {
  const payload = {
    type: "block_actions",
    user: { id: press.user, username: "somebody", name: "somebody", team_id: "T1" },
    api_app_id: "A1",
    token: "deprecated",
    container: { type: "message", message_ts: press.ts, channel_id: press.channel, is_ephemeral: false },
    trigger_id: "1.2.abc",
    team: { id: "T1", domain: "acme" },
    channel: { id: press.channel, name: "alert" },
    message: { type: "message", ts: press.ts },
    response_url: "https://hooks.slack.com/actions/T1/1/abc",
    actions: [
      {
        action_id: press.action,
        block_id: "incident",
        type: "button",
        text: { type: "plain_text", text: "Acknowledge" },
        value: press.value,
        action_ts: press.actionTs,
      },
    ],
  };
  return { payload: JSON.stringify(payload) };
}
