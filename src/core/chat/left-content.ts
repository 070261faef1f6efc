import type { ChatContent } from "./chat-content.ts";
import { line } from "./chat-line.ts";
import { withoutActions } from "./thread-root.ts";
import type { ThreadView } from "./thread-state.ts";

const ELSEWHERE = line`➡️ What happens is told elsewhere now: in the channel that the policy of the repository names.`;

/**
 * What a root message shows whose thread goes on elsewhere: nothing to do, and that it is over here. It does not name the
 * other channel, which not everybody here may know of.
 *
 * @param view `null`: the incident may not be shown here any more
 */
export function leftContent(view: ThreadView | null): ChatContent {
  return view === null
    ? { kind: "lines", lines: [ELSEWHERE] }
    : { kind: "root", root: withoutActions(view.root), note: ELSEWHERE };
}
