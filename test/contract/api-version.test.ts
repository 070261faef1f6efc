import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import type { Repository } from "../../src/core/model.ts";
import { API_VERSION, FIRST_API_VERSION } from "../../src/systems/github/api-version.ts";
import { createGitHub } from "../../src/systems/github/create-github.ts";
import type { GitHub } from "../../src/systems/github/ports.ts";
import { FakeGitHub } from "../../testkit/fake-github/fake-github.ts";
import { fakeOverHttp } from "../../testkit/fake-over-http/fake-over-http.ts";
import { changesFor, describedPaths, describedVersions } from "../../testkit/github-description.ts";
import { adapterSources, requestsToGitHub } from "../../testkit/requests-to-github.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";
import { interceptRequests, nock } from "../support/intercept-requests.ts";
import { testPrivateKey } from "./world.ts";

const PRIVATE_KEY = testPrivateKey();
const GITHUB_COM = "https://api.github.com";
const SERVER = "https://ghes.example/api/v3";
const repository: Repository = { installationId: 777, id: 1, owner: "acme", name: "ops" };
const MINUTE_MS = 60_000;

/**
 * What each change in the newest version means for Sevgate. One that is not here has to be looked at: either it is
 * unused, like a field that src/systems/github/ never names, or something takes care of it.
 */
const CHANGES: Readonly<Record<string, { readonly unused: string } | { readonly heldBy: string }>> = {
  // Requested in the first version where it is needed: ASKED_IN_FIRST.
  remove_pull_request_merge_commit_sha: { heldBy: "test/contract/github.contract.ts" },
  // Sevgate reads and sends the plural only.
  remove_singular_assignee_from_issues_and_pull_requests: { unused: "assignee" },
  remove_use_squash_pr_title_as_default: { unused: "use_squash_pr_title_as_default" },
  remove_has_downloads: { unused: "has_downloads" },
  // The media type that Sevgate names is the one that stays; these fields belong to the other.
  deprecate_beta_media_type: { unused: "beta" },
  // A folder's submodules were called files before.
  return_submodule_type_for_submodules_in_directory_lists: { heldBy: "test/contract/api-version.test.ts" },
};

let asked: {
  readonly path: string;
  readonly version: string | undefined;
  readonly authorization: string | undefined;
}[];
let versions: readonly [status: number, body: unknown];
let clock: VirtualClock;

interceptRequests();

beforeEach(() => {
  asked = [];
  versions = [200, [FIRST_API_VERSION, API_VERSION]];
  clock = new VirtualClock();
});

afterEach(() => nock.cleanAll());

/** A server that gives an installation its token, lists its versions, and has nothing else. */
function server(apiUrl: string): GitHub {
  const { origin, pathname } = new URL(apiUrl);
  const prefix = pathname === "/" ? "" : pathname;
  const answer = (path: string): readonly [number, unknown] => {
    const route = path.slice(prefix.length);
    if (route === "/versions") return versions;
    if (!route.endsWith("/access_tokens")) return [404, { message: "Not Found" }];
    return [201, { token: "ghs_1", expires_at: "2099-01-01T00:00:00Z" }];
  };
  const scope = nock(origin).persist();
  for (const method of ["get", "post", "patch", "delete"] as const) {
    scope[method](/.*/).reply(function (path) {
      const headers = this.req.headers as Readonly<Record<string, unknown>>;
      const text = (name: string) => (headers[name] === undefined ? undefined : String(headers[name]));
      asked.push({
        path: path.slice(prefix.length),
        version: text("x-github-api-version"),
        authorization: text("authorization"),
      });
      const [status, body] = answer(path);
      return [status, body as never];
    });
  }
  const log = pino({ level: "silent" });
  return createGitHub({ appId: 4_242, privateKey: PRIVATE_KEY, apiUrl, log, clock });
}

const askedVersions = () => asked.filter(({ path }) => path === "/versions");
const versionOf = (part: string) => asked.findLast(({ path }) => path.includes(part))?.version;

describe("the version of the API", () => {
  //
  it("is the newest that GitHub describes", () => {
    expect(describedVersions().at(-1)).toBe(API_VERSION);
    expect(describedVersions().at(0)).toBe(FIRST_API_VERSION);
  });

  it("changes nothing that is used, but what is known of each request Sevgate makes", () => {
    const requests = requestsOfSources();
    expect(requests.length).toBeGreaterThan(45);
    const changesets = new Set(changesFor(requests).map(({ changeset }) => changeset));
    expect([...changesets].toSorted()).toEqual(Object.keys(CHANGES).toSorted());
    const code = adapterSources()
      .map((text) => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ""))
      .join("\n");
    const used = Object.entries(CHANGES).flatMap(([changeset, how]) =>
      "unused" in how && new RegExp(`\\.${how.unused}\\b|\\b${how.unused}["']?\\s*:`).test(code) ? [changeset] : [],
    );
    expect(used).toEqual([]);
  });

  it("is one that the tests' GitHub answers in, as its description of that version has it", async () => {
    const fake = new FakeGitHub({ clock, appId: 4_242 });
    const place = fake.addRepository();
    const { number } = fake.as("alice").openPullRequest({ title: "Fix", commits: ["Fix"], files: { "a.md": "a" } });
    fake.as("alice").merge(number);
    const answer = fakeOverHttp(fake, place);
    const repo = `/repos/${place.owner}/${place.name}`;
    const ask = (path: string, version: string) => answer("GET", path, undefined, version);
    expect((await ask("/versions", API_VERSION)).body).toEqual(describedVersions());
    expect((await ask(`${repo}/pulls/${number}`, FIRST_API_VERSION)).body).toHaveProperty("merge_commit_sha");
    expect((await ask(`${repo}/pulls/${number}`, API_VERSION)).body).not.toHaveProperty("merge_commit_sha");
    expect((await ask(`${repo}/pulls/${number}`, "2031-01-01")).status).toBe(400);
  }, 30_000);

  it("is the newest on github.com, and nobody is asked for it", async () => {
    const github = server(GITHUB_COM);
    await github.read.issue(repository, 1);
    expect(askedVersions()).toEqual([]);
    expect(asked.map(({ version }) => version)).toEqual([API_VERSION, API_VERSION]);
  });

  it("is the first one where pull requests are read, whose merge commit the newest leaves out", async () => {
    const github = server(GITHUB_COM);
    await github.read.pullRequest(repository, 7);
    expect(versionOf("/pulls/7")).toBe(FIRST_API_VERSION);
    await github.read.pullRequestsOfCommit(repository, "a".repeat(40));
    expect(versionOf("/commits/")).toBe(FIRST_API_VERSION);
  });

  it("is asked once of a GitHub Enterprise Server, with the credentials of the first read, in no version", async () => {
    const github = server(SERVER);
    await Promise.all([github.read.issue(repository, 1), github.read.issue(repository, 2)]);
    clock.advance(60 * MINUTE_MS);
    await github.read.issue(repository, 3);
    expect(askedVersions()).toHaveLength(1);
    expect(askedVersions()[0]).toMatchObject({ version: undefined, authorization: "token ghs_1" });
    expect(versionOf("/issues/3")).toBe(API_VERSION);
  });

  it.each([
    { name: "has only the first", told: [200, [FIRST_API_VERSION]], version: FIRST_API_VERSION },
    { name: "has none", told: [404, { message: "Not Found" }], version: FIRST_API_VERSION },
    {
      name: "has one that Sevgate was not written for",
      told: [200, [FIRST_API_VERSION, API_VERSION, "2031-01-01"]],
      version: API_VERSION,
    },
    { name: "answers something else", told: [200, { versions: "all" }], version: FIRST_API_VERSION },
    { name: "answers nothing of use", told: [200, ["", 7, null]], version: FIRST_API_VERSION },
  ] as const)("is one the server has, and Sevgate knows: it $name", async ({ told, version }) => {
    versions = told;
    const github = server(SERVER);
    await github.read.issue(repository, 1);
    expect(versionOf("/issues/1")).toBe(version);
  });

  it("is not waited for by a write", async () => {
    const github = server(SERVER);
    await github.write.deleteComment(repository, 9).catch(() => {});
    expect(askedVersions()).toEqual([]);
    await github.read.issue(repository, 1);
    await github.write.editComment(repository, 9, "again").catch(() => {});
    expect(asked.map(({ version }) => version)).toEqual([
      FIRST_API_VERSION,
      FIRST_API_VERSION,
      undefined,
      API_VERSION,
      API_VERSION,
    ]);
  });

  it("is asked again where the server did not tell, a minute later, and the first one until then", async () => {
    versions = [502, "Bad Gateway"];
    const github = server(SERVER);
    await github.read.issue(repository, 1);
    await github.read.issue(repository, 2);
    expect(askedVersions()).toHaveLength(1);
    expect(versionOf("/issues/2")).toBe(FIRST_API_VERSION);
    versions = [200, [FIRST_API_VERSION, API_VERSION]];
    clock.advance(MINUTE_MS);
    await github.read.issue(repository, 3);
    expect(versionOf("/issues/3")).toBe(API_VERSION);
  });

  it.each([FIRST_API_VERSION, API_VERSION])("tells a folder's submodules from its files: %s", async (version) => {
    const submodule = version === FIRST_API_VERSION ? "file" : "submodule";
    const urls = { git_url: "https://ghes.example/api/v3/repos/acme/lib/git/trees/b", download_url: null };
    const entries = [
      { type: "file", path: "docs/a.md", sha: "a", size: 9 },
      { type: submodule, path: "docs/lib", sha: "b", size: 0, ...urls },
    ];
    nock("https://ghes.example")
      .persist()
      .get("/api/v3/versions")
      .reply(200, [version] as never)
      .post(/access_tokens$/)
      .reply(201, { token: "ghs_1", expires_at: "2099-01-01T00:00:00Z" })
      .get("/api/v3/repos/acme/ops/contents/docs")
      .reply(200, entries as never);
    const log = pino({ level: "silent" });
    const github = createGitHub({ appId: 4_242, privateKey: PRIVATE_KEY, apiUrl: SERVER, log, clock });
    expect(await github.read.folder(repository, "docs")).toEqual([
      { path: "docs/a.md", sha: "a", kind: "file" },
      { path: "docs/lib", sha: "b", kind: "other" },
    ]);
  });
});

/** Every request in the sources, by its template in GitHub's description. */
function requestsOfSources(): readonly { readonly method: string; readonly template: string }[] {
  return requestsToGitHub().map(({ method, path }) => ({ method, template: templateOf(path) }));
}

let templates: readonly string[] = [];

function templateOf(path: string): string {
  if (templates.length === 0) templates = describedPaths();
  const shape = (template: string) => template.replaceAll(/\{[^}]*\}/g, "{}");
  return templates.find((template) => shape(template) === shape(path)) ?? path;
}
