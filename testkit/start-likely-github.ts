import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { RunningEmulator } from "./emulator.ts";
import { forwardRequest, readBody, readdressed } from "./forward-request.ts";
import { type Listening, listenOnLoopback } from "./listen-on-loopback.ts";
import { rightsOf } from "./rights-of.ts";

/** A request as a rule sees it. */
export interface LikelyRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** Whether it carries an app's token or its JSON Web Token. */
  readonly isApp: boolean;
  readonly headers: IncomingMessage["headers"];
}

/** What a rule answers; `hang-up`: the connection breaks; `before`: these stand first in the list; `null`: nothing, so others may. */
export type LikelyAnswer =
  | "hang-up"
  | { readonly kind: "before"; readonly data: readonly unknown[] }
  | {
      readonly status: number;
      readonly data?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | null;

type Rule = (request: LikelyRequest) => LikelyAnswer | Promise<LikelyAnswer>;

interface Json {
  readonly [name: string]: Json;
}

/** A GitHub on loopback that answers as github.com is believed to. */
export interface LikelyGitHub extends Listening {
  /** Comes before everything else: what GitHub answers wrongly from now on; `null`: nothing. */
  answerWrongly(rule: Rule | null): void;
  /** Method and path of each request of people, in order. */
  readonly asked: readonly string[];
}

const REPOSITORY = "/repos/acme/ops";

/**
 * Makes an emulated GitHub answer as docs/assumptions.md says that github.com does, where it does otherwise or not at all: what
 * `sevgate rehearse` asks about. Everything else is passed on.
 *
 * @param targetUrl where the API is, in front of the emulator or its own
 */
export async function startLikelyGitHub(targetUrl: string, emulator: RunningEmulator): Promise<LikelyGitHub> {
  let ownUrl = "";
  let wrongly: Rule | null = null;
  const asked: string[] = [];
  const state = {
    reactions: new Map<string, number>(),
    edited: new Set<string>(),
    parents: new Map<number, string>(),
    rulesets: [] as { id: number; body: LikelyRequest["body"] }[],
  };
  const read = (path: string) => emulator.as("maria", "GET", `${REPOSITORY}${path}`);
  const pulls = async () => (await read("/pulls?state=all&per_page=100")) as Json[];
  const issues = async () => (await read("/issues?state=all&per_page=100")) as Json[];

  const rules: readonly Rule[] = [
    async ({ method, path, body }) => {
      if (method !== "POST" || path !== `${REPOSITORY}/labels`) return null;
      const labels = (await read("/labels?per_page=100")) as unknown as { name: string }[];
      const isTaken = labels.some(({ name }) => name.toLowerCase() === String(body["name"]).toLowerCase());
      return isTaken
        ? refusal(422, "Validation Failed", [{ resource: "Label", code: "already_exists", field: "name" }])
        : null;
    },
    async ({ method, path, body, isApp }) => {
      const number = /\/issues\/(\d+)\/comments$/.exec(path)?.[1];
      if (method !== "POST" || number === undefined || !isApp || body["body"] === undefined) return null;
      const issue = (await read(`/issues/${number}`)) as { locked?: boolean };
      return issue.locked === true ? refusal(403, "Unable to create comment because issue is locked.") : null;
    },
    ({ method, body }) =>
      method === "PATCH" && String(body["title"] ?? "").length > 256 ? refusal(422, "title is too long") : null,
    ({ path, query, isApp }) =>
      path === "/search/issues" && isApp && !/is:/.test(query.get("q") ?? "")
        ? refusal(422, "Query must include 'is:issue' or 'is:pull-request'")
        : null,
    ({ path }) => (path === "/versions" ? { status: 200, data: ["2026-03-10", "2022-11-28"] } : null),
    ({ method, path, body }) =>
      method === "POST" && path.endsWith("/requested_reviewers") && JSON.stringify(body).includes("maria")
        ? refusal(422, "Review cannot be requested from pull request author.")
        : null,
    async ({ method, path, body }) => {
      const number = /\/issues\/(\d+)\/assignees$/.exec(path)?.[1];
      if (method !== "POST" || number === undefined || !JSON.stringify(body).includes("octocat")) return null;
      return { status: 201, data: await read(`/issues/${number}`) };
    },
    ({ path }) => {
      const login = decodeURIComponent(/\/collaborators\/([^/]+)\/permission$/.exec(path)?.[1] ?? "");
      if (login === "octocat")
        return {
          status: 200,
          data: { permission: "read", role_name: "read", user: { login, permissions: { pull: true } } },
        };
      return login.endsWith("[bot]") ? refusal(404, `${login} is not a user`) : null;
    },
    ({ method, path }) =>
      method === "PUT" && path.endsWith("/pin")
        ? { status: 200, data: { id: Number(/(\d+)\/pin/.exec(path)?.[1]) } }
        : null,
    async ({ method, path, body, headers }) => {
      const comment = /\/issues\/comments\/(\d+)\/reactions$/.exec(path)?.[1];
      if (method !== "POST" || comment === undefined) return null;
      const there = await fetch(`${targetUrl}${REPOSITORY}/issues/comments/${comment}`, {
        headers: { authorization: String(headers.authorization) },
      });
      if (!there.ok) return refusal(404, "Not Found");
      const key = `${comment} ${body["content"]}`;
      const known = state.reactions.get(key);
      state.reactions.set(key, known ?? state.reactions.size + 1);
      return {
        status: known === undefined ? 201 : 200,
        data: { id: state.reactions.get(key), content: body["content"] },
      };
    },
    async ({ method, path, body }) => {
      const parent = /\/issues\/(\d+)\/sub_issues$/.exec(path)?.[1];
      if (parent === undefined) return null;
      const children = (await issues()).filter(({ id }) => state.parents.get(Number(id)) === parent);
      if (method === "GET") return { status: 200, data: children };
      const child = Number(body["sub_issue_id"]);
      if (state.parents.has(child)) return refusal(422, "Sub-issue may only have one parent");
      state.parents.set(child, parent);
      return { status: 201, data: {} };
    },
    ({ method, path, body }) => {
      if (path === `${REPOSITORY}/rulesets` && method === "POST") {
        state.rulesets.push({ id: state.rulesets.length + 1, body });
        return { status: 201, data: { id: state.rulesets.length } };
      }
      if (path === `${REPOSITORY}/rulesets`)
        return { status: 200, data: state.rulesets.map(({ id, body: { name } }) => ({ id, name })) };
      if (method === "DELETE" && path.startsWith(`${REPOSITORY}/rulesets/`)) {
        state.rulesets.length = 0;
        return { status: 204 };
      }
      return path.startsWith(`${REPOSITORY}/rules/branches/`)
        ? { status: 200, data: state.rulesets.flatMap(({ body: { rules } }) => rules) }
        : null;
    },
    ({ path }) =>
      /\/commits\/[^/]+\/status$/.test(path)
        ? { status: 200, data: { state: "pending", total_count: 0, statuses: [] } }
        : null,
    async ({ path }) => {
      const sha = /\/commits\/([0-9a-f]{40})\/pulls$/.exec(path)?.[1];
      if (sha === undefined) return null;
      return { status: 200, data: (await pulls()).filter((pull) => String(pull["merge_commit_sha"]) === sha) };
    },
    ({ path }) => (path.endsWith("/issue-types") ? { status: 200, data: [{ id: 1, name: "Incident" }] } : null),
    ({ path }) =>
      path.endsWith("/issue-field-values")
        ? { status: 200, data: [{ issue_field_name: "Priority", data_type: "text", value: "low" }] }
        : null,
    ({ path }) => deliveries(path, emulator),
    async ({ method, path, body, isApp }) => (method === "POST" && path === "/graphql" ? graphql(body, isApp) : null),
  ];

  async function graphql(body: LikelyRequest["body"], isApp: boolean): Promise<LikelyAnswer> {
    const query = String(body["query"]);
    const variables = body["variables"] as Readonly<Record<string, unknown>>;
    const number = Number(variables["number"]);
    const inRepository = (found: unknown) => ({ status: 200, data: { data: { repository: found } } });
    if (query.includes("__type")) {
      const fields = (...names: string[]) => ({ fields: names.map((name) => ({ name })) });
      const data = {
        IssueComment: fields("lastEditedAt"),
        Issue: fields("userContentEdits", "lastEditedAt"),
        PullRequest: fields("closingIssuesReferences", "headRefOid", "mergeCommit", "changedFiles"),
        Repository: fields("mergeQueue", "issueCreationPolicy"),
        Mutation: fields("revertPullRequest"),
      };
      return { status: 200, data: { data } };
    }
    if (query.includes("userContentEdits(first: 20)")) {
      const nodes = [{ editedAt: "2026-01-05T09:00:00Z", editor: { login: "maria" } }];
      return inRepository({ issue: { lastEditedAt: "2026-01-05T09:00:00Z", userContentEdits: { nodes } } });
    }
    if (isApp) return null;
    if (query.includes("nodes { url lastEditedAt }")) {
      const comments = (await read(`/issues/${number}/comments?per_page=100`)) as Json[];
      const nodes = comments.map(({ id }) => ({
        url: `https://github.com/acme/ops/issues/${number}#issuecomment-${id}`,
        lastEditedAt: state.edited.has(String(id)) ? "2026-01-05T09:00:00Z" : null,
      }));
      return inRepository({ issue: { comments: { nodes } } });
    }
    if (query.includes("closingIssuesReferences")) {
      const text = String(((await read(`/pulls/${number}`)) as Json)["body"]);
      const nodes = [...text.replace(/`[^`]*`/g, "").matchAll(/\bFixes #(\d+)/g)].map((match) => ({
        number: Number(match[1]),
      }));
      return inRepository({ pullRequest: { closingIssuesReferences: { nodes } } });
    }
    return query.includes("deleteIssue")
      ? {
          status: 200,
          data: { data: null, errors: [{ type: "FORBIDDEN", message: "maria does not have permission to delete" }] },
        }
      : null;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await readBody(request);
    const url = new URL(request.url ?? "/", ownUrl);
    const token = String(request.headers.authorization ?? "").replace(/^\w+ /, "");
    const isApp = !Object.values(emulator.tokens).includes(token);
    const method = request.method ?? "GET";
    if (!isApp) asked.push(`${method} ${url.pathname}`);
    const body = sent.length === 0 ? {} : (JSON.parse(sent.toString()) as LikelyRequest["body"]);
    const given = { method, path: url.pathname, query: url.searchParams, body, isApp, headers: request.headers };
    let first: readonly unknown[] = [];
    for (const rule of [...(wrongly === null ? [] : [wrongly]), ...rules]) {
      const said = await rule(given);
      if (said === null) continue;
      if (typeof said === "object" && "kind" in said) {
        first = said.data;
        continue;
      }
      if (said === "hang-up") {
        response.destroy();
        return;
      }
      response.writeHead(said.status, { "content-type": "application/json", ...said.headers });
      response.end(said.status === 204 ? "" : readdress(JSON.stringify(said.data ?? {})));
      return;
    }
    const answer = await forwardRequest(request, targetUrl, sent);
    const readable = readdressed(answer, targetUrl, ownUrl);
    if (answer.status < 300) await follow(given, token);
    const own = await likely(given, readable.body);
    const text = first.length === 0 ? own : JSON.stringify([...first, ...(JSON.parse(own) as unknown[])]);
    const etag = `"${createHash("sha1").update(text).digest("hex")}"`;
    const headers = { ...readable.headers, etag, "x-ratelimit-used": "1" };
    if (method === "GET" && answer.status === 200 && request.headers["if-none-match"] === etag)
      response.writeHead(304, headers).end();
    else response.writeHead(answer.status, headers).end(text);
  }

  /** What GitHub does because of something, and the emulator does not. */
  async function follow({ method, path }: LikelyRequest, token: string): Promise<void> {
    const merged = method === "PUT" ? /\/pulls\/(\d+)\/merge$/.exec(path)?.[1] : undefined;
    if (merged !== undefined) {
      const pull = (await read(`/pulls/${merged}`)) as Json;
      const fixed = /\bFixes #(\d+)/.exec(String(pull["body"]))?.[1];
      if (fixed === undefined) return;
      await fetch(`${targetUrl}${REPOSITORY}/issues/${fixed}`, {
        method: "PATCH",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ state: "closed", state_reason: "completed" }),
      });
    }
    const edited = method === "PATCH" ? /\/issues\/comments\/(\d+)$/.exec(path)?.[1] : undefined;
    if (edited !== undefined) state.edited.add(edited);
  }

  /** The answer in GitHub's manner: whole seconds, who wrote a comment, what a person may, who mentions an issue. */
  async function likely({ path, method }: LikelyRequest, text: string): Promise<string> {
    if (!/^[[{]/.test(text)) return text;
    let data = JSON.parse(text.replace(/(T\d\d:\d\d:\d\d)\.\d+Z"/g, '$1Z"'), (_key, value: Json | null) => {
      const isComment = typeof value === "object" && value !== null && "issue_url" in value && "user" in value;
      const isOwn = isComment && String(value["user"]?.["login"]) === `${emulator.slug}[bot]`;
      return isOwn ? { ...value, performed_via_github_app: { id: emulator.appId, slug: emulator.slug } } : value;
    }) as unknown;
    if (/\/collaborators\/[^/]+\/permission$/.test(path)) {
      const granted = data as { permission?: string; user?: object };
      data = { ...granted, user: { ...granted.user, permissions: rightsOf(granted.permission ?? "none") } };
    }
    const number = /\/issues\/(\d+)\/timeline$/.exec(path)?.[1];
    if (number !== undefined && method === "GET") {
      const mentioning = (await pulls()).filter((pull) => new RegExp(`#${number}\\b`).test(String(pull["body"])));
      const events = mentioning.map((pull) => ({
        event: "cross-referenced",
        actor: pull["user"],
        created_at: pull["created_at"],
        source: {
          type: "issue",
          issue: { number: pull["number"], repository_url: `${ownUrl}${REPOSITORY}`, pull_request: {} },
        },
      }));
      data = [...(data as unknown[]), ...events];
    }
    return JSON.stringify(data);
  }

  const readdress = (text: string) => text.replaceAll(targetUrl, ownUrl).replaceAll(emulator.url, ownUrl);
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(502, { "content-type": "text/plain" });
      response.end(String(error));
    });
  });
  const listening = await listenOnLoopback(server);
  ownUrl = listening.url;
  return {
    ...listening,
    asked,
    answerWrongly(rule) {
      wrongly = rule;
    },
  };
}

/** GitHub's list of what it sent the app; the emulator keeps none. */
function deliveries(path: string, emulator: RunningEmulator): LikelyAnswer {
  const which = /^\/app\/hook\/deliveries(?:\/(\d+))?$/.exec(path);
  if (which === null) return null;
  // One `labeled` follows for each label that an issue is opened with; the emulator sends none.
  const sent = emulator.webhooks.flatMap(({ name, delivery, body, status, at }) => {
    const payload = JSON.parse(body) as { action?: string; issue?: { labels?: readonly unknown[] } };
    const labels = name === "issues" && payload.action === "opened" ? (payload.issue?.labels ?? []) : [];
    const labeled = labels.map((label) => ({ ...payload, action: "labeled", label }));
    return [payload, ...labeled].map((one) => ({ name, delivery, payload: one, status, at }));
  });
  const all = sent.map(({ name, delivery, payload, status, at }, index) => {
    return {
      id: index + 1,
      guid: delivery,
      delivered_at: at.toISOString(),
      redelivery: false,
      duration: 0.1,
      status: status === 202 ? "OK" : "failed",
      status_code: status ?? 502,
      event: name,
      action: payload.action ?? null,
      request: { payload },
    };
  });
  if (which[1] === undefined) return { status: 200, data: all.map(({ request: _, ...rest }) => rest).toReversed() };
  return { status: 200, data: all[Number(which[1]) - 1] };
}

function refusal(status: number, message: string, errors: readonly unknown[] = []): LikelyAnswer {
  return { status, data: { message, ...(errors.length === 0 ? {} : { errors }) } };
}
