import { describe, expect, it } from "@jest/globals";
import { rootContent } from "../../../src/core/chat/chat-content.ts";
import { goneView } from "../../../src/core/chat/gone-view.ts";
import { readThreadSent, readThreadView } from "../../../src/core/chat/kept-thread.ts";
import { nextThreadStep, withTold } from "../../../src/core/chat/plan-thread.ts";
import { slackCard } from "../../../src/core/chat/slack/slack-card.ts";
import { digestOf, type ThreadView } from "../../../src/core/chat/thread-state.ts";
import { derive } from "../../../src/core/derive.ts";
import type { Instant } from "../../../src/core/model.ts";
import { parseOnCall } from "../../../src/core/oncall/parse-on-call.ts";
import { open } from "../../../src/core/record/seal.ts";
import { threadView } from "../../../src/core/render/thread-view.ts";
import { buildIssue, buildObservation } from "../../support/build-observation.ts";
import { EARLIER, inEarlierForm } from "../../support/earlier-form.ts";
import { RECORD_KEYS } from "../../support/story.ts";

/** What a pass would say today the chat should show of the incident from back then. */
function viewOfToday(): ThreadView {
  const opened = open(EARLIER.block, EARLIER.place, RECORD_KEYS);
  const onCall = parseOnCall(EARLIER.onCall);
  if (opened.kind !== "valid" || onCall.kind !== "valid") throw new Error("cannot be read any more");
  const bare = buildObservation();
  const seen = buildObservation({
    at: EARLIER.at as Instant,
    repository: { ...bare.repository, id: EARLIER.place.repositoryId },
    issue: buildIssue({ nodeId: EARLIER.place.issueNodeId, labels: ["sev:P0", "incident:mitigated"] }),
    record: { kind: "found", record: opened.record },
    onCall: { schedule: onCall.schedule, trouble: null },
  });
  return threadView(seen, derive(seen)!, "slack");
}

const next = (view: ThreadView, sent: string) =>
  nextThreadStep(view, readThreadSent(sent, "slack"), (content) => digestOf(slackCard(content)));

describe("A thread that was kept in the form before this one", () => {
  const earlier = readThreadView(EARLIER.view)!;

  it("is left as it is until a pass looks at the incident, and then shown in today's words by one edit", () => {
    expect(next(earlier, EARLIER.sent)?.kind).toBe("reply");
    expect(next(viewOfToday(), EARLIER.sent)?.kind).toBe("update-root");
    expect(JSON.parse(inEarlierForm(viewOfToday())).replies.map(({ id }: { id: string }) => id)).toEqual(
      JSON.parse(EARLIER.view).replies.map(({ id }: { id: string }) => id),
    );
  });

  /** What was sent, once the root message shows what it should. */
  const upToDate = (view: ThreadView) => {
    const sent = readThreadSent(EARLIER.sent, "slack");
    return { ...sent, root: { ...sent.root!, digest: digestOf(slackCard(rootContent(view.root))) } };
  };

  it.each([
    ["before a pass has looked at the incident", () => earlier],
    ["after it", viewOfToday],
  ])("gets no second message and no reply again, and the reply that waited once: %s", (_, view) => {
    const step = next(view(), JSON.stringify(upToDate(view())));
    expect(step).toMatchObject({ kind: "reply", ids: [EARLIER.waiting], again: false });
    expect(step?.kind === "reply" && slackCard(step.content).text).toContain("&lt;!channel&gt; &amp; ∗all is well∗");
    const told = withTold(upToDate(view()), [EARLIER.waiting]);
    expect(next(view(), JSON.stringify(told))).toBeNull();
  });

  it("still loses its buttons and hears of it when the issue is gone", () => {
    const step = next(goneView(earlier, "gone"), EARLIER.sent);
    expect(step?.kind).toBe("update-root");
    const card = step?.kind === "update-root" ? slackCard(step.content) : null;
    expect(card?.blocks.map(({ type }) => type)).toEqual(["header", "section", "context"]);
  });

  it("is nothing when it is neither form", () => {
    for (const kept of [null, "", "{}", "[", '{"channel":"#alert"}']) expect(readThreadView(kept)).toBeNull();
  });
});
