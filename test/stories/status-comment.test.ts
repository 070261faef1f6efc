import { describe, expect, it } from "@jest/globals";
import { TransientError } from "../../src/base/errors.ts";
import { openUnchecked, recordKey, seal } from "../../src/core/record/seal.ts";
import { createLook } from "../../src/passes/create-look.ts";
import { KnownIdentity } from "../../src/systems/github/known-identity.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { BUILT_IN_TEMPLATES, RECORD_KEYS, Story } from "../support/story.ts";

everyStoryEndsAtRest(["alice"]);

const MINUTE_MS = 60_000;
const BLOCK = /<!-- sevgate:record [^>]*-->/;

/** An incident that alice acknowledged and gave an update on. */
async function acknowledged(): Promise<{ readonly story: Story; readonly issue: number }> {
  const story = await Story.begin();
  const issue = await story.declare();
  await story.say("alice", issue, "/ack");
  await story.say("alice", issue, "/status rolling back");
  return { story, issue };
}

function edit(story: Story, issue: number, change: (body: string) => string): void {
  story.github.as("alice").editComment(story.statusId(issue), change(story.status(issue)));
}

function line(story: Story, issue: number, id: string): string {
  const found = story.status(issue).match(new RegExp(`^- .*<!-- item:${id} -->$`, "m"))?.[0];
  if (found === undefined) throw new Error(`no item ${id}`);
  return found;
}

function tick(story: Story, issue: number, id: string, mark: "x" | " "): void {
  const before = line(story, issue, id);
  edit(story, issue, (body) => body.replace(before, before.replace(/\[[x ]\]/, `[${mark}]`)));
}

describe("the status comment", () => {
  it("is one: a second copy, left by a crash, is taken away and the older one stays", async () => {
    const { story, issue } = await acknowledged();
    const first = story.statusId(issue);
    story.github.as(story.github.botLogin).comment(issue, story.status(issue));
    await story.look(issue);
    expect(story.statusId(issue)).toBe(first);
  });

  it("is one also when GitHub made it and the answer got lost", async () => {
    const story = await Story.begin();
    story.github.faults.fail({ method: "createComment", when: "after" });
    const issue = await story.declare();
    await story.advance(MINUTE_MS);
    expect(story.status(issue)).toContain("nobody has acknowledged it");
  });

  it("comes back when it is deleted, with nothing lost, and says so once", async () => {
    const { story, issue } = await acknowledged();
    story.github.as("alice").deleteComment(story.statusId(issue));
    await story.settle();
    expect(story.history(issue)).toMatchObject({ responder: "alice", phase: "acknowledged" });
    expect(story.status(issue)).toContain("rolling back");
    await story.say("alice", issue, "/note still here");
    expect(story.status(issue).match(/the comment with it was deleted/g)).toHaveLength(1);
  });

  it("is restored when somebody edits the visible text, and nobody is told off", async () => {
    const { story, issue } = await acknowledged();
    const before = story.status(issue);
    edit(story, issue, (body) => body.replace("alice", "mallory").replace(/^#### First steps[\s\S]*<details>/m, ""));
    await story.settle();
    expect(story.status(issue).replace(BLOCK, "")).toBe(before.replace(BLOCK, ""));
    expect(story.replies(issue)).toEqual([]);
  });

  it.each<{ name: string; damage: (body: string) => string }>([
    { name: "taken out", damage: (body) => body.replace(BLOCK, "") },
    { name: "cut short", damage: (body) => body.replace(/(sevgate:record v1 \w{8} \w{40})[\w-]*/, "$1") },
    {
      name: "one letter changed",
      damage: (body) => body.replace(/(v1 \w{8} .{20})(.)/, (_, a, b) => a + (b === "A" ? "B" : "A")),
    },
    { name: "doubled", damage: (body) => `${body}\n${body.match(BLOCK)![0]}` },
    { name: "the whole text replaced", damage: () => "<!-- sevgate:status -->\nhello" },
  ])("loses nothing when the record in it is damaged ($name), and says so once", async ({ damage }) => {
    const { story, issue } = await acknowledged();
    edit(story, issue, damage);
    await story.settle();
    await story.look(issue);
    expect(story.history(issue)).toMatchObject({ responder: "alice", phase: "acknowledged" });
    expect(story.status(issue)).toContain("rolling back");
    expect(story.status(issue).match(/rebuilt: /g)).toHaveLength(1);
  });

  it("does not go back in time when an older text of it is put back", async () => {
    const { story, issue } = await acknowledged();
    const old = story.status(issue);
    await story.say("alice", issue, "/mitigate traffic moved");
    edit(story, issue, () => old);
    await story.settle();
    expect(story.history(issue)).toMatchObject({ phase: "mitigated" });
    expect(story.stateLabels(issue)).toEqual(["incident:mitigated"]);
    expect(story.status(issue)).toContain("the one in this comment was an old one");
  });

  it("does not take the record of another incident for its own", async () => {
    const { story, issue } = await acknowledged();
    const other = await story.declare(["sev:P2"]);
    await story.say("alice", other, "/waive this one needs no evidence");
    edit(story, issue, (body) => body.replace(BLOCK, story.status(other).match(BLOCK)![0]));
    await story.settle();
    expect(story.history(issue)).toMatchObject({ severity: "P0", responder: "alice", waived: null });
  });

  it("does not trust a record signed with a key it does not know", async () => {
    const { story, issue } = await acknowledged();
    const place = {
      appId: story.github.appId,
      repositoryId: story.repository.id,
      issueNodeId: story.github.issue(issue).nodeId,
    };
    const forged = seal(
      { ...story.record(issue), revision: 900, entries: story.record(issue).entries.slice(0, 1) },
      place,
      [recordKey("a key of somebody else, also long enough")],
    );
    edit(story, issue, (body) => body.replace(BLOCK, forged));
    await story.settle();
    expect(story.history(issue)).toMatchObject({ responder: "alice" });
    expect(story.status(issue)).toContain("signed with a key that is not known");
  });

  it("with a damaged record and an empty database is made again from labels and assignees, and says so once", async () => {
    const { story, issue } = await acknowledged();
    const { at } = story.history(issue).declared;
    edit(story, issue, (body) => body.replace(BLOCK, ""));
    story.restart({ database: "lost" });
    await story.look(issue);
    expect(story.history(issue)).toMatchObject({
      severity: "P0",
      declared: { at, by: "bob" },
      responder: "alice",
      phase: "acknowledged",
    });
    expect(story.status(issue).match(/rebuilt: /g)).toHaveLength(1);
    expect(story.replies(issue)).toEqual([]);
  });

  it("is all that is needed: with an empty database nothing is lost", async () => {
    const { story, issue } = await acknowledged();
    const [record, status] = [story.record(issue), story.status(issue)];
    story.restart({ database: "lost" });
    await story.look(issue);
    expect(story.record(issue)).toEqual(record);
    expect(story.status(issue)).toBe(status);
  });

  it("is nobody else's: its marker and its record in somebody's comment are text", async () => {
    const { story, issue } = await acknowledged();
    const other = await story.declare(["sev:P2"]);
    const id = story.github.as("bob").comment(issue, story.status(issue)).id;
    story.github.as("bob").comment(other, story.status(issue));
    await story.settle();
    await story.look(other);
    expect(story.github.comments(issue).find((comment) => comment.id === id)).toBeDefined();
    expect(story.history(other)).toMatchObject({ severity: "P2", responder: null });
  });

  it("is not written again because an editor changed its line ends or the spaces at them", async () => {
    const { story, issue } = await acknowledged();
    story.github.forgetCalls();
    edit(story, issue, (body) => body.replaceAll("\n", "\r\n"));
    await story.settle();
    edit(story, issue, (body) => body.replaceAll("\r\n", "  \r\n"));
    await story.settle();
    expect(story.github.writes).toEqual([]);
  });

  it("is pinned when it is made, and a person who unpins it is not overruled", async () => {
    const { story, issue } = await acknowledged();
    const other = story.github.as("alice").comment(issue, "the dashboards");
    story.github.act.pin(story.repository, "alice", other.id);
    await story.settle();
    await story.say("alice", issue, "/note more");
    expect(story.github.pinnedComments(issue)).toEqual([other.id]);
  });

  it("goes on without pins and reactions where the server has none", async () => {
    const story = await Story.begin();
    story.github.features.pins = false;
    story.github.features.reactions = false;
    const issue = await story.declare();
    await story.say("alice", issue, "/ack");
    await story.say("alice", issue, "/note asked once is enough");
    expect(story.stateLabels(issue)).toEqual(["incident:acknowledged"]);
    expect(story.github.writes.filter((method) => method === "pinComment" || method === "react")).toHaveLength(2);
  });

  it("keeps to GitHub's limits after hundreds of long updates, and forgets no state", async () => {
    const { story, issue } = await acknowledged();
    for (let count = 0; count < 12; count += 1) {
      const lines = Array.from({ length: 10 }, (_, at) => `/note ${count}.${at} ${"ü<&".repeat(160)}`);
      await story.say("alice", issue, lines.join("\n"));
    }
    expect(story.status(issue).length).toBeLessThan(65_536);
    expect(story.history(issue)).toMatchObject({ responder: "alice", phase: "acknowledged" });
    expect(story.words(issue).includes("Note by alice: 11\\.9")).toBe(true);
    expect(story.words(issue).includes("Note by alice: 0\\.0")).toBe(false);
  });
});

describe("an issue that has nearly as many comments as GitHub takes", () => {
  //
  it("says so from 2,000 on, once, with where to go on, and is still an incident like any other", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    story.listens = false;
    for (let count = story.github.issue(issue).commentCount; count < 1_999; count += 1) {
      story.github.as("rita").comment(issue, "I see it too.");
    }
    await story.look(issue);
    expect(story.status(issue)).not.toContain("follow-up issue");
    story.github.as("rita").comment(issue, "Me too.");
    await story.look(issue);
    expect(story.status(issue).match(/GitHub takes no more than 2,500/g)).toHaveLength(1);
    expect(story.status(issue)).toContain("open a follow-up issue with the severity label, link it here");
    story.github.forgetCalls();
    story.github.as("rita").comment(issue, "Still.");
    await story.look(issue);
    expect(story.github.writes).toEqual([]);
    story.listens = true;
    await story.say("alice", issue, "/ack");
    expect(story.history(issue).responder).toBe("alice");
  });
});

describe("a text that GitHub keeps otherwise than it was sent", () => {
  type Keeps = (text: string, before: string | null) => string;
  const ofSevgate =
    (keeps: Keeps): Keeps =>
    (text, before) =>
      text.includes("<!-- sevgate:") ? keeps(text, before) : text;
  const changes: Readonly<Record<string, Keeps>> = {
    "with other ends of lines": (text) => text.replaceAll("\n", "\r\n"),
    "without blanks at the ends of lines": (text) => text.replace(/[ \t]+$/gm, ""),
    "without characters of four bytes": (text) => text.replace(/[\u{10000}-\u{10FFFF}]/gu, "\uFFFD"),
    "in other characters": (text) => text.normalize("NFKD").replaceAll("…", "..."),
    "cut, with the record gone": (text) => text.slice(0, 600),
    "cut at the end": (text) => text.slice(0, -20),
    "not at all, where one is there": (text, before) => before ?? text,
  };

  it.each(Object.keys(changes))("is written once, and not again at every look: %s", async (name) => {
    const story = await Story.begin();
    story.github.keeps = ofSevgate(changes[name]!);
    const issue = await story.declare();
    await story.say("alice", issue, "/ack");
    await story.say("alice", issue, "/status rolling back 🔥 …");
    expect((await story.index.incident(story.repository.id, issue))?.record).toContain("rolling back");
    story.github.forgetCalls();
    await story.look(issue);
    await story.look(issue);
    expect(story.github.writes).toEqual([]);
  });

  it("is sent once also where it is the issue's own", async () => {
    const story = await Story.begin();
    story.github.keeps = (text, before) => before ?? text;
    await story.declare();
    expect(story.github.writes.filter((method) => method === "editIssueBody")).toHaveLength(1);
  });

  it("is mended where people change it, and written once more after a restart", async () => {
    const story = await Story.begin();
    story.github.keeps = ofSevgate(changes["without characters of four bytes"]!);
    const issue = await story.declare();
    await story.say("alice", issue, "/status rolling back 🔥");
    const before = story.status(issue).replace(BLOCK, "");
    edit(story, issue, (body) => body.replace("rolling back", "all is well"));
    await story.settle();
    expect(story.status(issue).replace(BLOCK, "")).toBe(before);

    story.restart();
    story.github.forgetCalls();
    await story.look(issue);
    await story.look(issue);
    expect(story.github.writes).toEqual(["editComment"]);
  });
});

describe("a template of the repository from before the comment was told by phase", () => {
  const EARLIER = `### {{ icon }} {{ severity }} · {{ phase }}

| {{ facts[0].name }} | {{ facts[0].value }} |
| :--- | :--- |
{% for fact in facts offset: 1 -%}
| **{{ fact.name }}** | {{ fact.value }} |
{% endfor %}
#### Checklist

{% for item in checklist -%}
- [{% if item.checked %}x{% else %} {% endif %}] {{ item.text }} <!-- item:{{ item.id }} -->
{% endfor %}
{% for runbook in runbooks -%}
#### Runbook: {{ runbook.heading }}
{% for step in runbook.steps -%}
- [{% if step.checked %}x{% else %} {% endif %}] {{ step.text }} <!-- item:{{ step.id }} -->
{% endfor %}
{% endfor -%}
#### {{ gate.heading }}
{% for line in gate.lines -%}
{{ line }}
{% endfor %}
{% for line in timeline -%}
- {{ line }}
{% endfor %}
<sub>{{ commands }}</sub>`;

  it("goes on working: its values, its boxes and their ticks", async () => {
    const story = await Story.begin();
    story.github.as("alice").push("Ours", {
      ".github/sevgate/templates/status.md": EARLIER,
      "runbooks/checkout.md": "---\nkeywords: [checkout]\n---\n# Down\n\n1. One\n",
    });
    await story.settle();
    await story.advance(MINUTE_MS);
    const issue = await story.declare();
    await story.say("alice", issue, "/ack");
    tick(story, issue, "reach-out", "x");
    await story.settle();
    await story.say("alice", issue, "/done 8");
    expect(story.words(issue)).toContain("| Responder | alice |");
    expect(story.status(issue)).toContain("#### Closing: needs one of these");
    expect(line(story, issue, "acknowledge")).toMatch(/^- \[x\]/);
    expect(line(story, issue, "reach-out")).toMatch(/^- \[x\]/);
    expect(story.status(issue)).toMatch(/^- \[x\] One <!-- item:step-/m);
    await story.say("alice", issue, "/status all is known");
    expect(line(story, issue, "update")).toMatch(/^- \[x\]/);
    await story.say("alice", issue, "/unack");
    expect(line(story, issue, "acknowledge")).toMatch(/^- \[ \]/);
  });
});

describe("what the status comment says", () => {
  it("names since when whoever has it now has it, not who had it first", async () => {
    const { story, issue } = await acknowledged();
    await story.advance(60 * MINUTE_MS);
    await story.say("bob", issue, "/ack");
    expect(story.status(issue)).toContain("- **Responder:** bob, since 10:01 UTC");
  });

  it("forgets what was known of the ending when somebody opens it again", async () => {
    const { story, issue } = await acknowledged();
    await story.say("alice", issue, "/cancel a broken monitor, all is green");
    await story.say("alice", issue, "/note so far");
    story.github.as("bob").reopen(issue);
    await story.settle();
    expect(story.status(issue)).toContain("- **Now:** no update yet");
    expect(story.status(issue)).toContain("· nobody has it");
  });

  it("does not call an incident unacknowledged that somebody had", async () => {
    const { story, issue } = await acknowledged();
    await story.say("alice", issue, "/unack");
    expect(story.status(issue)).toContain("### 🔴 P0 · nobody has it\n");
    await story.say("alice", issue, "/resolve\n/waive nothing is to be learned from it");
    expect(story.status(issue)).toContain("acknowledged after 0 seconds by alice");
    expect(story.status(issue)).not.toContain("Responder");
  });

  it("names a post-mortem's day only where a post-mortem is asked for", async () => {
    const policy = "version: 1\nseverities: { P0: { close-requires: runbook-pr, post-mortem-within: 3d } }\n";
    const story = await Story.begin({ policy });
    const issue = await story.declare();
    await story.say("alice", issue, "/ack\n/resolve done");
    expect(story.status(issue)).toContain("resolved · needs a merged runbook by Thu 8 Jan");
  });

  it("says what is wrong with a file below the first steps, and who may not hear of it above them", async () => {
    const story = await Story.begin({ policy: "version: 1\nseverity: {}\n" });
    story.github.as("alice").push("Broken", { ".github/sevgate/on-call.yml": "roles: 5" });
    await story.settle();
    const issue = await story.declare();
    const at = (words: string) => story.status(issue).indexOf(words);
    expect(at("on-call.yml` on the default branch cannot be used")).toBeLessThan(at("#### First steps"));
    expect(at("sevgate.yml` on the default branch cannot be used")).toBeGreaterThan(at("item:reach-out"));
  });
});

describe("the checklist", () => {
  //
  it("keeps the ticks of people, and what they untick stays unticked", async () => {
    const { story, issue } = await acknowledged();
    tick(story, issue, "thread", "x");
    await story.settle();
    await story.say("alice", issue, "/note one more line");
    expect(line(story, issue, "thread")).toMatch(/^- \[x\]/);

    tick(story, issue, "thread", " ");
    await story.settle();
    await story.say("alice", issue, "/note another line");
    expect(line(story, issue, "thread")).toMatch(/^- \[ \]/);
  });

  it("keeps ticks through the loss of the database", async () => {
    const { story, issue } = await acknowledged();
    tick(story, issue, "revert", "x");
    await story.settle();
    story.restart({ database: "lost" });
    await story.say("alice", issue, "/note after the restart");
    expect(line(story, issue, "revert")).toMatch(/^- \[x\]/);
  });

  it("ticks itself where Sevgate sees the thing done, and that cannot be unticked by hand", async () => {
    const story = await Story.begin();
    story.github.setRole("wendy", "write");
    const { number } = story.github.as("wendy").openPullRequest({ title: "Break it", files: { a: "b" } });
    story.github.as("wendy").merge(number);
    const issue = await story.declare();
    expect(line(story, issue, "revert")).toMatch(/^- \[ \]/);
    await story.say("alice", issue, `/revert #${number}`);
    expect(line(story, issue, "revert")).toMatch(/^- \[x\] Roll back: #/);
    tick(story, issue, "revert", " ");
    await story.settle();
    expect(line(story, issue, "revert")).toMatch(/^- \[x\]/);
  });

  it("is Sevgate's own: items people add to it are not kept, and do no harm", async () => {
    const { story, issue } = await acknowledged();
    const more = Array.from(
      { length: 80 },
      (_, at) => `- [x] more <!-- item:${"abcdefghij"[at % 10]}${"x".repeat(at / 10)} -->`,
    );
    edit(story, issue, (body) => body.replace(line(story, issue, "thread"), (item) => [item, ...more].join("\n")));
    await story.settle();
    expect(story.record(issue).ticks).toEqual([]);
    expect(story.history(issue)).toMatchObject({ responder: "alice" });
    expect(story.status(issue)).not.toContain("rebuilt: ");
  });

  it("an item that a person deleted comes back as it was", async () => {
    const { story, issue } = await acknowledged();
    tick(story, issue, "thread", "x");
    await story.settle();
    edit(story, issue, (body) => body.replace(`${line(story, issue, "thread")}\n`, ""));
    await story.settle();
    expect(line(story, issue, "thread")).toMatch(/^- \[x\]/);
  });
});

// The last writer wins on GitHub.
describe("a box that is ticked while a pass is about to write", () => {
  it.each(["the comments", "the rights"])("stays ticked: between reading %s and writing", async (when) => {
    const { story, issue } = await acknowledged();
    const method = when === "the comments" ? "comments" : "permission";
    const read = story.github.read[method] as (...given: unknown[]) => Promise<unknown>;
    let ticked = false;
    Object.assign(story.github.read, {
      [method]: async (...given: unknown[]) => {
        const found = await read(...given);
        if (!ticked) tick(story, issue, "reach-out", "x");
        ticked = true;
        return found;
      },
    });
    story.github.as("alice").comment(issue, "/status still looking");
    story.listens = false;
    await story.settle();
    story.listens = true;
    expect(ticked).toBe(true);
    expect(line(story, issue, "reach-out")).toMatch(/^- \[x\]/);
    expect(story.status(issue)).toContain("still looking");
    expect(story.record(issue).ticks).toContain("reach-out");
  });

  it("and what else was changed meanwhile is written over as ever", async () => {
    const { story, issue } = await acknowledged();
    const { comments } = story.github.read;
    let changed = false;
    Object.assign(story.github.read, {
      comments: async (...given: Parameters<typeof comments>) => {
        const found = await comments(...given);
        if (!changed) edit(story, issue, (body) => body.replace("alice", "mallory"));
        changed = true;
        return found;
      },
    });
    await story.say("alice", issue, "/status still looking");
    expect(story.status(issue)).not.toContain("mallory");
    expect(story.status(issue)).toContain("still looking");
  });
});

// GitHub accepts no comment from an app there; whether it accepts a change to one is undocumented.
describe("a locked issue", () => {
  //
  it("gets its status comment once it is unlocked, and its labels at once", async () => {
    const story = await Story.begin();
    const { number } = story.github.as("bob").openIssue({ title: "Down" });
    story.github.as("alice").lock(number);
    story.github.as("alice").label(number, "sev:P0");
    await story.settle();
    expect(story.stateLabels(number)).toEqual(["incident:declared"]);
    expect(story.ownComments(number)).toEqual([]);
    await story.say("alice", number, "/ack");
    expect(story.stateLabels(number)).toEqual(["incident:acknowledged"]);

    story.github.as("alice").unlock(number);
    await story.settle();
    expect(story.status(number)).toContain("alice has it");
    expect(story.status(number)).not.toContain("rebuilt: ");
    expect(story.history(number).responder).toBe("alice");
  });

  it("still cannot be closed without evidence, and its maintainers' commands still count", async () => {
    const { story, issue } = await acknowledged();
    story.github.as("alice").lock(issue);
    await story.settle();
    await story.say("alice", issue, "/mitigate traffic moved");
    expect(story.stateLabels(issue)).toEqual(["incident:mitigated"]);
    story.github.as("alice").close(issue);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
    story.github.as("alice").unlock(issue);
    await story.settle();
    expect(story.replies(issue)).toEqual([expect.stringContaining("**Reopened")]);
  });

  it.each([false, true])(
    "is paged for by other ways, says so where it can, and comments again once it is unlocked (edits refused: %s)",
    async (locksEdits) => {
      const policy = "paging: { channels: { P0: [pagerduty] } }";
      const story = await Story.begin({ policy, slack: true });
      story.github.as("alice").push("On call", {
        ".github/sevgate/on-call.yml":
          "rotations:\n  one: { start: 2025-01-06, members: [alice] }\n  two: { start: 2025-01-06, members: [bob] }\n" +
          "roles:\n  primary: { layers: [one] }\n  secondary: { layers: [two] }\n" +
          "escalation:\n  default: { steps: [{ after: 0m, notify: [primary] }, { after: 15m, notify: [secondary] }] }\n",
      });
      await story.settle();
      story.github.locksEdits = locksEdits;
      const issue = await story.declare();
      story.github.as("alice").lock(issue);
      await story.settle();
      await story.advance(MINUTE_MS);
      story.github.forgetCalls();

      await story.advance(16 * MINUTE_MS);
      // alice was mentioned before it was locked; bob cannot be any more.
      expect(story.github.issue(issue).assignees).toEqual(["bob"]);
      expect(story.pagerDuty.standing.size).toBe(2);
      expect(JSON.stringify(story.slack!.replies)).toContain("The issue was locked");
      expect(story.github.writes).not.toContain("createComment");
      if (!locksEdits) {
        expect(story.status(issue)).toContain("This issue is locked, so GitHub takes no comments of mine");
        expect(story.status(issue)).toContain("pages go by assignment, Slack and PagerDuty");
      }
      await story.say("alice", issue, "/ack");
      expect(story.pagerDuty.standing.size).toBe(0);
      // Nothing that GitHub refuses is tried again and again.
      await story.look(issue);
      story.github.forgetCalls();
      await story.look(issue);
      expect(story.github.writes).toEqual([]);

      story.github.as("alice").unlock(issue);
      await story.settle();
      expect(story.history(issue)).toMatchObject({ responder: "alice", isLocked: false });
      expect(story.status(issue)).not.toContain("rebuilt: ");
      expect(story.status(issue)).not.toContain("GitHub takes no comments of mine:");
      expect(story.status(issue)).toContain("The issue was unlocked");
      await story.say("bob", issue, "/severity P7");
      expect(story.replies(issue).at(-1)).toContain("no severity `P7`");
    },
  );
});

it("an earlier key still verifies after a new one took over, and the next write uses the new one", async () => {
  const { story, issue } = await acknowledged();
  const fresh = recordKey("the key that follows, long enough as well");
  story.recordKeys = [fresh, ...RECORD_KEYS];
  story.restart();
  await story.look(issue);
  expect(story.status(issue)).not.toContain("rebuilt: ");
  await story.say("alice", issue, "/note after the rotation");
  expect(story.status(issue)).toContain(`sevgate:record v1 ${fresh.name}`);
  expect(story.history(issue)).toMatchObject({ responder: "alice" });
});

describe("An app that is renamed", () => {
  // GitHub also renames it on what it did before.
  it("is known by its new name within the hour, without a restart", async () => {
    const story = await Story.begin();
    const { github, index, alerts, clock } = story;
    const templates = BUILT_IN_TEMPLATES;
    const openRecord = openUnchecked;
    const look = createLook({ github, index, alerts, clock, openRecord, templates, chat: null, pages: null });
    const known = new KnownIdentity(github.app, clock);
    const names = async () => [(await look()).app.botLogin, (await known.now()).botLogin, known.latest()?.botLogin];
    expect(known.latest()).toBe(null);
    expect(await names()).toEqual(Array(3).fill("sevgate[bot]"));
    github.renameApp("incident-keeper");
    github.forgetCalls();
    clock.advance(59 * MINUTE_MS);
    expect(await names()).toEqual(Array(3).fill("sevgate[bot]"));
    expect(github.calls).toEqual([]);
    clock.advance(MINUTE_MS);
    expect(await names()).toEqual(Array(3).fill("incident-keeper[bot]"));
    expect(github.calls).toHaveLength(2);
    github.renameApp("sevgate");
    clock.advance(60 * MINUTE_MS);
    // A caller that does not wait gets the old name, while the new one is asked for in the background.
    expect(known.latest()?.botLogin).toBe("incident-keeper[bot]");
    await new Promise(setImmediate);
    expect(known.latest()?.botLogin).toBe("sevgate[bot]");
  });

  it("goes on under the name it had while GitHub does not tell", async () => {
    const { github, clock } = await Story.begin();
    const known = new KnownIdentity(github.app, clock);
    github.faults.fail({ method: "identity", times: 1 });
    await expect(known.now()).rejects.toThrow(TransientError);
    await known.now();
    github.renameApp("incident-keeper");
    clock.advance(60 * MINUTE_MS);
    github.faults.fail({ method: "identity", times: 1 });
    expect((await known.now()).botLogin).toBe("sevgate[bot]");
    clock.advance(5 * MINUTE_MS);
    expect((await known.now()).botLogin).toBe("incident-keeper[bot]");
  });

  it.each(["while it runs", "before it starts again"])(
    "%s knows its comments by its id: no second one, nothing lost",
    async (when) => {
      const story = await Story.begin();
      const issue = await story.declare();
      await story.say("alice", issue, "/ack");
      const before = story.record(issue);
      story.github.renameApp("incident-keeper");
      if (when !== "while it runs") story.restart({ database: "lost" });
      await story.say("alice", issue, "/status still on it");
      const own = story.github.comments(issue).filter(({ body }) => body.includes("<!-- sevgate:status -->"));
      expect(own).toHaveLength(1);
      expect(story.record(issue).entries).toEqual(expect.arrayContaining([...before.entries]));
      expect(story.history(issue).lastUpdate).not.toBe(null);
    },
  );
});
