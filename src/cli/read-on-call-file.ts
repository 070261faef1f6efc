import { ON_CALL_PATH, type ParsedOnCall, parseOnCall } from "../core/oncall/parse-on-call.ts";
import { LARGEST_DOCUMENT_BYTES } from "../core/policy/read-document.ts";
import { readBounded, whyUnreadable } from "./read-bounded.ts";

/** Reads a schedule from disk, or from standard input for `-`. A file that cannot be read is a problem like others. */
export async function readOnCallFile(
  file = ON_CALL_PATH,
  read: (file: string) => Promise<Uint8Array> = (name) => readBounded(name, LARGEST_DOCUMENT_BYTES),
): Promise<ParsedOnCall> {
  let bytes: Uint8Array;
  try {
    bytes = await read(file);
  } catch (error) {
    const message = whyUnreadable(file, ON_CALL_PATH, error);
    return { kind: "invalid", problems: [{ line: 1, column: 1, path: "", message }] };
  }
  // What is no UTF-8 becomes U+FFFD here; parseOnCall refuses that, with its place.
  return parseOnCall(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
}
