import type { KeyTime } from "../../record/entry.ts";
import type { History } from "../../record/history.ts";
import { keyTimes } from "../../record/key-times.ts";
import type { RequirementRule } from "./requirement-rule.ts";

/** The times of the policy that nobody has said, and by which command each is said. */
export interface KeyTimesFinding {
  readonly requirement: "key-times";
  readonly missing: readonly { readonly time: KeyTime; readonly by: "ack" | "mitigate" | "time" }[];
}

/** The times the policy names are known. `resolved` always is: what closes an incident says that it is over. */
export const KEY_TIMES_GIVEN: RequirementRule<KeyTimesFinding> = {
  reads: [],
  judge({ policy: { policy } }, history) {
    const times = keyTimes(history);
    const missing = policy["key-times"]
      .filter((time) => time !== "resolved" && times[time] === null)
      .map((time) => ({ time, by: saidBy(time, history) }));
    const finding = { requirement: "key-times", missing } as const;
    return { status: missing.length === 0 ? "met" : "unmet", finding, satisfiedBy: [] };
  },
};

/** What is over is acknowledged and mitigated no more: then the time is all that is left to say. */
function saidBy(time: KeyTime, { mitigated, resolved, closed }: History): KeyTimesFinding["missing"][number]["by"] {
  const isOver = resolved !== null || closed !== null;
  if (time === "mitigated") return isOver ? "time" : "mitigate";
  return time === "acknowledged" && !isOver && mitigated === null ? "ack" : "time";
}
