import { type Answer, isAnswered, isDone, listAt, numberAt, saidBy } from "../answer.ts";
import { type Finding, holds, told, untoldEach } from "../finding.ts";
import type { PersonProbe } from "../probe.ts";

interface ReferenceAnswers {
  readonly issue: number;
  /** An issue that the body names in code only; `null`: none. */
  readonly quoted: number | null;
  /** While the body says “Fixes”. */
  readonly before: Answer;
  /** After it was changed to “Refs”, each after so many seconds. */
  readonly after: readonly { readonly seconds: number; readonly answer: Answer }[];
}

const references = (answer: Answer) =>
  listAt(answer.data, "data", "repository", "pullRequest", "closingIssuesReferences", "nodes");

export function judgeClosingReferences({ issue, quoted, before, after }: ReferenceAnswers): readonly Finding[] {
  const has = (answer: Answer, number: number | null) =>
    references(answer).some((one) => number !== null && numberAt(one, "number") === number);
  const names = (answer: Answer) => has(answer, issue);
  const last = after.at(-1);
  if (!isAnswered(before) || last === undefined || !isAnswered(last.answer)) {
    const why = `GraphQL: ${saidBy(before)}`;
    return untoldEach(["A-085", "A-089"], why);
  }
  const goneAfter = after.find(({ answer }) => isAnswered(answer) && !names(answer))?.seconds ?? null;
  return [
    told(
      "A-085",
      names(before) && !has(before, quoted),
      names(before)
        ? `“Fixes #n” in the body is in GitHub's own list${quoted === null ? "" : has(before, quoted) ? ", and so is one in code" : ", and one in code is not"}`
        : "“Fixes #n” in the body is not in GitHub's own list",
    ),
    // Right either way: Sevgate looks again, and says how to unlink.
    holds(
      "A-089",
      goneAfter === null ? `the link is still there after ${last.seconds} s` : `the link was gone after ${goneAfter} s`,
    ),
  ];
}

const REFERENCES = `query ($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) { closingIssuesReferences(first: 20) { nodes { number } } }
  }
}`;
const ASKED_AFTER_S = [1, 10, 60];

export const closingReferencesProbe: PersonProbe = {
  id: "T-16",
  title: "a closing keyword is edited away",
  assumptions: ["A-085", "A-089"],
  needs: "person",
  async run({ person, branch, trialIssue, defaultBranch, owner, name, mark, story, pause, until }) {
    const issue = await trialIssue();
    const from = await branch("keyword");
    const title = `A keyword that goes again (${mark})`;
    // It is never merged: whatever GitHub makes of it, the incident stays as it is.
    const quoted = story.incident;
    const inCode = quoted === null ? "" : `\n\n\`Fixes #${quoted}\``;
    const content = { title, body: `Fixes #${issue}${inCode}`, head: from.name, base: defaultBranch };
    const opened = await person.ask("POST /repos/{owner}/{repo}/pulls", content);
    const number = numberAt(opened.data, "number");
    if (number === null) return untoldEach(["A-085", "A-089"], saidBy(opened));
    const ask = () => person.graphql(REFERENCES, { owner, name, number });
    const found = await until("the closing reference", async () => {
      const answer = await ask();
      return !isDone(answer) || references(answer).length > 0 ? answer : null;
    });
    const before = found?.seen ?? (await ask());
    if (!isAnswered(before)) return judgeClosingReferences({ issue, quoted, before, after: [] });
    await person.ask("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", {
      pull_number: number,
      body: `Refs #${issue}`,
    });
    const after: { seconds: number; answer: Answer }[] = [];
    for (const seconds of ASKED_AFTER_S) {
      await pause((seconds - (after.at(-1)?.seconds ?? 0)) * 1_000);
      const answer = await ask();
      after.push({ seconds, answer });
      if (isAnswered(answer) && references(answer).length === 0) break;
    }
    return judgeClosingReferences({ issue, quoted, before, after });
  },
};
