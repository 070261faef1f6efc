import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type AllowedChannel, isAllowed } from "../../../../src/core/chat/allowed-channels.ts";
import {
  nextThreadStep,
  settled,
  type ThreadStep,
  withAttempt,
  withoutAnswer,
  withTold,
} from "../../../../src/core/chat/plan-thread.ts";
import { declareForm } from "../../../../src/core/chat/slack/declare-form.ts";
import { messageOfLines } from "../../../../src/core/chat/slack/message.ts";
import { mention, mrkdwn, slackLink } from "../../../../src/core/chat/slack/mrkdwn.ts";
import { incidentOfValue, type RootFacts, rootMessage } from "../../../../src/core/chat/slack/root-message.ts";
import { digestOf, NOTHING_SENT, type ThreadSent, type ThreadView } from "../../../../src/core/chat/thread-state.ts";
import { derive } from "../../../../src/core/derive.ts";
import type { Phase } from "../../../../src/core/record/history.ts";
import { entryId, threadReply } from "../../../../src/core/render/thread-reply.ts";
import { threadView } from "../../../../src/core/render/thread-view.ts";
import { anyEntry, anyRecord, hostileText } from "../../../support/arbitrary-entry.ts";
import { mentionsIn, messageProblems, viewProblems } from "../../../support/block-kit.ts";
import { buildIssue, buildObservation, NINE } from "../../../support/build-observation.ts";
import { NAUGHTY_STRINGS } from "../../../support/naughty-strings.ts";
import { unseenIn } from "../../../support/unseen-in.ts";

const ISSUE = "https://github.com/acme/ops/issues/1";
const REPLY = { issueUrl: ISSUE, declaredAt: NINE, slackIds: new Map([["carol", "U0CAROL"]]) };
const PHASES: readonly Phase[] = ["declared", "acknowledged", "mitigated", "resolved", "cancelled", "closed-ungated"];

/** What somebody writes to make Slack tell people, or to dress up as somebody else. */
const ATTACKS = [
  "<!channel>",
  "<!here> all of you",
  "<@U024BE7LH>",
  "<!subteam^S012|@sre>",
  "<https://evil.example|https://github.com/acme/ops>",
  "&lt;!channel&gt;",
  "&amp;lt;!channel&amp;gt;",
  "a | b > c < d & e",
  "*Resolved by alice* _really_ `code` ~no~",
  "@channel @here @everyone #general",
  "line\n> quote\n<!channel\n>",
];
const HOSTILE = [...ATTACKS, ...Object.values(NAUGHTY_STRINGS).flat()];

function facts(changes: Partial<RootFacts> = {}): RootFacts {
  return {
    severity: "P0",
    title: "Checkout is down",
    url: ISSUE,
    repository: "acme/ops",
    repositoryId: 10,
    number: 1,
    phase: "declared",
    isOpen: true,
    responder: null,
    onCall: [],
    declaredAt: NINE,
    declaredBy: "bob",
    ...changes,
  };
}

function buttons(of: RootFacts): readonly string[] {
  return rootMessage(of).blocks.flatMap((block) =>
    block.type === "actions" ? block.elements.map((element) => element.text.text) : [],
  );
}

/** Every string in a value. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

describe("What people write, in Slack,", () => {
  it.each(HOSTILE)("is text and nothing else: %j", (text) => {
    const messages = [
      rootMessage(facts({ title: text, responder: text, declaredBy: text, onCall: [text], severity: text })),
      messageOfLines([`Update: ${mrkdwn(text, 400)}`, slackLink(ISSUE, text)]),
    ];
    for (const message of messages) {
      expect(messageProblems(message)).toEqual([]);
      expect(mentionsIn(message)).toEqual([]);
    }
    expect(
      viewProblems(
        declareForm({
          channel: "C1",
          repositories: [{ id: 1, name: text.trim() || "a/b", severities: ["P0"] }],
          title: text,
        }),
      ),
    ).toEqual([]);
  });

  it("never makes a mention, a link or a message that Slack refuses, whatever the record holds", () => {
    fc.assert(
      fc.property(anyRecord(40), hostileText, (record, title) => {
        const seen = buildObservation({
          issue: buildIssue({ title, labels: ["sev:P0"] }),
          record: { kind: "found", record },
        });
        const view = threadView(seen, derive(seen)!);
        const told = view.replies.length === 0 ? [] : [messageOfLines(view.replies.map((reply) => reply.text))];
        for (const message of [view.root, ...told]) {
          expect(messageProblems(message)).toEqual([]);
          expect(mentionsIn(message)).toEqual([]);
          expect(
            textsOf(message)
              .map(unseenIn)
              .filter((one) => one !== null),
          ).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });

  it.each(HOSTILE)("holds nothing that is copied unseen: %j", (text) => {
    const message = rootMessage(facts({ title: text, responder: text, declaredBy: text, onCall: [text] }));
    const lines = messageOfLines([`Update: ${mrkdwn(text, 400)}`, slackLink(ISSUE, text)]);
    expect(
      textsOf([message, lines])
        .map(unseenIn)
        .filter((one) => one !== null),
    ).toEqual([]);
  });

  it.each([
    ["ORDER_FAILED in db_pool_1", "ORDER_FAILED in db_pool_1"],
    ["@here see #general", "@here see #general"],
    ["*Resolved by alice*", "∗Resolved by alice∗"],
    ["_a_ ~b~ `c`", "ˍaˍ ∼b∼ ˋcˋ"],
  ])("keeps its letters where Slack sees no mark: %j", (text, shown) => {
    expect(mrkdwn(text, 100)).toBe(shown);
  });

  it("is escaped once: an entity stays the letters that were written", () => {
    expect(mrkdwn("&lt;!channel&gt;", 100)).toBe("&amp;lt;!channel&amp;gt;");
  });

  it("is a mention only as an id of the on-call file", () => {
    expect(mention("U024BE7LH")).toBe("<@U024BE7LH>");
    expect(mention("!channel")).toBe("!channel");
    expect(mention("U1> <!channel")).not.toContain("<");
  });
});

describe("The root message", () => {
  it.each([
    ["declared", true, ["Acknowledge", "Resolve", "Open issue"]],
    ["acknowledged", true, ["Resolve", "Open issue"]],
    ["mitigated", true, ["Resolve", "Open issue"]],
    ["resolved", true, ["Open issue"]],
    ["cancelled", false, ["Open issue"]],
    ["resolved", false, ["Open issue"]],
  ] as const)("of an incident that is %s (open: %s) has the buttons %j", (phase, isOpen, shown) => {
    expect(buttons(facts({ phase, isOpen }))).toEqual(shown);
  });

  it.each(PHASES)("says severity, title, state, responder, on call and repository when %s", (phase) => {
    const message = rootMessage(facts({ phase, responder: "alice", onCall: ["carol"] }));
    const shown = JSON.stringify(message.blocks);
    for (const word of ["P0", "Checkout is down", "alice", "carol", "acme/ops", "bob"]) expect(shown).toContain(word);
    expect(messageProblems(message)).toEqual([]);
  });

  it("names its incident in its buttons, and only so", () => {
    expect(incidentOfValue("10/1")).toEqual({ repositoryId: 10, number: 1 });
    for (const wrong of ["", "10", "10/", "0/1", "10/1/2", "10/1 ", "../1", "1e3/1"])
      expect(incidentOfValue(wrong)).toBeNull();
  });
});

describe("The thread", () => {
  it("tells a thing once, also when the record was compacted meanwhile", () => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        const shorter = {
          ...entry,
          ...("text" in entry ? { text: "" } : {}),
          ...("reason" in entry ? { reason: "" } : {}),
        };
        const again = JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(shorter).toReversed())));
        expect(entryId(again)).toBe(entryId(entry));
      }),
    );
  });

  it("shows in the channel how it ended, and nothing else", () => {
    const source = { comment: 7, line: 0 };
    const told = (kind: "resolved" | "updated") =>
      threadReply({ kind, at: NINE, by: "alice", text: "done", source }, REPLY);
    expect(told("resolved")).toMatchObject({ broadcast: true, text: expect.stringContaining("Resolved by alice") });
    expect(told("updated")).toMatchObject({
      broadcast: false,
      text: expect.stringContaining(`<${ISSUE}#issuecomment-7|comment>`),
    });
  });

  it("mentions whom a step of the escalation called, by the ids of the on-call file; others are named", () => {
    const targets = ["Carol", "<!channel>"].map((login) => ({ login, role: "primary" }));
    const rest = {
      episode: NINE,
      step: 0,
      round: 0,
      nobody: ["secondary"],
      unreachable: ["dan"],
      text: "",
      source: null,
    };
    const reply = threadReply({ kind: "paged", at: NINE, by: null, targets, ...rest }, REPLY)!;
    const message = messageOfLines([reply.text]);
    expect(new Set(mentionsIn(message))).toEqual(new Set(["@U0CAROL"]));
    expect(messageProblems(message)).toEqual([]);
    for (const said of ["nobody is secondary", "not reached: dan"]) expect(reply.text).toContain(said);
  });

  it("gets the link to the post-mortem", () => {
    const reply = threadReply(
      {
        kind: "linked",
        at: NINE,
        by: null,
        evidence: "post-mortem",
        target: { repository: null, number: 12 },
        source: null,
      },
      REPLY,
    );
    expect(reply?.text).toContain("<https://github.com/acme/ops/issues/12|");
  });
});

function view(changes: Partial<ThreadView> = {}): ThreadView {
  const replies = ["a", "b"].map((id) => ({ id, text: `line ${id}`, broadcast: false }));
  return {
    channel: "#alert",
    isOpen: true,
    outsider: null,
    root: rootMessage(facts()),
    line: "line",
    replies,
    ...changes,
  };
}

function posted(of: ThreadView, changes: Partial<ThreadSent> = {}): ThreadSent {
  const root = { channel: "C1", ts: "1.1", name: "#alert", link: null, linkAsked: true, digest: digestOf(of.root) };
  return { ...NOTHING_SENT, root, ...changes };
}

describe("The next step in Slack", () => {
  const kind = (step: ThreadStep | null) => step?.kind ?? null;

  it("is the root message, then its link, then its changes, then one reply with all that is to be told", () => {
    expect(kind(nextThreadStep(view(), NOTHING_SENT))).toBe("post-root");
    const root = posted(view()).root!;
    expect(kind(nextThreadStep(view(), posted(view(), { root: { ...root, linkAsked: false } })))).toBe("ask-link");
    expect(kind(nextThreadStep(view(), posted(view(), { root: { ...root, digest: "old" } })))).toBe("update-root");
    expect(nextThreadStep(view(), posted(view()))).toMatchObject({ kind: "reply", ids: ["a", "b"], again: false });
    expect(nextThreadStep(view(), withTold(posted(view()), ["a", "b"]))).toBeNull();
  });

  it("is nothing for an incident that was over before anybody announced it", () => {
    expect(nextThreadStep(view({ isOpen: false }), NOTHING_SENT)).toBeNull();
  });

  it("sends no message a third time: after two without an answer it stays unsure", () => {
    const once = withAttempt(NOTHING_SENT, null);
    expect(nextThreadStep(view(), once)).toMatchObject({ kind: "post-root", again: true });
    expect(kind(nextThreadStep(view(), withAttempt(once, null)))).toBe("stay-unsure");
    const replied = withAttempt(posted(view()), ["a"]);
    expect(nextThreadStep(view(), replied)).toMatchObject({ kind: "reply", ids: ["a"], again: true });
    const twice = withAttempt(replied, ["a"]);
    expect(nextThreadStep(view(), twice)).toMatchObject({ kind: "reply", ids: ["b"], again: false });
    expect(withoutAnswer(twice, "perhaps").told).toEqual(["a"]);
  });

  it("forgets a try that surely did not arrive", () => {
    expect(withoutAnswer(withAttempt(NOTHING_SENT, null), "no").attempt).toBeNull();
    const twice = withAttempt(withAttempt(NOTHING_SENT, null), null);
    expect(withoutAnswer(twice, "no").attempt?.unsure).toBe(1);
  });

  it("does not wait for a reply that nobody wants told any more", () => {
    const old = withAttempt(posted(view()), ["gone"]);
    expect(settled(view(), old)).toMatchObject({ attempt: null, told: ["gone"] });
    expect(nextThreadStep(view(), old)).toMatchObject({ kind: "reply", ids: ["a", "b"] });
  });
});

describe("A policy chooses among the channels the operator allows:", () => {
  const allowed: readonly AllowedChannel[] = [
    { channel: "alert", repositories: null },
    { channel: "C0123456789", repositories: "acme/secret" },
    { channel: "secrets", repositories: "acme/*" },
  ];
  it.each([
    ["#alert", "acme/ops", false, true],
    ["alert", "other/repo", false, true],
    ["#alert", "acme/secret", true, false],
    ["#general", "acme/ops", false, false],
    ["C0123456789", "acme/secret", true, true],
    ["C0123456789", "acme/ops", false, false],
    ["c0123456789", "acme/secret", true, false],
    ["#secrets", "ACME/Anything", true, true],
    ["#secrets", "evil/acme", true, false],
  ])("%s for %s (private: %s) is %s", (channel, place, isPrivate, expected) => {
    const [owner = "", name = ""] = place.split("/");
    expect(isAllowed(allowed, [channel], { owner, name }, isPrivate)).toBe(expected);
  });

  it("no list allows no channel", () => {
    expect(isAllowed([], ["#alert"], { owner: "acme", name: "ops" }, false)).toBe(false);
  });
});

it("A message of many lines keeps the last ones, within what Slack takes", () => {
  const lines = Array.from({ length: 200 }, (_, at) => `line ${at} ${"x".repeat(at % 7 === 0 ? 2_900 : 10)}`);
  const message = messageOfLines(lines);
  expect(messageProblems(message)).toEqual([]);
  expect(message.text).toContain("line 199");
});
