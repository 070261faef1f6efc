import type { ChatContent } from "../chat-content.ts";
import type { ThreadRoot } from "../thread-root.ts";
import { marked, messageOfLines, type SlackBlock, type SlackMessage } from "./message.ts";
import { rootMessage } from "./root-message.ts";
import { slackLine } from "./slack-line.ts";

/**
 * What one message shows, as Slack's blocks. The same content gives the same card, so an unchanged one is not sent
 * again.
 */
export function slackCard(content: ChatContent): SlackMessage {
  if (content.kind === "lines") return messageOfLines(content.lines.map(slackLine));
  const { text, blocks } = cardOf(content.root);
  if (content.note === null) return { text, blocks };
  const note: SlackBlock = { type: "context", elements: [marked(slackLine(content.note))] };
  return { text, blocks: [...blocks, note] };
}

function cardOf(root: ThreadRoot): SlackMessage {
  if (root.kind === "incident") return rootMessage(root);
  // What was kept was made here; Slack checks it anyway.
  const { text, blocks } = root.card as SlackMessage;
  return { text, blocks: root.actions === "none" ? blocks.filter(({ type }) => type !== "actions") : blocks };
}
