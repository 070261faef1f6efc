import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";
import { Ajv } from "ajv";
import { TerminalError, TransientError } from "../../src/base/errors.ts";
import type { Access, Connection } from "../../src/cli/explain.ts";
import { type ReportOptions, report } from "../../src/cli/report.ts";
import { UsageError } from "../../src/cli/usage-error.ts";
import { type Report, reportJsonSchema } from "../../src/core/report/report.ts";
import type { GitHubWriter } from "../../src/systems/github/ports.ts";
import { testPrivateKey } from "../contract/world.ts";
import { Story } from "../support/story.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
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
  formats: { "date-time": true, date: true },
}).compile(JSON.parse(reportJsonSchema()) as object);

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sevgate-report-"));
  folders.push(folder);
  return folder;
}

/** Runs the command on the GitHub of a story; any write fails. */
async function run(story: Story, options: Partial<ReportOptions> = {}) {
  const write = story.github.write;
  story.github.write = new Proxy({} as GitHubWriter, {
    get: (_, name) => () => Promise.reject(new Error(`report wrote: ${String(name)}`)),
  });
  let text = "";
  let requests = 0;
  const { onCall } = story.github;
  const connect = (access: Access): Connection => {
    story.github.onCall = () => {
      requests += 1;
    };
    return { read: story.github.read, app: access.kind === "app" ? story.github.app : null };
  };
  try {
    const code = await report({
      repositories: ["acme/ops"],
      since: "90d",
      until: undefined,
      format: "json",
      onlyOpen: false,
      app: undefined,
      env: { ...SERVER, DATA_DIR: newFolder() },
      clock: story.clock,
      connect,
      ...options,
      write: (written) => {
        text += written;
      },
    });
    return { code, text, requests };
  } finally {
    story.github.write = write;
    story.github.onCall = onCall;
  }
}

/** As JSON, held to the schema. */
async function reported(story: Story, options: Partial<ReportOptions> = {}): Promise<Report> {
  const { code, text } = await run(story, options);
  const printed = JSON.parse(text) as Report;
  conforms(printed);
  expect(conforms.errors ?? []).toEqual([]);
  expect(code).toBe(0);
  return printed;
}

async function problem(story: Story, options: Partial<ReportOptions>) {
  const { code, text } = await run(story, options);
  const printed = JSON.parse(text) as { readonly error: { readonly kind: string; readonly message: string } };
  conforms(printed);
  expect(conforms.errors ?? []).toEqual([]);
  expect(code).toBe(printed.error.kind === "bad-argument" ? 2 : 1);
  return printed.error;
}

/** One that was acknowledged after five minutes, one that is over, and a drill. */
async function threeIncidents(): Promise<Story> {
  const story = await Story.begin();
  const first = await story.declare();
  await story.advance(5 * MINUTE_MS);
  await story.say("alice", first, "/ack");
  const second = await story.declare(["sev:P1"]);
  await story.say("alice", second, "/resolve");
  await story.say("alice", second, "/waive nothing to learn");
  await story.declare(["sev:P1", "drill"]);
  await story.advance(DAY_MS);
  return story;
}

describe("sevgate report", () => {
  it("says how long incidents took, without the drills, and writes nothing", async () => {
    const story = await threeIncidents();
    const { repositories, period } = await reported(story);
    expect(period.open).toBe(false);
    expect(repositories).toMatchObject([
      {
        repository: "acme/ops",
        sealsChecked: true,
        leftOut: { drills: 1, cancelled: 0, unreadable: [], unread: 0 },
        incidents: [
          { number: 1, severity: "P0", state: "open", acknowledge: { took: 300 }, resolve: { took: null } },
          { number: 2, severity: "P1", state: "closed", closed: "waived", waived: true, learn: { took: null } },
        ],
        endings: { waived: 1, waivedUntil: 0 },
      },
    ]);
  });

  it("costs one request for each severity, each incident and the items, and what the policy costs", async () => {
    const story = await threeIncidents();
    const { requests } = await run(story);
    // Installations, the repository, three severities, items, three incidents; the folder of the policy, and where else it may be.
    expect(requests).toBeLessThanOrEqual(2 + 3 + 1 + 3 + 4);
  });

  it("is the same with a token as with the app's key, but for the seals, which then are not checked", async () => {
    const story = await threeIncidents();
    const withKey = await reported(story);
    const withToken = await reported(story, { env: TOKEN });
    expect(withToken).toEqual({
      ...withKey,
      repositories: withKey.repositories.map((one) => ({ ...one, sealsChecked: false })),
    });
    expect((await run(story, { env: TOKEN, format: "md" })).text).toContain("Without the app's key");
  });

  it("does not count what somebody wrote who is not the app", async () => {
    const story = await threeIncidents();
    const forged = story.github.as("rita").openIssue({ title: "Forged", body: "", labels: ["sev:P0"] });
    story.listens = false;
    story.github.as("rita").comment(forged.number, story.status(1));
    story.clock.advance(MINUTE_MS);
    const { repositories } = await reported(story);
    expect(repositories[0]!.leftOut.unreadable).toEqual([forged.number]);
    expect(repositories[0]!.incidents.length).toBe(2);
  });

  it("prints Markdown, a page, JSON or CSV; with --open it lists only what is open", async () => {
    const story = await threeIncidents();
    const text = async (format: ReportOptions["format"]) => (await run(story, { format })).text;
    expect(await text("md")).toMatch(/^# Incidents of acme\/ops\n/);
    expect(await text("html")).toMatch(/^<!doctype html>/);
    expect((await text("csv")).split("\r\n").length).toBe(4);
    const open = await reported(story, { onlyOpen: true });
    expect(open.repositories[0]!.incidents.map(({ number }) => number)).toEqual([1]);
    expect(open.repositories[0]!.curves[0]!.incidents).toBe(2);
  });

  it("is about the time it is asked for, up to now at the latest", async () => {
    const story = await threeIncidents();
    const until = await reported(story, { since: "2026-01-05", until: "2026-01-06" });
    expect(until.period).toEqual({ since: "2026-01-05T00:00:00.000Z", until: "2026-01-06T00:00:00.000Z", open: false });
    expect(until.repositories[0]!.incidents.length).toBe(2);
    const before = await reported(story, { since: "2025-12-01", until: "2026-01-05" });
    expect(before.repositories[0]!.incidents).toEqual([]);
    const future = await reported(story, { since: "2026-01-05", until: "2030-01-01" });
    expect(Date.parse(future.period.until)).toBe(story.clock.now());
  });

  it("asks nothing about incidents that came after the time it is about", async () => {
    const story = await Story.begin();
    await story.declare();
    await story.advance(3 * DAY_MS);
    for (let more = 0; more < 5; more += 1) await story.declare();
    await story.advance(MINUTE_MS);
    const early = await run(story, { since: "2026-01-01", until: "2026-01-06" });
    expect(JSON.parse(early.text).repositories[0].incidents).toHaveLength(1);
    const all = await run(story, { since: "2026-01-01", until: undefined });
    expect(all.requests - early.requests).toBe(5);
  });

  it("is about all repositories of the app that have incidents, if none is named", async () => {
    const story = await threeIncidents();
    story.github.addRepository({ owner: "acme", name: "quiet" });
    const { repositories } = await reported(story, { repositories: [] });
    expect(repositories.map(({ repository }) => repository)).toEqual(["acme/ops"]);
    const named = await reported(story, { repositories: ["acme/quiet", "acme/ops", "ACME/ops"] });
    expect(named.repositories.map(({ repository }) => repository)).toEqual(["acme/quiet", "acme/ops"]);
  });

  it("is about the others where GitHub refuses to list the issues of one, and says so; a named one must be there", async () => {
    const story = await threeIncidents();
    const quiet = story.github.addRepository({ owner: "acme", name: "no-issues" });
    const read = new Proxy(story.github.read, {
      get: (target, name) =>
        name === "issuesWithLabel"
          ? (place: { id: number }, ...rest: [never, never]) =>
              place.id === quiet.id
                ? Promise.reject(
                    new TerminalError("GET /repos/{owner}/{repo}/issues: GitHub answered 410.", { status: 410 }),
                  )
                : target.issuesWithLabel(place as never, ...rest)
          : Reflect.get(target, name, target),
    });
    const connect = (): Connection => ({ read, app: story.github.app });
    const all = await reported(story, { repositories: [], connect });
    expect(all.repositories.map(({ repository }) => repository)).toEqual(["acme/ops"]);
    expect(all.notKnown).toEqual(["acme/no-issues: GET /repos/{owner}/{repo}/issues: GitHub answered 410"]);
    expect((await run(story, { repositories: [], connect, format: "md" })).text).toContain(
      "Not looked at: acme/no-issues",
    );
    expect((await problem(story, { repositories: ["acme/ops", "acme/no-issues"], connect })).kind).toBe("refused");
  });

  it.each<[string, Partial<ReportOptions>, string, RegExp]>([
    ["no repository", { repositories: ["ops"] }, "bad-argument", /“ops” is no repository: write acme\/ops\./],
    ["no day", { since: "yesterday" }, "bad-argument", /--since: “yesterday” is no day: write 2026-01-31, or 90d\./],
    ["no end", { until: "2026-02-30" }, "bad-argument", /--until: “2026-02-30” is no day/],
    ["an empty time", { since: "2026-01-06", until: "2026-01-06" }, "bad-argument", /let --since be before --until/],
    ["a token and no repository", { env: TOKEN, repositories: [] }, "bad-argument", /Name a repository/],
    ["no settings", { env: {} }, "settings", /Set GITHUB_TOKEN, or the settings of the server/],
    ["no address", { env: { ...TOKEN, GITHUB_API_URL: "notaurl" } }, "settings", /GITHUB_API_URL is not an address/],
    ["a repository that is not there", { repositories: ["acme/none"] }, "no-repository", /There is no acme\/none/],
    ["an account without the app", { repositories: ["other/ops"] }, "not-installed", /not installed on other/],
  ])("says what is wrong, and what to do: %s", async (_what, options, kind, message) => {
    const story = await Story.begin();
    const error = await problem(story, options);
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(message);
    if (kind !== "bad-argument") return;
    await expect(run(story, { ...options, format: "md" })).rejects.toThrow(UsageError);
  });

  it("counts no action item as open that was dropped, or belongs to a drill, in an incident older than the time", async () => {
    const lines = ["- [ ] Alert on the depth of the queue @bob by 2026-01-20", "- [ ] Limit the pool, in 14d"];
    const body = `## What happened\n\nNo more connections.\n\n## Why it happened\n\nOne for each request.\n\n## Action items\n\n${lines.join("\n")}\n`;
    const story = await Story.begin();
    const learnFrom = async (number: number) => {
      const { number: postMortem } = story.github
        .as("bob")
        .openIssue({ title: "Learned", body, labels: ["post-mortem"] });
      await story.say("alice", number, `/ack\n/resolve fixed\n/postmortem #${postMortem}`);
      await story.say("bob", number, "/items");
    };
    const items = () => story.github.numbers().filter((one) => story.github.issue(one).labels.includes("action-item"));
    const incident = await story.declare();
    await learnFrom(incident);
    const [first] = items();
    await story.say("alice", incident, `/drop #${first} the queue is gone`);
    const drill = await story.declare(["sev:P0", "drill"]);
    await learnFrom(drill);
    expect(items()).toHaveLength(4);

    await story.advance(60 * DAY_MS);
    const [repository] = (await reported(story, { since: "30d" })).repositories;
    expect(repository!.incidents).toEqual([]);
    expect(repository!.items).toMatchObject({ filed: 0, dropped: 0, open: 1, overdue: 1, withoutDay: 0 });
  });

  it("says so when GitHub does not answer, and prints no numbers that are not whole", async () => {
    const story = await threeIncidents();
    story.github.faults.fail({
      kind: "read",
      method: "comments",
      error: new TransientError("GitHub does not answer."),
    });
    expect(await problem(story, {})).toEqual({ kind: "later", message: "GitHub does not answer. Try again later." });
  });

  it("begins as docs/reports.md shows", async () => {
    const document = readFileSync(new URL("../../docs/reports.md", import.meta.url), "utf8");
    const example = /```\n(# Incidents of [\s\S]*?)```/.exec(document)?.[1] ?? "no example";
    expect((await run(await threeIncidents(), { format: "md" })).text.slice(0, example.length)).toBe(example);
  });

  it("has the fields that docs/json.md names", async () => {
    const document = readFileSync(new URL("../../docs/json.md", import.meta.url), "utf8");
    const part = document.split(/^## /m).find((section) => section.startsWith("Report")) ?? "";
    const { repositories, period } = await reported(await threeIncidents());
    const named = [...part.matchAll(/^\| `([^|]*) \|/gm)].flatMap(([, cell]) =>
      [...cell!.matchAll(/[\w[\].]+/g)].map(([one]) => one),
    );
    expect(named.length).toBeGreaterThan(8);
    const known = Object.keys({ period, ...repositories[0] });
    expect(
      named.map((field) => field.replace("repositories[].", "")).filter((field) => !known.includes(field)),
    ).toEqual([]);
  });
});
