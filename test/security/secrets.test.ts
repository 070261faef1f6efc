import { createHmac, randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { until } from "../../demo/until.ts";
import { systemClock } from "../../src/base/clock.ts";
import { calendarPath } from "../../src/core/oncall/calendar-path.ts";
import { WEBHOOK_PATH } from "../../src/ingress/http/server.ts";
import { errorForLog } from "../../src/run/create-log.ts";
import { createParts } from "../../src/run/create-parts.ts";
import { type RunningSevgate, runSevgate } from "../../src/run/run-sevgate.ts";
import { readSettings, type Settings } from "../../src/run/settings.ts";
import { FakeGitHub } from "../../testkit/fake-github/fake-github.ts";
import { API_URL } from "../../testkit/fake-over-http/api.ts";
import { fakeOverHttp } from "../../testkit/fake-over-http/fake-over-http.ts";
import { createTestDatabase, type TestDatabase } from "../../testkit/postgres.ts";
import { testPrivateKey } from "../contract/world.ts";
import { interceptRequests, nock } from "../support/intercept-requests.ts";

/** What must not be seen anywhere, by name. */
const CANARIES = {
  "webhook secret": `canary-webhook-${randomBytes(12).toString("hex")}`,
  "previous webhook secret": `canary-previous-${randomBytes(12).toString("hex")}`,
  "record key": `canary-record-${randomBytes(16).toString("hex")}`,
  "previous record key": `canary-older-${randomBytes(16).toString("hex")}`,
  "Slack token": `xoxb-canary-${randomBytes(12).toString("hex")}`,
  "Slack signing secret": `canary-slack-${randomBytes(16).toString("hex")}`,
  "calendar secret": `canary-calendar-${randomBytes(16).toString("hex")}`,
  "database password": `canary-password-${randomBytes(8).toString("hex")}`,
  "installation token": `ghs_canary${randomBytes(16).toString("hex")}`,
  // A line from inside the key: the frame is not a secret.
  "private key": testPrivateKey().split("\n")[3]!,
};

/** What GitHub does wrong, putting the request's credentials into its answer on top of that. */
type Trouble = (credentials: string) => readonly [status: number, body: string, headers: Record<string, string>];
const JSON_TYPE = { "content-type": "application/json" };
const TROUBLES: readonly Trouble[] = [
  (seen) => [502, `<html>bad gateway for ${seen}</html>`, { "content-type": "text/html" }],
  (seen) => [500, JSON.stringify({ message: `cannot serve ${seen}` }), JSON_TYPE],
  (seen) => [422, JSON.stringify({ message: `Validation Failed ${seen}`, errors: [{ code: seen }] }), JSON_TYPE],
  (seen) => [403, JSON.stringify({ message: `Resource not accessible by integration ${seen}` }), JSON_TYPE],
  (seen) => [401, JSON.stringify({ message: `Bad credentials ${seen}` }), JSON_TYPE],
  (seen) => [200, `${seen} is not JSON`, JSON_TYPE],
  (seen) => [200, JSON.stringify({ unexpected: seen, id: seen, number: seen, labels: seen }), JSON_TYPE],
  (seen) => [404, JSON.stringify({ message: `Not Found ${seen}` }), JSON_TYPE],
];

let database: TestDatabase;
let running: RunningSevgate | null = null;
/** Everything that left the process, by destination. */
let sinks: { readonly where: string; readonly text: string }[];
/** Every credential that a request contained. */
let credentials: Set<string>;

interceptRequests();

beforeEach(async () => {
  database = await createTestDatabase();
  sinks = [];
  credentials = new Set();
}, 60_000);

afterEach(async () => {
  await running?.stop();
  running = null;
  nock.abortPendingRequests();
  nock.cleanAll();
  await database.drop();
}, 60_000);

function settings(databaseUrl: string): Settings {
  const url = new URL(databaseUrl);
  url.password = CANARIES["database password"];
  const read = readSettings({
    APP_ID: "4242",
    PRIVATE_KEY: testPrivateKey(),
    WEBHOOK_SECRET: CANARIES["webhook secret"],
    WEBHOOK_SECRET_PREVIOUS: CANARIES["previous webhook secret"],
    RECORD_KEY: CANARIES["record key"],
    RECORD_KEY_PREVIOUS: CANARIES["previous record key"],
    DATABASE_URL: url.href,
    CALENDAR_SECRET: CANARIES["calendar secret"],
    SLACK_BOT_TOKEN: CANARIES["Slack token"],
    SLACK_SIGNING_SECRET: CANARIES["Slack signing secret"],
    SLACK_CHANNELS: "alert",
    PORT: "0",
    HOST: "127.0.0.1",
    LOG_LEVEL: "trace",
  });
  if (read.kind !== "ok") throw new Error("the settings are wrong");
  return read.settings;
}

function log(level = "trace") {
  const write = (line: string) => void sinks.push({ where: "log", text: line });
  return pino({ level, serializers: { err: errorForLog } }, { write });
}

/** GitHub's API on the fake, noting every credential; if `trouble` returns something, that is the answer. */
function serveGitHub(github: FakeGitHub, trouble: () => Trouble | null): void {
  const repository = github.repositoryNamed("acme/ops");
  const answer = fakeOverHttp(github, repository);
  const scope = nock(API_URL).persist();
  for (const method of ["get", "post", "put", "patch", "delete"] as const) {
    scope[method](/.*/).reply(async function (path, body) {
      const seen = String(this.req.headers["authorization"] ?? "");
      const secret = seen.replace(/^\w+ /, "");
      credentials.add(secret);
      const wrong = trouble();
      if (wrong !== null) return [...wrong(secret)];
      const { status, headers, body: said } = await answer(method.toUpperCase(), path, body);
      const given = path.endsWith("/access_tokens")
        ? { ...(said as object), token: CANARIES["installation token"], expires_at: new Date(Date.now() + 3_600_000) }
        : said;
      return status === 204
        ? [204, "", headers]
        : [status, JSON.stringify(given ?? null), { ...JSON_TYPE, ...headers }];
    });
  }
}

/** Slack, which accepts messages, and now and then answers with the token it was sent. */
function serveSlack(trouble: (asked: number) => Trouble | null): { asked: number } {
  const slack = { asked: 0 };
  nock("https://slack.com")
    .persist()
    .post(/^\/api\//)
    .reply(function () {
      slack.asked += 1;
      const seen = String(this.req.headers["authorization"] ?? "").replace(/^\w+ /, "");
      credentials.add(seen);
      const wrong = trouble(slack.asked);
      if (wrong !== null) return [...wrong(seen)];
      if (slack.asked % 3 === 0) return [200, JSON.stringify({ ok: false, error: seen, token: seen }), JSON_TYPE];
      const permalink = "https://acme.slack.com/archives/C1/p1";
      return [200, JSON.stringify({ ok: true, channel: "C1", ts: `1.${slack.asked}`, permalink }), JSON_TYPE];
    });
  return slack;
}

/** Posts to the server and keeps what it says. */
async function post(body: string, headers: Record<string, string>): Promise<number> {
  const answer = await fetch(`${running!.url}${WEBHOOK_PATH}`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", "x-github-event": "issues", ...headers },
  });
  sinks.push({
    where: `answer ${answer.status}`,
    text: `${JSON.stringify([...answer.headers])} ${await answer.text()}`,
  });
  return answer.status;
}

function signature(body: string): string {
  return `sha256=${createHmac("sha256", CANARIES["webhook secret"]).update(body).digest("hex")}`;
}

async function collectPagesAndTables(github: FakeGitHub): Promise<void> {
  for (const path of ["/metrics", "/readyz", "/healthz", "/", WEBHOOK_PATH]) {
    sinks.push({ where: path, text: await (await fetch(`${running!.url}${path}`)).text() });
  }
  const repository = github.repositoryNamed("acme/ops");
  const subject = { kind: "role", name: "primary" } as const;
  const calendar = calendarPath(CANARIES["calendar secret"], { repository: "acme/ops", subject });
  const told = await (await fetch(`${running!.url}${calendar}`)).text();
  expect(told).toContain("SUMMARY:primary: alice");
  sinks.push({ where: "calendar", text: told });
  for (const number of github.numbers(repository)) {
    sinks.push({ where: `issue ${number}`, text: JSON.stringify(github.issue(number, repository)) });
    sinks.push({ where: `comments ${number}`, text: JSON.stringify(github.comments(number, repository)) });
  }
  sinks.push({ where: "checks", text: JSON.stringify(github.allCheckRuns(repository)) });
  const tables = await database.query(
    "select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables " +
      "where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')",
  );
  for (const { name } of tables) {
    const rows = await database.query(`select to_jsonb(t)::text as row from ${String(name)} t`);
    for (const { row } of rows) sinks.push({ where: `table ${String(name)}`, text: String(row) });
  }
}

/** Where a secret was seen. */
function leaks(): readonly string[] {
  const secrets = new Map(Object.entries(CANARIES));
  for (const credential of credentials)
    if (credential !== "") secrets.set(`credential ${credential.slice(0, 6)}`, credential);
  return sinks.flatMap(({ where, text }) =>
    [...secrets].filter(([, secret]) => text.includes(secret)).map(([name]) => `${name} in ${where}: ${text}`),
  );
}

describe("secrets", () => {
  it("are in no log line, comment, check, answer, page or table: through a whole life, and with everything failing", async () => {
    const github = new FakeGitHub({ clock: systemClock, appId: 4242 });
    const repository = github.addRepository({ owner: "acme", name: "ops" });
    const onCall =
      "rotations: { week: { start: 2026-01-05, members: [alice] } }\nroles: { primary: { layers: [week] } }";
    github.setFile(".github/sevgate/on-call.yml", onCall, repository);
    github.setRole("alice", "maintain");
    github.setRole("bob", "triage");
    let failing: (() => Trouble | null) | null = null;
    serveGitHub(github, () => failing?.() ?? null);
    const slack = serveSlack((asked) => (failing === null ? null : TROUBLES[asked % TROUBLES.length]!));
    running = await runSevgate(settings(database.url), createParts(log()));
    const { url } = running;
    const deliveries: Promise<number>[] = [];
    github.onEvent(({ name, payload }) => {
      const body = JSON.stringify(payload);
      deliveries.push(post(body, { "x-github-event": name, "x-hub-signature-256": signature(body) }));
    });
    const rest = () =>
      until(
        "the queue is empty",
        async () => {
          await Promise.all(deliveries.splice(0));
          const metrics = await (await fetch(`${url}/metrics`)).text();
          return /waiting"\} 0$/m.test(metrics) && /running"\} 0$/m.test(metrics);
        },
        { limitMs: 60_000 },
      );

    await rest();
    const { number } = github.as("bob").openIssue({ title: "Down", body: "Since nine.", labels: ["sev:P0"] });
    await rest();
    for (const says of ["/ack", "/status looking", "/postmortem", "/nonsense", "/help"]) {
      github.as("alice").comment(number, says);
      await rest();
    }
    github.as("bob").openPullRequest({ title: "Fix", body: `Fixes #${number}`, files: { "a.ts": "1" } });
    github.as("bob").close(number);
    await rest();
    expect(github.comments(number, repository).some((comment) => comment.body.includes("sevgate:record v1"))).toBe(
      true,
    );

    // Every third answer is wrong, each in a different way: for reads, writes and tokens alike.
    let requests = 0;
    failing = () => {
      requests += 1;
      return requests % 3 === 0 ? TROUBLES[(requests / 3) % TROUBLES.length]! : null;
    };
    for (let round = 0; requests < 3 * 2 * TROUBLES.length && round < 40; round += 1) {
      github.as("alice").comment(number, "/note while GitHub has trouble");
      github.as("bob").comment(number, "/assign @alice lead");
      await rest();
    }
    expect(requests).toBeGreaterThanOrEqual(3 * 2 * TROUBLES.length);
    failing = null;
    const body = JSON.stringify({ secret: CANARIES["webhook secret"] });
    expect(await post(body, {})).toBe(401);
    expect(await post(body, { "x-hub-signature-256": `sha256=${"0".repeat(64)}` })).toBe(401);
    expect(await post("{", { "x-hub-signature-256": signature("{") })).toBe(400);
    await collectPagesAndTables(github);

    expect([...credentials].some((credential) => credential.startsWith("eyJ"))).toBe(true);
    expect(credentials).toContain(CANARIES["installation token"]);
    expect(credentials).toContain(CANARIES["Slack token"]);
    expect(slack.asked).toBeGreaterThan(2);
    expect(sinks.filter(({ where }) => where === "log").length).toBeGreaterThan(20);
    expect(sinks.filter(({ where }) => where.startsWith("table")).length).toBeGreaterThan(5);
    expect(leaks()).toEqual([]);
  }, 180_000);

  it("are in no message when the start fails: credentials refused, database away", async () => {
    const github = new FakeGitHub({ clock: systemClock, appId: 4242 });
    github.addRepository({ owner: "acme", name: "ops" });
    serveGitHub(github, () => TROUBLES[4]!);
    const away = new URL(database.url);
    away.port = "1";
    for (const address of [database.url, away.href]) {
      const refused: unknown = await runSevgate(settings(address), createParts(log())).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(Error);
      sinks.push({ where: "error", text: `${String(refused)} ${JSON.stringify(errorForLog(refused))}` });
    }
    expect(leaks()).toEqual([]);
  }, 120_000);
});
