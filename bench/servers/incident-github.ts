import { createServer, type IncomingMessage } from "node:http";
import { allLabels } from "../../src/core/plan/labels.ts";
import { defaultPolicy } from "../../src/core/policy/default-policy.ts";

/**
 * A GitHub that has every issue anybody asks for: an incident, according to its number, or an ordinary issue from
 * 10,000 up. What is written is kept, so that passes come to rest as they do on the real one. `GET /bench/seen` says
 * when each issue was last read and when it first had a comment. `DELAY_MS` is how long each answer takes.
 */
interface Issue {
  body: string;
  labels: string[];
  readonly comments: Comment[];
  readAt: number;
  commentedAt: number | null;
}
interface Comment {
  readonly id: number;
  body: string;
}
type Answer = readonly [status: number, data: unknown];

const DELAY_MS = Number(process.env["DELAY_MS"] ?? 0);
const CREATED_AT = new Date(Date.now() - 60_000).toISOString();
const ADA = { id: 2, login: "ada", type: "User" };
const BOT = { id: 3, login: "sevgate[bot]", type: "Bot" };
const REPOSITORY_LABELS = allLabels(defaultPolicy());

const issues = new Map<string, Issue>();
const commented = new Map<number, string>();
let nextId = 1;

function issueAt(repository: string, number: string): Issue {
  const id = `${repository}#${number}`;
  let issue = issues.get(id);
  if (issue === undefined) {
    const labels = Number(number) < 10_000 ? [severityOf(Number(number))] : [];
    issue = { body: "It fails.", labels, comments: [], readAt: 0, commentedAt: null };
    issues.set(id, issue);
  }
  return issue;
}

function severityOf(number: number): string {
  return defaultPolicy().severities[number % defaultPolicy().severities.length]?.label ?? "";
}

function showIssue(number: string, issue: Issue): unknown {
  return {
    id: Number(number),
    node_id: `I_${number}`,
    number: Number(number),
    html_url: `https://github.com/acme/shop/issues/${number}`,
    title: "Checkout fails",
    body: issue.body,
    state: "open",
    labels: issue.labels.map((name) => ({ name })),
    user: ADA,
    assignees: [],
    created_at: CREATED_AT,
    updated_at: CREATED_AT,
    comments: issue.comments.length,
  };
}

function showComment(comment: Comment): unknown {
  return {
    ...comment,
    html_url: `https://github.com/acme/shop/issues/1#issuecomment-${comment.id}`,
    user: BOT,
    performed_via_github_app: { id: 1 },
    created_at: CREATED_AT,
    updated_at: CREATED_AT,
  };
}

function answerIssue(method: string, repository: string, number: string, rest: string, sent: Sent): Answer {
  const issue = issueAt(repository, number);
  switch (`${method} ${rest}`) {
    case "GET ":
      issue.readAt = Date.now();
      return [200, showIssue(number, issue)];
    case "PATCH ":
      issue.body = sent.body ?? issue.body;
      return [200, showIssue(number, issue)];
    case "GET /comments":
      return [200, issue.comments.map(showComment)];
    case "POST /comments": {
      const comment = { id: nextId++, body: sent.body ?? "" };
      issue.comments.push(comment);
      issue.commentedAt ??= Date.now();
      commented.set(comment.id, `${repository}#${number}`);
      return [201, showComment(comment)];
    }
    case "GET /timeline":
      return [200, [{ event: "labeled", created_at: CREATED_AT, actor: ADA, label: { name: issue.labels[0] ?? "" } }]];
    case "POST /labels":
      issue.labels = [...new Set([...issue.labels, ...(sent.labels ?? [])])];
      return [200, issue.labels.map((name) => ({ name }))];
    default:
      return [404, { message: "Not Found" }];
  }
}

function answerComment(method: string, id: number, sent: Sent): Answer {
  const comment = issues.get(commented.get(id) ?? "")?.comments.find((one) => one.id === id);
  if (comment === undefined) return [404, { message: "Not Found" }];
  if (method === "PATCH") comment.body = sent.body ?? comment.body;
  return [200, showComment(comment)];
}

interface Sent {
  readonly body?: string;
  readonly labels?: readonly string[];
}

function answer(method: string, path: string, sent: Sent): Answer {
  if (path === "/app") return [200, { id: 1, slug: "sevgate" }];
  if (path.endsWith("/access_tokens")) return [201, { token: "ghs_bench", expires_at: "2099-01-01T00:00:00Z" }];
  if (/^\/app\/(?:installations|hook\/deliveries)$/.test(path)) return [200, []];
  const [, repository = "", rest = ""] = /^\/repos\/([^/]+\/[^/]+)(.*)$/.exec(path) ?? [];
  const [, number, below = ""] = /^\/issues\/(\d+)(.*)$/.exec(rest) ?? [];
  if (number !== undefined) return answerIssue(method, repository, number, below, sent);
  const [, comment] = /^\/issues\/comments\/(\d+)$/.exec(rest) ?? [];
  if (comment !== undefined) return answerComment(method, Number(comment), sent);
  if (rest === "/labels") return [200, REPOSITORY_LABELS];
  if (rest.startsWith("/collaborators/")) return [200, { permission: "write", role_name: "write", user: ADA }];
  return [404, { message: "Not Found" }];
}

function seen(): unknown {
  return Object.fromEntries([...issues].map(([id, { readAt, commentedAt }]) => [id, [readAt, commentedAt]]));
}

async function readBody(request: IncomingMessage): Promise<Sent> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString("utf8")) as Sent);
}

createServer(async (request, response) => {
  const path = (request.url ?? "").split("?", 1)[0] ?? "";
  const sent = await readBody(request);
  const [status, data] = path === "/bench/seen" ? [200, seen()] : answer(request.method ?? "GET", path, sent);
  const reply = () => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(data));
  };
  if (DELAY_MS > 0 && path !== "/bench/seen") setTimeout(reply, DELAY_MS);
  else reply();
}).listen(Number(process.env["PORT"]), "127.0.0.1");
