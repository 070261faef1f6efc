import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { closeGate, fillPostMortem, openFix } from "../../demo/deeds.ts";
import { PLACE } from "../../demo/world.ts";
import { LiveSevgate } from "../support/live-sevgate.ts";

// A real server takes a second to start, and many on a busy machine.
jest.setTimeout(120_000);

/**
 * Requests to GitHub for the life of one incident, step by step, in a repository that was swept before. Using more than
 * before is a decision: change the number here, and say why in the commit. Each edit of the status comment reads it
 * again first, so that nobody's tick is lost. The emulator never says "not modified": what counts on github.com, and
 * what is free there, is in test/stories/requests.test.ts.
 *
 *   declare      read the issue, the list of files (and its author's rights, unless known of late); append the template; status comment; state label;
 *                one list for each severity, for similar incidents
 *                (each runbook of the list: one more the first time its words are seen; each that matches: its date)
 *   acknowledge  issue, comments, who edited them, rights; assign, react, read and edit the status comment, state label on, state label off
 *   update       issue, comments, rights; read and edit the status comment
 *   close early  issue, comments; count the reopening, reopen, say why
 *   post-mortem  issue, comments, rights, is there one already, who names the incident (its timeline); its label, as this is the first one; create it, edit the
 *                status comment
 *   fill         issue, comments, post-mortem; edit the status comment
 *   resolve      issue, comments, rights, post-mortem; close, edit the status comment, state label on, state label off
 *
 * The emulator has no reactions, so that only the first is asked for, and then once whether its comment is there; and it is
 * known to have no pins.
 */
const BUDGET = {
  declare: 7,
  acknowledge: 11,
  update: 5,
  "close early": 6,
  "post-mortem": 9,
  fill: 5,
  resolve: 9,
};
const LIMIT = 52;

let live: LiveSevgate;
/** From this the server has learned that this GitHub has no pins. */
let unrelated: number;

beforeAll(async () => {
  live = await LiveSevgate.begin();
  await live.cost(["issues.opened"], async () => {
    unrelated = await live.open("bob", "Something older", ["sev:P1"]);
  });
});

afterAll(async () => {
  await live?.close();
});

describe("the life of an incident, over real HTTP", () => {
  const spent: Partial<typeof BUDGET> = {};
  let issue: number;
  let postMortem: number;

  it("begins with a label: status comment, checklist, template and state label appear", async () => {
    spent.declare = await live.cost(["issues.opened"], async () => {
      issue = await live.open("bob", "Checkout is down", ["sev:P0"]);
    });
    const { body } = await live.world.issue(issue);
    expect(body).toMatch(/^Words\.\n[\s\S]*\*\*Impact:\*\*/);
    expect(await live.labels(issue)).toEqual(["sev:P0", "incident:declared"]);
    const [status, ...more] = await live.statusComments(issue);
    expect(more).toEqual([]);
    expect(status).toContain("nobody has acknowledged");
    expect(status).toContain("- **Take it:** comment `/ack`");
  });

  it("has a responder after /ack", async () => {
    spent.acknowledge = await live.cost(["issue_comment.created"], () => live.say("alice", issue, "/ack"));
    expect(await live.labels(issue)).toEqual(["sev:P0", "incident:acknowledged"]);
    expect((await live.world.issue(issue)).assignees?.map((one) => one.login)).toEqual(["alice"]);
    expect(await live.world.status(issue)).toMatch(/Responder\W+alice\b/);
  });

  it("keeps status updates on the timeline of the one status comment", async () => {
    spent.update = await live.cost(["issue_comment.created"], () => live.say("alice", issue, "/status rolling back"));
    expect(await live.world.status(issue)).toMatch(/\[Update\]\(\S+\) by alice: rolling back/);
    expect(await live.world.replies(issue)).toEqual([]);
  });

  it("comes back when it is closed too early, and says once what is missing", async () => {
    spent["close early"] = await live.cost(["issues.closed"], () =>
      live.world.as("bob").issues.update({ ...PLACE, issue_number: issue, state: "closed", state_reason: "completed" }),
    );
    expect((await live.world.issue(issue)).state).toBe("open");
    const replies = await live.world.replies(issue);
    expect(replies).toHaveLength(1);
    expect(replies[0]).toContain("Comment `/postmortem` to create it");
  });

  it("gets its post-mortem issue from /postmortem, linked both ways", async () => {
    spent["post-mortem"] = await live.cost(["issue_comment.created"], () => live.say("alice", issue, "/postmortem"));
    const found = (await live.world.issues()).filter((one) => one.title.startsWith("Post-mortem: "));
    expect(found).toHaveLength(1);
    postMortem = found[0]!.number;
    expect(await live.labels(postMortem)).toEqual(["post-mortem"]);
    expect(found[0]!.body).toContain(`Incident: #${issue}`);
    expect(await live.world.status(issue)).toContain(`#${postMortem}`);
  });

  it("is ready to close as soon as the post-mortem is filled in", async () => {
    spent.fill = await live.cost(["issues.edited"], () => fillPostMortem(live.world, postMortem));
    expect(await live.world.status(issue)).toContain("It can close: everything it needs is there");
  });

  it("is closed by /resolve, with nothing left open", async () => {
    spent.resolve = await live.cost(["issue_comment.created"], () =>
      live.say("alice", issue, "/resolve back to normal"),
    );
    expect(await live.world.issue(issue)).toMatchObject({ state: "closed", state_reason: "completed" });
    expect(await live.labels(issue)).toEqual(["sev:P0", "incident:resolved"]);
    expect(await live.statusComments(issue)).toHaveLength(1);
    expect(await live.world.replies(issue)).toHaveLength(1);
  });

  it("costs the requests of the table, and no more", () => {
    expect(spent).toEqual(BUDGET);
    expect(Object.values(BUDGET).reduce((sum, step) => sum + step)).toBeLessThanOrEqual(LIMIT);
  });
});

describe("requests to GitHub", () => {
  it("are not sent for an issue without a severity label, for a comment on it, or when it is closed", async () => {
    let issue = 0;
    const opened = await live.cost(["issues.opened"], async () => {
      issue = await live.open("bob", "A question", ["bug"]);
    });
    const commented = await live.cost(["issue_comment.created"], () => live.say("bob", issue, "/ack or not"));
    const closed = await live.cost(["issues.closed"], () =>
      live.world.as("bob").issues.update({ ...PLACE, issue_number: issue, state: "closed" }),
    );
    expect({ opened, commented, closed }).toEqual({ opened: 0, commented: 0, closed: 0 });
    expect((await live.world.issue(issue)).state).toBe("closed");
  });

  it("are at most three reads and no write when a hint changes nothing", async () => {
    const readsBefore = await live.requests("GET");
    const all = await live.cost(["issue_comment.created"], () => live.say("bob", unrelated, "I am looking at it too."));
    expect(all).toBeLessThanOrEqual(3);
    expect((await live.requests("GET")) - readsBefore).toBe(all);
    expect(all).toBeGreaterThan(0);
  });

  it("are at most three reads and no write for such a hint with a post-mortem linked, too", async () => {
    await live.cost(["issue_comment.created"], () => live.say("alice", unrelated, "/postmortem"));
    const readsBefore = await live.requests("GET");
    const all = await live.cost(["issue_comment.created"], () => live.say("bob", unrelated, "Still looking."));
    expect(all).toBeLessThanOrEqual(3);
    expect((await live.requests("GET")) - readsBefore).toBe(all);
    expect(all).toBeGreaterThan(0);
  });
});

describe("a pull request that would close an incident", () => {
  it("fails its check until the team has learned from it, then passes by itself", async () => {
    let issue = 0;
    await live.cost(["issues.opened"], async () => {
      issue = await live.open("bob", "Search is slow", ["sev:P1"]);
    });
    let headSha = "";
    await live.cost(["pull_request.opened"], async () => {
      ({ headSha } = await openFix(live.world, issue));
    });
    const held = await closeGate(live.world, headSha);
    expect(held).toMatchObject({ conclusion: "failure", output: { title: `Would close #${issue} too early` } });
    expect(held?.output.summary).toMatch(/`Fixes #\d+` → `Refs #\d+`/);

    await live.cost(["issue_comment.created"], () => live.say("alice", issue, "/postmortem"));
    const postMortem = Math.max(...(await live.world.issues()).map((one) => one.number));
    await live.cost(["issues.edited"], () => fillPostMortem(live.world, postMortem));
    const passed = await closeGate(live.world, headSha);
    expect(passed).toMatchObject({ conclusion: "success" });
    expect(passed?.id).toBeGreaterThan(held?.id ?? Number.POSITIVE_INFINITY);
  });
});
