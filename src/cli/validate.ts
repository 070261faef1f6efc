import { posix } from "node:path";
import { oneLine } from "../core/markdown/escape.ts";
import { type PolicyChange, policyChanges } from "../core/policy/describe-change.ts";
import { describePolicy, type PolicyMeaning } from "../core/policy/describe-policy.ts";
import {
  extendsOwner,
  formatProblem,
  LARGEST_POLICY_BYTES,
  type OwnerPolicy,
  POLICY_PATH,
  type PolicyProblem,
  parsePolicy,
} from "../core/policy/parse.ts";
import type { Policy } from "../core/policy/policy.ts";
import { templateNameIn } from "../core/policy/post-mortem-template.ts";
import { TEMPLATES_PATH } from "../core/render/template-notice.ts";
import { findMisnamed } from "../observe/find-misnamed.ts";
import { examineForms, type FormFile, type FormWarning } from "./examine-forms.ts";
import { listFolder } from "./list-folder.ts";
import { readText } from "./read-text.ts";

/** The templates a repository may have (docs/templates.md). */
const TEMPLATE_FILES = ["incident.md", "post-mortem.md", "status.md"];

export interface ValidateOptions {
  /** A path, `-` for standard input, or `undefined` for the policy and the templates of this repository. */
  readonly file: string | undefined;
  /** A policy to compare with, such as that of the default branch. */
  readonly base?: string | undefined;
  /** The owner's policy, which `extends: owner` stands for. */
  readonly owner?: string | undefined;
  /**
   * One JSON object instead of lines: `{"file":…, "valid":…, "problems":[…]}`; of a valid policy also `"means":{…}`; and if
   * there are any, `"notes":[…]`, `"warnings":[…]`, `"comparedWith":{"file":…, "changes":[…]}`, and `"others":[…]`: files
   * that were looked at as well (`templates`, and what `base` and `owner` name, if it cannot be used), each with its own
   * problems. `valid` is the answer for all of them.
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

/** What was found out about one policy or template. */
interface Found extends Omit<Examined, "file"> {
  /** `null`: it is no policy, is broken, or cannot be understood from here. */
  readonly means: PolicyMeaning | null;
  /** What the file alone does not say. */
  readonly notes: readonly string[];
  readonly warnings: readonly FormWarning[];
  readonly comparedWith: Comparison | null;
  /** What is wrong with the files it was to be read or compared with. */
  readonly others: readonly Examined[];
}

interface Comparison {
  readonly file: string;
  readonly changes: readonly PolicyChange[];
}

const NOTHING_ELSE: Omit<Found, "problems"> = { means: null, notes: [], warnings: [], comparedWith: null, others: [] };

/**
 * `sevgate validate [FILE]`: checks a policy, or a template (`*.md`, `*.liquid`), and says what is wrong with it, where, and what
 * to write instead; of a valid policy, what it means. Without a file: the policy of this repository, and its templates.
 *
 * The exit code and the problems are about the files alone. Notes say what a valid policy does not decide, and which files are
 * not read; warnings, which issue forms beside it declare nothing.
 *
 * @returns the exit code: 0 when all is valid, 1 when it is not or cannot be read
 */
export async function validate(options: ValidateOptions): Promise<0 | 1> {
  const { file = POLICY_PATH, json, write = (text) => process.stdout.write(text) } = options;
  const name = shownName(file);
  const found = isTemplate(file)
    ? { ...NOTHING_ELSE, ...(await examineTemplate(file, options)) }
    : await examine(file, options);
  const templates = options.file === undefined ? await examineTemplates(options) : [];
  const all = [{ file: name, problems: found.problems }, ...found.others, ...templates];
  const valid = all.every((one) => one.problems.length === 0);
  write(json ? `${inJson(name, valid, found, templates)}\n` : `${inLines(name, found, templates).join("\n")}\n`);
  return valid ? 0 : 1;
}

function shownName(file: string): string {
  return file === "-" ? "<stdin>" : file;
}

function inJson(
  file: string,
  valid: boolean,
  { problems, means, notes, warnings, comparedWith, others }: Found,
  templates: readonly Examined[],
): string {
  return JSON.stringify({
    file,
    valid,
    problems,
    ...(means === null ? {} : { means }),
    ...(notes.length === 0 ? {} : { notes }),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(comparedWith === null ? {} : { comparedWith }),
    ...(others.length === 0 ? {} : { others }),
    ...(templates.length === 0 ? {} : { templates }),
  });
}

function inLines(file: string, found: Found, templates: readonly Examined[]): readonly string[] {
  return [
    ...linesOf({ file, problems: found.problems }),
    ...(found.means === null ? [] : meaningLines(found.means)),
    ...[...found.others, ...templates].flatMap(linesOf),
    ...found.notes.map((note) => `${file}: note: ${oneLine(note)}`),
    ...found.warnings.map((one) => `${oneLine(one.file)}: warning: ${one.message}`),
    ...(found.comparedWith === null ? [] : comparisonLines(found.comparedWith)),
  ];
}

function linesOf({ file, problems }: Examined): readonly string[] {
  return problems.length === 0 ? [`${file}: valid`] : problems.map((one) => formatProblem(file, one));
}

function meaningLines({ severities, otherwise }: PolicyMeaning): readonly string[] {
  const rows = severities.map((one) => {
    const deadlines = [
      { what: "ack", limit: one["acknowledge-within"] },
      { what: "update", limit: one["update-every"] },
      { what: "post-mortem", limit: one["post-mortem-within"] },
      { what: "action items", limit: one["action-items-within"] },
    ].flatMap(({ what, limit }) => (limit === null ? [] : [`${what} ${limit}`]));
    const within = deadlines.join(", ") || "no deadline";
    return [one.severity, oneLine(one.label), within, closes(one["needs-to-close"])];
  });
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return [
    ...rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`),
    ...(otherwise.length === 0
      ? []
      : ["  what it changes from the built-in policy:", ...otherwise.map((line) => `  - ${line}`)]),
  ];
}

function closes(needs: string): string {
  return needs === "nothing" ? "needs nothing to close" : `closes with ${needs}`;
}

function comparisonLines({ file, changes }: Comparison): readonly string[] {
  if (changes.length === 0) return [`compared with ${file}: nothing changes in effect`];
  return [`compared with ${file}:`, ...changes.map(({ text }) => `  - ${text}`)];
}

function isTemplate(file: string): boolean {
  return /\.(?:md|liquid)$/.test(file);
}

/** The templates of the repository that Sevgate reads. */
async function examineTemplates(options: ValidateOptions): Promise<readonly Examined[]> {
  const { list = listFolder } = options;
  const there = await list(TEMPLATES_PATH);
  const named = there.filter((name) => templateNameIn(name) !== null).toSorted();
  const names = [...TEMPLATE_FILES.filter((name) => there.includes(name)), ...named];
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
  if (found.kind === "unreadable") return { file, problems: [wholeFile(found.why)] };
  const trouble = findTemplateTrouble(found.text);
  if (trouble === null) return { file, problems: [] };
  return { file, problems: [{ ...trouble, path: "", message: `the template ${trouble.message}` }] };
}

async function examine(file: string, options: ValidateOptions): Promise<Found> {
  const { list = listFolder } = options;
  const found = await readPolicyText(file, options);
  const isOfRepository = file === POLICY_PATH;
  const paths = async (folder: string) =>
    (await list(folder === "" ? "." : folder)).map((name) => (folder === "" ? name : `${folder}/${name}`));
  if (found.kind === "unreadable") {
    const misnamed = found.isAbsent && isOfRepository ? await findMisnamed(paths, true) : [];
    const policy = misnamed.find(({ meant }) => meant === POLICY_PATH);
    const message =
      policy === undefined ? found.why : `there is no such file, but ${policy.path}: rename it to ${policy.meant}`;
    return { ...NOTHING_ELSE, problems: [wholeFile(message)] };
  }
  const owner = await readOwner(options);
  if ("problems" in owner) return { ...NOTHING_ELSE, problems: [], others: [owner] };
  const parsed = parsePolicy(found.text, owner);
  if (parsed.kind === "invalid") return { ...NOTHING_ELSE, problems: parsed.problems };
  const isUnderstood = isWhole(found.text, owner);
  const base = await readBase(options, owner);
  const misnamed = isOfRepository ? await findMisnamed(paths, false) : [];
  const unread = misnamed.map(({ path, meant }) => `${path} is not read: rename it to ${meant}`);
  return {
    problems: [],
    means: isUnderstood ? describePolicy(parsed.policy) : null,
    notes: [...notesOn(parsed.policy), ...unread, ...(isUnderstood ? [] : [OWNER_ELSEWHERE])],
    warnings: isUnderstood ? examineForms(parsed.policy, await readForms(file, options)) : [],
    comparedWith:
      base !== null && "policy" in base && base.isWhole && isUnderstood
        ? { file: base.file, changes: policyChanges(base.policy, parsed.policy) }
        : null,
    others: base !== null && "problems" in base ? [base] : [],
  };
}

/** Laid over one that is not known, nobody can say what a policy means, nor which labels count, nor what has changed. */
function isWhole(text: string, owner: OwnerPolicy): boolean {
  return owner.kind !== "elsewhere" || !extendsOwner(text);
}

function wholeFile(message: string): PolicyProblem {
  return { line: 1, column: 1, path: "", message };
}

async function readPolicyText(file: string, { read }: ValidateOptions) {
  return await readText(file, { usual: POLICY_PATH, largestBytes: LARGEST_POLICY_BYTES, read });
}

/** What `extends: owner` stands for, or what is wrong with the file that was named for it. */
async function readOwner(options: ValidateOptions): Promise<OwnerPolicy | Examined> {
  const { owner: file } = options;
  if (file === undefined) return { kind: "elsewhere" };
  const found = await readPolicyText(file, options);
  if (found.kind === "unreadable") return { file, problems: [wholeFile(found.why)] };
  return { kind: "text", place: file, text: found.text };
}

/** The policy to compare with, or what is wrong with its file; `null`: none was named. */
async function readBase(
  options: ValidateOptions,
  owner: OwnerPolicy,
): Promise<{ readonly file: string; readonly policy: Policy; readonly isWhole: boolean } | Examined | null> {
  if (options.base === undefined) return null;
  const found = await readPolicyText(options.base, options);
  const file = shownName(options.base);
  if (found.kind === "unreadable") return { file, problems: [wholeFile(found.why)] };
  const parsed = parsePolicy(found.text, owner);
  if (parsed.kind === "invalid") return { file, problems: parsed.problems };
  return { file, policy: parsed.policy, isWhole: isWhole(found.text, owner) };
}

/** The issue forms beside a policy; none for one from standard input. */
async function readForms(policy: string, options: ValidateOptions): Promise<readonly FormFile[]> {
  if (policy === "-") return [];
  const { list = listFolder } = options;
  const folder = posix.join(posix.dirname(policy.replaceAll("\\", "/")), "ISSUE_TEMPLATE");
  const names = (await list(folder)).filter((name) => /\.ya?ml$/.test(name) && !/^config\.ya?ml$/.test(name));
  const forms = await Promise.all(
    names.toSorted().map(async (name): Promise<readonly FormFile[]> => {
      const file = `${folder}/${name}`;
      const found = await readPolicyText(file, options);
      return found.kind === "text" ? [{ file, text: found.text }] : [];
    }),
  );
  return forms.flat();
}

const OWNER_ELSEWHERE =
  "it extends the owner's policy, which is not on this disk, so only what is written here was checked. To check both " +
  "together, name the owner's file: --owner FILE";

function notesOn(policy: Policy): readonly string[] {
  const { repository } = policy["post-mortem"];
  if (repository === "same") return [];
  return [
    `post-mortem.repository: if ${repository} is private, its own policy has to name this repository under evidence-for, ` +
      "and judges by its own post-mortem rules (`sevgate doctor` looks)",
  ];
}
