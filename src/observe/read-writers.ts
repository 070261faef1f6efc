import { isAppLogin, sameTarget, targetKey } from "../core/names.ts";
import type { EvidenceFacts, IncidentObservation, WriterFacts } from "../core/observation.ts";
import type { WantedWriters } from "../core/wanted.ts";
import type { Reader, Reading } from "./reading.ts";

/** Who wrote the post-mortems that somebody accepts. */
export const readWriters: Reader = async (reading, seen, { writers: wanted }) => {
  if (wanted.length === 0) return {};
  const read = await reading.orWait("read:writers", () =>
    Promise.all(wanted.map(async (one) => [targetKey(one.target), await writersOf(reading, seen, one)] as const)),
  );
  return { writers: new Map((read ?? []).flatMap(([key, facts]) => (facts === null ? [] : [[key, facts] as const]))) };
};

/** `null`: its text could not be read. */
async function writersOf(
  { read, places }: Reading,
  seen: IncidentObservation,
  { target, place }: WantedWriters,
): Promise<WriterFacts | null> {
  const { repository } = await places(place.repository);
  const issue = seen.evidence.find(
    (one): one is Extract<EvidenceFacts, { kind: "issue" }> => one.kind === "issue" && sameTarget(one.target, target),
  )?.answer;
  if (repository === null || issue === undefined || typeof issue === "string") return null;
  const author = issue.author?.login ?? null;
  const edits = await read.issueEdits(repository, place.number);
  // Without the history of its text: of a draft by the app, whoever asked for it counts as the writer.
  const asked = edits === "unsupported" && author !== null && isAppLogin(author) ? askersOf(seen, target) : [];
  const editors = edits === "unsupported" ? [] : edits.editors;
  const people = [...(author === null ? [] : [author]), ...editors, ...asked];
  return { logins: [...new Set(people)], editedAt: edits === "unsupported" ? null : edits.lastEditedAt };
}

/** Who has linked it by command: for a draft of the app, whoever asked for it. */
function askersOf({ record }: IncidentObservation, target: WantedWriters["target"]): readonly string[] {
  const entries = record.kind === "found" ? record.record.entries : [];
  return entries.flatMap((entry) =>
    entry.kind === "linked" && entry.by !== null && sameTarget(entry.target, target) ? [entry.by] : [],
  );
}
