import type { Positions } from "../policy/positions.ts";
import { type DocumentProblem, readDocument } from "../policy/read-document.ts";
import { OnCallDocument } from "./on-call-document.ts";
import { brokenOnCallRules } from "./on-call-rules.ts";
import type { OnCallSchedule } from "./schedule.ts";
import { toSchedule } from "./to-schedule.ts";

/** Where a repository keeps its schedule (docs/on-call.md). */
export const ON_CALL_PATH = ".github/sevgate/on-call.yml";

export type ParsedOnCall =
  | {
      readonly kind: "valid";
      readonly schedule: OnCallSchedule;
      /** As written, for finding what is odd in it. */
      readonly document: OnCallDocument;
      readonly positions: Positions;
    }
  | { readonly kind: "invalid"; readonly problems: readonly DocumentProblem[] };

/** Reads `.github/sevgate/on-call.yml` (`readDocument`). Never throws, whatever a user writes. */
export function parseOnCall(text: string): ParsedOnCall {
  const read = readDocument(text, OnCallDocument, brokenOnCallRules);
  if (read.kind === "invalid") return read;
  return { kind: "valid", schedule: toSchedule(read.value), document: read.value, positions: read.positions };
}
