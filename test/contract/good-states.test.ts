import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { TransientError } from "../../src/base/errors.ts";
import type { Repository } from "../../src/core/model.ts";
import { createGitHub } from "../../src/systems/github/create-github.ts";
import type { GitHub } from "../../src/systems/github/ports.ts";
import { loadGitHubDescription } from "../../testkit/github-description.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";
import { interceptRequests, nock } from "../support/intercept-requests.ts";
import { testPrivateKey } from "./world.ts";

const API = "https://api.github.com";
const REPO = "/repos/acme/ops";
const APP_ID = 4_242;
const SHA = "a".repeat(40);
const PRIVATE_KEY = testPrivateKey();
const repository: Repository = { installationId: 777, id: 1, owner: "acme", name: "ops" };
/** Every answer below is checked against it, and completed by it. */
const description = loadGitHubDescription();

let github: GitHub;
/** Paths with their queries, in order. */
let heard: string[];

interceptRequests();

beforeEach(() => {
  heard = [];
  nock(API)
    .post(/access_tokens$/)
    .reply(201, { token: "ghs_1", expires_at: "2099-01-01T00:00:00Z" });
  const log = pino({ level: "silent" });
  github = createGitHub({ appId: APP_ID, privateKey: PRIVATE_KEY, apiUrl: API, log, clock: new VirtualClock() });
});

afterEach(() => {
  nock.cleanAll();
});

/** Answers a GET as GitHub describes it; `more`: there is another page. */
function answer(path: string, data: unknown, query: Readonly<Record<string, string>> = {}, more = false): void {
  const whole = description.answer("GET", `${REPO}${path}`, 200, data);
  const link = { link: `<${API}${REPO}${path}?page=2>; rel="next"` };
  nock(API)
    .get(`${REPO}${path}`)
    .query((given) => Object.entries(query).every(([name, value]) => given[name] === value))
    .reply((uri) => {
      heard.push(uri.slice(REPO.length));
      return [200, JSON.stringify(whole), { "content-type": "application/json", ...(more ? link : {}) }];
    });
}

function refuse(path: string, status: number): void {
  nock(API)
    .get(`${REPO}${path}`)
    .query(true)
    .reply(status, { message: status === 404 ? "Not Found" : "Resource not accessible by integration" });
}

const deployment = (id: number, more: Readonly<Record<string, unknown>> = {}) => ({
  id,
  sha: String(id).repeat(40),
  ref: "main",
  task: "deploy",
  environment: "production",
  ...more,
});
const statuses = (...states: readonly string[]) => states.map((state, at) => ({ id: at + 1, state }));

describe("Deployments that worked", () => {
  //
  it("are those whose newest status says so, or that a later one took the place of", async () => {
    answer(
      "/deployments",
      [6, 5, 4, 3, 2, 1].map((id) => deployment(id)),
    );
    // It worked, and then it stopped working.
    answer("/deployments/6/statuses", statuses("error", "success", "in_progress"));
    answer("/deployments/5/statuses", statuses("in_progress", "queued"));
    answer("/deployments/4/statuses", statuses("failure", "in_progress"));
    answer("/deployments/3/statuses", statuses("success", "in_progress"));
    answer("/deployments/2/statuses", statuses("inactive", "success"));
    // Taken out of service without ever having worked.
    answer("/deployments/1/statuses", statuses("inactive", "error"));
    expect(await github.read.deployments(repository)).toEqual([
      { sha: "3".repeat(40), environment: "production" },
      { sha: "2".repeat(40), environment: "production" },
    ]);
  });

  it("are those of production where there are any, by its flag or its name, and else all", async () => {
    answer("/deployments", [
      deployment(3, { environment: "review", production_environment: false }),
      deployment(2, { environment: "eu", production_environment: true }),
      deployment(1, { environment: "Prod-us" }),
    ]);
    answer("/deployments/2/statuses", statuses("success"));
    answer("/deployments/1/statuses", statuses("success"));
    const found = await github.read.deployments(repository);
    expect(found.map(({ environment }) => environment)).toEqual(["eu", "Prod-us"]);
    answer("/deployments", [deployment(4, { environment: "review" })]);
    answer("/deployments/4/statuses", statuses("success"));
    expect(await github.read.deployments(repository)).toHaveLength(1);
  });

  it("are looked for among the newest ten, however many pages there are", async () => {
    answer("/deployments", [deployment(1)], { per_page: "10" }, true);
    answer("/deployments/1/statuses", statuses("success"), { per_page: "10" }, true);
    expect(await github.read.deployments(repository)).toHaveLength(1);
    expect(heard).toHaveLength(2);
  });

  it.each([403, 404])("are none where GitHub answers %i: the next kind of evidence has to do", async (status) => {
    refuse("/deployments", status);
    expect(await github.read.deployments(repository)).toEqual([]);
    answer("/deployments", [deployment(1)]);
    refuse("/deployments/1/statuses", status);
    expect(await github.read.deployments(repository)).toEqual([]);
  });

  it("are not known to be none where GitHub does not answer", async () => {
    refuse("/deployments", 503);
    await expect(github.read.deployments(repository)).rejects.toBeInstanceOf(TransientError);
  });
});

describe("The latest release", () => {
  //
  it("is known by its tag, and missing where there is none or the app may not read it", async () => {
    answer("/releases/latest", { tag_name: "v1.4.2", target_commitish: "main" });
    expect(await github.read.latestRelease(repository)).toBe("v1.4.2");
    for (const status of [403, 404]) {
      refuse("/releases/latest", status);
      expect(await github.read.latestRelease(repository)).toBe("missing");
    }
  });
});

describe("A commit", () => {
  const runs = (...told: readonly (readonly [string, string | null, number?])[]) => ({
    total_count: told.length,
    check_runs: told.map(([status, conclusion, app = 1], at) => ({
      id: at + 1,
      name: `check ${at}`,
      head_sha: SHA,
      status,
      conclusion,
      app: { id: app, slug: `app-${app}`, name: `App ${app}` },
    })),
  });
  const combined = (state: string, ...contexts: readonly string[]) => ({
    state,
    sha: SHA,
    total_count: contexts.length,
    statuses: contexts.map((context, at) => ({ id: at + 1, state, context })),
  });
  const NONE = combined("pending");

  it.each<readonly [string, ReturnType<typeof runs>, ReturnType<typeof combined>, boolean]>([
    [
      "whose checks passed, were skipped or neutral is good",
      runs(["completed", "success"], ["completed", "skipped"]),
      NONE,
      true,
    ],
    ["with a check that failed is not", runs(["completed", "success"], ["completed", "failure"]), NONE, false],
    ["with a check that waits for people is not", runs(["completed", "action_required"]), NONE, false],
    ["with a check that goes on is not", runs(["completed", "success"], ["in_progress", null]), NONE, false],
    ["with our own check alone is not", runs(["completed", "success", APP_ID]), NONE, false],
    [
      "with our own failed check among good ones is",
      runs(["completed", "failure", APP_ID], ["completed", "success"]),
      NONE,
      true,
    ],
    ["with statuses alone is, when all are good", runs(), combined("success", "ci/jenkins"), true],
    [
      "whose checks passed and one status failed is not",
      runs(["completed", "success"]),
      combined("failure", "ci"),
      false,
    ],
    ["with a status that is pending is not", runs(["completed", "success"]), combined("pending", "ci"), false],
    ["that nobody looked at is not", runs(), NONE, false],
  ])("%s known to be good", async (_says, checkRuns, status, expected) => {
    answer(`/commits/${SHA}/check-runs`, checkRuns);
    answer(`/commits/${SHA}/status`, status);
    expect(await github.read.isGreen(repository, SHA)).toBe(expected);
  });

  //
  it("is judged by its checks of every page", async () => {
    answer(`/commits/${SHA}/check-runs`, runs(["completed", "success"]), {}, true);
    answer(`/commits/${SHA}/check-runs`, runs(["completed", "failure"]), { page: "2" });
    expect(await github.read.isGreen(repository, SHA)).toBe(false);
    expect(heard).toHaveLength(2);
  });

  it.each([403, 404])("is judged by what the app may read, where GitHub answers %i to the rest", async (status) => {
    answer(`/commits/${SHA}/check-runs`, runs(["completed", "success"]));
    refuse(`/commits/${SHA}/status`, status);
    expect(await github.read.isGreen(repository, SHA)).toBe(true);
    refuse(`/commits/${SHA}/check-runs`, status);
    answer(`/commits/${SHA}/status`, combined("success", "ci"));
    expect(await github.read.isGreen(repository, SHA)).toBe(true);
    refuse(`/commits/${SHA}/check-runs`, status);
    refuse(`/commits/${SHA}/status`, status);
    expect(await github.read.isGreen(repository, SHA)).toBe(false);
  });
});

describe("The runs of a workflow", () => {
  it("are read as GitHub describes them, also of a fork that is gone, and by the permission they need", async () => {
    const path = "/actions/workflows/71/runs";
    const run = {
      workflow_id: 71,
      name: "CI",
      path: "acme/ops/.github/workflows/ci.yml@refs/heads/main",
      run_number: 3,
      event: "push",
      status: "completed",
      conclusion: "failure",
      head_branch: "main",
      head_sha: SHA,
    };
    const whole = description.answer("GET", `${REPO}${path}`, 200, { total_count: 1, workflow_runs: [run] }) as {
      workflow_runs: Record<string, unknown>[];
    };
    const [described] = whole.workflow_runs;
    nock(API)
      .get(`${REPO}${path}`)
      .query({ branch: "main", per_page: "50", exclude_pull_requests: "true" })
      .reply(200, { total_count: 2, workflow_runs: [described, { ...described, head_repository: null, name: null }] });
    expect(await github.read.workflowRuns(repository, 71, "main")).toMatchObject([
      { workflow: "CI", file: "ci.yml", number: 3, attempt: 1, conclusion: "failure", headRepositoryId: 0 },
      { workflow: "ci.yml", headRepositoryId: null },
    ]);
    nock(API)
      .get(`${REPO}${path}`)
      .query(true)
      .reply(
        403,
        { message: "Resource not accessible by integration" },
        { "x-accepted-github-permissions": "actions=read" },
      );
    await expect(github.read.workflowRuns(repository, 71, "main")).rejects.toThrow(
      "needs the permission actions: read",
    );
  });
});
