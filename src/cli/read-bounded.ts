import { createReadStream } from "node:fs";

/**
 * Reads a file, or standard input for `-`, but no more than is needed to see that it is larger than `largestBytes`: it
 * may be an endless stream. Throws as `node:fs` does.
 */
export async function readBounded(file: string, largestBytes: number): Promise<Uint8Array> {
  const stream: AsyncIterable<Buffer> = file === "-" ? process.stdin : createReadStream(file);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.byteLength;
    // A byte order mark is skipped, and one byte too many has to be noticed.
    if (size > largestBytes + 3) break;
  }
  return Buffer.concat(chunks);
}

/** Why a file cannot be read, and what to do. `usual`: where it is looked for when none is named. */
export function whyUnreadable(file: string, usual: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "ENOENT" || code === "ENOTDIR") {
    return file === usual
      ? "there is no such file: run this in the root of a repository, or name the file"
      : "there is no such file: check the name";
  }
  if (code === "EISDIR") return `this is a folder: name the file in it, such as ${usual}`;
  if (code === "EACCES" || code === "EPERM") return "the file may not be read: check its permissions";
  if (error instanceof Error) return `the file cannot be read: ${error.message}`;
  throw error;
}
