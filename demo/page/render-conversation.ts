import type { SlackBlock } from "../../src/core/chat/slack/message.ts";
import { escapeHtml, renderMrkdwn } from "./render-mrkdwn.ts";

/** A Slack message and the thread below it. */
export interface Conversation {
  /** With its `#`, such as `#alert`. */
  readonly channel: string;
  /** The number of the issue it is about; `null`: not known. */
  readonly thread: number | null;
  readonly root: SlackMessageShown;
  /** Oldest first. */
  readonly replies: readonly SlackMessageShown[];
  /** Names by Slack id, for mentions. */
  readonly names: ReadonlyMap<string, string>;
}

export interface SlackMessageShown {
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** mrkdwn; shown if there are no blocks. */
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
  /** A reply that is also shown in the channel. */
  readonly inChannelToo: boolean;
}

/** The id of a conversation on its page, for links to it. */
export function conversationId(index: number): string {
  return `conversation-${index + 1}`;
}

/** What a person would see in Slack, as a section of the page. Buttons are shown but do nothing: no script runs. */
export function renderConversation(conversation: Conversation, index: number, time: (at: string) => string): string {
  const { channel, thread, root, replies, names } = conversation;
  const id = conversationId(index);
  const about = thread === null ? "" : `<span class="unseen"> about #${thread}</span>`;
  const message = (one: SlackMessageShown) =>
    [
      `<article class="slack-message" aria-label="Sevgate">`,
      `<p class="slack-who"><strong>Sevgate</strong> <span class="app">app</span> <span class="did">${time(one.at)}${
        one.inChannelToo ? " · shown in the channel too" : ""
      }</span></p>`,
      one.blocks.length === 0
        ? `<p>${renderMrkdwn(one.text, names)}</p>`
        : one.blocks.map((block) => renderBlock(block, names)).join("\n"),
      "</article>",
    ].join("\n");
  return [
    `<section class="slack" aria-labelledby="${id}">`,
    `<header><h2 id="${id}" tabindex="-1">Slack <span class="number">${escapeHtml(channel)}</span>${about}</h2></header>`,
    message(root),
    `<div class="slack-replies" role="group" aria-label="Thread">`,
    ...replies.map(message),
    "</div>",
    "</section>",
  ].join("\n");
}

function renderBlock(block: SlackBlock, names: ReadonlyMap<string, string>): string {
  switch (block.type) {
    case "header":
      return `<p class="slack-header">${escapeHtml(block.text.text)}</p>`;
    case "section": {
      const text = block.text === undefined ? "" : `<p>${renderMrkdwn(block.text.text, names)}</p>`;
      const fields = (block.fields ?? []).map((field) => `<p>${renderMrkdwn(field.text, names)}</p>`);
      return fields.length === 0 ? text : `${text}<div class="slack-fields">${fields.join("")}</div>`;
    }
    case "context":
      return `<p class="slack-context">${block.elements.map(({ text }) => renderMrkdwn(text, names)).join(" ")}</p>`;
    case "actions": {
      const buttons = block.elements.map(
        ({ text, style }) => `<li class="slack-button ${style ?? "usual"}">${escapeHtml(text.text)}</li>`,
      );
      return `<ul class="slack-buttons" aria-label="Buttons">${buttons.join("")}</ul>`;
    }
  }
}
