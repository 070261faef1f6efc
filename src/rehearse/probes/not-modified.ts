import { type Answer, saidBy } from "../answer.ts";
import { type Finding, fails, holds, untold } from "../finding.ts";
import type { PersonProbe } from "../probe.ts";

/**
 * @param again the same read with the tag of the first answer, several times
 * @param other the same read with a tag that no answer had
 */
export function judgeNotModified(first: Answer, again: readonly Answer[], other: Answer): readonly Finding[] {
  const changed = again.find(({ status }) => status !== 304);
  if (first.headers["etag"] === undefined) return [untold("A-117", "the answer has no tag")];
  if (changed !== undefined) return [fails("A-117", `asked with its own tag: ${saidBy(changed)}`)];
  if (other.status === 304) return [fails("A-117", "304, and 304 for a tag that no answer had, too: it says nothing")];
  const used = [first, ...again].map(({ headers }) => Number(headers["x-ratelimit-used"] ?? Number.NaN));
  const more = (used.at(-1) ?? 0) - (used[0] ?? 0);
  if (Number.isNaN(more)) return [untold("A-117", "304, and no header says how many requests were used")];
  if (more === 0) return [holds("A-117", `304, and ${again.length} of them used none of the limit`)];
  // Something else may use the same token at the same time.
  return more >= again.length
    ? [fails("A-117", `304, but ${again.length} of them used ${more} of the limit`)]
    : [untold("A-117", `304, and ${more} of the limit were used meanwhile`)];
}

const NO_TAG = '"of-no-answer"';

export const notModifiedProbe: PersonProbe = {
  id: "not-modified",
  title: "what an answer costs that has not changed",
  assumptions: ["A-117"],
  needs: "person",
  async run({ person, trialIssue }) {
    const read = { issue_number: await trialIssue() };
    const route = "GET /repos/{owner}/{repo}/issues/{issue_number}";
    const first = await person.ask(route, read);
    const ifNoneMatch = first.headers["etag"];
    if (ifNoneMatch === undefined) return judgeNotModified(first, [], first);
    const again: Answer[] = [];
    for (let times = 0; times < 3; times += 1) again.push(await person.ask(route, read, { ifNoneMatch }));
    return judgeNotModified(first, again, await person.ask(route, read, { ifNoneMatch: NO_TAG }));
  },
};
