import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { ActionRuns, POLICY } from "../../support/action-runs.ts";
import { filledPostMortem } from "../../support/filled-post-mortem.ts";

let runs: ActionRuns;

beforeEach(() => {
  runs = new ActionRuns();
});

afterEach(() => {
  runs.stop();
});

/** An incident, declared by bob. */
async function declare(): Promise<number> {
  const issue = await runs.after(() =>
    runs.github.as("bob").openIssue({ title: "Checkout is down", body: "It started at nine.", labels: ["sev:P0"] }),
  );
  return issue.number;
}

const labels = (number: number) => runs.github.issue(number, runs.repository).labels;
const state = (number: number) => runs.github.issue(number, runs.repository).state;
const conclusions = () => runs.github.allCheckRuns(runs.repository).map(({ content }) => content.conclusion);
const last = () => runs.runs.at(-1)!;

/** A post-mortem with everything the default policy asks for. */
async function fill(number: number, items?: string): Promise<void> {
  const { body } = runs.github.issue(number, runs.repository);
  await runs.after(() => runs.github.as("bob").edit(number, { body: filledPostMortem(body, items) }));
}

/** The issue that `/postmortem` created: the newest one. */
async function postMortemOf(incident: number): Promise<number> {
  await runs.after(() => runs.github.as("alice").comment(incident, "/postmortem"));
  return Math.max(...runs.github.numbers(runs.repository));
}

/** What a scheduled run would have had to do, had the runs before it done everything. */
async function leftForTheSchedule(): Promise<readonly string[]> {
  return (await runs.schedule()).requests.filter((one) => !one.startsWith("GET "));
}

describe("the life of an incident, run by run", () => {
  it.each(["own-app", "github-token"] as const)(
    "begins with a label and ends with a post-mortem, as %s",
    async (as) => {
      runs.stop();
      runs = new ActionRuns(as);
      const { github } = runs;
      await runs.schedule();
      const number = await declare();
      expect(labels(number)).toEqual(["sev:P0", "incident:declared"]);
      expect(runs.status(number)).toContain("nobody has acknowledged");
      await runs.after(() => github.as("alice").comment(number, "/ack"));
      expect(labels(number)).toContain("incident:acknowledged");
      await runs.after(() => github.as("bob").close(number));
      expect(state(number)).toBe("open");
      await runs.after(() => github.as("bob").openPullRequest({ title: "Fix", body: `Fixes #${number}` }));
      expect(conclusions()).toEqual(["failure"]);
      await fill(await postMortemOf(number));
      expect(runs.status(number)).toContain("It can close: everything it needs is there");
      await runs.after(() => github.as("alice").comment(number, "/resolve back to normal"));
      expect(state(number)).toBe("closed");
      expect(runs.runs.filter(({ exitCode }) => exitCode !== 0)).toEqual([]);
      expect(await leftForTheSchedule()).toEqual([]);
    },
  );

  it("is told on checks as soon as it is told on the incident: the check turns green in the run that fills the post-mortem", async () => {
    const { github } = runs;
    const number = await declare();
    await runs.after(() => github.as("bob").openPullRequest({ title: "Fix", body: `Fixes #${number}` }));
    await fill(await postMortemOf(number));
    expect(conclusions().at(-1)).toBe("success");
  });

  it("goes on by the schedule: what is due is done by the next run", async () => {
    const number = await declare();
    expect(last().summary).toContain(`incident #${number}: from 2026-01-05 09:15 UTC on`);
    runs.later(20 * 60_000);
    const run = await runs.schedule();
    expect(run.exitCode).toBe(0);
    expect(run.summary).toMatch(/incident #1: `.+/);
    expect(await leftForTheSchedule()).toEqual([]);
  });

  it("goes on by the schedule, also if nobody has touched it since the last one", async () => {
    const number = await declare();
    await runs.after(() => runs.github.as("alice").comment(number, "/ack"));
    runs.later(40 * 60_000);
    await runs.schedule();
    runs.later(40 * 60_000);
    expect((await runs.schedule()).summary).toMatch(/incident #1: `.+/);
    expect(await leftForTheSchedule()).toEqual([]);
  });

  it("waits for the second label of a swap, and for no more", async () => {
    const { github } = runs;
    const number = await declare();
    await runs.after(() => github.as("bob").label(number, "sev:P1"));
    expect(labels(number)).toContain("sev:P0");
    expect(labels(number)).not.toContain("sev:P1");
    expect(last().summary).not.toContain("Not done");
  });
});

// The payloads hold no installation, and that of a schedule no repository.
describe("whatever starts a run has its place:", () => {
  const CI = { id: 7, name: "CI", file: "ci.yml" };

  it("a merge group gets its check", async () => {
    const { github } = runs;
    const number = await declare();
    const pull = await runs.after(() => github.as("bob").openPullRequest({ title: "Fix", body: `Fixes #${number}` }));
    const [group] = await runs.after(() => github.enqueue([pull.number]));
    const [check] = github.checkRuns(group!.headSha, runs.repository);
    expect(check).toMatchObject({ conclusion: "failure" });
    expect(last()).toMatchObject({ name: "merge_group", exitCode: 0 });
  });

  it("a merge group gets its check although the token of a workflow may not read the queue", async () => {
    const { github } = runs;
    const number = await declare();
    const pull = await runs.after(() => github.as("bob").openPullRequest({ title: "Fix", body: `Fixes #${number}` }));
    runs.instead = (_, path, body) =>
      path === "/graphql" && body.includes("mergeQueue")
        ? Response.json({
            data: null,
            errors: [{ type: "FORBIDDEN", message: "Resource not accessible by integration" }],
          })
        : null;
    const [group] = await runs.after(() => github.enqueue([pull.number]));
    const [check] = github.checkRuns(group!.headSha, runs.repository);
    expect(check).toMatchObject({ conclusion: "failure" });
    expect(last()).toMatchObject({ name: "merge_group", exitCode: 0 });
  });

  it("a broken build opens one incident, and ends it when it works again", async () => {
    const { github } = runs;
    github.setFile(".github/sevgate.yml", `${POLICY}alerts: { workflow-runs: { severity: P1 } }\n`, runs.repository);
    await runs.after(() => github.runWorkflow(CI, "failure"));
    runs.later(60_000);
    await runs.after(() => github.runWorkflow(CI, "failure"));
    expect(github.numbers(runs.repository)).toHaveLength(1);
    const [number = 0] = github.numbers(runs.repository);
    expect(labels(number)).toContain("sev:P1");
    runs.later(60_000);
    await runs.after(() => github.runWorkflow(CI, "success"));
    expect(labels(number)).toContain("incident:resolved");
    expect(runs.runs.filter(({ exitCode }) => exitCode !== 0)).toEqual([]);
  });

  it("an incident that is deleted makes no run red", async () => {
    const number = await declare();
    await runs.after(() => runs.github.as("alice").deleteIssue(number));
    expect(last()).toMatchObject({ name: "issues", exitCode: 0 });
  });

  it("a push that changes the policy brings the labels it names", async () => {
    const policy = `${POLICY}severities: { Bad: { label: very-bad } }\n`;
    await runs.after(() => runs.github.as("alice").push("Policy", { ".github/sevgate.yml": policy }));
    expect(runs.github.labels(runs.repository).map(({ name }) => name)).toContain("very-bad");
  });

  it("a box that somebody ticks in the status comment stays ticked", async () => {
    const number = await declare();
    const status = runs.github.comments(number).find(({ body }) => body.includes("<!-- sevgate:status -->"))!;
    await runs.after(() => runs.github.as("alice").editComment(status.id, status.body.replace("- [ ]", "- [x]")));
    expect(runs.status(number)).toContain("- [x]");
  });

  it.each(["own-app", "github-token"] as const)("a command gets its answer at once, as %s,", async (as) => {
    runs.stop();
    runs = new ActionRuns(as);
    const { github } = runs;
    const number = await declare();
    const before = runs.ownComments(number).length;
    // Typed with a Japanese keyboard.
    await runs.after(() => github.as("alice").comment(number, "\uFF0Fack"));
    expect(runs.ownComments(number).slice(before)).toEqual([expect.stringContaining("/ack")]);
    // Edits are not obeyed, which whoever edits is told.
    const comment = await runs.after(() => github.as("alice").comment(number, "ack"));
    runs.later(60_000);
    await runs.after(() => github.as("alice").editComment(comment.id, "/ack"));
    expect(runs.ownComments(number).slice(before + 1)).toEqual([expect.stringContaining("comment it again")]);
    await runs.after(() => github.as("alice").comment(number, "Well then:\n\n  - /ack"));
    expect(labels(number)).toContain("incident:acknowledged");
  });

  it("a command on a pull request is told the incident on which it works", async () => {
    const { github } = runs;
    const number = await declare();
    const pull = await runs.after(() => github.as("bob").openPullRequest({ title: "Fix", body: `Fixes #${number}` }));
    await runs.after(() => github.as("alice").comment(pull.number, "/ack"));
    expect(runs.ownComments(pull.number)).toEqual([
      expect.stringContaining(`Commands work on the incident, [#${number}]`),
    ]);
  });

  it("a command about items on a post-mortem is told the incident on which it works", async () => {
    const { github } = runs;
    const number = await declare();
    const postMortem = await postMortemOf(number);
    await runs.after(() => github.as("alice").comment(postMortem, "/items"));
    expect(runs.ownComments(postMortem)).toEqual([expect.stringContaining(`[#${number}](`)]);
  });

  it("a status comment that somebody deletes is written again", async () => {
    const number = await declare();
    const status = runs.github.comments(number).find(({ body }) => body.includes("<!-- sevgate:status -->"))!;
    await runs.after(() => runs.github.as("alice").deleteComment(status.id));
    expect(runs.status(number)).toContain("P0");
  });

  it("the schedule finds what started no run: a close, a command, a pull request", async () => {
    const { github } = runs;
    const number = await declare();
    runs.unheard(() => github.as("alice").comment(number, "/ack"));
    runs.unheard(() => github.as("bob").close(number));
    runs.unheard(() => github.as("bob").openPullRequest({ title: "Fix", body: `Fixes #${number}` }));
    runs.later(5 * 60_000);
    await runs.schedule();
    expect(labels(number)).toContain("incident:acknowledged");
    expect(state(number)).toBe("open");
    expect(conclusions().at(-1)).toBe("failure");
  });

  it("a run that somebody starts by hand looks at everything open, a scheduled one at what has changed", async () => {
    await declare();
    await runs.schedule();
    runs.later(20 * 60_000);
    await runs.schedule();
    runs.later(10 * 60_000);
    expect((await runs.schedule()).requests).not.toContain("GET pulls");
    expect((await runs.run("workflow_dispatch", { inputs: null })).requests).toContain("GET pulls");
  });

  it("a post-mortem that is emptied after all reopens its incident", async () => {
    const { github } = runs;
    const number = await declare();
    const postMortem = await postMortemOf(number);
    await fill(postMortem);
    await runs.after(() => github.as("alice").comment(number, "/resolve"));
    expect(state(number)).toBe("closed");
    await runs.after(() => github.as("bob").edit(postMortem, { body: `Incident: #${number}\n` }));
    expect(state(number)).toBe("open");
  });

  it.each(["own-app", "github-token"] as const)(
    "action items are filed, ticked, dropped and listed when late, as %s",
    async (as) => {
      runs.stop();
      runs = new ActionRuns(as);
      const { github } = runs;
      const number = await declare();
      const postMortem = await postMortemOf(number);
      await fill(
        postMortem,
        "- [ ] Limit the pool @bob in 14d\n- [ ] Alert on its depth @alice in 14d\n- [ ] Say so in the runbook @bob in 14d",
      );
      await runs.after(() => github.as("alice").comment(number, "/resolve"));
      await runs.after(() => github.as("alice").comment(number, "/items"));
      const items = github.numbers(runs.repository).filter((one) => labels(one).includes("action-item"));
      expect(items).toHaveLength(3);
      await runs.after(() => github.as("bob").close(items[0]!));
      await runs.after(() => github.as("alice").comment(number, `/drop #${items[1]} the limit is enough`));
      const lines = () => github.issue(postMortem, runs.repository).body.match(/^- \[[ x]\] #.*$/gm);
      expect(lines()).toEqual([
        expect.stringMatching(/^- \[x\] #\d+ Limit the pool/),
        expect.stringMatching(/Alert on its depth/),
        expect.stringMatching(/^- \[ \] #\d+ Say so/),
      ]);
      expect(state(items[1]!)).toBe("closed");
      runs.later(16 * 24 * 3_600_000);
      await runs.schedule();
      const listed = github.numbers(runs.repository).filter((one) => labels(one).includes("incident-follow-ups"));
      expect(listed.map((one) => github.issue(one, runs.repository).body)).toEqual([
        expect.stringMatching(new RegExp(`1 late[^]*#${items[2]}\\]\\(\\S+\\) Say so in the runbook`)),
      ]);
      expect(runs.runs.filter(({ exitCode }) => exitCode !== 0).map(({ summary }) => summary)).toEqual([]);
    },
  );

  it("a page is a comment, and a run says which of the policy's pagers it has not", async () => {
    const { github } = runs;
    const policy = `${POLICY}paging: { channels: { default: [pagerduty] } }\n`;
    github.setFile(".github/sevgate.yml", policy, runs.repository);
    const onCall =
      "rotations:\n  week: { start: 2020-01-06, members: [alice] }\nroles:\n  primary: { layers: [week] }\n";
    const steps = "escalation:\n  default: { steps: [{ after: 0m, notify: [primary] }] }\n";
    github.setFile(".github/sevgate/on-call.yml", onCall + steps, runs.repository);
    const number = await declare();
    expect(runs.ownComments(number).filter((body) => body.includes("@alice"))).toHaveLength(1);
    expect(last().summary).toContain("The policy pages by pagerduty as well. The action pages by comment alone");
    await runs.schedule();
    expect(runs.ownComments(number).filter((body) => body.includes("@alice"))).toHaveLength(1);
  });

  it("the report of a month is opened once, by the first run of a day", async () => {
    runs.github.setFile(".github/sevgate.yml", `${POLICY}report: { every: month }\n`, runs.repository);
    await declare();
    const reports = () =>
      runs.github.numbers(runs.repository).filter((number) => labels(number).includes("incident-report"));
    runs.later(26 * 24 * 3_600_000);
    await runs.schedule();
    expect(reports()).toEqual([]);
    runs.later(24 * 3_600_000);
    for (let at = 0; at < 3; at += 1) {
      await runs.schedule();
      runs.later(10 * 60_000);
    }
    expect(reports()).toHaveLength(1);
    const asked = last().requests.filter((one) => one === "GET issues/1/comments");
    expect(asked.length).toBeLessThanOrEqual(1);
  });

  it("a scheduled run that the token does not let see the others looks an hour back", async () => {
    runs.unheard(() => runs.github.as("bob").openPullRequest({ title: "A change", body: "" }));
    runs.later(50 * 60_000);
    runs.instead = (_, path) =>
      path.includes("/actions/") ? Response.json({ message: "Resource not accessible" }, { status: 403 }) : null;
    await runs.schedule();
    expect(conclusions()).toEqual(["success"]);
  });

  it("a scheduled run looks back to the last one that was green", async () => {
    const { github } = runs;
    await runs.schedule();
    runs.unheard(() => github.as("bob").openPullRequest({ title: "A change", body: "" }));
    runs.later(30 * 60_000);
    runs.instead = (_, path) => (path.includes("/labels") ? Response.json({ message: "Oops" }, { status: 502 }) : null);
    expect((await runs.schedule()).exitCode).toBe(1);
    runs.instead = () => null;
    runs.later(30 * 60_000);
    await runs.schedule();
    expect(conclusions()).toEqual(["success"]);
  });

  it("the first scheduled run looks a day back", async () => {
    const { github } = runs;
    runs.unheard(() => github.as("bob").openPullRequest({ title: "A change", body: "" }));
    runs.later(5 * 3_600_000);
    await runs.schedule();
    expect(conclusions()).toEqual(["success"]);
  });

  it("that there is nothing to report is found out once a day, not by every scheduled run", async () => {
    const asked = async (policy: string) => {
      runs.stop();
      runs = new ActionRuns();
      runs.github.setFile(".github/sevgate.yml", policy, runs.repository);
      await declare();
      await runs.schedule();
      runs.later(10 * 60_000);
      return (await runs.schedule()).requests;
    };
    expect(await asked(`${POLICY}report: { every: month }\n`)).toEqual(await asked(POLICY));
  });

  it("what is late is not looked for when nothing was done", async () => {
    const { github } = runs;
    const number = await declare();
    const postMortem = await postMortemOf(number);
    await fill(postMortem);
    const { body } = github.issue(postMortem, runs.repository);
    await runs.after(() => github.as("bob").edit(postMortem, { body: body.replace("bob, #99", "@bob, 2026-02-01") }));
    await runs.after(() => github.as("alice").comment(number, "/items"));
    expect(labels(Math.max(...github.numbers(runs.repository)))).toContain("action-item");
    await runs.after(() => github.as("alice").comment(number, "/unknown"));
    expect(last().summary).toContain("Everything is as it should be");
    expect(last().requests.length).toBeLessThanOrEqual(12);
  });
});

//
describe("alerts by repository_dispatch", () => {
  const ALERTS = `${POLICY}alerts: { endpoints: { metrics: { severity: P1, severities: { critical: P0 } } } }\n`;
  const alert = (status: "firing" | "resolved", name = "HighErrorRate") => ({
    version: "4",
    groupKey: `{}:{alertname="${name}"}`,
    status,
    receiver: "sevgate",
    groupLabels: { alertname: name },
    commonLabels: { alertname: name, severity: "critical" },
    commonAnnotations: {},
    externalURL: "https://alerts.example.com",
    truncatedAlerts: 0,
    alerts: [
      {
        status,
        labels: { alertname: name, severity: "critical" },
        annotations: {},
        startsAt: new Date(runs.clock.now()).toISOString(),
        endsAt: "0001-01-01T00:00:00Z",
        generatorURL: "https://alerts.example.com/graph",
        fingerprint: Buffer.from(name).toString("hex").slice(0, 16),
      },
    ],
  });
  const send = (payload: unknown, endpoint = "metrics") => runs.dispatch({ source: "alertmanager", endpoint, payload });
  const incidents = () =>
    runs.github.numbers(runs.repository).map((number) => runs.github.issue(number, runs.repository));

  it("open one incident, however often the alert is reported, and its end reaches it", async () => {
    runs.github.setFile(".github/sevgate.yml", ALERTS, runs.repository);
    await send(alert("firing"));
    const [issue] = incidents();
    expect(issue?.labels).toContain("sev:P0");
    await send(alert("firing"));
    await send(JSON.stringify(alert("firing")));
    expect(incidents()).toHaveLength(1);
    runs.later(20 * 60_000);
    await send(alert("resolved"));
    expect(labels(issue!.number)).toContain("incident:resolved");
    expect(runs.runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
  });

  it("go to the issue that they opened themselves, and to no copy of it that somebody else has written", async () => {
    runs.github.setFile(".github/sevgate.yml", ALERTS, runs.repository);
    await send(alert("firing"));
    const { body, labels: own } = incidents()[0]!;
    runs.stop();
    runs = new ActionRuns();
    runs.github.setFile(".github/sevgate.yml", ALERTS, runs.repository);
    await runs.after(() => runs.github.as("bob").openIssue({ title: "Mine", body, labels: own }));
    await send(alert("firing"));
    expect(incidents().map(({ author }) => author?.login)).toEqual(["bob", runs.github.botLogin]);
  });

  it("that flood end in one more incident, although every run begins with nothing", async () => {
    runs.github.setFile(
      ".github/sevgate.yml",
      ALERTS.replace("endpoints", "issues-per-hour: 6, endpoints"),
      runs.repository,
    );
    for (let at = 0; at < 12; at += 1) await send(alert("firing", `Alert${at}`));
    expect(incidents()).toHaveLength(4);
  });

  it("of an endpoint that the policy does not name are refused, with the remedy", async () => {
    const run = await send(alert("firing"), "unknown");
    expect(run.exitCode).toBe(1);
    expect(run.summary).toContain("Add alerts.endpoints.unknown to .github/sevgate.yml");
    expect(incidents()).toEqual([]);
  });
});

describe("what a server would remember is read again where it matters:", () => {
  it("a command on an incident whose labels are gone is heard", async () => {
    const number = await declare();
    for (const label of labels(number)) runs.unheard(() => runs.github.as("alice").unlabel(number, label));
    await runs.after(() => runs.github.as("alice").comment(number, "/ack"));
    expect(labels(number)).toContain("incident:acknowledged");
  });

  it("the same on an incident that ran as another app before", async () => {
    const { github } = runs;
    github.becomeApp({ appId: 15_368, slug: "github-actions" });
    const number = await declare();
    for (const label of labels(number)) runs.unheard(() => github.as("alice").unlabel(number, label));
    github.becomeApp({ appId: 77, slug: "sevgate" });
    runs.environment = { "INPUT_APP-ID-PREVIOUS": "15368" };
    await runs.after(() => github.as("alice").comment(number, "/ack"));
    expect(labels(number)).toContain("incident:acknowledged");
  });

  it("labels of the policy's own are known from the first event on", async () => {
    runs.github.setFile(
      ".github/sevgate.yml",
      `${POLICY}post-mortem: { label: retro }\nseverities: { Bad: { label: very-bad, close-requires: post-mortem } }\n`,
      runs.repository,
    );
    const { number } = await runs.after(() =>
      runs.github.as("bob").openIssue({ title: "Down", body: "", labels: ["very-bad"] }),
    );
    await fill(await postMortemOf(number));
    expect(runs.status(number)).toContain("It can close");
  });

  it("a post-mortem linked by command, which does not name its incident, is heard of when it is filled", async () => {
    const { github } = runs;
    const number = await declare();
    const created = await postMortemOf(number);
    const { body } = github.issue(created, runs.repository);
    await runs.after(() => github.as("bob").edit(created, { body: body.replaceAll(`#${number}`, "the incident") }));
    await fill(created);
    expect(runs.status(number)).toContain("It can close");
  });

  it("a runbook pull request linked by command is heard of when it is merged", async () => {
    const { github } = runs;
    const number = await declare();
    const pull = await runs.after(() =>
      github
        .as("bob")
        .openPullRequest({ title: "How to restart", body: "", files: { "runbooks/restart.md": "# Restart it" } }),
    );
    await runs.after(() => github.as("alice").comment(number, `/runbook #${pull.number}`));
    await runs.after(() => github.as("alice").merge(pull.number));
    expect(runs.status(number)).toContain("It can close");
  });

  it("what the app did itself leads nowhere, at the price of asking who it is", async () => {
    const number = await declare();
    const { id } = runs.repository;
    const run = await runs.run("issues", {
      action: "edited",
      issue: { number, labels: [{ name: "sev:P0" }], body: "" },
      sender: { login: runs.github.botLogin },
      repository: { id, full_name: "acme/ops", private: false },
    });
    expect(run).toMatchObject({ exitCode: 0, questions: 1, requests: ["GET /apps/sevgate"] });
    expect(run.summary).toContain("Nothing to do");
  });

  it("GITHUB_TOKEN need not ask which app it is of", async () => {
    runs.instead = (_, path, body) =>
      path === "/graphql" && body.includes("viewer")
        ? Response.json({
            data: { viewer: { login: "github-actions[bot]" }, repository: { databaseId: runs.repository.id } },
          })
        : null;
    const run = await runs.schedule();
    expect(run.exitCode).toBe(0);
    expect(run.requests.filter((one) => one.includes("/apps/"))).toEqual([]);
  });

  it("what people write on an incident costs no request if there is no command in it", async () => {
    const number = await declare();
    for (const text of ["See https://example.com/graph", "and/or\n> /ack", "`/ack`"]) {
      await runs.after(() => runs.github.as("alice").comment(number, text));
      expect(last()).toMatchObject({ name: "issue_comment", requests: [], questions: 0, exitCode: 0 });
    }
    expect(labels(number)).toContain("incident:declared");
  });

  it("what people write on ordinary issues costs no request", async () => {
    const { number } = await runs.after(() => runs.github.as("rita").openIssue({ title: "A question", body: "" }));
    await runs.after(() => runs.github.as("rita").comment(number, "Anybody? https://example.com/graph"));
    expect(runs.runs.map(({ requests, questions, exitCode }) => [requests.length, questions, exitCode])).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(last().summary).toContain("Nothing to do");
  });
});
