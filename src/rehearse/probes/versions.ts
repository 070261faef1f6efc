import { API_VERSION, FIRST_API_VERSION } from "../../systems/github/api-version.ts";
import { type Answer, isDone, listAt, saidBy } from "../answer.ts";
import { type Finding, told, untold } from "../finding.ts";
import type { PersonProbe } from "../probe.ts";

export function judgeVersions(answer: Answer): readonly Finding[] {
  // Servers of a company may have fewer, or none: Sevgate asks them.
  if (!isDone(answer)) return [untold("A-121", saidBy(answer))];
  const there = listAt(answer.data).map(String);
  const lacking = [FIRST_API_VERSION, API_VERSION].filter((version) => !there.includes(version));
  const seen = there.length === 0 ? "none is listed" : `served: ${there.join(", ")}`;
  return [told("A-121", lacking.length === 0, seen)];
}

export const versionsProbe: PersonProbe = {
  id: "versions",
  title: "the versions of the API",
  assumptions: ["A-121"],
  needs: "person",
  run: async ({ person }) => judgeVersions(await person.ask("GET /versions")),
};
