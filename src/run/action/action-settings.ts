import type { Repository } from "../../core/model.ts";
import type { FormerApp } from "../../core/own.ts";
import { type RecordKeys, recordKey } from "../../core/record/seal.ts";
import { readFormerApps } from "../read-former-apps.ts";
import { checkedPrivateKey, type Environment, readApiUrl, type SettingsProblem } from "../settings.ts";

/** What a runner tells a run, all of it checked. It contains secrets, so never log it as a whole. */
export interface ActionSettings {
  readonly token: string;
  /** What the app of the token is called, for a server that does not say; `null`: not given. */
  readonly appSlug: string | null;
  readonly recordKeys: RecordKeys;
  /** As which apps the repository was run before. */
  readonly formerApps: readonly FormerApp[];
  /** Without a slash at the end. */
  readonly apiUrl: string;
  /** The host in the URLs of issues. */
  readonly webHost: string;
  readonly eventName: string;
  readonly eventPath: string;
  readonly repository: Repository;
  /** The file of the workflow, such as `sevgate.yml`; `null`: not told. */
  readonly workflowFile: string | null;
  /** The run, for the log; `null`: not told. */
  readonly runId: string | null;
  /** Somebody has switched on the runner's debug log. */
  readonly isDebug: boolean;
}

export type ReadActionSettings =
  | { readonly kind: "ok"; readonly settings: ActionSettings }
  | { readonly kind: "problems"; readonly problems: readonly SettingsProblem[] };

/** Events in workflows name no installation, and a run knows of one only: its number is nobody's on GitHub. */
export const OWN_INSTALLATION = 1;

const MIN_RECORD_KEY_LENGTH = 32;
const API_URL = { name: "GITHUB_API_URL", example: "https://api.github.com" } as const;

/**
 * Reads the inputs of action.yml and what the runner documents (GitHub docs, "Store information in variables"). Reports every problem at
 * once.
 *
 * An input is a variable: `record-key` is `INPUT_RECORD-KEY`, with its hyphen, and empty if nobody gave one.
 */
export function readActionSettings(env: Environment): ReadActionSettings {
  const problems: SettingsProblem[] = [];
  const value = (name: string): string | null => env[name]?.trim() || null;
  const input = (name: string): string | null => value(`INPUT_${name.toUpperCase()}`);
  function report(name: string, message: string): undefined {
    problems.push({ name, message });
    return undefined;
  }
  function told(name: string): string {
    const found = value(name);
    if (found === null)
      report(name, `${name} is missing. A runner of GitHub Actions sets it: use the action in a workflow.`);
    return found ?? "";
  }

  const token = input("token");
  if (token === null) {
    report(
      "token",
      "The input token is empty. Give the token of your own app, or github.token (docs/install/action.md).",
    );
  }
  const appSlug = input("app-slug");
  if (appSlug !== null && !/^[\w-]{1,100}$/.test(appSlug)) {
    report("app-slug", "The input app-slug is the app's name in its address: steps.app.outputs.app-slug gives it.");
  }
  const recordKeys = readRecordKeys(input("record-key"), input("record-key-previous"), report);
  const former = readFormerApps(input("app-id-previous") ?? "");
  const formerApps = typeof former === "string" ? [] : former;
  if (typeof former === "string") {
    report("app-id-previous", former.replaceAll("APP_ID_PREVIOUS", "The input app-id-previous"));
  }
  const apiUrl = readApiUrl(API_URL, value("GITHUB_API_URL") ?? API_URL.example, report);
  const eventName = told("GITHUB_EVENT_NAME");
  const eventPath = told("GITHUB_EVENT_PATH");
  const [, owner = "", name = ""] = /^([\w-]{1,100})\/([\w.-]{1,100})$/.exec(told("GITHUB_REPOSITORY")) ?? [];
  const id = Number(told("GITHUB_REPOSITORY_ID"));
  if (problems.length === 0 && (owner === "" || !Number.isSafeInteger(id) || id < 1)) {
    report("GITHUB_REPOSITORY", "GITHUB_REPOSITORY and GITHUB_REPOSITORY_ID do not name a repository.");
  }
  if (problems.length > 0 || token === null || recordKeys === undefined || apiUrl === undefined) {
    return { kind: "problems", problems };
  }
  return {
    kind: "ok",
    settings: {
      token,
      appSlug,
      recordKeys,
      formerApps,
      apiUrl,
      webHost: hostOf(value("GITHUB_SERVER_URL")) ?? "github.com",
      eventName,
      eventPath,
      repository: { installationId: OWN_INSTALLATION, id, owner, name },
      workflowFile: /\/([\w.-]{1,200}\.ya?ml)@/.exec(value("GITHUB_WORKFLOW_REF") ?? "")?.[1] ?? null,
      runId: value("GITHUB_RUN_ID"),
      isDebug: value("RUNNER_DEBUG") === "1",
    },
  };
}

/** A private key signs as it does for the server: whoever moves between the two keeps the records. */
function readRecordKeys(
  current: string | null,
  previous: string | null,
  report: (name: string, message: string) => undefined,
): RecordKeys | undefined {
  if (current === null) {
    return report(
      "record-key",
      "The input record-key is empty. Add the secret and give it here: `openssl rand -hex 32` makes one. " +
        "Runs for Dependabot and for pull requests of forks get no secrets: use pull_request_target.",
    );
  }
  function read(name: string, given: string): string | undefined {
    if (/^-----BEGIN /.test(given)) return checkedPrivateKey(`The input ${name}`, given, report);
    if (given.length >= MIN_RECORD_KEY_LENGTH) return given;
    return report(
      name,
      `The input ${name} is shorter than ${MIN_RECORD_KEY_LENGTH} characters. \`openssl rand -hex 32\` makes a good one.`,
    );
  }
  const signing = read("record-key", current);
  const older = previous === null ? [] : [read("record-key-previous", previous)];
  if (signing === undefined) return undefined;
  return [recordKey(signing), ...older.flatMap((key) => (key === undefined ? [] : [recordKey(key)]))];
}

function hostOf(url: string | null): string | null {
  return url !== null && URL.canParse(url) ? new URL(url).host : null;
}
