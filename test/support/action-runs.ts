import { basename } from "node:path";
import type { Instant } from "../../src/core/model.ts";
import { ACTIONS_APP_ID } from "../../src/core/own.ts";
import { runAction } from "../../src/run/action/run-action.ts";
import { createTokenGitHub } from "../../src/systems/github/create-token-github.ts";
import { lastScheduledRun } from "../../src/systems/github/last-scheduled-run.ts";
import { tokenIdentity } from "../../src/systems/github/token-identity.ts";
import type { FakeEvent } from "../../testkit/fake-github/events.ts";
import { FakeGitHub } from "../../testkit/fake-github/fake-github.ts";
import { API_URL } from "../../testkit/fake-over-http/api.ts";
import { type AnsweredRequest, fetchFromFake } from "../../testkit/fake-over-http/fetch-from-fake.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";
import { startsRun, workflowTemplate } from "./starts-run.ts";

/** The record key of all runs. */
export const RECORD_KEY = "a record key for tests, long enough to be one";

/** The least a repository says to be run by the action. */
export const POLICY = "version: 1\nruns-in: action\n";

/** How a run ended, and what it cost. */
export interface EndedRun {
  readonly name: string;
  readonly exitCode: number;
  /** What it printed. */
  readonly lines: readonly string[];
  readonly summary: string;
  readonly outputs: string;
  /** Requests that count against the limit of the token; GraphQL has another. */
  readonly requests: readonly string[];
  readonly questions: number;
}

/**
 * A repository on a GitHub in memory in which everything runs by the action, one run after the other, as `concurrency` makes them: what
 * people do starts a run, what the action does starts none, as with GITHUB_TOKEN. Every run begins with nothing.
 */
export class ActionRuns {
  readonly clock = new VirtualClock();
  readonly github = new FakeGitHub({ clock: this.clock });
  readonly repository = this.github.addRepository({ owner: "acme", name: "ops" });
  readonly runs: EndedRun[] = [];
  /** What GitHub answers instead of what it would; `null`: what it would. */
  instead: (method: string, path: string, body: string) => Response | null = () => null;
  /** What the token may still ask in this hour; `null`: GitHub does not say. */
  limit: { limit: number; remaining: number; resetsAt: Instant } | null = null;
  /** In addition to what a runner tells. */
  environment: Readonly<Record<string, string>> = {};
  /** What started no run by the workflow's own words, such as `issue_comment edited`. */
  readonly skipped: string[] = [];
  readonly #as: "own-app" | "github-token";
  #events: FakeEvent[] = [];
  /** When the last scheduled run began that ended well. */
  #greenAt: Instant | null = null;
  readonly #asked: AnsweredRequest[] = [];
  readonly #fetch = globalThis.fetch;

  /** @param as whose token the runs have: that of the team's own app, or the one that every workflow has */
  constructor(as: "own-app" | "github-token" = "own-app") {
    this.#as = as;
    if (as === "github-token") this.github.becomeApp({ appId: ACTIONS_APP_ID, slug: "github-actions" });
    const answer = fetchFromFake(
      this.github,
      () => this.clock.now(),
      (request) => this.#asked.push(request),
    );
    globalThis.fetch = async (input, init) => {
      const { pathname, searchParams } = new URL(String(input));
      const said =
        this.instead(init?.method ?? "GET", pathname, String(init?.body ?? "")) ?? (await answer(input, init));
      if (pathname.endsWith("/actions/workflows/sevgate.yml/runs")) return this.#lastRuns(searchParams);
      if (this.limit === null || pathname === "/graphql") return said;
      this.limit.remaining = Math.max(0, this.limit.remaining - 1);
      const { limit, remaining, resetsAt } = this.limit;
      const told = { limit: String(limit), remaining: String(remaining), reset: String(Math.ceil(resetsAt / 1_000)) };
      for (const [name, value] of Object.entries(told)) said.headers.set(`x-ratelimit-${name}`, value);
      return said;
    };
    this.github.setFile(".github/sevgate.yml", POLICY, this.repository);
    this.github.setRole("alice", "maintain");
    this.github.setRole("bob", "triage");
    this.github.setRole("rita", "read");
    this.github.onEvent((event) => {
      const { sender } = event.payload as { readonly sender?: { readonly login?: string } };
      if (sender?.login !== this.github.botLogin) this.#events.push(event);
    });
  }

  /** Gives the network back. */
  stop(): void {
    globalThis.fetch = this.#fetch;
  }

  /** What somebody does, and the runs it starts. Returns what `act` does. */
  async after<T>(act: () => T): Promise<T> {
    const done = act();
    await this.settle();
    return done;
  }

  /** What somebody does without a run: GitHub started none, or it was cancelled. */
  unheard(act: () => unknown): void {
    const before = this.#events.length;
    act();
    this.#events.splice(before);
  }

  /** The runs of everything that has happened. */
  async settle(): Promise<void> {
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) {
      const name = event.name === "pull_request" ? "pull_request_target" : event.name;
      const { installation: _, ...payload } = event.payload;
      if (this.#starts({ name, payload })) await this.run(name, payload);
      else this.skipped.push(`${name} ${payload.action}`);
    }
  }

  /** By the workflow in `templates/`; `workflow_run` is for people to add. */
  #starts(event: FakeEvent): boolean {
    const file = this.#as === "own-app" ? "sevgate.yml" : "sevgate-github-token.yml";
    return event.name === "workflow_run" || startsRun(workflowTemplate(file), event, { SEVGATE_APP_SLUG: "sevgate" });
  }

  schedule(): Promise<EndedRun> {
    return this.run("schedule", { schedule: "*/10 * * * *" });
  }

  dispatch(client_payload: unknown): Promise<EndedRun> {
    const { id, owner, name } = this.repository;
    const repository = { id, full_name: `${owner}/${name}`, private: false };
    return this.run("repository_dispatch", { action: "sevgate-alert", client_payload, repository });
  }

  /** One run for an event whose file holds `payload`. */
  async run(name: string, payload: unknown): Promise<EndedRun> {
    return await this.runWith(name, JSON.stringify(payload));
  }

  /** The same with the file's own text; `null`: there is none. */
  async runWith(name: string, text: string | null): Promise<EndedRun> {
    const lines: string[] = [];
    const written = new Map<string, string>();
    const asked = this.#asked.length;
    const begunAt = this.clock.now();
    const { id, owner, name: own } = this.repository;
    const exitCode = await runAction({
      environment: {
        INPUT_TOKEN: "ghs_token",
        "INPUT_RECORD-KEY": RECORD_KEY,
        GITHUB_API_URL: API_URL,
        GITHUB_SERVER_URL: "https://github.com",
        GITHUB_EVENT_NAME: name,
        GITHUB_EVENT_PATH: "/runner/event.json",
        GITHUB_REPOSITORY: `${owner}/${own}`,
        GITHUB_REPOSITORY_ID: String(id),
        GITHUB_WORKFLOW_REF: `${owner}/${own}/.github/workflows/sevgate.yml@refs/heads/main`,
        GITHUB_RUN_ID: String(this.runs.length + 1),
        GITHUB_STEP_SUMMARY: "/runner/summary",
        GITHUB_OUTPUT: "/runner/output",
        ...this.environment,
      },
      files: {
        size: () => sizeOf(text),
        read: () => text ?? "",
        append: (path, more) => void written.set(basename(path), `${written.get(basename(path)) ?? ""}${more}`),
      },
      clock: this.clock,
      print: (line) => lines.push(line),
      pause: async (ms) => {
        this.clock.advance(ms);
      },
      identify: tokenIdentity,
      createGitHub: createTokenGitHub,
      lastScheduledRun,
    });
    const all = this.#asked.slice(asked);
    const ended: EndedRun = {
      name,
      exitCode,
      lines,
      summary: written.get("summary") ?? "",
      outputs: written.get("output") ?? "",
      requests: all.filter(({ status, document }) => status !== 304 && document === null).map(inShort),
      questions: all.filter(({ document }) => document !== null).length,
    };
    this.runs.push(ended);
    if (name === "schedule" && exitCode === 0) this.#greenAt = begunAt;
    return ended;
  }

  /** What GitHub lists of the runs: the last scheduled one that ended well, or the last of all. */
  #lastRuns(asked: URLSearchParams): Response {
    const isOfGreen = asked.get("event") === "schedule" && asked.get("status") === "success";
    const last = isOfGreen ? this.#greenAt : this.clock.now();
    const at = last === null ? null : new Date(last).toISOString();
    return Response.json({
      total_count: 1,
      workflow_runs: at === null ? [] : [{ created_at: at, run_started_at: at }],
    });
  }

  /** The moment on the clock, `ms` later. */
  later(ms: number): Instant {
    return this.clock.advance(ms);
  }

  /** What people see in the one status comment. */
  status(number: number): string {
    const own = this.ownComments(number).filter((body) => body.includes("<!-- sevgate:status -->"));
    if (own.length !== 1) throw new Error(`${own.length} status comments on #${number}`);
    return own[0]!;
  }

  ownComments(number: number): readonly string[] {
    const comments = this.github.comments(number, this.repository);
    return comments.filter(({ author }) => author?.login === this.github.botLogin).map(({ body }) => body);
  }
}

function sizeOf(text: string | null): number {
  if (text === null) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
  return Buffer.byteLength(text);
}

function inShort({ method, path }: AnsweredRequest): string {
  return `${method} ${path.replace(/^\/repos\/[^/]+\/[^/]+\/?/, "").replace(/[?].*$/, "")}`;
}
