import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { parse } from "yaml";
import type { Repository } from "../../src/core/model.ts";
import { concernsUs } from "../../src/ingress/webhooks/hints.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const MINUTE_MS = 60_000;
const SWEEP_MS = 5 * MINUTE_MS;
const COMPLETE = `## What happened

The database ran out of connections.

## Why it happened

A new worker opened one for each request.

## Action items

- [ ] Limit the pool, bob, #99
`;

interface Place {
  readonly repository: Repository;
  readonly number: number;
}

interface LostEvent {
  /** By GitHub's name for it. */
  readonly event: string;
  readonly name: string;
  /** Happens before, and is reported; returns the issue. Left out: an incident that alice has acknowledged. */
  readonly before?: (story: Story) => Promise<number>;
  /** Happens, and we are not told. Returns the `Place` where the incident is from then on; anything else: where it was. */
  readonly lost: (story: Story, issue: number) => unknown;
  /** By which sweep the command is heard; left out: the first. */
  readonly sweeps?: number;
}

function isPlace(given: unknown): given is Place {
  return typeof given === "object" && given !== null && "repository" in given;
}

async function acknowledged(story: Story): Promise<number> {
  const issue = await story.declare();
  await story.say("alice", issue, "/ack");
  await story.advance(MINUTE_MS);
  return issue;
}

async function unlabelled(story: Story): Promise<number> {
  const { number } = story.github.as("rita").openIssue({ title: "Checkout is down", body: "It is.", labels: [] });
  await story.advance(2 * MINUTE_MS);
  return number;
}

function takeLabels(story: Story, issue: number): void {
  for (const label of story.github.issue(issue).labels) story.github.as("bob").unlabel(issue, label);
}

const LOST: readonly LostEvent[] = [
  {
    event: "issues",
    name: "opened, with its label",
    before: async () => 0,
    lost: (story) => {
      const { number } = story.github.as("bob").openIssue({ title: "Down", body: "", labels: ["sev:P0"] });
      return { repository: story.repository, number };
    },
  },
  {
    event: "issues",
    name: "labeled",
    before: unlabelled,
    lost: (story, issue) => story.github.as("bob").label(issue, "sev:P0"),
  },
  {
    event: "issues",
    name: "unlabeled",
    lost: (story, issue) => story.github.as("bob").unlabel(issue, "sev:P0"),
  },
  { event: "issues", name: "unlabeled of everything", lost: takeLabels },
  {
    event: "issues",
    name: "closed",
    lost: (story, issue) => story.github.as("bob").close(issue),
  },
  {
    event: "issues",
    name: "unlabeled of everything, and closed",
    lost: (story, issue) => {
      takeLabels(story, issue);
      story.github.as("bob").close(issue);
    },
  },
  {
    event: "issues",
    name: "reopened",
    before: async (story) => {
      const issue = await acknowledged(story);
      await story.say("alice", issue, "/cancel it was the monitor");
      await story.advance(MINUTE_MS);
      return issue;
    },
    lost: (story, issue) => story.github.as("bob").reopen(issue),
  },
  {
    event: "issues",
    name: "edited",
    lost: (story, issue) => story.github.as("bob").edit(issue, { body: "Post-mortem: #99" }),
  },
  {
    event: "issues",
    name: "transferred, and opened in the other repository",
    before: async (story) => {
      const shop = story.github.addRepository({ owner: "acme", name: "shop" });
      story.github.setRole("alice", "maintain", shop);
      story.hint({ kind: "repository", repository: shop });
      await story.settle();
      return await acknowledged(story);
    },
    lost: (story, issue) => {
      const repository = story.github.repositoryNamed("acme/shop");
      return { repository, number: story.github.as("alice").transfer(issue, repository).number };
    },
  },
  {
    event: "issue_comment",
    name: "created",
    lost: (story, issue) => story.github.as("bob").comment(issue, "/mitigate traffic moved"),
  },
  {
    event: "issue_comment",
    name: "deleted, of the status comment",
    lost: (story, issue) => story.github.as("alice").deleteComment(story.statusId(issue)),
  },
  {
    event: "sub_issues",
    name: "added",
    lost: (story, issue) => {
      const { number } = story.github
        .as("bob")
        .openIssue({ title: "LearnedInLook", body: COMPLETE, labels: ["post-mortem"] });
      story.github.as("bob").addSubIssue(issue, number);
    },
  },
  {
    event: "pull_request",
    name: "opened, and merged",
    lost: (story, issue) => {
      const { number } = story.github.as("bob").openPullRequest({
        title: "Runbook",
        body: `Refs #${issue}`,
        files: { "runbooks/database.md": "# Database\n" },
      });
      story.github.as("bob").merge(number);
    },
  },
  {
    event: "label",
    name: "edited: the severity has another name",
    lost: (story) => story.github.renameLabel("bob", "sev:P0", "sev:critical"),
  },
  {
    event: "label",
    name: "edited: severity and state have other names",
    lost: (story) => {
      story.github.renameLabel("bob", "sev:P0", "sev:critical");
      story.github.renameLabel("bob", "incident:acknowledged", "taken");
    },
  },
  {
    event: "push",
    name: "of a policy with other severities",
    before: unlabelled,
    lost: (story, issue) => {
      story.github.as("alice").push("Policy", {
        ".github/sevgate.yml": "version: 1\nseverities:\n  high: { label: burning }\n",
      });
      story.listens = true;
      // Reported, but not understood yet.
      story.github.as("bob").label(issue, "burning");
    },
    // The policy is read again within the hour.
    sweeps: 13,
  },
  {
    event: "repository",
    name: "renamed",
    lost: (story, issue) => ({ repository: story.github.rename("operations"), number: issue }),
  },
  {
    event: "repository",
    name: "archived for a while, and unarchived",
    lost: (story) => {
      story.github.setRepository({ archived: true });
      story.clock.advance(60 * MINUTE_MS);
      story.github.setRepository({ archived: false });
    },
  },
  ...["installation", "installation_repositories"].map(
    (event): LostEvent => ({
      event,
      name: event === "installation" ? "created" : "added",
      before: async () => 0,
      lost: (story) => {
        const repository = story.github.addRepository({ owner: "acme", name: "new" });
        story.github.setRole("alice", "maintain", repository);
        const { number } = story.github
          .as("alice", repository)
          .openIssue({ title: "Down", body: "", labels: ["sev:P0"] });
        return { repository, number };
      },
    }),
  ),
];

/** Events that wake no incident: whoever is waiting for what they are about asks for it again. */
const OF_NO_INCIDENT: Readonly<Record<string, string>> = {
  merge_group: "the merge queue removes the group when its check does not come, and a new one is told of",
  check_run: "somebody has asked for a check again, and sees that it has not come",
  check_suite: "the same, for all checks",
  workflow_run: "the next run of the workflow tells, or the sweep of failed deliveries",
};

async function begin({ before = acknowledged, lost }: LostEvent): Promise<{ story: Story; place: Place }> {
  const story = await Story.begin();
  const issue = await before(story);
  story.listens = false;
  const given = lost(story, issue);
  const place = isPlace(given) ? given : { repository: story.repository, number: issue };
  story.listens = true;
  await story.advance(MINUTE_MS);
  return { story, place };
}

function isHeard(story: Story, { repository, number }: Place): boolean {
  const own = story.github.comments(number, repository).filter((one) => one.author?.login === story.github.botLogin);
  return own.some(({ body }) => body.includes("sevgate:status") && body.includes("still here"));
}

//
describe("when an event is lost, the next command on the incident is heard", () => {
  it.each(LOST.map((one) => [`${one.event} ${one.name}`, one] as const))(
    "by its own webhook, or with the policy read again: %s",
    async (_, one) => {
      const { story, place } = await begin(one);
      story.github.as("alice", place.repository).comment(place.number, "/status still here");
      await story.settle();
      for (let count = 0; one.sweeps !== undefined && count < one.sweeps; count += 1) {
        await story.advance(SWEEP_MS);
        story.hint({ kind: "repository", repository: place.repository });
        await story.settle();
      }
      expect(isHeard(story, place)).toBe(true);
      // The sweep finds what else was lost.
      story.hint({ kind: "repository", repository: place.repository });
      await story.settle();
    },
  );

  it.each(LOST.map((one) => [`${one.event} ${one.name}`, one] as const))(
    "by the sweep, when its own webhook is lost as well: %s",
    async (_, one) => {
      const { story, place } = await begin(one);
      story.listens = false;
      story.github.as("alice", place.repository).comment(place.number, "/status still here");
      story.listens = true;
      for (let count = 0; count < (one.sweeps ?? 1); count += 1) {
        await story.advance(SWEEP_MS);
        story.hint({ kind: "repository", repository: place.repository });
        await story.settle();
      }
      expect(isHeard(story, place)).toBe(true);
    },
  );

  it("looks at every event that the app gets", () => {
    const manifest = parse(readFileSync(new URL("../../app.yml", import.meta.url), "utf8")) as {
      readonly default_events: readonly string[];
    };
    // GitHub sends these to every app, asked or not (GitHub docs, "Webhook events and payloads").
    const events = [
      ...manifest.default_events,
      "installation",
      "installation_repositories",
      "check_run",
      "check_suite",
    ];
    expect(events.filter((event) => !concernsUs(event))).toEqual([]);
    const looked = new Set([...LOST.map(({ event }) => event), ...Object.keys(OF_NO_INCIDENT)]);
    expect(events.filter((event) => !looked.has(event))).toEqual([]);
  });
});

describe("more changes than a sweep lists", () => {
  it("hide no incident: what was left out of the list is looked at as if it had changed", async () => {
    const story = await Story.begin();
    const known = await story.declare();
    await story.advance(6 * 60_000);
    story.github.mostListed = 3;
    story.listens = false;
    const { number } = story.github.as("alice").openIssue({ title: "Down", body: "Now.", labels: ["sev:P0"] });
    const closed = story.github.as("alice").openIssue({ title: "Down, too", body: "Now.", labels: ["sev:P0"] }).number;
    story.github.as("alice").close(closed);
    story.github.as("bob").comment(known, "/ack");
    await story.advance(1_000);
    for (let count = 0; count < 5; count += 1) story.github.as("rita").openIssue({ title: `Idea ${count}`, body: "" });
    story.listens = true;
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    expect(story.status(number)).toContain("P0");
    expect(story.github.issue(closed).state).toBe("open");
    expect(story.history(known).responder).toBe("bob");
  });
});

describe("evidence that changes without a word", () => {
  it("is noticed in a repository that has another name now, of which nobody told", async () => {
    const story = await Story.begin();
    const issue = await acknowledged(story);
    const { number } = story.github
      .as("bob")
      .openIssue({ title: "LearnedInLook", body: COMPLETE, labels: ["post-mortem"] });
    await story.say("alice", issue, `/postmortem #${number}\n/resolve fixed`);
    expect(story.github.issue(issue).state).toBe("closed");
    await story.advance(60 * MINUTE_MS);
    story.listens = false;
    const renamed = story.github.rename("operations");
    story.listens = true;
    story.hint({ kind: "repository", repository: renamed });
    await story.settle();
    story.github.as("bob", renamed).edit(number, { body: "gone" });
    await story.settle();
    expect(story.github.issue(issue, renamed).state).toBe("open");
  });

  it("a filled post-mortem is noticed by the sweep: the incident that waits for it closes", async () => {
    const story = await Story.begin();
    const issue = await acknowledged(story);
    await story.say("alice", issue, "/postmortem\n/resolve fixed");
    story.listens = false;
    await story.fillPostMortem(Math.max(...story.github.numbers()));
    story.listens = true;
    expect(story.github.issue(issue).state).toBe("open");
    await story.advance(SWEEP_MS);
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    expect(story.github.issue(issue).state).toBe("closed");
  });

  it("an issue that is gone is noticed by the sweep of everything open", async () => {
    const story = await Story.begin();
    const issue = await acknowledged(story);
    story.listens = false;
    story.github.as("alice").deleteIssue(issue);
    story.listens = true;
    await story.advance(7 * 60 * MINUTE_MS);
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    expect(await story.index.incident(story.repository.id, issue)).toBeNull();
  });
});
