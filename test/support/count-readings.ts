import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What one reading costs in steps, and what reading four times as much costs. */
export interface Counted {
  readonly name: string;
  readonly once: number;
  readonly fourfold: number;
}

const PROCESS = fileURLToPath(new URL("count-steps-process.ts", import.meta.url));

/** Counts all readings of every `each`-th hostile text, or the one that grows with the square of its text. */
export async function countReadings(each: number, of: "all" | "quadratic" = "all"): Promise<readonly Counted[]> {
  const parameters = [PROCESS, String(each), "1000", of];
  // Of what comes compiled from a cache, V8 does not count each piece.
  const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" };
  const { stdout } = await promisify(execFile)(process.execPath, parameters, { maxBuffer: 64 * 1_048_576, env });
  const lines = stdout.trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Counted);
}
