import type { ThreadView } from "./thread-state.ts";

/** Of the reply: it is told once. */
const GONE_ID = "gone";
const GONE =
  "🗑️ The issue is gone: deleted, or turned into something that is no issue. What is in this thread is what is left of it; " +
  "the audit log of the organization says who did it.";

const MOVED =
  "➡️ The issue was moved to another repository. If Sevgate is installed there, its incident goes on there; nothing more is told here.";

/** What Slack should show of an incident whose issue is not there any more: no buttons, and a word about it. */
export function goneView(view: ThreadView, became: "gone" | "moved"): ThreadView {
  const blocks = view.root.blocks.filter(({ type }) => type !== "actions");
  const replies = view.replies.filter(({ id }) => id !== GONE_ID);
  const text = became === "gone" ? GONE : MOVED;
  return {
    ...view,
    isOpen: false,
    root: { ...view.root, blocks },
    replies: [...replies, { id: GONE_ID, text, broadcast: true }],
  };
}
