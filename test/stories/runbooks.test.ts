import { describe, expect, it } from "@jest/globals";
import { TransientError } from "../../src/base/errors.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const CHECKOUT = [
  "---",
  "keywords: [checkout]",
  "---",
  "# Checkout is down",
  "",
  "1. Turn the new gateway off: `ops flag off gateway`",
  "2. Watch the error rate",
].join("\n");

async function withRunbooks(files: Readonly<Record<string, string>> = { "runbooks/checkout.md": CHECKOUT }) {
  const story = await Story.begin();
  for (const [path, text] of Object.entries(files)) story.github.setFile(path, text);
  return story;
}

const itemOf = (status: string, step: string) => status.split("\n").find((line) => line.includes(step)) ?? "";

describe("a declared incident", () => {
  it("shows the matching runbook: link, day of its last change, and its steps as a checklist", async () => {
    const story = await withRunbooks();
    await story.advance(60_000);
    const status = story.status(await story.declare());
    expect(status).toContain(
      "- [ ] Follow the runbook [Checkout is down](https://github.com/acme/ops/blob/HEAD/runbooks/checkout.md) · last changed 2026-",
    );
    expect(itemOf(status, "gateway")).toMatch(
      /^ {2}- \[ \] Turn the new gateway off: `ops flag off gateway` <!-- item:step-/,
    );
  });

  it("keeps the ticks of people on its steps", async () => {
    const story = await withRunbooks();
    const issue = await story.declare();
    const status = story.status(issue);
    const ticked = itemOf(status, "gateway").replace("[ ]", "[x]");
    story.github.as("alice").editComment(story.statusId(issue), status.replace(itemOf(status, "gateway"), ticked));
    await story.settle();
    await story.say("alice", issue, "/ack");
    expect(itemOf(story.status(issue), "gateway")).toBe(ticked);
    expect(itemOf(story.status(issue), "Watch")).toContain("- [ ]");
  });

  it("keeps the steps it was declared with while the runbook changes, also after a restart without the database", async () => {
    const story = await withRunbooks();
    const issue = await story.declare();
    story.github.setFile("runbooks/checkout.md", "# Other words\n\n1. Something else\n");
    story.restart({ database: "lost" });
    await story.say("alice", issue, "/ack");
    expect(story.status(issue)).toContain("Watch the error rate");
  });

  it("says so when no runbook matches, and its post-mortem asks for one", async () => {
    const story = await withRunbooks({ "runbooks/printer.md": "# The printer is on fire" });
    const issue = await story.declare();
    expect(story.status(issue)).toContain("No runbook matches (`/runbook` lists all)");
    await story.say("alice", issue, "/postmortem");
    const draft = story.github.issue(Math.max(...story.github.numbers()));
    expect(draft.body).toContain("| **Runbook** | none matched.");
  });

  it("names the runbook in the post-mortem when one matched", async () => {
    const story = await withRunbooks();
    const issue = await story.declare();
    await story.say("alice", issue, "/postmortem");
    const draft = story.github.issue(Math.max(...story.github.numbers()));
    expect(draft.body).toContain("| **Runbook** | [Checkout is down](https://github.com/acme/ops/blob/HEAD/");
  });

  it("does not wait for runbooks that GitHub does not give: they come when it does", async () => {
    const story = await withRunbooks();
    story.github.faults.fail({ method: "tree", error: new TransientError("busy") });
    const issue = await story.declare();
    expect(story.status(issue)).not.toContain("Follow the runbook [");
    expect(story.stateLabels(issue)).toEqual(["incident:declared"]);
    await story.advance(61_000);
    expect(story.status(issue)).toContain("Follow the runbook [Checkout is down]");
  });

  it("costs one request for each runbook, once: later incidents and passes read none again", async () => {
    const files = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`runbooks/${at}.md`, `# Number ${at}`]));
    const story = await withRunbooks({ ...files, "runbooks/checkout.md": CHECKOUT });
    const asked = () => story.github.reads.filter((method) => ["tree", "blob", "history"].includes(method)).toSorted();
    story.github.forgetCalls();
    const issue = await story.declare();
    expect(asked()).toEqual([...Array.from({ length: 13 }, () => "blob"), "history", "tree"]);
    story.github.forgetCalls();
    await story.say("alice", issue, "/ack");
    expect(asked()).toEqual([]);
    await story.declare(["sev:P1"]);
    expect(asked()).toEqual(["history", "tree"]);
  });

  it("reads fifty runbooks of hundreds, those whose names promise most among them", async () => {
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`runbooks/a${at}.md`, `# Number ${at}`]));
    const story = await withRunbooks({ ...files, "runbooks/z-checkout.md": CHECKOUT });
    story.github.forgetCalls();
    const issue = await story.declare();
    expect(story.github.reads.filter((method) => method === "blob")).toHaveLength(50);
    expect(story.status(issue)).toContain("Follow the runbook [Checkout is down]");
  });
});

describe("/runbook", () => {
  it("lists what matches now, with the reason, and the status comment shows it from then on", async () => {
    const story = await withRunbooks({});
    const issue = await story.declare();
    story.github.setFile("runbooks/checkout.md", CHECKOUT);
    await story.say("alice", issue, "/runbook");
    expect(story.replies(issue).at(-1)).toMatch(
      /\[Checkout is down\]\(https:\/\/github\.com\/acme\/ops\/blob\/HEAD\/runbooks\/checkout\.md\) · last changed \d{4}-\d\d-\d\d \(`checkout`\)/,
    );
    expect(story.status(issue)).toContain("Follow the runbook [Checkout is down]");
  });

  it("lists what there is when nothing matches", async () => {
    const story = await withRunbooks({ "runbooks/printer.md": "# The printer is on fire" });
    const issue = await story.declare();
    await story.say("alice", issue, "/runbook");
    const reply = story.replies(issue).at(-1);
    expect(reply).toContain("No runbook fits this incident.");
    expect(reply).toContain("/blob/HEAD/runbooks/printer.md");
  });

  it("asks to be repeated while GitHub does not give the runbooks", async () => {
    const story = await withRunbooks();
    const issue = await story.declare();
    story.github.faults.fail({ method: "tree", error: new TransientError("busy") });
    await story.say("alice", issue, "/runbook");
    expect(story.replies(issue).at(-1)).toContain("Comment `/runbook` again in a few minutes");
  });
});
