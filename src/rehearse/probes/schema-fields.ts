import { type Answer, isDone, listAt, saidBy, textAt } from "../answer.ts";
import { type Finding, fails, holds, untold } from "../finding.ts";
import type { PersonProbe } from "../probe.ts";

/** The fields that only GraphQL has, by the row that relies on each: type and field. */
const NEEDED = [
  ["A-064", "IssueComment", "lastEditedAt"],
  ["A-126", "Issue", "userContentEdits"],
  ["A-126", "Issue", "lastEditedAt"],
  ["A-095", "PullRequest", "closingIssuesReferences"],
  ["A-095", "PullRequest", "headRefOid"],
  ["A-095", "PullRequest", "mergeCommit"],
  ["A-095", "PullRequest", "changedFiles"],
  ["A-020", "Repository", "mergeQueue"],
  ["A-048", "Repository", "issueCreationPolicy"],
  ["A-100", "Mutation", "revertPullRequest"],
] as const;

const DOCUMENT = `query {
  IssueComment: __type(name: "IssueComment") { fields { name } }
  Issue: __type(name: "Issue") { fields { name } }
  PullRequest: __type(name: "PullRequest") { fields { name } }
  Repository: __type(name: "Repository") { fields { name } }
  Mutation: __type(name: "Mutation") { fields { name } }
}`;

/** One finding for each field that is not there; where all are, nothing: what they say is another probe's. */
export function judgeSchemaFields(answer: Answer): readonly Finding[] {
  const isThere = (type: string, field: string) =>
    listAt(answer.data, "data", type, "fields").some((one) => textAt(one, "name") === field);
  if (!isDone(answer) || listAt(answer.data, "data", "Issue", "fields").length === 0) {
    return [untold("A-095", `GraphQL: ${saidBy(answer)}`)];
  }
  const lacking = NEEDED.filter(([, type, field]) => !isThere(type, field));
  const gone = lacking.map(([assumption, type, field]) => fails(assumption, `GraphQL has no ${type}.${field}`));
  return gone.some(({ assumption }) => assumption === "A-095")
    ? gone
    : [...gone, holds("A-095", `${NEEDED.length - lacking.length} of ${NEEDED.length} GraphQL fields are there`)];
}

export const schemaFieldsProbe: PersonProbe = {
  id: "graphql",
  title: "the fields of GraphQL that are read",
  assumptions: ["A-020", "A-048", "A-064", "A-095", "A-100", "A-126"],
  needs: "person",
  run: async ({ person }) => judgeSchemaFields(await person.graphql(DOCUMENT)),
};
