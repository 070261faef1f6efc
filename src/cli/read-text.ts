import { errorCode } from "../base/error-code.ts";
import { readBounded, whyUnreadable } from "./read-bounded.ts";

/** A file's text, or why it cannot be read, in one line. */
export type ReadText =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "unreadable"; readonly isAbsent: boolean; readonly why: string };

/** How a command reads a file that was named, or standard input for `-`. */
export interface ReadTextOptions {
  /** Where it is looked for when none is named. */
  readonly usual: string;
  readonly largestBytes: number;
  readonly read?: ((file: string) => Promise<Uint8Array>) | undefined;
}

/** Reads a document. Whatever is not UTF-8 becomes U+FFFD here, which its parser refuses and locates. */
export async function readText(file: string, { usual, largestBytes, read }: ReadTextOptions): Promise<ReadText> {
  let bytes: Uint8Array;
  try {
    bytes = await (read === undefined ? readBounded(file, largestBytes) : read(file));
  } catch (error) {
    return { kind: "unreadable", isAbsent: errorCode(error) === "ENOENT", why: whyUnreadable(file, usual, error) };
  }
  return { kind: "text", text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) };
}
