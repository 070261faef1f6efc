import { formatProblem, LARGEST_POLICY_BYTES, type PolicyProblem, parsePolicy } from "../core/policy/parse.ts";
import { readText } from "./read-text.ts";

/** Where a repository keeps its policy (docs/policy.md). */
export const DEFAULT_POLICY_FILE = ".github/sevgate.yml";

export interface ValidateOptions {
  /** A path, `-` for standard input, or `undefined` for `.github/sevgate.yml`. */
  readonly file: string | undefined;
  /** One JSON object instead of lines: `{"file":…, "valid":…, "problems":[…]}`. */
  readonly json: boolean;
  /** The bytes of a file, or of standard input for `-`. Throws as `node:fs` does. */
  readonly read?: (file: string) => Promise<Uint8Array>;
  /** Standard output. */
  readonly write?: (text: string) => void;
}

/**
 * `sevgate validate [FILE]`: checks a policy file and says what is wrong with it, where, and what to write instead.
 *
 * @returns the exit code: 0 when the policy is valid, 1 when it is not or cannot be read
 */
export async function validate(options: ValidateOptions): Promise<0 | 1> {
  const { file = DEFAULT_POLICY_FILE, json, read, write = (text) => process.stdout.write(text) } = options;
  const name = file === "-" ? "<stdin>" : file;
  const problems = await findProblems(file, read);
  const valid = problems.length === 0;
  if (json) {
    write(`${JSON.stringify({ file: name, valid, problems })}\n`);
  } else if (valid) {
    write(`${name}: valid\n`);
  } else {
    for (const problem of problems) write(`${formatProblem(name, problem)}\n`);
  }
  return valid ? 0 : 1;
}

async function findProblems(file: string, read: ValidateOptions["read"]): Promise<readonly PolicyProblem[]> {
  const found = await readText(file, { usual: DEFAULT_POLICY_FILE, largestBytes: LARGEST_POLICY_BYTES, read });
  if (found.kind === "unreadable") return [{ line: 1, column: 1, path: "", message: found.why }];
  const parsed = parsePolicy(found.text);
  return parsed.kind === "valid" ? [] : parsed.problems;
}
