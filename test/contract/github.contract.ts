import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { systemClock } from "../../src/base/clock.ts";
import { TerminalError } from "../../src/base/errors.ts";
import type { CheckRunContent, IssueFacts, PullRequestFacts } from "../../src/core/model.ts";
import { openRevert } from "../../src/passes/open-revert.ts";
import { RevertMemory } from "../../src/passes/revert-memory.ts";
import type { World } from "./world.ts";

const NOWHERE = 999_999;
const UNKNOWN_SHA = "f".repeat(40);

/**
 * What Sevgate relies on in whatever answers as GitHub.
 *
 * @param gaps promises a world is known not to keep, with the reason. A gap that closes fails the suite, so that the
 *             list stays true.
 */
export function describeGitHub(
  name: string,
  createWorld: () => Promise<World>,
  gaps: Readonly<Record<string, string>> = {},
): void {
  describe(`GitHub, by ${name},`, () => {
    let world: World;

    beforeAll(async () => {
      world = await createWorld();
    });
    afterAll(() => world.dispose());

    const told = new Set<string>();
    function promise(text: string, check: () => Promise<void>): void {
      told.add(text);
      const reason = gaps[text];
      if (reason === undefined) it(text, check);
      else it.failing(`${text} (known gap: ${reason})`, check);
    }

    async function issueOf(number: number): Promise<IssueFacts> {
      const issue = await world.github.read.issue(world.repository, number);
      if (issue === "missing" || "movedTo" in issue) throw new Error(`#${number} is not there`);
      return issue;
    }

    async function pullOf(number: number): Promise<PullRequestFacts> {
      const pull = await world.github.read.pullRequest(world.repository, number);
      if (pull === "missing") throw new Error(`#${number} is not there`);
      return pull;
    }

    describe("about the app,", () => {
      promise("knows the app's id and bot login", async () => {
        const identity = await world.github.app.identity();
        expect(identity).toEqual({ appId: world.appId, slug: "sevgate", botLogin: world.botLogin });
      });

      promise("lists the installations", async () => {
        const installations = await world.github.app.installations();
        const { installationId: id, owner: account } = world.repository;
        expect(installations).toContainEqual(expect.objectContaining({ id, account, suspended: false }));
      });

      promise("lists the repositories of an installation", async () => {
        const repositories = await world.github.app.repositories(world.repository.installationId);
        expect(repositories).toContainEqual(world.repository);
      });

      promise("finds what changed in all repositories of an account by one question", async () => {
        const { installationId, owner, name } = world.repository;
        const question = await world.openIssue({ title: "Before" });
        const since = (await issueOf(await world.openIssue({ title: "Since", labels: ["sev:P0"] }))).updatedAt;
        const { number: pull } = await world.openPullRequest({ title: "One question", commits: ["One"], files: {} });
        const found = await world.github.app.changedSince(installationId, owner, since, null);
        if (found === "unsupported") throw new Error("it cannot search");
        const there = { repository: `${owner}/${name}` };
        expect(found.continueFrom).toBeNull();
        expect(found.entries).toContainEqual(
          expect.objectContaining({ ...there, isPullRequest: false, labels: ["sev:P0"] }),
        );
        expect(found.entries).toContainEqual(expect.objectContaining({ ...there, number: pull, isPullRequest: true }));
        expect(found.entries.map(({ number }) => number)).not.toContain(question);
        for (const { updatedAt } of found.entries) expect(updatedAt).toBeGreaterThanOrEqual(since);
      });

      promise("finds open issues of an account by their labels", async () => {
        const { installationId, owner } = world.repository;
        const open = await world.openIssue({ title: "Open", labels: ["incident:resolved"] });
        const closed = await world.openIssue({ title: "Closed", labels: ["incident:declared"] });
        await world.close(closed, "completed");
        const labels = ["incident:declared", "incident:resolved"];
        const found = await world.github.app.changedSince(installationId, owner, 0 as never, labels);
        if (found === "unsupported") throw new Error("it cannot search");
        expect(found.entries.map(({ number }) => number)).toEqual([open]);
      });

      promise("goes on where a list is not supported", async () => {
        for (const list of [
          await world.github.app.repositories(world.repository.installationId),
          await world.github.app.deliveries(0 as never),
        ]) {
          expect(list === "unsupported" || Array.isArray(list)).toBe(true);
        }
        const { installationId, owner } = world.repository;
        const found = await world.github.app.changedSince(installationId, owner, 0 as never, null);
        expect(found === "unsupported" || Array.isArray(found.entries)).toBe(true);
      });
    });

    describe("about issues,", () => {
      promise("gives an issue as it was written", async () => {
        const number = await world.openIssue({ title: "Down", body: "All of it.", labels: ["sev:P0", "area:web"] });
        expect(await issueOf(number)).toMatchObject({
          number,
          title: "Down",
          body: "All of it.",
          state: "open",
          closeReason: null,
          closedAt: null,
          closedBy: null,
          locked: false,
          labels: ["sev:P0", "area:web"],
          author: { login: world.people.maintain, isBot: false },
          assignees: [],
          commentCount: 0,
        });
      });

      promise("gives an issue without a body an empty one", async () => {
        expect((await issueOf(await world.openIssue({ title: "No words" }))).body).toBe("");
      });

      promise("says missing for an issue that was never there", async () => {
        expect(await world.github.read.issue(world.repository, NOWHERE)).toBe("missing");
      });

      //
      promise("says missing for a deleted issue, and gives it no comments", async () => {
        const number = await world.openIssue({ title: "By mistake" });
        await world.deleteIssue(number);
        expect(await world.github.read.issue(world.repository, number)).toBe("missing");
        expect(await world.github.read.comments(world.repository, number, null)).toEqual([]);
      });

      promise("says missing for the number of a pull request", async () => {
        const { number } = await world.openPullRequest({ title: "No issue", commits: ["One"], files: {} });
        expect(await world.github.read.issue(world.repository, number)).toBe("missing");
      });

      //
      promise("names the new place of a transferred issue", async () => {
        const number = await world.openIssue({ title: "Elsewhere" });
        const movedTo = await world.transferIssue(number);
        expect(await world.github.read.issue(world.repository, number)).toEqual({ movedTo });
      });

      //
      promise("says when, why and by whom an issue was closed", async () => {
        const number = await world.openIssue({ title: "Not now" });
        await world.close(number, "not_planned");
        const closed = await issueOf(number);
        expect(closed).toMatchObject({
          state: "closed",
          closeReason: "not_planned",
          closedBy: { login: world.people.maintain },
        });
        expect(closed.closedAt).toBeGreaterThanOrEqual(closed.createdAt);
      });

      //
      promise("tells a duplicate from a completed issue", async () => {
        const number = await world.openIssue({ title: "Again" });
        await world.close(number, "duplicate");
        expect((await issueOf(number)).closeReason).toBe("duplicate");
      });

      promise("closes as the app and reopens, and then nothing is left of the closing", async () => {
        const number = await world.openIssue({ title: "To and fro" });
        const closed = await world.github.write.closeIssue(world.repository, number, "completed");
        expect(closed).toMatchObject({
          state: "closed",
          closeReason: "completed",
          closedBy: { login: world.botLogin, isBot: true },
        });
        const reopened = await world.github.write.reopenIssue(world.repository, number);
        expect(reopened).toMatchObject({ state: "open", closeReason: null, closedAt: null, closedBy: null });
        expect(await issueOf(number)).toMatchObject({ state: "open", closeReason: null });
        const kinds = (await world.github.read.timeline(world.repository, number)).events.map((entry) => entry.kind);
        expect(kinds.filter((kind) => kind === "closed" || kind === "reopened")).toEqual(["closed", "reopened"]);
      });

      promise("opens an issue with body and labels, as the app", async () => {
        const { number } = await world.github.write.createIssue(
          world.repository,
          {
            title: "Post-mortem: down",
            body: "## What happened",
            labels: ["post-mortem"],
          },
          "team",
        );
        expect(await issueOf(number)).toMatchObject({
          title: "Post-mortem: down",
          body: "## What happened",
          labels: ["post-mortem"],
          author: { login: world.botLogin, isBot: true },
        });
      });

      promise("changes the body and nothing else", async () => {
        const number = await world.openIssue({ title: "Words", body: "Old.", labels: ["sev:P1"] });
        await world.github.write.editIssueBody(world.repository, number, "Old.\n\nNew.");
        expect(await issueOf(number)).toMatchObject({ title: "Words", body: "Old.\n\nNew.", labels: ["sev:P1"] });
      });

      promise("changes the title and nothing else", async () => {
        const number = await world.openIssue({ title: "Words", body: "Old.", labels: ["sev:P1"] });
        await world.github.write.retitleIssue(world.repository, number, "Words (2 alerts)");
        expect(await issueOf(number)).toMatchObject({ title: "Words (2 alerts)", body: "Old.", labels: ["sev:P1"] });
      });

      promise("lists the issues with a label, and never a pull request", async () => {
        const open = await world.openIssue({ title: "With it", labels: ["wanted"] });
        const closed = await world.openIssue({ title: "Closed", labels: ["wanted"] });
        await world.openIssue({ title: "Without it" });
        await world.close(closed, "completed");
        const pull = await world.openPullRequest({ title: "Labelled", commits: ["One"], files: {} });
        await world.github.write.addLabels(world.repository, pull.number, ["wanted"]);
        const numbers = async (state: "open" | "all") =>
          (await world.github.read.issuesWithLabel(world.repository, "wanted", { state, since: null }))
            .map((issue) => issue.number)
            .sort((a, b) => a - b);
        expect(await numbers("open")).toEqual([open]);
        expect(await numbers("all")).toEqual([open, closed]);
      });

      promise("lists what changed since a moment, issues and pull requests apart", async () => {
        const before = await issueOf(await world.openIssue({ title: "Before" }));
        const number = await world.openIssue({ title: "Changed" });
        const pull = await world.openPullRequest({ title: "Changed too", commits: ["One"], files: {} });
        const since = (await issueOf(number)).createdAt;
        const changed = await world.github.read.changedSince(world.repository, since);
        expect(changed.issues.map((issue) => issue.number)).toContain(number);
        expect(changed.issues.every((issue) => issue.updatedAt >= since)).toBe(true);
        expect(changed.issues.map((issue) => issue.number)).not.toContain(pull.number);
        expect(changed.pullRequests).toContain(pull.number);
        expect(before.updatedAt).toBeLessThanOrEqual(since);
      });

      promise("lists the sub-issues", async () => {
        const parent = await world.openIssue({ title: "Parent" });
        const child = await world.openIssue({ title: "Child" });
        await world.addSubIssue(parent, child);
        expect((await issueOf(parent)).subIssueCount).toBe(1);
        expect(await world.github.read.subIssues(world.repository, parent)).toEqual([
          { repository: null, number: child, issue: expect.objectContaining({ number: child, title: "Child" }) },
        ]);
      });

      //
      promise("makes an issue a sub-issue, and leaves one that has a parent where it is", async () => {
        const parent = await world.openIssue({ title: "Parent" });
        const other = await world.openIssue({ title: "Another parent" });
        const child = await issueOf(await world.openIssue({ title: "Child" }));
        const { read, write } = world.github;
        for (const number of [parent, parent, other]) {
          expect(await write.addSubIssue(world.repository, number, child.id)).toBe("done");
        }
        expect(await read.subIssues(world.repository, parent)).toMatchObject([{ number: child.number }]);
        expect(await read.subIssues(world.repository, other)).toEqual([]);
      });

      //
      promise("reads the day an issue is due, of its field, or that there is none", async () => {
        const number = await world.openIssue({ title: "Due" });
        expect(await world.github.read.targetDate(world.repository, number)).toBe(null);
      });
    });

    describe("about comments,", () => {
      promise("lists comments oldest first, with their authors", async () => {
        const number = await world.openIssue({ title: "Talk" });
        await world.comment(number, "one");
        await world.github.write.createComment(world.repository, number, "two", "incident");
        await world.comment(number, "three");
        const comments = await world.github.read.comments(world.repository, number, null);
        expect(comments.map((comment) => comment.body)).toEqual(["one", "two", "three"]);
        expect(comments.map((comment) => comment.author?.login)).toEqual([
          world.people.maintain,
          world.botLogin,
          world.people.maintain,
        ]);
        expect((await issueOf(number)).commentCount).toBe(3);
      });

      //
      promise("names the app that wrote a comment", async () => {
        const number = await world.openIssue({ title: "Whose" });
        const byApp = await world.github.write.createComment(world.repository, number, "mine", "incident");
        const byPerson = await world.comment(number, "not mine");
        expect(byApp.appId).toBe(world.appId);
        expect(await world.github.read.comment(world.repository, byPerson)).toMatchObject({ appId: null });
      });

      promise("edits a comment in place", async () => {
        const number = await world.openIssue({ title: "Edit" });
        const { id } = await world.github.write.createComment(world.repository, number, "old", "incident");
        expect(await world.github.write.editComment(world.repository, id, "new")).toMatchObject({ id, body: "new" });
        expect(await world.github.read.comment(world.repository, id)).toMatchObject({ id, body: "new" });
      });

      promise("deletes a comment, also when it is gone already", async () => {
        const number = await world.openIssue({ title: "Delete" });
        const id = await world.comment(number, "away with it");
        await world.github.write.deleteComment(world.repository, id);
        await world.github.write.deleteComment(world.repository, id);
        expect(await world.github.read.comment(world.repository, id)).toBe("missing");
      });

      promise("refuses to write where no issue is, for good", async () => {
        await expect(
          world.github.write.createComment(world.repository, NOWHERE, "hello", "incident"),
        ).rejects.toBeInstanceOf(TerminalError);
        await expect(world.github.write.closeIssue(world.repository, NOWHERE, "completed")).rejects.toBeInstanceOf(
          TerminalError,
        );
      });

      //
      promise("refuses to comment on a locked issue, for good", async () => {
        const number = await world.openIssue({ title: "Locked" });
        await world.lock(number);
        expect((await issueOf(number)).locked).toBe(true);
        await expect(
          world.github.write.createComment(world.repository, number, "hello", "incident"),
        ).rejects.toBeInstanceOf(TerminalError);
      });

      //
      promise("pins and reacts, or says that it cannot", async () => {
        const number = await world.openIssue({ title: "Pin" });
        const { id } = await world.github.write.createComment(world.repository, number, "status", "incident");
        expect(["done", "unsupported"]).toContain(await world.github.write.pinComment(world.repository, id));
        expect(["done", "unsupported"]).toContain(await world.github.write.react(world.repository, id, "+1"));
      });

      //
      promise("tells whether a comment was edited, or that it cannot tell", async () => {
        const number = await world.openIssue({ title: "Edits" });
        const { id } = await world.github.write.createComment(world.repository, number, "first", "incident");
        const other = await world.github.write.createComment(world.repository, number, "second", "incident");
        await world.github.write.editComment(world.repository, other.id, "changed");
        const edits = await world.github.read.commentEdits(world.repository, number);
        if (edits === "unsupported") return;
        expect(edits.get(id)).toBe(null);
        expect(edits.get(other.id)).toEqual(expect.any(Number));
      });

      //
      promise("tells who has edited an issue, and when, or that it cannot tell", async () => {
        const number = await world.openIssue({ title: "Edits" });
        const before = await world.github.read.issueEdits(world.repository, number);
        await world.github.write.editIssueBody(world.repository, number, "changed");
        const after = await world.github.read.issueEdits(world.repository, number);
        if (before === "unsupported" || after === "unsupported") return;
        expect(before.lastEditedAt).toBe(null);
        expect(after.lastEditedAt).toEqual(expect.any(Number));
        expect(after.editors).toHaveLength(1);
        expect(after.edits).toEqual([{ at: after.lastEditedAt, by: after.editors[0] }]);
        expect(after.editors[0]).toMatch(/\[bot\]$/);
      });

      promise("tells a comment that is gone from a feature that is not there", async () => {
        const number = await world.openIssue({ title: "Gone" });
        const { id } = await world.github.write.createComment(world.repository, number, "status", "incident");
        await world.github.write.deleteComment(world.repository, id);
        // A server that has neither says so, and nothing more.
        expect(["gone", "unsupported"]).toContain(await world.github.write.react(world.repository, id, "+1"));
        const other = await world.github.write.createComment(world.repository, number, "other", "incident");
        const works = await world.github.write.react(world.repository, other.id, "+1");
        expect(await world.github.write.react(world.repository, id, "+1")).toBe(works === "done" ? "gone" : works);
      });

      //
      promise("sets an issue type that the organization has, or says that there are none", async () => {
        const number = await world.openIssue({ title: "Type" });
        expect((await issueOf(number)).type).toBe(null);
        const types = await world.github.read.issueTypes(world.repository);
        if (types === "unsupported") return;
        const [first = ""] = types;
        expect((await world.github.write.setIssueType(world.repository, number, first)).type).toBe(first);
        expect((await issueOf(number)).type).toBe(first);
      });

      promise("pins and reacts", async () => {
        const number = await world.openIssue({ title: "Pin it" });
        const { id } = await world.github.write.createComment(world.repository, number, "status", "incident");
        expect(await world.github.write.pinComment(world.repository, id)).toBe("done");
        expect(await world.github.write.react(world.repository, id, "+1")).toBe("done");
      });
    });

    describe("about labels and people,", () => {
      promise("puts labels on, creating those the repository lacks, and takes them off, also twice", async () => {
        const number = await world.openIssue({ title: "Labels", labels: ["sev:P2"] });
        await world.github.write.addLabels(world.repository, number, ["incident:declared", "made just now"]);
        expect((await issueOf(number)).labels).toEqual(["sev:P2", "incident:declared", "made just now"]);
        expect(await world.github.read.labels(world.repository)).toContain("made just now");
        await world.github.write.removeLabel(world.repository, number, "made just now");
        await world.github.write.removeLabel(world.repository, number, "made just now");
        expect((await issueOf(number)).labels).toEqual(["sev:P2", "incident:declared"]);
      });

      promise("tells in the timeline who put a label on and off", async () => {
        const number = await world.openIssue({ title: "History" });
        await world.github.write.addLabels(world.repository, number, ["sev:P0"]);
        await world.github.write.removeLabel(world.repository, number, "sev:P0");
        const { events: entries, isWhole } = await world.github.read.timeline(world.repository, number);
        expect(isWhole).toBe(true);
        expect(entries.map(({ kind, label, actor }) => [kind, label, actor?.login])).toEqual([
          ["labeled", "sev:P0", world.botLogin],
          ["unlabeled", "sev:P0", world.botLogin],
        ]);
      });

      promise("tells in the timeline which issues mention this one", async () => {
        const number = await world.openIssue({ title: "Mentioned" });
        const other = await world.openIssue({ title: "Mentions", body: `Incident: #${number}` });
        const { events: entries, isWhole } = await world.github.read.timeline(world.repository, number);
        expect(isWhole).toBe(true);
        expect(entries.map(({ kind, source }) => ({ kind, source }))).toEqual([
          { kind: "cross-referenced", source: { repository: null, number: other, isPullRequest: false } },
        ]);
      });

      promise("creates a label, also when it is there already", async () => {
        // A step of a plan knows more of it than GitHub does.
        const label = { kind: "create-label", name: "sev:P3", color: "fbca04", description: "Small" };
        await world.github.write.createLabel(world.repository, label);
        await world.github.write.createLabel(world.repository, label);
        const labels = await world.github.read.labels(world.repository);
        expect(labels.filter((name) => name === label.name)).toEqual([label.name]);
      });

      promise("assigns and unassigns people, and says who is assigned", async () => {
        const number = await world.openIssue({ title: "Who" });
        const { triage } = world.people;
        expect(await world.github.write.assign(world.repository, number, [triage])).toEqual([triage]);
        expect((await issueOf(number)).assignees).toEqual([triage]);
        await world.github.write.unassign(world.repository, number, [triage]);
        await world.github.write.unassign(world.repository, number, [triage]);
        expect((await issueOf(number)).assignees).toEqual([]);
      });

      //
      promise("leaves out people GitHub does not accept", async () => {
        const number = await world.openIssue({ title: "Nobody" });
        expect(await world.github.write.assign(world.repository, number, ["nobody-of-that-name"])).toEqual([]);
      });

      for (const right of ["admin", "maintain", "write", "triage", "none"] as const) {
        //
        promise(`knows the right "${right}"`, async () => {
          expect(await world.github.read.permission(world.repository, world.people[right])).toBe(right);
        });
      }

      //
      promise("gives somebody unknown no more than reading", async () => {
        const right = await world.github.read.permission(world.repository, "nobody-of-that-name");
        expect(["none", "read"]).toContain(right);
      });
    });

    describe("about pull requests,", () => {
      promise("gives a pull request as it was written, and lists it while it is open", async () => {
        const { number, headSha } = await world.openPullRequest({
          title: "Mend",
          body: "Refs #1",
          commits: ["Mend it"],
          files: {},
        });
        const facts = {
          number,
          title: "Mend",
          body: "Refs #1",
          state: "open",
          merged: false,
          mergedAt: null,
          draft: false,
          author: { login: world.people.write },
          headSha,
          baseRef: "main",
          defaultBranch: "main",
        };
        expect(await pullOf(number)).toMatchObject(facts);
        const open = await world.github.read.openPullRequests(world.repository);
        expect(open.find((pull) => pull.number === number)).toMatchObject(facts);
      });

      promise("says missing for the number of an issue", async () => {
        const number = await world.openIssue({ title: "No pull request" });
        expect(await world.github.read.pullRequest(world.repository, number)).toBe("missing");
      });

      promise("lists the commits oldest first, with their whole messages", async () => {
        const messages = ["First", "Second\n\nFixes #1"];
        const { number, headSha } = await world.openPullRequest({ title: "Commits", commits: messages, files: {} });
        const { commits, isWhole } = await world.github.read.pullRequestCommits(world.repository, { number });
        expect(isWhole).toBe(true);
        expect(commits.map((commit) => commit.message)).toEqual(messages);
        expect(commits.at(-1)?.sha).toBe(headSha);
      });

      //
      promise("gives one with all that a merge is judged by as it gives the parts", async () => {
        const { read } = world.github;
        const commits = ["First", "Second\n\nWords."];
        const files = { "docs/whole.md": "# Whole", "src/whole.ts": "1" };
        const issue = await world.openIssue({ title: "To close" });
        const made = { title: "Whole", body: `Fixes #${issue}\n`, commits, files };
        const { number } = await world.openPullRequest(made);
        for (const act of [async () => {}, () => world.merge(number)]) {
          await act();
          const [whole, parts] = [await read.pullRequestAtOnce(world.repository, number), await pullOf(number)];
          expect(whole).toEqual(parts);
          if (whole === "missing") continue;
          const [ofWhole, ofParts] = await Promise.all(
            [whole, parts].map(async (one) => [
              await read.pullRequestCommits(world.repository, one),
              await read.pullRequestFiles(world.repository, one),
              await read.closingReferences(world.repository, one),
            ]),
          );
          expect(ofWhole).toEqual(ofParts);
        }
        const other = await world.openIssue({ title: "No pull request" });
        expect(await read.pullRequestAtOnce(world.repository, other)).toBe("missing");
      });

      promise("lists the files it changes", async () => {
        const { number } = await world.openPullRequest({
          title: "Files",
          commits: ["Runbook"],
          files: { "runbooks/web.md": "# Web" },
        });
        expect(await world.github.read.pullRequestFiles(world.repository, await pullOf(number))).toEqual({
          files: [{ path: "runbooks/web.md", status: "added" }],
          isWhole: true,
        });
      });

      promise("lists the commits between base and head, oldest first", async () => {
        const { headSha, baseSha } = await world.openPullRequest({ title: "Between", commits: ["a", "b"], files: {} });
        const { commits, isWhole } = await world.github.read.commitsBetween(world.repository, baseSha, headSha);
        expect(isWhole).toBe(true);
        expect(commits.map((commit) => commit.message)).toEqual(["a", "b"]);
      });

      promise("does not give commits it cannot see for none", async () => {
        const { baseSha } = await world.openPullRequest({ title: "Unseen", commits: ["a"], files: {} });
        await expect(world.github.read.commitsBetween(world.repository, baseSha, UNKNOWN_SHA)).rejects.toThrow();
      });

      //
      promise("finds the pull request of a commit", async () => {
        const { number, headSha } = await world.openPullRequest({ title: "Find", commits: ["a"], files: {} });
        const pulls = await world.github.read.pullRequestsOfCommit(world.repository, headSha);
        expect(pulls.map((pull) => pull.number)).toEqual([number]);
      });

      promise("knows a merged pull request from a closed one, and its files are on the default branch", async () => {
        const { number } = await world.openPullRequest({
          title: "Merge",
          commits: ["Add"],
          files: { "docs/merged.md": "here" },
        });
        await world.merge(number);
        const merged = await pullOf(number);
        expect(merged).toMatchObject({ state: "closed", merged: true });
        expect(merged.mergedAt).not.toBeNull();
        expect(await world.github.read.file(world.repository, "docs/merged.md")).toMatchObject({ text: "here" });
      });

      //
      promise("opens the pull request that reverts a merged one, or says that it cannot", async () => {
        const { number } = await world.openPullRequest({ title: "Break", commits: ["Break"], files: { "b.md": "b" } });
        await world.merge(number);
        const content = { title: 'Revert "Break"', body: `Reverts #${number}` };
        const revert = await world.github.write.revertPullRequest(world.repository, await pullOf(number), content);
        if (revert === "unsupported") return;
        expect(revert).toMatchObject({ ...content, state: "open", author: { login: world.botLogin } });
        if ("refused" in revert) throw new Error(revert.refused);
        const since = await world.github.read.pullRequestsSince(world.repository, 0 as never);
        expect(since.map((one) => one.number)).toEqual(expect.arrayContaining([number, revert.number]));
      });

      promise("makes a revert of git objects: the files are as before, on a branch that is found again", async () => {
        const { read, write } = world.github;
        const { repository } = world;
        await world.putFile("kept.md", "kept");
        await world.putFile("d/changed.md", "before");
        const branch = { commits: ["Change", "Add"], files: { "d/changed.md": "after", "new/one.md": "new" } };
        const { number } = await world.openPullRequest({ title: "Two files", ...branch });
        await world.merge(number);
        const content = { title: 'Revert "Two files"', body: `Reverts #${number}` };
        const memory = new RevertMemory(systemClock);
        const refused = { ...write, revertPullRequest: async () => ({ refused: "no", isFinal: false }) };
        const revert = await openRevert({ read, write: refused, memory }, repository, await pullOf(number), content);
        if (revert === "unsupported" || "refused" in revert) throw new Error(JSON.stringify(revert));
        expect(revert).toMatchObject({ ...content, state: "open", author: { login: world.botLogin } });
        const source = await read.pullRequestSource(repository, revert.number);
        if (source === "missing") throw new Error("no source");
        expect(source.branch).toMatch(new RegExp(`^revert-${number}-`));
        expect(await read.branchTip(repository, source.branch)).toBe(revert.headSha);
        expect(await read.pullRequestFrom(repository, source.branch)).toMatchObject({ number: revert.number });
        const made = await read.gitCommit(repository, revert.headSha);
        expect(made).toMatchObject({
          message: expect.stringMatching(/^Revert "Two files"\n\nThis reverts commit \w+\.$/),
        });
        await world.merge(revert.number);
        expect(await read.file(repository, "d/changed.md")).toMatchObject({ text: "before" });
        expect(await read.file(repository, "new/one.md")).toBe("missing");
        expect(await read.file(repository, "kept.md")).toMatchObject({ text: "kept" });
        await write.deleteBranch(repository, source.branch);
        await write.deleteBranch(repository, source.branch);
        expect(await read.branchTip(repository, source.branch)).toBe("missing");
      });

      //
      promise(
        "makes one commit of several new files, and finds its pull request by the branch, also closed and without it",
        async () => {
          const { read, write } = world.github;
          const { repository } = world;
          await world.putFile("kept.md", "kept");
          const files = [
            { path: ".github/one.yml", mode: "100644", type: "blob", content: "a: 1 # ü\n" },
            { path: ".github/FOLDER/two.md", mode: "100644", type: "blob", content: "two\n" },
          ] as const;
          expect(await read.pullRequestsEverFrom(repository, "setup/one")).toEqual([]);
          const base = await read.repository(repository);
          if (base === "missing") throw new Error("no repository");
          const tip = await read.branchTip(repository, base.defaultBranch);
          const on = await read.gitCommit(repository, tip);
          if (on === "missing") throw new Error("no commit");
          const tree = await write.createTree(repository, on.tree, files);
          if (typeof tree !== "string") throw new Error(tree.refused);
          expect(await write.createTree(repository, on.tree, files)).toBe(tree);
          const commit = await write.createCommit(repository, { message: "Set up", tree, parent: tip });
          if (typeof commit !== "string") throw new Error(commit.refused);
          expect(await write.createBranch(repository, "setup/one", commit)).toBe("done");
          const content = { title: "Set up", body: "As it is." };
          const opened = await write.openPullRequest(repository, {
            ...content,
            branch: "setup/one",
            base: base.defaultBranch,
          });
          if ("refused" in opened) throw new Error(opened.refused);
          const listed = await read.pullRequestFiles(repository, opened);
          expect(listed.files.map(({ path, status }) => [path, status]).toSorted()).toEqual([
            [".github/FOLDER/two.md", "added"],
            [".github/one.yml", "added"],
          ]);
          await world.closePullRequest(opened.number);
          await write.deleteBranch(repository, "setup/one");
          const ever = await read.pullRequestsEverFrom(repository, "setup/one");
          expect(ever.map(({ number, state }) => [number, state])).toEqual([[opened.number, "closed"]]);
        },
      );

      promise("says why a pull request that is not merged cannot be reverted", async () => {
        const { number } = await world.openPullRequest({ title: "Open", commits: ["Open"], files: {} });
        const content = { title: "x", body: "y" };
        const revert = await world.github.write.revertPullRequest(world.repository, await pullOf(number), content);
        expect(revert === "unsupported" || "refused" in revert).toBe(true);
      });

      //
      promise("asks somebody of the team for a review, and nobody else", async () => {
        const { number } = await world.openPullRequest({ title: "Review", commits: ["Review"], files: {} });
        expect(await world.github.write.requestReview(world.repository, number, world.people.maintain)).toBe("done");
        expect(await world.github.write.requestReview(world.repository, number, "nobody-of-that-name")).toBe(
          "unsupported",
        );
      });

      promise("knows which commit a merged pull request became, and when", async () => {
        const { number } = await world.openPullRequest({
          title: "Became",
          commits: ["Became"],
          files: { "c.md": "c" },
        });
        await world.merge(number);
        const { mergeSha } = await pullOf(number);
        const commit = await world.github.read.commit(world.repository, mergeSha ?? "");
        expect(commit).toMatchObject({ sha: mergeSha });
        expect(await world.github.read.commit(world.repository, UNKNOWN_SHA)).toBe("missing");
      });

      promise("goes on where nothing was deployed, released or checked by others", async () => {
        const { headSha } = await world.openPullRequest({ title: "Nothing", commits: ["Nothing"], files: {} });
        expect(await world.github.read.deployments(world.repository)).toEqual([]);
        expect(await world.github.read.latestRelease(world.repository)).toBe("missing");
        expect(await world.github.read.isGreen(world.repository, headSha)).toBe(false);
      });

      //
      promise("lists the issues it would close, or says that it cannot", async () => {
        const issue = await world.openIssue({ title: "To close" });
        const { number } = await world.openPullRequest({
          title: "Closes",
          body: `Fixes #${issue}`,
          commits: ["a"],
          files: {},
        });
        const references = await world.github.read.closingReferences(world.repository, { number });
        if (references !== "unsupported") expect(references).toEqual([{ repository: null, number: issue }]);
      });

      promise("lists the issues it would close", async () => {
        const { number } = await world.openPullRequest({ title: "Closes none", commits: ["a"], files: {} });
        expect(await world.github.read.closingReferences(world.repository, { number })).toEqual([]);
      });
    });

    describe("about merge queues and rulesets,", () => {
      promise("lists the queue of a branch, next first, with the commits it made", async () => {
        const one = await world.openPullRequest({ title: "Queued", commits: ["a"], files: {} });
        const two = await world.openPullRequest({ title: "Queued too", commits: ["b"], files: {} });
        expect(await world.github.read.mergeQueue(world.repository, "nowhere")).toEqual([]);
        const heads = await world.enqueue([one.number, two.number]);
        const queue = await world.github.read.mergeQueue(world.repository, "main");
        expect(queue).toEqual([
          { pullRequest: one.number, position: 1, headSha: heads[0] },
          { pullRequest: two.number, position: 2, headSha: heads[1] },
        ]);
        const { commits } = await world.github.read.commitsBetween(world.repository, "main", heads[1] ?? "");
        expect(commits.map(({ message }) => message)).toEqual([
          `Queued (#${one.number})`,
          `Queued too (#${two.number})`,
        ]);
        for (const head of heads)
          expect(await world.github.read.pullRequestsOfCommit(world.repository, head)).toEqual([]);
      });

      promise("tells what rulesets require of a branch", async () => {
        expect(await world.github.read.requiredChecks(world.repository, "main")).toEqual([]);
        await world.requireChecks(["sevgate/close-gate"]);
        expect(await world.github.read.requiredChecks(world.repository, "main")).toEqual([
          { name: "sevgate/close-gate", appId: null },
        ]);
        expect(await world.github.read.requiredChecks(world.repository, "nowhere")).toEqual([]);
      });
    });

    describe("about workflows,", () => {
      promise("lists the runs of a branch, newest first, each as its latest attempt stands", async () => {
        const { id: headRepositoryId } = world.repository;
        await world.runWorkflow({ id: 71, name: "CI" }, "success");
        await world.runWorkflow({ id: 71, name: "CI" }, "failure");
        await world.runWorkflow({ id: 71, name: "CI", number: 1 }, "timed_out");
        await world.runWorkflow({ id: 71, name: "CI" }, null);
        await world.runWorkflow({ id: 72, name: "Deploy" }, "success");
        const common = { workflow: "CI", file: "ci.yml", event: "push", branch: "main", headRepositoryId };
        expect(await world.github.read.workflowRuns(world.repository, 71, "main")).toMatchObject([
          { ...common, number: 3, attempt: 1, conclusion: null },
          { ...common, number: 2, attempt: 1, conclusion: "failure" },
          { ...common, number: 1, attempt: 2, conclusion: "timed_out" },
        ]);
        expect(await world.github.read.workflowRuns(world.repository, 71, "topic")).toEqual([]);
      });

      promise("lists none of a workflow that is not there", async () => {
        expect(await world.github.read.workflowRuns(world.repository, NOWHERE, "main")).toEqual([]);
      });
    });

    describe("about check runs,", () => {
      const content = (headSha: string, change: Partial<CheckRunContent> = {}): CheckRunContent => ({
        name: "sevgate/close-gate",
        headSha,
        status: "completed",
        conclusion: "failure",
        title: "1 incident is not ready to close",
        summary: "#1 needs a post-mortem.",
        annotations: [],
        actions: [{ label: "Re-check", description: "Look again", identifier: "re-check" }],
        externalId: "pr:1",
        ...change,
      });

      promise("finds the app's own check runs again, as they were written", async () => {
        const { headSha } = await world.openPullRequest({ title: "Check", commits: ["a"], files: {} });
        const run = await world.github.write.createCheckRun(world.repository, content(headSha));
        expect(await world.github.read.checkRuns(world.repository, headSha)).toEqual([run]);
        expect(run).toMatchObject({
          name: "sevgate/close-gate",
          headSha,
          status: "completed",
          conclusion: "failure",
          title: "1 incident is not ready to close",
          summary: "#1 needs a post-mortem.",
          externalId: "pr:1",
        });
      });

      //
      promise("lists every run of one name, the one made last with the highest id", async () => {
        const { headSha } = await world.openPullRequest({ title: "Change", commits: ["a"], files: {} });
        const { write, read } = world.github;
        await write.createCheckRun(world.repository, content(headSha, { status: "in_progress", conclusion: null }));
        await write.createCheckRun(world.repository, content(headSha));
        const last = await write.createCheckRun(
          world.repository,
          content(headSha, { conclusion: "success", title: "Nothing is in the way", externalId: "pr:1,2" }),
        );
        const runs = (await read.checkRuns(world.repository, headSha)).toSorted((one, other) => one.id - other.id);
        expect(runs.map(({ status, conclusion }) => conclusion ?? status)).toEqual([
          "in_progress",
          "failure",
          "success",
        ]);
        expect(runs.at(-1)).toMatchObject({ id: last.id, title: "Nothing is in the way", externalId: "pr:1,2" });
        expect(runs.every(({ at }) => at !== null)).toBe(true);
      });

      promise("knows the suite of a commit, and none by a number that is none", async () => {
        const { headSha } = await world.openPullRequest({ title: "Suite", commits: ["a"], files: {} });
        await world.github.write.createCheckRun(world.repository, content(headSha));
        const suite = await world.suiteOf(headSha);
        expect(await world.github.read.checkSuite(world.repository, suite)).toEqual({ headSha, status: "completed" });
        expect(await world.github.read.checkSuite(world.repository, NOWHERE)).toBe("missing");
        await world.rerequestSuite(headSha);
        expect(await world.github.read.checkSuite(world.repository, suite)).toEqual({ headSha, status: "queued" });
      });

      promise("takes more annotations than fit into one request, and texts that are too long", async () => {
        const { headSha } = await world.openPullRequest({ title: "Long", commits: ["a"], files: {} });
        const annotations = Array.from({ length: 120 }, (_, index) => ({
          path: ".github/sevgate.yml",
          line: index + 1,
          column: 3,
          level: "failure" as const,
          message: `problem ${index}`,
        }));
        const run = await world.github.write.createCheckRun(
          world.repository,
          content(headSha, {
            name: "sevgate/policy",
            annotations,
            summary: "x".repeat(70_000),
            actions: [{ label: "Re-check ".repeat(9), description: "Look again ".repeat(9), identifier: "re-check" }],
          }),
        );
        expect(run.name).toBe("sevgate/policy");
      });
    });

    describe("about files,", () => {
      promise("reads a file of the default branch, with its blob id", async () => {
        await world.putFile(".github/sevgate.yml", "version: 1 # größer\n");
        const file = await world.github.read.file(world.repository, ".github/sevgate.yml");
        expect(file).toMatchObject({ path: ".github/sevgate.yml", text: "version: 1 # größer\n" });
        expect(file).toHaveProperty("sha", expect.stringMatching(/^[0-9a-f]{40}$/));
      });

      promise("says missing for a file that is not there", async () => {
        expect(await world.github.read.file(world.repository, ".github/nothing.yml")).toBe("missing");
        expect(await world.github.read.folder(world.repository, "nothing")).toBe("missing");
      });

      promise("refuses a folder where a file is asked for, in words", async () => {
        await world.putFile("runbooks/db.md", "# Database");
        await expect(world.github.read.file(world.repository, "runbooks")).rejects.toThrow("runbooks is a folder");
      });

      promise("says of a file that it is no folder", async () => {
        await world.putFile("runbooks/db.md", "# Database");
        expect(await world.github.read.folder(world.repository, "runbooks/db.md")).toBe("not-a-folder");
      });

      promise("lists what is directly in a folder, and those of the whole tree, each with its blob", async () => {
        await world.putFile("folder/a.md", "a");
        await world.putFile("folder/deeper/b.md", "b");
        const folder = await world.github.read.folder(world.repository, "folder");
        const sorted = [...(typeof folder === "string" ? [] : folder)].toSorted((a, b) => a.path.localeCompare(b.path));
        expect(sorted).toEqual([
          { path: "folder/a.md", sha: expect.any(String), kind: "file" },
          { path: "folder/deeper", sha: expect.any(String), kind: "folder" },
        ]);
        const tree = await world.github.read.tree(world.repository);
        expect(tree.map(({ path }) => path)).toEqual(
          expect.arrayContaining(["folder/a.md", "folder/deeper/b.md", "README.md"]),
        );
        const { sha } = tree.find(({ path }) => path === "folder/deeper/b.md")!;
        expect(await world.github.read.blob(world.repository, sha)).toBe("b");
      });

      promise(
        "keeps the words of a blob when the file has changed, and says missing for one that never was",
        async () => {
          await world.putFile("kept.md", "größer\n");
          const before = await world.github.read.tree(world.repository);
          const { sha } = before.find(({ path }) => path === "kept.md")!;
          await world.putFile("kept.md", "other words");
          expect(await world.github.read.blob(world.repository, sha)).toBe("größer\n");
          expect(await world.github.read.blob(world.repository, UNKNOWN_SHA)).toBe("missing");
        },
      );

      promise("tells when a file was changed last, and lists no more commits than asked for", async () => {
        await world.putFile("history/a.md", "one");
        await world.putFile("history/a.md", "two");
        await world.putFile("history/b.md", "three");
        const all = await world.github.read.history(world.repository, "history/a.md", 100);
        const [newest, ...more] = await world.github.read.history(world.repository, "history/a.md", 1);
        expect(all).toHaveLength(2);
        expect(more).toEqual([]);
        expect(newest).toEqual(all[0]);
        expect(newest?.at).toBeGreaterThan(0);
        expect(await world.github.read.history(world.repository, "history/nothing.md", 5)).toEqual([]);
        const whole = await world.github.read.history(world.repository, null, 2);
        expect(whole).toHaveLength(2);
        expect(whole[1]?.sha).toBe(newest?.sha);
      });

      promise("knows the repository", async () => {
        expect(await world.github.read.repository(world.repository)).toEqual({
          id: world.repository.id,
          owner: world.repository.owner,
          name: world.repository.name,
          defaultBranch: "main",
          isPrivate: false,
          archived: false,
          isDisabled: false,
          isFork: false,
          hasIssues: true,
        });
      });
    });

    it("names only gaps of promises that are there", () => {
      expect(Object.keys(gaps).filter((gap) => !told.has(gap))).toEqual([]);
    });
  });
}
