import { type Answer, isDone, numberAt, saidBy } from "../answer.ts";
import { type Finding, fails, holds, untold } from "../finding.ts";
import type { AppProbe } from "../probe.ts";

/** @param reads of an issue right after it was created, by the app, in order */
export function judgeFreshIssue(created: Answer, reads: readonly Answer[]): readonly Finding[] {
  if (!isDone(created) || numberAt(created.data, "number") === null) return [untold("A-066", saidBy(created))];
  const missing = reads.filter(({ status }) => status === 404).length;
  const last = reads.at(-1);
  if (last === undefined) return [untold("A-066", "it was not read")];
  if (last.status === 404) return [fails("A-066", `still 404 after ${reads.length} reads, a second apart`)];
  if (!isDone(last)) return [untold("A-066", saidBy(last))];
  return [holds("A-066", missing === 0 ? "it was there at once" : `it was there after ${missing} s`)];
}

const MOST_READS = 20;

export const freshIssueProbe: AppProbe = {
  id: "fresh-issue",
  title: "an issue read right after it was created",
  assumptions: ["A-066"],
  needs: "app",
  async run({ person, pause, mark }, app) {
    const issue = { title: `An issue that has just been created (${mark})`, body: "A trial." };
    const created = await person.ask("POST /repos/{owner}/{repo}/issues", issue);
    const issue_number = numberAt(created.data, "number") ?? 0;
    const reads: Answer[] = [];
    while (isDone(created) && reads.length < MOST_READS && (reads.at(-1)?.status ?? 404) === 404) {
      if (reads.length > 0) await pause(1_000);
      reads.push(await app.installation.ask("GET /repos/{owner}/{repo}/issues/{issue_number}", { issue_number }));
    }
    return judgeFreshIssue(created, reads);
  },
};
