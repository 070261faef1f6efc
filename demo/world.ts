import type { Octokit, RestEndpointMethodTypes } from "@octokit/rest";
import { createSilentOctokit } from "../testkit/create-silent-octokit.ts";
import { OWNER, type PEOPLE, REPOSITORY, type RunningEmulator } from "../testkit/emulator.ts";

/** Somebody with an account on the emulated GitHub. */
export type Login = keyof typeof PEOPLE;
export type Issue = RestEndpointMethodTypes["issues"]["get"]["response"]["data"];
export type Comment = RestEndpointMethodTypes["issues"]["listComments"]["response"]["data"][number];
export type PullRequest = RestEndpointMethodTypes["pulls"]["list"]["response"]["data"][number];
export type CheckRun = RestEndpointMethodTypes["checks"]["listForRef"]["response"]["data"]["check_runs"][number];
export type TimelineEvent = RestEndpointMethodTypes["issues"]["listEventsForTimeline"]["response"]["data"][number];

/** `owner` and `repo` of every call. */
export const PLACE = { owner: OWNER, repo: REPOSITORY } as const;
export const FULL_NAME = `${OWNER}/${REPOSITORY}`;

/** The repository as people see it through GitHub's API: nothing here knows Sevgate's insides. */
export interface World {
  /** GitHub's API with the token of one person. */
  as(login: Login): Octokit;
  /** Where a person's browser or curl would go. */
  readonly apiUrl: string;
  readonly appLogin: string;
  issue(number: number): Promise<Issue>;
  /** Oldest first. */
  comments(number: number): Promise<readonly Comment[]>;
  /** Oldest first, pull requests left out. */
  issues(): Promise<readonly Issue[]>;
  pullRequests(): Promise<readonly PullRequest[]>;
  timeline(number: number): Promise<readonly TimelineEvent[]>;
  checks(headSha: string): Promise<readonly CheckRun[]>;
  /** Sevgate's status comment; `null`: there is none. */
  statusComment(number: number): Promise<Comment | null>;
  /** What Sevgate's status comment says; `null`: there is none. */
  status(number: number): Promise<string | null>;
  /** What else Sevgate says on an issue. */
  replies(number: number): Promise<readonly string[]>;
}

/** The view of an emulated GitHub that `reader` has. */
export function createWorld(emulator: RunningEmulator, reader: Login = "maria"): World {
  const clients = new Map<Login, Octokit>();
  const appLogin = `${emulator.slug}[bot]`;

  function as(login: Login): Octokit {
    const known = clients.get(login);
    if (known !== undefined) return known;
    const client = createSilentOctokit(emulator.url, emulator.tokens[login]);
    clients.set(login, client);
    return client;
  }

  const read = as(reader);
  async function comments(number: number): Promise<readonly Comment[]> {
    return (await read.issues.listComments({ ...PLACE, issue_number: number, per_page: 100 })).data;
  }
  async function ownComments(number: number): Promise<readonly Comment[]> {
    return (await comments(number)).filter((comment) => comment.user?.login === appLogin);
  }
  const isStatus = ({ body }: Comment) => body?.includes("<!-- sevgate:status -->") === true;
  async function statusComment(number: number): Promise<Comment | null> {
    return (await ownComments(number)).find(isStatus) ?? null;
  }

  return {
    as,
    apiUrl: emulator.url,
    appLogin,
    comments,
    async issue(number) {
      return (await read.issues.get({ ...PLACE, issue_number: number })).data;
    },
    async issues() {
      const { data } = await read.issues.listForRepo({ ...PLACE, state: "all", per_page: 100, direction: "asc" });
      return data.filter((one) => one.pull_request === undefined).sort((a, b) => a.number - b.number) as Issue[];
    },
    async pullRequests() {
      return (await read.pulls.list({ ...PLACE, state: "all", per_page: 100 })).data;
    },
    async timeline(number) {
      return (await read.issues.listEventsForTimeline({ ...PLACE, issue_number: number, per_page: 100 })).data;
    },
    async checks(headSha) {
      return (await read.checks.listForRef({ ...PLACE, ref: headSha })).data.check_runs;
    },
    statusComment,
    async status(number) {
      return (await statusComment(number))?.body ?? null;
    },
    async replies(number) {
      return (await ownComments(number)).filter((comment) => !isStatus(comment)).map(({ body }) => body ?? "");
    },
  };
}
