import type { IncidentObservation } from "../observation.ts";
import type { Known } from "../record/known.ts";
import { type Judged, NOTHING } from "./judged.ts";

/** The root message in Slack goes into the record: whoever has lost the index finds it there and posts no second one. */
export function judgeThread(seen: IncidentObservation, { history }: Known): Judged {
  const root = seen.thread?.root ?? null;
  if (root === null || !root.linkAsked) return NOTHING;
  const known = history.announced;
  if (known?.channel === root.channel && known.ts === root.ts) return NOTHING;
  const { channel, ts, name, link } = root;
  return { entries: [{ kind: "announced", at: seen.at, by: null, channel, ts, name, link }], edges: [] };
}
