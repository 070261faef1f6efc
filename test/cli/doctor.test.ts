import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { Ajv } from "ajv";
import { pino } from "pino";
import { type SevgateProcess, startSevgate } from "../../demo/start-sevgate.ts";
import { TransientError } from "../../src/base/errors.ts";
import { doctor } from "../../src/cli/doctor.ts";
import type { Instant, Millis, Permission, Repository } from "../../src/core/model.ts";
import { calendarPath } from "../../src/core/oncall/calendar-path.ts";
import { askForCalendar } from "../../src/doctor/ask-for-calendar.ts";
import { diagnosisJsonSchema } from "../../src/doctor/diagnosis.ts";
import { type ExamineParts, examine } from "../../src/doctor/examine.ts";
import { examineSystems } from "../../src/doctor/examine-systems.ts";
import { type Finding, ok } from "../../src/doctor/finding.ts";
import { judgeEndpoint, judgeLostAlerts, judgePaging } from "../../src/doctor/judge-alerts.ts";
import { type BackupFacts, judgeBackups } from "../../src/doctor/judge-backups.ts";
import { judgeDeliveries } from "../../src/doctor/judge-deliveries.ts";
import { judgePeople } from "../../src/doctor/judge-people.ts";
import { judgeNamedPlaces, judgePolicies } from "../../src/doctor/judge-reach.ts";
import { judgeSchema, judgeServer } from "../../src/doctor/judge-server.ts";
import {
  judgeClock,
  judgeEvents,
  judgePermissions,
  judgeQueue,
  judgeRequiredCheck,
  judgeWebhook,
} from "../../src/doctor/judge-settings.ts";
import { judgeWays } from "../../src/doctor/judge-ways.ts";
import type { AlertEndpoint } from "../../src/ingress/alerts/alert-endpoints.ts";
import { createInspection } from "../../src/systems/github/create-inspection.ts";
import type { GitHubInspection } from "../../src/systems/github/ports.ts";
import { NO_PAGING, type PagingSettings } from "../../src/systems/read-paging-settings.ts";
import { SlackRefusedError } from "../../src/systems/slack/slack-refused-error.ts";
import { type RunningEmulator, startEmulator } from "../../testkit/emulator.ts";
import { FakeGitHub } from "../../testkit/fake-github/fake-github.ts";
import { loadGitHubDescription } from "../../testkit/github-description.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";
import { testPrivateKey } from "../contract/world.ts";
import { interceptRequests, nock } from "../support/intercept-requests.ts";
import { runSevgate } from "../support/run-sevgate.ts";

// A real server takes seconds to start, on a busy machine.
jest.setTimeout(120_000);

const NOW = 1_800_000_000_000 as Instant;
const PATH = "/api/github/webhooks";
const NEEDED = { metadata: "read", issues: "write", checks: "write" };

function at(secondsAgo: number): Instant {
  return (NOW - secondsAgo * 1_000) as Instant;
}
function delivery(guid: string, ok: boolean, secondsAgo: number) {
  return { id: guid, guid, ok, deliveredAt: at(secondsAgo) };
}
function hook(url: string | null, contentType = "json", checksTls = true) {
  return { url, contentType, checksTls };
}
const queue = { waiting: 3, running: 1, setAside: 0, oldestWaitsFor: 4_000 as Millis };

const ENDPOINT: AlertEndpoint = { source: "better-stack", name: "prod", repository: "acme/ops", secrets: ["s"] };
const PAGING: PagingSettings = { ...NO_PAGING, pagerDuty: { routingKey: "k", baseUrl: "https://pd.example" } };

const OPS: Repository = { installationId: 1, id: 1, owner: "acme", name: "ops" };
const BACKUP: BackupFacts = {
  hasRecordKey: false,
  otherSecrets: ["CALENDAR_SECRET"],
  databaseUrl: null,
  dataDir: "data",
  readableByOthers: [],
};
/** Two deliveries that failed, and how the last one was answered. */
function deliveriesThat(statusCode: number | null, said = "") {
  const failing = [delivery("b", false, 60), delivery("a", false, 600)];
  return judgeDeliveries(failing, NOW, { answers: [{ statusCode, said }], url: `https://a.example${PATH}` });
}

const ON_CALL = `version: 1
zone: Europe/Berlin
people: { alice: {}, bob: {} }
rotations:
  week: { start: 2026-01-05, handoff-day: mon, handoff: "09:00", shift: 1w, members: [alice, bob] }
roles:
  primary: { layers: [week] }
`;

describe("the self-check", () => {
  it.each<readonly [string, Finding | readonly Finding[], Finding["state"], RegExp]>([
    ["permissions as asked", judgePermissions(NEEDED, NEEDED, "the app"), "ok", /as app\.yml asks/],
    [
      "a permission that is missing",
      judgePermissions(NEEDED, { metadata: "read", issues: "write" }, "the app"),
      "failed",
      /checks: write.+Add them under Permissions/,
    ],
    [
      "a permission that an owner has not accepted, and where to",
      judgePermissions(NEEDED, { ...NEEDED, issues: "read" }, "acme", "https://github.com/x/777"),
      "failed",
      /accepts them at https:\/\/github\.com\/x\/777; everything else goes on/,
    ],
    [
      "a permission that an owner has not accepted",
      judgePermissions(NEEDED, { ...NEEDED, issues: "read" }, "acme"),
      "failed",
      /issues: write.+owner of the account accepts/,
    ],
    [
      "a permission nobody needs",
      judgePermissions(NEEDED, { ...NEEDED, contents: "write" }, "the app"),
      "warning",
      /contents: write.+Take them away/,
    ],
    ["an event that is not subscribed", judgeEvents(["issues", "push"], ["push"]), "failed", /issues.+Tick them/],
    ["all events", judgeEvents(["issues"], ["push", "issues"]), "ok", /as app\.yml asks/],
    ["a clock that is right", judgeClock(NOW, at(1)), "ok", /1\.0 s ahead of/],
    ["a clock that is a little wrong", judgeClock(NOW, at(-20)), "warning", /20\.0 s behind.+NTP/],
    ["a clock that is too wrong for tokens", judgeClock(NOW, at(90)), "failed", /90\.0 s ahead.+NTP/],
    ["no clock", judgeClock(NOW, null), "ok", /does not say/],
    ["a webhook address", judgeWebhook(hook(`https://a.example${PATH}`), PATH), "ok", /https:\/\/a\.example/],
    ["no webhook address", judgeWebhook(hook(null), PATH), "failed", /Set https:\/\/YOUR-SERVER/],
    ["a wrong webhook path", judgeWebhook(hook("https://a.example/"), PATH), "failed", /ends in \/api\/github/],
    [
      "a webhook sent as a form",
      judgeWebhook(hook(`https://a.example${PATH}`, "form"), PATH),
      "failed",
      /application\/json/,
    ],
    ["a webhook in the clear", judgeWebhook(hook(`http://a.example${PATH}`), PATH), "warning", /https address/],
    [
      "a webhook to anybody's certificate",
      judgeWebhook(hook(`https://a.example${PATH}`, "json", false), PATH),
      "warning",
      /SSL/,
    ],
    ["a server without webhook settings", judgeWebhook("untold", PATH), "ok", /does not say/],
    ["deliveries that arrive", judgeDeliveries([delivery("a", true, 60)], NOW), "ok", /60 s ago arrived/],
    ["no deliveries", judgeDeliveries([], NOW), "warning", /none in 24 hours/],
    [
      "a last delivery that failed",
      judgeDeliveries([delivery("b", false, 60), delivery("a", true, 600)], NOW),
      "failed",
      /failed, 1 in 24 hours never arrived.+webhooks-not-arriving/,
    ],
    [
      "an earlier delivery that failed",
      judgeDeliveries([delivery("b", true, 60), delivery("a", false, 7_200)], NOW),
      "warning",
      /1 in 24 hours did not yet/,
    ],
    [
      "a delivery that arrived the second time",
      judgeDeliveries([delivery("a", true, 60), delivery("a", false, 7_200)], NOW),
      "ok",
      /arrived/,
    ],
    [
      "webhooks that never came",
      judgeDeliveries([], NOW, { answers: [], url: null }),
      "warning",
      /no webhook has been sent for three days.+tick Active/,
    ],
    [
      "a wrong secret",
      deliveriesThat(401, "Invalid HTTP Response: 401"),
      "failed",
      /not one of 2.+the secrets differ.+WEBHOOK_SECRET here/,
    ],
    ["a wrong path", deliveriesThat(404), "failed", /nothing is at that path.+ends in \/api\/github\/webhooks/],
    ["a proxy with a low limit", deliveriesThat(413), "failed", /client_max_body_size 25m/],
    ["a redirect", deliveriesThat(301), "failed", /leads elsewhere \(301\).+Set the address it leads to/],
    [
      "a proxy without a server",
      deliveriesThat(502),
      "failed",
      /no server behind it.+curl -i https:\/\/a\.example\/healthz/,
    ],
    ["a server that cannot store", deliveriesThat(503), "failed", /could not store.+queue-stuck/],
    [
      "an address that cannot be reached",
      deliveriesThat(502, "failed to connect to host"),
      "failed",
      /nothing answers there \(failed to connect to host\).+From a machine outside, try curl/,
    ],
    ["no connection at all", deliveriesThat(null), "failed", /no connection/],
    ["an answer that nobody knows", deliveriesThat(418), "failed", /the answer was 418.+webhooks-not-arriving/],
    ["github.com", judgeServer("https://api.github.com", null, "2026-03-10"), "ok", /2026-03-10/],
    [
      "an Enterprise Server of today",
      judgeServer("https://ghe.example/api/v3", "3.19.1", "x"),
      "ok",
      /3\.19\.1 at ghe\.example; switched off there: sub-issues.+pinned comments.+issue types/,
    ],
    ["an older one", judgeServer("https://ghe.example/api/v3", "3.9.0", "x"), "warning", /3\.9\.0.+Update it/],
    ["one of tomorrow", judgeServer("https://ghe.example/api/v3", "3.20.0", "x"), "ok", /switches itself off/],
    ["tables of this version", judgeSchema(3, 3), "ok", /3, that of this version/],
    ["tables of an older version", judgeSchema(2, 3), "warning", /Restart the server/],
    ["tables of a newer version", judgeSchema(4, 3), "failed", /newer Sevgate/],
    [
      "what to keep a copy of",
      judgeBackups({ ...BACKUP, hasRecordKey: true }),
      "ok",
      /PRIVATE_KEY, WEBHOOK_SECRET, RECORD_KEY, CALENDAR_SECRET/,
    ],
    [
      "a key that others may read",
      judgeBackups({ ...BACKUP, readableByOthers: [".env"] }),
      "warning",
      /Run: chmod 600 \.env/,
    ],
    ["people who are all there", judgePeople(new Map([["alice", "write"]]), OPS), "ok", /who all may acknowledge/],
    [
      "people who left",
      judgePeople(
        new Map<string, Permission>([
          ["alice", "write"],
          ["bob", "none"],
          ["eve", "read"],
        ]),
        OPS,
      ),
      "warning",
      /bob has no access any more.+eve may only read there.+gh api -X PUT repos\/acme\/ops\/collaborators\/bob -f permission=triage/,
    ],
    [
      "a setting that names a repository without the app",
      judgeNamedPlaces([{ setting: "SLACK_CHANNELS", place: "acme/web" }], ["acme/ops"]),
      "failed",
      /SLACK_CHANNELS names it.+Add the repository/,
    ],
    [
      "a policy where the app is not installed",
      judgePolicies("acme", ["acme/ops", "Acme/Web"], ["acme/ops"], "https://x"),
      "warning",
      /Acme\/Web has \.github\/sevgate\.yml.+at https:\/\/x/,
    ],
    [
      "policies that all have the app",
      judgePolicies("acme", ["acme/ops"], ["acme/ops"], null),
      "ok",
      /no public repository without the app/,
    ],
    ["a server that cannot search", judgePolicies("acme", "untold", [], null), "ok", /did not say/],
    ["a server without a list of deliveries", judgeDeliveries("unsupported", NOW), "ok", /does not say/],
    [
      "a check that is required of the app",
      judgeRequiredCheck([{ name: "x", appId: 7 }], "x", 7, "a/b"),
      "ok",
      /from Sevgate alone/,
    ],
    [
      "a check that nobody requires",
      judgeRequiredCheck([{ name: "y", appId: 7 }], "x", 7, "a/b"),
      "warning",
      /not required.+sevgate protect a\/b/,
    ],
    [
      "a check that counts from anybody",
      judgeRequiredCheck([{ name: "x", appId: null }], "x", 7, "a/b"),
      "failed",
      /source/,
    ],
    [
      "a check that counts from another app",
      judgeRequiredCheck([{ name: "x", appId: 8 }], "x", 7, "a/b"),
      "failed",
      /another app \(id 8\): merges wait for its check.+\(id 7\) as the source/,
    ],
    [
      "a check that counts from the app, and that another rule wants from another one",
      judgeRequiredCheck(
        [
          { name: "x", appId: 7 },
          { name: "x", appId: 8 },
        ],
        "x",
        7,
        "a/b",
      ),
      "failed",
      /another app \(id 8\)/,
    ],
    [
      "a webhook with a password",
      judgeWebhook(hook(`https://me:geheim@a.example${PATH}?token=geheim`), PATH),
      "ok",
      /^(?!.*geheim).*https:\/\/a\.example\/api\/github\/webhooks\?…/s,
    ],
    [
      "a check that counts from anybody, as the app cannot be chosen",
      judgeRequiredCheck([{ name: "x", appId: null }], "x", 7, "a/b", false),
      "failed",
      /Accept statuses: write/,
    ],
    [
      "a plan of GitHub's without rulesets",
      judgeRequiredCheck("not-in-plan", "x", 7, "a/b"),
      "ok",
      /no rulesets for private/,
    ],
    ["a server without rulesets", judgeRequiredCheck("untold", "x", 7, "a/b"), "ok", /does not say/],
    ["a queue that moves", judgeQueue(queue), "ok", /3 waiting, 1 running/],
    [
      "a queue that stands",
      judgeQueue({ ...queue, oldestWaitsFor: 3_600_000 as Millis }),
      "failed",
      /60 min.+queue-stuck/,
    ],
    ["paging that nobody may", judgePaging(PAGING), "warning", /nobody may page.+PAGING_CHANNELS="pagerduty=OWNER/],
    [
      "paging that some may",
      judgePaging({ ...PAGING, allowed: [{ channel: "pagerduty", who: "acme/*" }] }),
      "ok",
      /allowed for acme/,
    ],
    [
      "an endpoint of nobody",
      judgeEndpoint(ENDPOINT, { repository: null, named: null }),
      "failed",
      /not seen.+Install/,
    ],
    [
      "an endpoint that no policy names",
      judgeEndpoint(ENDPOINT, { repository: { id: 7, place: "acme/ops" }, named: ["other"] }),
      "failed",
      /acme\/ops \(id 7\) does not name it.+Add alerts\.endpoints\.prod/,
    ],
    [
      "an endpoint that leads somewhere",
      judgeEndpoint(ENDPOINT, { repository: { id: 7, place: "acme/ops" }, named: ["prod"] }),
      "ok",
      /acme\/ops/,
    ],
    [
      "alerts that led to nothing",
      judgeLostAlerts(
        'sevgate_alerts_total{source="grafana",result="no-policy"} 2\nsevgate_alerts_total{source="pagerduty",result="no-policy"} 1\n',
      ),
      "warning",
      /3 came for an endpoint that the policy does not name/,
    ],
    ["alerts of which none was lost", judgeLostAlerts(""), "ok", /none was lost/],
    ["a server that was not asked", judgeLostAlerts(null), "ok", /--url/],
    ["keys set aside", judgeQueue({ ...queue, setAside: 2 }), "failed", /2 failed five times.+queue-stuck/],
  ])("says of %s: %3$s", (_name, found, state, says) => {
    const findings = "state" in found ? [found] : found;
    const worst = findings.find((finding) => finding.state !== "ok") ?? findings[0]!;
    expect(worst.state).toBe(state);
    expect(`${worst.says}. ${worst.remedy ?? ""}`).toMatch(says);
    expect(worst.remedy === null).toBe(worst.state === "ok");
  });
});

it.each(["localhost:3000", "sevgate.example.com", "file:///etc/passwd", ""])(
  "asks no server at %j, which is no address, and says how one looks",
  async (url) => {
    const asked = doctor({ url, json: false, write: () => {}, env: {} });
    await expect(asked).rejects.toThrow("--url is where the running server answers, such as http://127.0.0.1:3000");
  },
);

it("finds every file with a secret that others may read, whichever setting names it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sevgate-doctor-"));
  const [open, closed] = [join(folder, "webhook"), join(folder, "record")];
  writeFileSync(open, "0123456789abcdef0123456789abcdef");
  chmodSync(open, 0o644);
  writeFileSync(closed, "0123456789abcdef0123456789abcdef", { mode: 0o600 });
  let out = "";
  await doctor({
    url: undefined,
    json: false,
    write: (text) => (out += text),
    env: {
      APP_ID: "1",
      PRIVATE_KEY: testPrivateKey(),
      WEBHOOK_SECRET_FILE: open,
      RECORD_KEY_FILE: closed,
      DATA_DIR: folder,
      GITHUB_API_URL: "http://127.0.0.1:1",
    },
  });
  rmSync(folder, { recursive: true });
  expect(out.match(/chmod 600 .+/g)).toEqual([`chmod 600 ${open}`]);
});

it.each([
  ["acme/ops", "ok"],
  ["Acme/OPS", "ok"],
  ["acme/*", "ok"],
  ["acme/shop", "failed"],
])("says of paging that the operator allows for %s, in acme/ops, that it is %s", async (who, state) => {
  const policy = { paging: { unconfirmed: [], channels: { P0: ["pagerduty"] } }, slack: { channel: "#x" } };
  const ways = { slack: null, paging: { ...PAGING, allowed: [{ channel: "pagerduty" as const, who }] } };
  const found = await judgeWays(policy as unknown as Parameters<typeof judgeWays>[0], OPS, false, ways);
  expect(found.map((one) => one.state)).toEqual([state]);
});

describe("a look at the other systems", () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await new Promise((done) => server.close(done));
  });
  /** A system that answers everything with one status. */
  async function answering(status: number): Promise<{ readonly url: string; readonly asked: string[] }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.writeHead(status, { "content-type": "application/json", connection: "close" }).end("{}");
    });
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  }
  async function look(status: number, ping: () => Promise<void>) {
    const { url, asked } = await answering(status);
    const findings = await examineSystems({
      slack: { signingSecret: null, channels: [] },
      paging: {
        ...PAGING,
        betterStack: { token: "hunter2", requesterEmail: "a@b.example", baseUrl: url },
        pagerDutyApi: { token: "hunter3", fromEmail: "a@b.example", baseUrl: url },
      },
      createSlack: () => ({ ping }),
    });
    return { findings: Object.fromEntries(findings.map((one) => [one.check, one])), asked };
  }

  it("finds that they know their keys, by reading alone", async () => {
    const { findings, asked } = await look(200, async () => {});
    expect(asked).toEqual(["GET /api/v3/incidents Bearer hunter2", "GET /abilities Token token=hunter3"]);
    const states = Object.entries(findings).map(([check, { state }]) => [check, state]);
    expect(Object.fromEntries(states)).toEqual({
      Slack: "ok",
      "Slack's channels": "warning",
      "Slack's buttons": "warning",
      "Better Stack": "ok",
      "PagerDuty's routing key": "ok",
      PagerDuty: "ok",
    });
  });

  it("finds keys that are refused, and names the setting without its value", async () => {
    const { findings } = await look(401, async () => {
      throw new SlackRefusedError("auth.test", "invalid_auth");
    });
    expect(findings["Slack"]).toMatchObject({
      state: "failed",
      says: expect.stringMatching(/invalid_auth/),
      remedy: expect.stringMatching(/SLACK_BOT_TOKEN/),
    });
    expect(findings["Better Stack"]).toMatchObject({
      state: "failed",
      remedy: expect.stringMatching(/BETTER_STACK_API_TOKEN/),
    });
    expect(findings["PagerDuty"]).toMatchObject({
      state: "failed",
      remedy: expect.stringMatching(/PAGERDUTY_API_TOKEN/),
    });
    expect(JSON.stringify(findings)).not.toContain("hunter");
  });

  it("asks the running server for a calendar, and finds a secret that is not the server's", async () => {
    const repository: Repository = { installationId: 1, id: 70, owner: "acme", name: "web" };
    const secret = "c".repeat(32);
    const [told, none] = [await answering(200), await answering(404)];
    expect(await askForCalendar(repository, "primary", { url: told.url, secret })).toMatchObject({ state: "ok" });
    const path = calendarPath(secret, { repository: "70", subject: { kind: "role", name: "primary" } });
    expect(told.asked).toEqual([`GET ${path} undefined`]);
    const missing = await askForCalendar(repository, "primary", { url: none.url, secret });
    expect(missing).toMatchObject({ state: "failed", remedy: expect.stringContaining("same CALENDAR_SECRET") });
    const silent = await askForCalendar(repository, "primary", { url: "http://127.0.0.1:1", secret });
    expect(silent.says).toContain("was not asked");
    expect(JSON.stringify([missing, silent])).not.toMatch(/c{32}|\/oncall\//);
  });

  it("takes silence and errors of theirs for something that may pass", async () => {
    const { findings } = await look(503, async () => {
      throw new TransientError("auth.test: no answer");
    });
    expect(["Slack", "Better Stack", "PagerDuty"].map((check) => findings[check]?.state)).toEqual([
      "warning",
      "warning",
      "warning",
    ]);
  });
});

describe("a look at GitHub's side", () => {
  const inspection: GitHubInspection = {
    appSettings: async () => ({ permissions: NEEDED, events: ["issues"], serverTime: null, serverVersion: null }),
    webhook: async () => hook(`https://a.example${PATH}`),
    installationSettings: async () => [
      { id: 777, permissions: NEEDED, events: ["issues"], url: "https://github.com/x/777" },
    ],
    deliveryAnswers: async () => "untold",
    withPolicy: async () => "untold",
    requiredChecks: async () => [{ name: "sevgate/close-gate", appId: 4_242 }],
  };
  let github: FakeGitHub;
  let alertEndpoints: readonly AlertEndpoint[] = [];
  beforeEach(() => {
    alertEndpoints = [];
    const clock = new VirtualClock();
    github = new FakeGitHub({ clock, appId: 4_242 });
    github.addRepository({ owner: "acme", name: "ops", files: { ".github/sevgate.yml": "severities: 5\n" } });
    github.addRepository({ owner: "acme", name: "shop" });
  });
  function look(over: Partial<GitHubInspection> = {}, more: Partial<ExamineParts> = {}): Promise<readonly Finding[]> {
    return examine({
      github,
      inspection: { ...inspection, ...over },
      clock: new VirtualClock(),
      needs: { permissions: NEEDED, events: ["issues"] },
      alertEndpoints,
      ...more,
    });
  }

  it("finds the endpoints of alerts that lead nowhere", async () => {
    const policy = "alerts: { endpoints: { prod: { severity: P1 } } }";
    github.setFile(".github/sevgate.yml", policy, github.addRepository({ owner: "acme", name: "web" }));
    const web = github.addRepository({ owner: "acme", name: "again" });
    alertEndpoints = ["acme/web", "acme/shop", "acme/nothing", String(web.id)].map((repository) => ({
      ...ENDPOINT,
      repository,
    }));
    const findings = (await look()).filter(({ check }) => check.startsWith("alerts at"));
    expect(findings.map(({ state }) => state)).toEqual(["ok", "failed", "failed", "failed"]);
  });

  it("takes no repository for one without the app when GitHub does not list them", async () => {
    alertEndpoints = [{ ...ENDPOINT, repository: "acme/shop" }];
    const more = { namedPlaces: [{ setting: "SLACK_CHANNELS", place: "acme/shop" }] };
    const over = { withPolicy: async () => ["acme/shop"] };
    const wrong = async () => (await look(over, more)).filter(({ says }) => /not (?:seen|installed)/.test(says));
    expect(await wrong()).toEqual([]);
    github.app.repositories = async () => {
      throw new TransientError("GET /installation/repositories: GitHub answered 502.");
    };
    expect(await wrong()).toEqual([]);
    github.app.repositories = async () => "unsupported";
    expect(await wrong()).toEqual([]);
    github.app.repositories = async () => [];
    expect(await wrong()).toHaveLength(3);
    expect(await look(over, more)).toContainEqual({
      check: "repositories of acme",
      state: "warning",
      says: "the app may use none of them: nothing happens there",
      remedy: "Choose some at https://github.com/x/777.",
    });
  });

  it("finds where post-mortems belong and cannot count, and names the line to add", async () => {
    const wants = (repository: string) => ({ ".github/sevgate.yml": `post-mortem: { repository: ${repository} }\n` });
    github.addRepository({ owner: "acme", name: "web", files: wants("acme/secret") });
    github.addRepository({ owner: "acme", name: "app", files: wants("acme/secret") });
    github.addRepository({ owner: "acme", name: "api", files: wants("acme/shop") });
    github.addRepository({ owner: "acme", name: "cli", files: wants("acme/nothing") });
    const lets = { ".github/sevgate.yml": "evidence-for: [acme/app]\n" };
    github.addRepository({ owner: "acme", name: "secret", isPrivate: true, files: lets });
    const findings = (await look()).filter(({ check }) => check.startsWith("post-mortems of"));
    expect(findings.map(({ check, state }) => [check, state])).toEqual([
      ["post-mortems of acme/web", "warning"],
      ["post-mortems of acme/app", "ok"],
      ["post-mortems of acme/api", "ok"],
      ["post-mortems of acme/cli", "warning"],
    ]);
    expect(JSON.stringify(findings[0])).toContain("evidence-for: [acme/web]");
  });

  it("finds a broken policy, and names its first problem and its repository", async () => {
    const findings = await look();
    const broken = findings.find((finding) => finding.check === "policy of acme/ops");
    expect(broken).toMatchObject({ state: "failed", says: expect.stringMatching(/^line 1: /) });
    expect(findings.find((finding) => finding.check === "policy of acme/shop")?.state).toBe("ok");
    expect(findings.filter((finding) => finding.state !== "ok").map((finding) => finding.check)).toEqual([
      "deliveries",
      "policy of acme/ops",
    ]);
  });

  //
  it.each(["referencing", "off"])(
    "finds a required check that a policy with `check: %s` never lets pass, its owner's policy too",
    async (mode) => {
      const text = `pull-requests: { check: ${mode} }\n`;
      github.addRepository({ owner: "acme", name: "web", files: { ".github/sevgate.yml": text } });
      github.addRepository({ owner: "acme", name: ".github", files: { ".github/sevgate.yml": text } });
      const found = async (over: Partial<GitHubInspection> = {}) =>
        (await look(over)).filter(({ check }) => check.startsWith("policy for the required check"));
      // The owner's policy holds for the shop, which has none of its own, and not for acme/ops.
      expect(await found()).toMatchObject(
        ["acme/shop", "acme/web", "acme/.github"].map((place) => ({
          check: `policy for the required check of ${place}`,
          state: "failed",
          remedy: expect.stringContaining("check: always"),
        })),
      );
      expect(await found({ requiredChecks: async () => [] })).toEqual([]);
      expect(await found({ requiredChecks: async () => "untold" })).toEqual([]);
    },
  );

  it("says which repositories their action runs, and finds a ruleset there that waits for the server's check", async () => {
    const place = (name: string, text: string) =>
      github.addRepository({ owner: "acme", name, files: { ".github/sevgate.yml": text } });
    place("web", "runs-in: action\n");
    place("app", "runs-in: acton\n");
    const about = async (name: string, over: Partial<GitHubInspection> = {}) =>
      (await look(over)).filter(({ check }) => check.endsWith(` acme/${name}`) && !check.startsWith("policy"));
    const runner = { check: "who runs acme/web", state: "ok" };
    expect(await about("web")).toMatchObject([
      runner,
      {
        check: "required check of acme/web",
        state: "failed",
        remedy: "In the ruleset, choose the app whose token the workflow uses as the source of the check.",
      },
    ]);
    const ofTheAction = { requiredChecks: async () => [{ name: "sevgate/close-gate", appId: 15_368 }] };
    expect(await about("web", ofTheAction)).toMatchObject([runner, { state: "ok" }]);
    expect((await about("app"))[0]).toMatchObject({
      check: "who runs acme/app",
      state: "failed",
      says: expect.stringContaining("Nobody can tell who runs acme/app"),
    });
    expect((await about("shop")).filter(({ check }) => check.startsWith("who"))).toEqual([]);
  });

  it("reads a policy that extends its owner's together with that, and finds one whose owner's is not there", async () => {
    const text = "extends: owner\npaging: { channels: { P7: [pagerduty] } }\n";
    github.addRepository({ owner: "acme", name: "web", files: { ".github/sevgate.yml": text } });
    const found = async () => (await look()).filter(({ check }) => check === "policy of acme/web");
    expect(await found()).toMatchObject([
      { state: "failed", says: expect.stringContaining("there is no .github/sevgate.yml in acme/.github") },
    ]);
    const owners = "severities: { P7: { label: sev:P7 } }\n";
    github.addRepository({ owner: "acme", name: ".github", files: { ".github/sevgate.yml": owners } });
    expect(await found()).toMatchObject([{ state: "ok", says: "valid" }]);
  });

  it("finds a policy under a name that nobody reads, and says the right one", async () => {
    github.addRepository({ owner: "acme", name: "web", files: { ".github/sevgate.yaml": "version: 1\n" } });
    const findings = await look();
    expect(findings.find((finding) => finding.check === "policy of acme/web")).toMatchObject({
      state: "failed",
      says: ".github/sevgate.yaml is not read",
      remedy: expect.stringContaining("Rename it to .github/sevgate.yml."),
    });
  });

  it("finds ways to people that a policy names and that lead nowhere, and an on-call file that is broken", async () => {
    const policy = 'slack: { channel: "#ops" }\npaging: { channels: { default: [pagerduty, better-stack] } }\n';
    const web = github.addRepository({ owner: "acme", name: "web", files: { ".github/sevgate.yml": policy } });
    github.setFile(".github/sevgate/on-call.yml", "version: 1\nroles: 5\n", web);
    const findings = await look(
      {},
      {
        ways: {
          slack: { channels: [{ channel: "alert", repositories: null }] },
          paging: { ...PAGING, allowed: [] },
        },
      },
    );
    const of = (check: string) =>
      findings.filter((one) => one.check === check).map((one) => `${one.says}. ${one.remedy}`);
    expect(of("Slack for acme/web")).toEqual([
      expect.stringMatching(/#ops.+nothing is announced.+Add ops=acme\/web to SLACK_CH/),
    ]);
    expect(of("paging of acme/web")).toEqual([
      expect.stringMatching(/pagerduty, which the operator does not allow.+Add pagerduty=acme\/web to PAGING_CHANNELS/),
      expect.stringMatching(/better-stack, whose key is not set.+Set BETTER_STACK_API_TOKEN/),
    ]);
    expect(of("on-call file of acme/web")).toEqual([expect.stringMatching(/^line 2: .+sevgate oncall --lint/)]);
  });

  it("finds nothing wrong with ways that lead to people, and asks for a calendar of each on-call file", async () => {
    const policy = 'slack: { channel: "#alert" }\npaging: { channels: { default: [pagerduty] } }\n';
    const web = github.addRepository({ owner: "acme", name: "web", files: { ".github/sevgate.yml": policy } });
    github.setFile(".github/sevgate/on-call.yml", ON_CALL, web);
    const allowed = [{ channel: "pagerduty", who: "acme/web" }] as const;
    const asked: unknown[] = [];
    const findings = await look(
      {},
      {
        ways: { slack: { channels: [{ channel: "alert", repositories: null }] }, paging: { ...PAGING, allowed } },
        calendarOf: async ({ name }, role) => {
          asked.push([name, role]);
          return ok(`calendars of ${name}`, "told");
        },
      },
    );
    const own = findings.filter(({ check }) =>
      /^(?:Slack for|paging of|on-call file of|policy of) acme\/web$/.test(check),
    );
    expect(own.map(({ state }) => state)).toEqual(["ok", "ok", "ok", "ok"]);
    expect(asked).toEqual([["web", "primary"]]);
  });

  it("asks how a webhook was answered only when the last one failed", async () => {
    let asked = 0;
    const deliveryAnswers = async () => {
      asked += 1;
      return [{ statusCode: 401, said: "" }];
    };
    const found = async () => (await look({ deliveryAnswers })).find(({ check }) => check === "deliveries");
    github.deliveries.unshift({ id: "1", guid: "1", ok: true, deliveredAt: new VirtualClock().now() });
    expect((await found())?.state).toBe("ok");
    expect(asked).toBe(0);
    github.deliveries.unshift({ id: "2", guid: "2", ok: false, deliveredAt: new VirtualClock().now() });
    expect(await found()).toMatchObject({ state: "failed", says: expect.stringContaining("the secrets differ") });
    expect(asked).toBe(1);
  });

  //
  it("misses no event that an Enterprise Server does not have", async () => {
    const needs = { permissions: NEEDED, events: ["issues", "sub_issues", "merge_group"] };
    const missed = async (serverVersion: string | null) => {
      const appSettings = async () => ({ permissions: NEEDED, events: ["issues"], serverTime: null, serverVersion });
      return (await look({ appSettings }, { needs }))
        .filter(({ check }) => /^events/.test(check))
        .map(({ state }) => state);
    };
    expect(await missed("3.19.0")).toEqual(["ok"]);
    expect(await missed("3.20.0")).toEqual(["failed", "failed"]);
    expect(await missed(null)).toEqual(["failed", "failed"]);
  });

  it("finds events that an installation is not sent, until an owner accepts what they come with", async () => {
    const of = async (events: readonly string[] | null) =>
      (
        await look({ installationSettings: async () => [{ id: 777, permissions: NEEDED, events, url: "https://x" }] })
      ).filter(({ check }) => check === "events of acme");
    expect(await of(["push"])).toMatchObject([
      { state: "failed", says: "not sent there: issues", remedy: expect.stringContaining("at https://x") },
    ]);
    expect(await of(["issues"])).toEqual([]);
    expect(await of(null)).toEqual([]);
  });

  it("finds policies where the app is not installed, and settings that name such repositories", async () => {
    const findings = await look(
      { withPolicy: async () => ["acme/ops", "acme/site"] },
      { namedPlaces: [{ setting: "PAGING_CHANNELS", place: "acme/gone" }] },
    );
    const of = (check: string) => findings.find((one) => one.check === check);
    expect(of("policies of acme")).toMatchObject({ state: "warning", says: expect.stringMatching(/^acme\/site has/) });
    expect(of("policies of acme")?.remedy).toContain("https://github.com/x/777");
    expect(of("installation on acme/gone")?.state).toBe("failed");
  });

  it("finds people of the on-call file who have left", async () => {
    const web = github.addRepository({ owner: "acme", name: "web", isPrivate: true });
    github.setFile(".github/sevgate/on-call.yml", ON_CALL, web);
    github.setRole("alice", "write", web);
    const found = (await look()).find(({ check }) => check === "people of the on-call file of acme/web");
    expect(found).toMatchObject({ state: "warning", says: "bob has no access any more, or the account is gone" });
  });

  it("goes on with the rest when GitHub does not answer one question", async () => {
    const silent = async () => {
      throw new TransientError("GET /app/hook/config: no answer from GitHub");
    };
    const findings = await look({ webhook: silent });
    expect(findings.find((finding) => finding.check === "webhook")?.state).toBe("warning");
    expect(findings.find((finding) => finding.check === "required check of acme/shop")?.state).toBe("ok");
  });

  it("asks nothing of an installation that is suspended, and writes nothing anywhere", async () => {
    github.suspended.add(github.installationId);
    const findings = await look();
    expect(findings.find((finding) => finding.check.startsWith("installation of"))?.state).toBe("warning");
    expect(findings.some((finding) => finding.check.startsWith("policy"))).toBe(false);
    expect(github.writes).toEqual([]);
  });
});

describe("the questions of the self-check", () => {
  const API = "https://api.github.com";
  const repository: Repository = { installationId: 777, id: 1, owner: "acme", name: "ops" };
  const described = loadGitHubDescription();
  const inspection = () =>
    createInspection({
      appId: 4_242,
      privateKey: testPrivateKey(),
      apiUrl: API,
      log: pino({ level: "silent" }),
      clock: new VirtualClock(),
    });
  interceptRequests();
  afterEach(() => {
    nock.cleanAll();
  });
  /** Answers as GitHub's description of its API says it would. */
  function answer(path: string, partial: unknown, headers: Record<string, string> = {}): void {
    const json = { "content-type": "application/json; charset=utf-8", ...headers };
    nock(API)
      .get(path)
      .query(true)
      .reply(200, JSON.stringify(described.answer("GET", path, 200, partial)), json);
  }

  function token(): void {
    nock(API)
      .post("/app/installations/777/access_tokens")
      .reply(201, { token: "ghs_1", expires_at: "2099-01-01T00:00:00Z", permissions: {} });
  }

  it("read GitHub's own answers about the app, its webhook and its installations", async () => {
    answer("/app", { permissions: { issues: "write" }, events: ["push"] }, { date: "Mon, 05 Jan 2026 09:00:00 GMT" });
    answer("/app/hook/config", { url: "https://a.example/x", content_type: "json", insecure_ssl: "1" });
    answer("/app/installations", [{ id: 777, permissions: { issues: "read" }, events: ["push"] }]);
    expect(await inspection().appSettings()).toMatchObject({
      permissions: { issues: "write" },
      events: ["push"],
      serverTime: Date.UTC(2026, 0, 5, 9),
    });
    expect(await inspection().webhook()).toEqual({ url: "https://a.example/x", contentType: "json", checksTls: false });
    expect(await inspection().installationSettings()).toEqual([
      { id: 777, permissions: { issues: "read" }, events: ["push"], url: expect.any(String) },
    ]);
  });

  //
  it("read the checks that classic protection requires, and from which app", async () => {
    token();
    nock(API).get("/repos/acme/ops/rules/branches/main").query(true).reply(200, []);
    answer("/repos/acme/ops/branches/main", {
      protection: {
        required_status_checks: {
          contexts: ["tests", "sevgate/close-gate"],
          checks: [
            { context: "tests", app_id: null },
            { context: "sevgate/close-gate", app_id: 4_242 },
          ],
        },
      },
    });
    expect(await inspection().requiredChecks(repository, "main")).toEqual([
      { name: "tests", appId: null },
      { name: "sevgate/close-gate", appId: 4_242 },
    ]);
  });

  //
  it("read how webhooks were answered, where policies are, and which version a server has", async () => {
    token();
    answer("/app/hook/deliveries", [
      { id: 2, status_code: 401, status: "Invalid HTTP Response: 401" },
      { id: 1, status_code: 0, status: "timed out" },
    ]);
    answer("/app", {}, { "x-github-enterprise-version": "enterprise-server@3.17.2" });
    // A list of alternatives in the description again, so written by hand.
    const item = (path: string, full_name: string) => ({ path, repository: { full_name } });
    nock(API)
      .get("/search/code")
      .query({ q: "user:acme path:.github filename:sevgate.yml", per_page: 100 })
      .reply(200, {
        total_count: 2,
        incomplete_results: false,
        items: [item(".github/sevgate.yml", "acme/web"), item("docs/.github/sevgate.yml", "acme/docs")],
      });
    expect(await inspection().deliveryAnswers()).toEqual([
      { statusCode: 401, said: "Invalid HTTP Response: 401" },
      { statusCode: null, said: "timed out" },
    ]);
    expect(await inspection().appSettings()).toMatchObject({ serverVersion: "3.17.2" });
    expect(await inspection().withPolicy(777, "acme")).toEqual(["acme/web"]);
  });

  it("take a search that is refused for a server that does not say", async () => {
    token();
    nock(API).get("/search/code").query(true).reply(422, { message: "Validation Failed" });
    expect(await inspection().withPolicy(777, "acme")).toBe("untold");
  });

  //
  it("read the checks that rulesets require of a branch, and from which app", async () => {
    token();
    nock(API).get("/repos/acme/ops/branches/main").reply(404, { message: "Branch not found" });
    // A list of alternatives, which the description's helper cannot fill in, so this is the example from GitHub's page
    // ("Get rules for a branch").
    const source = { ruleset_source_type: "Repository", ruleset_source: "acme/ops", ruleset_id: 42 };
    const parameters = {
      strict_required_status_checks_policy: false,
      required_status_checks: [{ context: "sevgate/close-gate", integration_id: 4_242 }, { context: "tests" }],
    };
    nock(API)
      .get("/repos/acme/ops/rules/branches/main")
      .query(true)
      .reply(200, [
        { type: "deletion", ...source },
        { type: "required_status_checks", parameters, ...source },
      ]);
    expect(await inspection().requiredChecks(repository, "main")).toEqual([
      { name: "sevgate/close-gate", appId: 4_242 },
      { name: "tests", appId: null },
    ]);
  });

  it("take a route that is not there for a server that does not say", async () => {
    nock(API).get("/app/hook/config").reply(404, { message: "Not Found" });
    expect(await inspection().webhook()).toBe("untold");
  });
});

describe("sevgate doctor", () => {
  const folder = mkdtempSync(join(tmpdir(), "sevgate-doctor-"));
  let github: RunningEmulator;
  beforeAll(async () => {
    github = await startEmulator();
  });
  afterAll(async () => {
    await github.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function env(more: Readonly<Record<string, string>> = {}) {
    return {
      APP_ID: String(github.appId),
      PRIVATE_KEY: github.privateKey,
      WEBHOOK_SECRET: github.webhookSecret,
      GITHUB_API_URL: github.url,
      DATA_DIR: join(folder, "data"),
      ...more,
    };
  }
  const run = (settings: Readonly<Record<string, string>>, ...given: readonly string[]) =>
    runSevgate(["doctor", ...given], { cwd: folder, env: settings });

  it("looks at a live installation while its server runs, one line each, and shows no secret", async () => {
    let server: SevgateProcess | null = null;
    try {
      server = await startSevgate({
        githubUrl: github.url,
        appId: github.appId,
        privateKey: github.privateKey,
        webhookSecret: github.webhookSecret,
        dataDir: join(folder, "data"),
      });
      const { code, out, err } = await run(env(), "--url", server.url);
      expect(out).toMatch(/^ok {7}credentials: GitHub knows the app sevgate \(id 4242\)$/m);
      expect(out).toMatch(/^ok {7}webhook: this server does not say$/m);
      expect(out).toMatch(/^ok {7}store: in use by the running server/m);
      expect(out).toMatch(/^ok {7}queue: \d+ waiting, \d+ running$/m);
      expect(out.split("\n").every((text) => text === "" || /^(ok|warning|failed) /.test(text))).toBe(true);
      expect(out + err).not.toMatch(/PRIVATE KEY|emulated-webhook-secret|eyJ/);
      // Where it takes longer than a second, one line says so.
      expect(err).toMatch(/^(?:sevgate doctor: .* …\n)?$/);
      expect({ code, out }).toMatchObject({ code: 0 });
    } finally {
      await server?.stop();
    }
  });

  it("reads the store itself when no server runs, and says so as JSON", async () => {
    const { code, out } = await run(env(), "--json");
    const told = JSON.parse(out) as { ok: boolean; findings: Finding[] };
    const fits = new Ajv({ strict: false }).compile(JSON.parse(diagnosisJsonSchema()) as object);
    expect({ fits: fits(told), errors: fits.errors }).toEqual({ fits: true, errors: null });
    expect(told.findings.find((finding) => finding.check === "queue")).toMatchObject({ state: "ok" });
    expect(told.ok).toBe(code === 0);
  });

  it("says each remedy once: that of a setting is its own", async () => {
    const answer = async (json: boolean) => {
      let out = "";
      await doctor({ url: undefined, json, env: { LOG_LEVEL: "loud" }, write: (text) => (out += text) });
      return out;
    };
    expect((await answer(false)).split("\n")).toEqual([
      "failed   settings: APP_ID is missing. It is the App ID on the settings page of the GitHub App; `sevgate setup` writes it.",
      expect.stringMatching(/^failed {3}settings: PRIVATE_KEY is missing\. Set it, or PRIVATE_KEY_PATH, [^.]*\.$/),
      expect.stringMatching(/^failed {3}settings: WEBHOOK_SECRET is missing\. Set it to [^.]*\.$/),
      "failed   settings: LOG_LEVEL is one of trace, debug, info, warn, error, fatal, silent. Set LOG_LEVEL as the server has it.",
      "",
    ]);
    const { findings } = JSON.parse(await answer(true));
    expect(findings[0]).toMatchObject({
      says: "APP_ID is missing.",
      remedy: expect.stringMatching(/^It is the App ID/),
    });
  });

  it("says what it looks at, one after the other", async () => {
    const steps: string[] = [];
    await doctor({ url: undefined, json: true, env: env(), write: () => {}, onStep: (words) => steps.push(words) });
    expect(steps).toEqual(expect.arrayContaining(["webhook", "deliveries", "installations"]));
  });

  it.each<readonly [string, Readonly<Record<string, string>>, RegExp]>([
    ["settings are missing", { WEBHOOK_SECRET: "" }, /^failed {3}settings: WEBHOOK_SECRET is missing/m],
    [
      "GitHub refuses the credentials",
      { PRIVATE_KEY: testPrivateKey() },
      /^failed {3}credentials: .*APP_ID and PRIVATE_KEY/m,
    ],
    ["the database does not answer", { DATABASE_URL: "postgres://x@127.0.0.1:1/x" }, /^failed {3}queue: /m],
  ])("ends with exit code 1 and the remedy when %s", async (_name, more, says) => {
    let out = "";
    const code = await doctor({ url: undefined, json: false, env: env(more), write: (text) => (out += text) });
    expect(out).toMatch(says);
    expect(code).toBe(1);
  });
});
