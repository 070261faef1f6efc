import { describe, expect, it } from "@jest/globals";
import { TransientError } from "../../src/base/errors.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const POLICY = [
  "version: 1",
  "severities:",
  "  P0: { close-requires: fix-merged, regressions: revert }",
  "  P1: { close-requires: runbook-pr }",
  "  P2: { close-requires: post-mortem }",
  "  P3: { close-requires: [] }",
].join("\n");

const RUNBOOK = (severity: string) => `---\nseverities: [${severity}]\n---\n# When it is ${severity}\n\n1. Stay calm\n`;

/** What the commands refer to. */
interface Scene {
  readonly story: Story;
  /** Declared as P1, unless the case says otherwise. */
  readonly issue: number;
  /** Merged before and after the tag `v1.0`, by wendy and by walter. */
  readonly before: number;
  readonly after: number;
  /** Merged since: a fix that names the incident, and a runbook that does not. */
  readonly fix: number;
  readonly runbook: number;
  /** A filled-in post-mortem that names nothing. */
  readonly postMortem: number;
}

async function begin(severity: string, policy = POLICY): Promise<Scene> {
  const story = await Story.begin({ policy });
  for (const login of ["carol", "wendy", "walter"]) story.github.setRole(login, "write");
  for (const one of ["P0", "P1", "P2"]) story.github.setFile(`runbooks/${one}.md`, RUNBOOK(one));
  const before = await merge(story, "wendy", "Before", "src/before.ts");
  story.github.mark({ released: "v1.0" });
  story.github.mark({ deployed: "production" }, null);
  const after = await merge(story, "walter", "After", "src/after.ts");
  const issue = await story.declare([`sev:${severity}`]);
  const fix = await merge(story, "wendy", `Mend it, refs #${issue}`, "src/mended.ts");
  const runbook = await merge(story, "wendy", "Write it down", "runbooks/mended.md");
  const { number: postMortem } = story.github.as("alice").openIssue({
    title: "What happened",
    body: "## What happened\nIt broke.\n## Why it happened\nA typo.\n## Action items\n- [ ] Lint, bob, #99\n",
    labels: ["post-mortem"],
  });
  await story.advance(60_000);
  return { story, issue, before, after, fix, runbook, postMortem };
}

async function merge(story: Story, login: string, title: string, file: string): Promise<number> {
  await story.advance(60_000);
  const { number } = story.github.as(login).openPullRequest({ title, body: "", files: { [file]: title } });
  await story.advance(60_000);
  story.github.as(login).merge(number);
  await story.settle();
  return number;
}

const lastReply = ({ story, issue }: Scene) => story.replies(issue).at(-1) ?? "";

/** Two commands, what the incident is declared as, and their joint effect. */
type Pair = readonly [first: string, second: string, severity: string, says: string, holds: (scene: Scene) => void];

const PAIRS: readonly Pair[] = [
  [
    "/good v1.0",
    "/suspects",
    "P1",
    "lists what came after v1.0",
    (scene) => {
      expect(lastReply(scene)).toContain("Last known good: `v1.0`");
      expect(lastReply(scene)).toContain(`[#${scene.after}]`);
      expect(lastReply(scene)).not.toContain(`[#${scene.before}]`);
    },
  ],
  [
    "/suspects",
    "/good v1.0",
    "P1",
    "lists what came after the last deployment, and keeps v1.0",
    (scene) => {
      expect(lastReply(scene)).toContain("Last known good: `production`");
      expect(known(scene).knownGood?.name).toBe("v1.0");
    },
  ],
  [
    "/good v1.0",
    "/revert #after",
    "P1",
    "keeps v1.0 and opens the revert",
    (scene) => {
      expect(known(scene).knownGood?.name).toBe("v1.0");
      expect(known(scene).reverts.map(({ pullRequest }) => pullRequest)).toEqual([scene.after]);
    },
  ],
  [
    "/revert #after",
    "/who",
    "P1",
    "asks who knows what is reverted",
    (scene) => expect(lastReply(scene)).toContain("src/after.ts"),
  ],
  [
    "/who",
    "/revert #after",
    "P1",
    "asks who knows the repository",
    (scene) => expect(scene.story.replies(scene.issue).join()).not.toContain("src/after.ts"),
  ],
  [
    "/severity P0",
    "/runbook",
    "P1",
    "lists the runbooks of a P0 with their age",
    (scene) => expect(lastReply(scene)).toMatch(/When it is P0\]\S+ · last changed/),
  ],
  [
    "/runbook",
    "/severity P0",
    "P1",
    "lists the runbooks of a P1 with their age",
    (scene) => expect(lastReply(scene)).toMatch(/When it is P1\]\S+ · last changed/),
  ],
  [
    "/severity P0",
    "/suspects",
    "P1",
    "lists the suspects, and names the likeliest",
    (scene) => expect(known(scene).suspected?.pullRequest).toBe(scene.runbook),
  ],
  ["/severity P0", "/resolve mended", "P1", "closes it by the fix that a P0 asks for", closed],
  ["/resolve mended", "/severity P0", "P1", "closes it by the fix that a P0 asks for", closed],
  ["/severity P3", "/resolve mended", "P1", "closes it: a P3 asks for nothing", closed],
  ["/resolve mended", "/severity P3", "P1", "closes it: a P3 asks for nothing", closed],
  ["/severity P2", "/resolve mended", "P3", "leaves it open: a P2 asks for a post-mortem", open],
  ["/runbook #runbook", "/resolve mended", "P1", "closes it", closed],
  ["/resolve mended", "/runbook #runbook", "P1", "closes it", closed],
  ["/postmortem #postmortem", "/resolve mended", "P2", "closes it", closed],
  ["/resolve mended", "/postmortem #postmortem", "P2", "closes it", closed],
  ["/waive it was a drill", "/resolve mended", "P1", "closes it", closed],
  ["/resolve mended", "/waive it was a drill", "P1", "closes it", closed],
  [
    "/postmortem #postmortem",
    "/postmortem",
    "P2",
    "makes no second one",
    (scene) => expect(postMortems(scene)).toEqual([scene.postMortem]),
  ],
  [
    "/postmortem",
    "/postmortem #postmortem",
    "P2",
    "makes one, and links the other as well",
    (scene) => expect(postMortems(scene)).toHaveLength(2),
  ],
  [
    "/handoff @carol",
    "/ack",
    "P1",
    "leaves it with whoever took it last, and nobody sent away",
    (scene) => expect(responders(scene)).toEqual(["alice", ["carol", "alice"]]),
  ],
  [
    "/ack",
    "/handoff @carol",
    "P1",
    "leaves it with whoever got it last",
    (scene) => expect(responders(scene)).toEqual(["carol", ["carol"]]),
  ],
  ["/ack", "/unack", "P1", "leaves it with nobody", (scene) => expect(responders(scene)).toEqual([null, []])],
];

const known = ({ story, issue }: Scene) => story.history(issue);
const responders = (scene: Scene) => [known(scene).responder, scene.story.github.issue(scene.issue).assignees];
const postMortems = (scene: Scene) =>
  known(scene)
    .links.map(({ target }) => target.number)
    .toSorted();

function closed({ story, issue }: Scene): void {
  expect(story.github.issue(issue)).toMatchObject({ state: "closed" });
}

function open({ story, issue }: Scene): void {
  expect(story.github.issue(issue)).toMatchObject({ state: "open" });
}

/** Replaces what a command names by a word with its number here. */
const filledIn = (command: string, scene: Scene) =>
  command
    .replace("#after", `#${scene.after}`)
    .replace("#runbook", `#${scene.runbook}`)
    .replace("#postmortem", `#${scene.postMortem}`);

describe.each(PAIRS)("%s and then %s", (first, second, severity, says, holds) => {
  it(`${says}: in one comment`, async () => {
    const scene = await begin(severity);
    await scene.story.say("alice", scene.issue, filledIn(`${first}\n${second}`, scene));
    holds(scene);
  });

  it(`${says}: in two comments that wait together`, async () => {
    const scene = await begin(severity);
    scene.story.github.as("alice").comment(scene.issue, filledIn(first, scene));
    await scene.story.say("alice", scene.issue, filledIn(second, scene));
    holds(scene);
  });
});

it("/suspects waits for a /good before it that GitHub does not answer", async () => {
  const scene = await begin("P1");
  scene.story.github.faults.fail({ method: "commit", error: new TransientError("busy") });
  await scene.story.say("alice", scene.issue, "/good v1.0\n/suspects");
  expect(scene.story.replies(scene.issue)).toEqual([]);
  await scene.story.advance(60_000);
  expect(scene.story.replies(scene.issue)).toEqual([expect.stringContaining("Last known good: `v1.0`")]);
});

describe("A command behind more than are judged at once", () => {
  it("has its effect as well: the fix that a P0 asks for is never called missing", async () => {
    const scene = await begin("P1");
    const { story, issue } = scene;
    const notes = "abcdefg".replaceAll(/./g, "/note $&\n");
    for (let comment = 0; comment < 3; comment += 1) story.github.as("alice").comment(issue, notes);
    await story.say("alice", issue, "/severity P0");
    expect(known(scene)).toMatchObject({ severity: "P0" });
    expect(story.status(issue)).not.toContain("No merged pull request names this incident");
    expect(story.status(issue)).toContain(`#${scene.fix}`);
  });
});

describe("A label beside a command", () => {
  async function raised(): Promise<Scene> {
    const scene = await begin("P1");
    scene.story.github.as("alice").label(scene.issue, "sev:P0");
    scene.story.github.as("alice").comment(scene.issue, "/resolve mended");
    return scene;
  }

  it("is heard in the same pass: the fix that a P0 asks for closes it, and is never called missing", async () => {
    const scene = await raised();
    await scene.story.settle();
    closed(scene);
    expect(known(scene).severity).toBe("P0");
    expect(scene.story.replies(scene.issue)).toEqual([]);
  });

  it("is heard also when the pass dies as soon as it has closed the issue: it stays closed", async () => {
    const scene = await raised();
    scene.story.github.faults.fail({ method: "editComment", error: new TransientError("gone") });
    await scene.story.advance(10_000);
    closed(scene);
    expect(known(scene)).toMatchObject({ severity: "P0", closed: { how: "resolved" }, reopenings: [] });
    expect(scene.story.replies(scene.issue)).toEqual([]);
  });
});
