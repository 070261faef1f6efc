import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { constants } from "node:fs";
import { access, chmod, readFile, rename, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { isDeepStrictEqual, parseEnv } from "node:util";
import { load } from "js-yaml";
import * as z from "zod";
import { errorCode } from "../base/error-code.ts";
import { TerminalError } from "../base/errors.ts";
import { withoutEnd } from "../core/without-end.ts";
import { WEBHOOK_PATH } from "../ingress/http/server.ts";
import { safeVersion } from "../systems/github/api-version.ts";
import { withProgress } from "./progress.ts";
import { isOnTheInternet, readServerUrl } from "./read-server-url.ts";
import { UsageError } from "./usage-error.ts";

export interface SetupOptions {
  /** Where GitHub reaches the server, such as `https://sevgate.example.com`; asked for when left out. */
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
  /** Replaces what the file already contains, without asking. */
  readonly force: boolean;
  /** Asks a person; `null` when there is nobody to ask. */
  ask(question: string): Promise<string | null>;
  say(line: string): void;
}

/** What GitHub gives in exchange for the code (GitHub docs, "Create a GitHub App from a manifest"). */
const Conversion = z.object({
  id: z.number().int().positive(),
  slug: z.string(),
  html_url: z.url(),
  pem: z.string().startsWith("-----BEGIN"),
  // Only characters that need no quotes in an environment file; GitHub's secrets are hexadecimal.
  webhook_secret: z.string().regex(/^[\w.:/+=@~-]{20,}$/),
});
type Conversion = z.infer<typeof Conversion>;

const Manifest = z.looseObject({ hook_attributes: z.looseObject({}).default({}) });

const WHERE = "Where will GitHub reach the server? https://…: ";
const CONVERSION_LIMIT_MS = 15_000;
/** GitHub docs, "Registering a GitHub App": 34 characters. */
const LONGEST_NAME = 34;
const SECRETS = ["APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET"] as const;

/**
 * `sevgate setup`: creates the GitHub App from app.yml and writes `.env`.
 *
 * A local page hands the manifest to GitHub; GitHub sends the browser back with a code that is valid for one hour and
 * one use; in exchange for the code GitHub gives the app's id and secrets (GitHub docs, "Registering a GitHub App from
 * a manifest"). The secrets go into the file, readable by this user alone, and nowhere else.
 *
 * @returns the exit code: 0 when the app exists and the file is written
 * @throws UsageError if it is not said, or not in a way that is understood, where GitHub or the server is
 *
 * (A-110, A-114)
 */
export async function setup(options: SetupOptions): Promise<0 | 1> {
  const { say, githubUrl } = options;
  if (!isGitHubUrl(githubUrl)) {
    throw new UsageError(
      "--github is the address of a GitHub server, such as https://github.example.com. It begins with https.",
    );
  }
  const answered = options.url === undefined ? await options.ask(WHERE) : null;
  const server = readServerUrl(options.url ?? answered, githubUrl);
  if (server.kind === "refused") {
    if (answered === null) throw new UsageError(server.why);
    say(server.why);
    return 1;
  }
  let before: string;
  try {
    before = await readOrEmpty(options.envFile);
    await access(dirname(options.envFile), constants.W_OK);
  } catch (error) {
    if (errorCode(error) === null) throw error;
    say(`Nothing was changed: ${options.envFile} is no file that can be written. Name another with --write-to.`);
    return 1;
  }
  if (!(await mayReplace(options, before))) {
    say(
      `Nothing was changed. Use another file with --write-to, or replace what ${options.envFile} holds with --force.`,
    );
    return 1;
  }
  const manifest = Manifest.parse(load(await readFile(options.manifestFile, "utf8")));
  const conversion = await askGitHub(options, { ...manifest, url: server.url }, server.url);
  if (conversion === null) return 1;
  const values = settingsOf(conversion, apiUrlOf(options), before);
  say(`The app ${conversion.slug} is created. Its settings are in ${await save(options.envFile, before, values)}.`);
  say(`Next: install it at ${conversion.html_url}/installations/new, then start the server: npm start (sevgate start)`);
  return 0;
}

/**
 * What the server has to know about the app.
 *
 * @param before the environment file: if it has the URL of another GitHub, that would be used for this app
 */
export function settingsOf(
  { id, pem, webhook_secret }: Pick<Conversion, "id" | "pem" | "webhook_secret">,
  apiUrl: string,
  before: string,
): Readonly<Record<"APP_ID", string> & Record<string, string>> {
  const isUsual = apiUrl === "https://api.github.com" && parseEnv(before)["GITHUB_API_URL"] === undefined;
  return {
    APP_ID: String(id),
    // In base64: one line without quotes, which Node, containers and shells all read in the same way.
    PRIVATE_KEY: Buffer.from(pem).toString("base64"),
    WEBHOOK_SECRET: webhook_secret,
    ...(isUsual ? {} : { GITHUB_API_URL: apiUrl }),
  };
}

/**
 * The text of an environment file with the values set: in place if the name is there, else at the end. Each on a line
 * without quotes, since `docker run --env-file` takes quotes as part of the value.
 */
export function withValues(text: string, values: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [name, value] of Object.entries(values)) {
    const line = `${name}=${value}`;
    // A quoted value may span several lines.
    const assignment = new RegExp(
      String.raw`^(?:export\s+)?${name}\s*=\s*(?:"[^"]*"|'[^']*'|\x60[^\x60]*\x60|.*)$`,
      "m",
    );
    if (assignment.test(result)) result = result.replace(assignment, () => line);
    else result = `${result}${result === "" || result.endsWith("\n") ? "" : "\n"}${line}\n`;
  }
  return result;
}

async function mayReplace(options: SetupOptions, text: string): Promise<boolean> {
  const present = secretsIn(text);
  const set = SECRETS.filter((name) => present[name] !== "");
  if (set.length === 0 || options.force) return true;
  const answer = await options.ask(`${options.envFile} already sets ${set.join(", ")}. Replace them? [y/N] `);
  return /^y(?:es)?$/i.test(answer?.trim() ?? "");
}

function secretsIn(text: string): Readonly<Record<(typeof SECRETS)[number], string>> {
  const { APP_ID = "", PRIVATE_KEY = "", WEBHOOK_SECRET = "" } = parseEnv(text);
  return { APP_ID, PRIVATE_KEY, WEBHOOK_SECRET };
}

/**
 * Serves the local page until GitHub sends the browser back with a code that can be exchanged; `null` if it does not.
 *
 * Whoever sees the page can put an app of their own in place of this one. So it is at a URL nobody can guess, which
 * only the terminal shows: another user of this machine does not see it. And it only answers under the names of this
 * machine: somebody else's page, whose name was made to point to this machine (DNS rebinding), does not see it either.
 */
async function askGitHub(options: SetupOptions, manifest: object, serverUrl: string): Promise<Conversion | null> {
  const nonce = randomBytes(24).toString("base64url");
  // GitHub sends it back: only a browser that was shown the page can have it. It does not reveal the nonce.
  const state = createHmac("sha256", nonce).update("state").digest("base64url");
  return await new Promise((done, fail) => {
    const server = createServer((request, response) => {
      answer(request, response).catch((error: unknown) => {
        finish(response, 502, "GitHub did not create the app", sentence(error));
        options.say(sentence(error));
        close(null);
      });
    });
    let converting = false;

    async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
      if (!isOurs(request.headers.host)) {
        return finish(response, 421, "This is another address", "Open the address that the terminal shows.");
      }
      const [path = "", query = ""] = (request.url ?? "/").split("?", 2);
      const asked = new URLSearchParams(query);
      if (request.method === "GET" && sameText(path, `/${nonce}`)) {
        sendPage(response, 200, formPage(options, completeManifest(), state));
      } else if (request.method === "GET" && path === "/callback") {
        if (!sameText(asked.get("state") ?? "", state)) {
          return finish(response, 400, "This answer belongs to another set-up", "Start again from the first page.");
        }
        // A code is valid for one use: reloading the page must not spoil it.
        if (converting) return finish(response, 409, "This was answered already", "The terminal says what comes next.");
        converting = true;
        const conversion = await withProgress("sevgate setup", (step) => {
          step("asking GitHub for the app's secrets");
          return convert(apiUrlOf(options), asked.get("code") ?? "");
        });
        finish(response, 200, "The app is created", "You can close this page. The terminal says what comes next.");
        close(conversion);
      } else {
        finish(response, 404, "Nothing is here", "Open the address that the terminal shows, to its last letter.");
      }
    }

    function completeManifest(): object {
      return {
        ...manifest,
        ...nameOf(options),
        hook_attributes: { url: `${serverUrl}${WEBHOOK_PATH}`, active: true },
        redirect_url: `${localUrl()}/callback`,
      };
    }

    function localUrl(): string {
      return `http://127.0.0.1:${port()}`;
    }

    function port(): number {
      return (server.address() as AddressInfo).port;
    }

    function isOurs(host: string | undefined): boolean {
      return host === `127.0.0.1:${port()}` || host?.toLowerCase() === `localhost:${port()}`;
    }

    function close(result: Conversion | null): void {
      server.close(() => done(result));
      server.closeIdleConnections();
    }

    server.once("error", (error) => fail(listenError(error, options.port)));
    // Only this machine may answer: the code in the callback is worth as much as the app's private key.
    server.listen(options.port, "127.0.0.1", () =>
      options.say(`Open ${localUrl()}/${nonce} in a browser that is logged in to GitHub.`),
    );
  });
}

function listenError(error: Error, port: number): unknown {
  switch (errorCode(error)) {
    case "EADDRINUSE":
      return new TerminalError(
        `127.0.0.1:${port} is in use by another program. Leave out --port, and a free one is taken.`,
      );
    case "EACCES":
      return new TerminalError(
        `This user may not listen on 127.0.0.1:${port}. Leave out --port, and a free one is taken.`,
      );
    default:
      return error;
  }
}

/**
 * The names of apps are unique on all of GitHub (A-114): one with the organization's name is likelier to be free than
 * ours.
 */
function nameOf({ name, organization }: SetupOptions): { readonly name?: string } {
  if (name !== undefined) return { name };
  return organization === undefined ? {} : { name: `Sevgate ${organization}`.slice(0, LONGEST_NAME).trim() };
}

async function convert(apiUrl: string, code: string): Promise<Conversion> {
  if (!/^[\w-]{1,200}$/.test(code)) throw new TerminalError("GitHub sent no code back. Run sevgate setup again.");
  let response: Response;
  try {
    response = await fetch(`${apiUrl}/app-manifests/${code}/conversions`, {
      method: "POST",
      headers: {
        accept: "application/vnd.github+json",
        "x-github-api-version": safeVersion(apiUrl),
        "user-agent": "sevgate",
      },
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

/**
 * Writes the values, and says where they are: into a new file beside it if the file cannot be written, or by now
 * contains other secrets than those that may be replaced.
 */
async function save(envFile: string, before: string, values: Readonly<Record<string, string>>): Promise<string> {
  let why: string;
  try {
    const now = await readOrEmpty(envFile);
    if (isDeepStrictEqual(secretsIn(now), secretsIn(before))) {
      await writePrivately(envFile, withValues(now, values));
      return envFile;
    }
    why = `${envFile} got other secrets meanwhile`;
  } catch {
    why = `${envFile} could not be written`;
  }
  const text = withValues("", values);
  for (let nth = 1; ; nth += 1) {
    const beside = `sevgate-${values["APP_ID"]}${nth === 1 ? "" : `-${nth}`}.env`;
    try {
      await writeFile(beside, text, { mode: 0o600, flag: "wx" });
      return `${beside} (${why})`;
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
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

/** A credential is requested from it, in the clear only on this machine. */
function isGitHubUrl(given: string): boolean {
  if (!URL.canParse(given)) return false;
  const { protocol, hostname } = new URL(given);
  return (
    protocol === "https:" || (protocol === "http:" && /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname))
  );
}

function apiUrlOf(options: Pick<SetupOptions, "githubUrl" | "githubApiUrl">): string {
  if (options.githubApiUrl !== null) return withoutEnd(options.githubApiUrl, "/");
  const { origin, hostname } = new URL(options.githubUrl);
  return isOnTheInternet(options.githubUrl) ? `https://api.${hostname}` : `${origin}/api/v3`;
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
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
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

/** What a person may read of an error: our own sentences, or else only that it was something unexpected. */
function sentence(error: unknown): string {
  return error instanceof TerminalError ? error.message : "Something went wrong. Run sevgate setup again.";
}
