import type { Archive, PastIncident } from "../core/archive/past-incident.ts";
import type { Instant, IssueFacts, Repository } from "../core/model.ts";
import type { AppIdentity } from "../core/own.ts";
import type { Policy } from "../core/policy/policy.ts";
import { readJson } from "../core/read-json.ts";
import { fold } from "../core/record/history.ts";
import { IncidentRecord } from "../core/record/record.ts";
import type { Opened, SealedFor } from "../core/record/seal.ts";
import type { IndexReader } from "../store/index-store.ts";
import type { GitHubReader } from "../systems/github/ports.ts";
import { newestOf, ownStatuses } from "./own-statuses.ts";

/** As many incidents are read at most, the newest: more would be a minute of requests. */
export const MOST_IN_ARCHIVE = 1_000;
/** How many conversations are read at once. */
const AT_ONCE = 8;

/** What the archive is read with. */
export interface ArchiveParts {
  readonly read: GitHubReader;
  readonly index: IndexReader;
  readonly app: AppIdentity;
  readonly openRecord: (commentBody: string, place: SealedFor) => Opened;
}

/**
 * The incidents of a repository, from its issues with the label of a severity: one listing for each severity, and one
 * request for each incident whose record the index does not have. Nothing is looked up but that.
 *
 * Throws as GitHub's ports do.
 *
 * @param since leaves out issues that were not touched since; `null`: none
 * @param counts which of the listed issues count
 */
export async function readArchive(
  parts: ArchiveParts,
  repository: Repository,
  policy: Pick<Policy, "severities">,
  { state, since, most }: { readonly state: "open" | "all"; readonly since: Instant | null; readonly most: number },
  counts: (issue: IssueFacts) => boolean = () => true,
): Promise<Archive> {
  const lists = await Promise.all(
    policy.severities.map(({ label }) => parts.read.issuesWithLabel(repository, label, { state, since })),
  );
  const byNumber = new Map(
    lists
      .flat()
      .filter(counts)
      .map((issue) => [issue.number, issue]),
  );
  const issues = [...byNumber.values()].toSorted((a, b) => b.number - a.number);
  const kept = issues.slice(0, most);
  const incidents: PastIncident[] = [];
  const unreadable: number[] = [];
  for (let from = 0; from < kept.length; from += AT_ONCE) {
    const some = kept.slice(from, from + AT_ONCE);
    const records = await Promise.all(some.map((issue) => recordOf(parts, repository, issue)));
    for (const [at, issue] of some.entries()) {
      const record = records[at] ?? null;
      if (record === null) unreadable.push(issue.number);
      else incidents.push({ issue, record, history: fold(record.entries) });
    }
  }
  return {
    incidents: incidents.toReversed(),
    unreadable: unreadable.toReversed(),
    unread: issues.length - kept.length,
  };
}

/** The index's copy of a record; `null`: it has none that can be folded. */
export async function copyOfRecord(
  { index }: Pick<ArchiveParts, "index">,
  repository: Repository,
  { number }: Pick<IssueFacts, "number">,
): Promise<IncidentRecord | null> {
  const known = await index.incident(repository.id, number);
  const copy = readJson(IncidentRecord, known?.record);
  return isWhole(copy) ? copy : null;
}

/** The record in the status comment, or the index's copy of it; `null`: there is none that can be trusted. */
export async function recordOf(
  parts: ArchiveParts,
  repository: Repository,
  issue: IssueFacts,
): Promise<IncidentRecord | null> {
  const { read, app, openRecord } = parts;
  const copy = await copyOfRecord(parts, repository, issue);
  if (copy !== null) return copy;
  if (issue.commentCount === 0) return null;
  const comments = await read.comments(repository, issue.number, null);
  const sorted = comments.toSorted((a, b) => a.id - b.id);
  const opened = newestOf(ownStatuses({ app, openRecord }, repository, issue, sorted))?.opened;
  return opened?.kind === "valid" && isWhole(opened.record) ? opened.record : null;
}

/** Whether there is a record that can be folded: an unchecked one may be anybody's. */
function isWhole(record: IncidentRecord | null): record is IncidentRecord {
  return record?.entries.some(({ kind }) => kind === "declared") ?? false;
}
