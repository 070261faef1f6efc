import { describe, expect, it } from "@jest/globals";
import { rootContent } from "../../../src/core/chat/chat-content.ts";
import { words } from "../../../src/core/chat/chat-line.ts";
import { readThreadSent } from "../../../src/core/chat/kept-thread.ts";
import {
  adopted,
  nextThreadStep,
  settled,
  type ThreadStep,
  withAttempt,
  withoutAnswer,
  withTold,
} from "../../../src/core/chat/plan-thread.ts";
import { threadRoot } from "../../../src/core/chat/thread-root.ts";
import { digestOf, NOTHING_SENT, type ThreadSent, type ThreadView } from "../../../src/core/chat/thread-state.ts";
import { NINE } from "../../support/build-observation.ts";

function view(changes: Partial<ThreadView> = {}): ThreadView {
  const replies = ["a", "b"].map((id) => ({ id, line: [words(`line ${id}`)], broadcast: false, wakes: false }));
  return {
    chat: "slack",
    channel: "#alert",
    isOpen: true,
    outsider: null,
    root: threadRoot({
      severity: "P0",
      title: "Checkout is down",
      url: "https://github.com/acme/ops/issues/1",
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
    }),
    replies,
    ...changes,
  };
}

function posted(of: ThreadView, changes: Partial<ThreadSent> = {}): ThreadSent {
  const root = {
    channel: "C1",
    ts: "1.1",
    name: "#alert",
    link: null,
    linkAsked: true,
    digest: digestOf(rootContent(of.root)),
  };
  return { ...NOTHING_SENT, root, ...changes };
}

/** For a chat whose card is the content itself. */
function next(of: ThreadView, sent: ThreadSent): ThreadStep | null {
  return nextThreadStep(of, sent, digestOf);
}

describe("What wakes somebody", () => {
  it("goes first, in a message of its own, and the rest after it", () => {
    const reply = (id: string, wakes: boolean) => ({ id, line: [words(`line ${id}`)], broadcast: false, wakes });
    const of = view({ replies: [reply("runbook", false), reply("page", true), reply("update", false)] });
    expect(next(of, posted(of))).toMatchObject({ kind: "reply", ids: ["page"] });
    expect(next(of, posted(of, { told: ["page"] }))).toMatchObject({ kind: "reply", ids: ["runbook", "update"] });
    // What may have arrived is sent again unchanged.
    const begun = posted(of, { attempt: { replies: ["runbook"], unsure: 1 } });
    expect(next(of, begun)).toMatchObject({ ids: ["runbook"], again: true });
  });
});

describe("A thread of another chat", () => {
  const announced = {
    kind: "announced",
    at: NINE,
    by: null,
    channel: "C1",
    ts: "1.1",
    name: "#alert",
    link: null,
  } as const;

  it("is not gone on with: what was sent there was not sent here", () => {
    expect(adopted(announced, view())?.root?.ts).toBe("1.1");
    expect(adopted({ ...announced, chat: "slack" }, view())?.root?.ts).toBe("1.1");
    expect(adopted({ ...announced, chat: "another-chat" }, view())).toBeNull();
    const kept = JSON.stringify({ ...posted(view()), chat: "another-chat" });
    expect(readThreadSent(kept, "slack")).toEqual(NOTHING_SENT);
  });
});

describe("The next step in a chat", () => {
  const kind = (step: ThreadStep | null) => step?.kind ?? null;

  it("is the root message, then its link, then its changes, then one reply with all that is to be told", () => {
    expect(kind(next(view(), NOTHING_SENT))).toBe("post-root");
    const root = posted(view()).root!;
    expect(kind(next(view(), posted(view(), { root: { ...root, linkAsked: false } })))).toBe("ask-link");
    expect(kind(next(view(), posted(view(), { root: { ...root, digest: "old" } })))).toBe("update-root");
    expect(next(view(), posted(view()))).toMatchObject({ kind: "reply", ids: ["a", "b"], again: false });
    expect(next(view(), withTold(posted(view()), ["a", "b"]))).toBeNull();
  });

  it("is nothing for an incident that was over before anybody announced it", () => {
    expect(next(view({ isOpen: false }), NOTHING_SENT)).toBeNull();
  });

  it("sends no message a third time: after two without an answer it stays unsure", () => {
    const once = withAttempt(NOTHING_SENT, null);
    expect(next(view(), once)).toMatchObject({ kind: "post-root", again: true });
    expect(kind(next(view(), withAttempt(once, null)))).toBe("stay-unsure");
    const replied = withAttempt(posted(view()), ["a"]);
    expect(next(view(), replied)).toMatchObject({ kind: "reply", ids: ["a"], again: true });
    const twice = withAttempt(replied, ["a"]);
    expect(next(view(), twice)).toMatchObject({ kind: "reply", ids: ["b"], again: false });
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
    expect(next(view(), old)).toMatchObject({ kind: "reply", ids: ["a", "b"] });
  });
});
