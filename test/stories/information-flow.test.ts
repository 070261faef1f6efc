import { describe, expect, it } from "@jest/globals";
import type { Repository } from "../../src/core/model.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const MINUTE_MS = 60_000;

/** A public repository, acme/ops, and a private one with an incident in it; the same installation sees both. */
async function besideSecret(
  options: { readonly policy?: string; readonly secretPolicy?: string; readonly isPrivate?: boolean } = {},
): Promise<{ story: Story; secret: Repository; incident: number }> {
  const story = await Story.begin(options.policy === undefined ? {} : { policy: options.policy });
  const files = options.secretPolicy === undefined ? {} : { ".github/sevgate.yml": options.secretPolicy };
  const isPrivate = options.isPrivate ?? true;
  const secret = story.github.addRepository({ owner: "acme", name: "secret", isPrivate, files });
  for (const login of ["alice", "bob"]) story.github.setRole(login, "maintain", secret);
  story.hint({ kind: "repository", repository: secret });
  await story.settle();
  const { number } = story.github
    .as("bob", secret)
    .openIssue({ title: "Payroll leaks", body: "Canary.", labels: ["sev:P0"] });
  await story.settle();
  await story.advance(MINUTE_MS);
  story.github.forgetCalls();
  return { story, secret, incident: number };
}

/** Everything that was asked about the private repository. */
function askedOf(story: Story, repository: Repository): readonly string[] {
  const name = `${repository.owner}/${repository.name}`;
  return story.github.calls.filter((call) => call.repository === name).map(({ method }) => method);
}

function checksOf(story: Story, number: number) {
  return story.github.checkRuns(story.github.pullRequest(number).headSha);
}

const COMPLETE = `## What happened

Salaries were readable.

## Why it happened

Layoffs were planned.

## Action items

- [ ] Close it, bob, #99
`;
const IN_SECRET = "version: 1\npost-mortem:\n  repository: acme/secret\n";
const LETS_OPS = "version: 1\nevidence-for: [acme/ops]\n";

/** An incident of the public repository, resolved and waiting for what was learned. */
async function resolved(story: Story): Promise<number> {
  const number = await story.declare();
  await story.say("alice", number, "/ack\n/resolve fixed");
  await story.advance(MINUTE_MS);
  story.github.forgetCalls();
  return number;
}

/** An issue of the private repository. */
async function secretIssue(
  story: Story,
  secret: Repository,
  body: string,
  labels: readonly string[] = ["post-mortem"],
): Promise<number> {
  const { number } = story.github.as("bob", secret).openIssue({ title: "Payroll", body, labels });
  await story.settle();
  return number;
}

/** Everything people see of an incident, including what is in its record. */
function shownOn(story: Story, number: number): string {
  return JSON.stringify([story.ownComments(number), story.record(number)]);
}

describe("A pull request of a public repository that would close a private incident", () => {
  it.each([
    { name: "in its description", open: { title: "Fix", body: "Fixes acme/secret#1" } },
    { name: "in its title", open: { title: "Fixes acme/secret#1" } },
    { name: "in a commit", open: { title: "Fix", commits: ["Closes acme/secret#1"] } },
    { name: "by its address", open: { title: "Fix", body: "Fixes https://github.com/acme/secret/issues/1" } },
  ])("$name, is told the reference and that it was not looked at, and nothing is read for it", async ({ open }) => {
    const { story, secret } = await besideSecret();
    const { number } = story.github.as("rita").openPullRequest(open);
    await story.settle();
    expect(checksOf(story, number)).toMatchObject([{ conclusion: "success", title: "Closes no incident" }]);
    expect(checksOf(story, number)[0]?.summary).toContain("Not looked at from here: `acme/secret#1`.");
    expect(JSON.stringify(checksOf(story, number))).not.toMatch(/Payroll|P0|post-mortem/i);
    expect(askedOf(story, secret)).toEqual([]);
  });

  it("is told the same of an issue that is none, and of a repository that is not there", async () => {
    const { story } = await besideSecret();
    const summaries: (string | null | undefined)[] = [];
    for (const place of ["acme/secret#1", "acme/secret#99", "acme/nosuch#1"]) {
      const { number } = story.github.as("rita").openPullRequest({ title: "Fix", body: `Fixes ${place}` });
      await story.settle();
      summaries.push(checksOf(story, number)[0]?.summary?.replace(place, "it"));
    }
    expect(new Set(summaries).size).toBe(1);
  });

  it("is not touched by what happens in the private repository later", async () => {
    const { story, secret, incident } = await besideSecret();
    const { number } = story.github.as("rita").openPullRequest({ title: "Fix", body: `Fixes acme/secret#${incident}` });
    await story.settle();
    story.github.forgetCalls();
    story.github.as("alice", secret).comment(incident, "/ack");
    story.github.as("alice", secret).comment(incident, "/waive it was nothing at all");
    await story.settle();
    await story.advance(10 * MINUTE_MS);
    expect(story.github.calls.filter(({ repository }) => repository === "acme/ops")).toEqual([]);
    expect(checksOf(story, number)).toHaveLength(1);
  });

  it("does not name one that only its sidebar links", async () => {
    const { story, incident } = await besideSecret();
    const { number } = story.github
      .as("bob")
      .openPullRequest({ title: "Fix", links: [{ repository: "acme/secret", number: incident }] });
    await story.settle();
    expect(checksOf(story, number)[0]?.summary).not.toContain("secret");
  });

  it("shows it no more as soon as a public repository has become private", async () => {
    const { story, secret, incident } = await besideSecret({ isPrivate: false });
    const { number } = story.github.as("rita").openPullRequest({ title: "Fix", body: `Fixes acme/secret#${incident}` });
    await story.settle();
    expect(checksOf(story, number)).toMatchObject([{ title: `Would close acme/secret#${incident} too early` }]);
    story.github.changeVisibility("private", secret);
    await story.settle();
    expect(JSON.stringify(checksOf(story, number).at(-1))).not.toContain("Payroll");
    expect(checksOf(story, number).at(-1)).toMatchObject({ title: "Closes no incident" });
  });

  it("shows it no more of an incident that was closed before its repository became private", async () => {
    const { story, secret, incident } = await besideSecret({ isPrivate: false });
    story.github.as("alice", secret).comment(incident, "/cancel a false alarm, sorry");
    await story.settle();
    const { number } = story.github.as("rita").openPullRequest({ title: "Fix", body: `Fixes acme/secret#${incident}` });
    await story.settle();
    expect(checksOf(story, number)[0]?.summary).toContain("Payroll");
    story.github.changeVisibility("private", secret);
    await story.settle();
    expect(JSON.stringify(checksOf(story, number).at(-1))).not.toContain("Payroll");
  });

  it("shows it no more when no event told that it has become private, and again when it is public again", async () => {
    const { story, secret, incident } = await besideSecret({ isPrivate: false });
    story.github.setRepository({ isPrivate: true }, secret);
    const { number } = story.github.as("rita").openPullRequest({ title: "Fix", body: `Fixes acme/secret#${incident}` });
    await story.settle();
    expect(checksOf(story, number)).toMatchObject([{ title: "Closes no incident" }]);
    story.github.changeVisibility("public", secret);
    await story.settle();
    story.hint({ kind: "pull-request", repository: story.repository, number });
    await story.settle();
    expect(checksOf(story, number).at(-1)).toMatchObject({ title: `Would close acme/secret#${incident} too early` });
  });

  it("is not shown it in another private repository either; what is public is shown in a private one", async () => {
    const { story, secret, incident } = await besideSecret();
    const vault = story.github.addRepository({ owner: "acme", name: "vault", isPrivate: true });
    story.hint({ kind: "repository", repository: vault });
    const open = await story.declare();
    const { headSha } = story.github
      .as("bob", vault)
      .openPullRequest({ title: "Fix", body: `Fixes acme/secret#${incident}, fixes acme/ops#${open}` });
    await story.settle();
    expect(story.github.checkRuns(headSha, vault)).toMatchObject([{ title: `Would close acme/ops#${open} too early` }]);
    expect(JSON.stringify(story.github.checkRuns(headSha, vault))).not.toContain("Payroll");
    expect(askedOf(story, secret)).toEqual([]);
  });
});

describe("A post-mortem in a private repository", () => {
  it("that does not let the incident's use it is not looked at: the verdict is unknown and names the line to add", async () => {
    const { story, secret } = await besideSecret({ policy: IN_SECRET });
    const number = await secretIssue(story, secret, COMPLETE);
    const issue = await resolved(story);
    await story.say("alice", issue, `/postmortem acme/secret#${number}`);
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.status(issue)).toContain("could not be judged yet");
    expect(story.status(issue)).toContain(
      "install the app in `acme/secret` and, if that is private, write the line `evidence-for: [acme/ops]` into its `.github/sevgate.yml`",
    );
    expect(askedOf(story, secret).filter((method) => method !== "repository")).toEqual([]);
    expect(shownOn(story, issue)).not.toMatch(/Payroll|Salaries|Layoffs/);
  });

  it("is told apart neither from one that is not there nor from a repository without the app", async () => {
    const told = new Set<string>();
    for (const name of ["acme/secret#2", "acme/secret#77", "acme/nosuch#2"]) {
      const place = name.split("#")[0]!;
      const { story, secret } = await besideSecret({ policy: IN_SECRET.replace("acme/secret", place) });
      await secretIssue(story, secret, COMPLETE);
      const issue = await resolved(story);
      story.github.as("alice").edit(issue, { body: `Post-mortem: ${name}` });
      await story.settle();
      const line = story
        .status(issue)
        .split("\n")
        .find((one) => one.includes("**Post-mortem**"));
      told.add(line!.replaceAll(name, "it").replaceAll(place, "there"));
    }
    expect(told.size).toBe(1);
  });

  it("counts as soon as the private repository lets it, and only whether it is complete is shown", async () => {
    const { story, secret } = await besideSecret({ policy: IN_SECRET });
    const number = await secretIssue(story, secret, COMPLETE.replace("Salaries were readable.", ""));
    const issue = await resolved(story);
    await story.say("alice", issue, `/postmortem acme/secret#${number}`);
    story.github.as("alice", secret).push("Let ops in", { ".github/sevgate.yml": LETS_OPS });
    await story.settle();
    expect(story.status(issue)).toContain(`**Post-mortem** acme/secret#${number}: it is not complete.`);
    expect(shownOn(story, issue)).not.toMatch(/Payroll|Salaries|Layoffs|fill in|What happened”/);
    story.github.as("bob", secret).edit(number, { body: COMPLETE });
    await story.settle();
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.status(issue)).toContain(`**Post-mortem** acme/secret#${number} is complete.`);
    expect(shownOn(story, issue)).not.toMatch(/Payroll|Salaries|Layoffs/);
  });

  it("is judged by the private repository's policy: what the public one asks for is no question about it", async () => {
    const asks = `${IN_SECRET}  required-sections: [Layoffs in March]\n  action-items: 7\n  label: payroll\n`;
    const { story, secret } = await besideSecret({ policy: asks, secretPolicy: LETS_OPS });
    const number = await secretIssue(story, secret, COMPLETE);
    const issue = await resolved(story);
    await story.say("alice", issue, `/postmortem acme/secret#${number}`);
    expect(story.status(issue)).toContain(`acme/secret#${number} is complete.`);
    expect(story.github.issue(issue).state).toBe("closed");
  });

  it("that is not complete is told apart neither from one that is not there nor from one without the label", async () => {
    const { story, secret } = await besideSecret({ policy: IN_SECRET, secretPolicy: LETS_OPS });
    const empty = await secretIssue(story, secret, "Nothing yet.");
    const bare = await secretIssue(story, secret, COMPLETE, []);
    const issue = await resolved(story);
    const told = new Set<string>();
    for (const number of [empty, bare, 77]) {
      story.github.as("alice").edit(issue, { body: `Post-mortem: acme/secret#${number}` });
      await story.settle();
      const line = story
        .status(issue)
        .split("\n")
        .find((one) => one.includes("**Post-mortem**"));
      told.add(line!.replace(String(number), "n"));
    }
    expect([...told]).toEqual([
      "- ❌ **Post-mortem** acme/secret#n: it is not complete. What it lacks is not shown here: the policy of `acme/secret` says what it needs.",
    ]);
  });

  it("tells no number of its action items where the policy wants them filed", async () => {
    const wants = `${IN_SECRET}severities: { P0: { label: "sev:P0", close-requires: { all-of: [post-mortem, action-items-filed] } } }\n`;
    const { story, secret } = await besideSecret({ policy: wants, secretPolicy: LETS_OPS });
    const number = await secretIssue(story, secret, COMPLETE.replace(", #99", ""));
    const issue = await resolved(story);
    await story.say("alice", issue, `/postmortem acme/secret#${number}`);
    expect(story.status(issue)).toContain("❌ The post-mortem is not complete.");
    expect(story.status(issue)).toContain(`❌ **Post-mortem** acme/secret#${number}: it is not complete.`);
    story.github.as("bob", secret).edit(number, { body: COMPLETE });
    await story.settle();
    expect(story.github.issue(issue).state).toBe("closed");
  });

  it("is not let by the owner's policy: only by the repository's own", async () => {
    const { story, secret } = await besideSecret({ policy: IN_SECRET });
    story.github.addRepository({ owner: "acme", name: ".github", files: { ".github/sevgate.yml": LETS_OPS } });
    const number = await secretIssue(story, secret, COMPLETE);
    const issue = await resolved(story);
    await story.advance(60 * MINUTE_MS);
    await story.say("alice", issue, `/postmortem acme/secret#${number}`);
    expect(story.status(issue)).toContain("could not be judged yet");
  });

  it("is not looked at when the policy wants none there, and leaves no gate unsure", async () => {
    const { story, secret } = await besideSecret({ secretPolicy: LETS_OPS });
    const number = await secretIssue(story, secret, COMPLETE);
    const issue = await resolved(story);
    story.github.as("alice").edit(issue, { body: `Post-mortem: acme/secret#${number}` });
    await story.settle();
    expect(story.status(issue)).toContain(
      `**Post-mortem** acme/secret#${number}: the policy wants it in \`acme/ops\`.`,
    );
    expect(askedOf(story, secret)).toEqual([]);
    story.github.as("bob").close(issue);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
  });

  it("that names the public incident itself, or is a sub-issue of it, is not named there", async () => {
    const { story, secret } = await besideSecret({ policy: IN_SECRET });
    const issue = await resolved(story);
    const number = await secretIssue(story, secret, `Incident: acme/ops#${issue}\n\n${COMPLETE}`);
    story.github.as("bob").addSubIssue(issue, number, secret);
    await story.settle();
    await story.look(issue);
    expect(shownOn(story, issue)).not.toContain(`secret#${number}`);
    expect(story.status(issue)).toContain("none is linked");
  });

  it("is made there by the rights of whoever asks, from the private template, and only the reference comes back", async () => {
    const { story, secret } = await besideSecret({ policy: IN_SECRET });
    story.github.setFile(
      ".github/sevgate/templates/post-mortem.md",
      "Incident: {{ incident }}\n\n## Layoffs\n",
      secret,
    );
    story.github.as("alice", secret).push("Template", { ".github/sevgate.yml": LETS_OPS });
    await story.settle();
    const issue = await resolved(story);
    await story.say("alice", issue, "/postmortem");
    const number = story.github.numbers(secret).at(-1)!;
    expect(story.github.issue(number, secret).body).toContain("## Layoffs");
    expect(story.github.issue(number, secret).body).toContain(`Incident: acme/ops#${issue}`);
    expect(story.status(issue)).toContain(`acme/secret#${number}`);
    expect(shownOn(story, issue)).not.toContain("Layoffs");
    // Not created again if the answer got lost, and refused in the same words where the app is not installed.
    await story.say("rita", issue, "/postmortem");
    expect(story.github.numbers(secret).at(-1)).toBe(number);
  });
});

describe("A post-mortem that a private repository wants in a public one", () => {
  it("quotes nothing of the incident: the reference is all that goes there", async () => {
    const { story, secret, incident } = await besideSecret({
      secretPolicy: "version: 1\npost-mortem: { repository: acme/ops, label: payroll }\n",
    });
    story.github.setFile(".github/sevgate/templates/post-mortem.md", "## Layoffs\n{{ timeline }}\n", secret);
    story.github.as("alice", secret).comment(incident, "/ack");
    story.github.as("alice", secret).comment(incident, "/status Salaries are readable");
    story.github.as("alice", secret).comment(incident, "/postmortem");
    await story.settle();
    const made = story.github.issue(story.github.numbers().at(-1)!);
    expect(made.title).toBe(`Post-mortem: acme/secret#${incident}`);
    expect(made.body).toContain(`Incident: acme/secret#${incident}`);
    expect(made.body).toContain("## What happened");
    expect(JSON.stringify(made)).not.toMatch(/Payroll|Salaries|Layoffs|payroll|P0|alice|bob/);
  });

  it("does not say either that the incident is a drill", async () => {
    const { story, secret, incident } = await besideSecret({
      secretPolicy: "version: 1\npost-mortem: { repository: acme/ops }\n",
    });
    story.github.as("alice", secret).comment(incident, "/drill");
    story.github.as("alice", secret).comment(incident, "/postmortem");
    await story.settle();
    expect(story.github.issue(incident, secret).labels).toContain("drill");
    const made = story.github.issue(story.github.numbers().at(-1)!);
    expect(made.title).toBe(`Post-mortem: acme/secret#${incident}`);
    expect(JSON.stringify(made)).not.toMatch(/drill/i);
  });
});

describe("Public issues that name a private incident", () => {
  it("cost it nothing: its timeline stays as it is, nothing is looked at, and its own /postmortem works", async () => {
    const { story, secret, incident } = await besideSecret();
    const before = story.github.comments(incident, secret).map(({ body }) => body);
    for (let at = 0; at < 10; at += 1) {
      story.github.as("rita").openIssue({
        title: "Mine",
        body: `Incident: acme/secret#${incident}\n\n${COMPLETE}`,
        labels: ["post-mortem"],
      });
    }
    await story.settle();
    expect(askedOf(story, secret)).toEqual([]);
    story.hint({ kind: "repository", repository: story.repository });
    story.hint({ kind: "incident", repository: secret, number: incident });
    await story.settle();
    expect(story.github.comments(incident, secret).map(({ body }) => body)).toEqual(before);
    story.github.as("alice", secret).comment(incident, "/postmortem");
    await story.settle();
    expect(story.github.numbers(secret)).toHaveLength(2);
  });

  it("count where its policy wants its post-mortems there", async () => {
    const { story, secret, incident } = await besideSecret({
      secretPolicy: "version: 1\npost-mortem: { repository: acme/ops }\n",
    });
    story.github.as("alice", secret).comment(incident, "/ack\n/resolve fixed");
    await story.settle();
    story.github.as("bob").openIssue({
      title: "LearnedInLook",
      body: `Incident: acme/secret#${incident}\n\n${COMPLETE}`,
      labels: ["post-mortem"],
    });
    await story.settle();
    expect(story.github.issue(incident, secret).state).toBe("closed");
  });
});

describe("A post-mortem that was transferred", () => {
  const ATTIC = "version: 1\npost-mortem:\n  repository: acme/attic\n";

  async function closedBy(options: { readonly isPrivate?: boolean } = {}) {
    const story = await Story.begin();
    const attic = story.github.addRepository({ owner: "acme", name: "attic", isPrivate: options.isPrivate ?? false });
    story.hint({ kind: "repository", repository: attic });
    const issue = await resolved(story);
    const { number } = story.github
      .as("bob")
      .openIssue({ title: "LearnedInLook", body: COMPLETE, labels: ["post-mortem"] });
    // What changes in the second of the closing may have changed after it.
    await story.advance(MINUTE_MS);
    await story.say("alice", issue, `/postmortem #${number}`);
    expect(story.github.issue(issue).state).toBe("closed");
    await story.advance(60 * MINUTE_MS);
    return { story, attic, issue, number };
  }

  it("is followed where the policy allows the place, and a closed incident stays closed", async () => {
    const { story, attic, issue, number } = await closedBy();
    story.github.as("alice").push("Move", { ".github/sevgate.yml": ATTIC });
    await story.settle();
    const moved = story.github.as("bob").transfer(number, attic);
    await story.settle();
    await story.look(issue);
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.status(issue)).toContain(`#${number}, now [acme/attic#${moved.number}]`);
  });

  it("elsewhere is said to be moved, and a closed incident stays closed", async () => {
    const { story, attic, issue, number } = await closedBy();
    const moved = story.github.as("bob").transfer(number, attic);
    await story.settle();
    await story.look(issue);
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.status(issue)).toContain(`it was moved to acme/attic#${moved.number}, and the policy wants it in`);
  });

  it("into a private repository is not said to be there", async () => {
    const { story, attic, issue, number } = await closedBy({ isPrivate: true });
    story.github.as("bob").transfer(number, attic);
    await story.settle();
    await story.look(issue);
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.status(issue)).toContain("it was moved to another repository");
    expect(shownOn(story, issue)).not.toContain("attic");
  });

  it("does not open a new gate: closed without another one, the incident is opened again", async () => {
    const { story, attic, issue, number } = await closedBy();
    story.github.as("bob").transfer(number, attic);
    story.github.as("bob").reopen(issue);
    await story.settle();
    story.github.as("bob").close(issue);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
  });
});
