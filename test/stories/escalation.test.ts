import { describe, expect, it } from "@jest/globals";
import { TransientError } from "../../src/base/errors.ts";
import type { AllowedPaging } from "../../src/systems/paging-allow-list.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

const TEAM = ["alice", "bob", "carol", "dave"] as const;
everyStoryEndsAtRest([...TEAM, "erin"]);

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const FILE = ".github/sevgate/on-call.yml";
const STEPS = `{ after: 0m, notify: [primary] }, { after: 15m, notify: [secondary] }, { after: 30m, notify: [team] }`;

/** Alice is primary and carol secondary, all day, unless a test says otherwise. */
function onCall({
  primary = "{ start: 2025-01-06, members: [alice] }",
  secondary = "{ start: 2025-01-06, members: [carol] }",
  rule = `steps: [${STEPS}]`,
  team = TEAM as readonly string[],
} = {}): string {
  return `team: [${team.join(", ")}]
rotations:
  first: ${primary}
  second: ${secondary}
roles:
  primary: { layers: [first] }
  secondary: { layers: [second] }
escalation:
  default: { ${rule} }
`;
}

async function begin(file = onCall(), options: { readonly policy?: string } = {}): Promise<Story> {
  const story = await Story.begin(options);
  for (const login of ["carol", "dave"]) story.github.setRole(login, "triage");
  story.github.as("alice").push("On call", { [FILE]: file });
  await story.settle();
  story.github.forgetCalls();
  return story;
}

/** The comments that page, each given as the people it mentions. */
function pages(story: Story, issue: number): readonly string[] {
  return story
    .replies(issue)
    .filter((body) => body.includes("📟"))
    .map((body) =>
      (body.replaceAll(/`[^`]*`/g, "").match(/(?<![\w`])@[\w-]+/g) ?? ["nobody"])
        .map((one) => one.replace("@", ""))
        .join(" "),
    );
}

describe("an incident", () => {
  //
  it("pages primary when it is declared: mentioned in one comment that says what to do, and not assigned", async () => {
    const story = await begin();
    const issue = await story.declare();
    expect(pages(story, issue)).toEqual(["alice"]);
    expect(story.github.issue(issue).assignees).toEqual([]);
    expect(story.replies(issue)[0]).toContain(
      "@alice (primary): nobody has this P0 yet. **Comment `/ack` to take it.**",
    );
    expect(story.replies(issue)[0]).toContain("No answer within 15 minutes (09:16 UTC) pages carol (secondary).");
    expect(story.status(issue)).toContain("- **On call:** alice (primary), carol (secondary)");
    expect(story.status(issue)).toContain("- **Next:** carol (secondary) is paged at 09:16 UTC");
    expect(story.status(issue)).toContain("Paged alice (primary)");
  });

  it("has its status comment before the page: whoever follows the mail lands on it", async () => {
    const story = await begin();
    const issue = await story.declare();
    const [first, second] = story.ownComments(issue);
    expect(first).toBe(story.status(issue));
    expect(second).toContain("📟 @alice");
    expect(story.github.writes.filter((method) => method === "createComment")).toHaveLength(2);
  });

  it.each(["before", "after"] as const)(
    "pages without waiting for a status comment that fails (%s GitHub did it), and gets one",
    async (when) => {
      const story = await begin();
      story.github.faults.fail({ method: "createComment", when });
      const issue = await story.declare();
      expect(pages(story, issue)).toEqual(["alice"]);
      await story.advance(MINUTE_MS);
      expect(pages(story, issue)).toEqual(["alice"]);
      expect(story.status(issue)).toContain("Paged alice (primary)");
    },
  );

  it("keeps a tick that is set while the page is posted", async () => {
    const story = await begin();
    const { createComment } = story.github.write;
    Object.assign(story.github.write, {
      createComment: async (...given: Parameters<typeof createComment>) => {
        const made = await createComment(...given);
        if (given[2].includes("📟")) {
          const text = story.status(given[1]);
          const ticked = text.replace(/\[ \](?= Need help)/, "[x]");
          story.github.as("alice").editComment(story.statusId(given[1]), ticked);
        }
        return made;
      },
    });
    const issue = await story.declare();
    expect(story.record(issue).ticks).toEqual(["reach-out"]);
    expect(story.status(issue)).toContain("- [x] Need help?");
  });

  it("has its status comment pinned also when the page failed at first", async () => {
    const story = await begin();
    story.github.faults.fail({ method: "createComment", when: "before", nth: 2 });
    const issue = await story.declare();
    await story.advance(MINUTE_MS);
    expect(pages(story, issue)).toEqual(["alice"]);
    expect(story.github.pinnedComments(issue)).toEqual([story.statusId(issue)]);
  });

  it("pages whoever has just been given a role, though they had none a while ago", async () => {
    const story = await begin(onCall({ primary: "{ start: 2025-01-06, members: [erin] }", team: [...TEAM, "erin"] }));
    const first = await story.declare();
    expect(pages(story, first)).toEqual(["carol"]);
    story.github.setRole("erin", "triage");
    await story.advance(2 * MINUTE_MS);
    const second = await story.declare();
    expect(pages(story, second)).toEqual(["erin"]);
    await story.say("bob", first, "/page erin now");
    expect(pages(story, first).at(-1)).toBe("erin");
  });

  it("says nobody of a role that nobody will have: whoever comes after it is paged", async () => {
    const story = await begin(
      "rotations: { first: { start: 2025-01-06, members: [alice] } }\nroles: { primary: { layers: [first] } }\nteam: [alice, bob]\n",
    );
    const issue = await story.declare();
    expect(story.replies(issue)[0]).toContain(
      "No answer within 15 minutes (09:16 UTC) pages whoever comes after secondary.",
    );
    expect(story.status(issue)).toContain(
      "**Next:** nobody is secondary then, so whoever comes after is paged at 09:16 UTC",
    );
  });

  it.each([
    ["/page dave the cache is gone", "dave", "They say: the cache is gone"],
    ["/page Dave", "dave", "bob pages you"],
    ["/page the cache is gone", "alice", "They say: the cache is gone"],
  ])("reads %s as somebody in a hurry means it", async (line, whom, said) => {
    const story = await begin();
    const issue = await story.declare(["sev:P2"]);
    await story.say("bob", issue, line);
    expect(pages(story, issue).at(-1)).toBe(whom);
    expect(story.replies(issue).at(-1)).toContain(said);
  });

  it("asks whom a single word means that the file does not know, and pages nobody", async () => {
    const story = await begin();
    const issue = await story.declare();
    await story.say("bob", issue, "/page mallory");
    expect(pages(story, issue)).toEqual(["alice"]);
    expect(story.replies(issue).at(-1)).toContain("the on-call file does not name mallory");
  });

  it("takes every role of the file for /page", async () => {
    const story = await begin(`${onCall().replace("roles:", "roles:\n  dba: { layers: [second] }")}`);
    const issue = await story.declare();
    await story.say("bob", issue, "/page dba");
    expect(story.replies(issue).at(-1)).toContain("@carol (dba): bob pages you");
  });

  it("pages secondary and then the team when nobody answers, at the minute, and nobody twice", async () => {
    const story = await begin();
    const issue = await story.declare();
    await story.advance(15 * MINUTE_MS - SECOND_MS);
    expect(pages(story, issue)).toEqual(["alice"]);
    await story.advance(SECOND_MS);
    expect(pages(story, issue)).toEqual(["alice", "carol"]);
    await story.advance(15 * MINUTE_MS);
    expect(pages(story, issue)).toEqual(["alice", "carol", "bob dave"]);
    expect(story.github.issue(issue).assignees).toEqual([]);
    await story.advance(24 * HOUR_MS);
    await story.look(issue);
    expect(pages(story, issue)).toHaveLength(3);
    expect(story.status(issue)).toContain("nobody else is paged by itself: `/page @LOGIN` pages someone");
  });

  it.each(["/ack", "/mitigate traffic moved", "/resolve fixed", "/cancel it was the monitor"])(
    "pages nobody after %s",
    async (says) => {
      const story = await begin();
      const issue = await story.declare();
      await story.advance(5 * MINUTE_MS);
      await story.say("alice", issue, says);
      await story.advance(3 * HOUR_MS);
      expect(pages(story, issue)).toEqual(["alice"]);
      expect(story.status(issue)).not.toContain("is paged at");
    },
  );

  it("goes through its steps again where the file repeats them", async () => {
    const rule =
      "steps: [{ after: 0m, notify: [primary] }, { after: 5m, notify: [secondary] }], repeat: { every: 10m, times: 1 }";
    const story = await begin(onCall({ rule }));
    const issue = await story.declare();
    await story.advance(3 * HOUR_MS);
    expect(pages(story, issue)).toEqual(["alice", "carol", "alice", "carol"]);
  });

  it("pages again from the first step when responsibility is handed back", async () => {
    const story = await begin();
    const issue = await story.declare();
    await story.say("alice", issue, "/ack");
    await story.advance(HOUR_MS);
    await story.say("alice", issue, "/unack");
    expect(pages(story, issue)).toEqual(["alice", "alice"]);
    expect(story.replies(issue).at(-1)).toContain("was handed back, and nobody has it");
    await story.advance(15 * MINUTE_MS);
    expect(pages(story, issue)).toEqual(["alice", "alice", "carol"]);
  });

  it("pages again from the first step when its severity is raised, and not when it is lowered", async () => {
    const story = await begin();
    const issue = await story.declare(["sev:P1"]);
    await story.advance(10 * MINUTE_MS);
    await story.say("bob", issue, "/note looking at the graphs\n/severity P2 smaller than it looked");
    expect(pages(story, issue)).toEqual(["alice"]);
    await story.advance(19 * MINUTE_MS);
    await story.say("bob", issue, "/severity P0 it spreads");
    expect(pages(story, issue)).toEqual(["alice", "carol", "alice"]);
    await story.advance(15 * MINUTE_MS);
    expect(pages(story, issue)).toEqual(["alice", "carol", "alice", "carol"]);
  });

  it("whose label goes from P0 to P1 and back within a minute pages once", async () => {
    const story = await begin();
    const issue = await story.declare();
    await story.say("bob", issue, "/severity P1");
    await story.advance(30 * SECOND_MS);
    await story.say("bob", issue, "/severity P0");
    await story.advance(MINUTE_MS);
    expect(pages(story, issue)).toEqual(["alice"]);
  });

  it("opened again by somebody pages again", async () => {
    const story = await begin(undefined, { policy: "severities: { P0: { close-requires: [] } }" });
    const issue = await story.declare();
    await story.say("alice", issue, "/ack\n/resolve fixed");
    expect(story.github.issue(issue).state).toBe("closed");
    await story.advance(HOUR_MS);
    story.github.as("bob").reopen(issue);
    await story.settle();
    expect(pages(story, issue)).toEqual(["alice", "alice"]);
    expect(story.replies(issue).at(-1)).toContain("was reopened, and nobody has it");
  });
});

describe("an acknowledgement", () => {
  const file = onCall({ rule: `steps: [${STEPS}], ack-timeout: 60m` });

  it("without a further word runs out: whoever gave it and the first step are called again", async () => {
    const story = await begin(file);
    const issue = await story.declare();
    await story.say("dave", issue, "/ack");
    await story.advance(HOUR_MS - SECOND_MS);
    expect(pages(story, issue)).toEqual(["alice"]);
    await story.advance(SECOND_MS);
    expect(pages(story, issue)).toEqual(["alice", "dave alice"]);
    expect(story.history(issue).responder).toBeNull();
    await story.advance(15 * MINUTE_MS);
    expect(pages(story, issue).at(-1)).toBe("carol");
  });

  it("holds while somebody of the team says something, and a stranger's words do not keep it", async () => {
    const story = await begin(file);
    const issue = await story.declare();
    await story.say("alice", issue, "/ack");
    await story.advance(50 * MINUTE_MS);
    await story.say("alice", issue, "still at it, the pool is full");
    await story.advance(50 * MINUTE_MS);
    await story.say("alice", issue, "/status rolling back");
    await story.advance(50 * MINUTE_MS);
    expect(pages(story, issue)).toEqual(["alice"]);
    await story.say("stranger", issue, "me too");
    await story.advance(10 * MINUTE_MS);
    expect(pages(story, issue)).toEqual(["alice", "alice"]);
  });
});

describe("an escalation", () => {
  it("that was due while Sevgate was down for an hour pages once, for the step that is current", async () => {
    const story = await begin();
    const issue = await story.declare();
    story.clock.advance(HOUR_MS);
    story.restart();
    await story.look(issue);
    await story.advance(HOUR_MS);
    expect(pages(story, issue)).toEqual(["alice", "carol bob dave"]);
  });

  it("that begins while Sevgate is down pages once", async () => {
    const story = await begin();
    story.listens = false;
    const issue = await story.declare();
    story.clock.advance(20 * MINUTE_MS);
    await story.look(issue);
    expect(pages(story, issue)).toEqual(["alice carol"]);
  });

  it("that is over a day late pages nobody, and says so", async () => {
    const story = await begin();
    story.listens = false;
    const old = await story.declare();
    story.clock.advance(26 * HOUR_MS);
    await story.look(old);
    expect(pages(story, old)).toEqual([]);
    expect(story.status(old)).toContain("too old to page anyone by itself");
  });

  it("calls whoever is on duty when the step is due, not when the incident began", async () => {
    // Bob takes over at 09:10.
    const primary = '{ start: 2026-01-04, handoff: "09:10", shift: 1d, members: [alice, bob] }';
    const story = await begin(onCall({ primary }));
    const issue = await story.declare();
    await story.advance(15 * MINUTE_MS);
    expect(pages(story, issue)).toEqual(["alice", "bob carol"]);
  });

  it("goes to the next step at once where nobody is on duty, and says so", async () => {
    const story = await begin(onCall({ primary: "{ start: 2027-01-04, members: [alice] }" }));
    const issue = await story.declare();
    expect(pages(story, issue)).toEqual(["carol"]);
    expect(story.replies(issue)[0]).toContain("Nobody is primary now.");
    await story.advance(15 * MINUTE_MS);
    expect(pages(story, issue)).toEqual(["carol"]);
  });

  it("without anybody on duty says so, and calls the first who comes", async () => {
    const nobody = "{ start: 2026-01-06, members: [alice] }";
    const story = await begin(onCall({ primary: nobody, secondary: nobody, team: [] }));
    const issue = await story.declare();
    expect(pages(story, issue)).toEqual(["nobody"]);
    expect(story.replies(issue)[0]).toContain("Nobody was paged for this P0");
    await story.advance(24 * HOUR_MS - 2 * MINUTE_MS);
    expect(pages(story, issue)).toEqual(["nobody"]);
    await story.advance(6 * MINUTE_MS);
    expect(pages(story, issue)).toEqual(["nobody", "alice"]);
  });

  it("goes to the next step at once where GitHub does not know the person, and says so once (F-41)", async () => {
    const story = await begin(onCall({ primary: "{ start: 2025-01-06, members: [gone] }" }));
    const issue = await story.declare();
    expect(pages(story, issue)).toEqual(["carol"]);
    expect(story.replies(issue)[0]).toContain("gone has no role here that could take it: fix the on-call file.");
    await story.advance(30 * MINUTE_MS);
    expect(pages(story, issue)).toEqual(["carol", "alice bob dave"]);
  });

  it("mentions nobody whom GitHub does not know when it starts again after a reopening", async () => {
    const story = await begin(onCall({ primary: "{ start: 2025-01-06, members: [gone] }" }));
    const issue = await story.declare();
    await story.say("alice", issue, "/cancel it was the monitor");
    await story.advance(MINUTE_MS);
    story.github.as("bob").reopen(issue);
    await story.settle();
    expect(pages(story, issue)).toEqual(["carol", "carol"]);
  });

  it("pages nobody in a repository without an on-call file", async () => {
    const story = await Story.begin({ policy: "severities: { P0: {} }" });
    const issue = await story.declare();
    await story.advance(24 * HOUR_MS);
    expect(story.replies(issue)).toEqual([]);
    expect(story.github.issue(issue).assignees).toEqual([]);
    expect(story.status(issue)).not.toContain("On call");
  });

  it.each([
    ["before GitHub hears of it", "before", "kept"],
    ["after GitHub did it", "after", "kept"],
    ["after GitHub did it, and the database is lost", "after", "lost"],
  ] as const)("pages everybody once, whichever write the process dies at, %s", async (_, when, database) => {
    for (let nth = 1; ; nth += 1) {
      const story = await begin();
      story.github.faults.fail({ kind: "write", nth, when, error: new TransientError(`killed at write ${nth}`) });
      let died = false;
      story.onFailure = () => {
        died = true;
        story.restart({ database });
        story.hint({ kind: "repository", repository: story.repository });
      };
      const issue = await story.declare();
      await story.advance(14 * MINUTE_MS);
      story.hint({ kind: "repository", repository: story.repository });
      await story.advance(20 * MINUTE_MS);
      expect({ nth, pages: pages(story, issue) }).toEqual({ nth, pages: ["alice", "carol", "bob dave"] });
      if (!died) break;
      expect(nth).toBeLessThan(60);
    }
  });
});

describe("an incident declared from outside the team", () => {
  it("pages nobody until somebody of the team says something, and its steps count from then", async () => {
    const story = await begin();
    const issue = await story.declare(["sev:P0"], "stranger");
    await story.say("stranger", issue, "/ack");
    await story.advance(HOUR_MS);
    expect(pages(story, issue)).toEqual([]);
    expect(story.status(issue)).toContain("nobody is paged before somebody on the team confirms the incident");
    await story.say("bob", issue, "/note I see it too");
    expect(pages(story, issue)).toEqual(["alice"]);
    await story.advance(15 * MINUTE_MS);
    expect(pages(story, issue)).toEqual(["alice", "carol"]);
  });

  it("pages nobody for what an app says by its line of the policy: that is not the team", async () => {
    const story = await begin(undefined, { policy: "commands: { bots: { ci: [note, severity] } }" });
    const issue = await story.declare(["sev:P0"], "stranger");
    await story.say("ci[bot]", issue, "/note the build is green");
    await story.advance(HOUR_MS);
    expect(story.status(issue)).toContain("the build is green");
    expect(pages(story, issue)).toEqual([]);
  });

  it("pages nobody when the one who confirms it takes it", async () => {
    const story = await begin();
    const issue = await story.declare(["sev:P0"], "stranger");
    await story.say("bob", issue, "/ack");
    await story.advance(HOUR_MS);
    expect(pages(story, issue)).toEqual([]);
  });

  it("pages at once where the policy says so, or when it was somebody of the team who set the label", async () => {
    const relaxed = await begin(undefined, { policy: "paging: { unconfirmed: page }" });
    const issue = await relaxed.declare(["sev:P0"], "stranger");
    expect(pages(relaxed, issue)).toEqual(["alice"]);
    const story = await begin();
    const other = story.github.as("stranger").openIssue({ title: "It is slow", body: "", labels: [] }).number;
    await story.advance(2 * MINUTE_MS);
    story.github.as("bob").label(other, "sev:P0");
    await story.settle();
    expect(pages(story, other)).toEqual(["alice"]);
  });

  it("pages after two minutes when GitHub does not tell who is of the team", async () => {
    const story = await begin();
    story.github.faults.fail({ method: "permission", times: Number.POSITIVE_INFINITY });
    const issue = await story.declare(["sev:P0"], "rita");
    await story.advance(MINUTE_MS);
    expect(pages(story, issue)).toEqual([]);
    await story.advance(90 * SECOND_MS);
    expect(pages(story, issue)).toEqual(["alice"]);
    story.github.faults.clear();
  });
});

describe("/page", () => {
  it.each([
    ["/page", "alice"],
    ["/page secondary", "carol"],
    ["/page team", "alice bob carol dave"],
    ["/page @DAVE you know the cache", "dave"],
  ])("%s calls %s", async (says, whom) => {
    const story = await begin();
    const issue = await story.declare();
    await story.say("bob", issue, "/ack");
    await story.say("bob", issue, says);
    expect(pages(story, issue)).toEqual(["alice", whom]);
    expect(story.replies(issue).at(-1)).toContain("bob pages you for this P0.");
    await story.advance(HOUR_MS);
    expect(pages(story, issue)).toHaveLength(2);
  });

  it("says the words of whoever calls, which mention nobody", async () => {
    const story = await begin();
    const issue = await story.declare();
    await story.say("bob", issue, "/page @dave ask @stranger and @acme/sre, see #1");
    expect(pages(story, issue).at(-1)).toBe("dave");
    expect(story.replies(issue).at(-1)).toContain("They say: ask");
  });

  it.each([
    ["/page @stranger", "does not name stranger"],
    ["/page secondary", "nobody is secondary now"],
  ])("%s calls nobody whom the on-call file does not give, and says what to do", async (says, answer) => {
    const story = await begin(onCall({ secondary: "{ start: 2027-01-04, members: [carol] }" }));
    const issue = await story.declare();
    await story.say("bob", issue, says);
    expect(pages(story, issue)).toEqual(["alice"]);
    expect(story.replies(issue).at(-1)).toContain(answer);
  });

  it("mentions nobody who has no role in the repository, and says whom to page instead", async () => {
    const story = await begin(onCall({ secondary: "{ start: 2025-01-06, members: [gone] }" }));
    const issue = await story.declare();
    await story.say("bob", issue, "/page secondary");
    expect(pages(story, issue)).toEqual(["alice"]);
    expect(story.replies(issue).at(-1)).toContain(
      "Page someone else, `/page @LOGIN`, or everyone, `/page team`: GitHub gives gone no role here",
    );
  });

  it("pages people of whom GitHub says nothing, and in a private repository those who may only read", async () => {
    const story = await begin(onCall({ primary: "{ start: 2025-01-06, members: [dave] }" }));
    story.github.setRole("dave", "read");
    story.github.changeVisibility("private");
    await story.settle();
    expect(pages(story, await story.declare())).toEqual(["dave"]);
    const other = await begin();
    other.github.faults.fail({ method: "permission", times: 1_000 });
    const issue = await other.declare(["sev:P0"], "alice");
    expect(pages(other, issue)).toEqual(["alice"]);
  });

  it("is refused without the right, and without an on-call file", async () => {
    const story = await begin();
    const issue = await story.declare();
    await story.say("rita", issue, "/page team");
    expect(pages(story, issue)).toEqual(["alice"]);
    const bare = await Story.begin();
    const other = await bare.declare();
    await bare.say("bob", other, "/page");
    expect(bare.replies(other)).toEqual([expect.stringContaining("does not say who is on call")]);
  });

  it("of somebody is not repeated by the next step", async () => {
    const story = await begin();
    const issue = await story.declare();
    await story.say("bob", issue, "/page @carol");
    await story.advance(30 * MINUTE_MS);
    expect(pages(story, issue)).toEqual(["alice", "carol", "bob dave"]);
  });
});

describe("pages in other systems", () => {
  const policy = "paging: { channels: { P0: [pagerduty, better-stack] } }";

  it("are sent for each step, and taken back when somebody acknowledges", async () => {
    const story = await begin(undefined, { policy });
    const issue = await story.declare();
    await story.advance(15 * MINUTE_MS);
    expect(
      [...story.pagerDuty.standing.values()].map(({ summary, description }) => `${summary} ${description}`),
    ).toEqual([
      `P0: Checkout is down (acme/ops#${issue}) Called: alice (primary). Comment /ack on the issue to take it.`,
      `P0: Checkout is down (acme/ops#${issue}) Called: carol (secondary). Comment /ack on the issue to take it.`,
    ]);
    await story.say("alice", issue, "/ack");
    expect(story.pagerDuty.standing.size).toBe(0);
    expect(story.pagerDuty.heard).toHaveLength(4);
    expect(story.betterStack.heard).toEqual([]);
  });

  it.each<readonly [string, readonly AllowedPaging[]]>([
    ["nobody", []],
    [
      "another owner and another repository",
      [
        { channel: "pagerduty", who: "globex" },
        { channel: "pagerduty", who: "acme/web" },
      ],
    ],
    ["another id", [{ channel: "pagerduty", who: "1" }]],
    ["another channel", [{ channel: "better-stack", who: "globex/*" }]],
  ])("are not sent where the operator allows %s: the issue says so, and its comment pages", async (_who, allowed) => {
    const story = await begin(undefined, { policy: policy.replace(", better-stack", "") });
    story.mayPage = allowed;
    story.restart();
    const issue = await story.declare();
    expect(pages(story, issue)).toEqual(["alice"]);
    expect(story.pagerDuty.heard).toEqual([]);
    expect(story.status(issue)).toContain("PAGING\\_CHANNELS of the server does not name this repository");
    expect(story.status(issue)).toContain("please page people yourself");
  });

  it.each(["acme", "ac*/o*", "ACME/ops"])("are sent where the operator allows %s, and its id", async (who) => {
    for (const allowed of [who, null]) {
      const story = await begin(undefined, { policy });
      story.mayPage = [{ channel: "pagerduty", who: allowed ?? String(story.repository.id) }];
      story.restart();
      await story.declare();
      expect(story.pagerDuty.standing.size).toBe(1);
    }
  });

  it("are not sent for another repository that has taken the name of one that may", async () => {
    const story = await begin(undefined, { policy });
    story.mayPage = [{ channel: "pagerduty", who: "acme/ops" }];
    story.restart();
    story.index.firstNamed = async () => story.repository.id + 1;
    await story.declare();
    expect(story.pagerDuty.heard).toEqual([]);
  });

  it("are not sent for a severity without channels", async () => {
    const story = await begin(undefined, { policy });
    await story.declare(["sev:P1"]);
    await story.advance(HOUR_MS);
    expect(story.pagerDuty.heard).toEqual([]);
  });

  it("go to the next channel after two minutes, the issue says so, and GitHub work is not held up", async () => {
    const story = await begin(undefined, { policy });
    story.pagerDuty.trouble = { kind: "failed", why: "HTTP 503" };
    const issue = await story.declare();
    expect(pages(story, issue)).toEqual(["alice"]);
    await story.advance(119 * SECOND_MS);
    expect(story.betterStack.heard).toEqual([]);
    await story.advance(11 * SECOND_MS);
    expect(story.betterStack.heard).toHaveLength(1);
    expect(story.status(issue)).toContain("PagerDuty did not take the page (HTTP 503). Better Stack was used instead.");
    await story.say("alice", issue, "/ack");
    expect(story.betterStack.standing.size).toBe(0);
    expect(story.status(issue)).not.toContain("PagerDuty");
    story.pagerDuty.trouble = null;
    await story.advance(5 * MINUTE_MS);
  });

  it("go on by the last good policy and on-call file when both break in the middle", async () => {
    const story = await begin(undefined, { policy });
    const issue = await story.declare();
    story.github.as("alice").push("Two slips", {
      ".github/sevgate.yml": "paging: { channel: {} }",
      ".github/sevgate/on-call.yml": "roles: {}",
    });
    await story.settle();
    await story.advance(15 * MINUTE_MS);
    expect(pages(story, issue)).toEqual(["alice", "carol"]);
    expect(story.pagerDuty.standing.size).toBe(2);
  });

  it("that nothing takes are tried on, and the issue asks people to call", async () => {
    const story = await begin(undefined, { policy });
    for (const pager of [story.pagerDuty, story.betterStack]) pager.trouble = { kind: "refused", why: "HTTP 401" };
    const issue = await story.declare();
    expect(story.status(issue)).toContain("Nothing else took it: please page people yourself.");
  });

  it("are taken back when the issue is closed or deleted", async () => {
    const story = await begin(undefined, { policy: `${policy}\nseverities: { P0: { close-requires: [] } }` });
    const closed = await story.declare();
    const deleted = await story.declare();
    expect(story.pagerDuty.standing.size).toBe(2);
    story.github.as("alice").close(closed);
    await story.settle();
    expect(story.pagerDuty.standing.size).toBe(1);
    story.github.as("alice").deleteIssue(deleted);
    await story.look(deleted);
    // A 404 is believed the second time.
    await story.advance(3 * SECOND_MS);
    expect(story.pagerDuty.standing.size).toBe(0);
  });

  it("survive a lost database: what nobody has answered is there once, under the same key", async () => {
    const story = await begin(undefined, { policy });
    const issue = await story.declare();
    story.restart({ database: "lost" });
    story.hint({ kind: "repository", repository: story.repository });
    await story.advance(15 * MINUTE_MS);
    expect(story.pagerDuty.standing.size).toBe(2);
    await story.say("carol", issue, "/ack");
    expect(story.pagerDuty.standing.size).toBe(0);
  });
});
