import { describe, expect, it } from "@jest/globals";
import { PlainChat } from "../support/plain-chat.ts";
import { Story } from "../support/story.ts";

const MINUTE = 60_000;
const ON_CALL = `people:
  alice: { slack: U0ALICE001 }
rotations: { week: { start: 2020-01-06, members: [alice] } }
roles: { primary: { layers: [week] } }
`;

describe("A second chat needs a card of its own and nothing of Slack's:", () => {
  it("an incident is told of in plain lines from its declaration to its end, and whoever is on call is woken", async () => {
    const story = await Story.begin();
    story.github.as("alice").push("On call", { ".github/sevgate/on-call.yml": ON_CALL });
    await story.settle();
    const chat = new PlainChat();
    story.chat = chat;
    story.restart();

    const number = await story.declare();
    const [root] = chat.messages;
    expect(root?.text.split("\n")).toEqual([
      "🔴 P0 · Checkout is down",
      expect.stringMatching(
        /^.?Nobody has acknowledged it.? · next: the team at 2026-\S+Z$|^.?Nobody has acknowledged it/,
      ),
      "Now: no update yet",
      "[Acknowledge] [Open issue]",
      expect.stringMatching(
        new RegExp(
          `^acme/ops#${number} \\(https://github.com/acme/ops/issues/${number}\\) · declared 2026-\\S+Z by bob · on call: alice \\(primary\\)$`,
        ),
      ),
    ]);
    expect(story.status(number)).toContain("(https://chat.example/1)");

    await story.say("alice", number, "/ack");
    await story.say("alice", number, "/status looking, with @everybody's help");
    await story.say("alice", number, "/cancel a false alarm");
    await story.advance(MINUTE);
    expect(chat.messages.filter(({ below }) => below === null)).toHaveLength(1);
    expect(root?.text).toMatch(/\n.?Cancelled.?, a false alarm\n/);
    expect(root?.text).toMatch(/\n\[Open issue\]\n/);
    const told = chat.messages.filter(({ below }) => below === root?.ts).map(({ text }) => text);
    expect(told.join("\n").match(/@\S+/g)).toEqual(["@U0ALICE001"]);
    expect(told.join("\n")).toContain("Update by alice: looking, with (at)everybody's help · see update (https://");
    expect(told.join("\n")).toContain("⚪ Cancelled as a false alarm by alice: a false alarm");
  });
});
