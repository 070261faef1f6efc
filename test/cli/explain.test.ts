import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";
import { Ajv } from "ajv";
import { pino } from "pino";
import { TerminalError, TransientError } from "../../src/base/errors.ts";
import { type Access, type Connection, type ExplainOptions, explainIncident } from "../../src/cli/explain.ts";
import { UsageError } from "../../src/cli/usage-error.ts";
import { type Explanation, explanationJsonSchema } from "../../src/core/plan/explanation.ts";
import { openStore } from "../../src/run/open-store.ts";
import { lockDataFolder } from "../../src/store/data-folder-lock.ts";
import type { GitHubWriter } from "../../src/systems/github/ports.ts";
import { API_URL } from "../../testkit/fake-over-http/api.ts";
import { fakeOverHttp } from "../../testkit/fake-over-http/fake-over-http.ts";
import { createTestDatabase } from "../../testkit/postgres.ts";
import { testPrivateKey } from "../contract/world.ts";
import { interceptRequests, nock } from "../support/intercept-requests.ts";
import { Story } from "../support/story.ts";
import { stepLines } from "../support/trace-lines.ts";

const MINUTE_MS = 60_000;
const TOKEN = { GITHUB_TOKEN: "ghp_a_token_of_the_test" };
const SERVER = {
  APP_ID: "4242",
  PRIVATE_KEY: testPrivateKey(),
  WEBHOOK_SECRET: "a webhook secret for tests",
  // Of the stories (test/support/story.ts).
  RECORD_KEY: "a record key for tests, long enough to be one",
};
const conforms = new Ajv({
  strict: true,
  allErrors: true,
  allowUnionTypes: true,
  formats: { "date-time": true },
}).compile(JSON.parse(explanationJsonSchema()) as object);

interceptRequests();

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  nock.cleanAll();
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sevgate-explain-"));
  folders.push(folder);
  return folder;
}

/** Any write fails the test. */
function refuseWrites(story: Story): void {
  story.github.write = new Proxy({} as GitHubWriter, {
    get: (_, name) => () => Promise.reject(new Error(`explain wrote: ${String(name)}`)),
  });
}

type Asked = Partial<ExplainOptions> & { readonly place?: string };

/** Runs the command on the GitHub of a story. */
async function run(story: Story, options: Asked = {}): Promise<{ readonly code: 0 | 1 | 2; readonly text: string }> {
  refuseWrites(story);
  let text = "";
  const connect = (access: Access, onRequest: () => void): Connection => {
    story.github.onCall = onRequest;
    return { read: story.github.read, app: access.kind === "app" ? story.github.app : null };
  };
  const code = await explainIncident({
    place: "acme/ops#1",
    app: undefined,
    json: false,
    env: { ...SERVER, DATA_DIR: newFolder() },
    clock: story.clock,
    connect,
    ...options,
    write: (written) => {
      text += written;
    },
  });
  return { code, text };
}

/** The same as JSON, held to the schema. */
async function explained(story: Story, options: Asked = {}): Promise<Explanation> {
  const { code, text } = await run(story, { ...options, json: true });
  const printed = JSON.parse(text) as Explanation;
  conforms(printed);
  expect(conforms.errors ?? []).toEqual([]);
  expect(code).toBe(0);
  return printed;
}

async function problem(story: Story, options: Asked): Promise<{ readonly kind: string; readonly message: string }> {
  const { code, text } = await run(story, { ...options, json: true });
  const printed = JSON.parse(text) as { error: { kind: string; message: string } };
  conforms(printed);
  expect(conforms.errors ?? []).toEqual([]);
  expect(code).toBe(printed.error.kind === "bad-argument" ? 2 : 1);
  return printed.error;
}

/** The output that a document shows. */
function exampleOf(document: string): string {
  const text = readFileSync(new URL(`../../${document}`, import.meta.url), "utf8");
  return /```\n(acme\/ops#1 {2}[\s\S]*?)```/.exec(text)?.[1] ?? "no example";
}

/** Ids differ from day to day. */
function shown(text: string): string {
  return text.replaceAll(/\d+/g, "0");
}

/** An acknowledged incident; no webhook reports what comes next. */
async function acknowledged(): Promise<Story> {
  const story = await Story.begin();
  const number = await story.declare();
  await story.say("alice", number, "/ack");
  await story.advance(20 * MINUTE_MS);
  story.listens = false;
  story.github.forgetCalls();
  return story;
}

describe("sevgate explain", () => {
  it("says of a drill that it is one, since when and by whom; of an incident, that it is none", async () => {
    const story = await Story.begin();
    await story.declare(["sev:P0", "drill"]);
    story.listens = false;
    expect(await explained(story)).toMatchObject({ state: { drill: { by: "bob" } }, found: [], steps: [] });
    expect((await run(story)).text).toContain("drill, open, P0, declared");
    expect(await explained(await acknowledged())).toMatchObject({ state: { drill: null } });
  });

  it("says what an incident is: its record, the verdict and the timers; and that nothing is to be done", async () => {
    const story = await acknowledged();
    const told = await explained(story);
    expect(told).toMatchObject({
      version: 1,
      incident: { key: `incident:${story.repository.id}#1`, repository: "acme/ops", number: 1, state: "open" },
      app: { id: story.github.appId, login: "sevgate[bot]", known: "told" },
      seal: "valid",
      store: "none",
      state: { severity: "P0", phase: "acknowledged", responder: "alice" },
      found: [],
      verdict: {
        status: "unmet",
        tree: { kind: "any-of", of: [{ requirement: "post-mortem" }, { requirement: "runbook-pr" }] },
      },
      timers: [{ name: "update", overdue: false }],
      steps: [],
      stepsEnd: true,
    });
    expect(told.record?.entries.map(({ kind }) => kind)).toEqual(["declared", "runbooks-matched", "acknowledged"]);
    expect(told.record?.entries[2]?.source).toEqual({ comment: expect.any(Number), line: 1 });
  });

  it("names what is new, who found it, and the very steps that the next pass then takes", async () => {
    const story = await acknowledged();
    const real = story.github.write;
    story.github.as("alice").comment(1, "/mitigate moved the traffic\n/handoff @bob");
    story.github.as("bob").comment(1, "/ressolve");
    story.clock.advance(10_000);
    const told = await explained(story);
    expect(told.found.map(({ judge, entries }) => [judge, entries.map(({ kind }) => kind)])).toEqual([
      ["commands", ["mitigated", "handed-over", "refused"]],
    ]);
    expect(told.steps.length).toBeGreaterThan(4);
    story.github.write = real;
    story.restart();
    const before = story.log.length;
    await story.once(story.incidentKey(1));
    expect(stepLines(story, before).map(({ step, why }) => ({ step, why }))).toEqual(told.steps);
  });

  it("writes nothing, asks GitHub for each thing once, and says how many requests that were", async () => {
    const story = await acknowledged();
    story.github.as("alice").comment(1, "/postmortem\n/severity P1 it is smaller");
    story.github.forgetCalls();
    const told = await explained(story);
    expect(told.steps.length).toBeGreaterThan(2);
    expect(story.github.writes).toEqual([]);
    expect(told.requests).toBe(story.github.calls.length);
    expect(told.requests).toBeGreaterThan(3);
    story.github.forgetCalls();
    await explained(story, { env: TOKEN });
    for (const once of ["issue", "comments", "labels"]) {
      expect(story.github.reads.filter((method) => method === once)).toEqual([once]);
    }
  });

  it("prints the same for people", async () => {
    const story = await acknowledged();
    story.github.as("alice").comment(1, "/mitigate moved the traffic");
    story.clock.advance(10_000);
    const { code, text } = await run(story);
    expect(code).toBe(0);
    expect(shown(text)).toBe(shown(exampleOf("docs/operations.md")));
    expect(text).toContain("acme/ops#1  Checkout is down\n  open, P0, mitigated; alice has it\n");
    expect(text).toContain(`key     incident:${story.repository.id}#1`);
    expect(text).toMatch(/commands:\n {4}2026-01-05 \d\d:\d\d {2}mitigated {8}alice/);
    expect(text).toContain("unmet    one of these\n");
    expect(text).toMatch(/\n {2}edit-status:\d+ +plan:status:mitigated\n/);
    expect(text).toMatch(/\n\d+ requests to GitHub; nothing was written\.\n$/);
  });

  it("says which times were put right, by whom and what they were", async () => {
    const story = await acknowledged();
    story.github.as("bob").comment(1, "/time acknowledged 09:00 by phone\n\n/time detected 08:50");
    story.clock.advance(10_000);
    const told = await explained(story);
    expect(told.state.acknowledged).toEqual({ at: "2026-01-05T09:01:00.000Z", by: "alice" });
    expect(told.state.times).toMatchObject({
      started: null,
      detected: { at: "2026-01-05T08:50:00.000Z", by: null, corrected: { by: "bob", was: null } },
      acknowledged: { at: "2026-01-05T09:00:00.000Z", by: "alice", corrected: { was: "2026-01-05T09:01:00.000Z" } },
      mitigated: null,
    });
    const { text } = await run(story);
    expect(text).toContain("\n  time    detected 2026-01-05 08:50, said by bob\n");
    expect(text).toContain("\n  time    acknowledged 2026-01-05 09:00, was 2026-01-05 09:01, said by bob\n");
    expect(text).toMatch(/time-corrected {3}bob {9}comment \d+, line 1; time:\s+acknowledged; reason: by phone/);
  });

  it("shows what people wrote as text, and never as a command to the terminal", async () => {
    const story = await acknowledged();
    story.github.as("alice").edit(1, { title: "\u001b[2J\u009b31m\u202eesrever" });
    await story.once(story.incidentKey(1));
    story.github.as("alice").comment(1, "/note \u001b]0;owned\u0007 \u009b31m");
    story.clock.advance(10_000);
    for (const json of [true, false]) {
      const { text } = await run(story, { json });
      expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });
});

describe("With GITHUB_TOKEN alone", () => {
  it("says that the seal is unchecked, whom it took for the app, and what it does not know", async () => {
    const story = await acknowledged();
    const told = await explained(story, { env: TOKEN });
    expect(told).toMatchObject({
      app: { id: story.github.appId, login: "sevgate[bot]", known: "guessed" },
      seal: "unchecked",
      store: "not-asked",
      state: { phase: "acknowledged" },
      steps: [],
    });
    expect(told.notKnown.length).toBeGreaterThan(5);
    const { text } = await run(story, { env: TOKEN });
    expect(text).toContain("app     sevgate[bot], guessed from the status comment\n");
    expect(text).toContain("seal    unchecked: without the app's key nobody can tell\n");
  });

  it("shows a record that somebody has edited, which the app's key would not: unchecked means that", async () => {
    const story = await acknowledged();
    const body = story.status(1);
    const payload = /sevgate:record v1 \w+ ([\w-]+) /.exec(body)![1]!;
    const record = JSON.parse(Buffer.from(payload, "base64url").toString()) as {
      entries: { kind: string; by: string }[];
    };
    for (const entry of record.entries) if (entry.kind === "acknowledged") entry.by = "mallory";
    const forged = body.replace(payload, Buffer.from(JSON.stringify(record)).toString("base64url"));
    story.github.as("mallory").editComment(story.statusId(1), forged);
    expect((await explained(story, { env: TOKEN })).state.acknowledged?.by).toBe("mallory");
    expect(await explained(story)).toMatchObject({ seal: "broken", lost: "edited" });
  });

  it("does not take a person's comment for the app's, and asks which app it is where two have one", async () => {
    const story = await acknowledged();
    story.github.as("mallory").comment(1, story.status(1));
    expect((await explained(story, { env: TOKEN })).app.login).toBe("sevgate[bot]");
    story.github.as("other[bot]").comment(1, story.status(1));
    const { kind, message } = await problem(story, { env: TOKEN });
    expect(kind).toBe("which-app");
    expect(message).toContain("--app sevgate");
    expect(await explained(story, { env: TOKEN, app: "sevgate" })).toMatchObject({
      app: { login: "sevgate[bot]", known: "named" },
      state: { responder: "alice" },
    });
  });

  it("says that the app is not known where it has no status comment yet", async () => {
    const story = await Story.begin();
    story.listens = false;
    story.github.as("bob").openIssue({ title: "Down", body: "", labels: ["sev:P1"] });
    const told = await explained(story, { env: TOKEN });
    expect(told).toMatchObject({ app: { id: null, login: null, known: "unknown" }, seal: "none", record: null });
    expect(told.steps.map(({ step }) => step)).toContain("create-status");
  });

  it("asks the real API with that token, and nothing that changes anything", async () => {
    const story = await acknowledged();
    const answer = fakeOverHttp(story.github, story.repository);
    const seen: string[] = [];
    const scope = nock(API_URL).persist();
    for (const method of ["get", "post", "put", "patch", "delete"] as const) {
      scope[method](/.*/).reply(async function (path, body) {
        seen.push(`${method} ${path.split("?")[0]} ${String(this.req.headers["authorization"])}`);
        const { status, headers, body: said } = await answer(method.toUpperCase(), path, body);
        return [status, JSON.stringify(said ?? null), { "content-type": "application/json", ...headers }];
      });
    }
    const written: string[] = [];
    const write = (text: string) => void written.push(text);
    const options = { place: "https://github.com/acme/ops/issues/1", app: undefined, json: true, clock: story.clock };
    expect(await explainIncident({ ...options, env: TOKEN, write })).toBe(0);
    const told = JSON.parse(written.join("")) as Explanation;
    expect(told).toMatchObject({ seal: "unchecked", state: { responder: "alice" }, requests: seen.length });
    expect(seen.filter((one) => !/^get \S+ \w+ ghp_a_token_of_the_test$/.test(one))).toEqual([]);
    expect(seen.some((one) => one.startsWith("get /app"))).toBe(false);
  });
});

describe("The store of the server", () => {
  it("is read where it can be, and nothing in it changes", async () => {
    const story = await acknowledged();
    const database = await createTestDatabase();
    try {
      const options = {
        databaseUrl: database.url,
        dataDir: newFolder(),
        log: pino({ level: "silent" }),
        clock: story.clock,
      };
      const store = await openStore(options);
      const { id } = story.repository;
      await store.index.saveRepository(story.repository, {});
      // A newer record than the one in the comment: somebody has put an old one back.
      const record = JSON.stringify({ ...story.record(1), revision: 90 });
      await store.index.saveIncident(id, 1, { record, recordRevision: 90, statusCommentId: story.statusId(1) });
      await store.close();
      const dump = async () =>
        Promise.all(
          ["sevgate_repository", "sevgate_incident", "sevgate_link"].map((table) =>
            database.query(`select to_jsonb(t)::text as row from ${table} t order by 1`),
          ),
        );
      const before = await dump();
      expect(before.flat()).toHaveLength(2);
      const env = { ...SERVER, DATABASE_URL: database.url };
      expect(await explained(story, { env })).toMatchObject({
        store: "read",
        seal: "broken",
        lost: "rolled-back",
        record: { revision: 90, from: "store" },
      });
      expect(await dump()).toEqual(before);
    } finally {
      await database.drop();
    }
  }, 60_000);

  it("is read in its folder where no server runs, and left as it is", async () => {
    const story = await acknowledged();
    const folder = newFolder();

    const log = pino({ level: "silent" });
    const store = await openStore({ databaseUrl: null, dataDir: folder, log, clock: story.clock });
    const record = JSON.stringify({ ...story.record(1), revision: 90 });
    const { id } = story.repository;
    await store.index.saveIncident(id, 1, { record, recordRevision: 90, statusCommentId: story.statusId(1) });
    await store.queue.add([story.incidentKey(1)]);
    await store.close();
    const file = join(folder, "sevgate.db");
    const before = readFileSync(file);
    const told = await explained(story, { env: { ...SERVER, DATA_DIR: folder } });
    expect(told).toMatchObject({ store: "read", seal: "broken", lost: "rolled-back", record: { revision: 90 } });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it.each<readonly [Explanation["store"], (folder: string) => Promise<() => Promise<void>>]>([
    ["none", async () => async () => {}],
    [
      "in-use",
      async (folder) => {
        writeFileSync(join(folder, "sevgate.db"), "");
        const lock = await lockDataFolder(folder);
        return () => lock.release();
      },
    ],
  ])("is done without where it is %s, and that is said", async (store, prepare) => {
    const story = await acknowledged();
    const folder = newFolder();
    const release = await prepare(folder);
    const told = await explained(story, { env: { ...SERVER, DATA_DIR: folder } });
    await release();
    expect(told).toMatchObject({ store, seal: "valid", state: { responder: "alice" } });
    expect(told.notKnown.join()).toContain("alerts");
  });

  it("is done without when the database does not answer", async () => {
    const story = await acknowledged();
    const env = { ...SERVER, DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" };
    expect(await explained(story, { env })).toMatchObject({ store: "no-answer", state: { responder: "alice" } });
  });
});

describe("Where there is nothing to explain it says what to do:", () => {
  it.each<readonly [string, string, Asked, (story: Story) => void]>([
    ["bad-argument", "“ops 12” is no incident: write acme/ops#12", { place: "ops 12" }, () => {}],
    ["bad-argument", "or the URL of its issue", { place: "https://github.com/acme/ops/pull/1" }, () => {}],
    ["settings", "Set GITHUB_TOKEN", { env: {} }, () => {}],
    ["settings", "Leave it out", { env: { ...TOKEN, GITHUB_API_URL: "notaurl" } }, () => {}],
    ["settings", "is not https", { env: { ...TOKEN, GITHUB_API_URL: "http://github.example.com/api/v3" } }, () => {}],
    [
      "settings",
      "on ghe.example.com, and I ask github.com",
      { env: TOKEN, place: "https://ghe.example.com/acme/ops/issues/1" },
      () => {},
    ],
    ["not-installed", "install it", { place: "initech/ops#1" }, () => {}],
    ["no-repository", "Look at the spelling", { place: "acme/nothing#1" }, () => {}],
    ["no-issue", "Look at the number", { place: "acme/ops#77" }, () => {}],
    ["no-issue", "Look at the number", { place: "https://github.com/acme/ops/issues/77/?x#issuecomment-1" }, () => {}],
    [
      "not-an-incident",
      "sev:P0, sev:P1, sev:P2",
      { place: "acme/ops#2" },
      (story) => void story.github.as("bob").openIssue({ title: "A question", body: "", labels: [] }),
    ],
    [
      "later",
      "Try again after 2026-01-05 10:",
      {},
      (story) =>
        story.github.faults.fail({
          kind: "read",
          error: new TransientError("GET /x: GitHub's rate limit is reached; asking again when it resets.", {
            retryAfterMs: 40 * MINUTE_MS,
          }),
        }),
    ],
    [
      "later",
      "GitHub answered 502. Try again later.",
      {},
      (story) =>
        story.github.faults.fail({
          kind: "read",
          error: new TransientError("GET /x: GitHub answered 502. It is tried again later."),
        }),
    ],
    [
      "refused",
      "needs to read issues",
      { env: TOKEN },
      (story) =>
        story.github.faults.fail({
          kind: "read",
          error: new TerminalError("GET /x: GitHub answered 403.", { status: 403 }),
        }),
    ],
  ])("%s, with “%s”", async (kind, says, options, prepare) => {
    const story = await acknowledged();
    prepare(story);
    const told = await problem(story, options);
    expect(told.kind).toBe(kind);
    expect(told.message).toContain(says);
    expect(told.message).toMatch(/\.$/);
    story.github.faults.clear();
    prepare(story);
    if (kind === "bad-argument") {
      await expect(run(story, options)).rejects.toThrow(new UsageError(told.message));
      return;
    }
    const { code, text } = await run(story, options);
    expect(code).toBe(1);
    expect(text).toMatch(/^sevgate explain: .+\.\n$/);
  });

  it("an issue that was moved is named where it is now", async () => {
    const story = await acknowledged();
    const other = story.github.addRepository({ owner: "acme", name: "other" });
    story.github.as("alice").transfer(1, other);
    expect(await problem(story, {})).toMatchObject({ kind: "moved", message: expect.stringContaining("acme/other#1") });
  });
});
