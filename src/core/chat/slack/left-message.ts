import type { ThreadView } from "../thread-state.ts";
import { marked, messageOfLines, type SlackMessage } from "./message.ts";

const ELSEWHERE = "➡️ What happens is told elsewhere now: in the channel that the policy of the repository names.";

/**
 * What a root message shows whose thread goes on elsewhere: no buttons, and that it is over here. It does not name the
 * other channel, which not everybody here may know of.
 *
 * @param view `null`: the incident may not be shown here any more
 */
export function leftMessage(view: ThreadView | null): SlackMessage {
  if (view === null) return messageOfLines([ELSEWHERE]);
  const blocks = view.root.blocks.filter(({ type }) => type !== "actions");
  return { ...view.root, blocks: [...blocks, { type: "context", elements: [marked(ELSEWHERE)] }] };
}
