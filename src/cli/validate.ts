import { readdir } from "node:fs/promises";
import {
  formatProblem,
  LARGEST_POLICY_BYTES,
  POLICY_PATH,
  type PolicyProblem,
  parsePolicy,
} from "../core/policy/parse.ts";
import type { Policy } from "../core/policy/policy.ts";
import { TEMPLATES_PATH } from "../core/render/template-notice.ts";
import { findMisnamed } from "../observe/find-misnamed.ts";
import { readText } from "./read-text.ts";

/** The templates a repository may have (docs/templates.md). */
const TEMPLATE_FILES = ["incident.md", "post-mortem.md", "status.md"];

export interface ValidateOptions {
  /** A path, `-` for standard input, or `undefined` for the policy and the templates of this repository. */
  readonly file: string | undefined;
  /**
   * One JSON object instead of lines: `{"file":…, "valid":…, "problems":[…]}`, with `"notes":[…]` and
   * `"templates":[…]`, each a file with its own problems, if there are any. `valid` is the answer for all of them.
   */
  readonly json: boolean;
  /** The bytes of a file, or of standard input for `-`. Throws as `node:fs` does. */
  readonly read?: (file: string) => Promise<Uint8Array>;
  /** The names of the files in a folder of the repository; none if it cannot be read. */
  readonly list?: (folder: string) => Promise<readonly string[]>;
  /** Standard output. */
  readonly write?: (text: string) => void;
}

/** A file and what is wrong with it. */
interface Examined {
  readonly file: string;
  readonly problems: readonly PolicyProblem[];
}

/**
 * `sevgate validate [FILE]`: checks a policy, or a template (`*.md`, `*.liquid`), and says what is wrong with it, where, and what
 * to write instead. Without a file: the policy of this repository, and its templates.
 *
 * The exit code and the problems are about the files alone; with a valid policy, notes say what it does not decide, and
 * which files are not read.
 *
 * @returns the exit code: 0 when all is valid, 1 when it is not or cannot be read
 */
export async function validate(options: ValidateOptions): Promise<0 | 1> {
  const { file = POLICY_PATH, json, write = (text) => process.stdout.write(text) } = options;
  const name = file === "-" ? "<stdin>" : file;
  const { problems, notes } = isTemplate(file)
    ? { ...(await examineTemplate(file, options)), notes: [] }
    : await examine(file, options);
  const templates = options.file === undefined ? await examineTemplates(options) : [];
  const valid = [{ problems }, ...templates].every((one) => one.problems.length === 0);
  if (json) {
    const more = { ...(notes.length === 0 ? {} : { notes }), ...(templates.length === 0 ? {} : { templates }) };
    write(`${JSON.stringify({ file: name, valid, problems, ...more })}\n`);
  } else {
    for (const one of [{ file: name, problems }, ...templates]) {
      if (one.problems.length === 0) write(`${one.file}: valid\n`);
      for (const problem of one.problems) write(`${formatProblem(one.file, problem)}\n`);
    }
    for (const note of notes) write(`${name}: note: ${note}\n`);
  }
  return valid ? 0 : 1;
}

function isTemplate(file: string): boolean {
  return /\.(?:md|liquid)$/.test(file);
}

/** The templates of the repository that Sevgate reads. */
async function examineTemplates(options: ValidateOptions): Promise<readonly Examined[]> {
  const { list = listFolder } = options;
  const there = await list(TEMPLATES_PATH);
  const names = TEMPLATE_FILES.filter((name) => there.includes(name));
  return await Promise.all(names.map((name) => examineTemplate(`${TEMPLATES_PATH}/${name}`, options)));
}

/** With the same parser and limits as when an incident is written. */
async function examineTemplate(file: string, { read }: ValidateOptions): Promise<Examined> {
  // If there are none, nothing of Liquid is loaded.
  const { findTemplateTrouble, LONGEST_TEMPLATE_CHARACTERS } = await import("../core/render/liquid.ts");
  // A character takes four bytes at most.
  const largestBytes = 4 * LONGEST_TEMPLATE_CHARACTERS;
  const found = await readText(file, {
    usual: `${TEMPLATES_PATH}/status.md`,
    largestBytes,
    read,
  });
  if (found.kind === "unreadable") return { file, problems: [{ line: 1, column: 1, path: "", message: found.why }] };
  const trouble = findTemplateTrouble(found.text);
  if (trouble === null) return { file, problems: [] };
  return { file, problems: [{ ...trouble, path: "", message: `the template ${trouble.message}` }] };
}

/** `notes`: what the file alone does not say. */
async function examine(
  file: string,
  { read, list = listFolder }: ValidateOptions,
): Promise<{ readonly problems: readonly PolicyProblem[]; readonly notes: readonly string[] }> {
  const found = await readText(file, { usual: POLICY_PATH, largestBytes: LARGEST_POLICY_BYTES, read });
  const isOfRepository = file === POLICY_PATH;
  const paths = async (folder: string) =>
    (await list(folder === "" ? "." : folder)).map((name) => (folder === "" ? name : `${folder}/${name}`));
  if (found.kind === "unreadable") {
    const misnamed = found.isAbsent && isOfRepository ? await findMisnamed(paths, true) : [];
    const policy = misnamed.find(({ meant }) => meant === POLICY_PATH);
    const message =
      policy === undefined ? found.why : `there is no such file, but ${policy.path}: rename it to ${policy.meant}`;
    return { problems: [{ line: 1, column: 1, path: "", message }], notes: [] };
  }
  const parsed = parsePolicy(found.text);
  if (parsed.kind === "invalid") return { problems: parsed.problems, notes: [] };
  const misnamed = isOfRepository ? await findMisnamed(paths, false) : [];
  const unread = misnamed.map(({ path, meant }) => `${path} is not read: rename it to ${meant}`);
  return { problems: [], notes: [...notesOn(parsed.policy), ...unread] };
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
    // Not there, or not ours to look into: then nothing can be said about it.
    return [];
  }
}
