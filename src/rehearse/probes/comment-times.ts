import { type Answer, isDone, listAt, numberAt, saidBy, textAt } from "../answer.ts";
import { type Finding, told, untold, untoldEach } from "../finding.ts";
import type { PersonProbe } from "../probe.ts";

/** Comments of which nobody edited one but the last, as they were written, and how they stand afterwards. */
interface CommentTimes {
  /** In the order in which they were written. */
  readonly ids: readonly number[];
  /** "List issue comments". */
  readonly listed: Answer;
  /** GraphQL: `lastEditedAt` of each. */
  readonly edits: Answer;
  /** The one that was edited, and has a reaction; the others have neither. */
  readonly edited: number;
}

const WRITTEN = 8;
const EDITS = `query ($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) { issue(number: $number) { comments(last: 100) { nodes { url lastEditedAt } } } }
}`;

export function judgeCommentTimes({ ids, listed, edits, edited }: CommentTimes): readonly Finding[] {
  if (!isDone(listed)) return untoldEach(["A-064", "A-065"], saidBy(listed));
  const comments = listAt(listed.data).filter((one) => ids.includes(numberAt(one, "id") ?? 0));
  if (comments.length < ids.length) {
    const why = `only ${comments.length} of ${ids.length} comments are listed`;
    return untoldEach(["A-064", "A-065"], why);
  }
  const apart = comments.filter((one) => {
    const [made, changed] = [textAt(one, "created_at"), textAt(one, "updated_at")];
    return numberAt(one, "id") !== edited && made !== changed;
  });
  const late = `${apart.length} of ${comments.length - 1} untouched ones show two different times`;
  const nodes = listAt(edits.data, "data", "repository", "issue", "comments", "nodes");
  const editedAt = (id: number) => {
    const node = nodes.find((one) => textAt(one, "url")?.endsWith(`#issuecomment-${id}`));
    return node === undefined ? "untold" : textAt(node, "lastEditedAt");
  };
  const said = ids.map((id) => ({ id, at: editedAt(id) }));
  const wrong = said.filter(({ id, at }) => (id === edited ? at === null : at !== null));
  const whole = comments.every((one) => /T\d\d:\d\d:\d\dZ$/.test(textAt(one, "created_at") ?? ""));
  const rising = ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? 0));
  return [
    nodes.length === 0 || said.some(({ at }) => at === "untold")
      ? untold("A-064", `${late}; GraphQL: ${saidBy(edits)}`)
      : told(
          "A-064",
          wrong.length === 0,
          `${late}; GraphQL is right about ${said.length - wrong.length} of ${said.length}`,
        ),
    told(
      "A-065",
      whole && rising,
      `${whole ? "whole seconds" : "parts of seconds"}, ids ${rising ? "rise" : "do not rise"}`,
    ),
  ];
}

export const commentTimesProbe: PersonProbe = {
  id: "T-1",
  title: "the times of comments that nobody edited",
  assumptions: ["A-064", "A-065"],
  needs: "person",
  async run({ person, trialIssue, owner, name }) {
    const issue_number = await trialIssue();
    const ids: number[] = [];
    for (let count = 1; count <= WRITTEN; count += 1) {
      const body = `Comment ${count} of ${WRITTEN}, to see its times.`;
      const made = await person.ask("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
        issue_number,
        body,
      });
      const id = numberAt(made.data, "id");
      if (!isDone(made) || id === null) return untoldEach(["A-064", "A-065"], saidBy(made));
      ids.push(id);
    }
    const edited = ids.at(-1) ?? 0;
    const reaction = { comment_id: ids[0], content: "eyes" };
    await person.ask("POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", reaction);
    const change = { comment_id: edited, body: "Edited, to see its times." };
    await person.ask("PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}", change);
    const page = { issue_number, per_page: 100 };
    const listed = await person.ask("GET /repos/{owner}/{repo}/issues/{issue_number}/comments", page);
    const edits = await person.graphql(EDITS, { owner, name, number: issue_number });
    return judgeCommentTimes({ ids, listed, edits, edited });
  },
};
