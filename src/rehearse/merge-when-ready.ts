import type { Answer } from "./answer.ts";
import type { Scratch } from "./scratch.ts";

/** GitHub works out whether a pull request can be merged, and refuses until then: "Base branch was modified". */
const NOT_READY: ReadonlySet<number> = new Set([405, 409]);
const MOST_TRIES = 5;

/** Merges with the button. What was refused because GitHub was not ready yet did nothing, and is tried again. */
export async function mergeWhenReady({ person, pause, betweenLooksMs }: Scratch, number: number): Promise<Answer> {
  const route = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge";
  for (let tries = 1; ; tries += 1) {
    const answer = await person.ask(route, { pull_number: number, merge_method: "merge" });
    if (!NOT_READY.has(answer.status) || tries === MOST_TRIES) return answer;
    await pause(betweenLooksMs);
  }
}
