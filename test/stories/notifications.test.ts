import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { normalizeAlert } from "../../src/core/alerts/normalize-alert.ts";
import { reportChange } from "../../src/store/report-change.ts";
import { betterStackIncident } from "../../testkit/alert-payloads.ts";
import { arrivals, type Notification, Notifications } from "../../testkit/notifications.ts";
import { Story } from "../support/story.ts";

const POLICY = `version: 1
severities:
  P0:
    label: sev:P0
    acknowledge-within: 15m
    update-every: 1h
    post-mortem-within: 3d
    close-requires: { any-of: [post-mortem, runbook-pr] }
    regressions: revert
slack:
  channel: "#alert"
alerts:
  endpoints:
    prod: { severity: P0 }
`;
const ON_CALL = `version: 1
zone: Etc/UTC
people:
  alice: { slack: U0ALICE001 }
  bob: {}
rotations:
  week: { start: 2026-01-05, handoff: "09:00", shift: 1w, members: [alice] }
  backup: { start: 2026-01-05, handoff: "09:00", shift: 1w, members: [bob] }
roles:
  primary: { layers: [week] }
  secondary: { layers: [backup] }
escalation:
  P0: { steps: [{ after: 0m, notify: [primary] }, { after: 15m, notify: [secondary] }] }
`;
const WATCHER = "walter";

/**
 * The people of the story, and the most that Sevgate itself may add to what they hear from each other: arrivals in the
 * inbox, and e-mails.
 */
const PEOPLE = [
  { login: "alice", who: "is paged, acknowledges and resolves it", most: 6, mails: 6 },
  // A reopening and its reason are two e-mails.
  { login: "mallory", who: "a stranger, comments `/resolve`", most: 2, mails: 3 },
  { login: "wendy", who: "asks for the revert, merges it and the fix", most: 4, mails: 4 },
  { login: "bob", who: "closes it too early, fills in the post-mortem", most: 4, mails: 4 },
  { login: WATCHER, who: "watches the whole repository", most: 9, mails: 9 },
] as const;

/** The story of `npm run demo` (demo/play-incident.ts), people a minute apart. */
async function play(): Promise<{ readonly story: Story; readonly heard: Notifications; readonly incident: number }> {
  const story = await Story.begin({ policy: POLICY, slack: true });
  const { github, repository } = story;
  github.setRole("wendy", "write");
  for (const login of ["mallory", WATCHER]) github.as(login);
  github.as("alice").push("Say who is on call", { ".github/sevgate/on-call.yml": ON_CALL });
  github.mark({ released: "v1.4.2" });
  const cause = github
    .as("wendy")
    .openPullRequest({ title: "Give each invoice a connection of its own", body: "", files: { "worker.txt": "all" } });
  github.as("wendy").merge(cause.number);
  await story.settle();
  await story.advance(60_000);

  const heard = new Notifications([WATCHER]);
  github.onEvent((event) => heard.hear(event, story.clock.now()));
  const next = () => story.advance(60_000);

  const attributes = { name: "Checkout is down", started_at: new Date(story.clock.now()).toISOString() };
  const read = normalizeAlert("better-stack", betterStackIncident("started", attributes, "1", "4"), "related");
  if (read.kind !== "changes") throw new Error(read.kind);
  for (const change of read.changes) {
    const from = { source: "better-stack", name: "prod" } as const;
    const { ids } = await reportChange(story.alerts, repository, from, change, story.clock.now());
    for (const alert of ids) story.hint({ kind: "alert", repository, alert });
  }
  await story.settle();
  const incident = Math.max(...github.numbers());
  await next();
  await story.say("mallory", incident, "/resolve");
  await next();
  await story.threads.addRequest({
    id: "T1:1",
    repositoryId: repository.id,
    number: incident,
    at: story.clock.now(),
    body: JSON.stringify({ kind: "acknowledge", user: "U0ALICE001", channel: "C0ALERT0001" }),
  });
  await story.look(incident);
  await next();
  await story.say("alice", incident, "/status the invoice worker holds all connections of the database");
  await next();
  await story.say("wendy", incident, `/revert #${cause.number} it uses up all connections`);
  const revert = Math.max(...github.numbers());
  await next();
  github.as("wendy").merge(revert);
  await next();
  github.as("bob").close(incident);
  await next();
  const fix = github
    .as("wendy")
    .openPullRequest({ title: "Pool of connections", body: `Fixes #${incident}`, files: { "pool.txt": "5" } });
  await next();
  await story.say("alice", incident, "/postmortem");
  const postMortem = Math.max(...github.numbers());
  await next();
  await story.fillPostMortem(postMortem);
  await next();
  await story.say("alice", incident, "/resolve payments are back to normal");
  await next();
  github.as("wendy").merge(fix.number);
  await next();
  return { story, heard, incident };
}

const bySevgate = (notifications: readonly Notification[]) => notifications.filter(({ by }) => by.endsWith("[bot]"));

//
describe("Notifications in the demo's story, by GitHub's rules", () => {
  let played: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => {
    played = await play();
  });

  it("come to an incident that is acknowledged by the person on call, and closed", () => {
    const { story, incident } = played;
    expect(story.github.issue(incident)).toMatchObject({ state: "closed", assignees: ["alice"] });
    expect(story.history(incident)).toMatchObject({ responder: "alice" });
  });

  it.each(PEOPLE)("of Sevgate reach $login ($who) at most $most times, by $mails e-mails", ({ login, most, mails }) => {
    const own = bySevgate(played.heard.of(login));
    expect(arrivals(own)).toBeLessThanOrEqual(most);
    expect(own.length).toBeLessThanOrEqual(mails);
  });

  it("tell whoever asked for the revert that it is there", () => {
    const opened = played.heard.of("wendy").filter(({ what }) => what === "opened");
    expect(opened.map(({ text }) => text)).toEqual([expect.stringContaining("Asked for by @wendy")]);
  });

  it("wake the person on call once: the page, and no assignment beside it", () => {
    const all = played.heard.of("alice");
    const page = all.find(({ text }) => text.includes("📟 @alice"));
    const together = all.filter(({ at }) => at <= page!.at + 30_000);
    expect(together.map(({ what }) => what)).not.toContain("assigned");
    expect(arrivals(together)).toBe(1);
  });

  it("are counted in docs/notifications.md", () => {
    const rows = PEOPLE.map(({ login, who }) => {
      const all = played.heard.of(login);
      const own = bySevgate(all);
      return `| ${login}, ${who} | ${arrivals(own)} | ${own.length} | ${all.length} |`;
    });
    const page = readFileSync("docs/notifications.md", "utf8");
    expect(page.match(/^\| (?:alice|mallory|wendy|bob|walter), .*$/gm)).toEqual(rows);
  });
});
