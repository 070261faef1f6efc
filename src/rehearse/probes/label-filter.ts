import { type Answer, isDone, listAt, numberAt, saidBy } from "../answer.ts";
import { type Finding, told, untold } from "../finding.ts";
import type { PersonProbe } from "../probe.ts";

/** @param both the list of issues by `labels=one,other`; @param half an issue that has only one of them */
export function judgeLabelFilter(both: Answer, whole: number, half: number): readonly Finding[] {
  if (whole === 0 || half === 0) return [untold("A-055", "the two issues were not opened")];
  if (!isDone(both)) return [untold("A-055", saidBy(both))];
  const listed = listAt(both.data).map((one) => numberAt(one, "number"));
  const hasHalf = listed.includes(half);
  if (!listed.includes(whole) && !hasHalf) return [untold("A-055", "the list does not have the issues yet")];
  return [told("A-055", !hasHalf, hasHalf ? "one with a single label is listed" : "only what has both is listed")];
}

export const labelFilterProbe: PersonProbe = {
  id: "label-filter",
  title: "a list of issues by two labels",
  assumptions: ["A-055"],
  needs: "person",
  async run({ person, mark }) {
    const [one, other] = [`${mark}-one`, `${mark}-other`];
    const open = async (labels: readonly string[]) => {
      const issue = { title: `An issue with ${labels.length} of two labels (${mark})`, body: "A trial.", labels };
      return numberAt((await person.ask("POST /repos/{owner}/{repo}/issues", issue)).data, "number") ?? 0;
    };
    const whole = await open([one, other]);
    const half = await open([one]);
    const filter = { labels: `${one},${other}`, state: "open", per_page: 100 };
    return judgeLabelFilter(await person.ask("GET /repos/{owner}/{repo}/issues", filter), whole, half);
  },
};
