import { type Answer, isDone, numberAt, saidBy } from "../answer.ts";
import { type Finding, told, untold } from "../finding.ts";
import type { AppProbe } from "../probe.ts";

/** An installation has at least this many requests an hour. */
const FEWEST_AN_HOUR = 5_000;
const MOST_AN_HOUR = 15_000;

export function judgeLimits(answer: Answer): readonly Finding[] {
  const limit = numberAt(answer.data, "resources", "core", "limit");
  if (!isDone(answer) || limit === null) return [untold("A-118", saidBy(answer))];
  return [told("A-118", limit >= FEWEST_AN_HOUR && limit <= MOST_AN_HOUR, `${limit} requests an hour`)];
}

export const limitsProbe: AppProbe = {
  id: "limits",
  title: "the hourly limit of the installation",
  assumptions: ["A-118"],
  needs: "app",
  run: async (_scratch, { installation }) => judgeLimits(await installation.ask("GET /rate_limit")),
};
