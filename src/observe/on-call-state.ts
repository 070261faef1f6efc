import { LRUCache } from "lru-cache";
import * as z from "zod";
import { TerminalError } from "../base/errors.ts";
import type { Repository } from "../core/model.ts";
import type { OnCallInForce } from "../core/observation.ts";
import { ON_CALL_PATH, parseOnCall } from "../core/oncall/parse-on-call.ts";
import type { OnCallSchedule } from "../core/oncall/schedule.ts";
import type { GitHubReader } from "../systems/github/ports.ts";

/** How many problems are kept; people mend the first ones first. */
const MOST_PROBLEMS = 20;

/** The result of the last look at the on-call file. It is kept in the index, so its form has to be checked. */
export const OnCallState = z.object({
  kind: z.enum(["valid", "absent", "invalid"]),
  problems: z.array(z.object({ line: z.number(), column: z.number(), path: z.string(), message: z.string() })),
  /** The last one that parsed; `null`: none yet, or the file is gone. */
  lastGood: z.object({ text: z.string(), sha: z.string() }).nullable(),
});
export type OnCallState = z.output<typeof OnCallState>;

/**
 * Reads the on-call file of the default branch. A broken one leaves the last good one in force.
 *
 * @throws TransientError when GitHub does not answer
 */
export async function readOnCallState(
  read: GitHubReader,
  repository: Repository,
  lastGood: OnCallState["lastGood"],
): Promise<OnCallState> {
  try {
    const file = await read.file(repository, ON_CALL_PATH);
    if (file === "missing") return { kind: "absent", problems: [], lastGood: null };
    const parsed = parseOnCall(file.text);
    if (parsed.kind === "valid") return { kind: "valid", problems: [], lastGood: { text: file.text, sha: file.sha } };
    return { kind: "invalid", problems: parsed.problems.slice(0, MOST_PROBLEMS).map((one) => ({ ...one })), lastGood };
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    return { kind: "invalid", problems: [{ line: 1, column: 1, path: "", message: error.message }], lastGood };
  }
}

/** Turns what is known into what a pass works from. Schedules are parsed once for each version of the file. */
export function createOnCallInForce(): (state: OnCallState, unreachable: boolean) => OnCallInForce {
  const parsed = new LRUCache<string, { readonly schedule: OnCallSchedule | null }>({ max: 500 });
  function scheduleOf(lastGood: OnCallState["lastGood"]): OnCallSchedule | null {
    if (lastGood === null) return null;
    const cached = parsed.get(lastGood.sha);
    if (cached !== undefined) return cached.schedule;
    const result = parseOnCall(lastGood.text);
    // What parsed once may not parse with a newer Sevgate.
    const schedule = result.kind === "valid" ? result.schedule : null;
    parsed.set(lastGood.sha, { schedule });
    return schedule;
  }
  return ({ kind, problems, lastGood }, unreachable) => ({
    schedule: scheduleOf(lastGood),
    trouble:
      kind === "invalid"
        ? { kind: "invalid", file: ON_CALL_PATH, problems }
        : unreachable
          ? { kind: "unreachable" }
          : null,
  });
}
