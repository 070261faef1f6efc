import { expect } from "@jest/globals";
import { type Act, OverlappingRuns } from "./overlapping-runs.ts";

const ON_CALL = `rotations:
  week: { start: 2020-01-06, members: [alice] }
roles:
  primary: { layers: [week] }
escalation:
  default: { steps: [{ after: 0m, notify: [primary] }] }
`;
export const FILES = { ".github/sevgate.yml": "runs-in: action\n", ".github/sevgate/on-call.yml": ON_CALL };
/** The incident of every scene. */
export const INCIDENT = 1;
const PULL_REQUEST = 2;

export const declare: Act = (runs) => {
  runs.github.as("bob").openIssue({ title: "Checkout is down", body: "Since nine.", labels: ["sev:P0"] });
  return runs.incident(INCIDENT);
};

export const say =
  (login: string, body: string): Act =>
  (runs) => {
    runs.github.as(login).comment(INCIDENT, body);
    return runs.incident(INCIDENT);
  };

/** GitHub begins a run for each event: for the opening and for the label, for a schedule. */
const another: Act = (runs) => runs.incident(INCIDENT);

export const close: Act = (runs) => {
  runs.github.as("bob").close(INCIDENT);
  return runs.incident(INCIDENT);
};

const propose: Act = (runs) => {
  runs.github.as("bob").openPullRequest({ title: "Limit the pool", body: `Fixes #${INCIDENT}` });
  return { kind: "pull-request", repository: runs.repository, number: PULL_REQUEST };
};

const look: Act = (runs) => ({ kind: "pull-request", repository: runs.repository, number: PULL_REQUEST });

/** What these scenes may make twice, by kind; docs/decisions/0049-one-runs-a-repository.md says what becomes of each. */
export const MAY_BE_MADE_TWICE: readonly string[] = [
  "check sevgate/close-gate",
  "issue post-mortem",
  "page",
  "reopened",
  "reply",
  "status",
];

interface Scene {
  /** What has happened, one run after the other. */
  readonly before: readonly Act[];
  /** What happens while runs overlap. */
  readonly at: readonly Act[];
}

export const SCENES = {
  "two commands": { before: [declare], at: [say("alice", "/ack"), say("bob", "/status Rolling back")] },
  "a declaration, its label and a command": { before: [], at: [declare, another, say("alice", "/ack")] },
  "three commands": {
    before: [declare],
    at: [say("alice", "/ack"), say("bob", "/note Seen at the edge"), say("alice", "/mitigate Rolled back")],
  },
  "a close without evidence and a command": { before: [declare], at: [close, another, say("alice", "/ack")] },
  "a post-mortem that is asked for": {
    before: [declare],
    at: [say("alice", "/postmortem"), another, say("bob", "/ack")],
  },
  "a question and a schedule": { before: [declare], at: [say("alice", "/oncall"), another, another] },
  "a pull request and a command": { before: [declare], at: [propose, look, say("alice", "/ack")] },
} as const satisfies Readonly<Record<string, Scene>>;
export type SceneName = keyof typeof SCENES;

/**
 * Plays a scene, and holds that nothing of it was lost: each command has its receipt once, there is one status comment, every
 * reopening is counted, and one more look changes nothing. Returns what was made more than once, by kind.
 */
export async function playOverlapping(name: SceneName, seed: number): Promise<readonly string[]> {
  const { before, at }: Scene = SCENES[name];
  const runs = new OverlappingRuns(seed, FILES);
  for (const act of before) await runs.play([act]);
  await runs.play(at);
  await expectNothingLost(runs);
  return [...runs.made].flatMap(([what, times]) => (times > 1 ? [what.split(" <")[0]!] : []));
}

export async function expectNothingLost(runs: OverlappingRuns): Promise<void> {
  const comments = runs.github.comments(INCIDENT, runs.repository);
  const commands = comments.filter(({ body }) => body.startsWith("/")).map(({ id }) => id);
  expect(runs.failures).toEqual([]);
  expect(runs.statuses(INCIDENT)).toHaveLength(1);
  const { entries } = runs.record(INCIDENT);
  const receipts = entries.flatMap((entry) =>
    "source" in entry && entry.source !== null ? [entry.source.comment] : [],
  );
  expect(receipts.toSorted((a, b) => a - b)).toEqual(commands);
  expect(await runs.alone(runs.incident(INCIDENT))).toEqual([]);
  const markers = comments.flatMap(({ body }) => /<!-- sevgate:[\w-]+ -->/.exec(body)?.[0] ?? []);
  expect(markers).toEqual([...new Set(markers)]);
}
