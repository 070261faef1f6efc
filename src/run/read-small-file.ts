import { closeSync, constants, openSync, readSync } from "node:fs";
import { errorCode } from "../base/error-code.ts";

/** Many times what a bundle of certificates weighs, the largest that a setting names. */
const LARGEST_BYTES = 4 * 1024 * 1024;
/** How long somebody may take to write into a pipe, such as the `<(…)` of a shell. */
const LONGEST_WAIT_MS = 5_000;
const PAUSE_MS = 10;

/**
 * The text of a file that a setting names. It ends whatever is there: a file that is too large throws `EFBIG`, a pipe that
 * nobody writes to `ETIMEDOUT`, or is empty, and everything else throws as `readFileSync` does.
 */
export function readSmallFile(path: string, longestWaitMs: number = LONGEST_WAIT_MS): string {
  // Without O_NONBLOCK opening a pipe waits for somebody who writes: a start that says nothing, and never ends.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const chunk = readChunk(file, longestWaitMs);
      if (chunk.length === 0) return Buffer.concat(chunks).toString("utf8");
      chunks.push(chunk);
      size += chunk.length;
      if (size > LARGEST_BYTES) throw refusal("EFBIG", path);
    }
  } finally {
    closeSync(file);
  }
}

/** What comes next; empty at the end. */
function readChunk(file: number, longestWaitMs: number): Buffer {
  const chunk = Buffer.allocUnsafe(64 * 1024);
  for (let waitedMs = 0; ; waitedMs += PAUSE_MS) {
    try {
      return chunk.subarray(0, readSync(file, chunk));
    } catch (error) {
      if (errorCode(error) !== "EAGAIN") throw error;
      if (waitedMs >= longestWaitMs) throw refusal("ETIMEDOUT", "a pipe that nobody writes to");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}

function refusal(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}
