import { describe, expect, it } from "@jest/globals";
import { readThreadView } from "../../src/core/chat/kept-thread.ts";
import { inEarlierForm } from "../support/earlier-form.ts";
import type { SlackFault } from "../support/fake-slack.ts";
import { Story } from "../support/story.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

async function begin(options: { readonly policy?: string } = {}) {
  const story = await Story.begin({ ...options, slack: true });
  return { story, slack: story.slack! };
}

/** What the root message and the thread say, in one text. */
const said = (messages: readonly { readonly text: string; readonly blocks: readonly unknown[] }[]) =>
  JSON.stringify(messages.map(({ text, blocks }) => [text, blocks]));

describe("An incident in Slack", () => {
  it("is one message in #alert, changed in place, with a thread that tells what happens, to the end", async () => {
    const { story, slack } = await begin();
    const number = await story.declare();
    expect(slack.roots).toHaveLength(1);
    expect(said(slack.roots)).toContain("Checkout is down");
    expect(said(slack.roots)).toContain("Acknowledge");

    await story.say("alice", number, "/ack");
    await story.advance(2_000);
    await story.say("alice", number, "/status looking at the database");
    await story.advance(2_000);
    await story.say("alice", number, "/postmortem");
    await story.advance(2_000);
    await story.say("alice", number, "/resolve pool is larger now");
    await story.advance(2_000);

    expect(slack.roots).toHaveLength(1);
    expect(slack.roots[0]!.edits).toBeGreaterThan(1);
    expect(said(slack.roots)).toContain("resolved");
    expect(said(slack.roots)).not.toContain('Acknowledge\\"');
    const thread = said(slack.replies);
    for (const told of ["Acknowledged by alice", "looking at the database", "/issues/2|", "Resolved by alice"]) {
      expect(thread).toContain(told);
    }
    expect(slack.replies.filter(({ broadcast }) => broadcast)).toHaveLength(1);
    expect(slack.mentioned).toEqual([]);
  });

  it("is linked from the first line of the status comment, and nobody is asked to open a thread", async () => {
    const { story, slack } = await begin();
    const number = await story.declare();
    const link = `https://acme.slack.com/archives/C0ALERT0001/p${slack.roots[0]!.ts.replace(".", "")}`;
    expect(story.status(number)).toContain(
      `- **Take it:** comment \`/ack\`, or press *Acknowledge* in [\\#alert](${link}).`,
    );
    expect(story.status(number)).not.toContain("item:thread");
    expect(story.status(number)).toContain(`Thread opened in Slack: [`);
  });

  it("is told of at Slack's pace, with what came together told together", async () => {
    const { story, slack } = await begin();
    const number = await story.declare();
    for (let at = 0; at < 5; at += 1) story.github.as("alice").comment(number, `/status ${at} things known`);
    await story.settle();
    await story.advance(5_000);
    const times = slack.messages.map(({ at }) => at);
    for (const [at, time] of times.entries()) if (at > 0) expect(time - times[at - 1]!).toBeGreaterThanOrEqual(1_100);
    expect(slack.replies.length).toBeLessThanOrEqual(2);
    for (let at = 0; at < 5; at += 1) expect(said(slack.replies)).toContain(`${at} things known`);
  });

  it("is not announced when it was over before anybody set Slack up", async () => {
    const story = await Story.begin();
    const number = await story.declare();
    await story.say("alice", number, "/cancel a false alarm, sorry");
    const { FakeSlack } = await import("../support/fake-slack.ts");
    story.slack = new FakeSlack(story.clock);
    story.restart();
    await story.look(number);
    expect(story.slack.messages).toEqual([]);
  });
});

describe("A lost database", () => {
  it("makes no second message, and tells nothing a second time", async () => {
    const { story, slack } = await begin();
    const number = await story.declare();
    await story.say("alice", number, "/ack");
    await story.advance(2_000);
    const told = slack.replies.length;
    story.restart({ database: "lost" });
    await story.look(number);
    await story.advance(2_000);
    expect([slack.roots.length, slack.replies.length]).toEqual([1, told]);

    await story.say("alice", number, "/status all is well");
    await story.advance(2_000);
    expect(slack.roots).toHaveLength(1);
    expect(slack.replies).toHaveLength(told + 1);
    expect(said(slack.replies)).toContain("all is well");
  });
});

describe("An update of Sevgate", () => {
  it.each(["the thread is looked at first", "the incident is looked at first"] as const)(
    "makes no second message and tells nothing again; what waited meanwhile is told once: %s",
    async (first) => {
      const { story, slack } = await begin();
      const number = await story.declare();
      await story.say("alice", number, "/ack");
      await story.advance(2_000);
      slack.fault = () => ({ kind: "not-connected" });
      await story.say("alice", number, "/status all is well");
      await story.advance(2_000);
      const before = slack.messages.map(({ ts }) => ts);

      const kept = await story.threads.thread(story.repository.id, number);
      await story.threads.saveThreadView(story.repository.id, number, inEarlierForm(readThreadView(kept!.view)!));
      slack.fault = () => null;
      story.restart();
      if (first === "the thread is looked at first") {
        story.hint({ kind: "thread", repository: story.repository, number });
        await story.settle();
        expect(slack.messages).toHaveLength(before.length + 1);
      }
      await story.look(number);
      await story.advance(HOUR / 2);
      expect(slack.messages.slice(0, before.length).map(({ ts }) => ts)).toEqual(before);
      expect(slack.messages).toHaveLength(before.length + 1);
      expect(slack.replies.at(-1)?.text).toContain("all is well");

      await story.say("alice", number, "/status still so");
      await story.advance(2_000);
      expect([slack.roots.length, slack.replies.length]).toEqual([1, before.length + 1]);
    },
  );
});

describe("A page that was answered meanwhile", () => {
  it("wakes nobody when Slack is back: it is told among the rest", async () => {
    const { story, slack } = await begin();
    story.github.as("alice").push("On call", {
      ".github/sevgate/on-call.yml":
        "people: { alice: { slack: U0ALICE001 } }\nrotations: { week: { start: 2020-01-06, members: [alice] } }\nroles: { primary: { layers: [week] } }\n",
    });
    await story.settle();
    slack.fault = () => ({ kind: "not-connected" });
    const number = await story.declare();
    await story.say("alice", number, "/ack\n/resolve all is well");
    slack.fault = () => null;
    await story.advance(HOUR / 2);
    expect(slack.replies).toHaveLength(1);
    expect(slack.mentioned).toEqual([]);
    expect(said(slack.replies)).not.toContain("Press Acknowledge");
  });
});

describe("While Slack does not answer,", () => {
  const away: readonly SlackFault[] = [
    { kind: "not-connected" },
    { kind: "unavailable-and-not-done" },
    { kind: "no-answer-and-not-done" },
  ];

  it.each(away)(
    "GitHub work goes on, the issue says so within 3 minutes, and once it is back there is one message: %j",
    async (fault) => {
      const { story, slack } = await begin();
      slack.fault = () => fault;
      const number = await story.declare();
      await story.say("alice", number, "/ack");
      expect(story.history(number).responder).toBe("alice");
      expect(story.status(number)).not.toContain("Slack has not answered");
      await story.advance(3 * MINUTE);
      expect(story.status(number)).toContain("Slack has not answered since");

      for (const text of ["one", "two", "three"]) await story.say("alice", number, `/status ${text}`);
      slack.fault = () => null;
      await story.advance(2 * MINUTE);
      expect(slack.roots).toHaveLength(1);
      expect(slack.replies).toHaveLength(1);
      for (const text of ["alice", "one", "two", "three"]) expect(said(slack.messages)).toContain(text);
      expect(story.status(number)).not.toContain("Slack has not answered");
    },
  );

  it("it gives up after an hour, says so once, and still finds Slack when it is back", async () => {
    const { story, slack } = await begin();
    slack.fault = () => ({ kind: "not-connected" });
    const number = await story.declare();
    await story.advance(70 * MINUTE);
    expect(story.status(number)).toContain("Please notify people another way");
    const tries = slack.calls.length;
    await story.advance(HOUR);
    expect(slack.calls.length - tries).toBeLessThanOrEqual(5);
    slack.fault = () => null;
    await story.advance(16 * MINUTE);
    expect(slack.roots).toHaveLength(1);
    expect(story.status(number)).not.toContain("another way");
  });

  it("a limit is kept to the second, and nothing is asked meanwhile", async () => {
    const { story, slack } = await begin();
    let limited = true;
    slack.fault = () => (limited ? { kind: "limited", retryAfterS: 30 } : null);
    await story.declare();
    limited = false;
    expect(slack.calls).toHaveLength(1);
    await story.advance(29_000);
    expect(slack.calls).toHaveLength(1);
    await story.advance(2_000);
    expect(slack.roots).toHaveLength(1);
  });

  it("a message whose answer was lost is sent once more at most, and only when Slack answers again", async () => {
    const { story, slack } = await begin();
    slack.fault = (method) => (method === "chat.postMessage" ? { kind: "no-answer-but-done" } : null);
    const number = await story.declare();
    await story.advance(2 * HOUR);
    expect(slack.roots).toHaveLength(2);
    expect(story.status(number)).toContain("Slack did not say whether it took the message");
  });

  it("a reply whose answer was lost is there twice at most, and the next one once", async () => {
    const { story, slack } = await begin();
    const number = await story.declare();
    slack.fault = (method) => (method === "chat.postMessage" ? { kind: "no-answer-but-done" } : null);
    await story.say("alice", number, "/ack");
    await story.advance(HOUR);
    slack.fault = () => null;
    await story.say("alice", number, "/status better");
    await story.advance(MINUTE);
    const count = (text: string) => slack.replies.filter((reply) => reply.text.includes(text)).length;
    expect(count("Acknowledged")).toBeLessThanOrEqual(2);
    expect(count("better")).toBe(1);
  });
});

describe("A process that dies around a message", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("leaves at most one message too many (at write %i)", async (dies) => {
    const { story, slack } = await begin();
    const { threads } = story;
    let writes = 0;
    const save = threads.saveThreadSent.bind(threads);
    threads.saveThreadSent = async (...given) => {
      writes += 1;
      if (writes === dies) throw new Error("the process died");
      return await save(...given);
    };
    const number = await story.declare().catch(() => 1);
    story.restart();
    await story.look(number);
    await story.say("alice", number, "/ack").catch(() => {});
    story.restart();
    await story.look(number);
    await story.advance(5 * MINUTE);
    expect(slack.roots.length).toBeGreaterThanOrEqual(1);
    expect(slack.roots.length).toBeLessThanOrEqual(2);
    expect(slack.messages.filter(({ text }) => text.includes("Acknowledged by alice")).length).toBeLessThanOrEqual(2);
    expect(slack.messages.length).toBeLessThanOrEqual(3);
  });
});

describe("What people have to mend in Slack", () => {
  it.each(["channel_not_found", "is_archived", "not_in_channel", "invalid_auth", "token_revoked", "missing_scope"])(
    "is said on the issue at once and once, holds nothing else up, and is found mended: %s",
    async (reason) => {
      const { story, slack } = await begin();
      slack.fault = (method) => (method === "chat.postMessage" ? { kind: "refused", reason } : null);
      const number = await story.declare();
      expect(story.status(number)).toContain(reason);
      await story.say("alice", number, "/ack");
      expect(story.history(number).responder).toBe("alice");
      slack.fault = () => null;
      await story.advance(16 * MINUTE);
      expect(slack.roots).toHaveLength(1);
      expect(story.status(number)).not.toContain(reason);
    },
  );

  it("is not a change that Slack does not take: the thread goes on", async () => {
    const { story, slack } = await begin();
    const number = await story.declare();
    slack.fault = (method) => (method === "chat.update" ? { kind: "refused", reason: "cant_update_message" } : null);
    await story.say("alice", number, "/ack");
    await story.advance(2_000);
    expect(said(slack.replies)).toContain("Acknowledged by alice");
    expect(slack.roots).toHaveLength(1);
  });
});

describe("What Sevgate made in Slack and is not there any more", () => {
  it.each(["/ack", "/status rolling back"])(
    "is a message that somebody deleted: with %s the thread begins anew, and the issue leads there",
    async (command) => {
      const { story, slack } = await begin();
      const number = await story.declare();
      await story.advance(MINUTE);
      slack.delete(slack.roots[0]!.ts);
      await story.say("alice", number, command);
      await story.advance(MINUTE);
      expect(slack.roots).toHaveLength(1);
      expect(slack.replies).toHaveLength(1);
      expect(story.status(number)).toContain(`p${slack.roots[0]!.ts.replace(".", "")}`);
      await story.say("alice", number, "/status and on");
      await story.advance(MINUTE);
      expect(slack.roots).toHaveLength(1);
      expect(slack.replies).toHaveLength(2);
    },
  );

  it("is not made again when the incident is over: nothing is said below a deleted message", async () => {
    const { story, slack } = await begin();
    const number = await story.declare();
    await story.advance(MINUTE);
    slack.delete(slack.roots[0]!.ts);
    await story.say("alice", number, "/cancel a false alarm");
    await story.advance(HOUR);
    expect(slack.messages).toEqual([]);
  });

  it("is an archived channel: the issue says so, and the thread goes on where the policy says from then on", async () => {
    const { story, slack } = await begin();
    story.channels = [...story.channels, { channel: "secrets", repositories: "acme/*" }];
    story.restart();
    const number = await story.declare();
    await story.advance(MINUTE);
    slack.archived.add("C0ALERT0001");
    await story.say("alice", number, "/ack");
    await story.advance(MINUTE);
    expect(story.status(number)).toContain("is_archived");
    expect(slack.replies).toEqual([]);

    story.github.as("alice").push("Policy", { ".github/sevgate.yml": 'slack: { channel: "#secrets" }\n' });
    await story.settle();
    await story.look(number);
    await story.advance(16 * MINUTE);
    expect(slack.roots.map(({ text }) => text)).toHaveLength(2);
    expect(slack.messages.at(-1)).toMatchObject({ channel: "C0SECRETS01" });
    expect(said(slack.replies)).toContain("Acknowledged by alice");
    expect(story.status(number)).not.toContain("is_archived");
  });

  it("is a channel archived by mistake: what was not told is told in the same thread once it is back", async () => {
    const { story, slack } = await begin();
    const number = await story.declare();
    await story.advance(MINUTE);
    slack.archived.add("C0ALERT0001");
    await story.say("alice", number, "/ack");
    await story.advance(HOUR);
    slack.archived.clear();
    await story.advance(16 * MINUTE);
    expect(slack.roots).toHaveLength(1);
    expect(said(slack.replies).match(/Acknowledged by alice/g)).not.toBe(null);
  });

  it("is a renamed channel: the thread goes on in it under its new name", async () => {
    const { story, slack } = await begin();
    const number = await story.declare();
    await story.advance(MINUTE);
    slack.channels.set("C0ALERT0001", "alert-old");
    await story.say("alice", number, "/ack");
    await story.advance(MINUTE);
    expect(slack.roots).toHaveLength(1);
    expect(said(slack.replies)).toContain("Acknowledged by alice");
  });

  it("is a name that means another channel by now: once that is seen, older threads go on there, too", async () => {
    const { story, slack } = await begin();
    const number = await story.declare();
    await story.advance(MINUTE);
    slack.channels.set("C0ALERT0001", "alert-old");
    slack.channels.set("C0ALERT0002", "alert");
    await story.declare();
    await story.advance(MINUTE);
    await story.say("alice", number, "/ack");
    await story.advance(MINUTE);
    const told = slack.messages.find(({ text }) => text.includes("Acknowledged by alice"));
    expect(told?.channel).toBe("C0ALERT0002");
  });
});

describe("A policy that names another channel while an incident is open", () => {
  it("takes the thread there, once, and its first message has no buttons any more", async () => {
    const { story, slack } = await begin();
    story.channels = [...story.channels, { channel: "secrets", repositories: "acme/*" }];
    story.restart();
    const number = await story.declare();
    await story.say("alice", number, "/ack");
    await story.advance(MINUTE);
    story.github.as("alice").push("Policy", { ".github/sevgate.yml": 'slack: { channel: "#secrets" }\n' });
    await story.settle();
    await story.say("alice", number, "/status rolling back");
    await story.advance(MINUTE);
    expect(slack.roots).toHaveLength(2);
    const [first, second] = slack.roots;
    expect(JSON.stringify(first)).not.toContain("sevgate:resolve");
    expect(JSON.stringify(first)).toContain("Updates are elsewhere now");
    expect(JSON.stringify(second)).toContain("sevgate:resolve");
    expect(said(slack.replies)).toContain("rolling back");
    expect(said(slack.replies)).not.toContain("Acknowledged");
    expect(story.status(number)).toContain(`p${second!.ts.replace(".", "")}`);
  });

  it("stays where it is when the operator does not allow the other one, and the issue says why", async () => {
    const { story, slack } = await begin();
    const number = await story.declare();
    await story.advance(MINUTE);
    story.github.as("alice").push("Policy", { ".github/sevgate.yml": 'slack: { channel: "#secrets" }\n' });
    await story.settle();
    await story.say("alice", number, "/status rolling back");
    await story.advance(MINUTE);
    expect(slack.roots).toHaveLength(1);
    expect(slack.messages.every(({ channel }) => channel === "C0ALERT0001")).toBe(true);
    expect(story.status(number)).toContain("SLACK_CHANNELS");
  });

  it("and then one more while Slack takes no changes: no message that was left keeps its buttons", async () => {
    const { story, slack } = await begin();
    slack.channels.set("C0THIRD0001", "third");
    const everywhere = ["secrets", "third"].map((channel) => ({ channel, repositories: "acme/*" }));
    story.channels = [...story.channels, ...everywhere];
    story.restart();
    await story.declare();
    await story.advance(MINUTE);
    slack.fault = (method) => (method === "chat.update" ? { kind: "unavailable-and-not-done" } : null);
    for (const channel of ["secrets", "third"]) {
      story.github.as("alice").push("Policy", { ".github/sevgate.yml": `slack: { channel: "#${channel}" }\n` });
      await story.settle();
      await story.look(1);
      await story.advance(MINUTE);
    }
    slack.fault = () => null;
    await story.advance(10 * MINUTE);
    expect(slack.messages.filter(({ threadTs }) => threadTs === null).map(({ channel }) => channel)).toEqual([
      "C0ALERT0001",
      "C0SECRETS01",
      "C0THIRD0001",
    ]);
    const [first, second, third] = slack.roots.map((root) => JSON.stringify(root));
    for (const left of [first, second]) {
      expect(left).toContain("Updates are elsewhere now");
      expect(left).not.toContain("sevgate:resolve");
    }
    expect(third).toContain("sevgate:acknowledge");
  });

  it("leaves nothing of the incident where the operator does not allow it any more", async () => {
    const { story, slack } = await begin();
    const number = await story.declare();
    await story.advance(MINUTE);
    story.channels = [{ channel: "secrets", repositories: "acme/*" }];
    story.restart();
    story.github.as("alice").push("Policy", { ".github/sevgate.yml": 'slack: { channel: "#secrets" }\n' });
    await story.settle();
    await story.say("alice", number, "/status rolling back");
    await story.advance(MINUTE);
    const [first, second] = slack.roots.map((root) => JSON.stringify(root));
    expect(first).toContain("Updates are elsewhere now");
    expect(first).not.toContain("Checkout is down");
    expect(first).not.toContain("sevgate:resolve");
    expect(second).toContain("Checkout is down");
    expect(said(slack.replies)).toContain("rolling back");
  });

  it("to and fro fills no channel", async () => {
    const { story, slack } = await begin();
    story.channels = [...story.channels, { channel: "secrets", repositories: "acme/*" }];
    story.restart();
    const number = await story.declare();
    for (let times = 0; times < 12; times += 1) {
      const channel = times % 2 === 0 ? "secrets" : "alert";
      story.github.as("alice").push("Policy", { ".github/sevgate.yml": `slack: { channel: "#${channel}" }\n` });
      await story.settle();
      await story.say("alice", number, `/status ${times}`);
      await story.advance(MINUTE);
    }
    expect(slack.roots.length).toBeLessThanOrEqual(6);
  });
});

describe("An incident whose issue was moved to another repository", () => {
  it("is told of in its thread, once, and its message has no buttons any more", async () => {
    const { story, slack } = await begin();
    const other = story.github.addRepository({ owner: "acme", name: "shop" });
    const number = await story.declare();
    await story.advance(MINUTE);
    story.github.as("alice").transfer(number, other);
    await story.look(number);
    await story.advance(HOUR);
    const moved = slack.messages.filter(({ text }) => text.includes("moved to another repository"));
    expect(moved).toHaveLength(1);
    expect(JSON.stringify(slack.roots[0])).not.toContain("sevgate:acknowledge");
    expect(said(slack.messages)).not.toContain("acme/shop#1 moved");
  });
});

describe("An incident whose issue was converted to a discussion", () => {
  it("is told of in its thread, once, and its message has no buttons any more", async () => {
    const { story, slack } = await begin();
    const number = await story.declare();
    await story.advance(MINUTE);
    story.github.as("alice").convertToDiscussion(number);
    await story.look(number);
    await story.advance(HOUR);
    const told = slack.replies.filter(({ text }) =>
      text.includes("moved to a discussion by alice: the incident ends here"),
    );
    expect(told).toHaveLength(1);
    expect(said(slack.roots)).not.toContain("sevgate:acknowledge");
  });
});

describe("Where an incident may be told of is the operator's to say:", () => {
  it("a policy that names another channel posts nowhere, and the issue says why", async () => {
    const { story, slack } = await begin({ policy: 'slack: { channel: "#secrets" }' });
    const number = await story.declare();
    expect(slack.messages).toEqual([]);
    expect(story.status(number)).toContain("SLACK_CHANNELS");
  });

  it("what is private is never posted where only public repositories may; nor what has become so", async () => {
    const { story, slack } = await begin();
    story.github.setRepository({ isPrivate: true }, story.repository);
    const number = await story.declare();
    expect(slack.messages).toEqual([]);
    story.github.setRepository({ isPrivate: false }, story.repository);
    await story.advance(16 * MINUTE);
    expect(slack.roots).toHaveLength(1);
    story.github.setRepository({ isPrivate: true }, story.repository);
    await story.say("alice", number, "/status a secret");
    await story.advance(MINUTE);
    expect(said(slack.messages)).not.toContain("a secret");
  });

  it("a private repository is told of in a channel that is allowed for it", async () => {
    const story = await Story.begin({ slack: true });
    story.channels = [{ channel: "alert", repositories: "acme/*" }];
    story.restart();
    story.github.setRepository({ isPrivate: true }, story.repository);
    await story.declare();
    expect(story.slack!.roots).toHaveLength(1);
  });
});

describe("An incident whose issue was deleted", () => {
  it("is told of in its thread, once, and its message has no buttons any more", async () => {
    const { story, slack } = await begin();
    const number = await story.declare();
    await story.advance(MINUTE);
    story.github.as("alice").deleteIssue(number);
    await story.look(number);
    await story.advance(MINUTE);
    await story.look(number);
    await story.advance(HOUR);
    expect(said(slack.replies).match(/The issue is gone/g)).toHaveLength(2);
    expect(slack.replies.filter(({ text }) => text.includes("The issue is gone"))).toHaveLength(1);
    expect(said(slack.roots)).not.toContain("sevgate:acknowledge");
  });

  it("is not announced when Slack had not heard of it yet", async () => {
    const { story, slack } = await begin();
    slack.fault = () => ({ kind: "not-connected" });
    const number = await story.declare();
    story.github.as("alice").deleteIssue(number);
    await story.look(number);
    await story.advance(5_000);
    slack.fault = () => null;
    await story.advance(HOUR);
    expect(slack.messages).toEqual([]);
  });
});

describe("Somebody from outside the team", () => {
  it("is announced three times an hour; further incidents are tracked, and wait for a word of the team", async () => {
    const { story, slack } = await begin();
    const issues: number[] = [];
    for (let count = 0; count < 5; count += 1) issues.push(await story.declare(["sev:P0"], "stranger"));
    await story.advance(3 * HOUR);
    expect(slack.roots).toHaveLength(3);
    const [, , , fourth, fifth] = issues;
    expect(story.history(fifth!)).toMatchObject({ severity: "P0", confirmed: "no" });
    expect(story.status(fifth!)).toContain("has declared more incidents within an hour than are announced");
    await story.say("bob", fourth!, "/note I see it too");
    await story.advance(MINUTE);
    expect(slack.roots).toHaveLength(4);
    expect(story.status(fourth!)).not.toContain("has declared more incidents");
    await story.declare(["sev:P0"], "stranger");
    await story.advance(MINUTE);
    expect(slack.roots).toHaveLength(5);
  });

  it("does not drown the channel with many accounts either, and never the team's own incidents", async () => {
    const { story, slack } = await begin();
    for (let count = 0; count < 15; count += 1) await story.declare(["sev:P0"], `stranger-${count}`);
    await story.advance(5 * MINUTE);
    expect(slack.roots).toHaveLength(10);
    for (let count = 0; count < 5; count += 1) await story.declare(["sev:P1"], "bob");
    await story.advance(5 * MINUTE);
    expect(slack.roots).toHaveLength(15);
  });

  it("does not drown it where the policy pages for anybody, either", async () => {
    const { story, slack } = await begin({ policy: "paging: { unconfirmed: page }" });
    for (let count = 0; count < 5; count += 1) await story.declare(["sev:P0"], "stranger");
    await story.advance(5 * MINUTE);
    expect(slack.roots).toHaveLength(3);
  });
});
