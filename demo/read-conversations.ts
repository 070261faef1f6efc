import type { KeptMessage } from "../testkit/emulated-slack.ts";
import type { Conversation, SlackMessageShown } from "./page/render-conversation.ts";
import { CHANNEL, type Neighbours } from "./start-neighbours.ts";

/** Reads what is in `#alert`, as it is in Slack now. */
export async function readConversations(
  neighbours: Pick<Neighbours, "conversations" | "slack">,
): Promise<readonly Conversation[]> {
  const names = new Map(Object.entries(neighbours.slack.users).map(([name, id]) => [id, name]));
  return (await neighbours.conversations()).map(({ root, replies }) => ({
    channel: CHANNEL,
    thread: issueOf(root),
    root: shown(root),
    replies: replies.map(shown),
    names,
  }));
}

/** A thread is about the issue its message links to. */
function issueOf({ text, blocks }: KeptMessage): number | null {
  const number = /\/issues\/(\d+)\b/.exec(`${JSON.stringify(blocks)} ${text}`)?.[1];
  return number === undefined ? null : Number(number);
}

function shown({ ts, text, blocks, subtype }: KeptMessage): SlackMessageShown {
  return {
    at: new Date(Number(ts) * 1_000).toISOString(),
    text,
    blocks: blocks as SlackMessageShown["blocks"],
    inChannelToo: subtype === "thread_broadcast",
  };
}
