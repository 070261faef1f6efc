import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const MAIN = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Runs `sevgate` with these arguments as a person with a token would, and returns what it prints. Nothing else of the
 * surrounding environment reaches it, and it runs in `folder`.
 *
 * @throws Error when it does not end with 0
 */
export async function runCommand(
  args: readonly string[],
  place: { readonly folder: string; readonly githubUrl: string; readonly token: string },
): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args], {
    cwd: place.folder,
    maxBuffer: MOST_BYTES,
    env: { PATH: process.env["PATH"] ?? "", GITHUB_TOKEN: place.token, GITHUB_API_URL: place.githubUrl },
  });
  return stdout;
}
