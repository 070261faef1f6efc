import * as z from "zod";
import type { CommentFacts } from "../model.ts";
import { Entry } from "./entry.ts";

/**
 * What GitHub does not already say about an incident, kept in the app's own status comment
 * (docs/decisions/0001-github-is-the-record.md). It holds receipts, never text that is parsed again.
 */
export const IncidentRecord = z.strictObject({
  version: z.literal(1),
  /** Grows by one with every write; an older one in the comment is a rollback. */
  revision: z.int().positive(),
  /** The issue template was applied; it is applied once. */
  templateApplied: z.boolean(),
  /** Ids of the checklist items people ticked. */
  ticks: z.array(z.string().max(40)).max(50),
  /** Comments up to this id count as judged although their receipts were dropped. 0: none. */
  judgedUpTo: z.int().nonnegative(),
  entries: z.array(Entry).max(2_000),
});
export type IncidentRecord = z.output<typeof IncidentRecord>;

/** Whether the commands of a comment have been judged. They never are again: edits and deletions change nothing. */
export function isJudged(record: IncidentRecord, comment: Pick<CommentFacts, "id">, line: number): boolean {
  if (comment.id <= record.judgedUpTo) return true;
  return record.entries.some(
    (entry) =>
      "source" in entry && entry.source !== null && entry.source.comment === comment.id && entry.source.line === line,
  );
}

/** Whether two records say the same, apart from their revision. */
export function sameRecord(a: IncidentRecord, b: IncidentRecord): boolean {
  return JSON.stringify({ ...a, revision: 0 }) === JSON.stringify({ ...b, revision: 0 });
}
