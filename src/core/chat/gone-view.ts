import { line } from "./chat-line.ts";
import { withoutActions } from "./thread-root.ts";
import type { ThreadView } from "./thread-state.ts";

/** The id of the reply, which is posted once. */
const GONE_ID = "gone";
const GONE = line`🗑️ The issue is gone: deleted, or turned into something that is no issue. What is in this thread is what is left of it; the audit log of the organization says who did it.`;
const MOVED = line`➡️ The issue was moved to another repository. If Sevgate is installed there, its incident goes on there, and there are no more updates here.`;

/** What a chat should show of an incident whose issue no longer exists: nothing to do, and a word about that. */
export function goneView(view: ThreadView, became: "gone" | "moved"): ThreadView {
  const replies = view.replies.filter(({ id }) => id !== GONE_ID);
  const said = became === "gone" ? GONE : MOVED;
  return {
    ...view,
    isOpen: false,
    root: withoutActions(view.root),
    replies: [...replies, { id: GONE_ID, line: said, broadcast: true, wakes: false }],
  };
}
