import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FakeEvent } from "../../testkit/fake-github/events.ts";
import { RECORD_KEY } from "./action-runs.ts";
import { startsRun, type WorkflowTemplate, workflowTemplate } from "./starts-run.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SCRIPT = join(ROOT, "scripts/build-action.ts");

/** How a process ended, and what it printed. */
export interface Ended {
  readonly code: number;
  readonly text: string;
}

/** A run that has ended, with what it wrote for people. */
export interface EndedProcess extends Ended {
  readonly event: string;
  readonly summary: string;
}

export function runNode(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { ...options, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, text: `${stdout}${stderr}` });
    });
  });
}

/** `node scripts/build-action.ts ARGS`; gives what it printed. */
export async function buildAction(args: readonly string[], cwd: string): Promise<string> {
  const { code, text } = await runNode([SCRIPT, ...args], { cwd });
  if (code !== 0) throw new Error(text);
  return text;
}

/** Builds the action into `folder`, with what a release has beside it. Gives the files that went in. */
export async function releaseInto(folder: string): Promise<readonly string[]> {
  const inputs = JSON.parse(await buildAction([folder, "--inputs"], ROOT)) as readonly string[];
  symlinkSync(join(ROOT, "templates"), join(folder, "templates"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  return inputs;
}

/** Starts the action of a folder as a runner does: a process for each event, with what GitHub documents of it. */
export class ActionProcesses {
  readonly ended: EndedProcess[] = [];
  readonly #folder: string;
  readonly #workflow: WorkflowTemplate;
  readonly #env: NodeJS.ProcessEnv;

  /** @param env what differs from one GitHub to another */
  constructor(
    folder: string,
    workflow: WorkflowTemplate,
    repository: { readonly id: number; readonly fullName: string },
    env: NodeJS.ProcessEnv,
  ) {
    this.#folder = folder;
    this.#workflow = workflow;
    this.#env = {
      CI: "true",
      GITHUB_ACTIONS: "true",
      INPUT_TOKEN: "ghs_of_the_run",
      "INPUT_RECORD-KEY": RECORD_KEY,
      "INPUT_RECORD-KEY-PREVIOUS": "",
      "INPUT_APP-SLUG": "",
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_REPOSITORY: repository.fullName,
      GITHUB_REPOSITORY_ID: String(repository.id),
      ...env,
    };
  }

  /** The run for a webhook's event, if the workflow has one. */
  async hear({ name: sent, payload }: FakeEvent): Promise<void> {
    const name = sent === "pull_request" ? "pull_request_target" : sent;
    const vars = { SEVGATE_APP_SLUG: this.#env["INPUT_APP-SLUG"] ?? "" };
    if (startsRun(workflowTemplate(this.#workflow), { name, payload }, vars)) await this.start(name, payload);
  }

  /** One run for an event. GitHub puts no installation into what a workflow is given. */
  async start(name: string, payload: unknown): Promise<EndedProcess> {
    const at = join(this.#folder, `run-${this.ended.length}`);
    mkdirSync(at);
    const path = (file: string) => join(at, file);
    const { installation: _, ...told } = payload as { readonly installation?: unknown };
    writeFileSync(path("event.json"), JSON.stringify(told));
    for (const file of ["summary", "output"]) writeFileSync(path(file), "");
    const env = {
      ...this.#env,
      GITHUB_EVENT_NAME: name,
      GITHUB_EVENT_PATH: path("event.json"),
      GITHUB_RUN_ID: String(1_000 + this.ended.length),
      GITHUB_STEP_SUMMARY: path("summary"),
      GITHUB_OUTPUT: path("output"),
    };
    const result = await runNode([join(this.#folder, "dist/action/index.js")], { cwd: at, env });
    const ended = { ...result, event: name, summary: readFileSync(path("summary"), "utf8") };
    this.ended.push(ended);
    return ended;
  }
}
