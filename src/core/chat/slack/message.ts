import { MAX_BLOCKS_CHARACTERS, MAX_FALLBACK_CHARACTERS, SLACK_LIMITS } from "./slack-limits.ts";

/** A text object. mrkdwn is always verbatim: Slack makes no links or mentions of its own. */
export type SlackText =
  | { readonly type: "plain_text"; readonly text: string; readonly emoji: false }
  | { readonly type: "mrkdwn"; readonly text: string; readonly verbatim: true };

export interface SlackButton {
  readonly type: "button";
  readonly action_id: string;
  readonly text: SlackText;
  readonly value?: string;
  readonly url?: string;
  readonly style?: "primary" | "danger";
  readonly confirm?: {
    readonly title: SlackText;
    readonly text: SlackText;
    readonly confirm: SlackText;
    readonly deny: SlackText;
  };
}

/** The blocks that Sevgate's messages are made of (docs.slack.dev, "Block Kit"). */
export type SlackBlock =
  | { readonly type: "header"; readonly text: SlackText }
  | { readonly type: "section"; readonly text?: SlackText; readonly fields?: readonly SlackText[] }
  | { readonly type: "context"; readonly elements: readonly SlackText[] }
  | { readonly type: "actions"; readonly block_id?: string; readonly elements: readonly SlackButton[] };

/** A whole message: what people see, and the line for notifications and screen readers. Plain data. */
export interface SlackMessage {
  /** Escaped like mrkdwn. Never empty: without it Slack drops the blocks of a message. */
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

/** Text that Slack shows as it is. The caller respects the limit for where it goes. */
export function plain(text: string): SlackText {
  return { type: "plain_text", text, emoji: false };
}

/** Text with markup: everything from people in it has been through `mrkdwn` (mrkdwn.ts). */
export function marked(text: string): SlackText {
  return { type: "mrkdwn", text, verbatim: true };
}

/**
 * A message of lines, each a section of its own; as many as Slack allows in one message, counted from the last.
 *
 * @param lines at least one; each mrkdwn of at most 3,000 characters
 */
export function messageOfLines(lines: readonly string[]): SlackMessage {
  const kept: SlackBlock[] = [];
  let characters = 0;
  for (const line of lines.toReversed()) {
    const block: SlackBlock = { type: "section", text: marked(line) };
    characters += JSON.stringify(block).length + 1;
    if (kept.length > 0 && (characters > MAX_BLOCKS_CHARACTERS || kept.length >= SLACK_LIMITS.blocksPerMessage)) break;
    kept.unshift(block);
  }
  return { text: fallback(lines.slice(-kept.length)), blocks: kept };
}

/** The line for notifications: never cut inside brackets or an escape, so whole lines are left out. */
function fallback(lines: readonly string[]): string {
  let text = "";
  for (const line of lines.toReversed()) {
    const longer = text === "" ? line : `${line}\n${text}`;
    if (text !== "" && longer.length > MAX_FALLBACK_CHARACTERS) break;
    text = longer;
  }
  return text;
}
