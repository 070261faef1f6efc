import { describe, expect, it } from "@jest/globals";
import type { Key } from "../../src/core/model.ts";
import { COMMANDS_PATH, createReceiveSlack, INTERACTIONS_PATH } from "../../src/ingress/slack/receive-slack.ts";
import { createKnownSchedule } from "../../src/observe/known-schedule.ts";
import { createSlack } from "../../src/systems/slack/create-slack.ts";
import { buttonPress, SLACK_SECRET, signedForm } from "../../testkit/slack-requests.ts";
import { Story } from "../support/story.ts";

const ON_CALL = `people:
  alice: { slack: U0ALICE001 }
  rita: { slack: U0RITA0001 }
rotations: { week: { start: 2020-01-06, members: [alice] } }
roles: { primary: { layers: [week] } }
`;

async function begin(channels?: Story["channels"], labels?: readonly string[]) {
  const story = await Story.begin({ slack: true });
  story.github.setFile(".github/sevgate/on-call.yml", ON_CALL, story.repository);
  story.github.as("alice").push("On call", { ".github/sevgate/on-call.yml": ON_CALL });
  await story.settle();
  const slack = story.slack!;
  const receive = createReceiveSlack({
    signingSecret: SLACK_SECRET,
    threads: story.threads,
    index: story.index,
    queue: { add: async (keys: readonly Key[]) => story.queue.add(keys) },
    clock: story.clock,
    slack: createSlack({ ...slack, apiUrl: "https://slack.com/api", clock: story.clock }),
    channels: channels ?? story.channels,
    scheduleOf: createKnownSchedule(),
    isPrivate: async (repository) => {
      const facts = await story.github.read.repository(repository);
      return facts === "missing" || facts.isPrivate;
    },
  });
  const number = await story.declare(labels);
  let presses = 0;
  const press = async (
    user: string,
    kind: "acknowledge" | "resolve",
    changes: Partial<Parameters<typeof buttonPress>[0]> = {},
  ) => {
    presses += 1;
    const form = buttonPress({
      user,
      channel: "C0ALERT0001",
      ts: slack.roots[0]!.ts,
      action: `sevgate:${kind}`,
      value: `${story.repository.id}/${number}`,
      actionTs: `${presses}.1`,
      ...changes,
    });
    const signed = signedForm(form, story.clock.now());
    const answer = await receive({ path: INTERACTIONS_PATH, ...signed, body: Buffer.from(signed.body) });
    await story.advance(3_000);
    return answer.status;
  };
  return { story, slack, number, press, receive };
}

describe("A button in Slack", () => {
  it("acknowledges as whoever pressed it is on GitHub: record, assignee, thread and message say so", async () => {
    const { story, slack, number, press } = await begin();
    expect(await press("U0ALICE001", "acknowledge")).toBe(200);
    expect(story.history(number).responder).toBe("alice");
    expect(story.github.issue(number, story.repository).assignees).toContain("alice");
    expect(story.status(number)).toContain("Acknowledged by alice in Slack");
    expect(slack.replies.map(({ text }) => text).join()).toContain("Acknowledged by alice");
    expect(JSON.stringify(slack.roots[0]!.blocks)).not.toContain('"Acknowledge"');
    expect(slack.hints).toEqual([]);
    await press("U0ALICE001", "resolve");
    expect(story.history(number).resolved?.by).toBe("alice");
  });

  it("is under a thread that mentions whoever is on call when the escalation calls them, and nobody else", async () => {
    const { story, slack } = await begin();
    await story.advance(3_000);
    expect(new Set(slack.mentioned)).toEqual(new Set(["@U0ALICE001"]));
  });

  it("does nothing for somebody the on-call file does not name, and tells them alone how to be named", async () => {
    const { story, slack, number, press } = await begin();
    const before = story.record(number);
    await press("U0MALLORY1", "acknowledge");
    expect(story.record(number)).toEqual(before);
    expect(slack.hints).toEqual([expect.objectContaining({ user: "U0MALLORY1", channel: "C0ALERT0001" })]);
    expect(slack.hints[0]!.text).toContain("on-call.yml");
    await story.look(number);
    await story.advance(60_000);
    expect(slack.hints).toHaveLength(1);
  });

  it("is judged by the rights on GitHub at the moment of acting, not by being in Slack", async () => {
    const { story, slack, number, press } = await begin();
    await press("U0RITA0001", "acknowledge");
    expect(story.history(number).responder).toBeNull();
    expect(slack.hints[0]!.text).toContain("needs the triage role");
    story.github.setRole("alice", "none");
    await press("U0ALICE001", "resolve");
    expect(story.history(number).resolved).toBeNull();
  });

  it("counts once, however often Slack sends it, also after a crash", async () => {
    const { story, slack, number, press } = await begin();
    await press("U0ALICE001", "acknowledge", { actionTs: "9.9" });
    await story.say("alice", number, "/unack");
    await press("U0ALICE001", "acknowledge", { actionTs: "9.9" });
    story.restart();
    await story.look(number);
    expect(story.history(number).responder).toBeNull();
    expect(slack.hints).toEqual([]);
  });

  it.each([
    ["of another message", { ts: "1.1" }],
    ["in another channel", { channel: "C0SECRETS01" }],
    ["of another incident", { value: "1/99" }],
    ["with a made-up value", { value: "../../etc" }],
    ["of another kind", { action: "sevgate:open" }],
  ])("%s does nothing", async (_, changes) => {
    const { story, number, press } = await begin();
    expect(await press("U0ALICE001", "acknowledge", changes)).toBe(200);
    expect(story.history(number).responder).toBeNull();
  });

  it("of a message that the thread has left says where it is: with the link for readers of the repository alone", async () => {
    const everywhere = ["alert", "secrets"].map((channel) => ({ channel, repositories: null }));
    const { story, slack, number, press } = await begin(everywhere);
    story.channels = everywhere;
    story.restart();
    await story.advance(3_000);
    const { ts } = slack.roots[0]!;
    story.github.as("alice").push("Policy", { ".github/sevgate.yml": 'slack: { channel: "#secrets" }\n' });
    await story.settle();
    await story.look(number);
    await story.advance(60_000);
    expect(slack.roots).toHaveLength(2);
    const before = story.record(number);
    for (const user of ["U0MALLORY1", "U0RITA0001"]) expect(await press(user, "resolve", { ts })).toBe(200);
    expect(story.record(number)).toEqual(before);
    const [stranger, reader] = slack.hints;
    expect(stranger).toMatchObject({ user: "U0MALLORY1", channel: "C0ALERT0001" });
    expect(stranger?.text).toContain("not the message of the incident any more");
    expect(stranger?.text).not.toContain("C0SECRETS01");
    expect(reader).toMatchObject({ user: "U0RITA0001", channel: "C0ALERT0001" });
    expect(reader?.text).toContain("/archives/C0SECRETS01/");
    await story.look(number);
    await story.advance(60_000);
    expect(slack.hints).toHaveLength(2);
  });

  it("of a message that was begun anew in the same channel leads there whoever presses it", async () => {
    const { story, slack, number, press } = await begin();
    await story.advance(3_000);
    const { ts } = slack.roots[0]!;
    slack.delete(ts);
    await story.say("alice", number, "/status rolling back");
    await story.advance(60_000);
    await press("U0MALLORY1", "acknowledge", { ts });
    expect(slack.hints.at(-1)?.text).toContain("/archives/C0ALERT0001/");
  });

  it.each<{ readonly name: string; readonly lost: (story: Story, number: number) => unknown }>([
    { name: "closed", lost: (story, number) => story.github.as("bob").close(number) },
    {
      name: "unlabeled of everything",
      lost: (story, number) => {
        for (const label of story.github.issue(number).labels) story.github.as("bob").unlabel(number, label);
      },
    },
    { name: "renamed", lost: (story) => story.github.rename("operations") },
  ])("is heard also when the event before it was lost: $name", async ({ lost }) => {
    const { story, number, press } = await begin();
    await story.advance(3_000);
    story.listens = false;
    lost(story, number);
    story.listens = true;
    await story.advance(3_000);
    expect(await press("U0ALICE001", "acknowledge")).toBe(200);
    const [repository] = story.github.allRepositories();
    expect(story.github.issue(number, repository)).toMatchObject({ state: "open", assignees: ["alice"] });
    expect(story.github.issue(number, repository).labels).toContain("incident:acknowledged");
  });

  it("is obeyed while somebody who may not close the incident keeps it closed", async () => {
    const { story, number, press } = await begin();
    for (let count = 0; count < 4; count += 1) {
      await story.advance(10_000);
      story.github.as("rita").close(number, "not_planned");
      await story.settle();
    }
    expect(story.github.issue(number).state).toBe("closed");
    await press("U0ALICE001", "acknowledge");
    expect(story.history(number).responder).toBe("alice");
  });

  it("says so when there is nothing left to do, and changes nothing on a closed incident", async () => {
    const { story, slack, number, press } = await begin();
    await press("U0ALICE001", "acknowledge");
    await press("U0ALICE001", "acknowledge");
    expect(slack.hints.at(-1)!.text).toContain("already");
    await story.say("alice", number, "/cancel it was a false alarm");
    const entries = story.record(number).entries.length;
    await press("U0ALICE001", "resolve");
    expect(story.record(number).entries).toHaveLength(entries);
    expect(slack.hints.at(-1)!.text).toContain("closed");
  });
});

describe("What is not Slack's own word", () => {
  it.each([
    ["another secret", (now: number) => signedForm({ payload: "{}" }, now, "another secret, as long as it")],
    ["an old timestamp", (now: number) => signedForm({ payload: "{}" }, now - 301_000)],
    ["a timestamp from the future", (now: number) => signedForm({ payload: "{}" }, now + 301_000)],
    ["no signature", (now: number) => ({ ...signedForm({ payload: "{}" }, now), signature: undefined })],
    ["no timestamp", (now: number) => ({ ...signedForm({ payload: "{}" }, now), timestamp: undefined })],
    ["a changed body", (now: number) => ({ ...signedForm({ payload: "{}" }, now), body: "payload=%7B%7D&a=1" })],
  ])("is refused with 401: %s", async (_, sign) => {
    const { story, receive } = await begin();
    const { body, timestamp, signature } = sign(story.clock.now());
    const answer = await receive({ path: INTERACTIONS_PATH, timestamp, signature, body: Buffer.from(body) });
    expect(answer).toEqual({ status: 401, body: "" });
  });
});

describe("/incident", () => {
  const ask = async ({ story, receive }: Awaited<ReturnType<typeof begin>>, text: string, channel = "C0ALERT0001") => {
    const form = {
      command: "/incident",
      text,
      user_id: "U0MALLORY1",
      channel_id: channel,
      channel_name: slackName(channel),
      team_id: "T1",
      trigger_id: "1.2.3",
    };
    const signed = signedForm(form, story.clock.now());
    return (await receive({ path: COMMANDS_PATH, ...signed, body: Buffer.from(signed.body) })).body;
  };

  it("list names the open incidents that were announced in this channel, and no others", async () => {
    const begun = await begin();
    expect(await ask(begun, "list")).toContain("Checkout is down");
    expect(await ask(begun, "list", "C0SECRETS01")).not.toContain("Checkout");
  });

  it("who says who is on call and until when, to whoever asked alone, and mentions nobody", async () => {
    const begun = await begin();
    begun.story.github.as("alice").push("Two", {
      ".github/sevgate/on-call.yml": `${ON_CALL.replace("[alice]", "[alice, Zoe_B]").replace("week] }", "week] }, second: { follow: primary }")}
overrides: [{ role: second, user: rita, from: 2020-01-01, to: 2090-01-01 }]`,
    });
    await begun.story.settle();
    const said = await ask(begun, "who");
    expect(said).toContain('"ephemeral"');
    const [{ text }] = JSON.parse(said).blocks.map((block: { text: object }) => block.text);
    const when = "<!date\\^\\d+\\^\\{date_short_pretty\\} \\{time\\}\\|[^>]+>";
    expect(text).toMatch(
      new RegExp(
        `^\\*acme/ops\\*\nprimary: (alice|Zoe_B), until ${when}, then (alice|Zoe_B)\nsecond: rita \\(instead of (alice|Zoe_B)\\)$`,
      ),
    );
    expect(said).not.toMatch(/<@|U0ALICE001|<!(?!date)/);
  });

  it("who says so where there is no on-call file, and where no repository tells of incidents", async () => {
    const begun = await begin();
    expect(await ask(begun, "who", "C0SECRETS01")).toContain("No repository announces its incidents");
    begun.story.github.as("alice").push("Gone", { ".github/sevgate/on-call.yml": null });
    await begun.story.settle();
    expect(await ask(begun, "who")).toContain("There is no on-call file");
  });

  it("who shows nothing of a private repository where only public ones may be, nor while GitHub does not say", async () => {
    const begun = await begin();
    const { github, clock, repository } = begun.story;
    github.setRepository({ isPrivate: true }, repository);
    expect(await ask(begun, "who")).toContain("No repository announces its incidents");
    github.setRepository({ isPrivate: false }, repository);
    clock.advance(60_001);
    github.faults.fail({ method: "repository" });
    const said = await ask(begun, "who");
    expect(said).toContain("GitHub does not say now");
    expect(said).not.toMatch(/alice|acme/);
    expect(await ask(begun, "who")).toContain("primary: alice");
  });

  it("list shows the team's incidents first, however many outsiders have declared", async () => {
    const begun = await begin();
    const { story } = begun;
    for (let count = 0; count < 25; count += 1) {
      story.github.as(`stranger-${count}`).openIssue({ title: `Theirs ${count}`, labels: ["sev:P0"] });
      await story.settle();
      if (count % 8 === 7) await story.advance(3_660_000);
    }
    story.github.as("bob").openIssue({ title: "Ours", labels: ["sev:P0"] });
    await story.advance(60_000);
    const said = await ask(begun, "list");
    expect(new Set(said.match(/Theirs \d+/g)).size).toBe(18);
    expect(said).toContain("Checkout is down");
    expect(said).toContain("Ours");
    expect(said).toContain("more.");
  });

  it("list shows nothing more of a repository that has become private, at once", async () => {
    const begun = await begin();
    expect(await ask(begun, "list")).toContain("Checkout is down");
    begun.story.github.changeVisibility("private", begun.story.repository);
    await begun.story.settle();
    const said = await ask(begun, "list");
    expect(said).toContain("No incident that was announced in this channel is open.");
    expect(said).not.toContain("Checkout");
    expect(await ask(begun, "who")).not.toMatch(/alice|acme/);
  });

  it("list shows a private repository's incidents where the operator allows private ones", async () => {
    const begun = await begin([{ channel: "alert", repositories: "acme/*" }]);
    begun.story.github.changeVisibility("private", begun.story.repository);
    await begun.story.settle();
    expect(await ask(begun, "list")).toContain("Checkout is down");
  });

  it("who shows a private repository where the operator allows private ones", async () => {
    const begun = await begin([{ channel: "alert", repositories: "acme/*" }]);
    begun.story.github.setRepository({ isPrivate: true }, begun.story.repository);
    expect(await ask(begun, "who")).toContain("primary: alice");
  });

  it.each(["", "help", "<!channel>"])("%j says what there is, to whoever asked alone", async (text) => {
    const said = await ask(await begin(), text);
    expect(said).toContain("/incident list");
    expect(said).toContain('"ephemeral"');
    expect(said).not.toContain("<!channel>");
  });
});

const slackName = (channel: string) => (channel === "C0ALERT0001" ? "alert" : "secrets");

describe("/incident declare", () => {
  const asked = async (begun: Awaited<ReturnType<typeof begin>>, channel = "C0ALERT0001") => {
    const form = {
      command: "/incident",
      text: "declare Search is slow",
      channel_id: channel,
      channel_name: slackName(channel),
      trigger_id: "1.2.3",
    };
    const signed = signedForm(form, begun.story.clock.now());
    return (await begun.receive({ path: COMMANDS_PATH, ...signed, body: Buffer.from(signed.body) })).body;
  };
  const submit = async (
    { story, slack, receive }: Awaited<ReturnType<typeof begin>>,
    user: string,
    changes: object = {},
  ) => {
    const view = slack.views.at(-1)!;
    const values = {
      title: { value: { type: "plain_text_input", value: "Search is slow @alice" } },
      severity: { value: { type: "static_select", selected_option: { value: "P1" } } },
      repository: { value: { type: "static_select", selected_option: { value: String(story.repository.id) } } },
      text: { value: { type: "plain_text_input", value: "Since noon.\n@acme/sre <!-- sevgate:status -->" } },
      ...changes,
    };
    const payload = {
      type: "view_submission",
      team: { id: "T1" },
      user: { id: user },
      view: { ...view, id: "V1", state: { values } },
    };
    const signed = signedForm({ payload: JSON.stringify(payload) }, story.clock.now());
    const answer = await receive({ path: INTERACTIONS_PATH, ...signed, body: Buffer.from(signed.body) });
    await story.advance(3_000);
    return answer;
  };

  it("opens a form, and declares in the repository of this channel, once, for somebody with the right", async () => {
    const begun = await begin();
    expect(await asked(begun)).toBe("");
    expect(JSON.stringify(begun.slack.views)).toContain("Search is slow");
    expect(await submit(begun, "U0ALICE001")).toEqual({ status: 200, body: "" });
    await submit(begun, "U0ALICE001");
    const { story, slack, number } = begun;
    const issues = story.github.numbers(story.repository).filter((one) => one !== number);
    expect(issues).toHaveLength(1);
    const issue = story.github.issue(issues[0]!, story.repository);
    expect(issue.labels).toContain("sev:P1");
    expect(issue.body).toContain("Declared in Slack by alice.");
    expect(issue.body).not.toMatch(/@acme\/sre|<!-- sevgate:status/);
    expect(slack.hints.map(({ text }) => text).join()).toContain("Declared");
    expect(slack.roots).toHaveLength(2);
  });

  it.each(["U0MALLORY1", "U0RITA0001"])("makes nothing for somebody without the right on GitHub: %s", async (user) => {
    const begun = await begin();
    await asked(begun);
    await submit(begun, user);
    expect(begun.story.github.numbers(begun.story.repository)).toEqual([begun.number]);
    expect(begun.slack.hints).toHaveLength(1);
  });

  it("names no private repository in a channel for public ones, and nothing while GitHub does not say", async () => {
    const begun = await begin();
    const { story, slack } = begun;
    const secret = story.github.addRepository({ owner: "acme", name: "payroll", isPrivate: true });
    story.hint({ kind: "repository", repository: secret });
    await story.settle();
    await asked(begun);
    expect(JSON.stringify(slack.views)).toContain("acme/ops");
    expect(JSON.stringify(slack.views)).not.toContain("payroll");
    // Even before a sweep or an event has reported it.
    story.clock.advance(60_001);
    story.github.setRepository({ isPrivate: true }, story.repository);
    expect(await asked(begun)).toContain("No repository declares");
    expect(slack.views).toHaveLength(1);
    story.clock.advance(60_001);
    story.github.setRepository({ isPrivate: false }, story.repository);
    story.github.faults.fail({ method: "repository" });
    expect(await asked(begun)).toContain("GitHub does not say now");
  });

  it("makes nothing where the policy names another channel, or for a private repository not allowed here", async () => {
    const begun = await begin();
    expect(await asked(begun, "C0SECRETS01")).toContain("No repository declares");
    expect(begun.slack.views).toEqual([]);
    await asked(begun);
    begun.story.github.setRepository({ isPrivate: true }, begun.story.repository);
    await submit(begun, "U0ALICE001");
    expect(begun.story.github.numbers(begun.story.repository)).toEqual([begun.number]);
  });
});

it("The buttons work in a drill as they do in an incident, and what they did is told as of a drill", async () => {
  const { story, slack, number, press } = await begin(undefined, ["sev:P0", "drill"]);
  await press("U0ALICE001", "acknowledge");
  expect(story.history(number)).toMatchObject({ responder: "alice", drill: { by: "bob" } });
  expect(slack.roots[0]!.text).toMatch(/^Drill: 🟠 P0 · <[^|]*\|Checkout is down>/);
  expect(slack.replies.at(-1)!.text).toMatch(/^Drill: 🟠 Acknowledged by alice/m);
  expect(story.status(number)).toContain("### Drill: ");
  expect(JSON.stringify(slack.roots[0]!.blocks)).toContain("Drill: Resolve the incident?");
  await press("U0ALICE001", "acknowledge");
  expect(slack.hints.at(-1)!.text).toBe("Drill: That is so already: nothing was changed.");
});
