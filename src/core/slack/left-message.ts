import { marked, type SlackMessage } from "./message.ts";
import type { ThreadView } from "./thread-state.ts";

/**
 * What a root message shows whose thread goes on elsewhere: no buttons, and that it is over here. It does not name the
 * other channel, which not everybody here may know of.
 */
export function leftMessage(view: ThreadView): SlackMessage {
  const blocks = view.root.blocks.filter(({ type }) => type !== "actions");
  const told = marked("➡️ What happens is told elsewhere now: in the channel that the policy of the repository names.");
  return { ...view.root, blocks: [...blocks, { type: "context", elements: [told] }] };
}
