import { describe, expect, it } from "@jest/globals";
import { type Act, OverlappingRuns } from "../support/overlapping-runs.ts";

const ON_CALL = `rotations:
  week: { start: 2020-01-06, members: [alice] }
roles:
  primary: { layers: [week] }
escalation:
  default: { steps: [{ after: 0m, notify: [primary] }] }
`;
const FILES = { ".github/sevgate.yml": "runs-in: action\n", ".github/sevgate/on-call.yml": ON_CALL };
const FIRST_ISSUE = 1;

const declare: Act = (runs) => {
  runs.github.as("bob").openIssue({ title: "Checkout is down", body: "Since nine.", labels: ["sev:P0"] });
  return runs.incident(FIRST_ISSUE);
};
/** GitHub starts a run for the opening and one for the label. */
const again: Act = (runs) => runs.incident(FIRST_ISSUE);
const say =
  (login: string, body: string): Act =>
  (runs) => {
    runs.github.as(login).comment(FIRST_ISSUE, body);
    return runs.incident(FIRST_ISSUE);
  };
const close: Act = (runs) => {
  runs.github.as("bob").close(FIRST_ISSUE);
  return runs.incident(FIRST_ISSUE);
};

const SCENES: Readonly<Record<string, { readonly before?: readonly Act[]; readonly at: readonly Act[] }>> = {
  "two commands": { before: [declare], at: [say("alice", "/ack"), say("bob", "/status Rolling back")] },
  "a declaration, its label and a command": { at: [declare, again, say("alice", "/ack")] },
  "three commands": {
    before: [declare],
    at: [say("alice", "/ack"), say("bob", "/note Seen at the edge"), say("alice", "/mitigate Rolled back")],
  },
  "a close without evidence, and a command": { before: [declare], at: [close, again, say("alice", "/ack")] },
  "a post-mortem asked for": { before: [declare], at: [say("alice", "/postmortem"), again, say("bob", "/ack")] },
};
const SEEDS = Array.from({ length: 12 }, (_, at) => at + 1);

interface Played {
  readonly runs: OverlappingRuns;
  /** The comments with commands. */
  readonly commands: readonly number[];
}

async function play(scene: keyof typeof SCENES, seed: number): Promise<Played> {
  const { before = [], at } = SCENES[scene]!;
  const runs = new OverlappingRuns(seed, FILES);
  for (const act of before) await runs.play([act]);
  await runs.play(at);
  const commands = runs.github
    .comments(FIRST_ISSUE, runs.repository)
    .filter(({ body }) => body.startsWith("/"))
    .map(({ id }) => id);
  return { runs, commands };
}

function receiptsOf(runs: OverlappingRuns): readonly number[] {
  const { entries } = runs.record(FIRST_ISSUE);
  return entries.flatMap((entry) => ("source" in entry && entry.source !== null ? [entry.source.comment] : []));
}

/** What was made more than once, by kind. */
function twice(runs: OverlappingRuns): readonly string[] {
  return [...runs.made].flatMap(([what, times]) => (times > 1 ? [what.split(" <")[0]!] : []));
}

describe.each(Object.keys(SCENES))("runs that overlap, with %s,", (scene) => {
  it.each(SEEDS)("end with each receipt once and one status comment (seed %i)", async (seed) => {
    const { runs, commands } = await play(scene, seed);
    if (process.env["SHOW"]) console.log(scene, seed, twice(runs), runs.failures, [...receiptsOf(runs)], commands, runs.statuses(1).length);
    expect(runs.failures).toEqual([]);
    expect(runs.statuses(FIRST_ISSUE)).toHaveLength(1);
    expect([...receiptsOf(runs)].toSorted((a, b) => a - b)).toEqual(commands);
    expect(await runs.alone(runs.incident(FIRST_ISSUE))).toEqual([]);
  });
});
