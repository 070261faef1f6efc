import { ON_CALL_PATH, type ParsedOnCall, parseOnCall } from "../core/oncall/parse-on-call.ts";
import { LARGEST_DOCUMENT_BYTES } from "../core/policy/read-document.ts";
import { type ReadTextOptions, readText } from "./read-text.ts";

/** Reads a schedule from disk, or from standard input for `-`. A file that cannot be read is a problem like any other. */
export async function readOnCallFile(file = ON_CALL_PATH, read?: ReadTextOptions["read"]): Promise<ParsedOnCall> {
  const found = await readText(file, { usual: ON_CALL_PATH, largestBytes: LARGEST_DOCUMENT_BYTES, read });
  if (found.kind === "text") return parseOnCall(found.text);
  return { kind: "invalid", problems: [{ line: 1, column: 1, path: "", message: found.why }] };
}
