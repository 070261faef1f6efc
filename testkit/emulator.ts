import { generateKeyPairSync, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createEmulator } from "emulate";
import { load } from "js-yaml";
import type { Permission } from "../src/core/model.ts";
import { readBody } from "./forward-request.ts";
import { listenOnLoopback } from "./listen-on-loopback.ts";

/** A webhook that passed through on its way to Sevgate. */
export interface RelayedWebhook {
  readonly name: string;
  readonly delivery: string;
  readonly body: string;
  /** Sevgate's answer; `null`: nobody was listening. */
  readonly status: number | null;
  /** When it came to the relay. */
  readonly at: Date;
}

/** A running emulated GitHub with `acme/ops`, its people and an installed Sevgate. */
export interface RunningEmulator {
  /** The API, such as `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly appId: number;
  readonly slug: string;
  readonly installationId: number;
  readonly privateKey: string;
  readonly webhookSecret: string;
  /** By login: a personal access token. */
  readonly tokens: Readonly<Record<keyof typeof PEOPLE, string>>;
  readonly webhooks: readonly RelayedWebhook[];
  /** Where webhooks go from now on; `null`: nowhere. */
  deliverTo(webhookUrl: string | null): void;
  /** Calls the API as a person. Throws when GitHub answers with 400 or more. */
  as(login: keyof typeof PEOPLE, method: string, path: string, body?: unknown): Promise<unknown>;
  close(): Promise<void>;
}

export const OWNER = "acme";
export const REPOSITORY = "ops";

/** `maria` belongs to the organization and so is an admin; `mallory` and `bella` are strangers to it. */
export const PEOPLE = {
  maria: "admin",
  alice: "maintain",
  wendy: "write",
  bob: "triage",
  mallory: "none",
} as const satisfies Record<string, Permission>;

/** The emulator's names for the rights that GitHub calls write and read. */
const COLLABORATOR_PERMISSIONS: Partial<Record<Permission, string>> = {
  maintain: "maintain",
  write: "push",
  triage: "triage",
};

const APP_ID = 4_242;
const SLUG = "sevgate";
const INSTALLATION_ID = 777;
const WEBHOOK_SECRET = "emulated-webhook-secret-of-fair-length";

interface Manifest {
  readonly default_permissions: Readonly<Record<string, string>>;
  readonly default_events: readonly string[];
}

/**
 * Starts an emulated GitHub on a free loopback port, with the permissions that app.yml asks for.
 *
 * Webhooks pass through a relay of ours: the emulator numbers its deliveries by the millisecond, so two of them may
 * share an id; GitHub gives each a GUID.
 */
export async function startEmulator(): Promise<RunningEmulator> {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const manifest = load(readFileSync(new URL("../app.yml", import.meta.url), "utf8")) as Manifest;
  const relay = await startRelay();
  const logins = Object.keys(PEOPLE) as (keyof typeof PEOPLE)[];
  const tokens = Object.fromEntries(logins.map((login) => [login, `token-of-${login}`])) as RunningEmulator["tokens"];
  const emulator = await createEmulator({
    service: "github",
    port: 0,
    seed: {
      tokens: Object.fromEntries(logins.map((login) => [tokens[login], { login, scopes: ["repo"] }])),
      github: {
        users: logins.map((login) => ({ login })),
        orgs: [{ login: OWNER, members: [{ login: "maria", role: "admin" }] }],
        repos: [{ owner: OWNER, name: REPOSITORY, auto_init: true }],
        apps: [
          {
            app_id: APP_ID,
            slug: SLUG,
            name: "Sevgate",
            private_key: privateKey,
            permissions: manifest.default_permissions,
            // GitHub sends these to every app with checks: write; the emulator wants them named.
            events: [...manifest.default_events, "check_run", "check_suite"],
            webhook_url: relay.url,
            webhook_secret: WEBHOOK_SECRET,
            installations: [{ installation_id: INSTALLATION_ID, account: OWNER, repository_selection: "all" }],
          },
        ],
      },
    },
  });

  const running: RunningEmulator = {
    url: emulator.url,
    appId: APP_ID,
    slug: SLUG,
    installationId: INSTALLATION_ID,
    privateKey,
    webhookSecret: WEBHOOK_SECRET,
    tokens,
    webhooks: relay.webhooks,
    deliverTo: relay.deliverTo,
    async as(login, method, path, body) {
      const response = await fetch(`${emulator.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${tokens[login]}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (response.status >= 400) throw new Error(`${method} ${path} as ${login}: ${response.status} ${text}`);
      return text === "" ? null : JSON.parse(text);
    },
    async close() {
      await emulator.close();
      await relay.close();
    },
  };
  for (const login of logins) {
    const permission = COLLABORATOR_PERMISSIONS[PEOPLE[login]];
    if (permission === undefined) continue;
    await running.as("maria", "PUT", `/repos/${OWNER}/${REPOSITORY}/collaborators/${login}`, { permission });
  }
  return running;
}

/** Passes webhooks on, unchanged except for the delivery id. */
async function startRelay() {
  const webhooks: RelayedWebhook[] = [];
  let target: string | null = null;
  const server = createServer((request, response) => void pass(request, response));

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = new Date();
    const body = await readBody(request);
    const headers = new Headers();
    for (const name of ["content-type", "x-github-event", "x-hub-signature-256"]) {
      headers.set(name, String(request.headers[name] ?? ""));
    }
    const delivery = randomUUID();
    headers.set("x-github-delivery", delivery);
    const status =
      target === null
        ? null
        : await fetch(target, { method: "POST", headers, body }).then(
            (answer) => answer.status,
            () => null,
          );
    webhooks.push({ name: headers.get("x-github-event") ?? "", delivery, body: body.toString("utf8"), status, at });
    response.writeHead(status ?? 202).end();
  }

  const listening = await listenOnLoopback(server);
  return {
    url: `${listening.url}/`,
    webhooks,
    deliverTo(url: string | null) {
      target = url;
    },
    close: listening.close,
  };
}
