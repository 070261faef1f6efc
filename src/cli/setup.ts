import { createHmac, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, chmod, readFile, realpath, rename, writeFile } from "node:fs/promises";
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
import { absentEvents, askServerVersion } from "../systems/github/enterprise-server.ts";
import { appName, LONGEST_APP_NAME } from "./app-name.ts";
import { askElsewhere, isSameSecret } from "./ask-elsewhere.ts";
import { type Conversion, convertCode } from "./convert-code.ts";
import { mayCarrySecrets } from "./may-carry-secrets.ts";
import { withProgress } from "./progress.ts";
import { isOnTheInternet, readServerUrl } from "./read-server-url.ts";
import { createdPage, manifestPage, messagePage } from "./setup-pages.ts";
import { UsageError } from "./usage-error.ts";

export interface SetupOptions {
  /** Where GitHub reaches the server, such as `https://sevgate.example.com`; asked for when left out. */
  readonly url: string | undefined;
  /** The organisation that is to own the app; without it, the person who is logged in. */
  readonly organization: string | undefined;
  /** The login of the person who is to own the app, for its name; asked for when left out and no organization is named. */
  readonly owner: string | undefined;
  /** The app's name, unique on all of GitHub; people may still change it in the browser. */
  readonly name: string | undefined;
  /** `https://github.com`, or the address of a GitHub Enterprise Server. */
  readonly githubUrl: string;
  /** Where its API is; `null`: derived from `githubUrl`. */
  readonly githubApiUrl: string | null;
  readonly manifestFile: string | URL;
  readonly envFile: string;
  /** The browser is on another machine: a file goes there, and an address comes back. */
  readonly elsewhere: boolean;
  /** With `elsewhere`: the file to open there. */
  readonly pageFile: string;
  /** The port of the local page; 0 takes a free one. */
  readonly port: number;
  /** Replaces what the file already contains, without asking. */
  readonly force: boolean;
  /** Asks a person; `null` when there is nobody to ask. */
  ask(question: string): Promise<string | null>;
  say(line: string): void;
}

const Manifest = z.looseObject({ default_events: z.array(z.string()).default([]) });

const WHOSE = "Your login on GitHub, for the app's name (names are unique on all of GitHub): ";
/** GitHub's logins: letters, digits and hyphens, at most 39; underscores for those of an enterprise. */
const LOGIN = /^[a-z\d][a-z\d_-]{0,38}$/i;
const WHERE = "Where will GitHub reach the server? https://…: ";
const SECRETS = ["APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET"] as const;

/**
 * `sevgate setup`: creates the GitHub App from app.yml and writes `.env`.
 *
 * A page hands the manifest to GitHub; GitHub sends the browser back with a code that is valid for one hour and
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
  if (options.name !== undefined && (options.name.trim() === "" || options.name.length > LONGEST_APP_NAME)) {
    throw new UsageError(`--name is at most ${LONGEST_APP_NAME} characters long on GitHub.`);
  }
  if (options.owner !== undefined && !LOGIN.test(options.owner)) {
    throw new UsageError("--owner is a login on GitHub, such as octocat.");
  }
  if (!mayCarrySecrets(githubUrl)) {
    throw new UsageError(
      "--github is the address of a GitHub server, such as https://github.example.com. It begins with https.",
    );
  }
  if (options.githubApiUrl !== null && !mayCarrySecrets(options.githubApiUrl)) {
    throw new UsageError(
      "GITHUB_API_URL is no address that begins with https. Leave it out: --github-url says enough.",
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
    if (errorCode(error) === "") throw error;
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
  const left = await eventsLeftOut(options, manifest.default_events);
  if (left.length > 0) {
    say(`Left out, as servers up to 3.19 do not know them: ${left.join(", ")}. \`sevgate doctor\` says if yours does.`);
  }
  const named = {
    ...manifest,
    default_events: manifest.default_events.filter((event) => !left.includes(event)),
    name: options.name ?? appName(await ownerOf(options, server.url)),
    url: server.url,
    hook_attributes: { url: `${server.url}${WEBHOOK_PATH}`, active: true },
  };
  const conversion = await (options.elsewhere ? askThere(options, named) : askHere(options, named));
  if (conversion === null) return 1;
  const values = settingsOf(conversion, apiUrlOf(options), before);
  say(`The app ${conversion.slug} is created. Its settings are in ${await save(options.envFile, before, values)}.`);
  say("Next:");
  say(`  1. Install it on your repositories: ${installUrl(conversion)}`);
  say("  2. Start the server: npm start (sevgate start)");
  say("  3. See that all is well: sevgate doctor");
  say("  4. Once the check is on a pull request, let merges wait for it: sevgate protect OWNER/REPOSITORY");
  return 0;
}

/** What this server would refuse the whole manifest for. */
async function eventsLeftOut(options: SetupOptions, asked: readonly string[]): Promise<readonly string[]> {
  if (isOnTheInternet(options.githubUrl)) return [];
  const absent = absentEvents(await askServerVersion(apiUrlOf(options)));
  return asked.filter((event) => absent.includes(event));
}

function installUrl({ html_url }: Pick<Conversion, "html_url">): string {
  return `${withoutEnd(html_url, "/")}/installations/new`;
}

/** Whose app it will be, for its name; whoever says nothing has a server whose address is nobody else's. */
async function ownerOf({ organization, owner, ask }: SetupOptions, serverUrl: string): Promise<string> {
  const given = organization ?? owner ?? (await ask(WHOSE))?.trim() ?? "";
  return organization !== undefined || LOGIN.test(given) ? given : new URL(serverUrl).hostname;
}

/** In a browser on another machine. */
async function askThere(options: SetupOptions, manifest: object): Promise<Conversion | null> {
  const { pageFile, ask, say } = options;
  const code = await askElsewhere({ action: formAction(options), manifest, pageFile, ask, say });
  if (typeof code !== "string") {
    say(
      code?.kind === "not-written"
        ? `Nothing was changed: ${pageFile} is there already, or cannot be written. Delete it, or name another with --page.`
        : "Nothing was written. If GitHub has created the app, delete it in the developer settings; then run this again.",
    );
    return null;
  }
  try {
    return await withProgress("sevgate setup", (step) => {
      step("asking GitHub for the app's secrets");
      return convertCode(apiUrlOf(options), code);
    });
  } catch (error) {
    say(sentence(error));
    return null;
  }
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
 * In a browser on this machine.
 *
 * Serves the local page until GitHub sends the browser back with a code that can be exchanged; `null` if it does not.
 *
 * Whoever sees the page can put an app of their own in place of this one. So it is at a URL nobody can guess, which
 * only the terminal shows: another user of this machine does not see it. And it only answers under the names of this
 * machine: somebody else's page, whose name was made to point to this machine (DNS rebinding), does not see it either.
 */
async function askHere(options: SetupOptions, manifest: object): Promise<Conversion | null> {
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
      if (request.method === "GET" && isSameSecret(path, `/${nonce}`)) {
        sendPage(response, 200, manifestPage(`${formAction(options)}?state=${state}`, completeManifest()));
      } else if (request.method === "GET" && path === "/callback") {
        if (!isSameSecret(asked.get("state") ?? "", state)) {
          return finish(response, 400, "This answer belongs to another set-up", "Start again from the first page.");
        }
        // A code is valid for one use: reloading the page must not spoil it.
        if (converting) return finish(response, 409, "This was answered already", "The terminal says what comes next.");
        converting = true;
        const conversion = await withProgress("sevgate setup", (step) => {
          step("asking GitHub for the app's secrets");
          return convertCode(apiUrlOf(options), asked.get("code") ?? "");
        });
        sendPage(response, 200, createdPage(conversion.slug, installUrl(conversion)));
        close(conversion);
      } else {
        finish(response, 404, "Nothing is here", "Open the address that the terminal shows, to its last letter.");
      }
    }

    function completeManifest(): object {
      return {
        ...manifest,
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
      options.say(
        `Open ${localUrl()}/${nonce} in a browser on this machine that is logged in to GitHub. Is it on another one? ` +
          "Stop this, and add --elsewhere.",
      ),
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

/** Replaces the file as a whole: a full disk leaves the old one. A link stays, and what it leads to is replaced. */
async function writePrivately(given: string, text: string): Promise<void> {
  const path = await realpath(given).catch(() => given);
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

function apiUrlOf(options: Pick<SetupOptions, "githubUrl" | "githubApiUrl">): string {
  if (options.githubApiUrl !== null) return withoutEnd(options.githubApiUrl, "/");
  const { origin, hostname } = new URL(options.githubUrl);
  return isOnTheInternet(options.githubUrl) ? `https://api.${hostname}` : `${origin}/api/v3`;
}

/** Where the form with the manifest goes. */
function formAction({ organization, githubUrl }: SetupOptions): string {
  const owner = organization === undefined ? "settings" : `organizations/${encodeURIComponent(organization)}/settings`;
  return `${new URL(githubUrl).origin}/${owner}/apps/new`;
}

function finish(response: ServerResponse, status: number, title: string, message: string): void {
  sendPage(response, status, messagePage(title, message));
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

/** What a person may read of an error: our own sentences, or else only that it was something unexpected. */
function sentence(error: unknown): string {
  return error instanceof TerminalError ? error.message : "Something went wrong. Run sevgate setup again.";
}
