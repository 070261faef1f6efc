import { readdir } from "node:fs/promises";
import { type MisnamedFile, misnamedFile } from "../core/policy/misnamed-file.ts";
import { formatProblem, LARGEST_POLICY_BYTES, type PolicyProblem, parsePolicy } from "../core/policy/parse.ts";
import type { Policy } from "../core/policy/policy.ts";
import { readText } from "./read-text.ts";

/** Where a repository keeps its policy (docs/policy.md). */
export const DEFAULT_POLICY_FILE = ".github/sevgate.yml";

export interface ValidateOptions {
  /** A path, `-` for standard input, or `undefined` for `.github/sevgate.yml`. */
  readonly file: string | undefined;
  /** One JSON object instead of lines: `{"file":…, "valid":…, "problems":[…]}`, with `"notes":[…]` where there are any. */
  readonly json: boolean;
  /** The bytes of a file, or of standard input for `-`. Throws as `node:fs` does. */
  readonly read?: (file: string) => Promise<Uint8Array>;
  /** The names in a folder of the repository; none where it cannot be read. */
  readonly list?: (folder: string) => Promise<readonly string[]>;
  /** Standard output. */
  readonly write?: (text: string) => void;
}

/**
 * `sevgate validate [FILE]`: checks a policy file and says what is wrong with it, where, and what to write instead.
 *
 * Exit code and problems speak of the file alone; with a valid one, notes say what it does not decide.
 *
 * @returns the exit code: 0 when the policy is valid, 1 when it is not or cannot be read
 */
export async function validate(options: ValidateOptions): Promise<0 | 1> {
  const { file = DEFAULT_POLICY_FILE, json, write = (text) => process.stdout.write(text) } = options;
  const name = file === "-" ? "<stdin>" : file;
  const { problems, notes } = await examine(file, options);
  const valid = problems.length === 0;
  if (json) {
    write(`${JSON.stringify({ file: name, valid, problems, ...(notes.length === 0 ? {} : { notes }) })}\n`);
  } else if (valid) {
    write(`${name}: valid\n`);
    for (const note of notes) write(`${name}: note: ${note}\n`);
  } else {
    for (const problem of problems) write(`${formatProblem(name, problem)}\n`);
  }
  return valid ? 0 : 1;
}

/** `notes`: what the file alone does not tell. */
async function examine(
  file: string,
  { read, list = listFolder }: ValidateOptions,
): Promise<{ readonly problems: readonly PolicyProblem[]; readonly notes: readonly string[] }> {
  const found = await readText(file, { usual: DEFAULT_POLICY_FILE, largestBytes: LARGEST_POLICY_BYTES, read });
  if (found.kind === "unreadable") {
    const misnamed = found.isAbsent && file === DEFAULT_POLICY_FILE ? await findMisnamed(list) : undefined;
    const message =
      misnamed === undefined
        ? found.why
        : `there is no such file, but ${misnamed.path}: rename it to ${misnamed.meant}`;
    return { problems: [{ line: 1, column: 1, path: "", message }], notes: [] };
  }
  const parsed = parsePolicy(found.text);
  return parsed.kind === "valid"
    ? { problems: [], notes: notesOn(parsed.policy) }
    : { problems: parsed.problems, notes: [] };
}

function notesOn(policy: Policy): readonly string[] {
  const { repository } = policy["post-mortem"];
  if (repository === "same") return [];
  return [
    `post-mortem.repository: if ${repository} is private, its own policy has to name this repository under evidence-for, ` +
      "and judges by its own post-mortem rules (`sevgate doctor` looks)",
  ];
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    // Not there, or not ours to look into: then nothing can be said of it.
    return [];
  }
}

async function findMisnamed(list: (folder: string) => Promise<readonly string[]>): Promise<MisnamedFile | undefined> {
  for (const folder of ["", ".github", ".github/sevgate"]) {
    const names = await list(folder === "" ? "." : folder);
    const found = names.flatMap((name) => misnamedFile(folder === "" ? name : `${folder}/${name}`) ?? []);
    if (found[0] !== undefined) return found[0];
  }
  return undefined;
}
