import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { load } from "js-yaml";
import { systemClock } from "../../src/base/clock.ts";
import type { FakeEvent } from "../../testkit/fake-github/events.ts";
import { FakeGitHub } from "../../testkit/fake-github/fake-github.ts";
import type { Listening } from "../../testkit/listen-on-loopback.ts";
import { serveFakeGitHub } from "../../testkit/serve-fake-github.ts";
import { ActionProcesses, buildAction, releaseInto, runNode } from "../support/action-process.ts";
import { POLICY } from "../support/action-runs.ts";
import { filledPostMortem } from "../support/filled-post-mortem.ts";

// A build and many processes, on a busy machine.
jest.setTimeout(180_000);

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** What a release has beside the bundle. */
const folder = mkdtempSync(join(tmpdir(), "sevgate-action-"));
const bundle = join(folder, "dist/action/index.js");

let inputs: readonly string[];

beforeAll(async () => {
  inputs = await releaseInto(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the bundle of the action", () => {
  it("is the same, byte by byte, when it is built again, also from sources in another folder", async () => {
    const again = join(folder, "again");
    await buildAction([again], tmpdir());
    const sources = join(folder, "elsewhere/deep");
    for (const path of inputs) copyInput(path, sources);
    for (const path of ["package.json", "tsconfig.json"]) cpSync(join(ROOT, path), join(sources, path));
    await buildAction([join(folder, "third"), "--root", sources], tmpdir());
    const [first, second, third] = [folder, again, join(folder, "third")].map((one) =>
      readFileSync(join(one, "dist/action/index.js")),
    );
    expect(second?.equals(first!)).toBe(true);
    expect(third?.equals(first!)).toBe(true);
  });

  it("is what action.yml starts, and leaves out the databases, the server and the chat", () => {
    const action = load(readFileSync(join(ROOT, "action.yml"), "utf8")) as { readonly runs: unknown };
    expect(action.runs).toEqual({ using: "node24", main: "dist/action/index.js" });
    const packages = new Set(inputs.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));
    expect([...packages]).toEqual(expect.arrayContaining(["probot", "zod", "liquidjs"]));
    for (const name of ["pg", "pg-boss", "@slack/web-api", "prom-client", "ical-generator", "commander"]) {
      expect(packages.has(name)).toBe(false);
    }
    expect(inputs.filter((path) => /sqlite|slack|run-sevgate|src\/cli\//.test(path))).toEqual([]);
    expect(readFileSync(bundle).length).toBeLessThan(2.7 * 1_048_576);
  });

  it("ends with the license of everything that was built into it", () => {
    const [, licenses = ""] = readFileSync(bundle, "utf8").split("\n/*\nSevgate is built with these ");
    for (const name of ["probot", "zod", "liquidjs", "markdown-it", "temporal-polyfill"]) {
      expect(licenses).toMatch(new RegExp(`\n${name} \\d[^\n]*, (?:MIT|ISC)\n=+\n`));
    }
    expect(licenses.match(/\*\//g)).toHaveLength(1);
  });

  it("says what is missing where no runner started it", async () => {
    const { code, text } = await runNode([bundle], { cwd: folder, env: {} });
    expect(code).toBe(1);
    expect(text).toContain("::error title=Sevgate::The input token is empty.");
  });
});

const copied = new Set<string>();

/** With the package.json that says how the file is to be read, and the license. */
function copyInput(path: string, to: string): void {
  mkdirSync(dirname(join(to, path)), { recursive: true });
  cpSync(join(ROOT, path), join(to, path));
  for (let above = dirname(path); above.startsWith("node_modules/"); above = dirname(above)) {
    const manifest = join(above, "package.json");
    if (copied.has(above) || !existsSync(join(ROOT, manifest))) continue;
    copied.add(above);
    for (const file of readdirSync(join(ROOT, above), { withFileTypes: true })) {
      if (file.isFile()) cpSync(join(ROOT, above, file.name), join(to, above, file.name));
    }
  }
}

//
describe("the bundle as a runner starts it, a process for each event, over real HTTP", () => {
  const github = new FakeGitHub({ clock: systemClock });
  const repository = github.addRepository({ owner: "acme", name: "ops" });
  const events: FakeEvent[] = [];
  let processes: ActionProcesses;
  let api: Listening;

  beforeAll(async () => {
    api = await serveFakeGitHub(github, () => systemClock.now());
    processes = new ActionProcesses(
      folder,
      "sevgate-github-token.yml",
      { id: repository.id, fullName: "acme/ops" },
      { GITHUB_API_URL: api.url, GITHUB_GRAPHQL_URL: `${api.url}/graphql` },
    );
    github.setFile(
      ".github/sevgate.yml",
      `${POLICY}alerts: { endpoints: { metrics: { severity: P1 } } }\n`,
      repository,
    );
    github.setRole("alice", "maintain");
    github.setRole("bob", "triage");
    github.onEvent((event) => {
      const { sender } = event.payload as { readonly sender?: { readonly login?: string } };
      // With GITHUB_TOKEN, what the action does starts no run.
      if (sender?.login !== github.botLogin) events.push(event);
    });
  });

  afterAll(() => api.close());

  async function runsOf<T>(act: () => T): Promise<T> {
    const done = act();
    for (let event = events.shift(); event !== undefined; event = events.shift()) {
      await processes.hear(event);
    }
    return done;
  }

  const status = (number: number) =>
    github
      .comments(number, repository)
      .filter(({ author, body }) => author?.login === github.botLogin && body.includes("<!-- sevgate:status -->"))
      .map(({ body }) => body);

  it("leads an incident from its label to its end", async () => {
    await processes.start("schedule", { schedule: "4,14 * * * *" });
    const { number } = await runsOf(() =>
      github.as("bob").openIssue({ title: "Checkout is down", body: "It started at nine.", labels: ["sev:P0"] }),
    );
    expect(status(number)).toEqual([expect.stringContaining("nobody has acknowledged")]);
    expect(github.issue(number).body).toMatch(/^It started at nine\.\n[\s\S]*\*\*Impact:\*\*/);
    await runsOf(() => github.as("alice").comment(number, "/ack"));
    expect(github.issue(number)).toMatchObject({ assignees: ["alice"], labels: ["sev:P0", "incident:acknowledged"] });
    await runsOf(() => github.as("bob").close(number));
    expect(github.issue(number).state).toBe("open");
    await runsOf(() => github.as("bob").openPullRequest({ title: "Fix", body: `Fixes #${number}` }));
    expect(github.allCheckRuns(repository).at(-1)?.content).toMatchObject({ conclusion: "failure" });
    await runsOf(() => github.as("alice").comment(number, "/postmortem"));
    const postMortem = Math.max(...github.numbers(repository));
    const { body } = github.issue(postMortem);
    await runsOf(() => github.as("bob").edit(postMortem, { body: filledPostMortem(body) }));
    expect(github.allCheckRuns(repository).at(-1)?.content).toMatchObject({ conclusion: "success" });
    await runsOf(() => github.as("alice").comment(number, "/resolve back to normal"));
    expect(github.issue(number)).toMatchObject({ state: "closed", closeReason: "completed" });
    expect(status(number)).toHaveLength(1);
  });

  it("leaves nothing for a scheduled run that it could have done", async () => {
    await processes.start("schedule", { schedule: "4,14 * * * *" });
    expect(processes.ended.at(-1)?.summary).toContain("Everything is as it should be.");
  });

  it("opens an incident for an alert that somebody dispatches", async () => {
    const payload = {
      routing_key: "unused",
      event_action: "trigger",
      dedup_key: "disk",
      payload: { summary: "Disk is full", source: "db1", severity: "critical" },
    };
    await processes.start("repository_dispatch", {
      action: "sevgate-alert",
      client_payload: { source: "pagerduty-events", endpoint: "metrics", payload },
      repository: { id: repository.id, full_name: "acme/ops", private: false },
    });
    const opened = Math.max(...github.numbers(repository));
    expect(github.issue(opened)).toMatchObject({
      title: expect.stringContaining("Disk is full"),
      labels: expect.arrayContaining(["sev:P1"]),
    });
  });

  it("is green in every run", () => {
    expect(processes.ended.filter(({ code }) => code !== 0)).toEqual([]);
    expect(processes.ended.length).toBeGreaterThan(10);
  });
});
