import { readFileSync } from "node:fs";
import { load } from "js-yaml";
import { pino } from "pino";
import * as z from "zod";
import { systemClock } from "../base/clock.ts";
import { TerminalError, TransientError } from "../base/errors.ts";
import { askForCalendar } from "../doctor/ask-for-calendar.ts";
import { examine } from "../doctor/examine.ts";
import { examineSystems } from "../doctor/examine-systems.ts";
import { type Finding, failed, failedAs, ok, warning } from "../doctor/finding.ts";
import { inspectStore, type QueueState } from "../doctor/inspect-store.ts";
import { judgeLostAlerts, judgePaging } from "../doctor/judge-alerts.ts";
import { judgeQueue, type Needs } from "../doctor/judge-settings.ts";
import { nodeLack } from "../run/require-node.ts";
import { type Environment, loadDotEnv, readSettings, type Settings } from "../run/settings.ts";
import { createGitHub } from "../systems/github/create-github.ts";
import { createInspection } from "../systems/github/create-inspection.ts";
import { createSlack } from "../systems/slack/create-slack.ts";

export interface DoctorOptions {
  /** The URL of the running server; for its metrics, when it holds the embedded store. */
  readonly url: string | undefined;
  readonly json: boolean;
  /** Is told what is looked at now, in a few words. */
  readonly onStep?: (words: string) => void;
  readonly env?: Environment;
  readonly write?: (text: string) => void;
}

const METRICS_LIMIT_MS = 5_000;
const Manifest = z.object({
  default_permissions: z.record(z.string(), z.string()),
  default_events: z.array(z.string()),
});

/**
 * `sevgate doctor`: looks at a live installation with the settings of its server, and says in one line each what is
 * fine, what is not, and what to do. It changes nothing.
 *
 * @returns the exit code: 1 when anything failed, else 0; warnings do not count
 */
export async function doctor(options: DoctorOptions): Promise<0 | 1> {
  const { json, write = (text) => process.stdout.write(text) } = options;
  const findings = await findingsOf(options);
  const isWell = findings.every((finding) => finding.state !== "failed");
  if (json) write(`${JSON.stringify({ ok: isWell, findings })}\n`);
  else for (const finding of findings) write(`${line(finding)}\n`);
  return isWell ? 0 : 1;
}

async function findingsOf({ env, url, onStep = () => {} }: DoctorOptions): Promise<readonly Finding[]> {
  if (env === undefined) loadDotEnv();
  const read = readSettings(env ?? process.env);
  if (read.kind === "problems") {
    return read.problems.map(({ name, message }) => failedAs("settings", message, `Set ${name} as the server has it.`));
  }
  const { settings } = read;
  const serverUrl = url ?? `http://127.0.0.1:${settings.port}`;
  const { calendarSecret: secret } = settings;
  const github = {
    appId: settings.appId,
    privateKey: settings.privateKey,
    apiUrl: settings.githubApiUrl,
    log: pino({ level: "silent" }),
    clock: systemClock,
  };
  return [
    examineNode(),
    ok("settings", "complete"),
    ...judgePaging(settings.paging),
    ...(await examine({
      github: createGitHub(github),
      inspection: createInspection(github),
      clock: systemClock,
      needs: readNeeds(),
      onCheck: onStep,
      alertEndpoints: settings.alertEndpoints,
      ways: { slack: settings.slack, paging: settings.paging },
      ...(secret === null
        ? {}
        : { calendarOf: (repository, role) => askForCalendar(repository, role, { url: serverUrl, secret }) }),
    })),
    ...(await examineSystems({
      slack: settings.slack,
      paging: settings.paging,
      createSlack: () => createSlack({ ...settings.slack!, clock: systemClock }),
    })),
    ...(secret === null ? [ok("calendars", "none: CALENDAR_SECRET is not set")] : []),
    ...(settings.alertEndpoints.length === 0 ? [] : judgeLostAlerts(await readMetrics(serverUrl))),
    ...(await examineQueue(settings, serverUrl)),
  ];
}

function examineNode(): Finding {
  const { node, sqlite } = process.versions;
  const lack = nodeLack(process.versions);
  return lack === null ? ok("node", `${node}, with SQLite ${sqlite}`) : failed("node", lack.says, lack.remedy);
}

/** What app.yml, the manifest that comes with Sevgate, asks for. */
function readNeeds(): Needs {
  const manifest = Manifest.parse(load(readFileSync(new URL("../../app.yml", import.meta.url), "utf8")));
  return { permissions: manifest.default_permissions, events: manifest.default_events };
}

async function examineQueue(settings: Settings, url: string): Promise<readonly Finding[]> {
  try {
    const seen = await inspectStore(settings);
    if (seen === "none") {
      return [warning("queue", "there is no store yet", "Start the server once: sevgate start.")];
    }
    return seen === "in-use" ? await examineServer(url) : judgeQueue(seen);
  } catch (error) {
    if (!(error instanceof TerminalError || error instanceof TransientError)) throw error;
    return [failed("queue", error.message, "Check DATABASE_URL or DATA_DIR; see runbooks/queue-stuck.md.")];
  }
}

/** `null`: nothing answers there. */
async function readMetrics(url: string): Promise<string | null> {
  return await fetch(new URL("/metrics", url), { signal: AbortSignal.timeout(METRICS_LIMIT_MS) }).then(
    (answer) => (answer.ok ? answer.text() : null),
    () => null,
  );
}

/** The running server holds the store, so it is asked for its metrics. */
async function examineServer(url: string): Promise<readonly Finding[]> {
  const text = await readMetrics(url);
  const waiting = text === null ? null : sample(text, "waiting");
  if (text === null || waiting === null) {
    const remedy = "Name the server's address: sevgate doctor --url http://HOST:PORT.";
    return [warning("queue", `a running server holds the store, and ${url} gives no metrics`, remedy)];
  }
  const state: QueueState = {
    waiting,
    running: sample(text, "running") ?? 0,
    setAside: sample(text, "set-aside") ?? 0,
    oldestWaitsFor: null,
  };
  return [ok("store", `in use by the running server; its metrics at ${url} say:`), ...judgeQueue(state)];
}

function sample(metrics: string, state: string): number | null {
  const name = `sevgate_queue_keys{state="${state}"} `;
  const value =
    metrics
      .split("\n")
      .find((line) => line.startsWith(name))
      ?.slice(name.length)
      .trim() ?? "";
  return /^\d+$/.test(value) ? Number(value) : null;
}

const STATE_WIDTH = "warning".length;

function line({ state, check, says, remedy }: Finding): string {
  // What GitHub's side says comes in whole sentences.
  return `${state.padEnd(STATE_WIDTH)}  ${check}: ${says.replace(/\.$/, "")}${remedy === null ? "" : `. ${remedy}`}`;
}
