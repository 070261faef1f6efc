import type { ChatLine } from "./chat-line.ts";
import type { ThreadRoot } from "./thread-root.ts";

/** What one message shows, before it is a card of a chat. */
export type ChatContent =
  /** `note`: a last word below; `null`: none. */
  | { readonly kind: "root"; readonly root: ThreadRoot; readonly note: ChatLine | null }
  /** Never empty. A chat that takes only so much leaves out the first. */
  | { readonly kind: "lines"; readonly lines: readonly ChatLine[] };

/** The message at the head of a thread. */
export function rootContent(root: ThreadRoot): ChatContent {
  return { kind: "root", root, note: null };
}
