import type { IncidentObservation } from "../observation.ts";
import type { Known } from "../record/known.ts";
import { type Judged, NOTHING } from "./judged.ts";

/**
 * The root message in the chat goes into the record: a process that has lost the index finds it there and does not post
 * a second one.
 */
export function judgeThread(seen: IncidentObservation, { history }: Known): Judged {
  const { root = null, chat } = seen.thread ?? {};
  if (root === null || !root.linkAsked) return NOTHING;
  const known = history.announced;
  if (known?.channel === root.channel && known.ts === root.ts && known.chat === chat) return NOTHING;
  const { channel, ts, name, link } = root;
  const where = { ...(chat === undefined ? {} : { chat }), channel, ts, name, link };
  return { ...NOTHING, entries: [{ kind: "announced", at: seen.at, by: null, ...where }] };
}
