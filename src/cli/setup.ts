import { randomBytes, timingSafeEqual } from "node:crypto";
import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseEnv } from "node:util";
import { load } from "js-yaml";
import { z } from "zod";
import { errorCode } from "../error-code.ts";
import { TerminalError } from "../errors.ts";
import { WEBHOOK_PATH } from "../ingress/server.ts";

export interface SetupOptions {
  /** Where GitHub reaches the server, e.g. `https://sevgate.example.com`; asked for when left out. */
  readonly url: string | undefined;
  /** The organisation that is to own the app; without it, the person who is logged in. */
  readonly organization: string | undefined;
  /** The app's name, unique on all of GitHub; people may still change it in the browser. */
  readonly name: string | undefined;
  /** `https://github.com`, or the address of a GitHub Enterprise Server. */
  readonly githubUrl: string;
  /** Where its API is; `null`: derived from `githubUrl`. */
  readonly githubApiUrl: string | null;
  readonly manifestFile: string | URL;
  readonly envFile: string;
  /** The port of the local page; 0 takes a free one. */
  readonly port: number;
  /** Replaces what the file holds already, without asking. */
  readonly force: boolean;
  /** Asks a person; `null` when nobody is there. */
  ask(question: string): Promise<string | null>;
  say(line: string): void;
}

/** What GitHub gives for the code (GitHub docs, "Create a GitHub App from a manifest"). */
const Conversion = z.object({
  id: z.number().int().positive(),
  slug: z.string(),
  html_url: z.url(),
  pem: z.string().startsWith("-----BEGIN"),
  webhook_secret: z.string().min(20),
});
type Conversion = z.infer<typeof Conversion>;

const Manifest = z.looseObject({ hook_attributes: z.looseObject({}).default({}) });

const CONVERSION_LIMIT_MS = 15_000;
const API_VERSION = "2022-11-28";
const SECRETS = ["APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET"] as const;

/**
 * `sevgate setup`: creates the GitHub App from app.yml and writes `.env`.
 *
 * A local page hands the manifest to GitHub; GitHub sends the browser back with a code that is good for one hour and
 * one use; for the code GitHub gives the app's id and secrets (GitHub docs, "Registering a GitHub App from a
 * manifest"). The secrets go into the file, readable by this user alone, and nowhere else.
 *
 * @returns the exit code: 0 when the app exists and the file is written
 */
export async function setup(options: SetupOptions): Promise<0 | 1> {
  const { say } = options;
  const serverUrl = readServerUrl(
    options.url ?? (await options.ask("Where will GitHub reach the server? https://…: ")),
  );
  if (serverUrl === null) {
    say("Give the address where GitHub reaches the server: sevgate setup --url https://sevgate.example.com");
    return 1;
  }
  if (!(await mayReplace(options))) {
    say(
      `Nothing was changed. Use another file with --write-to, or replace what ${options.envFile} holds with --force.`,
    );
    return 1;
  }
  const manifest = Manifest.parse(load(await readFile(options.manifestFile, "utf8")));
  const conversion = await askGitHub(options, { ...manifest, url: serverUrl }, serverUrl);
  if (conversion === null) return 1;
  const values = {
    APP_ID: String(conversion.id),
    PRIVATE_KEY: conversion.pem,
    WEBHOOK_SECRET: conversion.webhook_secret,
    ...(apiUrlOf(options) === "https://api.github.com" ? {} : { GITHUB_API_URL: apiUrlOf(options) }),
  };
  say(`The app ${conversion.slug} is created. Its settings are in ${await save(options.envFile, values)}.`);
  say(`Next: install it at ${conversion.html_url}/installations/new, then start the server: sevgate start`);
  return 0;
}

/** The text of an environment file with the values set: in place where the name is there, else at the end. */
export function withValues(text: string, values: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [name, value] of Object.entries(values)) {
    const line = `${name}="${value.trim().replaceAll("\r\n", "\n").replaceAll("\n", "\\n")}"`;
    // A quoted value may go over several lines.
    const assignment = new RegExp(
      String.raw`^(?:export\s+)?${name}\s*=\s*(?:"[^"]*"|'[^']*'|\x60[^\x60]*\x60|.*)$`,
      "m",
    );
    if (assignment.test(result)) result = result.replace(assignment, () => line);
    else result = `${result}${result === "" || result.endsWith("\n") ? "" : "\n"}${line}\n`;
  }
  return result;
}

async function mayReplace(options: SetupOptions): Promise<boolean> {
  const present = parseEnv(await readOrEmpty(options.envFile));
  const set = SECRETS.filter((name) => (present[name] ?? "") !== "");
  if (set.length === 0 || options.force) return true;
  const answer = await options.ask(`${options.envFile} already sets ${set.join(", ")}. Replace them? [y/N] `);
  return /^y(?:es)?$/i.test(answer?.trim() ?? "");
}

/** Serves the local page until GitHub sent the browser back with a code that converts; `null` when it does not. */
async function askGitHub(options: SetupOptions, manifest: object, serverUrl: string): Promise<Conversion | null> {
  const state = randomBytes(24).toString("base64url");
  return await new Promise((done, fail) => {
    const server = createServer((request, response) => {
      answer(request, response).catch((error: unknown) => {
        finish(response, 502, "GitHub did not create the app", sentence(error));
        options.say(sentence(error));
        close(null);
      });
    });

    async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const url = new URL(request.url ?? "/", localUrl());
      if (request.method === "GET" && url.pathname === "/") {
        sendPage(response, 200, formPage(options, completeManifest(), state));
      } else if (request.method === "GET" && url.pathname === "/callback") {
        if (!sameText(url.searchParams.get("state") ?? "", state)) {
          return finish(response, 400, "This answer belongs to another set-up", "Start again from the first page.");
        }
        const conversion = await convert(apiUrlOf(options), url.searchParams.get("code") ?? "");
        finish(response, 200, "The app is created", "You can close this page. The terminal says what comes next.");
        close(conversion);
      } else {
        finish(response, 404, "Nothing is here", "The first page is at /.");
      }
    }

    function completeManifest(): object {
      return {
        ...manifest,
        ...(options.name === undefined ? {} : { name: options.name }),
        hook_attributes: { url: `${serverUrl}${WEBHOOK_PATH}`, active: true },
        redirect_url: `${localUrl()}/callback`,
      };
    }

    function localUrl(): string {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    }

    function close(result: Conversion | null): void {
      server.close(() => done(result));
      server.closeIdleConnections();
    }

    server.once("error", fail);
    // Only this machine may answer: the code in the callback is worth the app's private key.
    server.listen(options.port, "127.0.0.1", () =>
      options.say(`Open ${localUrl()} in a browser that is logged in to GitHub.`),
    );
  });
}

async function convert(apiUrl: string, code: string): Promise<Conversion> {
  if (!/^[\w-]{1,200}$/.test(code)) throw new TerminalError("GitHub sent no code back. Run sevgate setup again.");
  let response: Response;
  try {
    response = await fetch(`${apiUrl}/app-manifests/${code}/conversions`, {
      method: "POST",
      headers: { accept: "application/vnd.github+json", "x-github-api-version": API_VERSION, "user-agent": "sevgate" },
      signal: AbortSignal.timeout(CONVERSION_LIMIT_MS),
    });
  } catch (error) {
    throw new TerminalError(
      "GitHub did not answer. The app may exist already: delete it in the developer settings, then run sevgate setup again.",
      { cause: error },
    );
  }
  if (!response.ok) {
    throw new TerminalError(
      `GitHub refused the code (status ${response.status}). A code is good for one hour and one use: run sevgate setup again.`,
      { status: response.status },
    );
  }
  const conversion = Conversion.safeParse(await response.json());
  if (!conversion.success) {
    throw new TerminalError(
      "GitHub's answer lacks the app's secrets. Create the app by hand (README, “Installation”).",
    );
  }
  return conversion.data;
}

/** Writes the values, and says where they are. When the file cannot be written they go into one beside it. */
async function save(envFile: string, values: Readonly<Record<string, string>>): Promise<string> {
  try {
    await writePrivately(envFile, withValues(await readOrEmpty(envFile), values));
    return envFile;
  } catch {
    const beside = `sevgate-${values["APP_ID"]}.env`;
    await writePrivately(beside, withValues("", values));
    return `${beside} (${envFile} could not be written)`;
  }
}

/** Replaces the file as a whole: a full disk leaves the old one. */
async function writePrivately(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  await writeFile(temporary, text, { mode: 0o600, flag: "wx" });
  await chmod(temporary, 0o600);
  await rename(temporary, path);
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  }
}

function readServerUrl(given: string | null): string | null {
  if (given === null || !URL.canParse(given.trim())) return null;
  const url = new URL(given.trim());
  return ["https:", "http:"].includes(url.protocol) ? `${url.origin}${url.pathname}`.replace(/\/+$/, "") : null;
}

function apiUrlOf(options: Pick<SetupOptions, "githubUrl" | "githubApiUrl">): string {
  if (options.githubApiUrl !== null) return options.githubApiUrl.replace(/\/+$/, "");
  const { origin, hostname } = new URL(options.githubUrl);
  return hostname === "github.com" ? "https://api.github.com" : `${origin}/api/v3`;
}

function formPage(options: SetupOptions, manifest: object, state: string): string {
  const owner =
    options.organization === undefined
      ? "settings"
      : `organizations/${encodeURIComponent(options.organization)}/settings`;
  const action = `${new URL(options.githubUrl).origin}/${owner}/apps/new?state=${state}`;
  return page(
    "Create the GitHub App",
    `<p>GitHub shows what Sevgate asks for. Nothing is created before you agree there.</p>
<form action="${escapeHtml(action)}" method="post">
<input type="hidden" name="manifest" value="${escapeHtml(JSON.stringify(manifest))}">
<button type="submit">Go on to GitHub</button>
</form>`,
  );
}

function finish(response: ServerResponse, status: number, title: string, message: string): void {
  sendPage(response, status, page(title, `<p>${escapeHtml(message)}</p>`));
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  if (response.headersSent) return;
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "referrer-policy": "no-referrer",
    connection: "close",
  });
  response.end(html);
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sevgate: ${escapeHtml(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}</style>
<h1>${escapeHtml(title)}</h1>
${content}
</html>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function sameText(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** What a person may read of an error: our own sentences, and else only that it was none of them. */
function sentence(error: unknown): string {
  return error instanceof TerminalError ? error.message : "Something went wrong. Run sevgate setup again.";
}
