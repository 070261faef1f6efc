import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { TransientError } from "../../src/base/errors.ts";
import type { Repository } from "../../src/core/model.ts";
import { createGitHub } from "../../src/systems/github/create-github.ts";
import type { GitHub } from "../../src/systems/github/ports.ts";
import { tokenIdentity } from "../../src/systems/github/token-identity.ts";
import { nullablePaths, problemsOfAnswer, problemsOfDocument } from "../../testkit/github-schema.ts";
import { documentsForGitHub } from "../../testkit/requests-to-github.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";
import { interceptRequests, nock } from "../support/intercept-requests.ts";
import { testPrivateKey } from "./world.ts";

const API = "https://api.github.com";
const PRIVATE_KEY = testPrivateKey();
const repository: Repository = { installationId: 777, id: 1, owner: "acme", name: "ops" };

const documents = documentsForGitHub();

/** Each question asked through GraphQL, with an answer like GitHub's. */
const QUESTIONS: readonly {
  readonly name: string;
  readonly ask: (github: GitHub) => Promise<unknown>;
  readonly data: Readonly<Record<string, unknown>>;
}[] = [
  {
    name: "which issues a pull request would close",
    ask: (github) => github.read.closingReferences(repository, { number: 7 }),
    data: {
      repository: {
        pullRequest: {
          closingIssuesReferences: {
            nodes: [{ number: 3, repository: { nameWithOwner: "acme/ops" } }],
            pageInfo: { hasNextPage: false, endCursor: "Y3Vyc29y" },
          },
        },
      },
    },
  },
  {
    //
    name: "a pull request with all that a merge of it is judged by",
    ask: (github) => github.read.pullRequestAtOnce(repository, 7),
    data: {
      repository: {
        pullRequest: {
          number: 7,
          id: "PR_7",
          url: "https://github.com/acme/ops/pull/7",
          title: "Mend it",
          body: "Fixes #3",
          state: "MERGED",
          mergedAt: "2026-01-05T09:00:01Z",
          isDraft: false,
          headRefOid: "a".repeat(40),
          baseRefName: "main",
          changedFiles: 1,
          mergeCommit: { oid: "b".repeat(40) },
          baseRepository: { defaultBranchRef: { name: "main" } },
          author: { __typename: "User", login: "wendy", databaseId: 5 },
          commits: {
            nodes: [{ commit: { oid: "a".repeat(40), message: "Mend it" } }],
            pageInfo: { hasNextPage: false, endCursor: null },
          },
          files: {
            nodes: [{ path: "src/app.ts", changeType: "MODIFIED" }],
            pageInfo: { hasNextPage: false, endCursor: null },
          },
          closingIssuesReferences: {
            nodes: [{ number: 3, repository: { nameWithOwner: "acme/ops" } }],
            pageInfo: { hasNextPage: false, endCursor: null },
          },
        },
      },
    },
  },
  {
    name: "what stands in the merge queue",
    ask: (github) => github.read.mergeQueue(repository, "main"),
    data: {
      repository: {
        mergeQueue: {
          entries: {
            nodes: [{ position: 1, headCommit: { oid: "a".repeat(40) }, pullRequest: { number: 7 } }],
            pageInfo: { hasNextPage: false, endCursor: null },
          },
        },
      },
    },
  },
  {
    name: "who has edited an issue",
    ask: (github) => github.read.issueEdits(repository, 3),
    data: {
      repository: {
        issue: {
          lastEditedAt: "2026-01-05T09:00:01Z",
          userContentEdits: {
            nodes: [{ editedAt: "2026-01-05T09:00:01Z", editor: { __typename: "User", login: "bob" } }],
            pageInfo: { hasNextPage: false, endCursor: null },
          },
        },
      },
    },
  },
  {
    name: "when comments were edited",
    ask: (github) => github.read.commentEdits(repository, 3),
    data: {
      repository: {
        issue: {
          comments: {
            nodes: [
              { url: "https://github.com/acme/ops/issues/3#issuecomment-9", lastEditedAt: "2026-01-05T09:00:01Z" },
            ],
            pageInfo: { hasPreviousPage: false, startCursor: null },
          },
        },
      },
    },
  },
  {
    name: "the pull request that reverts another",
    ask: (github) =>
      github.write.revertPullRequest(repository, { number: 7, nodeId: "PR_7" }, { title: "Revert it", body: "" }),
    data: { revertPullRequest: { revertPullRequest: { number: 8 } } },
  },
  {
    //
    name: "whose a token is",
    ask: () => {
      const log = pino({ level: "silent" });
      return tokenIdentity({ token: "ghs_1", apiUrl: API, log, clock: new VirtualClock() }, repository, null);
    },
    data: { viewer: { login: "github-actions[bot]" }, repository: { databaseId: 1 } },
  },
];

/** What was asked through GraphQL, latest last. */
let asked: { readonly query: string; readonly variables: Readonly<Record<string, unknown>> }[];
let answer: unknown;

interceptRequests();

beforeEach(() => {
  asked = [];
  nock(API)
    .persist()
    .post(/access_tokens$/)
    .reply(201, { token: "ghs_1", expires_at: "2099-01-01T00:00:00Z" });
  nock(API)
    .persist()
    .post("/graphql")
    .reply((_path, body) => {
      asked.push(body as unknown as (typeof asked)[number]);
      return [200, { data: answer }];
    });
  // The details of the opened pull request do not matter here.
  nock(API).persist().get(/.*/).reply(404, { message: "Not Found" });
});

afterEach(() => nock.cleanAll());

function client(): GitHub {
  const log = pino({ level: "silent" });
  return createGitHub({ appId: 4_242, privateKey: PRIVATE_KEY, apiUrl: API, log, clock: new VirtualClock() });
}

const outcome = (github: GitHub, ask: (github: GitHub) => Promise<unknown>) =>
  ask(github).catch((error: unknown) => error);

describe("what Sevgate asks by GraphQL", () => {
  it("is what GitHub's schema knows, and nothing of it is deprecated", () => {
    expect(documents.length).toBeGreaterThan(3);
    const problems = documents.map(({ file, text }) => ({ file, text, problems: problemsOfDocument(text) }));
    expect(problems.filter((document) => document.problems.length > 0)).toEqual([]);
  });

  it("would be found out: what no schema has, what is deprecated, a list without a size, an answer of another shape", () => {
    const inIssue = (fields: string) =>
      `query { repository(owner: "a", name: "b") { issue(number: 1) { ${fields} } } }`;
    const wrong = [
      ["lastTouchedAt", "Cannot query"],
      ["repository { squashPrTitleUsedAsDefault }", "deprecated"],
      ["comments { totalCount }", "how many"],
      ["comments(last: 101) { totalCount }", "how many"],
    ] as const;
    for (const [fields, problem] of wrong) {
      expect(problemsOfDocument(inIssue(fields))).toEqual([expect.stringContaining(problem)]);
    }

    const document = inIssue("state number closedAt");
    const problems = (issue: unknown) => problemsOfAnswer(document, {}, { repository: { issue } });
    expect(problems({ state: "OPEN", number: 1, closedAt: null })).toEqual([]);
    for (const issue of [
      { state: "open", number: 1, closedAt: null },
      { state: "OPEN", number: null, closedAt: null },
      { state: "OPEN", number: 1 },
      { state: "OPEN", number: 1, closedAt: null, title: "Down" },
    ]) {
      expect(problems(issue)).not.toEqual([]);
    }
  });

  it("is each time a document of the sources, as it stands there", async () => {
    for (const { ask, data } of QUESTIONS) {
      answer = data;
      await outcome(client(), ask);
    }
    const sent = asked.map(({ query }) => query);
    // What a rehearsal asks besides is held by test/e2e/rehearse.test.ts.
    const inLoop = documents.filter(({ file }) => !file.startsWith("src/rehearse/"));
    expect(new Set(sent)).toEqual(new Set(inLoop.map(({ text }) => text)));
  });

  it.each(QUESTIONS)("is understood wherever the schema lets an answer be null: $name", async ({ ask, data }) => {
    answer = data;
    await outcome(client(), ask);
    const [{ query, variables }] = asked as [(typeof asked)[number]];
    expect(problemsOfAnswer(query, variables, data)).toEqual([]);

    const odd: unknown[] = [];
    const paths = nullablePaths(query);
    expect(paths.length).toBeGreaterThan(0);
    for (const path of paths) {
      answer = withNull(data, path);
      expect(problemsOfAnswer(query, variables, answer)).toEqual([]);
      const got = await outcome(client(), ask);
      // Either an answer or, if nothing can be said, an error that makes it be asked again. What is allowed is always
      // understood.
      if (got instanceof Error && !(got instanceof TransientError))
        odd.push({ path: path.join("."), error: got.message });
    }
    expect(odd).toEqual([]);
  });
});

/** A copy with `null` in one place; a number is an index in a list. */
function withNull(data: unknown, path: readonly string[]): unknown {
  const copy = structuredClone(data) as Record<string, unknown>;
  let place: unknown = copy;
  for (const [at, name] of path.entries()) {
    if (Array.isArray(place) && name !== "0") place = place[0];
    const node = place as Record<string, unknown>;
    if (at === path.length - 1) node[name] = null;
    else place = node[name];
  }
  return copy;
}
