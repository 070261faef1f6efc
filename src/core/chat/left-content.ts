import type { ChatContent } from "./chat-content.ts";
import { line } from "./chat-line.ts";
import { withoutActions } from "./thread-root.ts";
import type { ThreadView } from "./thread-state.ts";

const ELSEWHERE = line`➡️ Updates are elsewhere now: in the channel that the policy of the repository names.`;

/**
 * What a root message shows once its thread has moved elsewhere: nothing to do, and that it has ended here. It does not
 * name the other channel, which not everybody here may know about.
 *
 * @param view `null`: the incident may no longer be shown here
 */
export function leftContent(view: ThreadView | null): ChatContent {
  return view === null
    ? { kind: "lines", lines: [ELSEWHERE] }
    : { kind: "root", root: withoutActions(view.root), note: ELSEWHERE };
}
