import { type Answer, isDone, numberAt, saidBy } from "../answer.ts";
import { type Finding, told, untold } from "../finding.ts";
import type { AppProbe } from "../probe.ts";

/** @param without a search that does not say whether it is for issues or pull requests */
export function judgeSearchWords(withKind: Answer, without: Answer): readonly Finding[] {
  if (!isDone(withKind) || numberAt(withKind.data, "total_count") === null) return [untold("A-120", saidBy(withKind))];
  return isDone(without) || without.status === 422
    ? [told("A-120", without.status === 422, `without is: ${saidBy(without)}`)]
    : [untold("A-120", saidBy(without))];
}

export const searchWordsProbe: AppProbe = {
  id: "search",
  title: "a search by the app, with and without is:",
  assumptions: ["A-120"],
  needs: "app",
  async run({ owner, name }, app) {
    const search = (q: string) => app.installation.ask("GET /search/issues", { q, per_page: 1 });
    const withKind = await search(`repo:${owner}/${name} is:issue`);
    return judgeSearchWords(withKind, await search(`repo:${owner}/${name}`));
  },
};
