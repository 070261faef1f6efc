import { createPrivateKey } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import * as z from "zod";
import { TerminalError } from "../base/errors.ts";
import { isLoopback } from "../base/is-loopback.ts";
import type { AllowedChannel } from "../core/chat/allowed-channels.ts";
import { oneLine } from "../core/markdown/escape.ts";
import type { Millis } from "../core/model.ts";
import type { FormerApp } from "../core/own.ts";
import { withoutEnd } from "../core/without-end.ts";
import { type AlertEndpoint, readAlertEndpoints } from "../ingress/alerts/alert-endpoints.ts";
import { type PagingSettings, readPagingSettings } from "../systems/read-paging-settings.ts";
import type { Environment, SettingsProblem } from "./environment.ts";
import type { KNOWN_SETTINGS } from "./known-settings.ts";
import { readFormerApps } from "./read-former-apps.ts";
import { readSmallFile } from "./read-small-file.ts";
import { filesOfNoSecrets, serverSecrets, unreadable, withoutConsequences, withSecretFiles } from "./secret-files.ts";

export type { Environment, SettingsProblem };

/** What the environment tells the server, all of it checked. It contains secrets, so never log it as a whole. */
export interface Settings {
  readonly appId: number;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
  /** The current webhook secret and, while rotating, the previous one. */
  readonly webhookSecrets: readonly [string, ...string[]];
  /** 0 takes a free port. */
  readonly port: number;
  readonly host: string;
  /** Without a slash at the end. */
  readonly githubApiUrl: string;
  /** `postgres://…`; `null`: embedded in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly logFormat: "json" | "pretty";
  /** The first one signs records, all of them verify. Never empty: without RECORD_KEY, the private key signs. */
  readonly recordSecrets: readonly [string, ...string[]];
  /** As which apps it ran before. Empty: as none. */
  readonly formerApps: readonly FormerApp[];
  readonly sweepEvery: Millis;
  /** Whether repositories without a policy are shown one in a pull request. */
  readonly onboarding: boolean;
  /** How long the port stays open after `/readyz` says that the server is stopping. */
  readonly drainFor: Millis;
  /** Systems that wake people. */
  readonly paging: PagingSettings;
  /** Where alerts from other systems come in. */
  readonly alertEndpoints: readonly AlertEndpoint[];
  /** Signs the addresses of calendars; `null`: there are none. */
  readonly calendarSecret: string | null;
  /** `null`: without SLACK_BOT_TOKEN, Sevgate says nothing in Slack. */
  readonly slack: SlackSettings | null;
}

/** How Slack is reached, and what may be told to whom there. */
export interface SlackSettings {
  /** The bot's, `xoxb-…`. */
  readonly token: string;
  /** `null`: nothing is accepted from Slack; buttons and commands do nothing. */
  readonly signingSecret: string | null;
  /** Without a slash at the end. */
  readonly apiUrl: string;
  /** Empty: no channel is allowed. */
  readonly channels: readonly AllowedChannel[];
}

export type ReadSettings =
  | { readonly kind: "ok"; readonly settings: Settings }
  | { readonly kind: "problems"; readonly problems: readonly SettingsProblem[] };

/** What reading the settings needs from the machine. */
export interface SettingsFiles {
  /** The text of a file; throws as `readFileSync` does. */
  read(path: string): string;
  /** Whether people read the output as it comes. */
  readonly isTerminal: boolean;
}

/** The machine's own files. */
export const machineFiles: SettingsFiles = {
  read: (path) => readSmallFile(path),
  isTerminal: process.stdout.isTTY === true,
};

type SettingName = (typeof KNOWN_SETTINGS)[number]["name"];

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
const PERSONS_TOKENS = ["GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN_FILE"] as const;
const MIN_WEBHOOK_SECRET_LENGTH = 20;
const MIN_RECORD_KEY_LENGTH = 32;
const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

const AppId = text(
  "APP_ID is missing. It is the App ID on the settings page of the GitHub App; `sevgate setup` writes it.",
)
  .regex(/^[1-9]\d{0,14}$/, "APP_ID is a number, e.g. 12345. It is the App ID on the settings page of the GitHub App.")
  .transform(Number);
const Port = z
  .string()
  .regex(/^\d{1,5}$/, "PORT is a number from 0 to 65535.")
  .transform(Number)
  .refine((port) => port <= 65_535, "PORT is a number from 0 to 65535.");
const DatabaseUrl = z
  .string()
  .refine(
    (value) => ["postgres:", "postgresql:"].includes(parseUrl(value)?.protocol ?? ""),
    "DATABASE_URL is an address such as postgres://user:password@host:5432/sevgate. Leave it out to store in DATA_DIR.",
  );
const SweepEvery = z
  .string()
  .regex(/^[1-9]\d{0,5}[smh]$/, "SWEEP_EVERY is a number of s, m or h, e.g. 5m.")
  .transform((value) => (Number(value.slice(0, -1)) * UNIT_MS[value.slice(-1) as keyof typeof UNIT_MS]) as Millis);

const DrainFor = z
  .string()
  .regex(/^\d{1,3}s$/, "DRAIN_FOR is a number of seconds, e.g. 3s; 0s closes the port at once.")
  .transform((value) => (Number(value.slice(0, -1)) * UNIT_MS.s) as Millis);

const CalendarSecret = z
  .string()
  .min(32, "CALENDAR_SECRET is shorter than 32 characters. `openssl rand -hex 32` makes a good one.");
const SlackToken = z
  .string()
  .regex(
    /^xox[bp]-[\w-]{5,}$/,
    "SLACK_BOT_TOKEN is the Bot User OAuth Token of the Slack app, which begins with xoxb- (docs/slack.md).",
  );
const SlackSecret = z
  .string()
  .min(
    20,
    "SLACK_SIGNING_SECRET is the Signing Secret on the Basic Information page of the Slack app, of 32 letters and digits.",
  );

/**
 * Reads all settings, and reports every problem at once.
 *
 * An empty variable counts as missing, as it does in container files.
 *
 * HOST is `0.0.0.0` unless set: 127.0.0.1 cannot be reached from outside a container, and the port serves nothing but
 * signed webhooks, health and metrics.
 */
export function readSettings(given: Environment, files: SettingsFiles = machineFiles): ReadSettings {
  const plain = withoutQuotes(given);
  const { env, problems: unreadSecrets } = withSecretFiles(plain, files.read, serverSecrets(plain));
  const unread = [...unreadSecrets, ...filesOfNoSecrets(plain)];
  const problems: SettingsProblem[] = [];
  const value = (name: SettingName): string | undefined => env[name]?.trim() || undefined;
  function take<T>(name: SettingName, schema: z.ZodType<T, unknown>, fallback?: string): T | undefined {
    const result = schema.safeParse(value(name) ?? fallback);
    if (result.success) return result.data;
    problems.push({ name, message: result.error.issues[0]?.message ?? `${name} is not valid.` });
    return undefined;
  }
  function report(name: string, message: string): undefined {
    problems.push({ name, message });
    return undefined;
  }

  const appId = take("APP_ID", AppId);
  const former = readFormerApps(value("APP_ID_PREVIOUS") ?? "");
  const formerApps = typeof former === "string" ? report("APP_ID_PREVIOUS", former) : former;
  const privateKey = readPrivateKey(value("PRIVATE_KEY"), value("PRIVATE_KEY_PATH"), files, report);
  const webhookSecret = take("WEBHOOK_SECRET", webhookSecretSchema("WEBHOOK_SECRET"));
  const previousSecret =
    value("WEBHOOK_SECRET_PREVIOUS") === undefined
      ? null
      : take("WEBHOOK_SECRET_PREVIOUS", webhookSecretSchema("WEBHOOK_SECRET_PREVIOUS"));
  const port = take("PORT", Port, "3000");
  const githubApiUrl = readApiUrl(GITHUB_API, value("GITHUB_API_URL") ?? "https://api.github.com", report);
  const databaseUrl = value("DATABASE_URL") === undefined ? null : take("DATABASE_URL", DatabaseUrl);
  const logLevel = take(
    "LOG_LEVEL",
    z.enum(LOG_LEVELS, { error: `LOG_LEVEL is one of ${LOG_LEVELS.join(", ")}.` }),
    "info",
  );
  const logFormat = take(
    "LOG_FORMAT",
    z.enum(["json", "pretty"], { error: "LOG_FORMAT is json or pretty." }),
    files.isTerminal ? "pretty" : "json",
  );
  // Older keys are not alone where the newest one only could not be read.
  const isRecordKeyUnread = unread.some(({ name }) => name === "RECORD_KEY_FILE");
  const olderRecordKeys = isRecordKeyUnread ? undefined : value("RECORD_KEY_PREVIOUS");
  const ownRecordKeys = readRecordKeys(value("RECORD_KEY"), olderRecordKeys, report);
  const sweepEvery = take("SWEEP_EVERY", SweepEvery, "5m");
  const onboarding = take(
    "ONBOARDING",
    z.enum(["on", "off"], { error: "ONBOARDING is on or off." }).transform((value) => value === "on"),
    "on",
  );
  const drainFor = take("DRAIN_FOR", DrainFor, "3s");
  const calendarSecret = value("CALENDAR_SECRET") === undefined ? null : take("CALENDAR_SECRET", CalendarSecret);
  const slackToken = value("SLACK_BOT_TOKEN") === undefined ? null : take("SLACK_BOT_TOKEN", SlackToken);
  const slackSecret = value("SLACK_SIGNING_SECRET") === undefined ? null : take("SLACK_SIGNING_SECRET", SlackSecret);
  const slackApiUrl = readApiUrl(SLACK_API, value("SLACK_API_URL") ?? "https://slack.com/api", report);
  const slackChannels = readChannels(value("SLACK_CHANNELS") ?? "", report);
  if (slackToken === null && slackSecret !== null) {
    report("SLACK_BOT_TOKEN", "SLACK_BOT_TOKEN is missing beside SLACK_SIGNING_SECRET. Set both, or neither.");
  }
  const { paging, problems: pagingProblems } = readPagingSettings(value);
  problems.push(...pagingProblems);
  const authorities = value("NODE_EXTRA_CA_CERTS");
  if (authorities !== undefined) readable("NODE_EXTRA_CA_CERTS", authorities, files, report);
  const alerts = readAlertEndpoints(env);
  problems.push(...alerts.problems);

  if (
    problems.length > 0 ||
    unread.length > 0 ||
    appId === undefined ||
    privateKey === undefined ||
    webhookSecret === undefined ||
    previousSecret === undefined ||
    port === undefined ||
    githubApiUrl === undefined ||
    databaseUrl === undefined ||
    logLevel === undefined ||
    logFormat === undefined ||
    ownRecordKeys === undefined ||
    formerApps === undefined ||
    sweepEvery === undefined ||
    onboarding === undefined ||
    drainFor === undefined ||
    calendarSecret === undefined ||
    slackToken === undefined ||
    slackSecret === undefined ||
    slackApiUrl === undefined ||
    slackChannels === undefined
  ) {
    return { kind: "problems", problems: [...unread, ...withoutConsequences(problems, unread)] };
  }
  const [signingKey = privateKey, ...olderKeys] = ownRecordKeys;
  return {
    kind: "ok",
    settings: {
      appId,
      privateKey,
      webhookSecrets: previousSecret === null ? [webhookSecret] : [webhookSecret, previousSecret],
      port,
      host: value("HOST") ?? "0.0.0.0",
      githubApiUrl,
      databaseUrl,
      dataDir: value("DATA_DIR") ?? "./data",
      logLevel,
      logFormat,
      // Records signed before RECORD_KEY was set still verify.
      recordSecrets: signingKey === privateKey ? [privateKey] : [signingKey, ...olderKeys, privateKey],
      formerApps,
      sweepEvery,
      onboarding,
      drainFor,
      slack:
        slackToken === null
          ? null
          : { token: slackToken, signingSecret: slackSecret, apiUrl: slackApiUrl, channels: slackChannels },
      paging,
      alertEndpoints: alerts.endpoints,
      calendarSecret,
    },
  };
}

/** `docker run --env-file` passes on the quotes that Node and shells remove (Docker docs, "docker container run"). */
function withoutQuotes(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, unquoted(value)]));
}

function unquoted(value: string | undefined): string | undefined {
  const text = value?.trim() ?? "";
  const isQuoted = text.length > 1 && (text[0] === '"' || text[0] === "'") && text.endsWith(text[0]);
  return isQuoted ? text.slice(1, -1) : value;
}

/** Only the secret of the calendars, for callers that need no other setting. */
export function readCalendarSecret(
  given: Environment,
  files: SettingsFiles = machineFiles,
): { readonly secret: string } | SettingsProblem {
  const name = "CALENDAR_SECRET";
  const {
    env,
    problems: [unread],
  } = withSecretFiles(given, files.read, [name]);
  if (unread !== undefined) return unread;
  const read = CalendarSecret.safeParse(env[name]?.trim() || undefined);
  if (read.success) return { secret: read.data };
  const missing = `${name} is missing: the server's own. Without one it has no calendars; \`openssl rand -hex 32\` makes one.`;
  return { name, message: env[name]?.trim() ? (read.error.issues[0]?.message ?? missing) : missing };
}

/**
 * Reads `.env` from the current folder into the environment; what is already set there stays.
 *
 * Node reads NODE_EXTRA_CA_CERTS when it starts, which is earlier: if `.env` sets it, that is carried out here.
 */
export function loadDotEnv(path = ".env"): void {
  const before = process.env["NODE_EXTRA_CA_CERTS"];
  if (existsSync(path)) {
    try {
      process.loadEnvFile(path);
    } catch (error) {
      // What Node says of a folder is about its own arguments.
      throw new TerminalError(`${path} cannot be read. It is to be a file with lines like APP_ID=123: check it.`, {
        cause: error,
      });
    }
  }
  const file = process.env["NODE_EXTRA_CA_CERTS"];
  if (file === undefined || file === "" || file === before) return;
  if (setDefaultCACertificates === undefined) {
    process.emitWarning(
      "NODE_EXTRA_CA_CERTS in .env needs Node 22.19 or newer. Set it in the environment of the process.",
    );
  } else if (existsSync(file)) {
    const own = readFileSync(file, "utf8").split(/(?=-----BEGIN )/);
    setDefaultCACertificates([...getCACertificates("default"), ...own.filter((one) => one.startsWith("-----BEGIN "))]);
  }
}

/**
 * As `loadDotEnv`, for a command that asks GitHub with a person's token. A token of the environment goes only where the environment
 * says: a `.env` in somebody else's clone must not name a server of its own for it.
 *
 * @param options `unlessServer`: the command asks as the app where all settings of the server are there
 * @throws TerminalError with what to do, if only `.env` names the server
 */
export function loadDotEnvForToken({ unlessServer = false }: { readonly unlessServer?: boolean } = {}): void {
  const path = ".env";
  const [token] = PERSONS_TOKENS.filter((name) => (process.env[name]?.trim() ?? "") !== "");
  const before = process.env["GITHUB_API_URL"];
  loadDotEnv(path);
  const named = process.env["GITHUB_API_URL"]?.trim() ?? "";
  if (token === undefined || before !== undefined || named === "") return;
  if (unlessServer && readSettings(process.env).kind === "ok") return;
  throw new TerminalError(
    `${path} names the server ${oneLine(named)}, and ${token} is not from that file. If the token is for that server, set ` +
      "GITHUB_API_URL beside it, in the environment.",
  );
}

type Report = (name: string, message: string) => undefined;

function text(missing: string): z.ZodString {
  return z.string({ error: missing });
}

function webhookSecretSchema(name: string): z.ZodType<string, unknown> {
  return text(
    `${name} is missing. Set it to the webhook secret of the GitHub App; \`openssl rand -hex 32\` makes a good one.`,
  )
    .refine((secret) => secret !== "development", {
      error: `${name} is a word everybody knows. Set a random one here and in the GitHub App: \`openssl rand -hex 32\`.`,
      abort: true,
    })
    .min(
      MIN_WEBHOOK_SECRET_LENGTH,
      `${name} is shorter than ${MIN_WEBHOOK_SECRET_LENGTH} characters. Set a longer one here and in the GitHub App: ` +
        "`openssl rand -hex 32`.",
    );
}

function readPrivateKey(
  given: string | undefined,
  path: string | undefined,
  files: SettingsFiles,
  report: Report,
): string | undefined {
  if (given !== undefined) return checkedPrivateKey("PRIVATE_KEY", given, report);
  if (path === undefined) {
    return report(
      "PRIVATE_KEY",
      "PRIVATE_KEY is missing. Set it, or PRIVATE_KEY_PATH, to a private key of the GitHub App (its settings page, " +
        "“Generate a private key”).",
    );
  }
  const content = readable("PRIVATE_KEY_PATH", path, files, report);
  if (content === undefined) return undefined;
  return checkedPrivateKey("PRIVATE_KEY_PATH", content, report);
}

/** The text of a file that a setting names. */
function readable(name: string, path: string, files: SettingsFiles, report: Report): string | undefined {
  try {
    return files.read(path);
  } catch (error) {
    return report(name, unreadable(name, path, error).message);
  }
}

/** An RSA private key, always spelt the same, from PEM or base64; else `report` says what is wrong with `name`. */
export function checkedPrivateKey(name: string, given: string, report: Report): string | undefined {
  const unescaped = given.replaceAll("\\n", "\n").trim();
  const pem = unescaped.startsWith("-----BEGIN") ? unescaped : Buffer.from(given, "base64").toString("utf8").trim();
  try {
    const key = createPrivateKey(pem);
    // Always the same spelling of a key: the record key derived from it must not depend on line breaks.
    if (key.asymmetricKeyType === "rsa") return key.export({ type: "pkcs8", format: "pem" }).toString();
  } catch {
    // Reported below.
  }
  return report(
    name,
    `${name} does not hold an RSA private key. It begins with -----BEGIN RSA PRIVATE KEY-----; line breaks may be ` +
      "written as \\n, or the whole key in base64.",
  );
}

const GITHUB_API = {
  name: "GITHUB_API_URL",
  example: "https://api.github.com, or https://HOST/api/v3 of a GitHub Enterprise Server",
} as const;

const SLACK_API = { name: "SLACK_API_URL", example: "https://slack.com/api; leave it out for Slack's own" } as const;

/** An address without a slash at the end, over https but for this machine; else `report` says what is wrong. */
export function readApiUrl(
  { name, example }: { readonly name: string; readonly example: string },
  given: string,
  report: Report,
): string | undefined {
  const url = parseUrl(given);
  if (url === null || !["https:", "http:"].includes(url.protocol) || url.username !== "" || url.search !== "") {
    return report(name, `${name} is an address such as ${example}.`);
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    return report(name, `${name} begins with https: tokens would travel in the clear.`);
  }
  return withoutEnd(url.href, "/");
}

/** `alert, ops=acme/*, C0123456789=acme/secret`: each channel is for public repositories, or for those named. */
function readChannels(given: string, report: Report): readonly AllowedChannel[] | undefined {
  const entries = given
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .map(
      (entry) => /^#?(?<channel>[\p{L}\p{N}_-]{1,80})(?:=(?<repositories>[\w.*-]+\/[\w.*-]+))?$/u.exec(entry)?.groups,
    );
  const channels = entries.flatMap((groups) =>
    groups === undefined ? [] : [{ channel: groups["channel"]!, repositories: groups["repositories"] ?? null }],
  );
  if (channels.length === entries.length) return channels;
  return report(
    "SLACK_CHANNELS",
    "SLACK_CHANNELS is a list such as alert, ops=acme/*: the names or ids of channels, each alone for public " +
      "repositories, or with = and the repositories it is for.",
  );
}

/** Oldest last; empty if none is set. */
function readRecordKeys(
  current: string | undefined,
  previous: string | undefined,
  report: Report,
): readonly string[] | undefined {
  const older = (previous ?? "")
    .split(",")
    .map((key) => key.trim())
    .filter((key) => key !== "");
  if (current === undefined && older.length > 0) {
    return report("RECORD_KEY_PREVIOUS", "RECORD_KEY_PREVIOUS needs a RECORD_KEY beside it. Set both, or neither.");
  }
  for (const [name, keys] of [
    ["RECORD_KEY", current === undefined ? [] : [current]],
    ["RECORD_KEY_PREVIOUS", older],
  ] as const) {
    if (keys.some((key) => key.length < MIN_RECORD_KEY_LENGTH)) {
      return report(
        name,
        `${name} is shorter than ${MIN_RECORD_KEY_LENGTH} characters. \`openssl rand -hex 32\` makes a good one.`,
      );
    }
  }
  return current === undefined ? [] : [current, ...older];
}

function parseUrl(value: string): URL | null {
  return URL.canParse(value) ? new URL(value) : null;
}
