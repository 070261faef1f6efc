import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { TerminalError } from "../../src/base/errors.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ALWAYS = Number.POSITIVE_INFINITY;
const POLICY = ".github/sevgate.yml";

async function incident(options: { readonly policy?: string } = {}): Promise<{ story: Story; issue: number }> {
  const story = await Story.begin(options);
  const issue = await story.declare();
  await story.say("alice", issue, "/ack");
  await story.advance(MINUTE_MS);
  return { story, issue };
}

describe("what does not concern incidents costs not one request", () => {
  it.each<{ name: string; act: (story: Story, number: number) => void }>([
    {
      name: "an issue opened",
      act: (story) => story.github.as("rita").openIssue({ title: "A question", body: "#1?" }),
    },
    { name: "a comment", act: (story, number) => story.github.as("rita").comment(number, "/ack please") },
    { name: "another label", act: (story, number) => story.github.as("bob").label(number, "bug") },
    { name: "an edit", act: (story, number) => story.github.as("rita").edit(number, { body: "Incident: none" }) },
    {
      name: "a close and a reopening",
      act: (story, number) => [story.github.as("bob").close(number), story.github.as("bob").reopen(number)],
    },
    { name: "a lock", act: (story, number) => story.github.as("bob").lock(number) },
    { name: "an assignment", act: (story, number) => story.github.as("bob").assign(number, "bob") },
    { name: "a push to the code", act: (story) => story.github.as("bob").push("Code", { "src/a.ts": "1" }) },
    { name: "a comment on a pull request", act: (story) => story.github.as("bob").comment(2, "/retest, please") },
    { name: "a label on a pull request", act: (story) => story.github.as("bob").label(2, "sev:P0") },
  ])("$name", async ({ act }) => {
    const story = await Story.begin();
    const { number } = story.github.as("rita").openIssue({ title: "A question" });
    story.github.as("bob").openPullRequest({ title: "A change" });
    await story.settle();
    story.github.forgetCalls();
    act(story, number);
    await story.settle();
    expect(story.github.calls).toEqual([]);
  });
});

describe("a hint that changes nothing costs at most three reads and no write", () => {
  it.each<{ name: string; prepare: (story: Story, issue: number) => Promise<unknown> }>([
    { name: "declared", prepare: async () => {} },
    { name: "with talk and commands", prepare: (story, issue) => story.say("bob", issue, "/note one\n/status two") },
    { name: "with an empty post-mortem", prepare: (story, issue) => story.say("bob", issue, "/postmortem") },
    { name: "resolved, waiting", prepare: (story, issue) => story.say("bob", issue, "/postmortem\n/resolve") },
    { name: "cancelled", prepare: (story, issue) => story.say("bob", issue, "/cancel it was the monitor") },
    { name: "refused", prepare: (story, issue) => story.say("rita", issue, "/resolve") },
  ])("$name", async ({ prepare }) => {
    const { story, issue } = await incident();
    await prepare(story, issue);
    await story.advance(5 * SECOND_MS);
    story.github.forgetCalls();
    await story.look(issue);
    expect(story.github.writes).toEqual([]);
    expect(story.github.reads.length).toBeLessThanOrEqual(3);
  });

  it("what Sevgate itself did causes no further pass", async () => {
    const story = await Story.begin();
    const before = story.passes;
    await story.declare();
    expect(story.passes - before).toBe(1);
  });
});

describe("a policy that cannot be used", () => {
  const BROKEN = "version: 1\nclosing:\n  grace: soon\n";

  it("broken on the default branch: the last good one stays in force, and the status comment says so until it is fixed", async () => {
    const { story, issue } = await incident({ policy: "version: 1\nclosing:\n  not-planned: gated\n" });
    story.github.as("alice").push("Oops", { [POLICY]: BROKEN });
    await story.settle();
    await story.look(issue);
    expect(story.status(issue)).toContain("`.github/sevgate.yml` on the default branch cannot be used.");
    expect(story.status(issue)).toContain("`.github/sevgate.yml:3:10`");
    expect(story.status(issue).match(/cannot be used/g)).toHaveLength(1);
    expect(story.replies(issue)).toEqual([]);

    story.github.as("bob").close(issue, "not_planned");
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");

    story.github.as("alice").push("Mended", { [POLICY]: "version: 1\n" });
    await story.settle();
    await story.look(issue);
    expect(story.status(issue)).not.toContain("cannot be used");
  });

  it("broken from the beginning: the built-in one holds, with the gate on", async () => {
    const { story, issue } = await incident({ policy: BROKEN });
    expect(story.status(issue)).toContain("cannot be used");
    story.github.as("bob").close(issue);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
  });

  it.each([
    { name: "64 KiB of it", text: `version: 1\n# ${"x".repeat(70_000)}` },
    { name: "aliases", text: "version: 1\nroles: &a [lead]\nx: *a\n" },
    { name: "not YAML", text: "version: [1\n  :::" },
    { name: "nothing in it", text: "" },
    { name: "a key nobody knows", text: "version: 1\nseverites: {}\n" },
  ])("$name: nothing breaks, and the gate stays on", async ({ text }) => {
    const { story, issue } = await incident();
    story.github.as("alice").push("Policy", { [POLICY]: text });
    await story.settle();
    await story.look(issue);
    story.github.as("bob").close(issue);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
  });

  it("not reachable when it has to be read again: the last one stays in force, which is said, and then no longer", async () => {
    const { story, issue } = await incident({ policy: "version: 1\nclosing:\n  not-planned: gated\n" });
    story.github.faults.fail({ method: "file", times: ALWAYS });
    story.clock.advance(2 * HOUR_MS);
    story.github.as("bob").close(issue, "not_planned");
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.status(issue)).toContain("The policy could not be read just now");

    story.github.faults.clear();
    await story.look(issue);
    expect(story.status(issue)).not.toContain("could not be read");
  });

  it("not reachable when the incident is closed: nothing of it stays in the status comment, which nobody reads again", async () => {
    const { story, issue } = await incident({
      policy: "version: 1\nseverities:\n  P0:\n    label: sev:P0\n    close-requires: []\n",
    });
    story.github.faults.fail({ method: "file", times: ALWAYS });
    story.clock.advance(2 * HOUR_MS);
    await story.say("bob", issue, "/note a look");
    expect(story.status(issue)).toContain("could not be read just now");
    story.github.as("bob").close(issue);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.status(issue)).not.toContain("could not be read");
  });

  it("not reachable and never read before: no verdict is guessed, nothing is written, until it is", async () => {
    const story = await Story.begin();
    const other = story.github.addRepository({ owner: "acme", name: "shop" });
    story.github.faults.fail({ method: "file", times: ALWAYS });
    const { number } = story.github.as("bob", other).openIssue({ title: "Down", labels: ["sev:P0"] });
    await story.settle();
    expect(story.github.writes).toEqual([]);
    story.github.faults.clear();
    await story.advance(MINUTE_MS);
    expect(story.github.comments(number, other)).toHaveLength(1);
  });

  it("without a severity for a while: what got its label meanwhile is an incident once the severity is back", async () => {
    const story = await Story.begin();
    story.github.as("alice").push("Fewer", { [POLICY]: "version: 1\nseverities:\n  P0:\n    label: sev:P0\n" });
    await story.settle();
    await story.advance(HOUR_MS);
    const { number } = story.github.as("bob").openIssue({ title: "Slow", body: "Words.", labels: ["sev:P2"] });
    await story.settle();
    expect(story.ownComments(number)).toEqual([]);
    await story.advance(HOUR_MS);
    // A sweep.
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    await story.advance(MINUTE_MS);
    story.github.as("alice").push("All of them again", { [POLICY]: "version: 1\n" });
    await story.settle();
    expect(story.status(number)).toContain("P2");
  });

  it("removed: the built-in one holds", async () => {
    const { story, issue } = await incident({ policy: "version: 1\nseverities:\n  P0:\n    close-requires: []\n" });
    story.github.as("alice").push("Remove", { [POLICY]: null });
    await story.settle();
    story.github.as("bob").close(issue);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
  });

  it("that no longer knows the severity of an open incident: the strictest gate holds, and /severity mends it", async () => {
    const { story, issue } = await incident();
    story.github
      .as("alice")
      .push("Rename", { [POLICY]: "version: 1\nseverities:\n  high: {}\n  low: { close-requires: [] }\n" });
    await story.settle();
    await story.look(issue);
    story.github.as("bob").close(issue);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
    await story.say("alice", issue, "/severity low");
    expect(story.history(issue).severity).toBe("low");
    expect(story.github.issue(issue).labels).toContain("sev:low");
    await story.advance(5 * SECOND_MS);
    expect(story.replies(issue)).toEqual([expect.stringContaining("**Reopened")]);
  });

  it("of the owner's .github repository is used where the repository has none", async () => {
    const story = await Story.begin();
    story.github.addRepository({
      owner: "acme",
      name: ".github",
      files: { [POLICY]: "version: 1\nseverities:\n  P0:\n    close-requires: []\n" },
    });
    const shop = story.github.addRepository({ owner: "acme", name: "shop" });
    story.github.setRole("bob", "triage", shop);
    story.hint({ kind: "repository", repository: shop });
    await story.settle();
    const { number } = story.github.as("bob", shop).openIssue({ title: "Down", labels: ["sev:P0"] });
    await story.settle();
    story.github.as("bob", shop).close(number);
    await story.settle();
    expect(story.github.issue(number, shop).state).toBe("closed");
  });
});

describe("a file under a name that nobody reads", () => {
  it.each([
    [".github/sevgate.yaml", ".github/sevgate.yml"],
    [".github/sevgate/policy.yml", ".github/sevgate.yml"],
    [".github/sevgate/oncall.yaml", ".github/sevgate/on-call.yml"],
    [".github/sevgate/templates/postmortem.md", ".github/sevgate/templates/post-mortem.md"],
  ])("%s: the status comment says to rename it to %s, until it is", async (path, meant) => {
    const story = await Story.begin();
    story.github.as("alice").push("Settings", { [path]: "version: 1\n" });
    await story.settle();
    await story.advance(MINUTE_MS);
    const issue = await story.declare();
    const notice = `\`${path}\` on the default branch is not read: rename it to \`${meant}\`.`;
    expect(story.status(issue)).toContain(notice);

    story.github.as("alice").push("Rename", { [path]: null });
    await story.settle();
    await story.say("alice", issue, "/ack");
    expect(story.status(issue)).not.toContain("is not read");
  });
});

describe("the templates, copied as they are", () => {
  const copied = (folder: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(new URL(`../../templates/github/${folder}`, import.meta.url), { withFileTypes: true }).flatMap(
        (entry): [string, string][] =>
          entry.isDirectory()
            ? Object.entries(copied(`${folder}${entry.name}/`))
            : [
                [
                  `.github/${folder}${entry.name}`,
                  readFileSync(new URL(`../../templates/github/${folder}${entry.name}`, import.meta.url), "utf8"),
                ],
              ],
      ),
    );

  it("page nobody and name nobody: placeholders are refused, at their place", async () => {
    const story = await Story.begin();
    const files = copied("");
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining([
        ".github/sevgate.yml",
        ".github/sevgate/on-call.yml",
        ".github/ISSUE_TEMPLATE/post-mortem.md",
      ]),
    );
    story.github.as("alice").push("All templates", files);
    await story.settle();
    await story.advance(MINUTE_MS);
    const issue = await story.declare();
    expect(story.status(issue)).toContain("`.github/sevgate/on-call.yml:7:3`");
    expect(story.status(issue)).toContain("is a placeholder of the template: put a GitHub login in its place");
    await story.advance(2 * 3_600_000);
    expect(story.github.issue(issue).assignees).toEqual([]);
    const comments = story.github.comments(issue).map(({ body }) => body);
    expect(comments.join("\n")).not.toMatch(/(?:^|[^\w`])@\w/);
  });
});

describe("a template that cannot be used", () => {
  it.each([
    { name: "does not parse", text: "{% for %}" },
    { name: "asks for what is not there", text: "{{ facts | nonsense }}" },
    { name: "never ends", text: "{% for i in (1..100000000) %}{{ i }}{% endfor %}" },
    { name: "includes files", text: "{% render '../../etc/passwd' %}" },
  ])("$name: the built-in one takes its place, and the status comment says why", async ({ text }) => {
    const story = await Story.begin();
    story.github.as("alice").push("Template", { ".github/sevgate/templates/status.md": text });
    await story.settle();
    await story.advance(MINUTE_MS);
    const issue = await story.declare();
    expect(story.status(issue)).toContain("#### First steps");
    expect(story.status(issue)).toMatch(
      /`\.github\/sevgate\/templates\/status\.md` on the default branch cannot be used: it .{10,400}\. The built-in template is used until it is fixed\./,
    );
  });

  it("of the repository's own is used where it can be", async () => {
    const story = await Story.begin();
    story.github
      .as("alice")
      .push("Template", { ".github/sevgate/templates/status.md": "**{{ severity }}** {{ phase }}" });
    await story.settle();
    await story.advance(MINUTE_MS);
    const issue = await story.declare();
    expect(story.status(issue)).toMatch(/^<!-- sevgate:status -->\n\*\*P0\*\* nobody has acknowledged it/);
    await story.say("alice", issue, "/ack");
    expect(story.history(issue).responder).toBe("alice");
  });
});

describe("an issue that GitHub does not show yet", () => {
  //
  it("though its webhook has come, is an incident by the next sweep at the latest", async () => {
    const story = await Story.begin();
    const before = story.github.save();
    const { number } = story.github.as("bob").openIssue({ title: "Down", body: "", labels: ["sev:P0"] });
    const after = story.github.save();
    // A lagging replica answers.
    story.github.load(before);
    await story.advance(10_000);
    story.github.load(after);
    expect(story.ownComments(number)).toEqual([]);
    await story.advance(5 * MINUTE_MS);
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    expect(story.history(number)).toMatchObject({ severity: "P0", phase: "declared" });
  });
});

// A lagging replica answers 404 for one to three seconds.
describe("what has just been made, and GitHub does not show for a few seconds", () => {
  /** Everything that `method` can find now is answered "missing", until the returned function is called. */
  function hides(story: Story, method: "issue" | "pullRequest"): () => void {
    const read = story.github.read[method];
    Object.assign(story.github.read, { [method]: async () => "missing" });
    return () => Object.assign(story.github.read, { [method]: read });
  }

  it("an issue: is an incident as soon as it is shown", async () => {
    const story = await Story.begin();
    const show = hides(story, "issue");
    const { number } = story.github.as("bob").openIssue({ title: "Down", body: "", labels: ["sev:P0"] });
    await story.settle();
    show();
    await story.advance(3_000);
    expect(story.history(number)).toMatchObject({ severity: "P0", phase: "declared" });
  });

  it("a pull request: has its check as soon as it is shown", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    const show = hides(story, "pullRequest");
    story.github.as("bob").openPullRequest({ title: "A fix", body: `Fixes #${issue}` });
    await story.settle();
    show();
    await story.advance(3_000);
    expect(story.github.calls.filter(({ method }) => method === "createCheckRun")).not.toEqual([]);
  });

  it("the incident itself: keeps its thread and its record", async () => {
    const { story, issue } = await incident();
    await story.say("alice", issue, "/note before");
    const show = hides(story, "issue");
    await story.look(issue);
    show();
    await story.advance(3_000);
    expect(await story.index.incident(story.repository.id, issue)).not.toBe(null);
    expect(story.status(issue)).not.toContain("rebuilt: ");
  });

  it("is asked for twice and no more: then it is gone", async () => {
    const { story, issue } = await incident();
    hides(story, "issue");
    story.github.forgetCalls();
    let asked = 0;
    Object.assign(story.github.read, {
      issue: async () => {
        asked += 1;
        return "missing";
      },
    });
    await story.look(issue);
    await story.advance(DAY_MS);
    expect(asked).toBe(2);
    expect(await story.index.incident(story.repository.id, issue)).toBe(null);
  });

  it("what a command names: is linked, and nobody is told that it cannot be found", async () => {
    const { story, issue } = await incident();
    const read = story.github.read.issue;
    const { number } = story.github.as("bob").openIssue({ title: "What we learned", labels: ["post-mortem"] });
    await story.settle();
    Object.assign(story.github.read, {
      issue: async (...given: Parameters<typeof read>) => (given[1] === number ? "missing" : read(...given)),
    });
    await story.say("alice", issue, `/postmortem #${number}`);
    Object.assign(story.github.read, { issue: read });
    await story.advance(5_000);
    expect(story.history(issue).links).toMatchObject([{ target: { number } }]);
    expect(story.replies(issue)).toEqual([]);
  });
});

// The same when somebody names the evidence and closes in one breath.
describe("an incident that is closed while its evidence is not shown yet", () => {
  it("is not opened again, and nothing is said", async () => {
    const { story, issue } = await incident();
    const read = story.github.read.issue;
    const body =
      "## What happened\n\nIt broke.\n\n## Why it happened\n\nBy chance.\n\n## Action items\n\n- [ ] Mend it, bob, #99\n";
    const { number } = story.github.as("bob").openIssue({ title: "What we learned", body, labels: ["post-mortem"] });
    await story.settle();
    Object.assign(story.github.read, {
      issue: async (...given: Parameters<typeof read>) => (given[1] === number ? "missing" : read(...given)),
    });
    story.github.as("alice").comment(issue, `/postmortem #${number}`);
    story.github.as("alice").close(issue);
    await story.settle();
    Object.assign(story.github.read, { issue: read });
    await story.advance(6_000);
    expect(story.github.issue(issue, story.repository).state).toBe("closed");
    expect(story.history(issue).phase).toBe("resolved");
    expect(story.replies(issue)).toEqual([]);
  });
});

describe("an issue that is gone", () => {
  it("deleted: nothing more is done about it", async () => {
    const { story, issue } = await incident();
    story.github.as("alice").deleteIssue(issue);
    await story.settle();
    await story.advance(DAY_MS);
    expect(story.github.writes.filter((method) => method === "createComment")).toHaveLength(1);
    expect(await story.index.incident(story.repository.id, issue)).toBe(null);
  });

  it("deleted between reading and writing: nothing breaks", async () => {
    const { story, issue } = await incident();
    story.github.as("alice").comment(issue, "/note the last one");
    const { comments } = story.github.read;
    Object.assign(story.github.read, {
      comments: async (...given: Parameters<typeof comments>) => {
        const found = await comments(...given);
        story.listens = false;
        story.github.as("alice").deleteIssue(issue);
        return found;
      },
    });
    await story.settle();
    Object.assign(story.github.read, { comments });
    await story.advance(MINUTE_MS);
    expect(story.github.numbers()).toEqual([]);
  });

  it("transferred: it is the incident there, with its severity, state and responder, and old commands are not obeyed again", async () => {
    const { story, issue } = await incident();
    await story.say("alice", issue, "/note before the move");
    const shop = story.github.addRepository({ owner: "acme", name: "shop" });
    story.hint({ kind: "repository", repository: shop });
    await story.settle();
    const moved = story.github.as("alice").transfer(issue, shop);
    await story.settle();
    const there = story.github.issue(moved.number, shop);
    expect(there.labels).toEqual(expect.arrayContaining(["sev:P0", "incident:acknowledged"]));
    const own = story.github.comments(moved.number, shop).filter((one) => one.author?.login === story.github.botLogin);
    expect(own).toHaveLength(1);
    expect(own[0]!.body).toContain("alice");
    expect(await story.index.incident(story.repository.id, issue)).toBe(null);

    story.github.as("bob", shop).close(moved.number);
    await story.settle();
    expect(story.github.issue(moved.number, shop).state).toBe("open");
    // The next sweep brings the other labels.
    story.hint({ kind: "repository", repository: shop });
    await story.settle();
  });

  //
  it("in a repository that was archived: nothing breaks, and it goes on when the repository does", async () => {
    const { story, issue } = await incident();
    story.github.setRepository({ archived: true });
    await story.look(issue);
    story.hint({ kind: "repository", repository: story.repository });
    await story.advance(DAY_MS);
    story.github.setRepository({ archived: false });
    await story.say("alice", issue, "/mitigate traffic moved");
    expect(story.stateLabels(issue)).toEqual(["incident:mitigated"]);
  });
});

describe("a permission the app lacks", () => {
  const METHODS = [
    "createComment",
    "editComment",
    "pinComment",
    "react",
    "closeIssue",
    "reopenIssue",
    "editIssueBody",
    "createIssue",
    "addLabels",
    "removeLabel",
    "createLabel",
    "assign",
    "unassign",
    "createCheckRun",
  ];

  it.each(METHODS)(
    "%s: the rest goes on, nothing is tried in a storm, and all is well once it is granted",
    async (method) => {
      const story = await Story.begin();
      const refused = new TerminalError("Resource not accessible by integration (403).", { status: 403 });
      story.github.faults.fail({ method, error: refused, times: ALWAYS });
      const issue = await story.declare();
      const { number } = story.github.as("bob").openPullRequest({ title: "Fix", body: `Fixes #${issue}` });
      await story.say("alice", issue, "/ack\n/assign bob lead");
      await story.say("rita", issue, "/resolve");
      story.github.as("bob").close(issue);
      await story.settle();
      await story.say("alice", issue, "/postmortem");
      await story.say("alice", issue, "/unack\n/cancel it was the monitor");

      const gate = story.github.checkRuns(story.github.pullRequest(number).headSha);
      // Each run says something new, and the last one says what is true.
      const said = gate.map(({ title, summary }) => `${title}\n${summary}`);
      expect(said.filter((text, at) => text === said[at - 1])).toEqual([]);
      if (method !== "createCheckRun") expect(gate.at(-1)).toMatchObject({ status: "completed" });
      if (method !== "addLabels") expect(story.stateLabels(issue)).not.toEqual([]);
      if (method !== "createComment") expect(story.status(issue)).toContain("P0");

      const tries = () => story.github.writes.filter((write) => write === method).length;
      const before = tries();
      await story.advance(9 * MINUTE_MS);
      expect(tries() - before).toBeLessThanOrEqual(2);

      story.github.faults.clear();
      await story.look(issue);
      story.hint({ kind: "pull-request", repository: story.repository, number });
      // The next sweep.
      story.hint({ kind: "repository", repository: story.repository });
      await story.settle();
      expect(story.github.issue(issue)).toMatchObject({
        state: "closed",
        // What could not be reopened was never closed by us.
        closeReason: method === "reopenIssue" ? "completed" : "not_planned",
      });
      expect(story.stateLabels(issue)).toEqual(["incident:cancelled"]);
    },
  );

  it("to read: the pass is given up without a write, and the next one does the work", async () => {
    const { story, issue } = await incident();
    story.github.faults.fail({ method: "comments", error: new TerminalError("403", { status: 403 }) });
    story.github.forgetCalls();
    await story.say("alice", issue, "/mitigate traffic moved");
    expect(story.github.writes).toEqual([]);
    await story.look(issue);
    expect(story.stateLabels(issue)).toEqual(["incident:mitigated"]);
  });
});

describe("people who left GitHub", () => {
  it("leave their incidents whole: reporter, responder and closer are gone, and nothing breaks", async () => {
    const story = await Story.begin();
    const issue = await story.declare(["sev:P0"], "carol");
    story.github.setRole("carol", "triage");
    await story.say("carol", issue, "/ack\n/postmortem");
    story.listens = false;
    story.github.as("carol").close(issue);
    story.github.deleteAccount("carol");
    story.listens = true;
    await story.look(issue);
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.history(issue)).toMatchObject({ responder: "carol", phase: "acknowledged" });
  });
});

describe("GitHub failing now and then", () => {
  it.each(["issue", "comments", "timeline", "permission", "file"])(
    "reading %s: the work is done a little later",
    async (method) => {
      const story = await Story.begin();
      const { number } = story.github.as("rita").openIssue({ title: "Slow" });
      await story.advance(5 * MINUTE_MS);
      story.github.faults.fail({ kind: "read", method, times: 3 });
      story.github.as("alice").label(number, "sev:P1");
      story.github.as("alice").comment(number, "/ack");
      await story.settle();
      await story.advance(2 * MINUTE_MS);
      story.github.faults.clear();
      expect(story.history(number)).toMatchObject({ phase: "acknowledged", declared: { by: "alice" } });
    },
  );

  it("hints lost, doubled and in any order lead to the same end", async () => {
    const ends = [];
    for (const hints of ["as they come", "none but one at the end", "everything three times"]) {
      const story = await Story.begin();
      story.listens = hints !== "none but one at the end";
      const { number } = story.github.as("bob").openIssue({ title: "Down", body: "x", labels: ["sev:P1"] });
      if (story.listens) await story.settle();
      for (const [login, text] of [
        ["alice", "/ack"],
        ["bob", "/severity P0"],
        ["alice", "/status halfway"],
      ] as const) {
        story.github.as(login).comment(number, text);
        if (hints === "everything three times") for (let more = 0; more < 3; more += 1) await story.look(number);
        else if (story.listens) await story.settle();
      }
      story.listens = true;
      await story.look(number);
      await story.advance(5 * SECOND_MS);
      const { labels, assignees, body } = story.github.issue(number);
      ends.push({ history: story.history(number), labels: labels.toSorted(), assignees, body });
    }
    expect(ends[1]).toEqual(ends[0]);
    expect(ends[2]).toEqual(ends[0]);
  });
});
