import { WHAT_HAPPENED } from "./oracle.ts";
import type { World } from "./world.ts";

/** A history made by people, who wait a minute between two acts. */
export interface Scenario {
  readonly name: string;
  readonly policy?: string;
  play(world: World): Promise<void>;
}

const MINUTE_MS = 60_000;

/** One after another, each followed by a minute. */
async function acts(world: World, ...all: readonly (() => unknown)[]): Promise<void> {
  for (const act of all) {
    await act();
    await world.advance(MINUTE_MS);
  }
}

function people(world: World) {
  const { github } = world;
  const say = (login: string, number: number, body: string) => () =>
    github.as(login, world.repository).comment(number, body);
  return { bob: github.as("bob", world.repository), alice: github.as("alice", world.repository), say };
}

const DOWN = { title: "Checkout is down", body: "It started at nine.", labels: ["sev:P0"] };
/** The first issue of a world. */
const INCIDENT = 1;

/** The post-mortem issue of the repository; `null`: none was created, or it has no label yet. */
export function postMortemIn(world: World): number | null {
  const { github, repository } = world;
  return (
    github.numbers(repository).find((number) => github.issue(number, repository).labels.includes("post-mortem")) ?? null
  );
}

/** Fills the post-mortem as the default policy asks. */
export function fillPostMortem(world: World): void {
  const number = postMortemIn(world);
  if (number === null) return;
  const { body } = world.github.issue(number, world.repository);
  const filled = body
    .replace(/(## What happened\n)[\s\S]*?(?=\n## )/, `$1\n${WHAT_HAPPENED}\n`)
    .replace(/(## Why it happened\n)[\s\S]*?(?=\n## )/, "$1\nA new worker opened one for each request.\n")
    .replace(/(## Action items\n)[\s\S]*$/, "$1\n- [ ] Limit the pool, bob, #99\n");
  world.github.as("bob", world.repository).edit(number, { body: filled });
}

/** What the harness runs on; the names are those of the fault matrix. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: "S1 open P0",
    async play(world) {
      const { bob } = people(world);
      await acts(world, () => bob.openIssue(DOWN));
    },
  },
  {
    name: "S2 acknowledge, update, a reader refused",
    async play(world) {
      const { bob, say } = people(world);
      await acts(
        world,
        () => bob.openIssue(DOWN),
        say("rita", INCIDENT, "/resolve"),
        say("alice", INCIDENT, "/ack"),
        say("alice", INCIDENT, "/status rolling back\n/assign @bob comms"),
        say("bob", INCIDENT, "/resolv"),
      );
    },
  },
  {
    name: "S3 severity up and down, by label and by command",
    async play(world) {
      const { bob, say } = people(world);
      await acts(
        world,
        () => bob.openIssue({ ...DOWN, labels: ["sev:P1"] }),
        () => bob.label(INCIDENT, "sev:P0"),
        say("alice", INCIDENT, "/severity P2 fewer customers than it looked"),
        () => {
          bob.unlabel(INCIDENT, "sev:P2");
          bob.label(INCIDENT, "sev:P1");
        },
        () => bob.unlabel(INCIDENT, "sev:P1"),
      );
    },
  },
  {
    name: "S4 mitigate, resolve before it may close",
    async play(world) {
      const { bob, say } = people(world);
      await acts(
        world,
        () => bob.openIssue(DOWN),
        say("alice", INCIDENT, "/ack"),
        say("alice", INCIDENT, "/mitigate moved the traffic"),
        say("alice", INCIDENT, "/resolve back to normal"),
      );
    },
  },
  {
    name: "S5 close without a post-mortem",
    async play(world) {
      const { bob } = people(world);
      await acts(
        world,
        () => bob.openIssue(DOWN),
        () => bob.close(INCIDENT),
        () => bob.close(INCIDENT),
      );
    },
  },
  {
    name: "S6 close with a post-mortem",
    async play(world) {
      const { bob, say } = people(world);
      await acts(
        world,
        () => bob.openIssue(DOWN),
        say("alice", INCIDENT, "/postmortem"),
        () => fillPostMortem(world),
        () => bob.close(INCIDENT),
      );
    },
  },
  {
    name: "S7 resolve, then the evidence arrives",
    async play(world) {
      const { bob, say } = people(world);
      await acts(
        world,
        () => bob.openIssue(DOWN),
        say("alice", INCIDENT, "/ack\n/postmortem"),
        say("alice", INCIDENT, "/resolve back to normal"),
        () => fillPostMortem(world),
      );
    },
  },
  {
    name: "S8 the check of a pull request, red then green",
    async play(world) {
      const { bob, alice, say } = people(world);
      await acts(
        world,
        () => bob.openIssue(DOWN),
        () => alice.openPullRequest({ title: "Limit the pool", body: `Fixes #${INCIDENT}`, files: { "a.ts": "1" } }),
        () => alice.pushToPullRequest(2, "Say why", { "b.ts": "2" }),
        say("alice", INCIDENT, "/postmortem"),
        () => fillPostMortem(world),
      );
    },
  },
  {
    name: "S9 a runbook merged, then reverted",
    async play(world) {
      const { bob, alice } = people(world);
      const runbook = { title: "What to do when checkout is down", files: { "runbooks/checkout.md": "# Checkout" } };
      await acts(
        world,
        () => bob.openIssue(DOWN),
        () => alice.openPullRequest({ ...runbook, body: `LearnedInLook from #${INCIDENT}` }),
        () => alice.merge(2),
        () => bob.close(INCIDENT),
        () =>
          alice.openPullRequest({
            title: `Revert "${runbook.title}"`,
            body: "Reverts acme/ops#2",
            files: { "runbooks/checkout.md": null },
          }),
        () => alice.merge(3),
      );
    },
  },
  {
    name: "S10 the policy changes, breaks, and is mended",
    async play(world) {
      const { bob, alice, say } = people(world);
      const policy = (text: string) => () => alice.push("Change the policy", { ".github/sevgate.yml": text });
      await acts(
        world,
        () => bob.openIssue(DOWN),
        policy("version: 1\nroles: [scribe]\n"),
        say("alice", INCIDENT, "/assign @bob scribe"),
        policy("version: 1\nsevereties: {}\n"),
        () => bob.close(INCIDENT),
        policy("version: 1\nclosing: { max-reopens-per-day: 1 }\n"),
        () => bob.close(INCIDENT),
      );
    },
  },
  {
    name: "S11 cancel one, waive another",
    async play(world) {
      const { bob, say } = people(world);
      await acts(
        world,
        () => bob.openIssue(DOWN),
        say("bob", INCIDENT, "/cancel the probe was wrong"),
        () => bob.openIssue({ ...DOWN, title: "Search is slow", labels: ["sev:P1"] }),
        say("bob", 2, "/waive nothing new"),
        say("alice", 2, "/waive the same cause as last week"),
      );
    },
  },
  {
    name: "S12 the repository gets another name, the issue another repository",
    async play(world) {
      const { bob, say } = people(world);
      const elsewhere = world.github.addRepository({ name: "shop", labels: ["sev:P0"] });
      world.github.setRole("alice", "maintain", elsewhere);
      world.github.setRole("bob", "triage", elsewhere);
      await acts(
        world,
        () => world.sweepSoon(),
        () => bob.openIssue(DOWN),
        say("alice", INCIDENT, "/ack"),
        () => {
          world.repository = world.github.rename("operations", world.repository);
        },
        say("alice", INCIDENT, "/status still looking"),
        () => world.github.as("bob", world.repository).transfer(INCIDENT, elsewhere),
        () => world.github.as("alice", elsewhere).comment(INCIDENT, "/note found the graph"),
      );
    },
  },
];
