import type { ChatContent } from "../../src/core/chat/chat-content.ts";
import type { ChatLine, ChatPart } from "../../src/core/chat/chat-line.ts";
import { ACTION_WORDS, rootContext, rootHeading, rootNow, type ThreadRoot } from "../../src/core/chat/thread-root.ts";
import { digestOf } from "../../src/core/chat/thread-state.ts";
import { type Chat, type ChatPlace, ChatRefusedError } from "../../src/systems/chat.ts";

/** A message as it is now. */
export interface PlainMessage extends ChatPlace {
  /** `null`: it heads a thread. */
  readonly below: string | null;
  text: string;
}

/**
 * The smallest possible chat, in memory: its card is just text. It stands for every chat to come, and knows nothing
 * about any other.
 */
export class PlainChat implements Chat {
  /** No file of people's has words for this one, so it uses those of the one there is. */
  readonly name = "slack";
  readonly messages: PlainMessage[] = [];
  readonly hints: { readonly user: string; readonly text: string }[] = [];

  async post({ channel, below, content }: Parameters<Chat["post"]>[0]): Promise<ChatPlace> {
    const place = { channel, ts: String(this.messages.length + 1) };
    this.messages.push({ ...place, below, text: plainCard(content) });
    return place;
  }

  async update(place: ChatPlace, content: ChatContent): Promise<void> {
    this.#at(place).text = plainCard(content);
  }

  async link(place: ChatPlace): Promise<string | null> {
    return `https://chat.example/${this.#at(place).ts}`;
  }

  async ping(): Promise<void> {}

  async hint(_: string, user: string, line: ChatLine): Promise<void> {
    this.hints.push({ user, text: shown(line) });
  }

  waitBefore(): number {
    return 0;
  }

  readonly digest = (content: ChatContent): string => digestOf([plainCard(content)]);

  #at({ channel, ts }: ChatPlace): PlainMessage {
    const found = this.messages.find((message) => message.channel === channel && message.ts === ts);
    if (found === undefined) throw new ChatRefusedError("no such message", { reason: "gone", isGone: true });
    return found;
  }
}

/** A card of lines. */
export function plainCard(content: ChatContent): string {
  if (content.kind === "lines") return content.lines.map(shown).join("\n");
  const note = content.note === null ? [] : [shown(content.note)];
  return [...rootLines(content.root), ...note].join("\n");
}

function rootLines(root: ThreadRoot): readonly string[] {
  // From an earlier version, and never from this chat.
  if (root.kind === "made") return [shown(root.line)];
  const actions = root.actions.map((action) => `[${ACTION_WORDS[action].label}]`);
  return [
    shown(rootHeading(root)),
    ...rootNow(root).map(shown),
    ...(actions.length === 0 ? [] : [actions.join(" ")]),
    shown(rootContext(root)),
  ];
}

function shown(line: ChatLine): string {
  return line.map(inPlain).join("");
}

/** Its only markup is `@`, so that is what people may not write. */
function inPlain(part: ChatPart): string {
  const bare = (text: string) => text.replaceAll("@", "(at)");
  switch (part.kind) {
    case "words":
      return part.words;
    case "text":
    case "strong":
      return bare(part.text);
    case "code":
      return part.code;
    case "link":
      return `${bare(part.label)} (${part.url})`;
    case "person":
      return part.id === null ? bare(part.login) : `@${part.id}`;
    case "time":
      return new Date(part.at).toISOString();
    case "made":
      return bare(part.made);
  }
}
