import { type Answer, isDone, listAt, numberAt, saidBy, short, textAt } from "../answer.ts";
import { type Finding, fails, holds, told, untold, untoldEach } from "../finding.ts";
import { mergeWhenReady } from "../merge-when-ready.ts";
import type { AppProbe } from "../probe.ts";

/** Some mutations are not for apps at all, whatever their rights. */
const NOT_FOR_APPS = /not accessible by integration/i;

/**
 * @param reverted `revertPullRequest` with the app's token
 * @param pull     the pull request of the number in that answer; `null`: it has none
 * @param title    what the revert was to be called
 */
export function judgeRevert(reverted: Answer, pull: Answer | null, title: string): readonly Finding[] {
  const [error] = listAt(reverted.data, "errors");
  if (error !== undefined) {
    const message = short(textAt(error, "message") ?? textAt(error, "type") ?? "an error without words");
    return [NOT_FOR_APPS.test(message) ? fails("A-100", message) : untold("A-100", message), untold("A-101", message)];
  }
  if (!isDone(reverted) || pull === null) return untoldEach(["A-100", "A-101"], saidBy(reverted));
  const branch = textAt(pull.data, "head", "ref") ?? "none";
  const author = textAt(pull.data, "user", "login") ?? "nobody";
  return [
    holds("A-100", `branch ${branch}, author ${author}`),
    isDone(pull)
      ? told(
          "A-101",
          textAt(pull.data, "state") === "open" && textAt(pull.data, "title") === title,
          `#${numberAt(pull.data, "number")} is ${textAt(pull.data, "state")}: ${short(textAt(pull.data, "title") ?? "")}`,
        )
      : fails("A-101", saidBy(pull)),
  ];
}

const REVERT = `mutation ($id: ID!, $title: String!, $body: String!) {
  revertPullRequest(input: { pullRequestId: $id, title: $title, body: $body }) { revertPullRequest { number } }
}`;

export const revertByAppProbe: AppProbe = {
  id: "T-6",
  title: "the app reverts a merged pull request",
  assumptions: ["A-100", "A-101"],
  needs: "app",
  async run(scratch, app) {
    const { person, branch, defaultBranch, mark } = scratch;
    const from = await branch("to-revert");
    const title = `A change to revert (${mark})`;
    const content = {
      title,
      body: "Merged to see whether the app may revert it.",
      head: from.name,
      base: defaultBranch,
    };
    const opened = await person.ask("POST /repos/{owner}/{repo}/pulls", content);
    const merged = await mergeWhenReady(scratch, numberAt(opened.data, "number") ?? 0);
    if (!isDone(merged)) return judgeRevert(merged, null, title);
    const id = textAt(opened.data, "node_id") ?? "";
    const words = { id, title: `Revert: ${title}`, body: "Opened by `sevgate rehearse`; it is closed at the end." };
    const reverted = await app.installation.graphql(REVERT, words);
    const number = numberAt(reverted.data, "data", "revertPullRequest", "revertPullRequest", "number");
    if (number === null) return judgeRevert(reverted, null, words.title);
    return judgeRevert(
      reverted,
      await person.ask("GET /repos/{owner}/{repo}/pulls/{pull_number}", { pull_number: number }),
      words.title,
    );
  },
};
