import { createPublicKey, createVerify } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { pino } from "pino";
import { HeldBackError, TerminalError, TransientError } from "../../src/base/errors.ts";
import type { CheckRunContent, Instant, Repository } from "../../src/core/model.ts";
import { CONTENT_CLASSES, type ContentClass } from "../../src/core/trust/content-class.ts";
import { CHECK_RUN_LIMITS, checkRunRequests } from "../../src/systems/github/check-run-requests.ts";
import { createGitHub } from "../../src/systems/github/create-github.ts";
import { redact } from "../../src/systems/github/errors.ts";
import { toComment, toIssue, toPermission, toTimeline } from "../../src/systems/github/facts.ts";
import type { AnsweredRequest } from "../../src/systems/github/github-client.ts";
import type { GitHub } from "../../src/systems/github/ports.ts";
import { CONTENT_BUDGET, RateLimits } from "../../src/systems/github/rate-limits.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";
import { interceptRequests, nock } from "../support/intercept-requests.ts";
import { testPrivateKey } from "./world.ts";

const API = "https://api.github.com";
const GHES = "https://ghes.example/api/v3";
const APP_ID = 4_242;
const PRIVATE_KEY = testPrivateKey();
const repository: Repository = { installationId: 777, id: 1, owner: "acme", name: "ops" };
const other: Repository = { installationId: 888, id: 2, owner: "umbrella", name: "ops" };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let clock: VirtualClock;
let logged: string[];
let asked: AnsweredRequest[];
/** Token requests so far, by installation. */
let tokens: Map<number, number>;

function client(apiUrl = API, options: { readonly requestTimeoutMs?: number } = {}): GitHub {
  const log = pino({ level: "trace" }, { write: (line: string) => void logged.push(line) });
  const onRequest = (request: AnsweredRequest) => void asked.push(request);
  return createGitHub({ appId: APP_ID, privateKey: PRIVATE_KEY, apiUrl, log, clock, onRequest, ...options });
}

/** Issues tokens named after the installation and how many it has had: `ghs_777_1`, `ghs_777_2` … */
function giveTokens(apiUrl = API): void {
  const { origin, pathname } = new URL(apiUrl);
  const prefix = pathname === "/" ? "" : pathname;
  nock(origin)
    .persist()
    .post(new RegExp(`^${prefix}/app/installations/\\d+/access_tokens$`))
    .reply((path) => {
      const installation = Number(/installations\/(\d+)/.exec(path)?.[1]);
      const count = (tokens.get(installation) ?? 0) + 1;
      tokens.set(installation, count);
      const expires_at = new Date(clock.now() + HOUR_MS).toISOString();
      return [201, { token: `ghs_${installation}_${count}`, expires_at, permissions: {} }];
    });
}

/** What a call ends with: its answer, or the error it throws. */
async function outcome(call: Promise<unknown>): Promise<unknown> {
  return call.catch((error: unknown) => error);
}

async function transient(call: Promise<unknown>): Promise<TransientError> {
  const error = await outcome(call);
  expect(error).toBeInstanceOf(TransientError);
  return error as TransientError;
}

async function terminal(call: Promise<unknown>): Promise<TerminalError> {
  const error = await outcome(call);
  expect(error).toBeInstanceOf(TerminalError);
  return error as TerminalError;
}

const comment = (id: number) => ({
  id,
  html_url: `https://github.com/acme/ops/issues/1#issuecomment-${id}`,
  user: { id: 5, login: "alice", type: "User" },
  body: `comment ${id}`,
  created_at: "2026-01-05T09:00:00Z",
  updated_at: "2026-01-05T09:00:00Z",
});

const issue = (more: Readonly<Record<string, unknown>> = {}) => ({
  id: 11,
  node_id: "I_11",
  number: 1,
  html_url: "https://github.com/acme/ops/issues/1",
  repository_url: `${API}/repos/acme/ops`,
  title: "Down",
  body: null,
  state: "open",
  labels: [],
  user: { id: 5, login: "alice", type: "User" },
  created_at: "2026-01-05T09:00:00Z",
  updated_at: "2026-01-05T09:00:00Z",
  comments: 0,
  ...more,
});

interceptRequests();

beforeEach(() => {
  clock = new VirtualClock();
  logged = [];
  asked = [];
  tokens = new Map();
});

afterEach(() => {
  nock.abortPendingRequests();
  nock.cleanAll();
});

describe("Credentials", () => {
  it.each([
    { name: "github.com", apiUrl: API },
    { name: "a GitHub Enterprise Server", apiUrl: GHES },
  ])("go to the configured host and nowhere else: $name", async ({ apiUrl }) => {
    const seen: { path: string; authorization: string }[] = [];
    giveTokens(apiUrl);
    nock.emitter.removeAllListeners("no match");
    const { origin, pathname } = new URL(apiUrl);
    const prefix = pathname === "/" ? "" : pathname;
    const record = function (this: { req: { headers: Record<string, string> } }, path: string) {
      seen.push({ path, authorization: String(this.req.headers["authorization"]) });
      return [200, path.endsWith("/app") ? { id: APP_ID, slug: "sevgate" } : comment(9)];
    };
    nock(origin)
      .get(`${prefix}/app`)
      .reply(record as never);
    nock(origin)
      .get(`${prefix}/repos/acme/ops/issues/comments/9`)
      .reply(record as never);

    const github = client(apiUrl);
    await github.app.identity();
    await github.read.comment(repository, 9);

    const [asApp, asInstallation] = seen;
    const [head = "", payload = "", signature = ""] = (asApp?.authorization.replace(/^bearer /i, "") ?? "").split(".");
    const verify = createVerify("RSA-SHA256").update(`${head}.${payload}`);
    expect(verify.verify(createPublicKey(PRIVATE_KEY), signature, "base64url")).toBe(true);
    expect(JSON.parse(Buffer.from(payload, "base64url").toString())).toMatchObject({ iss: APP_ID });
    expect(asInstallation?.authorization).toBe("token ghs_777_1");
    expect(nock.pendingMocks().filter((mock) => !mock.includes("access_tokens"))).toEqual([]);
  });

  it("ask GraphQL beside the REST API of a GitHub Enterprise Server", async () => {
    giveTokens(GHES);
    const closing = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };
    nock("https://ghes.example")
      .post("/api/graphql")
      .reply(200, { data: { repository: { pullRequest: { closingIssuesReferences: closing } } } });
    expect(await client(GHES).read.closingReferences(repository, { number: 2 })).toEqual([]);
  });

  it("ask for one token and keep it for its hour", async () => {
    giveTokens();
    nock(API).persist().get("/repos/acme/ops/issues/comments/9").reply(200, comment(9));
    const github = client();
    await Promise.all([github.read.comment(repository, 9), github.read.comment(repository, 9)]);
    clock.advance(58 * MINUTE_MS);
    await github.read.comment(repository, 9);
    expect(tokens.get(777)).toBe(1);
    clock.advance(MINUTE_MS);
    await github.read.comment(repository, 9);
    expect(tokens.get(777)).toBe(2);
  });

  it("are forgotten for an installation that changed, and for no other", async () => {
    giveTokens();
    nock(API)
      .persist()
      .get(/issues\/comments\/9$/)
      .reply(200, comment(9));
    const github = client();
    await github.read.comment(repository, 9);
    await github.read.comment(other, 9);
    github.forget(777);
    await github.read.comment(repository, 9);
    await github.read.comment(other, 9);
    expect(Object.fromEntries(tokens)).toEqual({ 777: 2, 888: 1 });
  });

  it.each([
    { name: "a read", call: (github: GitHub) => github.read.comment(repository, 9), method: "GET" },
    { name: "a write", call: (github: GitHub) => github.write.editComment(repository, 9, "new"), method: "PATCH" },
  ])("are renewed once when a token is refused, for $name", async ({ call, method }) => {
    giveTokens();
    const sent: string[] = [];
    nock(API)
      .persist()
      .intercept("/repos/acme/ops/issues/comments/9", method)
      .reply(function () {
        const token = String(this.req.headers["authorization"]);
        sent.push(token);
        return token === "token ghs_777_1" ? [401, { message: "Bad credentials" }] : [200, comment(9)];
      });
    expect(await call(client())).toMatchObject({ id: 9 });
    expect(sent).toEqual(["token ghs_777_1", "token ghs_777_2"]);
  });

  it("that stay refused are tried again later, without waiting here", async () => {
    giveTokens();
    nock(API).persist().post("/repos/acme/ops/issues/1/comments").reply(401, { message: "Bad credentials" });
    const error = await transient(client().write.createComment(repository, 1, "hello", "incident"));
    expect(error.retryAfterMs).toBeGreaterThan(0);
    expect(asked.filter((request) => request.route.endsWith("/comments"))).toHaveLength(2);
  });

  it("that are wrong are an error with the remedy", async () => {
    nock(API).get("/app").reply(401, { message: "A JSON web token could not be decoded" });
    expect((await terminal(client().app.identity())).message).toContain("Check APP_ID and PRIVATE_KEY");
  });

  it.each([
    { status: 404, said: "not installed there any more" },
    { status: 403, said: "This installation has been suspended" },
    { status: 401, said: "Check APP_ID and PRIVATE_KEY" },
  ])("that GitHub does not give ($status) never make an issue missing", async ({ status, said }) => {
    const message = status === 403 ? "This installation has been suspended" : "Not Found";
    nock(API)
      .persist()
      .post(/access_tokens$/)
      .reply(status, { message });
    const github = client();
    expect((await terminal(github.read.issue(repository, 1))).message).toContain(said);
    expect((await terminal(github.read.permission(repository, "alice"))).message).toContain(said);
  });

  it("that are no key are refused at the start, without being quoted", () => {
    const options = { appId: 1, apiUrl: API, log: pino({ level: "silent" }), clock };
    expect(() => createGitHub({ ...options, privateKey: "c2VjcmV0IGtleQ" })).toThrow(/not a PEM private key/);
    expect(() => createGitHub({ ...options, privateKey: "c2VjcmV0IGtleQ" })).not.toThrow(/c2VjcmV0/);
  });

  it("stay out of messages and logs, and so do bodies", async () => {
    giveTokens();
    const leak = "ghs_777_1 and eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOjF9.c2ln";
    nock(API)
      .get("/repos/acme/ops/issues/1")
      .reply(403, { message: `Token ${leak} is not accepted` });
    nock(API).post("/repos/acme/ops/issues/1/comments").reply(422, { message: "Validation Failed" });
    nock(API).post("/repos/acme/ops/issues/2/comments").reply(502, "<html>ghs_777_1</html>");
    nock(API).post("/repos/acme/ops/issues/3/comments").replyWithError("socket hang up with ghs_777_1");
    nock(API).post("/repos/acme/ops/issues/4/comments").reply(201, comment(4));
    const github = client();
    const errors = [
      await outcome(github.read.issue(repository, 1)),
      await outcome(github.write.createComment(repository, 1, "a private body", "incident")),
      await outcome(github.write.createComment(repository, 2, "a private body", "incident")),
      await outcome(github.write.createComment(repository, 3, "a private body", "incident")),
    ];
    await github.write.createComment(repository, 4, "a private body", "incident");
    for (const error of errors) pino({}, { write: (line: string) => void logged.push(line) }).error(error);
    expect(errors.every((error) => error instanceof Error)).toBe(true);
    const said = [...logged, ...errors.map((error) => (error as Error).message)].join("\n");
    expect(said).toContain("GitHub answered");
    expect(said).not.toMatch(/ghs_|eyJ|BEGIN|a private body/);
    expect(errors[0]).toHaveProperty("message", expect.stringContaining("[redacted]"));
  });

  it.each(["ghp_a", "ghs_4242_eyJh.b.c", "github_pat_11A_b", "ghu_x"])("of the form %s are redacted whole", (token) => {
    expect(redact(`before ${token} after`)).toBe("before [redacted] after");
  });
});

describe("Every request", () => {
  it("names the API version, the client, and what it accepts", async () => {
    const headers: Record<string, unknown>[] = [];
    const keep = function (this: { req: { headers: Record<string, unknown> } }) {
      headers.push(this.req.headers);
      return [200, { ...comment(9), token: "ghs_1", expires_at: "2099-01-01T00:00:00Z", id: 9, slug: "sevgate" }];
    };
    nock(API)
      .post(/access_tokens$/)
      .reply(keep as never);
    nock(API)
      .get("/app")
      .reply(keep as never);
    nock(API)
      .get("/repos/acme/ops/issues/comments/9")
      .reply(keep as never);
    const github = client();
    await github.app.identity();
    await github.read.comment(repository, 9);
    expect(headers).toHaveLength(3);
    for (const sent of headers) {
      expect(sent).toMatchObject({
        "x-github-api-version": "2026-03-10",
        "user-agent": expect.stringMatching(/^sevgate\/\d+\.\d+\.\d+$/),
        accept: "application/vnd.github+json",
      });
    }
  });

  it("is told by its route, never by anybody's names", async () => {
    giveTokens();
    nock(API).get("/repos/acme/ops/contents/docs/a%20b.md").reply(404, { message: "Not Found" });
    expect(await client().read.file(repository, "docs/a b.md")).toBe("missing");
    expect(asked).toEqual([
      {
        method: "POST",
        route: "/app/installations/{installation_id}/access_tokens",
        status: 201,
        installationId: null,
      },
      { method: "GET", route: "/repos/{owner}/{repo}/contents/{path}", status: 404, installationId: 777 },
    ]);
  });

  it.each([
    { name: "a path", call: (github: GitHub) => github.read.file(repository, "docs/../../../user") },
    { name: "a label", call: (github: GitHub) => github.write.removeLabel(repository, 1, "..") },
    { name: "a login", call: (github: GitHub) => github.read.permission(repository, "..") },
  ])("stays where it was meant to go: $name with dots is refused unsent", async ({ call }) => {
    giveTokens();
    await terminal((async () => call(client()))());
    expect(asked.filter((request) => !request.route.includes("access_tokens"))).toEqual([]);
  });

  it("follows a read to its new address", async () => {
    giveTokens();
    nock(API)
      .get("/repos/acme/ops/issues/1")
      .reply(301, "", { location: `${API}/repositories/1/issues/1` });
    nock(API)
      .get("/repositories/1/issues/1")
      .reply(200, issue({ repository_url: `${API}/repos/acme/operations` }));
    // The same repository under a new name: not moved.
    expect(await client().read.issue(repository, 1)).toMatchObject({ number: 1 });
  });

  it("says where a transferred issue went, and missing when that is not for us to see", async () => {
    giveTokens();
    nock(API)
      .persist()
      .get(/^\/repos\/acme\/ops\/issues\/\d$/)
      .reply(301, "", { location: "/repositories/2/issues/7" });
    nock(API)
      .get("/repositories/2/issues/7")
      .reply(200, issue({ number: 7, repository_url: `${API}/repos/acme/web` }));
    const github = client();
    expect(await github.read.issue(repository, 1)).toEqual({ movedTo: { repository: "acme/web", number: 7 } });
    nock(API).get("/repositories/2/issues/7").reply(404, { message: "Not Found" });
    expect(await github.read.issue(repository, 2)).toBe("missing");
  });

  it("never turns a write into a read: a moved one fails, and says so", async () => {
    giveTokens();
    nock(API)
      .post("/repos/acme/ops/issues/1/comments")
      .reply(301, "", { location: `${API}/repositories/1/issues/1` });
    const read = nock(API).get("/repositories/1/issues/1").reply(200, comment(1));
    expect((await terminal(client().write.createComment(repository, 1, "hello", "incident"))).message).toContain(
      "has moved",
    );
    expect(read.isDone()).toBe(false);
  });

  //
  it("follows a write that keeps its method and body (307)", async () => {
    giveTokens();
    nock(API)
      .post("/repos/acme/ops/issues/1/comments")
      .reply(307, "", { location: "/repositories/1/issues/1/comments" });
    nock(API).post("/repositories/1/issues/1/comments", { body: "hello" }).reply(201, comment(3));
    expect(await client().write.createComment(repository, 1, "hello", "incident")).toMatchObject({ id: 3 });
  });

  it("follows nothing to another host", async () => {
    giveTokens();
    nock(API).get("/repos/acme/ops/issues/comments/9").reply(302, "", { location: "https://elsewhere.example/9" });
    const elsewhere = nock("https://elsewhere.example").get("/9").reply(200, comment(9));
    expect((await terminal(client().read.comment(repository, 9))).message).toContain("another host");
    expect(elsewhere.isDone()).toBe(false);
  });
});

/** A pull request as far as its files go. */
const OPEN = { number: 7, headSha: "a".repeat(40), baseRef: "main", state: "open" as const };

describe("A pull request read at once", () => {
  const PULL = {
    number: 7,
    node_id: "PR_7",
    html_url: "https://github.com/acme/ops/pull/7",
    title: "Mend it",
    body: null,
    state: "open",
    user: { id: 5, login: "wendy" },
    head: { sha: "a".repeat(40) },
    base: { ref: "main", repo: { default_branch: "main" } },
  };

  it.each([
    ["refuses the app a part of it", 200, { data: null, errors: [{ type: "FORBIDDEN" }] }],
    ["knows no such field", 200, { errors: [{ message: "Field 'files' doesn't exist on type 'PullRequest'" }] }],
    ["cannot answer", 502, { message: "Bad Gateway" }],
  ])("is read in its parts where GraphQL %s", async (_case, status, said) => {
    giveTokens();
    nock(API).post("/graphql").reply(status, said);
    nock(API).get("/repos/acme/ops/pulls/7").reply(200, PULL);
    expect(await client().read.pullRequestAtOnce(repository, 7)).toMatchObject({ number: 7, title: "Mend it" });
  });

  const files = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ filename: `docs/${at}.md`, status: "added" }));

  /** The list of files, in pages of a hundred. */
  function list(all: readonly object[]) {
    nock(API)
      .persist()
      .get("/repos/acme/ops/pulls/7/files")
      .query(true)
      .reply((path) => {
        const page = Number(new URL(path, API).searchParams.get("page") ?? "1");
        const next = `<${API}/repos/acme/ops/pulls/7/files?per_page=100&page=${page + 1}>; rel="next"`;
        return [200, all.slice((page - 1) * 100, page * 100), page * 100 < all.length ? { link: next } : {}];
      });
  }
  function parting(sha: string) {
    nock(API)
      .get(/compare/)
      .reply(200, { commits: [], total_commits: 1, merge_base_commit: { sha } });
  }

  //
  it("has its files listed, and known not to be all, where GitHub lists no whole tree either", async () => {
    giveTokens();
    list(files(3_000));
    parting("b".repeat(40));
    nock(API)
      .persist()
      .get(/git\/trees/)
      .reply(200, { tree: [], truncated: true });
    const found = await client().read.pullRequestFiles(repository, OPEN);
    expect({ listed: found.files.length, isWhole: found.isWhole }).toEqual({ listed: 3_000, isWhole: false });
  });

  describe("and how many files it changes", () => {
    function tree(sha: string, paths: readonly string[]) {
      nock(API)
        .get(new RegExp(`git/trees/${sha}`))
        .reply(200, { tree: paths.map((path) => ({ type: "blob", mode: "100644", sha: "c".repeat(40), path })) });
    }

    it.each([
      { name: "is merged", pullRequest: { ...OPEN, state: "closed" as const } },
      { name: "was merged since it was read", pullRequest: OPEN },
    ])(
      "are listed where it $name: its head is in the branch, and no tree tells them any more",
      async ({ pullRequest }) => {
        giveTokens();
        list(files(311));
        parting(pullRequest.headSha);
        const found = await client().read.pullRequestFiles(repository, pullRequest);
        expect({ listed: found.files.length, isWhole: found.isWhole }).toEqual({ listed: 311, isWhole: true });
      },
    );

    it("are found in the trees where GitHub lists none of them", async () => {
      giveTokens();
      list([]);
      parting("b".repeat(40));
      tree("b".repeat(40), ["README.md"]);
      tree("a".repeat(40), ["README.md", ".github/sevgate.yml"]);
      expect(await client().read.pullRequestFiles(repository, OPEN)).toEqual({
        files: [{ path: ".github/sevgate.yml", status: "added" }],
        isWhole: true,
      });
    });

    it("are not known to be all where GitHub lists none, and no trees", async () => {
      giveTokens();
      list([]);
      nock(API)
        .get(/compare/)
        .reply(404, { message: "Not Found" });
      expect(await client().read.pullRequestFiles(repository, OPEN)).toEqual({ files: [], isWhole: false });
    });

    it("are listed as far as that goes where GitHub cannot compare them", async () => {
      giveTokens();
      list(files(311));
      nock(API)
        .get(/compare/)
        .reply(500, { message: "this diff is taking too long to generate" });
      const found = await client().read.pullRequestFiles(repository, OPEN);
      expect({ listed: found.files.length, isWhole: found.isWhole }).toEqual({ listed: 311, isWhole: true });
    });
  });
});

describe("What GitHub has answered before", () => {
  const COMMENT = "/repos/acme/ops/issues/comments/9";
  /** Answers 304 to a request with the right tag, and reports what was asked with which tag. */
  function answerWith(tagOf: () => string, body: () => object, path: string | RegExp = COMMENT) {
    const tags: (string | undefined)[] = [];
    nock(API)
      .persist()
      .get(path)
      .reply(function () {
        const asking = this.req.headers["if-none-match"] as string | undefined;
        tags.push(asking === undefined ? undefined : String(asking));
        const headers = { etag: tagOf(), "x-ratelimit-remaining": "4999" };
        return String(asking) === tagOf() ? [304, "", headers] : [200, body(), headers];
      });
    return tags;
  }

  it("is not sent again while it holds, and is given as fresh: GitHub is asked each time", async () => {
    giveTokens();
    let version = 1;
    const tags = answerWith(
      () => `"v${version}"`,
      () => ({ ...comment(9), body: `version ${version}` }),
    );
    const github = client();
    expect(await github.read.comment(repository, 9)).toMatchObject({ body: "version 1" });
    expect(await github.read.comment(repository, 9)).toMatchObject({ body: "version 1" });
    version = 2;
    expect(await github.read.comment(repository, 9)).toMatchObject({ body: "version 2" });
    expect(await github.read.comment(repository, 9)).toMatchObject({ body: "version 2" });
    expect(tags).toEqual([undefined, '"v1"', '"v1"', '"v2"']);
    expect(asked.filter(({ route }) => route.includes("comments")).map(({ status }) => status)).toEqual([
      200, 304, 200, 304,
    ]);
  });

  //
  it("is also what a write has answered, if GitHub gives a read of it the same tag", async () => {
    giveTokens();
    let text = "";
    const tags = answerWith(
      () => `"${text}"`,
      () => ({ ...comment(9), body: text }),
    );
    const written = (_path: string, sent: unknown) => {
      text = (sent as { readonly body: string }).body;
      return { ...comment(9), body: text };
    };
    const tag = () => `"${text}"`;
    const location = `${API}${COMMENT}`;
    nock(API).post("/repos/acme/ops/issues/1/comments").reply(201, written, { etag: tag, location });
    nock(API).patch(COMMENT).reply(200, written, { etag: tag });
    const github = client();
    await github.write.createComment(repository, 1, "first", "incident");
    expect(await github.read.comment(repository, 9)).toMatchObject({ body: "first" });
    await github.write.editComment(repository, 9, "second");
    expect(await github.read.comment(repository, 9)).toMatchObject({ body: "second" });
    text = "third, by somebody else";
    expect(await github.read.comment(repository, 9)).toMatchObject({ body: "third, by somebody else" });
    expect(tags).toEqual(['"first"', '"second"', '"second"']);
    expect(asked.filter(({ status }) => status === 304)).toHaveLength(2);
  });

  it("is not taken from a creation that says it is on another host", async () => {
    giveTokens();
    const tags = answerWith(
      () => '"same"',
      () => comment(9),
    );
    const location = `https://elsewhere.example${COMMENT}`;
    nock(API).post("/repos/acme/ops/issues/1/comments").reply(201, comment(9), { etag: '"same"', location });
    const github = client();
    await github.write.createComment(repository, 1, "first", "incident");
    await github.read.comment(repository, 9);
    expect(tags).toEqual([undefined]);
  });

  //
  it("is told to no other installation, and is forgotten with the installation's token", async () => {
    giveTokens();
    const tags = answerWith(
      () => '"same"',
      () => comment(9),
      /issues\/comments\/9$/,
    );
    const github = client();
    await github.read.comment(repository, 9);
    await github.read.comment(other, 9);
    github.forget(777);
    await github.read.comment(repository, 9);
    await github.read.comment(other, 9);
    expect(tags).toEqual([undefined, undefined, undefined, '"same"']);
  });

  it("is read to its last page, also where every page is unchanged", async () => {
    giveTokens();
    nock(API)
      .persist()
      .get("/repos/acme/ops/issues/1/comments")
      .query(true)
      .reply(function (path) {
        const page = Number(new URL(path, API).searchParams.get("page") ?? "1");
        const etag = `"page-${page}"`;
        if (String(this.req.headers["if-none-match"]) === etag) return [304, "", { etag }];
        const next = `<${API}/repos/acme/ops/issues/1/comments?per_page=100&page=${page + 1}>; rel="next"`;
        return [200, [comment(page)], { etag, ...(page < 3 ? { link: next } : {}) }];
      });
    const github = client();
    for (const round of [1, 2]) {
      const ids = (await github.read.comments(repository, 1, null)).map(({ id }) => id);
      expect({ round, ids }).toEqual({ round, ids: [1, 2, 3] });
    }
    expect(asked.filter(({ status }) => status === 304)).toHaveLength(3);
  });

  it("is gone when the thing is gone, and a refusal is never taken for it", async () => {
    giveTokens();
    nock(API).get(COMMENT).reply(200, comment(9), { etag: '"v1"' });
    nock(API).get(COMMENT).reply(404, { message: "Not Found" });
    nock(API).get(COMMENT).reply(403, { message: "Resource not accessible by integration" });
    const github = client();
    expect(await github.read.comment(repository, 9)).toMatchObject({ id: 9 });
    expect(await github.read.comment(repository, 9)).toBe("missing");
    expect((await terminal(github.read.comment(repository, 9))).status).toBe(403);
  });

  it("lets a quiet repository be asked for its changes in the same words for an hour", async () => {
    giveTokens();
    const at = (text: string) => Date.parse(text) as Instant;
    const changed = [issue({ number: 2, updated_at: "2026-01-05T09:40:00Z" }), issue({ number: 1 })];
    const tags = answerWith(
      () => '"list"',
      () => changed,
      /^\/repos\/acme\/ops\/issues\?.*since=2026-01-05T09%3A00%3A00/,
    );
    const github = client();
    for (const since of ["2026-01-05T09:05:00Z", "2026-01-05T09:40:00Z"]) {
      const { issues } = await github.read.changedSince(repository, at(since));
      expect(issues.map(({ number }) => number)).toEqual([2]);
    }
    expect(tags).toEqual([undefined, '"list"']);
  });

  it("of more than five thousand changes says that it is not whole, unless what was left out is older than was asked for", async () => {
    giveTokens();
    const page = Array.from({ length: 100 }, (_, at) => issue({ number: at + 1, updated_at: "2026-01-05T09:40:00Z" }));
    const link = `<${API}/repos/acme/ops/issues?page=2>; rel="next"`;
    nock(API).persist().get("/repos/acme/ops/issues").query(true).reply(200, page, { link });
    const asked = async (since: string) => await client().read.changedSince(repository, Date.parse(since) as Instant);
    const { issues, isWhole } = await asked("2026-01-05T09:30:00Z");
    expect([issues.length, isWhole]).toEqual([5_000, false]);
    expect((await asked("2026-01-05T09:50:00Z")).isWhole).toBe(true);
  });
});

describe("A failure", () => {
  const cases: readonly [status: number, kind: "transient" | "terminal"][] = [
    [400, "terminal"],
    [403, "terminal"],
    [408, "transient"],
    [409, "transient"],
    [422, "terminal"],
    [425, "transient"],
    [429, "transient"],
    [451, "terminal"],
    [500, "transient"],
    [502, "transient"],
    [503, "transient"],
    [504, "transient"],
  ];
  it.each(cases)("of status %i is %s, and the write is sent once", async (status, kind) => {
    giveTokens();
    nock(API).persist().post("/repos/acme/ops/issues/1/comments").reply(status, { message: "No." });
    const error = await outcome(client().write.createComment(repository, 1, "hello", "incident"));
    expect(error).toBeInstanceOf(kind === "transient" ? TransientError : TerminalError);
    expect((error as Error).message).toContain("POST /repos/{owner}/{repo}/issues/{issue_number}/comments");
    expect((error as Error).message).toContain(String(status));
    expect(asked.filter((request) => request.route.endsWith("/comments"))).toHaveLength(1);
  });

  it.each([404, 410])("of status %i is missing to a reader, and terminal to a writer", async (status) => {
    giveTokens();
    nock(API).persist().get("/repos/acme/ops/issues/1").reply(status, { message: "Gone" });
    nock(API).persist().patch("/repos/acme/ops/issues/1").reply(status, { message: "Gone" });
    const github = client();
    expect(await github.read.issue(repository, 1)).toBe("missing");
    expect(await terminal(github.write.reopenIssue(repository, 1))).toMatchObject({ status });
  });

  //
  it("for want of a permission names the permission and what to do", async () => {
    giveTokens();
    const headers = { "x-accepted-github-permissions": "issues=write" };
    nock(API)
      .post("/repos/acme/ops/issues/1/comments")
      .reply(403, { message: "Resource not accessible by integration" }, headers);
    const { message } = await terminal(client().write.createComment(repository, 1, "hello", "incident"));
    expect(message).toContain("Resource not accessible by integration");
    expect(message).toContain("issues: write");
    expect(message).toContain("Grant it");
  });

  //
  it.each([
    [403, "Resource not accessible by integration", true],
    [404, "Not Found", true],
    [422, "Repository rule violations found", undefined],
    [403, "Repository was archived so is read-only.", undefined],
  ])("of a branch (%i, %s) tells whether it is the app's rights that are lacking", async (status, message, lacks) => {
    giveTokens();
    nock(API).post("/repos/acme/ops/git/refs").reply(status, { message });
    const refused = await client().write.createBranch(repository, "x", "a".repeat(40));
    expect(refused).toEqual({
      refused: lacks === true ? expect.stringContaining("contents: write") : message,
      ...(lacks === true ? { lacksRights: true } : {}),
    });
  });

  it("of the network is transient, and the write is sent once", async () => {
    let connections = 0;
    const github = await onLoopback((request, response) => {
      connections += 1;
      if (giveTokenTo(request.url, response)) return;
      request.socket.destroy();
    });
    const error = await transient(github.write.createComment(repository, 1, "hello", "incident"));
    expect(error.message).toContain("no answer from GitHub");
    expect(connections).toBe(2);
  });

  it("to answer in time is transient", async () => {
    const github = await onLoopback((request, response) => {
      giveTokenTo(request.url, response);
    }, 200);
    expect((await transient(github.write.createComment(repository, 1, "hello", "incident"))).message).toContain(
      "time-out",
    );
  });

  it("twice in a row stops the installation for a few seconds, unasked, and no other: it holds nobody's place", async () => {
    let isSilent = true;
    let reads = 0;
    const github = await onLoopback((request, response) => {
      if (giveTokenTo(request.url, response)) return;
      const isAsked = request.url?.startsWith("/repos/acme/") === true;
      if (isAsked) reads += 1;
      if (isAsked && isSilent) return;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(comment(9)));
    }, 300);
    const ask = () => github.read.comment(repository, 9);
    await Promise.all([transient(ask()), transient(ask()), transient(ask())]);
    const sent = reads;
    expect((await transient(ask())).retryAfterMs).toBe(5_000);
    expect(reads).toBe(sent);
    expect(await github.read.comment(other, 9)).toMatchObject({ id: 9 });

    // One request finds out, and the others do not wait for its time limit.
    clock.advance(5_000);
    const probe = transient(ask());
    expect((await transient(ask())).retryAfterMs).toBe(5_000);
    await probe;
    expect(reads).toBe(sent + 1);
    expect((await transient(ask())).retryAfterMs).toBe(10_000);

    clock.advance(10_000);
    isSilent = false;
    expect(await ask()).toMatchObject({ id: 9 });
    expect(await ask()).toMatchObject({ id: 9 });
  });

  it("once is no reason not to ask", async () => {
    let reads = 0;
    const github = await onLoopback((request, response) => {
      if (giveTokenTo(request.url, response)) return;
      if (request.url?.startsWith("/repos/acme/") === true) reads += 1;
      if (reads % 2 === 1) return;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(comment(9)));
    }, 300);
    for (let round = 0; round < 3; round += 1) {
      expect((await transient(github.read.comment(repository, 9))).message).toContain("time-out");
      expect(await github.read.comment(repository, 9)).toMatchObject({ id: 9 });
    }
  });

  it("in the middle of an answer is not taken for an empty answer", async () => {
    const github = await onLoopback((request, response) => {
      if (giveTokenTo(request.url, response)) return;
      response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
      response.write("[{", () => response.destroy());
    });
    await transient(github.read.comments(repository, 1, null));
  });

  it("to speak JSON is transient: a page of a proxy is not what GitHub says", async () => {
    giveTokens();
    nock(API).get("/repos/acme/ops/issues/1").reply(200, "<html>Sign in</html>", { "content-type": "text/html" });
    await transient(client().read.issue(repository, 1));
  });

  it("to speak as GitHub does names the place, and not the value", async () => {
    giveTokens();
    nock(API)
      .get("/repos/acme/ops/issues/1")
      .reply(200, issue({ labels: "secret" }));
    const { message } = await terminal(client().read.issue(repository, 1));
    expect(message).toContain("at labels");
    expect(message).not.toContain("secret");
  });

  let server: Server | null = null;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = null;
  });

  /** A server that issues tokens, so that a test decides about the rest. */
  async function onLoopback(listener: RequestListener, requestTimeoutMs?: number): Promise<GitHub> {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return client(`http://127.0.0.1:${port}`, requestTimeoutMs === undefined ? {} : { requestTimeoutMs });
  }

  it("is read no further than it may be long: of 250 commits with a megabyte of message each nothing is kept", async () => {
    let sent = 0;
    const github = await onLoopback((request, response) => {
      if (giveTokenTo(request.url, response)) return;
      response.writeHead(200, { "content-type": "application/json" });
      const commit = JSON.stringify({ sha: "a".repeat(40), commit: { message: "m".repeat(1_048_576) } });
      const more = (at: number): void => {
        if (at === 100 || response.destroyed) {
          response.end("]");
          return;
        }
        sent += 1;
        response.write(`${at === 0 ? "[" : ","}${commit}`, () => setImmediate(more, at + 1));
      };
      more(0);
    });
    expect(await github.read.pullRequestCommits(repository, { number: 1 })).toEqual({ commits: [], isWhole: false });
    expect(sent).toBeLessThan(60);
  });

  function giveTokenTo(url: string | undefined, response: Parameters<RequestListener>[1]): boolean {
    if (!url?.endsWith("/access_tokens")) return false;
    response.writeHead(201, { "content-type": "application/json" });
    response.end(JSON.stringify({ token: "ghs_1", expires_at: "2099-01-01T00:00:00Z", permissions: {} }));
    return true;
  }
});

describe("Rate limits", () => {
  const COMMENT = "/repos/acme/ops/issues/comments/9";

  //
  it("stop one installation until the reset, unasked, and no other", async () => {
    giveTokens();
    const reset = String((clock.now() + 10 * MINUTE_MS) / 1_000);
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset };
    nock(API).get(COMMENT).reply(403, { message: "API rate limit exceeded" }, headers);
    nock(API).get("/repos/umbrella/ops/issues/comments/9").reply(200, comment(9));
    const github = client();
    expect((await transient(github.read.comment(repository, 9))).retryAfterMs).toBe(10 * MINUTE_MS);

    const asksBefore = asked.length;
    clock.advance(4 * MINUTE_MS);
    expect((await transient(github.read.comment(repository, 9))).retryAfterMs).toBe(6 * MINUTE_MS);
    expect(asked).toHaveLength(asksBefore);
    expect(await github.read.comment(other, 9)).toMatchObject({ id: 9 });

    clock.advance(6 * MINUTE_MS);
    nock(API).get(COMMENT).reply(200, comment(9));
    expect(await github.read.comment(repository, 9)).toMatchObject({ id: 9 });
  });

  it("are kept when the last request of the hour succeeds: the next one waits", async () => {
    giveTokens();
    const reset = String((clock.now() + MINUTE_MS) / 1_000);
    nock(API).get(COMMENT).reply(200, comment(9), { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset });
    const github = client();
    await github.read.comment(repository, 9);
    expect((await transient(github.read.comment(repository, 9))).retryAfterMs).toBe(MINUTE_MS);
  });

  it("are told as the last answer had them, for each installation", async () => {
    giveTokens();
    const resetsAt = clock.now() + 10 * MINUTE_MS;
    const told = { "x-ratelimit-limit": "12500", "x-ratelimit-reset": String(resetsAt / 1_000) };
    const github = client();
    expect(await github.app.requestLimit(777)).toBeNull();
    for (const remaining of ["12499", "12498"]) {
      nock(API)
        .get(COMMENT)
        .reply(200, comment(9), { ...told, "x-ratelimit-remaining": remaining });
      await github.read.comment(repository, 9);
    }
    expect(await github.app.requestLimit(777)).toEqual({ limit: 12_500, remaining: 12_498, resetsAt });
    expect(await github.app.requestLimit(888)).toBeNull();
    github.forget(777);
    expect(await github.app.requestLimit(777)).toBeNull();
  });

  it.each([403, 429])("of the secondary kind (%i) wait as long as GitHub says", async (status) => {
    giveTokens();
    nock(API)
      .get(COMMENT)
      .reply(status, { message: "You have exceeded a secondary rate limit" }, { "retry-after": "90" });
    expect((await transient(client().read.comment(repository, 9))).retryAfterMs).toBe(90_000);
  });

  it("of the secondary kind wait a minute where GitHub says nothing, and longer each time", async () => {
    giveTokens();
    nock(API).persist().get(COMMENT).reply(403, { message: "You have exceeded a secondary rate limit." });
    const github = client();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const { retryAfterMs } = await transient(github.read.comment(repository, 9));
      waits.push(Number(retryAfterMs));
      clock.advance(Number(retryAfterMs));
    }
    expect(waits).toEqual([1, 2, 4, 8, 15, 15].map((minutes) => minutes * MINUTE_MS));
  });

  it("of a token request pause too, and are no refusal", async () => {
    nock(API)
      .post(/access_tokens$/)
      .reply(403, { message: "secondary rate limit" }, { "retry-after": "30" });
    expect((await transient(client().read.comment(repository, 9))).retryAfterMs).toBe(30_000);
  });

  it("are a wait of at most 65 minutes, whatever a broken clock says", async () => {
    giveTokens();
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "99999999999" };
    nock(API).get(COMMENT).reply(403, {}, headers);
    expect((await transient(client().read.comment(repository, 9))).retryAfterMs).toBe(65 * MINUTE_MS);
  });

  it("leave people a share: creating stops before GitHub's limit, per installation, and reading goes on", async () => {
    giveTokens();
    nock(API)
      .persist()
      .post(/\/issues\/1\/comments$/)
      .reply(201, comment(1));
    nock(API).persist().get(COMMENT).reply(200, comment(9));
    const github = client();
    const [{ requests: perMinute }] = CONTENT_BUDGET;
    for (let created = 0; created < perMinute; created += 1)
      await github.write.createComment(repository, 1, "x", "incident");
    clock.advance(10_000);
    expect((await transient(github.write.createComment(repository, 1, "x", "incident"))).retryAfterMs).toBe(50_000);
    expect(await github.read.comment(repository, 9)).toMatchObject({ id: 9 });
    expect(await github.write.createComment(other, 1, "x", "incident")).toMatchObject({ id: 1 });
    clock.advance(50_000);
    expect(await github.write.createComment(repository, 1, "x", "incident")).toMatchObject({ id: 1 });
  });

  //
  it("never let more be created in any minute or hour than the budget, and all of it in the end", () => {
    const pauseMs = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 90_000 }));
    fc.assert(
      fc.property(fc.array(pauseMs, { minLength: 1, maxLength: 20 }), (pausesMs) => {
        const limited = new VirtualClock();
        const limits = new RateLimits(limited);
        const created: number[] = [];
        for (let attempt = 0; created.length < 600; attempt += 1) {
          limited.advance(pausesMs[attempt % pausesMs.length] ?? 0);
          try {
            limits.admit(777, "POST /x", "incident");
            created.push(limited.now());
          } catch (error) {
            if (!(error instanceof TransientError)) throw error;
            // As the queue does: comes back at the stated time, and then it must work.
            limited.advance(Number(error.retryAfterMs));
            limits.admit(777, "POST /x", "incident");
            created.push(limited.now());
          }
        }
        for (const { requests, perMs } of CONTENT_BUDGET) {
          created.forEach((at, index) => {
            const nextOver = created[index + requests];
            if (nextOver !== undefined) expect(nextOver - at).toBeGreaterThanOrEqual(perMs);
          });
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("The budget of what may be created", () => {
  it("never let a class create what is kept for a higher one", () => {
    const attempt = fc.record({
      pauseMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })),
      creates: fc.constantFrom(...CONTENT_CLASSES),
      times: fc.integer({ min: 1, max: 80 }),
    });
    fc.assert(
      fc.property(fc.array(attempt, { minLength: 1, maxLength: 60 }), (attempts) => {
        const limited = new VirtualClock();
        const limits = new RateLimits(limited);
        const created: { readonly at: number; readonly creates: ContentClass }[] = [];
        for (const { pauseMs, creates, times } of attempts) {
          limited.advance(pauseMs);
          for (let count = 0; count < times; count += 1) {
            const now = limited.now();
            const isFree = CONTENT_BUDGET.every(({ perMs, upTo, own }) => {
              const lately = created.filter(({ at }) => at > now - perMs);
              const alike = lately.filter((one) => one.creates === creates);
              const most = (own as { readonly [Class in ContentClass]?: number })[creates] ?? Number.POSITIVE_INFINITY;
              return lately.length < upTo[creates] && alike.length < most;
            });
            const isAdmitted = outcomeOf(() => limits.admit(777, "POST /x", creates));
            // Lower classes together never use up what is kept for higher ones.
            expect(isAdmitted).toBe(isFree ? "admitted" : creates === "incident" ? "later" : "held back");
            if (isFree) created.push({ at: now, creates });
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it("keeps fifteen a minute and a hundred an hour for incidents, whatever the others do", () => {
    const limited = new VirtualClock();
    const limits = new RateLimits(limited);
    for (let minute = 0; minute < 60; minute += 1) {
      for (const creates of ["outsider", "upkeep", "team"] as const) {
        for (let count = 0; count < 100; count += 1) outcomeOf(() => limits.admit(777, "POST /x", creates));
      }
      limited.advance(MINUTE_MS - 1);
    }
    limited.advance(2 * MINUTE_MS);
    const incidents = Array.from({ length: 15 }, () => outcomeOf(() => limits.admit(777, "POST /x", "incident")));
    expect(incidents).toEqual(Array(15).fill("admitted"));
  });

  it("leaves outsiders their own few also while an incident writes", () => {
    const limits = new RateLimits(new VirtualClock());
    for (let count = 0; count < 20; count += 1) limits.admit(777, "POST /x", "incident");
    const outside = Array.from({ length: 11 }, () => outcomeOf(() => limits.admit(777, "POST /x", "outsider")));
    expect(outside).toEqual([...Array(10).fill("admitted"), "held back"]);
  });

  it("has no room for onboarding while others write, and leaves room for everything else", () => {
    const limits = new RateLimits(new VirtualClock());
    for (let count = 0; count < 17; count += 1) limits.admit(777, "POST /x", "team");
    expect(outcomeOf(() => limits.reserve(777, "onboarding", "onboarding", 4))).toBe("held back");
    const others = new RateLimits(new VirtualClock());
    for (let count = 0; count < 5; count += 1) others.reserve(777, "onboarding", "onboarding", 4);
    expect(outcomeOf(() => others.reserve(777, "onboarding", "onboarding", 1))).toBe("held back");
    expect(outcomeOf(() => others.admit(777, "POST /x", "outsider"))).toBe("admitted");
    for (let count = 0; count < 39; count += 1)
      expect(outcomeOf(() => others.admit(777, "POST /x", "incident"))).toBe("admitted");
  });

  function outcomeOf(admit: () => void): "admitted" | "held back" | "later" {
    try {
      admit();
      return "admitted";
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      expect(error.retryAfterMs).toBeGreaterThan(0);
      return error instanceof HeldBackError ? "held back" : "later";
    }
  }
});

describe("A search for what changed", () => {
  const since = Date.parse("2026-01-05T09:00:00Z") as Instant;
  const found = (number: number, second: number, more: Readonly<Record<string, unknown>> = {}) => ({
    number,
    repository_url: `${API}/repos/acme/shop-${number}`,
    labels: [{ name: "sev:P0" }],
    updated_at: new Date(since + second * 1_000).toISOString(),
    ...more,
  });
  const answer = (items: readonly object[], isIncomplete = false) => ({
    total_count: items.length,
    incomplete_results: isIncomplete,
    items,
  });
  const ask = (github: GitHub, from = since) => github.app.changedSince(777, "acme", from, null);
  /** What was asked for, in order. */
  let questions: { readonly q: string; readonly page: string }[];

  /** A search over these issues, by the second in which they were changed; no pull request is found. */
  function searchable(seconds: readonly number[]): void {
    nock(API)
      .persist()
      .get("/search/issues")
      .query(true)
      .reply((path) => {
        const query = new URL(path, API).searchParams;
        const q = query.get("q") ?? "";
        const page = Number(query.get("page"));
        questions.push({ q, page: String(page) });
        if (q.includes("is:pull-request")) return [200, answer([])];
        const from = Date.parse(/updated:>=(\S+)/.exec(q)?.[1] ?? "");
        const items = seconds.flatMap((second, at) => (since + second * 1_000 >= from ? [found(at, second)] : []));
        return [200, answer(items.slice((page - 1) * 100, page * 100))];
      });
  }

  beforeEach(() => {
    giveTokens();
    questions = [];
  });

  //
  it("asks for issues and for pull requests, by the second, oldest first", async () => {
    searchable([0, 5]);
    expect(await ask(client(), (since + 250) as Instant)).toEqual({
      entries: [0, 1].map((number) => ({
        repository: `acme/shop-${number}`,
        number,
        isPullRequest: false,
        labels: ["sev:P0"],
        updatedAt: since + number * 5_000,
      })),
      continueFrom: null,
    });
    expect(questions.map(({ q }) => q)).toEqual([
      "user:acme is:issue updated:>=2026-01-05T09:00:00Z",
      "user:acme is:pull-request updated:>=2026-01-05T09:00:00Z",
    ]);
  });

  it("asks for open issues that bear one of the labels", async () => {
    searchable([0]);
    await client().app.changedSince(777, "acme", since, ["incident:declared", "a b"]);
    expect(questions.map(({ q }) => q)).toEqual([
      'user:acme is:issue is:open label:"incident:declared","a b" updated:>=2026-01-05T09:00:00Z',
    ]);
  });

  it("goes on from the last one found, and not by pages: they move while it reads", async () => {
    searchable(Array.from({ length: 250 }, (_, at) => at));
    const all = await ask(client());
    expect(all).toMatchObject({ continueFrom: null });
    expect(all === "unsupported" ? [] : all.entries.map(({ number }) => number)).toHaveLength(250);
    expect(questions.every(({ page }) => page === "1")).toBe(true);
  });

  it("goes by pages within a second in which more changed than fit on one", async () => {
    searchable(Array.from({ length: 250 }, () => 0));
    const all = await ask(client());
    expect(all === "unsupported" ? [] : all.entries).toHaveLength(250);
  });

  it("says where to go on when there is more than it reads at once", async () => {
    searchable(Array.from({ length: 5_000 }, (_, at) => at));
    const github = client();
    const seen = new Set<number>();
    let from = since;
    for (let count = 0; ; count += 1) {
      const some = await ask(github, from);
      if (some === "unsupported") throw new Error("it cannot search");
      for (const { number } of some.entries) seen.add(number);
      if (some.continueFrom === null) break;
      expect(some.continueFrom).toBeGreaterThan(from);
      from = some.continueFrom;
      if (count > 10) throw new Error("it does not end");
    }
    expect(seen.size).toBe(5_000);
  });

  it("asks the same again when GitHub ran out of time", async () => {
    nock(API)
      .persist()
      .get("/search/issues")
      .query(true)
      .reply(200, answer([found(1, 7)], true));
    expect(await ask(client())).toMatchObject({ entries: [{ number: 1 }, {}], continueFrom: since });
  });

  it("is not supported for an account that cannot be searched, and for others still is", async () => {
    nock(API)
      .persist()
      .get("/search/issues")
      .query(({ q }) => String(q).includes("user:nobody"))
      .reply(422, { message: "The listed users and repositories cannot be searched" });
    searchable([0]);
    const github = client();
    expect(await github.app.changedSince(777, "nobody", since, null)).toBe("unsupported");
    expect(await ask(github)).not.toBe("unsupported");
  });

  it("that is over GitHub's limit of searches waits alone", async () => {
    const reset = String((clock.now() + MINUTE_MS) / 1_000);
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset, "x-ratelimit-resource": "search" };
    nock(API).get("/search/issues").query(true).reply(403, { message: "API rate limit exceeded" }, headers);
    nock(API).get("/repos/acme/ops/issues/comments/9").reply(200, comment(9));
    const github = client();
    expect((await transient(ask(github))).retryAfterMs).toBe(MINUTE_MS);
    expect(await github.read.comment(repository, 9)).toMatchObject({ id: 9 });
    expect(await github.app.requestLimit(777)).toBeNull();
  });
});

describe("Lists", () => {
  const list = "/repos/acme/ops/issues/1/comments";

  it("are read to the end, over all pages", async () => {
    giveTokens();
    for (const page of [1, 2, 3]) {
      const next = page < 3 ? { link: `<${API}/repositories/1/x?per_page=100&page=${page + 1}>; rel="next"` } : {};
      const query = { per_page: "100", ...(page === 1 ? {} : { page: String(page) }) };
      const comments = Array.from({ length: page < 3 ? 100 : 5 }, (_, index) => comment(page * 1_000 + index));
      nock(API).get(list).query(query).reply(200, comments, next);
    }
    const comments = await client().read.comments(repository, 1, null);
    expect(comments).toHaveLength(205);
    expect(comments.at(-1)?.id).toBe(3_004);
  });

  it("take from a link the page and never the host", async () => {
    giveTokens();
    nock(API)
      .get(list)
      .query({ per_page: "100" })
      .reply(200, [comment(1)], { link: '<https://elsewhere.example/x?page=2>; rel="next"' });
    nock(API)
      .get(list)
      .query({ per_page: "100", page: "2" })
      .reply(200, [comment(2)]);
    expect(await client().read.comments(repository, 1, null)).toHaveLength(2);
  });

  it("that do not end are read no further than 5,000 entries, and what was read is given", async () => {
    giveTokens();
    nock(API)
      .persist()
      .get(list)
      .query(true)
      .reply(200, [comment(1)], { link: `<${API}/x?page=2>; rel="next"` });
    expect(await client().read.comments(repository, 1, null)).toHaveLength(50);
    expect(asked.filter((request) => request.method === "GET")).toHaveLength(50);
  });

  /** A list of this many pages with one entry each, the number of the page. */
  function pagesOf(path: string, last: number, entry: (page: number) => object): void {
    nock(API)
      .persist()
      .get(path)
      .query(true)
      .reply((uri) => {
        const page = Number(new URL(uri, API).searchParams.get("page") ?? "1");
        const to = (number: number, rel: string) =>
          `<${API}/repositories/1/x?per_page=100&page=${number}>; rel="${rel}"`;
        const link = page < last ? { link: `${to(page + 1, "next")}, ${to(last, "last")}` } : {};
        return [200, [entry(page)], link];
      });
  }

  it("of comments longer than that are read at both ends: our own is among the oldest, commands among the newest", async () => {
    giveTokens();
    pagesOf(list, 70, comment);
    const ids = (await client().read.comments(repository, 1, null)).map(({ id }) => id);
    expect(ids).toEqual([
      ...Array.from({ length: 25 }, (_, at) => at + 1),
      ...Array.from({ length: 25 }, (_, at) => at + 46),
    ]);
  });

  it("of events longer than that are read from the end, and are said not to be whole", async () => {
    giveTokens();
    const event = (page: number) => ({
      event: "labeled",
      created_at: "2026-01-05T09:00:00Z",
      actor: { id: 1, login: "bob", type: "User" },
      label: { name: `l${page}` },
    });
    pagesOf("/repos/acme/ops/issues/1/timeline", 51, event);
    const { events, isWhole } = await client().read.timeline(repository, 1);
    expect(isWhole).toBe(false);
    expect(events.map(({ label }) => label)).toEqual(Array.from({ length: 50 }, (_, at) => `l${at + 2}`));
    pagesOf("/repos/acme/ops/issues/2/timeline", 50, event);
    expect(await client().read.timeline(repository, 2)).toMatchObject({ isWhole: true, events: { length: 50 } });
  });

  it("of repositories are read to their end in an installation of ten thousand", async () => {
    giveTokens();
    for (let page = 1; page <= 100; page += 1) {
      const next = page < 100 ? { link: `<${API}/x?per_page=100&page=${page + 1}>; rel="next"` } : {};
      const repositories = Array.from({ length: 100 }, (_, at) => ({
        id: page * 100 + at,
        name: `shop-${page}-${at}`,
        owner: { login: "acme" },
      }));
      nock(API)
        .get("/installation/repositories")
        .query({ per_page: "100", ...(page === 1 ? {} : { page: String(page) }) })
        .reply(200, { total_count: 10_000, repositories }, next);
    }
    expect(await client().app.repositories(777)).toHaveLength(10_000);
  });

  it("that fail halfway fail as a whole", async () => {
    giveTokens();
    nock(API)
      .get(list)
      .query({ per_page: "100" })
      .reply(200, [comment(1)], { link: `<${API}/x?page=2>; rel="next"` });
    nock(API).get(list).query({ per_page: "100", page: "2" }).reply(502, "");
    await transient(client().read.comments(repository, 1, null));
  });

  it("of deliveries keep every digit of an id, and stop at the time asked for", async () => {
    const item = (id: string, minute: number, code: number) =>
      `{"id":${id},"guid":"g${id}","delivered_at":"2026-01-05T09:0${minute}:00Z","status_code":${code}}`;
    const json = { "content-type": "application/json", link: `<${API}/app/hook/deliveries?cursor=v1_9>; rel="next"` };
    nock(API)
      .get("/app/hook/deliveries?per_page=100")
      .reply(200, `[${item("3804004623172239366", 5, 502)},${item("12", 4, 200)},${item("11", 1, 200)}]`, json);
    const redelivery = nock(API).post("/app/hook/deliveries/3804004623172239366/attempts").reply(202, {});
    const github = client();
    const since = Date.UTC(2026, 0, 5, 9, 3) as Instant;
    const deliveries = await github.app.deliveries(since);
    expect(deliveries).toEqual([
      { id: "3804004623172239366", guid: "g3804004623172239366", deliveredAt: Date.UTC(2026, 0, 5, 9, 5), ok: false },
      { id: "12", guid: "g12", deliveredAt: Date.UTC(2026, 0, 5, 9, 4), ok: true },
    ]);
    await github.app.redeliver("3804004623172239366");
    expect(redelivery.isDone()).toBe(true);
  });
});

describe("A feature the server lacks", () => {
  it("is asked for once an hour, not every time", async () => {
    giveTokens();
    nock(API)
      .persist()
      .put(/\/pin$/)
      .reply(404, { message: "Not Found" })
      .get("/repos/acme/ops/issues/comments/9")
      .reply(200, comment(9));
    const github = client();
    const asks = () => asked.filter((request) => request.route.endsWith("/pin")).length;
    for (let pass = 0; pass < 5; pass += 1) expect(await github.write.pinComment(repository, 9)).toBe("unsupported");
    expect(asks()).toBe(1);
    clock.advance(HOUR_MS);
    await github.write.pinComment(repository, 9);
    expect(asks()).toBe(2);
  });

  it("is not one that worked before: then the comment is gone", async () => {
    giveTokens();
    nock(API).put("/repos/acme/ops/issues/comments/1/pin").reply(200, comment(1));
    nock(API).put("/repos/acme/ops/issues/comments/2/pin").reply(404, { message: "Not Found" });
    nock(API).put("/repos/acme/ops/issues/comments/3/pin").reply(200, comment(3));
    const github = client();
    expect(await github.write.pinComment(repository, 1)).toBe("done");
    expect(await github.write.pinComment(repository, 2)).toBe("gone");
    expect(await github.write.pinComment(repository, 3)).toBe("done");
  });

  //
  it("is not concluded from a comment that is gone, before it ever worked", async () => {
    giveTokens();
    nock(API).post("/repos/acme/ops/issues/comments/2/reactions").reply(404, { message: "Not Found" });
    nock(API).get("/repos/acme/ops/issues/comments/2").reply(404, { message: "Not Found" });
    nock(API).post("/repos/acme/ops/issues/comments/3/reactions").reply(201, {});
    const github = client();
    expect(await github.write.react(repository, 2, "+1")).toBe("gone");
    expect(await github.write.react(repository, 3, "+1")).toBe("done");
  });

  it("is lacking for one installation, and asked for by the others", async () => {
    giveTokens();
    nock(API).put("/repos/acme/ops/issues/comments/1/pin").reply(404, { message: "Not Found" });
    nock(API).get("/repos/acme/ops/issues/comments/1").reply(200, comment(1));
    nock(API).put("/repos/umbrella/ops/issues/comments/5/pin").reply(200, comment(5));
    const github = client();
    expect(await github.write.pinComment(repository, 1)).toBe("unsupported");
    expect(await github.write.pinComment(other, 5)).toBe("done");
  });

  it.each([
    { name: "a limit", errors: [{ type: "RATE_LIMITED", message: "wait" }], kind: TransientError },
    { name: "a fault", errors: [{ message: "Something went wrong" }], kind: TransientError },
    { name: "a refusal", errors: [{ type: "FORBIDDEN", message: "no" }], kind: TerminalError },
  ])("is told from one that fails: GraphQL answers $name with status 200", async ({ errors, kind }) => {
    giveTokens();
    nock(API).post("/graphql").reply(200, { data: null, errors });
    expect(await outcome(client().read.closingReferences(repository, { number: 1 }))).toBeInstanceOf(kind);
    nock(API).post("/graphql").reply(200, { data: null, errors });
    expect(await outcome(client().read.mergeQueue(repository, "main"))).toBeInstanceOf(kind);
  });
});

// which refusal of the mutation leaves another way open.
describe("A revert that GitHub refuses", () => {
  const content = { title: "Revert", body: "Reverts acme/ops#1" };
  const pullRequest = { number: 1, nodeId: "PR_1" };

  it.each([
    ["FORBIDDEN", "Resource not accessible by integration", false],
    [null, "Resource not accessible by integration", false],
    ["INSUFFICIENT_SCOPES", "Your token has not been granted the required scopes", false],
    ["UNPROCESSABLE", "Commits must have verified signatures.", false],
    ["UNPROCESSABLE", "Sorry, this pull request could not be reverted automatically.", true],
    ["UNPROCESSABLE", "It may have already been reverted", true],
    ["UNPROCESSABLE", "Pull request is not merged", true],
    ["NOT_FOUND", "Could not resolve to a node with the global id of 'PR_1'.", true],
  ])("tells by %s “%s” whether another way may do it", async (type, message, isFinal) => {
    giveTokens();
    nock(API)
      .post("/graphql")
      .reply(200, { data: null, errors: [{ type, message }] });
    const answer = await client().write.revertPullRequest(repository, pullRequest, content);
    const isForNoApp = message.includes("not accessible by integration");
    expect(answer).toEqual({ refused: message, isFinal, ...(isForNoApp ? { isForNoApp } : {}) });
  });

  it("for want of rights (403) is told with the rights, and leaves another way open", async () => {
    giveTokens();
    nock(API).post("/graphql").reply(403, { message: "Resource not accessible by integration" });
    const answer = await client().write.revertPullRequest(repository, pullRequest, content);
    expect(answer).toEqual({ refused: expect.stringContaining("contents: write"), isFinal: false });
  });

  it.each([
    ["createTree", "/git/trees", (github: GitHub) => github.write.createTree(repository, "t".repeat(40), [])],
    [
      "createCommit",
      "/git/commits",
      (github: GitHub) => github.write.createCommit(repository, { message: "m", tree: "t", parent: "p" }),
    ],
    ["createBranch", "/git/refs", (github: GitHub) => github.write.createBranch(repository, "revert-1", "s")],
    [
      "openPullRequest",
      "/pulls",
      (github: GitHub) => github.write.openPullRequest(repository, { ...content, branch: "revert-1", base: "main" }),
    ],
  ])("says why at %s, also where GitHub says it as if it were not there", async (_, path, write) => {
    giveTokens();
    const custom = [{ resource: "PullRequest", code: "custom", message: "No commits between main and revert-1" }];
    nock(API).post(`/repos/acme/ops${path}`).reply(422, { message: "Validation Failed", errors: custom });
    expect(await write(client())).toEqual({
      refused: "Validation Failed (No commits between main and revert-1)",
    });
    nock(API).post(`/repos/acme/ops${path}`).reply(404, { message: "Not Found" });
    expect(await write(client())).toEqual({ refused: expect.stringContaining("contents: write"), lacksRights: true });
    nock(API).post(`/repos/acme/ops${path}`).reply(502, {});
    expect(await outcome(write(client()))).toBeInstanceOf(TransientError);
  });

  it("makes a commit without an author, which GitHub signs as the app's", async () => {
    giveTokens();
    const sent: unknown[] = [];
    nock(API)
      .post("/repos/acme/ops/git/commits", (body: unknown) => sent.push(body) > 0)
      .reply(201, { sha: "c".repeat(40) });
    await client().write.createCommit(repository, { message: "m", tree: "t", parent: "p" });
    expect(sent).toEqual([{ message: "m", tree: "t", parents: ["p"] }]);
  });

  it("reads a branch with slashes in its name under that name", async () => {
    giveTokens();
    nock(API)
      .get("/repos/acme/ops/git/ref/heads/revert-1-a/b")
      .reply(200, { object: { sha: "s" } });
    nock(API).delete("/repos/acme/ops/git/refs/heads/revert-1-a/b").reply(422, { message: "Reference does not exist" });
    const github = client();
    expect(await github.read.branchTip(repository, "revert-1-a/b")).toBe("s");
    await github.write.deleteBranch(repository, "revert-1-a/b");
  });
});

describe("A merge queue", () => {
  const node = (pullRequest: number, position: number, oid: string | null) => ({
    position,
    headCommit: oid === null ? null : { oid },
    pullRequest: { number: pullRequest },
  });
  const page = (nodes: readonly unknown[], endCursor: string | null) => ({
    data: {
      repository: { mergeQueue: { entries: { nodes, pageInfo: { hasNextPage: endCursor !== null, endCursor } } } },
    },
  });

  it("is read to its end, over all pages, next first", async () => {
    giveTokens();
    const asked: unknown[] = [];
    nock(API)
      .post("/graphql", (body: { readonly variables: unknown }) => asked.push(body.variables) > 0)
      .reply(200, page([node(8, 3, null), null, node(7, 2, "b")], "next"))
      .post("/graphql", (body: { readonly variables: unknown }) => asked.push(body.variables) > 0)
      .reply(200, page([node(6, 1, "a")], null));
    expect(await client().read.mergeQueue(repository, "release/1")).toEqual([
      { pullRequest: 6, position: 1, headSha: "a" },
      { pullRequest: 7, position: 2, headSha: "b" },
      { pullRequest: 8, position: 3, headSha: null },
    ]);
    const place = { owner: "acme", name: "ops", branch: "release/1" };
    expect(asked.at(0)).toEqual({ ...place, after: null });
    expect(asked.at(-1)).toEqual({ ...place, after: "next" });
  });

  //
  it("is empty where a branch has none, and not known where the repository is not visible yet", async () => {
    giveTokens();
    nock(API)
      .post("/graphql")
      .reply(200, { data: { repository: { mergeQueue: null } } });
    expect(await client().read.mergeQueue(repository, "main")).toEqual([]);
    nock(API)
      .post("/graphql")
      .reply(200, { data: { repository: null } });
    expect(await outcome(client().read.mergeQueue(repository, "main"))).toBeInstanceOf(TransientError);
  });
});

describe("A comparison", () => {
  const commits = (count: number, from: number) =>
    Array.from({ length: count }, (_, at) => ({ sha: String(from + at).padStart(40, "0"), commit: { message: "m" } }));

  it.each([
    { total: 130, pages: 2, isWhole: true },
    { total: 1_000, pages: 10, isWhole: true },
    { total: 4_000, pages: 10, isWhole: false },
  ])("of $total commits takes $pages requests, and says whether it is whole", async ({ total, pages, isWhole }) => {
    giveTokens();
    let asked = 0;
    nock(API)
      .persist()
      // A branch may have a slash in its name.
      .get(/^\/repos\/acme\/ops\/compare\/release%2F1\.\.\.[0-9a-f]+/)
      .reply((path) => {
        asked += 1;
        const page = Number(new URL(path, API).searchParams.get("page") ?? "1");
        const rest = total - (page - 1) * 100;
        const link = rest > 100 ? { link: `<${API}/repositories/1/compare?page=${page + 1}>; rel="next"` } : {};
        const body = {
          total_commits: total,
          commits: commits(Math.min(100, rest), page * 100),
          merge_base_commit: { sha: "base" },
        };
        return [200, body, link];
      });
    const found = await client().read.commitsBetween(repository, "release/1", "a".repeat(40));
    expect({ read: found.commits.length, isWhole: found.isWhole, mergeBase: found.mergeBase, asked }).toEqual({
      read: Math.min(total, 1_000),
      isWhole,
      mergeBase: "base",
      asked: pages,
    });
  });
});

//
describe("Rulesets", () => {
  it.each([
    { status: 404, message: "Not Found", answer: "untold" },
    { status: 403, message: "Resource not accessible by integration", answer: "untold" },
    {
      status: 403,
      message: "Upgrade to GitHub Pro or make this repository public to enable this feature.",
      answer: "not-in-plan",
    },
  ])("are $answer where GitHub answers $status: $message", async ({ status, message, answer }) => {
    giveTokens();
    nock(API).get("/repos/acme/ops/rules/branches/main").query(true).reply(status, { message });
    expect(await client().read.requiredChecks(repository, "main")).toBe(answer);
  });
});

describe("Files", () => {
  const entry = (more: Readonly<Record<string, unknown>>) => ({
    type: "file",
    path: "policy.yml",
    sha: "a".repeat(40),
    size: 4,
    encoding: "base64",
    content: Buffer.from("text").toString("base64"),
    ...more,
  });
  it.each([
    { name: "a link", answer: entry({ type: "symlink", target: "../secret" }), said: "is a symlink" },
    { name: "a submodule", answer: entry({ type: "submodule" }), said: "is a submodule" },
    { name: "a folder", answer: [entry({})], said: "is a folder" },
    { name: "too large", answer: entry({ size: 2_000_000, encoding: "none", content: "" }), said: "larger than 1 MB" },
    { name: "not text", answer: entry({ content: "/w==", size: 1 }), said: "not UTF-8" },
  ])("that are $name are refused in words", async ({ answer, said }) => {
    giveTokens();
    nock(API).get("/repos/acme/ops/contents/policy.yml").reply(200, answer);
    expect((await terminal(client().read.file(repository, "policy.yml"))).message).toContain(said);
  });

  it("of a branch are asked for by it", async () => {
    giveTokens();
    nock(API).get("/repos/acme/ops/contents/policy.yml").query({ ref: "abc" }).reply(200, entry({}));
    expect(await client().read.file(repository, "policy.yml", "abc")).toMatchObject({ text: "text" });
  });

  //
  it("of a repository too large to be listed are not taken for all there are", async () => {
    giveTokens();
    const tree = [{ type: "blob", path: "a.md", sha: "a", mode: "100644" }];
    nock(API).get("/repos/acme/ops/git/trees/HEAD").query(true).reply(200, { sha: "t", truncated: true, tree });
    const error = await terminal(client().read.tree(repository));
    expect(error.message).toContain("more files than GitHub lists at once");
  });

  it("of an empty repository are none", async () => {
    giveTokens();
    nock(API).get("/repos/acme/ops/git/trees/HEAD?recursive=1").reply(409, { message: "Git Repository is empty." });
    expect(await client().read.tree(repository)).toEqual([]);
  });
});

//
describe("Facts", () => {
  it.each([
    { name: "no user", user: null },
    { name: "the stand-in for deleted accounts", user: { id: 10_137, login: "ghost", type: "User" } },
  ])("show nobody where GitHub shows $name", ({ user }) => {
    expect(toIssue(issue({ user })).author).toBeNull();
    expect(toComment({ ...comment(1), user }).author).toBeNull();
  });

  it.each([
    ["completed", "completed"],
    ["not_planned", "not_planned"],
    ["duplicate", "duplicate"],
    [null, "completed"],
    ["something GitHub adds later", "completed"],
  ])("read the reason %s of a closed issue as %s", (given, expected) => {
    expect(toIssue(issue({ state: "closed", state_reason: given })).closeReason).toBe(expected);
  });

  it("give an open issue no reason, closer or time of closing", () => {
    const reopened = issue({ state: "open", state_reason: "reopened", closed_at: "2026-01-05T09:00:00Z" });
    expect(toIssue(reopened)).toMatchObject({ closeReason: null, closedAt: null, closedBy: null });
  });

  it("take labels as texts or as objects", () => {
    const labels = ["sev:P0", { name: "sev:P1" }, { name: null }];
    expect(toIssue(issue({ labels })).labels).toEqual(["sev:P0", "sev:P1"]);
  });

  it.each([
    [{ permission: "write", role_name: "maintain" }, "maintain"],
    [{ permission: "read", role_name: "triage" }, "triage"],
    [{ permission: "write", role_name: "incident-responder" }, "write"],
    [{ permission: "admin" }, "admin"],
    [{ permission: "none", role_name: "" }, "none"],
    [{ permission: "something new", role_name: "custom" }, "none"],
    [{ permission: "read", role_name: "responder", user: { permissions: { pull: true, triage: true } } }, "triage"],
    [
      {
        permission: "write",
        role_name: "release lead",
        user: { permissions: { pull: true, triage: true, push: true, maintain: true, admin: false } },
      },
      "maintain",
    ],
    [{ permission: "read", role_name: "reader plus", user: { permissions: { pull: true, triage: false } } }, "read"],
    [{ permission: "none", role_name: "none", user: { permissions: { pull: false } } }, "none"],
    [{ permission: "write", role_name: "write", user: { login: "x" } }, "write"],
  ])("read the right %j as %s", (answer, expected) => {
    expect(toPermission(answer)).toBe(expected);
  });

  //
  it("tell the own repository from others in the timeline, and pass over what they do not know", () => {
    const created_at = "2026-01-05T09:00:00Z";
    const source = (full_name: string, more = {}) => ({ issue: { number: 5, repository: { full_name }, ...more } });
    const entries = [
      { event: "commented", created_at },
      { event: "committed", sha: "x" },
      { event: "cross-referenced", created_at, actor: null, source: source("Acme/Ops") },
      { event: "cross-referenced", created_at, actor: null, source: source("acme/web", { pull_request: {} }) },
    ];
    expect(toTimeline(entries, repository).map((entry) => entry.source)).toEqual([
      { repository: null, number: 5, isPullRequest: false },
      { repository: "acme/web", number: 5, isPullRequest: true },
    ]);
  });
});

describe("Check runs", () => {
  const text = fc.string({ unit: "binary", maxLength: 300, size: "max" });
  const content = fc.record<CheckRunContent>({
    name: fc.constant("sevgate/policy"),
    headSha: fc.constant("a".repeat(40)),
    status: fc.constant("completed"),
    conclusion: fc.constant("failure"),
    title: text,
    summary: text.map((part) => part.repeat(400)),
    annotations: fc.array(
      fc.record({
        path: fc.constant("a.yml"),
        line: fc.integer({ min: 1, max: 99 }),
        column: fc.constantFrom(null, 1),
        level: fc.constant("failure" as const),
        message: text,
      }),
      { maxLength: 130, size: "max" },
    ),
    actions: fc.array(fc.record({ label: text, description: text, identifier: fc.constant("re-check") }), {
      maxLength: 5,
    }),
    externalId: fc.constant("pr:1"),
  });

  //
  it("stay within GitHub's limits, and lose no annotation", () => {
    fc.assert(
      fc.property(content, (given) => {
        const bodies = checkRunRequests(given) as { output: Record<string, never[] & string>; actions?: never[] }[];
        const sent = bodies.flatMap((body) => body.output["annotations"] ?? []);
        expect(sent).toHaveLength(given.annotations.length);
        for (const { output, actions = [] } of bodies) {
          expect((output["annotations"] ?? []).length).toBeLessThanOrEqual(CHECK_RUN_LIMITS.annotationsPerRequest);
          expect(output["summary"]!.length).toBeLessThanOrEqual(CHECK_RUN_LIMITS.summary);
          expect(output["title"]!.length).toBeLessThanOrEqual(CHECK_RUN_LIMITS.title);
          expect(actions.length).toBeLessThanOrEqual(CHECK_RUN_LIMITS.actions);
          for (const { label, description } of actions as { label: string; description: string }[]) {
            expect(label.length).toBeLessThanOrEqual(CHECK_RUN_LIMITS.actionLabel);
            expect(description.length).toBeLessThanOrEqual(CHECK_RUN_LIMITS.actionDescription);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it("are never cut through the middle of a character", () => {
    const summary = `${"x".repeat(CHECK_RUN_LIMITS.summary - 2)}🔥🔥`;
    const [first] = checkRunRequests({ ...sample(), summary }) as { output: { summary: string } }[];
    expect(first?.output.summary).not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
    expect(first?.output.summary.endsWith("x…")).toBe(true);
  });

  it("of another app are left alone", async () => {
    giveTokens();
    const run = (id: number, app: unknown) => ({
      id,
      name: "sevgate/policy",
      head_sha: "abc",
      status: "completed",
      app,
    });
    nock(API)
      .get("/repos/acme/ops/commits/abc/check-runs")
      .query({ app_id: String(APP_ID), filter: "all", per_page: "100" })
      .reply(200, { total_count: 2, check_runs: [run(1, { id: APP_ID }), run(2, { id: 15_368 })] });
    const runs = await client().read.checkRuns(repository, "abc");
    expect(runs.map((it) => it.id)).toEqual([1]);
  });

  function sample(): CheckRunContent {
    const [one] = fc.sample(content, { numRuns: 1, seed: 1 });
    if (one === undefined) throw new Error("no sample");
    return one;
  }
});

describe("Writes that find their work done", () => {
  it("do not hide another reason to refuse a label", async () => {
    giveTokens();
    nock(API)
      .post("/repos/acme/ops/labels")
      .reply(422, { message: "Validation Failed", errors: [{ code: "invalid" }] });
    nock(API).get("/repos/acme/ops/labels/sev%3AP0").reply(404, { message: "Not Found" });
    const label = { name: "sev:P0", color: "nocolor", description: "" };
    expect(await terminal(client().write.createLabel(repository, label))).toMatchObject({ status: 422 });
  });

  it("do not take a lost permission for a comment that is gone", async () => {
    giveTokens();
    nock(API).delete("/repos/acme/ops/issues/comments/1").reply(403, { message: "Resource not accessible" });
    await terminal(client().write.deleteComment(repository, 1));
  });
});
