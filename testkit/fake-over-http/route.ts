import type { Instant, Repository } from "../../src/core/model.ts";
import type { Refused } from "../../src/systems/github/ports.ts";
import type { FakeGitHub } from "../fake-github/fake-github.ts";
import type { GitHubJson } from "./json.ts";

/** A request as a route receives it. */
export interface Request {
  readonly path: string;
  /** What the route's pattern captured from the path. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a route answers: the status, and the fields that matter; the description adds the rest. */
export interface Said {
  readonly status?: number;
  readonly data?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Route = readonly [method: string, path: RegExp, answer: (request: Request) => Promise<Said>];

/** What the routes of a repository answer from. */
export interface Served {
  readonly github: FakeGitHub;
  readonly repository: Repository;
  /** The path of the repository. */
  readonly repo: string;
  readonly json: GitHubJson;
}

export const missing: Said = { status: 404, data: { message: "Not Found" } };

/** A route; `path` is a pattern for the whole path. */
export function route(method: string, path: string, answer: (request: Request) => Promise<Said>): Route {
  return [method, new RegExp(`^${path}$`), answer];
}

/** A part of the path, as a number. */
export function at(request: Request, index = 0): number {
  return Number(request.parts[index]);
}

export function since(request: Request): Instant | null {
  const text = request.query.get("since");
  return text === null ? null : (Date.parse(text) as Instant);
}

/** What was created, or GitHub's refusal. */
export function madeOr<T>(made: T | Refused, toJson: (made: T) => unknown): Said {
  if (typeof made === "object" && made !== null && "refused" in made) {
    return { status: 422, data: { message: made.refused } };
  }
  return { status: 201, data: toJson(made as T) };
}
