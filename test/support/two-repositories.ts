import fc from "fast-check";
import pino from "pino";
import { alertId } from "../../src/core/alerts/alert-state.ts";
import { mergeChange } from "../../src/core/alerts/merge-change.ts";
import { normalizeAlert } from "../../src/core/alerts/normalize-alert.ts";
import type { Key, Repository } from "../../src/core/model.ts";
import { calendarPath } from "../../src/core/oncall/calendar-path.ts";
import { open } from "../../src/core/record/seal.ts";
import { COMMANDS_PATH, createReceiveSlack, INTERACTIONS_PATH } from "../../src/ingress/slack/receive-slack.ts";
import { createKnownSchedule } from "../../src/observe/known-schedule.ts";
import { createSlack } from "../../src/systems/slack/create-slack.ts";
import { createCalendarFeed } from "../../src/views/calendar.ts";
import { betterStackIncident } from "../../testkit/alert-payloads.ts";
import { buttonPress, SLACK_SECRET, signedForm } from "../../testkit/slack-requests.ts";
import { RECORD_KEYS, Story } from "./story.ts";

/** Something somebody does, in the public repository or the private one. `n` and `m` choose an issue, a place, a text. */
export interface Deed {
  readonly where: "public" | "private" | "slack" | "time";
  readonly what: string;
  readonly n: number;
  readonly m: number;
}

const CALENDAR_SECRET = "a calendar secret for tests, long enough";
/** In every text of the private repository. */
const CANARY = /canary/i;
const COMPLETE =
  "## What happened\n\nIt broke.\n\n## Why it happened\n\nBy chance.\n\n## Action items\n\n- [ ] Mend it, bob, #99\n";
const SECRET_POST_MORTEM =
  "## Canary heading\n\nCanary salaries.\n\n## What happened\n\nCanary.\n\n## Why it happened\n\nCanary.\n\n" +
  "## Action items\n\n- [ ] Canary item, canaryzora, #99\n";

const ON_CALL = (who: string) =>
  `people: { ${who}: { slack: U0${who.toUpperCase()}, email: ${who}@example.com } }\n` +
  `rotations: { week: { start: 2026-01-05, members: [${who}] } }\nroles: { primary: { layers: [week] } }\n`;

const ENDPOINT = "alerts: { endpoints: { prod: { severity: P0 } } }\n";
const WANTS_FILED =
  "severities: { P0: { label: 'sev:P0', close-requires: { all-of: [post-mortem, action-items-filed] } } }\n";
const PUBLIC_POLICIES = [
  "",
  "post-mortem: { repository: acme/vault }\n",
  "post-mortem: { repository: acme/vault, required-sections: [Canary heading], action-items: 2, label: learned }\n",
  `post-mortem: { repository: acme/vault }\n${WANTS_FILED}`,
  "post-mortem: { repository: acme/nosuch }\n",
];
const publicPolicy = (m: number) => `${ENDPOINT}${pick(PUBLIC_POLICIES, m)}`;

// A policy that sends its post-mortems elsewhere reveals their label itself.
const secretPolicy = (more: string) =>
  `severities: { P0: { label: "sev:P0", description: Canary severity }, Canarysev: { label: canarylabel } }
post-mortem: { label: ${more.includes("repository") ? "post-mortem" : "canarypm"}, required-sections: [Canary heading]${more.includes("repository") ? ", repository: acme/ops" : ""} }
runbooks: { paths: ["canarybooks/**/*.md"] }
alerts: { endpoints: { prod: { severity: P0 } } }
roles: [canaryrole]
${more.includes("evidence-for") ? "evidence-for: [acme/ops]\n" : ""}`;

const SECRET_POLICIES = ["", "evidence-for", "repository"];

const PUBLIC_DEEDS = [
  "declare",
  "pull",
  "name",
  "command",
  "line",
  "close",
  "policy",
  "alert",
  "alert",
  "sweep",
  "sidebar",
] as const;
const PRIVATE_DEEDS = ["declare", "pull", "post-mortem", "command", "edit", "close", "alert", "sweep"] as const;
/** What shows in the public repository by design: somebody who does it in the private one also acts there. */
const PRIVATE_DEEDS_OUTSIDE = ["sub-issue", "policy", "closing-pull", "postmortem-outside"] as const;
const SLACK_DEEDS = ["list", "who", "declare", "press"] as const;

const deed = (where: Deed["where"], whats: readonly string[]) =>
  fc.record({ where: fc.constant(where), what: fc.constantFrom(...whats), n: fc.nat(30), m: fc.nat(30) });

/** How it begins, and what happens next. */
export interface TwoStories {
  /** Which policies apply at the beginning. */
  readonly publicPolicy: number;
  readonly secretPolicy: number;
  readonly deeds: readonly Deed[];
}

/** Stories in both repositories. `isolated`: nothing in the private one is meant to be seen in the public one. */
export function anyStories({ isolated }: { readonly isolated: boolean }): fc.Arbitrary<TwoStories> {
  const deeds = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: deed("public", PUBLIC_DEEDS) },
      { weight: 5, arbitrary: deed("private", PRIVATE_DEEDS) },
      { weight: isolated ? 0 : 2, arbitrary: deed("private", PRIVATE_DEEDS_OUTSIDE) },
      { weight: 2, arbitrary: deed("slack", SLACK_DEEDS) },
      { weight: 1, arbitrary: deed("time", ["minutes", "hours", "restart", "lost"]) },
    ),
    { minLength: 6, maxLength: 24, size: "max" },
  );
  return fc.record({ publicPolicy: fc.nat(4), secretPolicy: isolated ? fc.constant(0) : fc.nat(2), deeds });
}

/** A public and a private repository in one installation, an incident in each, and a channel for public ones. */
export async function playTwo(
  stories: TwoStories,
  options: { readonly skips?: Deed["where"] } = {},
): Promise<{ readonly leaks: readonly string[]; readonly shown: readonly string[] }> {
  const story = await Story.begin({ slack: true, policy: publicPolicy(stories.publicPolicy) });
  const { github, repository: ops } = story;
  github.as("alice").push("On call", { ".github/sevgate/on-call.yml": ON_CALL("alice") });
  const vault = github.addRepository({
    owner: "acme",
    name: "vault",
    isPrivate: true,
    labels: ["canaryunused"],
    files: {
      ".github/sevgate.yml": secretPolicy(pick(SECRET_POLICIES, stories.secretPolicy)),
      ".github/sevgate/on-call.yml": ON_CALL("canaryzora"),
      ".github/sevgate/templates/post-mortem.md": SECRET_POST_MORTEM,
      ".github/sevgate/templates/incident.md": "Canary template\n",
      "canarybooks/canary.md": "# Canary runbook\n\n- [ ] Canary step\n",
    },
  });
  for (const login of ["alice", "bob", "canaryzora"]) github.setRole(login, "maintain", vault);
  for (const place of [ops, vault]) story.hint({ kind: "repository", repository: place });
  await story.settle();
  github.as("bob").openIssue({ title: "Checkout is down", body: "Since nine.", labels: ["sev:P0"] });
  github
    .as("canaryzora", vault)
    .openIssue({ title: "Canary title", body: "Canary body", labels: ["sev:P0", "canaryfree"] });
  github
    .as("canaryzora", vault)
    .openIssue({ title: "Canary learned", body: SECRET_POST_MORTEM, labels: ["canarypm", "learned"] });
  await story.settle();

  const answers: string[] = [];
  const leaks = new Set<string>();
  const look = () => {
    for (const text of shownIn(story, ops, answers)) if (CANARY.test(text)) leaks.add(text);
  };
  for (const one of stories.deeds) {
    if (one.where !== options.skips) await act(story, vault, one, answers);
    await story.settle();
    look();
  }
  await story.advance(3_600_000);
  answers.push(await calendarsOf(story, ops));
  look();
  return { leaks: [...leaks], shown: shownIn(story, ops, answers) };
}

/** Everything visible to somebody who can see the public repository or its channel; records without their seal. */
function shownIn(story: Story, ops: Repository, answers: readonly string[]): readonly string[] {
  const { github } = story;
  const slack = story.slack!;
  const issues = github.numbers(ops).map((number) => github.issue(number, ops));
  const comments = github.numbers(ops).flatMap((number) => {
    const place = { appId: github.appId, repositoryId: ops.id, issueNodeId: github.issue(number, ops).nodeId };
    return github.comments(number, ops).map(({ body }) => {
      const opened = open(body, place, RECORD_KEYS);
      const said = body.replace(/<!-- sevgate:record [^>]*-->/, "");
      return opened.kind === "valid" ? `${said}\n${JSON.stringify(opened.record)}` : said;
    });
  });
  return [
    ...issues.map(({ title, body, labels, state, assignees }) =>
      JSON.stringify([title, body, labels, state, assignees]),
    ),
    ...comments,
    ...github.allCheckRuns(ops).map(({ content }) => JSON.stringify(content)),
    ...slack.messages.map(({ text, blocks }) => JSON.stringify([text, blocks])),
    ...slack.hints.map(({ text }) => text),
    ...slack.views.map((view) => JSON.stringify(view)),
    ...answers,
  ];
}

async function act(story: Story, vault: Repository, one: Deed, answers: string[]): Promise<void> {
  const { github, repository: ops } = story;
  switch (one.where) {
    case "public":
      return await actInPublic(story, one);
    case "private":
      return await actInPrivate(story, vault, ops, one);
    case "slack":
      answers.push(await askSlack(story, one));
      return;
    case "time":
      if (one.what === "restart" || one.what === "lost") {
        story.restart({ database: one.what === "lost" ? "lost" : "kept" });
        for (const place of github.allRepositories()) story.hint({ kind: "repository", repository: place });
      } else await story.advance((one.n + 1) * (one.what === "hours" ? 600_000 : 60_000));
  }
}

/** Usually that of an existing issue: the incident, the post-mortem. */
function someNumber(m: number): number {
  return pick([2, 1, 2, 3, 77], m);
}

function pick<Item>(items: readonly Item[], at: number): Item {
  return items[at % items.length]!;
}

function issuesIn(story: Story, place: Repository): readonly number[] {
  return story.github.numbers(place).filter((number) => story.github.issue(number, place).url.includes("/issues/"));
}

async function actInPublic(story: Story, { what, n, m }: Deed): Promise<void> {
  const { github, repository: ops } = story;
  const bob = github.as("bob");
  const issue = pick(issuesIn(story, ops), n);
  const there = `acme/vault#${someNumber(m)}`;
  switch (what) {
    case "declare":
      bob.openIssue({ title: "Search is slow", body: m % 2 === 0 ? "" : `Post-mortem: ${there}`, labels: ["sev:P0"] });
      return;
    case "pull": {
      const places: readonly {
        readonly body?: string;
        readonly commits?: readonly string[];
        readonly title: string;
      }[] = [
        { title: "Fix", body: `Fixes ${there}` },
        { title: `Closes ${there}` },
        { title: "Fix", commits: [`Resolves ${there}`] },
        { title: "Fix", body: `Fixes https://github.com/acme/vault/issues/${someNumber(m)}\nFixes #${issue}` },
      ];
      bob.openPullRequest(pick(places, n));
      return;
    }
    case "sidebar":
      bob.openPullRequest({ title: "Fix", links: [{ repository: "acme/vault", number: someNumber(m) }] });
      return;
    case "name":
      github
        .as("rita")
        .openIssue({ title: "Mine", body: `Incident: ${there}\n\n${COMPLETE}`, labels: ["post-mortem"] });
      return;
    case "command": {
      const commands = [
        "/ack",
        `/postmortem ${there}`,
        `/runbook ${there}`,
        "/who",
        "/suspects",
        "/resolve ok",
        "/oncall",
        `/revert ${there} why`,
        "/runbook",
        "/help",
      ];
      github.as("alice").comment(issue, pick(commands, m));
      return;
    }
    case "line":
      github.as("alice").edit(issue, { body: `Post-mortem: ${there}` });
      return;
    case "close":
      if (github.issue(issue, ops).state === "open") bob.close(issue);
      else bob.reopen(issue);
      return;
    case "policy":
      github.as("alice").push("Policy", { ".github/sevgate.yml": publicPolicy(m) });
      return;
    case "alert":
      return await alert(
        story,
        ops,
        "Mailbox canaryyan@example.com is full",
        m % 3 > 0 ? "canaryyan@example.com" : "Ada",
      );
    case "sweep":
      story.hint({ kind: "repository", repository: ops });
  }
}

async function actInPrivate(story: Story, vault: Repository, ops: Repository, { what, n, m }: Deed): Promise<void> {
  const { github } = story;
  const zora = github.as("canaryzora", vault);
  const issue = pick(issuesIn(story, vault), n);
  const outside = pick(issuesIn(story, ops), m);
  switch (what) {
    case "declare":
      zora.openIssue({ title: `Canary ${n}`, body: "Canary", labels: ["sev:P0", "canarylabel"] });
      return;
    case "pull": {
      const { number } = zora.openPullRequest({
        title: `Canary pull #${issue}`,
        body: `Canary. Refs #${issue}`,
        files: { [`canarybooks/canary${n}.md`]: "# Canary" },
      });
      if (m % 2 === 0) zora.merge(number);
      return;
    }
    case "post-mortem":
      zora.openIssue({
        title: "Canary learned",
        body: `Incident: ${m % 2 === 0 ? `#${issue}` : `acme/ops#${(m % 3) + 1}`}\n\n${SECRET_POST_MORTEM}`,
        labels: ["canarypm", ...(n % 2 === 0 ? ["post-mortem", "learned"] : [])],
      });
      return;
    case "command": {
      const commands = [
        "/ack",
        "/status canary status",
        "/note canary note",
        "/mitigate canary",
        "/resolve canary",
        "/postmortem",
        "/runbook",
        "/who",
        "/suspects",
        "/oncall",
        "/waive canary for this reason",
        "/page team",
        "/assign @canaryzora canaryrole",
        "/severity Canarysev canary",
        "/handoff @alice",
      ];
      zora.comment(issue, pick(commands, m));
      return;
    }
    case "edit":
      zora.edit(issue, {
        title: `Canary ${m}`,
        body: m % 2 === 0 ? SECRET_POST_MORTEM : `Canary. Post-mortem: acme/ops#${(m % 4) + 1}`,
      });
      return;
    case "close":
      if (github.issue(issue, vault).state === "open") zora.close(issue);
      else zora.reopen(issue);
      return;
    case "alert":
      return await alert(story, vault, "Canary alert", "canaryyan@example.com");
    case "sweep":
      story.hint({ kind: "repository", repository: vault });
      return;
    case "sub-issue":
      github.as("alice").addSubIssue(outside, issue, vault);
      return;
    case "policy":
      zora.push("Canary", { ".github/sevgate.yml": secretPolicy(pick(SECRET_POLICIES, m)) });
      return;
    case "closing-pull":
      zora.openPullRequest({ title: "Canary pull", body: `Fixes acme/ops#${outside}` });
      return;
    case "postmortem-outside":
      zora.push("Canary", { ".github/sevgate.yml": secretPolicy("repository") });
      // Whoever asks has the right in the public repository, too.
      github.as("alice", vault).comment(issue, "/postmortem");
  }
}

async function alert(story: Story, place: Repository, name: string, by: string): Promise<void> {
  const now = story.clock.now();
  const at = new Date(now).toISOString();
  for (const event of ["started", "acknowledged"] as const) {
    const moments = { started_at: at, acknowledged_at: event === "started" ? null : at, resolved_at: null };
    const read = normalizeAlert(
      "better-stack",
      betterStackIncident(event, { name, ...moments, acknowledged_by: by }),
      "related",
    );
    if (read.kind !== "changes") throw new Error(read.kind);
    for (const change of read.changes) {
      const id = alertId("better-stack", "prod", change.key);
      const from = { source: "better-stack", endpoint: "prod" } as const;
      await story.alerts.report(place.id, id, now, (known) => mergeChange(known, from, change, now));
      story.hint({ kind: "alert", repository: place, alert: id });
    }
    await story.settle();
  }
}

/** Anybody in the channel may ask; returns what Slack shows to one of them, or nothing. */
async function askSlack(story: Story, { what, n }: Deed): Promise<string> {
  const slack = story.slack!;
  const receive = createReceiveSlack({
    signingSecret: SLACK_SECRET,
    threads: story.threads,
    index: story.index,
    queue: { add: async (keys: readonly Key[]) => story.queue.add(keys) },
    clock: story.clock,
    slack: createSlack({ ...slack, apiUrl: "https://slack.com/api", clock: story.clock }),
    channels: story.channels,
    scheduleOf: createKnownSchedule(),
    isPrivate: async (repository) => {
      const facts = await story.github.read.repository(repository);
      return facts === "missing" || facts.isPrivate;
    },
  });
  const root = slack.roots[n % Math.max(1, slack.roots.length)];
  const pressed = what === "press" && root !== undefined;
  const form = pressed
    ? buttonPress({
        user: "U0ALICE",
        channel: "C0ALERT0001",
        ts: root.ts,
        action: "sevgate:acknowledge",
        value: `${story.repository.id}/1`,
        actionTs: `${n}.1`,
      })
    : { command: "/incident", text: what, channel_id: "C0ALERT0001", channel_name: "alert", trigger_id: "1.2.3" };
  const signed = signedForm(form, story.clock.now());
  const path = pressed ? INTERACTIONS_PATH : COMMANDS_PATH;
  const { body } = await receive({ path, ...signed, body: Buffer.from(signed.body) });
  await story.advance(3_000);
  return `/incident ${what}: ${body}`;
}

async function calendarsOf(story: Story, ops: Repository): Promise<string> {
  const parts = { secret: CALENDAR_SECRET, index: story.index, clock: story.clock, log: pino({ level: "silent" }) };
  const feed = createCalendarFeed({ ...parts, scheduleOf: createKnownSchedule() });
  const subjects = [
    { kind: "role", name: "primary" },
    { kind: "person", name: "alice" },
  ] as const;
  const told = await Promise.all(
    subjects.map((subject) =>
      feed.at(calendarPath(CALENDAR_SECRET, { repository: String(ops.id), subject }), undefined),
    ),
  );
  return JSON.stringify(told.map((answer) => answer?.body));
}

/** What a person could compare: without the numbers that GitHub and Slack increase for everybody. */
export function comparable(shown: readonly string[]): readonly string[] {
  return shown.map((text) =>
    text
      .replace(/\b[0-9a-f]{40}\b/g, "SHA")
      .replace(/acme\/vault#\d+/g, "acme/vault#N")
      .replace(/\d{4,}/g, "N"),
  );
}
