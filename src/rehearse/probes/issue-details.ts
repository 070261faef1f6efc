import { type Answer, isDone, listAt, saidBy, textAt } from "../answer.ts";
import { type Finding, told, untold } from "../finding.ts";
import type { AppProbe } from "../probe.ts";

/**
 * @param types  "List issue types for a repository"
 * @param fields "List issue field values for an issue"
 */
export function judgeIssueDetails(types: Answer, fields: Answer): readonly Finding[] {
  const names = listAt(types.data).map((type) => textAt(type, "name"));
  const values = listAt(fields.data);
  const isKnown =
    fields.status === 403 ||
    fields.status === 404 ||
    (values.length > 0 && values.every((value) => textAt(value, "issue_field_name") !== null));
  return [
    isDone(types) && Array.isArray(types.data) && names.length === 0
      ? untold("A-127", "there is none here: only repositories of organizations have issue types")
      : isDone(types)
        ? told(
            "A-127",
            Array.isArray(types.data) && names.every((name) => name !== null),
            `${names.length} types: ${names.join(", ")}`,
          )
        : untold("A-127", `no types here: ${saidBy(types)}`),
    fields.status >= 500
      ? untold("A-129", saidBy(fields))
      : isDone(fields) && Array.isArray(fields.data) && values.length === 0
        ? untold("A-129", "the issue has no field with a value")
        : told("A-129", isKnown, saidBy(fields)),
  ];
}

export const issueDetailsProbe: AppProbe = {
  id: "issue-details",
  title: "issue types and fields",
  assumptions: ["A-127", "A-129"],
  needs: "app",
  async run({ trialIssue }, app) {
    const types = await app.installation.ask("GET /repos/{owner}/{repo}/issue-types");
    const place = { issue_number: await trialIssue() };
    const route = "GET /repos/{owner}/{repo}/issues/{issue_number}/issue-field-values";
    return judgeIssueDetails(types, await app.installation.ask(route, place));
  },
};
