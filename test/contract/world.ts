import { createHash, generateKeyPairSync } from "node:crypto";
import { pino } from "pino";
import { systemClock } from "../../src/base/clock.ts";
import type { Permission, Reference, Repository } from "../../src/core/model.ts";
import { createGitHub } from "../../src/systems/github/create-github.ts";
import type { GitHub } from "../../src/systems/github/ports.ts";
import { OWNER, REPOSITORY, type RunningEmulator, startEmulator } from "../../testkit/emulator.ts";
import { FakeGitHub } from "../../testkit/fake-github/fake-github.ts";
import { API_URL } from "../../testkit/fake-over-http/api.ts";
import { fakeOverHttp } from "../../testkit/fake-over-http/fake-over-http.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";
import { nock } from "../support/intercept-requests.ts";

/** A GitHub under test, and the people who act on it through its own screens. */
export interface World {
  readonly github: GitHub;
  readonly repository: Repository;
  readonly appId: number;
  readonly botLogin: string;
  /** Login by right; each exists. */
  readonly people: Readonly<Record<Exclude<Permission, "read">, string>>;
  openIssue(issue: {
    readonly title: string;
    readonly body?: string;
    readonly labels?: readonly string[];
  }): Promise<number>;
  comment(number: number, body: string): Promise<number>;
  close(number: number, reason: "completed" | "not_planned" | "duplicate"): Promise<void>;
  lock(number: number): Promise<void>;
  deleteIssue(number: number): Promise<void>;
  transferIssue(number: number): Promise<Reference>;
  addSubIssue(parent: number, child: number): Promise<void>;
  putFile(path: string, text: string): Promise<void>;
  openPullRequest(pull: {
    readonly title: string;
    readonly body?: string;
    readonly commits: readonly string[];
    readonly files: Readonly<Record<string, string>>;
  }): Promise<{ readonly number: number; readonly headSha: string; readonly baseSha: string }>;
  merge(number: number): Promise<void>;
  closePullRequest(number: number): Promise<void>;
  /** Puts pull requests into the merge queue of the default branch, to be squashed. Returns the commits it made. */
  enqueue(numbers: readonly number[]): Promise<readonly string[]>;
  requireChecks(names: readonly string[]): Promise<void>;
  /** The id of the app's check suite on a commit. */
  suiteOf(headSha: string): Promise<number>;
  rerequestSuite(headSha: string): Promise<void>;
  /** A run of the workflow with this id, on the default branch, for a push. `number`: that run is re-run. */
  runWorkflow(
    run: { readonly id: number; readonly name: string; readonly number?: number },
    conclusion: string | null,
  ): Promise<void>;
  dispose(): Promise<void>;
}

export const PEOPLE: World["people"] = {
  admin: "maria",
  maintain: "alice",
  write: "wendy",
  triage: "bob",
  none: "mallory",
};

const APP_ID = 4_242;

export async function fakeWorld(): Promise<World> {
  const clock = new VirtualClock();
  const fake = new FakeGitHub({ clock, appId: APP_ID });
  return { ...peopleOf(fake, clock), github: fake, dispose: async () => {} };
}

/** The real client, whose requests end up at the fake's state, written in GitHub's own words. */
export async function describedWorld(): Promise<World> {
  const clock = new VirtualClock();
  const fake = new FakeGitHub({ clock, appId: APP_ID });
  const world = peopleOf(fake, clock);
  const answer = fakeOverHttp(fake, world.repository);
  const scope = nock(API_URL).persist();
  for (const method of ["get", "post", "put", "patch", "delete"] as const) {
    scope[method](/.*/).reply(async function (path, body) {
      const {
        status,
        headers,
        body: said,
      } = await answer(method.toUpperCase(), path, body, String(this.req.headers["x-github-api-version"]));
      if (status === 204) return [204, "", headers];
      const text = JSON.stringify(said ?? null);
      const etag = entityTag(text, this.req.headers["authorization"]);
      if (method === "get" && status === 200 && String(this.req.headers["if-none-match"]) === etag) {
        return [304, "", { etag }];
      }
      return [status, text, { "content-type": "application/json; charset=utf-8", etag, ...headers }];
    });
  }
  return {
    ...world,
    github: createGitHub({
      appId: APP_ID,
      privateKey: testPrivateKey(),
      apiUrl: API_URL,
      log: pino({ level: "silent" }),
      clock,
    }),
    dispose: async () => nock.cleanAll(),
  };
}

/** As on GitHub, the same answer has a different tag for a different token. */
function entityTag(text: string, authorization: unknown): string {
  return `W/"${createHash("sha1")
    .update(`${String(authorization)}\n${text}`)
    .digest("hex")}"`;
}

export async function emulatedWorld(): Promise<World> {
  const emulator = await startEmulator();
  const repo = `/repos/${OWNER}/${REPOSITORY}`;
  const { id } = (await emulator.as("maria", "GET", repo)) as { readonly id: number };
  const number = async (answer: Promise<unknown>) => ((await answer) as { readonly number: number }).number;
  return {
    github: createGitHub({
      appId: emulator.appId,
      privateKey: emulator.privateKey,
      apiUrl: emulator.url,
      log: pino({ level: "silent" }),
      clock: systemClock,
    }),
    repository: { installationId: emulator.installationId, id, owner: OWNER, name: REPOSITORY },
    appId: emulator.appId,
    botLogin: `${emulator.slug}[bot]`,
    people: PEOPLE,
    openIssue: (issue) => number(emulator.as("alice", "POST", `${repo}/issues`, issue)),
    comment: async (issue, body) => {
      const comment = await emulator.as("alice", "POST", `${repo}/issues/${issue}/comments`, { body });
      return (comment as { readonly id: number }).id;
    },
    close: async (issue, reason) => {
      await emulator.as("alice", "PATCH", `${repo}/issues/${issue}`, { state: "closed", state_reason: reason });
    },
    lock: async (issue) => {
      await emulator.as("maria", "PUT", `${repo}/issues/${issue}/lock`, {});
    },
    deleteIssue: () => Promise.reject(new Error("the emulator cannot delete issues")),
    transferIssue: () => Promise.reject(new Error("the emulator cannot transfer issues")),
    addSubIssue: () => Promise.reject(new Error("the emulator has no sub-issues")),
    putFile: (path, text) => putFile(emulator, path, text, "main", `Write ${path}`),
    openPullRequest: (pull) => openPullRequest(emulator, pull),
    merge: async (pull) => {
      await emulator.as("maria", "PUT", `${repo}/pulls/${pull}/merge`, {});
    },
    closePullRequest: async (pull) => {
      await emulator.as("maria", "PATCH", `${repo}/pulls/${pull}`, { state: "closed" });
    },
    enqueue: () => Promise.reject(new Error("the emulator has no merge queues")),
    requireChecks: () => Promise.reject(new Error("the emulator has no rulesets")),
    suiteOf: () => Promise.reject(new Error("the emulator shows no suite as queued again")),
    rerequestSuite: () => Promise.reject(new Error("the emulator shows no suite as queued again")),
    runWorkflow: () => Promise.reject(new Error("the emulator cannot make workflows")),
    dispose: () => emulator.close(),
  };
}

/** An RSA key of this test run. */
export function testPrivateKey(): string {
  return generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  }).privateKey;
}

function peopleOf(fake: FakeGitHub, clock: VirtualClock): Omit<World, "github" | "dispose"> {
  const repository = fake.addRepository({ files: { "README.md": "# ops\n" } });
  const elsewhere = fake.addRepository({ name: "elsewhere" });
  for (const [right, login] of Object.entries(PEOPLE)) fake.setRole(login, right as Permission);
  const alice = fake.as("alice");
  return {
    repository,
    appId: APP_ID,
    botLogin: fake.botLogin,
    people: PEOPLE,
    async openIssue(issue) {
      clock.advance(1_000);
      return alice.openIssue(issue).number;
    },
    async comment(number, body) {
      clock.advance(1_000);
      return alice.comment(number, body).id;
    },
    async close(number, reason) {
      alice.close(number, reason);
    },
    async lock(number) {
      alice.lock(number);
    },
    async deleteIssue(number) {
      alice.deleteIssue(number);
    },
    async transferIssue(number) {
      return alice.transfer(number, elsewhere);
    },
    async addSubIssue(parent, child) {
      alice.addSubIssue(parent, child);
    },
    async putFile(path, text) {
      alice.push(`Write ${path}`, { [path]: text });
    },
    async openPullRequest(pull) {
      const baseSha = alice.push("Go on");
      const { number, headSha } = fake.as("wendy").openPullRequest(pull);
      return { number, headSha, baseSha };
    },
    async merge(number) {
      alice.merge(number);
    },
    async closePullRequest(number) {
      alice.close(number);
    },
    async enqueue(numbers) {
      return fake.enqueue(numbers).map(({ headSha }) => headSha);
    },
    async requireChecks(names) {
      fake.requireChecks(names);
    },
    async suiteOf(headSha) {
      return fake.suiteOf(headSha);
    },
    async rerequestSuite(headSha) {
      alice.rerequestAll(headSha);
    },
    async runWorkflow(run, conclusion) {
      clock.advance(1_000);
      fake.runWorkflow(run, conclusion, repository);
    },
  };
}

async function putFile(emulator: RunningEmulator, path: string, text: string, branch: string, message: string) {
  const url = `/repos/${OWNER}/${REPOSITORY}/contents/${path}`;
  const content = Buffer.from(text).toString("base64");
  const there = await emulator.as("maria", "GET", `${url}?ref=${branch}`).catch(() => null);
  const replaced = there === null ? {} : { sha: (there as { readonly sha: string }).sha };
  await emulator.as("maria", "PUT", url, { message, content, branch, ...replaced });
}

async function openPullRequest(emulator: RunningEmulator, pull: Parameters<World["openPullRequest"]>[0]) {
  const repo = `/repos/${OWNER}/${REPOSITORY}`;
  const branch = `branch-${pull.title.toLowerCase().replaceAll(/\W+/g, "-")}`;
  const ref = (await emulator.as("maria", "GET", `${repo}/git/ref/heads/main`)) as {
    readonly object: { readonly sha: string };
  };
  await emulator.as("maria", "POST", `${repo}/git/refs`, { ref: `refs/heads/${branch}`, sha: ref.object.sha });
  const files = Object.entries(pull.files);
  for (const [index, message] of pull.commits.entries()) {
    const [path, text] = files[index] ?? [`file-${branch}-${index}.txt`, `${index}`];
    await putFile(emulator, path, text, branch, message);
  }
  const body = { title: pull.title, body: pull.body ?? "", head: branch, base: "main" };
  const opened = (await emulator.as("wendy", "POST", `${repo}/pulls`, body)) as {
    readonly number: number;
    readonly head: { readonly sha: string };
  };
  return { number: opened.number, headSha: opened.head.sha, baseSha: ref.object.sha };
}
