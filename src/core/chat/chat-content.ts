import type { ChatLine } from "./chat-line.ts";
import type { ThreadRoot } from "./thread-root.ts";

/** What one message shows, before a chat makes a card of it. */
export type ChatContent =
  /** `note`: a line below it; `null`: none. */
  | { readonly kind: "root"; readonly root: ThreadRoot; readonly note: ChatLine | null }
  /** Never empty. A chat with a limit leaves out the first ones. */
  | { readonly kind: "lines"; readonly lines: readonly ChatLine[] };

/** The message at the head of a thread. */
export function rootContent(root: ThreadRoot): ChatContent {
  return { kind: "root", root, note: null };
}
