import { statSync } from "node:fs";
import { pino } from "pino";
import { systemClock } from "../base/clock.ts";
import { TerminalError, TransientError } from "../base/errors.ts";
import { VERSION } from "../base/version.ts";
import { askForCalendar } from "../doctor/ask-for-calendar.ts";
import { DIAGNOSIS_VERSION, type Diagnosis } from "../doctor/diagnosis.ts";
import { examine } from "../doctor/examine.ts";
import { examineSystems } from "../doctor/examine-systems.ts";
import { type Finding, failed, failedAs, ok, warning } from "../doctor/finding.ts";
import { inspectStore, type QueueState } from "../doctor/inspect-store.ts";
import { judgeLostAlerts, judgePaging } from "../doctor/judge-alerts.ts";
import { type BackupFacts, judgeBackups } from "../doctor/judge-backups.ts";
import type { NamedPlace } from "../doctor/judge-reach.ts";
import { judgeSchema } from "../doctor/judge-server.ts";
import { judgeQueue } from "../doctor/judge-settings.ts";
import { askOnce } from "../observe/ask-once.ts";
import { readNeeds } from "../run/read-needs.ts";
import { nodeLack } from "../run/require-node.ts";
import { serverSecrets } from "../run/secret-files.ts";
import { type Environment, loadDotEnv, readSettings, type Settings } from "../run/settings.ts";
import { lookIntoStore } from "../store/look-into-store.ts";
import { NEWEST_VERSION, schemaVersion } from "../store/schema.ts";
import { NEWEST_SQLITE_VERSION, sqliteVersion } from "../store/sqlite-schema.ts";
import { createGitHub } from "../systems/github/create-github.ts";
import { createInspection } from "../systems/github/create-inspection.ts";
import { createSlack } from "../systems/slack/create-slack.ts";
import { jsonLine } from "./json-line.ts";
import { UsageError } from "./usage-error.ts";

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

/**
 * `sevgate doctor`: looks at a live installation with the settings of its server, and says in one line each what is
 * fine, what is not, and what to do. It changes nothing.
 *
 * @returns the exit code: 1 when anything failed, else 0; warnings do not count
 * @throws UsageError for an address that is none
 */
export async function doctor(options: DoctorOptions): Promise<0 | 1> {
  const { json, write = (text) => process.stdout.write(text) } = options;
  if (options.url !== undefined && !/^https?:$/.test(protocolOf(options.url))) {
    throw new UsageError("--url is where the running server answers, such as http://127.0.0.1:3000");
  }
  const findings = await findingsOf(options);
  const isWell = findings.every((finding) => finding.state !== "failed");
  if (json) {
    const diagnosis: Diagnosis = { version: DIAGNOSIS_VERSION, ok: isWell, findings: [...findings] };
    write(jsonLine(diagnosis));
  } else for (const finding of findings) write(`${line(finding)}\n`);
  return isWell ? 0 : 1;
}

function protocolOf(address: string): string {
  return URL.canParse(address) ? new URL(address).protocol : "";
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
  const { app, read: ask } = createGitHub(github);
  return [
    ok("version", `Sevgate ${VERSION}`),
    examineNode(),
    ok("settings", "complete"),
    ...judgePaging(settings.paging),
    ...(await examine({
      github: { app, read: askOnce(ask) },
      inspection: createInspection(github),
      clock: systemClock,
      needs: readNeeds(),
      onCheck: onStep,
      apiUrl: settings.githubApiUrl,
      alertEndpoints: settings.alertEndpoints,
      namedPlaces: namedPlacesOf(settings),
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
    ...(await examineSchema(settings)),
    ...judgeBackups(backupFactsOf(settings, env ?? process.env)),
  ];
}

function examineNode(): Finding {
  const { node, sqlite } = process.versions;
  const lack = nodeLack(process.versions);
  return lack === null ? ok("node", `${node}, with SQLite ${sqlite}`) : failed("node", lack.says, lack.remedy);
}

/** Single repositories that settings name; ALERT_ENDPOINTS has findings of its own. */
function namedPlacesOf({ slack, paging }: Settings): readonly NamedPlace[] {
  const named = [
    ...(slack?.channels ?? []).map(({ repositories }) => ({ setting: "SLACK_CHANNELS", place: repositories ?? "" })),
    ...paging.allowed.map(({ who }) => ({ setting: "PAGING_CHANNELS", place: who })),
  ];
  return named.filter(({ place }) => /^[\w-]+\/[\w.-]+$/.test(place));
}

/** Whether the tables are those of this version. A running server with the embedded store has seen to it. */
async function examineSchema(settings: Settings): Promise<readonly Finding[]> {
  try {
    const found = await lookIntoStore(settings, async ({ query }, engine) => {
      const newest = engine === "embedded" ? NEWEST_SQLITE_VERSION : NEWEST_VERSION;
      return { there: await (engine === "embedded" ? sqliteVersion(query) : schemaVersion(query)), newest };
    });
    // That there are none yet is said of the queue.
    return typeof found === "string" || found.there === 0 ? [] : [judgeSchema(found.there, found.newest)];
  } catch (error) {
    // That it does not answer is said of the queue.
    if (!(error instanceof TerminalError || error instanceof TransientError)) throw error;
    return [];
  }
}

function backupFactsOf(settings: Settings, env: Environment): BackupFacts {
  const settingsOfFiles = ["PRIVATE_KEY_PATH", ...serverSecrets(env).map((name) => `${name}_FILE`)];
  const named = settingsOfFiles.map((name) => env[name]?.trim() ?? "");
  const files = [".env", ...named.filter((file) => file !== "")];
  const secrets = {
    CALENDAR_SECRET: settings.calendarSecret !== null,
    SLACK_BOT_TOKEN: settings.slack !== null,
    ALERT_ENDPOINTS: settings.alertEndpoints.length > 0,
  };
  return {
    hasRecordKey: settings.recordSecrets[0] !== settings.privateKey,
    otherSecrets: Object.entries(secrets).flatMap(([name, isSet]) => (isSet ? [name] : [])),
    databaseUrl: settings.databaseUrl,
    dataDir: settings.dataDir,
    readableByOthers: files.filter(isReadableByOthers),
  };
}

/** Windows has other rights than these. */
function isReadableByOthers(file: string): boolean {
  if (process.platform === "win32") return false;
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() === true && (found.mode & 0o004) !== 0;
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
