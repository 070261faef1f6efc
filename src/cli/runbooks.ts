import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { errorCode } from "../base/error-code.ts";
import { oneLine } from "../core/markdown/escape.ts";
import type { Instant, Millis } from "../core/model.ts";
import { defaultPolicy } from "../core/policy/default-policy.ts";
import { matchesAny } from "../core/policy/glob.ts";
import { formatProblem, POLICY_PATH, parsePolicy } from "../core/policy/parse.ts";
import type { Policy } from "../core/policy/policy.ts";
import {
  lintRunbooks,
  type RepositoryFiles,
  type RunbookFile,
  type RunbookProblem,
} from "../core/runbooks/lint-runbooks.ts";
import { readRunbook, runbookName } from "../core/runbooks/runbook.ts";
import { count } from "../core/words/time.ts";

export interface RunbooksOptions {
  /** The root of a repository on disk. */
  readonly path: string;
  /** Look for problems; else list what there is. */
  readonly lint: boolean;
  /** A runbook that nobody has reviewed for longer is a problem. */
  readonly olderThan: Millis;
  /** One JSON object instead of lines. */
  readonly json: boolean;
  readonly now: Instant;
  /** Is told what comes now, in a few words. */
  readonly onStep?: (words: string) => void;
  /** Standard output. */
  readonly write?: (text: string) => void;
}

/** Folders that contain no runbooks of the repository. */
const PASSED_OVER: ReadonlySet<string> = new Set([".git", "node_modules"]);
const run = promisify(execFile);

/**
 * `sevgate runbooks [--lint] [--path DIR]`: lists the runbooks of a repository on disk, or says what is wrong with them.
 *
 * @returns the exit code: 1 when something is wrong, or the policy or a runbook cannot be read
 */
export async function runbooks(options: RunbooksOptions): Promise<0 | 1> {
  const { path: root, lint, olderThan, json, now, write = (text) => process.stdout.write(text) } = options;
  const { onStep = () => {} } = options;
  const refuse = (error: string): 1 => {
    write(`${json ? JSON.stringify({ error }) : error}\n`);
    return 1;
  };
  let policy: Policy | null;
  let files: readonly RunbookFile[];
  try {
    if (!(await stat(root)).isDirectory()) return refuse(`${root} is a file: name the folder of a repository`);
    policy = await readPolicy(root);
    if (policy === null) return refuse(`${POLICY_PATH} cannot be used: sevgate validate says why`);
    onStep("looking for runbooks");
    files = await readRunbooks(root, policy, onStep);
  } catch (error) {
    return refuse(whyNotListed(root, error));
  }
  if (!lint) {
    const listed = files.map(({ path, text }) => {
      const runbook = readRunbook(text);
      return { path, title: runbookName({ path, title: runbook.title }), owner: runbook.frontMatter.owner };
    });
    const lines = listed.map((one) => [one.path, one.title, one.owner ?? "(no owner)"].map(oneLine).join("  "));
    if (json) write(`${JSON.stringify({ runbooks: listed })}\n`);
    else write(lines.length === 0 ? noneText(policy) : `${lines.join("\n")}\n`);
    return 0;
  }
  const problems = lintRunbooks(files, filesOf(root), policy, { now, olderThan });
  write(
    json
      ? `${JSON.stringify({ runbooks: files.length, valid: problems.length === 0, problems })}\n`
      : inLines(files, problems, policy),
  );
  return problems.length === 0 ? 0 : 1;
}

function inLines(files: readonly RunbookFile[], problems: readonly RunbookProblem[], policy: Policy): string {
  if (files.length === 0) return noneText(policy);
  const lines = problems.map((problem) => {
    return `${formatProblem(oneLine(problem.file), { ...problem, message: oneLine(problem.message) })}\n`;
  });
  const found = problems.length === 0 ? "nothing to fix" : `${problems.length} to fix`;
  return `${lines.join("")}${count(files.length, "runbook")}: ${found}\n`;
}

function noneText({ runbooks: { paths } }: Policy): string {
  if (paths.length === 0) return "no file is a runbook here: runbooks.paths of the policy is empty\n";
  return `there is no runbook under ${paths.map(oneLine).join(" or ")}: write one there, or name its folder in runbooks.paths\n`;
}

/** Throws what is no refusal of the file system. */
function whyNotListed(root: string, error: unknown): string {
  const code = errorCode(error);
  if (code === null || !(error instanceof Error)) throw error;
  const path = "path" in error && typeof error.path === "string" ? error.path : root;
  if (path === root && (code === "ENOENT" || code === "ENOTDIR")) return `there is no folder ${root}: check the name`;
  return `${path} cannot be read: ${code === "EACCES" || code === "EPERM" ? "check its permissions" : error.message}`;
}

/** The repository's own policy; without one, the built-in. `null`: it is broken. */
async function readPolicy(root: string): Promise<Policy | null> {
  try {
    const parsed = parsePolicy(await readFile(join(root, POLICY_PATH), "utf8"), { kind: "elsewhere" });
    return parsed.kind === "valid" ? parsed.policy : null;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return defaultPolicy();
    throw error;
  }
}

async function readRunbooks(
  root: string,
  policy: Policy,
  onStep: (words: string) => void,
): Promise<readonly RunbookFile[]> {
  const paths = (await walk(root, "")).filter((path) => matchesAny(policy.runbooks.paths, path)).toSorted();
  const isWhole = await hasWholeHistory(root);
  onStep(`reading ${count(paths.length, "runbook")}`);
  return Promise.all(
    paths.map(async (path) => ({
      path,
      text: await readFile(join(root, path), "utf8"),
      committedAt: isWhole ? await committedAt(root, path) : null,
    })),
  );
}

async function walk(root: string, folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries.map((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return PASSED_OVER.has(entry.name) ? [] : walk(root, path);
      return entry.isFile() ? [path] : [];
    }),
  );
  return found.flat();
}

/** A shallow clone, such as CI makes, shows every file as changed by its one commit. */
async function hasWholeHistory(root: string): Promise<boolean> {
  return (await git(root, ["rev-parse", "--is-shallow-repository"])) === "false";
}

async function committedAt(root: string, path: string): Promise<Instant | null> {
  const at = Date.parse((await git(root, ["log", "-1", "--format=%cI", "--", path])) ?? "");
  return Number.isNaN(at) ? null : (at as Instant);
}

async function git(root: string, given: readonly string[]): Promise<string | null> {
  try {
    return (await run("git", ["-C", root, ...given])).stdout.trim();
  } catch {
    // No git, or not a git repository: then nothing is known about the past.
    return null;
  }
}

function filesOf(root: string): RepositoryFiles {
  return {
    has: (path) => existsSync(join(root, path)),
    text(path) {
      try {
        return readFileSync(join(root, path), "utf8");
      } catch {
        return null;
      }
    },
  };
}
