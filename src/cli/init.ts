import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { TerminalError } from "../base/errors.ts";
import { oneLine } from "../core/markdown/escape.ts";
import type { Instant } from "../core/model.ts";
import { ON_CALL_PATH, parseOnCall } from "../core/oncall/parse-on-call.ts";
import { extendsOwner, formatProblem, POLICY_PATH, parsePolicy } from "../core/policy/parse.ts";
import { MOST_SEVERITIES, type Policy } from "../core/policy/policy.ts";
import { LARGEST_DOCUMENT_BYTES } from "../core/policy/read-document.ts";
import type { SetupFile } from "../core/setup/setup-file.ts";
import { formPath, setupForm } from "../core/setup/setup-form.ts";
import { setupOnCall } from "../core/setup/setup-on-call.ts";
import { CLOSE_CHOICES, type PolicyAnswers, setupPolicy } from "../core/setup/setup-policy.ts";
import { DAY_MS } from "../core/time-units.ts";
import { findMisnamed } from "../observe/find-misnamed.ts";
import { readSetupTemplate } from "../run/built-in-setup-files.ts";
import { listFolder } from "./list-folder.ts";
import { type Clone, cloneRootOf, kindOf, readClone } from "./read-clone.ts";
import { readText } from "./read-text.ts";
import { UsageError } from "./usage-error.ts";
import { validate } from "./validate.ts";
import { isThere, writeNewFiles } from "./write-new-files.ts";

export interface InitOptions {
  /** The root of the clone. */
  readonly folder: string;
  /** Asks nothing: every answer is the default. */
  readonly yes: boolean;
  /** Whether the folder has to be a clone. */
  readonly git: boolean;
  /** Also the workflow that runs Sevgate, as the organization's own app or with the token of each workflow; `null`: no. */
  readonly action: "app" | "github-token" | null;
  /** Asks in the terminal; `null`: there is none. */
  readonly ask: (question: string) => Promise<string | null>;
  readonly say?: (line: string) => void;
  readonly now: Instant;
  /** The time zone of this machine. */
  readonly zone: string;
}

const WORKFLOW_PATH = ".github/workflows/sevgate.yml";
const POST_MORTEM_PATH = ".github/ISSUE_TEMPLATE/post-mortem.md";
const WORKFLOWS = { app: "workflows/sevgate.yml", "github-token": "workflows/sevgate-github-token.yml" } as const;
/** The forms that come with Sevgate, most severe first. */
const FORMS = ["incident-p0.yml", "incident-p1.yml", "incident-p2.yml"] as const;
/** How often an answer that cannot be used is asked for again. */
const MOST_TRIES = 3;
const LOGIN = /^@?([a-z\d](?:[a-z\d]|[-_](?=[a-z\d])){0,38})$/i;
const MOST_ON_CALL = 20;

/** What is to be written, before it is looked at which of it is there. */
interface Answers extends Omit<PolicyAnswers, "runsIn"> {
  /** Who takes turns; empty: no on-call file is wanted. */
  readonly onCall: readonly string[];
}

const DEFAULTS: Answers = { labels: null, requires: CLOSE_CHOICES[0].requires, onCall: [] };

/**
 * `sevgate init`: writes the files a repository starts with into a clone, after three questions, or none. What is there is never
 * overwritten; either everything else is written or nothing is, and it passes `sevgate validate`.
 *
 * @returns the exit code: 0 when the files are there, 1 when nothing was written because something is in the way
 * @throws UsageError when there is nobody to ask, and it was not told to ask nothing
 */
export async function init(options: InitOptions): Promise<0 | 1> {
  const { say = (line) => console.log(line) } = options;
  try {
    const clone = await cloneIn(options);
    const { folder: root, action } = options;
    const there = await policyIn(root);
    const answers = options.yes ? DEFAULTS : await askAll(options, clone, there);
    const files = await filesFor(options, answers, there);
    const kept: string[] = [];
    const added: SetupFile[] = [];
    for (const file of files) {
      if (await isThere(root, file.path)) kept.push(file.path);
      else added.push(file);
    }
    const warnings = await check(root, added);
    await writeNewFiles(root, added);
    for (const { path } of added) say(`wrote  ${path}`);
    for (const path of kept) say(`kept   ${path} (it is there already, and was not changed)`);
    for (const line of warnings) say(line);
    for (const line of nextSteps(clone, action, there, added)) say(line);
    return 0;
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

async function cloneIn({ folder, git }: InitOptions): Promise<Clone> {
  const shown = folder === "" ? "“”" : oneLine(folder);
  const kind = await kindOf(folder);
  if (kind === null) throw new TerminalError(`${shown} is not there: name the root of a clone with --repo DIR.`);
  if (kind === "file") throw new TerminalError(`${shown} is a file: name the root of a clone with --repo DIR.`);
  if (git && (await kindOf(join(folder, ".git"))) === null) {
    const root = await cloneRootOf(folder);
    throw new TerminalError(
      root === null
        ? `${shown} is not in a git repository: run this in a clone, name one with --repo DIR, or add --no-git to write here all the same.`
        : `GitHub reads these files in the root of the repository only: run this in ${oneLine(root)}, or add --repo ${oneLine(root)}.`,
    );
  }
  return await readClone(folder);
}

/** The policy that is there; `null`: there is none. */
async function policyIn(root: string): Promise<{ readonly policy: Policy; readonly isOwners: boolean } | null> {
  if (!(await isThere(root, POLICY_PATH))) {
    const paths = async (folder: string) =>
      (await listFolder(join(root, folder))).map((name) => (folder === "" ? name : `${folder}/${name}`));
    const misnamed = (await findMisnamed(paths, true)).find(({ meant }) => meant === POLICY_PATH);
    if (misnamed === undefined) return null;
    throw new TerminalError(
      `${oneLine(misnamed.path)} looks like the policy, and nobody reads it there: rename it to ${POLICY_PATH} first. Nothing was written.`,
    );
  }
  const read = await readText(join(root, POLICY_PATH), { usual: POLICY_PATH, largestBytes: LARGEST_DOCUMENT_BYTES });
  if (read.kind === "unreadable") {
    throw new TerminalError(`${POLICY_PATH} is there, and cannot be read: ${read.why}. Nothing was written.`);
  }
  const { text } = read;
  const parsed = parsePolicy(text, { kind: "elsewhere" });
  if (parsed.kind === "valid") return { policy: parsed.policy, isOwners: extendsOwner(text) };
  const problems = parsed.problems.map((problem) => formatProblem(POLICY_PATH, problem));
  throw new TerminalError(
    [
      ...problems,
      "Nothing was written: correct the policy first, or move it away. `sevgate validate` shows what is wrong.",
    ].join("\n"),
  );
}

async function askAll(options: InitOptions, clone: Clone, there: { readonly policy: Policy } | null): Promise<Answers> {
  const labels =
    there === null
      ? await ask(
          options,
          "Which labels stand for your severities, the most severe first, with commas between them? (Enter takes what is in brackets.) [sev:P0, sev:P1, sev:P2] ",
          readLabels,
        )
      : null;
  const owners = clone.codeOwners.length === 0 ? "" : ` (CODEOWNERS names ${clone.codeOwners.join(", ")})`;
  const onCall = await ask(
    options,
    `Who is on call, by GitHub login, in the order of their weeks?${owners} [nobody is paged] `,
    readLogins,
  );
  if (there !== null) return { ...DEFAULTS, onCall };
  const choices = CLOSE_CHOICES.map(({ words }, at) => `  ${at + 1}  ${words}`).join("\n");
  const requires = await ask(options, `What does an incident need before it may close?\n${choices}\n[1] `, readChoice);
  return { labels, onCall, requires };
}

async function ask<T>(
  { ask: put, say = (line) => console.log(line) }: InitOptions,
  question: string,
  read: (answer: string) => T | { readonly problem: string },
): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    const answer = await put(question);
    if (answer === null) throw new UsageError("there is no terminal to ask in: add --yes to take every default");
    const value = read(answer.trim());
    if (!isProblem(value)) return value;
    if (tried === MOST_TRIES) throw new TerminalError(`${value.problem} Nothing was written.`);
    say(value.problem);
  }
}

function isProblem(value: unknown): value is { readonly problem: string } {
  return typeof value === "object" && value !== null && "problem" in value;
}

function readLabels(answer: string): readonly string[] | null | { readonly problem: string } {
  if (answer === "") return null;
  const labels = answer
    .split(",")
    .map((label) => label.trim())
    .filter((label) => label !== "");
  if (labels.length === 0 || labels.length > MOST_SEVERITIES) {
    return { problem: `Name one to ${MOST_SEVERITIES} labels, such as: P0, P1, P2` };
  }
  const text = setupPolicy(readSetupTemplate("github/sevgate.yml"), { ...DEFAULTS, labels, runsIn: "server" });
  const parsed = parsePolicy(text, { kind: "elsewhere" });
  return parsed.kind === "valid" ? labels : { problem: `These labels cannot be used: ${parsed.problems[0]?.message}.` };
}

function readLogins(answer: string): readonly string[] | { readonly problem: string } {
  const named = answer.split(/[\s,]+/).filter((one) => one !== "");
  const logins = named.flatMap((one) => LOGIN.exec(one)?.[1] ?? []);
  const wrong = named.find((one) => !LOGIN.test(one));
  if (wrong !== undefined)
    return { problem: `“${oneLine(wrong).slice(0, 60)}” is no login on GitHub: write alice, bob` };
  if (logins.length > MOST_ON_CALL) return { problem: `Name at most ${MOST_ON_CALL} people; the file can be longer.` };
  const isTwice = new Set(logins.map((one) => one.toLowerCase())).size < logins.length;
  return isTwice ? { problem: "Name each of them once." } : logins;
}

function readChoice(answer: string): Answers["requires"] | { readonly problem: string } {
  const choice = CLOSE_CHOICES[answer === "" ? 0 : Number(answer) - 1];
  return choice?.requires ?? { problem: `Write a number from 1 to ${CLOSE_CHOICES.length}.` };
}

/** Everything that belongs into the repository, whether or not it is there. */
async function filesFor(
  { action, now, zone }: InitOptions,
  { onCall, ...answers }: Answers,
  there: { readonly policy: Policy; readonly isOwners: boolean } | null,
): Promise<readonly SetupFile[]> {
  const template = readSetupTemplate("github/sevgate.yml");
  const text = setupPolicy(template, { ...answers, runsIn: action === null ? "server" : "action" });
  const policy = there?.policy ?? policyOf(text);
  // What is laid over the owner's may have severities that are not known here.
  const severities = there?.isOwners === true ? [] : policy.severities;
  const forms = severities.map(({ name, label }, at) => ({
    path: formPath(name),
    text: setupForm(readSetupTemplate(`github/ISSUE_TEMPLATE/${FORMS[Math.min(at, FORMS.length - 1)]}`), {
      name,
      label,
    }),
  }));
  const onCallFile =
    onCall.length === 0
      ? []
      : [
          {
            path: ON_CALL_PATH,
            text: setupOnCall(readSetupTemplate("github/sevgate/on-call.yml"), {
              logins: onCall,
              zone: zone === "UTC" ? "Etc/UTC" : zone,
              start: mondayBefore(now),
              mostSevere: severities[0]?.name ?? "P0",
            }),
          },
        ];
  return action === null
    ? [
        { path: POLICY_PATH, text },
        ...forms,
        { path: POST_MORTEM_PATH, text: readSetupTemplate("github/ISSUE_TEMPLATE/post-mortem.md") },
        ...onCallFile,
      ]
    : [
        { path: WORKFLOW_PATH, text: readSetupTemplate(WORKFLOWS[action]) },
        { path: POLICY_PATH, text },
        ...forms.slice(0, 1),
        ...onCallFile,
      ];
}

function policyOf(text: string): Policy {
  const parsed = parsePolicy(text, { kind: "elsewhere" });
  if (parsed.kind === "valid") return parsed.policy;
  throw new Error(`the policy that would be written is broken: ${parsed.problems[0]?.message}`);
}

function mondayBefore(now: Instant): string {
  const sinceMonday = (new Date(now).getUTCDay() + 6) % 7;
  return new Date(now - sinceMonday * DAY_MS).toISOString().slice(0, 10);
}

/** The same check as `sevgate validate` makes, on what is there and what is about to be. Returns its warnings. */
async function check(root: string, added: readonly SetupFile[]): Promise<readonly string[]> {
  const texts = new Map(added.map(({ path, text }) => [path, text]));
  let said = "";
  const code = await validate({
    file: undefined,
    json: false,
    read: async (file) => {
      const text = texts.get(file);
      return text === undefined ? await readFile(join(root, file)) : new TextEncoder().encode(text);
    },
    list: async (folder) => {
      const there = await listFolder(join(root, folder));
      const within = folder === "." ? "" : `${folder}/`;
      const more = [...texts.keys()].filter((path) => path.startsWith(within)).map((path) => path.slice(within.length));
      return [...new Set([...there, ...more.map((path) => path.split("/")[0] ?? "")])];
    },
    write: (text) => {
      said += text;
    },
  });
  if (code !== 0) throw new TerminalError(`${said.trimEnd()}\nNothing was written: correct this first.`);
  const onCall = texts.get(ON_CALL_PATH);
  const parsed = onCall === undefined ? null : parseOnCall(onCall);
  if (parsed?.kind === "invalid") {
    const problems = parsed.problems.map((problem) => formatProblem(ON_CALL_PATH, problem));
    throw new TerminalError(
      `${problems.join("\n")}\nNothing was written: answer the question about on-call differently.`,
    );
  }
  return said.split("\n").filter((line) => line.includes(": warning: "));
}

function nextSteps(
  { repository, defaultBranch }: Clone,
  action: InitOptions["action"],
  there: { readonly policy: Policy } | null,
  added: readonly SetupFile[],
): readonly string[] {
  const branch = oneLine(defaultBranch ?? "the default branch");
  const where = repository === null ? branch : `${branch} of ${repository}`;
  const workflow = added.find(({ path }) => path === WORKFLOW_PATH);
  const publisher =
    workflow?.text.includes("uses: OWNER/") === true
      ? ` In ${WORKFLOW_PATH}, put the account that publishes the action in place of OWNER.`
      : "";
  const runsIn =
    action !== null && there !== null && there.policy["runs-in"] !== "action"
      ? [
          `Next: add the line runs-in: action to ${POLICY_PATH}, which was there already; without it the action does nothing.`,
        ]
      : [];
  if (added.length === 0) return runsIn.length > 0 ? runsIn : ["Nothing to write: everything is there."];
  const commit =
    added.length === 1
      ? `commit this file; it counts once it is on ${where}.`
      : `commit these files; they count once they are on ${where}.`;
  switch (action) {
    case "app":
      return [
        ...runsIn,
        `Next: in the settings of the repository, add the variables SEVGATE_CLIENT_ID and SEVGATE_APP_SLUG and the secret SEVGATE_PRIVATE_KEY (docs/install/action.md).${publisher}`,
        `Then ${commit}`,
      ];
    case "github-token":
      return [
        ...runsIn,
        `Next: in the settings of the repository, add the secret SEVGATE_RECORD_KEY; \`openssl rand -hex 32\` makes one (docs/install/action.md).${publisher}`,
        `Then ${commit}`,
      ];
    default:
      return there?.policy["runs-in"] === "action"
        ? [`Next: ${commit}`]
        : [`Next: ${commit}`, "If Sevgate does not run yet: sevgate setup --url https://YOUR-SERVER"];
  }
}
