import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NODE_OPTIONS } from "../scripts/node-options.ts";
import { WEBHOOK_SECRET } from "./signed-webhooks.ts";

/** What every part of the benchmark runs with. */
export interface Setting {
  /** Shorter and rougher. */
  readonly quick: boolean;
  /** A folder that is removed at the end. */
  readonly folder: string;
  /** The environment of a server that talks to `githubUrl`. */
  environment(githubUrl: string): Readonly<Record<string, string>>;
  readonly privateKey: string;
}

/** As `npm start` does. */
export const SEVGATE = [...NODE_OPTIONS, "bin/sevgate.js", "start"];
/** Plain JavaScript, as most bots are: to strip types takes time and memory of its own. */
export const PROBOT = ["node_modules/.cache/bench/bare-probot.js"];
export const HTTP = ["node_modules/.cache/bench/bare-http.js"];
/** A GitHub where every issue is gone: passes end after one look. */
export const EMPTY_GITHUB = ["bench/servers/stub-github.ts"];
/** A GitHub where every issue exists, and what is written to it is kept. */
export const INCIDENT_GITHUB = ["bench/servers/incident-github.ts"];

export function createSetting(quick: boolean): Setting {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const folder = mkdtempSync(join(tmpdir(), "sevgate-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return {
    quick,
    folder,
    privateKey,
    environment: (githubUrl) => ({
      APP_ID: "1",
      PRIVATE_KEY: privateKey,
      WEBHOOK_SECRET,
      GITHUB_API_URL: githubUrl,
      LOG_LEVEL: "silent",
      SWEEP_EVERY: "24h",
    }),
  };
}
