import { describe, expect, it } from "@jest/globals";
import { TerminalError, TransientError } from "../../src/base/errors.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest(["alice", "bob"]);

describe("A command that GitHub does not answer", () => {
  const MINUTE_MS = 60_000;
  const ON_CALL = `rotations:
  first: { start: 2025-01-06, members: [alice] }
  second: { start: 2025-01-06, members: [bob] }
roles:
  primary: { layers: [first] }
  secondary: { layers: [second] }
escalation:
  default: { steps: [{ after: 0m, notify: [primary] }, { after: 10m, notify: [secondary] }] }
`;
  async function broken() {
    const story = await Story.begin();
    story.github.features.revertMutation = false;
    story.github.setRole("wendy", "write");
    const wendy = story.github.as("wendy");
    wendy.push("Begin", { "src/a.ts": "one", ".github/sevgate/on-call.yml": ON_CALL });
    await story.advance(MINUTE_MS);
    const { number: culprit } = wendy.openPullRequest({ title: "Break it", files: { "src/a.ts": "two" } });
    await story.advance(MINUTE_MS);
    wendy.merge(culprit);
    await story.settle();
    return { story, culprit, issue: await story.declare() };
  }
  const paged = (story: Story, issue: number) =>
    story.replies(issue).flatMap((body) => (body.includes("📟") ? [/@\w+/.exec(body)?.[0]] : []));

  it.each([
    { what: "/revert", method: "createTree" },
    { what: "/revert", method: "revertPullRequest" },
    { what: "/revert", method: "openPullRequest" },
    { what: "/revert", method: "pullRequestsSince" },
    { what: "/suspects", method: "pullRequestsSince" },
    { what: "/good v1", method: "commit" },
    { what: "/who", method: "history" },
    { what: "/postmortem", method: "createIssue" },
    { what: "/postmortem", method: "issuesWithLabel" },
  ])("$what holds up no page and no other command, and is given up after 15 minutes ($method)", async (given) => {
    const { story, culprit, issue } = await broken();
    story.github.faults.fail({ method: given.method, times: Number.POSITIVE_INFINITY });
    const command = given.what === "/revert" ? `/revert #${culprit}` : given.what;
    await story.say("wendy", issue, `${command}\n/note on it`);
    await story.advance(11 * MINUTE_MS);
    expect(paged(story, issue)).toEqual(["@alice", "@bob"]);
    await story.say("bob", issue, "/ack");
    await story.say("bob", issue, "/mitigate traffic moved");
    expect(story.history(issue)).toMatchObject({ responder: "bob", phase: "mitigated" });
    expect(story.status(issue)).toContain("on it");
    expect(story.replies(issue).join("\n")).not.toContain("a quarter of an hour");

    await story.advance(5 * MINUTE_MS);
    const answer = story.replies(issue).find((body) => body.includes("for a quarter of an hour")) ?? "";
    expect(answer).toContain(given.what === "/revert" ? "git revert " : `\`${given.what.split(" ")[0]}\``);
    const before = story.github.calls.filter((call) => call.method === given.method).length;
    // Two an hour ask for other reasons.
    await story.advance(20 * MINUTE_MS);
    expect(story.github.calls.filter((call) => call.method === given.method).length - before).toBeLessThan(3);
  });

  it("is asked for about ten times in these minutes, however many comments come in between", async () => {
    const { story, culprit, issue } = await broken();
    story.github.faults.fail({ method: "createTree", times: Number.POSITIVE_INFINITY });
    await story.say("wendy", issue, `/revert #${culprit}`);
    for (let minute = 0; minute < 16; minute += 1) {
      await story.say("bob", issue, "Any news?");
      await story.advance(MINUTE_MS);
    }
    expect(story.github.calls.filter(({ method }) => method === "createTree").length).toBeLessThan(12);
  });

  it("is obeyed as soon as GitHub answers, and after it those of its kind, in their order", async () => {
    const { story, culprit, issue } = await broken();
    story.github.faults.fail({ method: "createTree", times: 4 });
    await story.say("wendy", issue, `/revert #${culprit} the first`);
    await story.say("alice", issue, `/revert #${culprit} the second`);
    await story.advance(5 * MINUTE_MS);
    expect(story.history(issue).reverts).toMatchObject([{ pullRequest: culprit, by: "wendy" }]);
    expect(story.replies(issue).at(-1)).toContain("it reverts");
  });

  it("links the post-mortem it has created itself, whatever is found first when the answer to that was lost", async () => {
    const { story, issue } = await broken();
    const lost = new TransientError("the connection was closed");
    story.github.faults.fail({ method: "createIssue", when: "after", error: lost, times: 1 });
    await story.say("alice", issue, "/postmortem");
    story.github.faults.fail({ method: "issuesWithLabel", times: 4 });
    const [created] = story.github.numbers(story.repository).filter((number) => number > issue);
    await story.index.addLink(story.repository.id, issue, "post-mortem", "acme/ops", created!);
    await story.advance(10 * MINUTE_MS);
    expect(story.replies(issue).filter((body) => body.includes("Fill in"))).toEqual([]);
    expect(story.history(issue).links).toMatchObject([{ target: { number: created }, byCommand: true }]);
    expect(story.github.numbers(story.repository).filter((number) => number > issue)).toEqual([created]);
  });

  it("is said at once to be refused, where GitHub refuses it", async () => {
    const { story, issue } = await broken();
    story.github.faults.fail({ method: "createIssue", error: new TerminalError("no", { status: 403 }) });
    await story.say("bob", issue, "/postmortem\n/ack");
    expect(story.history(issue).responder).toBe("bob");
    expect(story.replies(issue).at(-1)).toContain("GitHub refuses what `/postmortem` needs");
  });
});
