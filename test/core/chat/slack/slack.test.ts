import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { rootContent } from "../../../../src/core/chat/chat-content.ts";
import { type ChatLine, line, link, person, strong, text } from "../../../../src/core/chat/chat-line.ts";
import { declareForm } from "../../../../src/core/chat/slack/declare-form.ts";
import { messageOfLines, type SlackMessage } from "../../../../src/core/chat/slack/message.ts";
import { mention, mrkdwn, slackLink } from "../../../../src/core/chat/slack/mrkdwn.ts";
import { incidentOfValue } from "../../../../src/core/chat/slack/root-message.ts";
import { slackCard } from "../../../../src/core/chat/slack/slack-card.ts";
import { slackLine } from "../../../../src/core/chat/slack/slack-line.ts";
import { type RootFacts, threadRoot } from "../../../../src/core/chat/thread-root.ts";
import { derive } from "../../../../src/core/derive.ts";
import type { Phase } from "../../../../src/core/record/history.ts";
import { entryId, threadReply } from "../../../../src/core/render/thread-reply.ts";
import { threadView } from "../../../../src/core/render/thread-view.ts";
import { mentionsIn, messageProblems, viewProblems } from "../../../../testkit/block-kit.ts";
import { anyEntry, anyRecord, hostileText } from "../../../support/arbitrary-entry.ts";
import { buildIssue, buildObservation, NINE } from "../../../support/build-observation.ts";
import { NAUGHTY_STRINGS } from "../../../support/naughty-strings.ts";
import { unseenIn } from "../../../support/unseen-in.ts";

const ISSUE = "https://github.com/acme/ops/issues/1";
const REPLY = {
  issueUrl: ISSUE,
  declaredAt: NINE,
  idsInChat: new Map([["carol", "U0CAROL"]]),
  severity: "P0",
  title: "Checkout is down",
  isDrill: false,
  isUnanswered: () => true,
  runbookTitles: new Map(),
};
const PHASES: readonly Phase[] = ["declared", "acknowledged", "mitigated", "resolved", "cancelled", "closed-ungated"];

/** What somebody might write to make Slack notify people, or to pose as somebody else. */
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
    isDrill: false,
    isOpen: true,
    responder: null,
    since: null,
    wasTaken: false,
    onCall: [],
    next: null,
    news: null,
    declaredAt: NINE,
    declaredBy: "bob",
    ...changes,
  };
}

/** The message at the head of a thread, as sent to Slack. */
function rootMessage(of: RootFacts): SlackMessage {
  return slackCard(rootContent(threadRoot(of)));
}

function buttons(of: RootFacts): readonly string[] {
  return rootMessage(of).blocks.flatMap((block) =>
    block.type === "actions" ? block.elements.map((element) => element.text.text) : [],
  );
}

/** A line with somebody's words in every place that accepts them. */
function everyPart(written: string): ChatLine {
  return line`Update: ${text(written, 400)}${strong(written, 100)}${link(ISSUE, written)}${person(written, written)}${person(written, null)}`;
}

/** Lines of a thread, as sent to Slack. */
function told(lines: readonly ChatLine[]): SlackMessage {
  return slackCard({ kind: "lines", lines });
}

/** Every string in a value. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

describe("What people write, in Slack,", () => {
  it.each(HOSTILE)("is text and nothing else: %j", (written) => {
    const messages = [
      rootMessage(
        facts({ title: written, responder: written, declaredBy: written, onCall: [written], severity: written }),
      ),
      messageOfLines([`Update: ${mrkdwn(written, 400)}`, slackLink(ISSUE, written)]),
      told([everyPart(written)]),
    ];
    for (const message of messages) {
      expect(messageProblems(message)).toEqual([]);
      expect(mentionsIn(message)).toEqual([]);
    }
    expect(
      viewProblems(
        declareForm({
          channel: "C1",
          repositories: [{ id: 1, name: written.trim() || "a/b", severities: ["P0"] }],
          title: written,
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
        const view = threadView(seen, derive(seen)!, "slack");
        const replies = view.replies.map((reply) => reply.line);
        for (const message of [slackCard(rootContent(view.root)), ...(replies.length === 0 ? [] : [told(replies)])]) {
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

  it.each(HOSTILE)("holds nothing that is copied unseen: %j", (written) => {
    const message = rootMessage(facts({ title: written, responder: written, declaredBy: written, onCall: [written] }));
    const lines = messageOfLines([`Update: ${mrkdwn(written, 400)}`, slackLink(ISSUE, written)]);
    expect(
      textsOf([message, lines, told([everyPart(written)])])
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
    ["declared", true, ["Acknowledge", "Open issue"]],
    ["acknowledged", true, ["Resolve", "Open issue"]],
    ["mitigated", true, ["Resolve", "Open issue"]],
    ["resolved", true, ["Open issue"]],
    ["cancelled", false, ["Open issue"]],
    ["resolved", false, ["Open issue"]],
  ] as const)("of an incident that is %s (open: %s) has the buttons %j", (phase, isOpen, shown) => {
    expect(buttons(facts({ phase, isOpen }))).toEqual(shown);
  });

  it.each(PHASES)("has five lines when %s: what, who, what is known, the buttons third, and where", (phase) => {
    const news = { text: "the pool is used up", at: NINE, by: "alice" };
    const message = rootMessage(facts({ phase, responder: "alice", onCall: ["carol (primary)"], news }));
    expect(message.blocks.map(({ type }) => type)).toEqual(["header", "section", "actions", "context"]);
    const [, section, , context] = message.blocks.map((block) => JSON.stringify(block));
    expect(section?.split("\\n")).toHaveLength(2);
    expect(section).toContain("Now: the pool is used up (alice, <!date");
    for (const word of ["acme/ops", "bob", "carol (primary)"]) expect(context).toContain(word);
    expect(messageProblems(message)).toEqual([]);
  });

  it("says first that nobody has it, and who is paged next", () => {
    const section = JSON.stringify(rootMessage(facts({ next: { who: "bob (secondary)", at: NINE } })).blocks[1]);
    expect(section).toContain("*Nobody has acknowledged it* · next: bob (secondary) at <!date");
    expect(section).toContain("Now: no update yet");
  });

  it.each(["P0: Checkout is down", "p0 - Checkout is down", "P0 · Checkout is down"])(
    "says the severity once: %s",
    (title) => {
      expect(rootMessage(facts({ title })).blocks[0]).toMatchObject({ text: { text: "🔴 P0 · Checkout is down" } });
    },
  );

  it.each(["P0", "P0:", "P00 is down", "P0 is down"])("keeps a title that only begins like one: %s", (title) => {
    expect(rootMessage(facts({ title })).blocks[0]).toMatchObject({ text: { text: `🔴 P0 · ${title}` } });
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
    const replyTo = (kind: "resolved" | "updated") => {
      const reply = threadReply({ kind, at: NINE, by: "alice", text: "done", source }, REPLY);
      return { ...reply, text: slackLine(reply?.line ?? []) };
    };
    expect(replyTo("resolved")).toMatchObject({ broadcast: true, text: expect.stringContaining("Resolved by alice") });
    expect(replyTo("updated")).toMatchObject({
      broadcast: false,
      text: expect.stringContaining(`<${ISSUE}#issuecomment-7|see update>`),
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
    const message = told([reply.line]);
    expect(new Set(mentionsIn(message))).toEqual(new Set(["@U0CAROL"]));
    expect(messageProblems(message)).toEqual([]);
    for (const said of ["nobody is secondary", "not reached: dan"]) expect(slackLine(reply.line)).toContain(said);
    // What a phone shows: the page itself.
    expect(message.text).toMatch(/^📟 <@U0CAROL>, .* \(primary\): P0 · Checkout is down\. Press Acknowledge above/);
    expect(reply.wakes).toBe(true);
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
    expect(slackLine(reply?.line ?? [])).toContain("<https://github.com/acme/ops/issues/12|");
  });
});

it("A message of many lines keeps the last ones, within what Slack takes", () => {
  const lines = Array.from({ length: 200 }, (_, at) => `line ${at} ${"x".repeat(at % 7 === 0 ? 2_900 : 10)}`);
  const message = messageOfLines(lines);
  expect(messageProblems(message)).toEqual([]);
  expect(message.text).toContain("line 199");
});
