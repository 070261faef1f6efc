import { problemsOfAnswer, problemsOfDocument } from "../github-schema.ts";
import { time } from "./json.ts";
import { missing, type Request, type Route, type Said, type Served } from "./route.ts";

/** What only GraphQL answers. */
export function graphqlRoutes(served: Served): readonly Route[] {
  const { github, repository } = served;
  const { read, write } = github;
  return [
    graphqlRoute(async ({ body }) => {
      const { variables, query } = body as unknown as Asked;
      if (query.includes("revertPullRequest")) {
        const number =
          github.numbers(repository).find((one) => github.issue(one, repository).nodeId === variables.id) ?? 0;
        const revert = await write.revertPullRequest(repository, { number, nodeId: variables.id }, variables);
        if (revert === "unsupported") return missing;
        if ("refused" in revert) {
          const type = revert.isFinal ? "UNPROCESSABLE" : "FORBIDDEN";
          return { data: { data: null, errors: [{ type, message: revert.refused }] } };
        }
        return { data: { data: { revertPullRequest: { revertPullRequest: { number: revert.number } } } } };
      }
      if (query.includes("viewer")) {
        if (!github.features.graphql) return missing;
        const { botLogin } = await github.app.identity();
        return { data: { data: { viewer: { login: botLogin }, repository: { databaseId: repository.id } } } };
      }
      if (query.includes("userContentEdits")) {
        const edits = await read.issueEdits(repository, variables.number);
        if (edits === "unsupported") return missing;
        const nodes = edits.edits.map(({ by, at }) => {
          const editedAt = new Date(at).toISOString();
          if (by === null) return { editedAt, editor: null };
          const login = by.replace(/\[bot\]$/, "");
          return { editedAt, editor: { __typename: login === by ? "User" : "Bot", login } };
        });
        const userContentEdits = { nodes, pageInfo: { hasNextPage: false, endCursor: null } };
        const lastEditedAt = edits.lastEditedAt === null ? null : new Date(edits.lastEditedAt).toISOString();
        return { data: { data: { repository: { issue: { lastEditedAt, userContentEdits } } } } };
      }
      if (query.includes("lastEditedAt")) {
        const edits = await read.commentEdits(repository, variables.number);
        if (edits === "unsupported") return missing;
        const nodes = [...edits].map(([id, at]) => ({
          url: `https://github.com/${repository.owner}/${repository.name}/issues/${variables.number}#issuecomment-${id}`,
          lastEditedAt: at === null ? null : new Date(at).toISOString(),
        }));
        const comments = { nodes, pageInfo: { hasPreviousPage: false, startCursor: null } };
        return { data: { data: { repository: { issue: { comments } } } } };
      }
      if (query.includes("mergeQueue")) {
        const queue = await read.mergeQueue(repository, variables.branch);
        if (queue === "unsupported") return missing;
        const nodes = queue.map(({ position, headSha, pullRequest }) => ({
          position,
          headCommit: headSha === null ? null : { oid: headSha },
          pullRequest: { number: pullRequest },
        }));
        const entries = { nodes, pageInfo: { hasNextPage: false, endCursor: null } };
        return { data: { data: { repository: { mergeQueue: nodes.length === 0 ? null : { entries } } } } };
      }
      if (query.includes("headRefOid")) {
        const whole = await wholePullRequest(served, variables.number);
        if (whole === "unsupported") return missing;
        if (whole !== null) return { data: { data: { repository: { pullRequest: whole } } } };
        const message = `Could not resolve to a PullRequest with the number of ${variables.number}.`;
        return { data: { data: null, errors: [{ type: "NOT_FOUND", message }] } };
      }
      const references = await read.closingReferences(repository, { number: variables.number });
      if (references === "unsupported") return missing;
      return {
        data: {
          data: {
            repository: {
              pullRequest: {
                closingIssuesReferences: {
                  nodes: references.map((reference) => ({
                    number: reference.number,
                    repository: {
                      nameWithOwner: reference.repository ?? `${repository.owner}/${repository.name}`,
                    },
                  })),
                  pageInfo: { hasNextPage: false, endCursor: null },
                },
              },
            },
          },
        },
      };
    }),
  ];
}

interface Asked {
  readonly query: string;
  readonly variables: {
    readonly number: number;
    readonly id: string;
    readonly title: string;
    readonly body: string;
    readonly branch: string;
  };
}

/** The most that a connection gives. */
const MOST_NODES = 100;

const CHANGE_TYPES = {
  added: "ADDED",
  changed: "CHANGED",
  copied: "COPIED",
  modified: "MODIFIED",
  removed: "DELETED",
  renamed: "RENAMED",
  unchanged: "CHANGED",
} as const;

function connection(all: readonly unknown[]) {
  return { nodes: all.slice(0, MOST_NODES), pageInfo: { hasNextPage: all.length > MOST_NODES, endCursor: null } };
}

async function wholePullRequest({ github, repository }: Served, number: number) {
  const { read } = github;
  if (!github.features.graphql) return "unsupported";
  const pull = await read.pullRequest(repository, number);
  if (pull === "missing") return null;
  const references = await read.closingReferences(repository, pull);
  const { commits } = await read.pullRequestCommits(repository, pull);
  const { files } = await read.pullRequestFiles(repository, pull);
  const { author } = pull;
  return {
    number,
    id: pull.nodeId,
    url: pull.url,
    title: pull.title,
    body: pull.body,
    state: pull.merged ? "MERGED" : pull.state === "open" ? "OPEN" : "CLOSED",
    mergedAt: time(pull.mergedAt),
    isDraft: pull.draft,
    headRefOid: pull.headSha,
    baseRefName: pull.baseRef,
    changedFiles: files.length,
    mergeCommit: pull.merged && pull.mergeSha !== null ? { oid: pull.mergeSha } : null,
    baseRepository: { defaultBranchRef: { name: pull.defaultBranch } },
    author:
      author === null
        ? null
        : {
            __typename: author.isBot ? "Bot" : "User",
            login: author.login.replace(/\[bot\]$/, ""),
            databaseId: author.id,
          },
    commits: connection(commits.map(({ sha, message }) => ({ commit: { oid: sha, message } }))),
    files: connection(files.map(({ path, status }) => ({ path, changeType: CHANGE_TYPES[status] }))),
    closingIssuesReferences: connection(
      (references === "unsupported" ? [] : references).map((reference) => ({
        number: reference.number,
        repository: { nameWithOwner: reference.repository ?? `${repository.owner}/${repository.name}` },
      })),
    ),
  };
}

/** GraphQL, with every document and every answer checked against GitHub's schema. */
function graphqlRoute(answer: (request: Request) => Promise<Said>): Route {
  return [
    "POST",
    /^\/graphql$/,
    async (request) => {
      const { query, variables } = request.body as unknown as Asked;
      const wrongDocument = problemsOfDocument(query);
      if (wrongDocument.length > 0) return againstTheSchema(wrongDocument);
      const said = await answer(request);
      const { data, errors } = (said.data ?? {}) as { readonly data?: unknown; readonly errors?: unknown };
      if (said.status !== undefined || errors !== undefined) return said;
      const wrongAnswer = problemsOfAnswer(query, { ...variables }, data);
      return wrongAnswer.length > 0 ? againstTheSchema(wrongAnswer) : said;
    },
  ];
}

function againstTheSchema(problems: readonly string[]): Said {
  return { status: 422, data: { message: `AGAINST THE SCHEMA ${problems.join("; ")}` } };
}
