import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { TerminalError } from "../../src/base/errors.ts";
import type { Instant, Repository } from "../../src/core/model.ts";
import { createGitHub } from "../../src/systems/github/create-github.ts";
import { RefusedError } from "../../src/systems/github/errors.ts";
import type { GitHub } from "../../src/systems/github/ports.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";
import { interceptRequests, nock } from "../support/intercept-requests.ts";
import { testPrivateKey } from "./world.ts";

/*
 * Answers from github.com, recorded by octokit (`@octokit/fixtures`, MIT): complete, with headers, links and redirects,
 * and not written by us. They are from 2022: they lack what came later, and have what version 2026-03-10 removed. There
 * are none for comments, timelines, checks and rights.
 */

interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly response: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

const OWNER = "octokit-fixture-org";
const API = "https://api.github.com";
const PRIVATE_KEY = testPrivateKey();
const SHA = "0".repeat(39).concat("1");
const { resolve } = createRequire(import.meta.url);

/** Each recorded request of a scenario, in order. */
function recorded(scenario: string): readonly Recorded[] {
  const file = resolve(`@octokit/fixtures/scenarios/api.github.com/${scenario}/normalized-fixture.json`);
  return JSON.parse(readFileSync(file, "utf8")) as readonly Recorded[];
}

function named(name: string): Repository {
  return { installationId: 777, id: 1_000, owner: OWNER, name };
}

/** Answers one request as it was recorded. */
function answer(path: string | RegExp, { method, status, response, headers }: Recorded): void {
  const { location, link, "content-type": type = "application/json" } = headers;
  const kept = { "content-type": type, ...(location ? { location } : {}), ...(link ? { link } : {}) };
  const scope = nock(API).persist();
  scope
    .intercept(path, method.toUpperCase())
    .query(true)
    .reply(status, response as never, kept);
}

let github: GitHub;

interceptRequests();

beforeEach(() => {
  nock(API)
    .persist()
    .post(/access_tokens$/)
    .reply(201, { token: "ghs_1", expires_at: "2099-01-01T00:00:00Z" });
  const log = pino({ level: "silent" });
  github = createGitHub({ appId: 4_242, privateKey: PRIVATE_KEY, apiUrl: API, log, clock: new VirtualClock() });
});

afterEach(() => nock.cleanAll());

describe("what github.com answered once", () => {
  it("about a repository is understood", async () => {
    const [got] = recorded("get-repository");
    answer(`/repos/${OWNER}/hello-world`, got!);
    expect(await github.read.repository(named("hello-world"))).toEqual({
      id: 1_000,
      owner: OWNER,
      name: "hello-world",
      defaultBranch: expect.stringMatching(/^ma(?:in|ster)$/),
      isPrivate: false,
      archived: false,
      isDisabled: false,
      isFork: false,
      hasIssues: true,
    });
  });

  //
  it("for a renamed repository leads to it by its id", async () => {
    const [, moved, there] = recorded("rename-repository");
    expect(moved).toMatchObject({ method: "get", status: 301 });
    answer(`/repos/${OWNER}/rename-repository`, moved!);
    answer("/repositories/1000", there!);
    expect(await github.read.repository(named("rename-repository"))).toMatchObject({
      id: 1_000,
      name: "rename-repository-newname",
    });
  });

  it("as a list of issues over five pages is read whole, though its links name the repository by its id", async () => {
    const pages = recorded("paginate-issues");
    expect(pages).toHaveLength(5);
    const asked: string[] = [];
    nock(API)
      .persist()
      .get(`/repos/${OWNER}/paginate-issues/issues`)
      .query(true)
      .reply((path) => {
        const page = new URL(path, API).searchParams.get("page") ?? "1";
        asked.push(page);
        const { status, response, headers } = pages[Number(page) - 1]!;
        return [status, response as never, { "content-type": "application/json", ...linkOf(headers) }];
      });
    const { issues, pullRequests } = await github.read.changedSince(named("paginate-issues"), 0 as Instant);
    expect(asked).toEqual(["1", "2", "3", "4", "5"]);
    expect(issues).toHaveLength(13);
    expect(new Set(issues.map(({ number }) => number)).size).toBe(13);
    expect(pullRequests).toEqual([]);
    expect(issues[0]).toMatchObject({ state: "open", labels: [], author: { login: expect.any(String), isBot: false } });
  });

  it("to the opening of an issue and to labels on it is understood", async () => {
    const [opened, labelled] = recorded("add-labels-to-issue");
    answer(`/repos/${OWNER}/add-labels-to-issue/issues`, opened!);
    answer(`/repos/${OWNER}/add-labels-to-issue/issues/1/labels`, labelled!);
    const repository = named("add-labels-to-issue");
    const content = { title: "Issue without a label", body: "", labels: [] };
    const issue = await github.write.createIssue(repository, content, "incident");
    expect(issue).toMatchObject({
      number: 1,
      title: content.title,
      body: "",
      state: "open",
      labels: [],
      closedBy: null,
    });
    await github.write.addLabels(repository, 1, ["Foo", "bAr", "baZ"]);
  });

  it("about labels is understood, also with a space in a name", async () => {
    const [listed, created] = recorded("labels");
    answer(`/repos/${OWNER}/labels/labels`, listed!);
    answer(`/repos/${OWNER}/labels/labels`, created!);
    expect(await github.read.labels(named("labels"))).toEqual(
      expect.arrayContaining(["bug", "good first issue", "help wanted"]),
    );
    await github.write.createLabel(named("labels"), { name: "test-label", color: "663399", description: "" });
  });

  it("to a label with a colour that is none is a refusal that names the field", async () => {
    const [refused] = recorded("errors");
    answer(`/repos/${OWNER}/errors/labels`, refused!);
    // Before it counts as refused, the client asks whether it already exists.
    nock(API).get(`/repos/${OWNER}/errors/labels/foo`).reply(404, { message: "Not Found" });
    const error = await github.write
      .createLabel(named("errors"), { name: "foo", color: "invalid", description: "" })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ status: 422, reason: "Validation Failed (color invalid)" });
    expect(error).toBeInstanceOf(TerminalError);
  });

  //
  it("to a search is understood", async () => {
    const [found] = recorded("search-issues");
    answer("/search/issues", found!);
    const changed = await github.app.changedSince(777, OWNER, 0 as Instant, ["sev:P0"]);
    expect(changed).toMatchObject({
      continueFrom: null,
      entries: [
        { repository: `${OWNER}/search-issues`, number: 2, isPullRequest: false },
        { repository: `${OWNER}/search-issues`, number: 1, isPullRequest: false },
      ],
    });
  });

  it("about a folder is understood", async () => {
    const [listed] = recorded("get-content");
    answer(`/repos/${OWNER}/hello-world/contents/docs`, listed!);
    expect(await github.read.folder(named("hello-world"), "docs")).toEqual([
      { path: "README.md", sha: expect.stringMatching(/^[0-9a-f]{40}$/), kind: "file" },
    ]);
  });

  //
  it("about the statuses of a commit is understood: the last of each context counts", async () => {
    const combined = recorded("create-status").at(-1)!;
    answer(`/repos/${OWNER}/create-status/commits/${SHA}/status`, combined);
    const runs = { method: "get", path: "", status: 404, response: { message: "Not Found" }, headers: {} };
    answer(`/repos/${OWNER}/create-status/commits/${SHA}/check-runs`, runs);
    const { state } = combined.response as { readonly state: string };
    expect(await github.read.isGreen(named("create-status"), SHA)).toBe(state === "success");
  });

  it("about a release is understood", async () => {
    const [release] = recorded("release-assets");
    answer(`/repos/${OWNER}/release-assets/releases/latest`, release!);
    expect(await github.read.latestRelease(named("release-assets"))).toBe("v1.0.0");
  });

  it("for a branch without protection is nothing that is known", async () => {
    const [unprotected] = recorded("branch-protection");
    expect(unprotected).toMatchObject({ status: 404 });
    answer(`/repos/${OWNER}/branch-protection/rules/branches/main`, unprotected!);
    expect(await github.read.requiredChecks(named("branch-protection"), "main")).toBe("untold");
  });
});

function linkOf({ link }: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return link === undefined ? {} : { link };
}
