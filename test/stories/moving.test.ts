import { describe, expect, it } from "@jest/globals";
import { ACTIONS_APP_ID, type FormerApp } from "../../src/core/own.ts";
import { recordKey } from "../../src/core/record/seal.ts";
import { STATUS_MARKER } from "../../src/core/words/markers.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { RECORD_KEYS, Story } from "../support/story.ts";

everyStoryEndsAtRest(["alice", "bob"]);

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const POLICY = ".github/sevgate.yml";
const ON_CALL = `rotations:
  week: { start: 2020-01-06, members: [alice] }
  other: { start: 2020-01-06, members: [bob] }
roles:
  primary: { layers: [week] }
  secondary: { layers: [other] }
escalation:
  default: { steps: [{ after: 0m, notify: [primary] }, { after: 10m, notify: [secondary] }] }
`;
const [SERVER_KEY] = RECORD_KEYS;
const ACTION_KEY = recordKey("the record key of the action, a secret of the repository");
const SERVER = { appId: 4242, slug: "sevgate" };
const GITHUB_TOKEN = { appId: ACTIONS_APP_ID, slug: "github-actions" };
const former = ({ appId, slug }: typeof SERVER): FormerApp => ({ appId, botLogin: `${slug}[bot]` });

/** Moves the repository: the policy says so, then the other one looks at all of it, with an empty memory. */
async function move(story: Story, to: "server" | "action"): Promise<void> {
  const isAction = to === "action";
  story.github.as("alice").push("Move", { [POLICY]: `runs-in: ${to}\n` });
  await story.settle();
  story.github.becomeApp(isAction ? GITHUB_TOKEN : SERVER);
  story.formerApps = [former(isAction ? SERVER : GITHUB_TOKEN)];
  story.recordKeys = isAction ? [ACTION_KEY, SERVER_KEY] : [SERVER_KEY, ACTION_KEY];
  story.runsIn = to;
  story.restart({ database: "lost" });
  story.hint({ kind: "repository", repository: story.repository });
  await story.settle();
}

async function begin(): Promise<Story> {
  const story = await Story.begin({ policy: "runs-in: server\n" });
  story.github.as("alice").push("On call", { ".github/sevgate/on-call.yml": ON_CALL });
  await story.settle();
  return story;
}

const all = (story: Story, issue: number) => story.github.comments(issue, story.repository);
const statuses = (story: Story, issue: number) => all(story, issue).filter(({ body }) => body.includes(STATUS_MARKER));
const pages = (story: Story, issue: number) => all(story, issue).filter(({ body }) => /<!-- sevgate:page-/.test(body));

/** The record as Sevgate reads it, whichever app's comment it is in. */
async function receipts(story: Story, issue: number): Promise<readonly string[]> {
  const known = await story.index.incident(story.repository.id, issue);
  const { entries } = JSON.parse(known?.record ?? "{}") as { entries: { kind: string }[] };
  return entries.map(({ kind }) => kind);
}

describe("a repository that moves from a server to its action and back, in the middle of an incident,", () => {
  //
  it("keeps its receipts in one status comment: nobody is paged again, no command is obeyed twice", async () => {
    const story = await begin();
    const issue = await story.declare();
    await story.advance(11 * MINUTE_MS);
    expect(pages(story, issue)).toHaveLength(2);
    await story.say("bob", issue, "/ack");
    await story.say("bob", issue, "/status We are rolling back");
    const before = await receipts(story, issue);
    const said = all(story, issue).map(({ id }) => id);

    for (const to of ["action", "server", "action"] as const) {
      await move(story, to);
      await story.advance(20 * MINUTE_MS);
      expect(all(story, issue).map(({ id }) => id)).toEqual(said);
      expect(await receipts(story, issue)).toEqual(before);
    }
    expect(statuses(story, issue)).toHaveLength(1);
    await story.say("bob", issue, "/mitigate Rolled back");
    expect((await receipts(story, issue)).slice(before.length)).toContain("mitigated");
    expect(statuses(story, issue)).toHaveLength(1);
    expect(statuses(story, issue)[0]!.body).toContain(` ${ACTION_KEY.name} `);
  });

  it("goes on with the escalation where it stood", async () => {
    const story = await begin();
    const issue = await story.declare();
    expect(pages(story, issue)).toHaveLength(1);
    await move(story, "action");
    expect(pages(story, issue)).toHaveLength(1);
    await story.advance(11 * MINUTE_MS);
    expect(pages(story, issue).map(({ body }) => body.includes("@bob"))).toEqual([false, true]);
  });

  it("judges a command that came while nobody ran it, once", async () => {
    const story = await begin();
    const issue = await story.declare();
    story.github.as("alice").push("Move", { [POLICY]: "runs-in: action\n" });
    await story.settle();
    await story.say("bob", issue, "/ack");
    expect(await receipts(story, issue)).not.toContain("acknowledged");
    await move(story, "action");
    await move(story, "server");
    expect((await receipts(story, issue)).filter((kind) => kind === "acknowledged")).toHaveLength(1);
  });

  //
  it("continues in a comment of its own where GitHub lets no app edit another's, and comes back to its first", async () => {
    const story = await begin();
    story.github.refusesEditsOfOthers = true;
    const issue = await story.declare();
    await story.say("bob", issue, "/ack");
    const first = statuses(story, issue)[0]!.id;
    await move(story, "action");
    await story.say("bob", issue, "/status Rolling back");
    expect(statuses(story, issue)).toHaveLength(2);
    expect(await receipts(story, issue)).toContain("acknowledged");
    const [, second] = statuses(story, issue);
    expect(second?.body).toContain(
      `[an earlier status comment](https://github.com/acme/ops/issues/${issue}#issuecomment-${first})`,
    );
    expect(second?.body).toContain("Rolling back");
    expect(story.github.writes.filter((write) => write === "pinComment")).toHaveLength(2);
    await move(story, "server");
    await story.say("bob", issue, "/mitigate Rolled back");
    const [was] = statuses(story, issue);
    expect(was?.id).toBe(first);
    expect(was?.body).toContain("Rolled back");
    expect(await receipts(story, issue)).toEqual(expect.arrayContaining(["acknowledged", "updated", "mitigated"]));
    expect(pages(story, issue)).toHaveLength(1);
  });

  it("pages nobody again and obeys nothing twice either where no app may edit another's comment, to and fro", async () => {
    const story = await begin();
    story.github.refusesEditsOfOthers = true;
    const issue = await story.declare();
    await story.advance(11 * MINUTE_MS);
    await story.say("bob", issue, "/ack");
    for (const [at, to] of (["action", "server", "action", "server"] as const).entries()) {
      await move(story, to);
      await story.say("bob", issue, `/status Step ${at}`);
      await story.advance(5 * MINUTE_MS);
    }
    const kinds = await receipts(story, issue);
    expect(kinds.filter((kind) => kind === "acknowledged")).toHaveLength(1);
    expect(kinds.filter((kind) => kind === "updated")).toHaveLength(4);
    expect(kinds).not.toContain("rebuilt");
    expect(pages(story, issue)).toHaveLength(2);
    expect(statuses(story, issue).map(({ appId }) => appId)).toEqual([SERVER.appId, GITHUB_TOKEN.appId]);
    expect(statuses(story, issue)[0]?.body).toContain("Step 3");
  });

  it("gets the checks of whoever runs it now", async () => {
    const story = await begin();
    const pull = story.github.as("bob").openPullRequest({ title: "Add a page" });
    await story.settle();
    await move(story, "action");
    const heads = await story.github.read.checkRuns(story.repository, pull.headSha);
    expect(heads.map(({ name }) => name)).toContain("sevgate/close-gate");
  });
});

describe("a server that still writes while the action has begun", () => {
  it("loses no receipt: the action sees it before it writes over it", async () => {
    const story = await begin();
    const issue = await story.declare();
    const { id, body: before } = statuses(story, issue)[0]!;
    await story.say("bob", issue, "/status The last thing that the server heard");
    const late = statuses(story, issue)[0]!.body;
    // As if the server had not got that far, and the comment it heard was gone by now.
    const bob = story.github.as("bob");
    for (const { id: said } of all(story, issue).filter(({ body }) => body.startsWith("/status")))
      bob.deleteComment(said);
    bob.editComment(id, before);
    await move(story, "action");
    expect(await receipts(story, issue)).not.toContain("updated");

    let isLate = false;
    story.github.turn = async () => {
      if (isLate || story.github.calls.at(-1)?.method !== "comment") return;
      isLate = true;
      bob.editComment(id, late);
    };
    await story.say("bob", issue, "/mitigate Rolled back");
    story.github.turn = null;
    expect(isLate).toBe(true);
    expect(await receipts(story, issue)).toEqual(expect.arrayContaining(["updated", "mitigated"]));
  });
});

describe("what another workflow writes as GitHub Actions", () => {
  /** With an acknowledged incident; and a copy of the status comment from before. */
  async function moved(to: "server" | "action") {
    const story = await begin();
    const issue = await story.declare();
    await move(story, "action");
    const old = statuses(story, issue)[0]!.body;
    await story.say("bob", issue, "/ack");
    if (to === "server") await move(story, "server");
    return { story, issue, old };
  }

  it.each(["server", "action"] as const)(
    "changes nothing with an old copy of the record, nor with none, before a %s",
    async (to) => {
      const { story, issue, old } = await moved(to);
      const before = await receipts(story, issue);
      const number = pages(story, issue).length;
      for (const body of [
        old,
        `${STATUS_MARKER}\nAll is well.`,
        `${STATUS_MARKER}\n<!-- sevgate:record v9 aaaaaaaa A ${"A".repeat(43)} -->`,
      ]) {
        story.github.as("github-actions[bot]").comment(issue, body);
        await story.settle();
        story.restart({ database: "lost" });
        await story.look(issue);
        expect(await receipts(story, issue)).toEqual(before);
      }
      await story.advance(30 * MINUTE_MS);
      expect(pages(story, issue)).toHaveLength(number);
    },
  );

  it("is no status comment without a seal: an incident begins beside it, as if it were not there", async () => {
    const story = await begin();
    await move(story, "action");
    await move(story, "server");
    const issue = story.github.as("rita").openIssue({ title: "Checkout is down", body: "", labels: [] }).number;
    story.github.as("github-actions[bot]").comment(issue, `${STATUS_MARKER}\nAll is well.`);
    story.github.as("bob").label(issue, "sev:P0");
    await story.settle();
    expect(story.history(issue).severity).toBe("P0");
    expect(await receipts(story, issue)).not.toContain("rebuilt");
  });

  it("keeps nobody from being paged by a page that was never sent", async () => {
    const story = await begin();
    const issue = await story.declare();
    await move(story, "action");
    await move(story, "server");
    const real = pages(story, issue)[0]!.body;
    const forged = real.replace(/page-(\d+)-\d+/, "page-$1-1");
    story.github.as("github-actions[bot]").comment(issue, forged);
    await story.advance(11 * MINUTE_MS);
    const called = pages(story, issue).filter(({ author }) => author?.login === "sevgate[bot]");
    expect(called.map(({ body }) => body.includes("@bob"))).toEqual([false, true]);
  });

  it("closes no incident: its close is undone like anybody's, and cancels nothing", async () => {
    const story = await begin();
    await move(story, "action");
    const issue = await story.declare();
    story.github.as("github-actions[bot]").close(issue, "not_planned");
    await story.settle();
    await story.look(issue);
    expect(story.github.issue(issue).state).toBe("open");
    expect(await receipts(story, issue)).not.toContain("cancelled");
  });

  it("gives no command, also not to the server afterwards", async () => {
    const { story, issue } = await moved("server");
    const said = story.ownComments(issue).length;
    story.github.as("github-actions[bot]").comment(issue, "/resolve");
    await story.settle();
    expect(await receipts(story, issue)).not.toContain("resolved");
    expect(story.ownComments(issue)).toHaveLength(said);
    await story.advance(HOUR_MS);
  });

  it("takes the place of the status comment, edited into an older comment of its own, and changes no receipt", async () => {
    const story = await begin();
    await move(story, "action");
    const issue = story.github.as("rita").openIssue({ title: "Checkout is down", body: "", labels: [] }).number;
    const early = story.github.as("github-actions[bot]").comment(issue, "Building…").id;
    story.github.as("bob").label(issue, "sev:P0");
    await story.settle();
    const old = statuses(story, issue)[0]!.body;
    await story.say("bob", issue, "/ack");
    const before = await receipts(story, issue);
    story.github.as("github-actions[bot]").editComment(early, old);
    story.restart({ database: "lost" });
    await story.look(issue);
    expect(await receipts(story, issue)).toEqual(before);
    expect(statuses(story, issue)).toHaveLength(1);
  });
});
