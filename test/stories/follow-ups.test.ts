import { describe, expect, it } from "@jest/globals";
import type { IssueFacts } from "../../src/core/model.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { closedIncident, file, look } from "../support/filed-items.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest(["bob", "alice", "carol"]);

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Every issue with the label that is there, whatever its state. */
function lists(story: Story): readonly IssueFacts[] {
  return story.github
    .numbers()
    .map((number) => story.github.issue(number))
    .filter(({ labels }) => labels.includes("incident-follow-ups"));
}

/** The one issue. */
function list(story: Story): IssueFacts {
  const all = lists(story);
  if (all.length !== 1) throw new Error(`there are ${all.length} of them`);
  return all[0]!;
}

/** What it says, of a link its words. */
function words(story: Story): string {
  return list(story).body.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
}

function reminders(story: Story): readonly string[] {
  return story.github.comments(list(story).number).map(({ body }) => body);
}

describe("the one issue of what is late", () => {
  it("is opened when there is something to list, and not before", async () => {
    const { story, incident } = await closedIncident();
    await look(story);
    expect(lists(story)).toEqual([]);
    const item = await file(story, incident, { due: "2026-03-01" });
    expect(lists(story)).toEqual([]);
    await story.advance(45 * DAY_MS);
    expect(lists(story)).toEqual([]);
    await story.advance(5 * DAY_MS);
    expect(list(story)).toMatchObject({ title: "Incident follow-ups", state: "open", labels: ["incident-follow-ups"] });
    expect(words(story)).toContain("**1 due soon**");
    expect(words(story)).toContain(`- #${item} Limit the pool · bob · due 2026-03-01 · from #${incident} (P0)`);
    expect(words(story)).toContain(`On #${incident}, comment \`/snooze #${item} 14d REASON\``);
  });

  it("is edited from then on, and only when something else is late: a day that passes changes nothing", async () => {
    const { story, incident } = await closedIncident();
    const item = await file(story, incident, { due: "2026-01-20" });
    await story.advance(17 * DAY_MS);
    expect(words(story)).toContain("### Late");
    const before = list(story).body;
    story.github.forgetCalls();
    await story.advance(6 * DAY_MS);
    await look(story);
    expect(story.github.writes).toEqual([]);
    expect(list(story).body).toBe(before);
    story.github.as("bob").close(item);
    await story.settle();
    expect(words(story)).toContain("Nothing is late after incidents");
    expect(list(story).state).toBe("closed");
  });

  it("lists what is late, due soon, without owner, without day, snoozed, and post-mortems that are late", async () => {
    const { story, incident } = await closedIncident();
    const late = await file(story, incident, { title: "Late one", due: "2026-01-06" });
    const soon = await file(story, incident, { title: "Soon one", due: "2026-01-14" });
    const ownerless = await file(story, incident, { title: "Nobody's", owner: null, due: "2026-06-01" });
    const dayless = await file(story, incident, { title: "Some day" });
    const fine = await file(story, incident, { title: "In good time", due: "2026-06-01" });
    const other = await story.declare(["sev:P0"]);
    await story.say("alice", other, "/ack");
    await story.say("alice", other, "/resolve");
    await story.advance(4 * DAY_MS);
    const sections = words(story).split("### ").slice(1);
    expect(
      sections.map((one) => [one.split("\n")[0], [...one.matchAll(/^- #(\d+)/gm)].map(([, n]) => Number(n))]),
    ).toEqual([
      ["Late", [late]],
      ["Post-mortems that are late", [other]],
      ["Due within 7 days", [dayless, soon]],
      ["Without an owner or a day of their own", [ownerless]],
    ]);
    expect(words(story)).toContain(`#${dayless} Some day · bob · due 2026-01-12 by the policy, no day of its own`);
    expect(words(story)).toContain(`#${ownerless} Nobody's · no owner · due 2026-06-01`);
    expect(words(story)).toContain("1 more action item is in good time.");
    expect(words(story)).not.toContain(`#${fine}`);
    expect(words(story)).toContain(`#${other} Checkout is down · P0 · alice · due 2026-01-08`);
  });

  it("keeps what people have made of its title, and writes its text anew when they change it", async () => {
    const { story, incident } = await closedIncident();
    await file(story, incident, { due: "2026-01-07" });
    const { number, body } = list(story);
    story.github.as("carol").edit(number, { title: "Our debts", body: "Never mind." });
    await story.settle();
    expect(list(story)).toMatchObject({ number, title: "Our debts", body });
  });

  it("stays closed when people close it, until something else is late", async () => {
    const { story, incident } = await closedIncident();
    await file(story, incident, { due: "2026-01-06", owner: null });
    await story.advance(3 * DAY_MS);
    const { number } = list(story);
    story.github.as("carol").close(number);
    await file(story, incident, { title: "Another", due: "2026-01-20" });
    await story.advance(5 * DAY_MS);
    await look(story);
    expect(list(story).state).toBe("closed");
    await story.advance(10 * DAY_MS);
    expect(list(story)).toMatchObject({ number, state: "open" });
    expect(words(story)).toContain("**2 late**");
  });

  it("is closed when nothing is left, stays open when people open it again, and comes back when there is something", async () => {
    const { story, incident } = await closedIncident();
    const first = await file(story, incident, { due: "2026-01-07" });
    const { number } = list(story);
    story.github.as("bob").close(first);
    await story.settle();
    expect(list(story)).toMatchObject({ number, state: "closed", closeReason: "completed" });
    story.github.as("carol").reopen(number);
    await story.settle();
    await look(story);
    expect(list(story).state).toBe("open");
    story.github.as("carol").close(number);
    await story.settle();
    await file(story, incident, { due: "2026-01-08" });
    expect(list(story)).toMatchObject({ number, state: "open" });
  });

  it("lists an item that was closed without being done, and nobody said why", async () => {
    const { story, incident } = await closedIncident();
    const item = await file(story, incident, { due: "2026-01-07" });
    story.github.as("bob").close(item, "not_planned");
    await story.settle();
    expect(words(story)).toContain(
      `#${item} Limit the pool · bob · due 2026-01-07 · from #${incident} (P0) · closed without being done`,
    );
  });

  it("is opened anew when people delete it; without its label it is theirs, and with it again the older one stays", async () => {
    const { story, incident } = await closedIncident();
    await file(story, incident, { due: "2026-01-07" });
    const first = list(story).number;
    story.github.as("carol").deleteIssue(first);
    await story.settle();
    await look(story);
    const second = list(story).number;
    expect(second).toBeGreaterThan(first);
    story.github.as("carol").unlabel(second, "incident-follow-ups");
    await story.settle();
    const third = list(story).number;
    story.github.as("carol").label(second, "incident-follow-ups");
    await story.settle();
    expect(lists(story).map(({ number, state }) => [number, state])).toEqual([
      [second, "open"],
      [third, "closed"],
    ]);
    expect(story.github.comments(third).map(({ body }) => body)).toEqual([
      expect.stringContaining(`There are two of these. I keep #${second} up to date and close this one.`),
    ]);
  });

  it("that is converted to a discussion is put away: another one is opened when something else is late", async () => {
    const { story, incident } = await closedIncident();
    await file(story, incident, { due: "2026-01-05", owner: null });
    await story.advance(2 * DAY_MS);
    story.github.as("carol").convertToDiscussion(list(story).number);
    await story.settle();
    await look(story);
    expect(lists(story)).toHaveLength(1);
    await file(story, incident, { title: "Another", due: "2026-01-08", owner: null });
    await story.advance(5 * DAY_MS);
    expect(lists(story)).toHaveLength(2);
  });

  it("is not written by anybody else: an issue of a stranger with the label and the words is left alone", async () => {
    const { story, incident } = await closedIncident();
    await file(story, incident, { due: "2026-01-07" });
    const { body, number } = list(story);
    const fake = story.github
      .as("bob")
      .openIssue({ title: "Incident follow-ups", body, labels: ["incident-follow-ups"] });
    await story.settle();
    await look(story);
    expect(story.github.issue(fake.number)).toMatchObject({ state: "open", body });
    expect(story.github.issue(number).state).toBe("open");
    const forged = story.github.as("rita").openIssue({
      title: "Pay me",
      body: story.github.issue(number - 1).body,
      labels: ["action-item"],
    });
    await look(story);
    expect(story.github.issue(number).body).not.toContain(`#${forged.number}`);
  });

  it("says nothing of an incident in another repository, and goes by the most patient severity", async () => {
    const { story, incident } = await closedIncident();
    const secret = story.github.addRepository({ owner: "acme", name: "secret", isPrivate: true });
    story.hint({ kind: "repository", repository: secret });
    await story.settle();
    const item = await file(story, incident, { incidentOf: secret });
    expect(words(story)).toContain(`- #${item} Limit the pool · bob · due 2026-04-05 by the policy, no day of its own`);
    expect(list(story).body).not.toContain("secret");
    expect(words(story)).toContain(`On its incident, comment \`/snooze acme/ops#${item} 14d REASON\``);
    expect(words(story)).toContain(`There, comment \`/drop acme/ops#${item} REASON\``);
  });

  it("shows nothing of an item that was moved to where nobody may look, although no webhook told", async () => {
    const story = await Story.begin({});
    const incident = await story.declare();
    const { number: postMortem } = story.github.as("bob").openIssue({
      title: "Learned",
      body: "## What happened\n\nIt was full.\n\n## Why it happened\n\nNobody looked.\n\n## Action items\n\n- [ ] Tell Initech by 2026-01-06\n",
      labels: ["post-mortem"],
    });
    await story.say("alice", incident, `/ack\n/resolve fixed\n/postmortem #${postMortem}`);
    await story.advance(MINUTE_MS);
    await story.say("bob", incident, "/items");
    const other = story.github.addRepository({ owner: "acme", name: "app" });
    story.hint({ kind: "repository", repository: other });
    await story.settle();
    await story.advance(5 * DAY_MS);
    expect(words(story)).toContain("Tell Initech");
    story.github.as("alice").transfer(postMortem + 1, other);
    await look(story);
    expect(words(story)).toContain("Tell Initech");
    story.listens = false;
    story.github.changeVisibility("private", other);
    await look(story);
    expect(list(story).body).not.toContain("Tell Initech");
    await story.look(incident);
  });

  it("lists no drill and nothing of one", async () => {
    const { story } = await closedIncident();
    const drill = story.github.as("bob").openIssue({ title: "Practice", body: "", labels: ["sev:P0", "drill"] }).number;
    await story.settle();
    expect(story.history(drill).drill).not.toBeNull();
    await story.say("alice", drill, "/ack");
    await story.say("alice", drill, "/resolve");
    await file(story, drill, { due: "2026-01-06" });
    await story.advance(30 * DAY_MS);
    expect(lists(story)).toEqual([]);
  });

  it("is not there if the policy does not want it", async () => {
    const { story, incident } = await closedIncident("follow-ups: { issue: false }\n");
    await file(story, incident, { due: "2026-01-06" });
    await story.advance(30 * DAY_MS);
    expect(lists(story)).toEqual([]);
  });

  it("is not asked for where nothing can be written, or where another repository has the name by now", async () => {
    for (const change of [{ archived: true }, { hasIssues: false }, { id: 4242 }]) {
      const { story, incident } = await closedIncident();
      await file(story, incident, { due: "2026-01-20" });
      const { repository } = story.github.read;
      story.github.read.repository = async (one) => {
        const facts = await repository(one);
        return facts === "missing" ? facts : { ...facts, ...change };
      };
      story.listens = false;
      await story.advance(17 * DAY_MS);
      story.github.forgetCalls();
      await look(story);
      expect(story.github.writes).toEqual([]);
      expect(lists(story)).toEqual([]);
      story.github.read.repository = repository;
      await look(story);
    }
  });

  it("is found again from GitHub alone: a lost database changes nothing, and nobody is reminded twice", async () => {
    const { story, incident } = await closedIncident();
    await file(story, incident, { due: "2026-01-06" });
    await story.advance(3 * DAY_MS);
    const before = { ...list(story) };
    expect(reminders(story)).toHaveLength(1);
    story.restart({ database: "lost" });
    story.github.forgetCalls();
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    await story.advance(DAY_MS);
    expect(list(story)).toEqual(before);
    expect(reminders(story)).toHaveLength(1);
    expect(story.github.writes.filter((method) => method !== "createLabel")).toEqual([]);
  });

  it("reads a conversation once when the database is lost, not with every look", async () => {
    const { story, incident } = await closedIncident();
    await file(story, incident, { due: "2026-01-20" });
    await story.advance(40 * DAY_MS);
    story.restart({ database: "lost" });
    const reads = async () => {
      story.github.forgetCalls();
      await look(story);
      return story.github.calls.filter(({ method }) => method === "comments").length;
    };
    // The comments of the list itself are read for the reminder.
    expect([await reads(), await reads()]).toEqual([2, 1]);
    const { record: _, ...known } = (await story.index.incident(story.repository.id, incident))!;
    expect(known).toMatchObject({ open: false, recordRevision: story.record(incident).revision });
  });

  it("is listed within a day of the deadline although every event and every timer was lost", async () => {
    const { story, incident } = await closedIncident();
    await file(story, incident, { due: "2026-01-20" });
    story.restart({ database: "lost" });
    await story.advance(17 * DAY_MS);
    expect(lists(story)).toEqual([]);
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    expect(words(story)).toContain("**1 late**");
  });
});

describe("an incident whose severity label was taken off", () => {
  it("still says what was dropped, and what was a drill: nothing of it is listed", async () => {
    const { story, incident } = await closedIncident();
    const learnFrom = async (number: number) => {
      const body = "## What happened\n\nNo connections.\n\n## Why it happened\n\nOne each.\n\n## Action items\n\n";
      const lines = "- [ ] Limit the pool @bob\n- [ ] Alert on it @bob\n";
      const before = new Set(story.github.numbers());
      const { number: learned } = story.github
        .as("bob")
        .openIssue({ title: "Learned", body: body + lines, labels: ["post-mortem"] });
      await story.say("alice", number, `/ack\n/resolve\n/postmortem #${learned}\n/items`);
      await story.advance(60_000);
      const isItem = (one: number) => story.github.issue(one).labels.includes("action-item");
      return story.github.numbers().filter((one) => !before.has(one) && isItem(one));
    };
    const dropped = await learnFrom(await story.declare());
    const [first] = dropped.map((one) => story.github.issue(one).title);
    const incidents = story.github.numbers().filter((one) => story.github.issue(one).title === "Checkout is down");
    const real = incidents.at(-1)!;
    expect([first, dropped.length, incidents.includes(incident)]).toEqual(["Limit the pool", 2, true]);
    for (const one of dropped) await story.say("alice", real, `/drop #${one} not worth it`);
    const drill = await story.declare(["sev:P0", "drill"]);
    expect(await learnFrom(drill)).toHaveLength(2);
    for (const one of [real, drill]) story.github.as("alice").unlabel(one, "sev:P0");
    await story.settle();
    await story.advance(20 * DAY_MS);
    await look(story);
    expect(lists(story).filter(({ state }) => state === "open")).toEqual([]);
    expect(reminders(story)).toEqual([]);
  });
});

describe("a reminder", () => {
  it("mentions each owner of what is late, once a week in one comment, and the one before it goes", async () => {
    const { story, incident } = await closedIncident();
    const first = await file(story, incident, { due: "2026-01-06" });
    const second = await file(story, incident, { title: "Alert sooner", owner: "carol", due: "2026-01-06" });
    await file(story, incident, { title: "In good time", owner: "alice", due: "2026-06-01" });
    expect(reminders(story)).toEqual([]);
    await story.advance(2 * DAY_MS + 4 * HOUR_MS);
    const [only, ...more] = reminders(story);
    expect(more).toEqual([]);
    expect(only).toContain(`@bob, this is yours, and late:\n- [#${first}]`);
    expect(only).toContain(`@carol, this is yours, and late:\n- [#${second}]`);
    expect(only).not.toContain("alice");
    expect(only).toContain(`On #${incident}, comment \`/snooze #${first} 14d REASON\``);
    await story.advance(6 * DAY_MS);
    await look(story);
    expect(reminders(story)).toEqual([only]);
    await story.advance(1.5 * DAY_MS);
    expect(reminders(story)).toHaveLength(1);
    expect(reminders(story)[0]).not.toBe(undefined);
    expect(story.github.comments(list(story).number)[0]!.createdAt).toBeGreaterThan(Date.parse("2026-01-13T00:00:00Z"));
  });

  it("is written about six times for what is late for six weeks, and never leaves more than one comment", async () => {
    const { story, incident } = await closedIncident();
    await file(story, incident, { due: "2026-01-06" });
    await story.advance(3 * DAY_MS);
    story.github.forgetCalls();
    for (let day = 0; day < 42; day += 1) {
      await story.advance(DAY_MS);
      await look(story);
      expect(reminders(story)).toHaveLength(1);
    }
    expect(story.github.writes.filter((method) => method === "createComment")).toHaveLength(6);
  });

  it("mentions nobody without the triage role, and nobody of whom GitHub does not tell", async () => {
    const { story, incident } = await closedIncident();
    await file(story, incident, { owner: "rita", due: "2026-01-06" });
    await file(story, incident, { owner: "stranger", due: "2026-01-06" });
    await story.advance(9 * DAY_MS);
    expect(words(story)).toContain("**2 late**");
    expect(reminders(story)).toEqual([]);
    story.github.faults.fail({ method: "permission", kind: "read", times: Number.POSITIVE_INFINITY });
    await file(story, incident, { owner: "bob", due: "2026-01-06" });
    await story.advance(3 * DAY_MS);
    expect(reminders(story)).toEqual([]);
    story.github.faults.clear();
    await look(story);
    expect(reminders(story)).toEqual([expect.stringContaining("@bob")]);
  });

  it("comes no sooner when people delete the one before it", async () => {
    const { story, incident } = await closedIncident();
    await file(story, incident, { due: "2026-01-06" });
    await story.advance(3 * DAY_MS);
    const { number } = list(story);
    const [first] = story.github.comments(number);
    story.github.as("carol").deleteComment(first!.id);
    story.restart({ database: "lost" });
    for (let day = 1; day < 7; day += 1) {
      await look(story);
      expect(reminders(story)).toEqual([]);
      await story.advance(DAY_MS);
    }
    await story.advance(DAY_MS);
    await look(story);
    expect(reminders(story)).toEqual([expect.stringContaining("@bob")]);
  });

  it("waits while the issue is locked", async () => {
    const { story, incident } = await closedIncident();
    await file(story, incident, { due: "2026-01-06" });
    expect(list(story).state).toBe("open");
    story.github.as("carol").lock(list(story).number);
    await story.advance(5 * DAY_MS);
    expect(words(story)).toContain("**1 late**");
    expect(reminders(story)).toEqual([]);
    story.github.as("carol").unlock(list(story).number);
    await look(story);
    expect(reminders(story)).toHaveLength(1);
  });
});

describe("a process that dies over what is late", () => {
  it.each([
    ["before GitHub hears of it", "before"],
    ["after GitHub did it and before the answer arrives", "after"],
  ] as const)("at any write, %s, leaves one issue and one reminder", async (_, when) => {
    const play = async (nth: number | null) => {
      const { story, incident } = await closedIncident("follow-ups: { labels: true }\n");
      const first = await file(story, incident, { due: "2026-01-06" });
      story.github.forgetCalls();
      if (nth !== null) {
        story.github.faults.fail({ kind: "write", nth, when });
        story.onFailure = () => story.restart({ database: "lost" });
      }
      const sweep = async (ms: number) => {
        await story.advance(ms);
        story.hint({ kind: "repository", repository: story.repository });
        await story.settle();
        await story.advance(60_000);
        await look(story);
      };
      await sweep(4 * DAY_MS);
      await sweep(8 * DAY_MS);
      story.github.as("bob").close(first);
      await sweep(DAY_MS);
      const writes = story.github.writes.length;
      return {
        writes,
        ending: {
          lists: lists(story).map(({ state, body }) => [state, body]),
          reminders: reminders(story).map((body) => body.replaceAll(/#\d+/g, "#")),
          labels: [...story.github.issue(incident).labels].toSorted(),
        },
      };
    };
    const golden = await play(null);
    expect(golden.ending.lists).toEqual([["closed", expect.stringContaining("Nothing is late")]]);
    expect(golden.ending.labels).toContain("slo:missed");
    for (let nth = 1; nth <= golden.writes; nth += 1) {
      expect({ nth, ...(await play(nth)).ending }).toEqual({ nth, ...golden.ending });
    }
  });
});

describe("`/snooze`", () => {
  const REASON = "the vendor ships it next week";

  /** An incident with an item of bob's, filed by `/items`, that is late; bob has been reminded. */
  async function late(): Promise<{ story: Story; incident: number; item: number }> {
    const { story, incident } = await closedIncident();
    const postMortem = incident + 1;
    const body = story.github.issue(postMortem).body.replace(/- \[ \] .*$/m, "- [ ] Limit the pool @bob by 2026-01-06");
    story.github.as("bob").edit(postMortem, { body });
    await story.say("alice", incident, "/items");
    await story.advance(3 * DAY_MS);
    const item = story.github.numbers().find((number) => story.github.issue(number).labels.includes("action-item"))!;
    expect(words(story)).toContain("**1 late**");
    return { story, incident, item };
  }

  it("puts an item off: it is listed as snoozed, nobody is reminded until then, and the timeline says why", async () => {
    const { story, incident, item } = await late();
    await story.say("bob", incident, `/snooze #${item} 14d ${REASON}`);
    expect(story.replies(incident)).toEqual([]);
    expect(story.words(incident)).toContain(
      `Action item #${item} snoozed until 2026-01-22 09:01 UTC by bob: ${REASON}`,
    );
    expect(words(story)).toContain("**1 snoozed**");
    expect(words(story)).toContain("snoozed until 2026-01-22");
    const ids = () => story.github.comments(list(story).number).map(({ id }) => id);
    const before = ids();
    expect(before).toHaveLength(1);
    await story.advance(13 * DAY_MS);
    await look(story);
    expect(ids()).toEqual(before);
    await story.advance(2 * DAY_MS);
    expect(words(story)).toContain("**1 late**");
    expect(ids()).toHaveLength(1);
    expect(ids()).not.toEqual(before);
  });

  it("says from the second time on how often, and survives a lost database", async () => {
    const { story, incident, item } = await late();
    await story.say("alice", incident, `/snooze #${item} 1d ${REASON}`);
    await story.advance(2 * DAY_MS);
    await story.say("alice", incident, `/snooze #${item} 14d still not there, they say`);
    expect(words(story)).toContain("snoozed 2 times");
    const { body } = list(story);
    story.restart({ database: "lost" });
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    await look(story);
    expect(list(story).body).toBe(body);
  });

  it("is for the owner of the item without any role, and for nobody else without the role", async () => {
    const { story, incident, item } = await late();
    story.github.as("carol").unassign(item, "bob");
    story.github.as("carol").edit(item, { body: story.github.issue(item).body.replace("Owner: bob", "Owner: rita") });
    await story.settle();
    await story.advance(MINUTE_MS);
    story.github.setRole("ringo", "read");
    await story.say("ringo", incident, `/snooze #${item} 14d ${REASON}`);
    expect(story.history(incident).snoozes.size).toBe(0);
    await story.say("rita", incident, `/snooze #${item} 14d ${REASON}`);
    expect(story.history(incident).snoozes.size).toBe(1);
  });

  it("is refused for what is no item of the incident, and for what is done", async () => {
    const { story, incident, item } = await late();
    await story.say("alice", incident, `/snooze #99 14d ${REASON}`);
    expect(story.replies(incident).at(-1)).toContain("#99 was not filed as an action item of this incident");
    story.github.as("bob").close(item);
    await story.settle();
    await story.advance(MINUTE_MS);
    await story.say("alice", incident, `/snooze #${item} 14d ${REASON}`);
    expect(story.replies(incident).at(-1)).toContain(`#${item} is done. Reopen it first if it is not`);
    expect(story.history(incident).snoozes.size).toBe(0);
  });

  it("does nothing on the item and on the list, which answer with the line to write on the incident", async () => {
    const { story, incident, item } = await late();
    await story.say("alice", item, "/snooze 14d later");
    expect(story.replies(item)).toEqual([expect.stringContaining(`Comment \`/snooze #${item} 14d REASON\` there.`)]);
    await story.say("alice", list(story).number, `/snooze #${item} 14d ${REASON}`);
    const answer = reminders(story).find((one) => one.includes("where-commands-work"));
    expect(answer).toContain(`[#${incident}]`);
    expect(answer).toContain(`Comment \`/snooze #${item} 14d REASON\` there.`);
    await story.say("alice", list(story).number, "/snooze #99 14d what is it");
    expect(reminders(story).filter((one) => one.includes("where-commands-work"))).toHaveLength(1);
    expect(story.history(incident).snoozes.size).toBe(0);
  });

  it("turns a required check green", async () => {
    const { story, incident, item } = await late();
    story.github.as("alice").push("Policy", { ".github/sevgate.yml": "follow-ups: { check: required }\n" });
    story.github.as("carol").edit(item, { title: "Limit the pool in `src/db.ts`" });
    await story.settle();
    await story.advance(10 * MINUTE_MS);
    const pull = story.github.as("bob").openPullRequest({ title: "Go on", files: { "src/db.ts": "1" } });
    await story.settle();
    const check = () =>
      story.github.checkRuns(pull.headSha).findLast(({ name }) => name === "sevgate/follow-ups")?.conclusion;
    expect(check()).toBe("failure");
    await story.say("bob", incident, `/snooze #${item} 14d ${REASON}`);
    expect(check()).toBe("success");
  });
});

describe("the labels of service levels", () => {
  it("come and go by themselves where the policy wants them, and never on a drill", async () => {
    const { story, incident } = await closedIncident("follow-ups: { labels: true, issue: false }\n");
    const labels = () => story.github.issue(incident).labels.filter((label) => label.startsWith("slo:"));
    const item = await file(story, incident, { due: "2026-01-20" });
    expect(labels()).toEqual([]);
    await story.advance(14 * DAY_MS);
    await look(story);
    expect(labels()).toEqual(["slo:near-miss"]);
    await story.advance(3 * DAY_MS);
    await look(story);
    expect(labels()).toEqual(["slo:missed"]);
    story.github.as("carol").edit(item, { body: story.github.issue(item).body.replace("2026-01-20", "2026-06-20") });
    await story.settle();
    expect(labels()).toEqual([]);
  });

  it("are not there by default", async () => {
    const { story, incident } = await closedIncident();
    await file(story, incident, { due: "2026-01-06" });
    await story.advance(30 * DAY_MS);
    expect(story.github.issue(incident).labels.filter((label) => label.startsWith("slo:"))).toEqual([]);
  });
});
