import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { closedIncident, file, look } from "../support/filed-items.ts";
import { type Cost, OverHttp } from "../support/over-http.ts";
import { type InFront, SETUP_FILES, Story } from "../support/story.ts";

/*
 * Every request that Sevgate sends to github.com, by story. What GitHub answers with "not modified" (304) does not count
 * against the limit of an installation, nor do tokens: a test says both, what counts and what is free. One request
 * more than before is a decision: change the list here, and say why in the commit.
 */

// GitHub's descriptions are read first, which takes seconds, and many on a busy machine.
jest.setTimeout(180_000);

let http: OverHttp;

beforeEach(() => {
  http = new OverHttp();
});

everyStoryEndsAtRest();

afterEach(() => http.stop());

describe("first contact with a repository", () => {
  it("takes eight requests: three of them create the labels that declare an incident", async () => {
    const { counted, free } = await http.of(() => Story.begin({ inFront: http.inFront }));
    expect(counted).toEqual([
      "GET repository",
      "GET contents/.github",
      // The policy of the owner's `.github` repository.
      "GET contents/.github/sevgate.yml",
      "GET labels",
      // Each open one gets its check.
      "GET pulls",
      "POST labels",
      "POST labels",
      "POST labels",
    ]);
    expect(free).toEqual([]);
  });
});

describe("the onboarding of a repository", () => {
  async function begun(): Promise<Story> {
    const story = await Story.begin({ inFront: http.inFront });
    story.onboarding = SETUP_FILES;
    story.restart();
    return story;
  }

  async function onboard(story: Story): Promise<Cost> {
    return await http.of(async () => {
      story.hint({ kind: "onboarding", repository: story.repository });
      await story.settle();
    });
  }

  it("takes sixteen requests, four of them to make the pull request, and six for its checks", async () => {
    const story = await begun();
    expect((await onboard(story)).counted).toEqual([
      // Was there ever one, by its branch, or by its text among those changed last?
      "GET pulls",
      "GET pulls",
      "GET labels",
      // Is anything an incident, or was it? One for each severity.
      "GET issues",
      "GET issues",
      "GET issues",
      // What it stands on, and what is there already.
      "GET git/ref/heads/main",
      "GET git/commits/{sha}",
      "GET contents/.github",
      "GET contents/.github/ISSUE_TEMPLATE",
      "GET git/ref/heads/sevgate/onboarding",
      "GET rules/branches/main",
      "POST git/trees",
      "POST git/commits",
      "POST git/refs",
      "POST pulls",
      // Its checks: the look, what it says of the policy, and the runs before and after.
      "graphql pullRequest",
      "GET commits/{sha}/check-runs",
      "GET contents/.github/sevgate.yml",
      "POST check-runs",
      "POST check-runs",
      "GET commits/{sha}/check-runs",
    ]);
  });

  it("takes one where it had its pull request, after a restart, and then none", async () => {
    const story = await begun();
    await onboard(story);
    story.restart();
    expect((await onboard(story)).counted).toEqual(["GET pulls"]);
    expect((await onboard(story)).counted).toEqual([]);
  });
});

describe("a pull request that changes nothing for any incident", () => {
  /** What every look at a pull request takes, in one request: itself, its commits, its files, what GitHub would close. */
  const LOOK = "graphql pullRequest";
  /**
   * What the app has said of the head: before, as the newest run may say the same already, and name other pull requests with
   * this head; and afterwards, as another pass may have posted one at the same moment.
   */
  const RUNS = "GET commits/{sha}/check-runs";

  async function opened({ inFront = http.inFront }: { readonly inFront?: InFront } = {}) {
    const story = await Story.begin({ inFront });
    await story.declare();
    let number = 0;
    const cost = await http.of(async () => {
      const files = { "src/app.ts": "0" };
      number = story.github.as("bob").openPullRequest({ title: "Go on", body: "Words.", files }).number;
      await story.settle();
    });
    return { story, number, cost };
  }

  it("takes two requests when it is opened or pushed to, and one for each look at the runs of its head", async () => {
    const { story, number, cost } = await opened();
    expect(cost).toEqual({ counted: [LOOK, RUNS, "POST check-runs", RUNS], free: [] });
    const pushed = await http.of(async () => {
      story.github.as("wendy").pushToPullRequest(number, "And on");
      await story.settle();
    });
    expect(pushed).toEqual(cost);
    const { headSha } = story.github.pullRequest(number);
    expect(story.github.checkRuns(headSha)).toMatchObject([{ name: "sevgate/close-gate", conclusion: "success" }]);
  });

  it("takes one request when nothing is new", async () => {
    const { story, number } = await opened();
    const again = await http.of(async () => {
      story.hint({ kind: "pull-request", repository: story.repository, number });
      await story.settle();
    });
    expect(again).toEqual({ counted: [LOOK], free: [RUNS] });
  });

  it("takes two or three more where the server has no GraphQL", async () => {
    const inFront: InFront = (github, clock) => {
      github.features.graphql = false;
      return http.inFront(github, clock);
    };
    const { story, number, cost } = await opened({ inFront });
    // The first one has found out, and that is known for an hour.
    expect(cost.counted).toContain(LOOK);
    const { counted } = await http.of(async () => {
      story.github.as("wendy").pushToPullRequest(number, "And on", { "src/more.ts": "1" });
      await story.settle();
    });
    const pull = `GET pulls/${number}`;
    expect(counted.toSorted()).toEqual([RUNS, RUNS, pull, `${pull}/commits`, `${pull}/files`, "POST check-runs"]);
  });
});

describe("a push to a pull request of 3,000 files", () => {
  const files = Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`src/${at}.ts`, "x"]));

  it("takes six requests, however many files there are, and none of them is overlooked", async () => {
    const story = await Story.begin({ inFront: http.inFront });
    const { number } = story.github.as("wendy").openPullRequest({ title: "Move everything", files });
    await story.settle();
    const { counted } = await http.of(async () => {
      story.github.as("wendy").pushToPullRequest(number, "And on", { "src/more.ts": "1" });
      await story.settle();
    });
    expect(counted.toSorted()).toEqual([
      "GET commits/{sha}/check-runs",
      "GET commits/{sha}/check-runs",
      "GET compare/main...{sha}",
      // Where the branches part, and the head.
      "GET git/trees/{sha}",
      "POST check-runs",
      "graphql pullRequest",
    ]);
    const policy = { ".github/sevgate.yml": "closing: { grace: 5 }" };
    story.github.as("wendy").pushToPullRequest(number, "And a policy", policy);
    await story.settle();
    const checks = story.github.checkRuns(story.github.pullRequest(number).headSha);
    expect(checks.map(({ name }) => name)).toContain("sevgate/policy");
  });
});

/*
 * A whole life on github.com, in a repository that has had an incident and a post-mortem before. The issue and its comments are
 * asked for at each step: that is what has changed. What is left besides, and why:
 *
 * - Who edited the comments is asked before a command that acknowledges, creates or closes: REST tells no edit of the first
 *   second.
 * - The status comment is read again before each edit, so that nobody's tick is lost: free, as nobody has ticked.
 * - Rights are asked at the moment somebody acts: free, as they have not changed.
 * - A label goes on before another goes off. REST has no request for both but the one that replaces all, and with it what
 *   people have just added.
 * - A reopening is counted, done, and then explained, each only after the one before: three requests.
 * - A post-mortem is looked for before one is created: an earlier pass may have died right after.
 * - The draft lists the pull requests that name the incident: the timeline shows them after a lost database as well.
 *
 * GraphQL could give the issue and its comments in one request. It says neither which app wrote a comment nor "not
 * modified", which makes the looks free that find nothing new.
 */
const LIFE: Readonly<Record<string, Cost>> = {
  declare: {
    counted: [
      ...["issue", "change the issue", "comment", "pin", "label on"],
      // Incidents of the past, once the rest is done: a listing for each severity, and one of post-mortems if any is closed.
      ...["issues with a label", "issues with a label", "issues with a label"],
    ],
    free: ["files"],
  },
  acknowledge: {
    counted: [
      "issue",
      "comments",
      "who edited them",
      "assign",
      "react",
      "edit the status comment",
      "label on",
      "label off",
    ],
    free: ["rights", "status comment"],
  },
  update: { counted: ["issue", "comments", "react", "edit the status comment"], free: ["rights", "status comment"] },
  "close early": {
    counted: ["issue", "comments", "edit the status comment", "change the issue", "comment"],
    free: ["status comment"],
  },
  "post-mortem": {
    counted: [
      "issue",
      "comments",
      "who edited them",
      "issues with a label",
      "timeline",
      "create the post-mortem",
      "react",
      "edit the status comment",
    ],
    free: ["rights", "status comment"],
  },
  // The issue is free where GitHub does not count its own mention in the post-mortem as a change of it; else it is one more.
  fill: { counted: ["comments", "post-mortem", "edit the status comment"], free: ["issue", "status comment"] },
  resolve: {
    counted: [
      "issue",
      "comments",
      "who edited them",
      "react",
      "change the issue",
      "edit the status comment",
      "label on",
      "label off",
    ],
    free: ["rights", "post-mortem", "status comment"],
  },
};
const LIFE_COUNTED = 44;

/** Requests about an incident in words. */
function inWords(requests: readonly string[], issue: number): readonly string[] {
  const words: readonly (readonly [RegExp, string])[] = [
    [new RegExp(`^GET issues/${issue}$`), "issue"],
    [/^GET issues\/\d+$/, "post-mortem"],
    [/^GET issues\/\d+\/comments$/, "comments"],
    [/^GET issues\/\d+\/timeline$/, "timeline"],
    [/^graphql comments$/, "who edited them"],
    [/^GET collaborators\//, "rights"],
    [/^GET git\/trees\/HEAD$/, "files"],
    [/^GET issues\/comments\/\d+$/, "status comment"],
    [/^GET issues$/, "issues with a label"],
    [/^POST issues$/, "create the post-mortem"],
    [/^PATCH issues\/comments\/\d+$/, "edit the status comment"],
    [/^PATCH issues\/\d+$/, "change the issue"],
    [/^PUT issues\/comments\/\d+\/pin$/, "pin"],
    [/^POST issues\/\d+\/comments$/, "comment"],
    [/^POST issues\/\d+\/assignees$/, "assign"],
    [/^POST issues\/\d+\/labels$/, "label on"],
    [/^DELETE issues\/\d+\/labels\//, "label off"],
    [/^POST issues\/comments\/\d+\/reactions$/, "react"],
  ];
  return requests.map((one) => words.find(([pattern]) => pattern.test(one))?.[1] ?? one).toSorted();
}

describe("the life of an incident", () => {
  it(`takes ${LIFE_COUNTED} requests that count, and the free ones of the table`, async () => {
    const story = await Story.begin({ inFront: http.inFront });
    const { github } = story;
    await story.say("alice", await story.declare(["sev:P1"]), "/postmortem");
    const spent: Record<string, Cost> = {};
    let issue = 0;
    const step = async (name: string, act: () => Promise<unknown>) => {
      await story.advance(60_000);
      const { counted, free } = await http.of(act);
      spent[name] = { counted: inWords(counted, issue), free: inWords(free, issue) };
    };
    await step("declare", async () => {
      issue = github.as("bob").openIssue({ title: "Checkout is down", body: "Since nine.", labels: ["sev:P0"] }).number;
      await story.settle();
    });
    await step("acknowledge", () => story.say("alice", issue, "/ack"));
    await step("update", () => story.say("alice", issue, "/status rolling back"));
    await step("close early", async () => {
      github.as("bob").close(issue);
      await story.settle();
    });
    expect(github.issue(issue).state).toBe("open");
    await step("post-mortem", () => story.say("alice", issue, "/postmortem"));
    await step("fill", () => story.fillPostMortem(Math.max(...github.numbers())));
    await step("resolve", () => story.say("alice", issue, "/resolve back to normal"));
    expect(github.issue(issue)).toMatchObject({ state: "closed", labels: ["sev:P0", "incident:resolved"] });

    const sorted = ({ counted, free }: Cost): Cost => ({ counted: counted.toSorted(), free: free.toSorted() });
    expect(spent).toEqual(Object.fromEntries(Object.entries(LIFE).map(([name, cost]) => [name, sorted(cost)])));
    expect(Object.values(spent).flatMap(({ counted }) => counted)).toHaveLength(LIFE_COUNTED);
  });

  it("keeps a tick that comes between a look and a write: the read before the write is free only while nobody has ticked", async () => {
    const story = await Story.begin({ inFront: http.inFront });
    const issue = await story.declare();
    const id = story.statusId(issue);
    story.github.as("bob").editComment(id, story.status(issue).replace("- [ ] Open a thread", "- [x] Open a thread"));
    const { counted, free } = await http.of(() => story.say("alice", issue, "/ack"));
    expect([...counted, ...free]).toContain(`GET issues/comments/${id}`);
    expect(story.status(issue)).toContain("- [x] Open a thread");
  });
});

describe("what is late in a repository", () => {
  const LISTS = ["GET issues", "GET issues", "GET issues", "GET issues", "GET issues"];

  it("takes five lists and the repository a look, which are free while nothing has changed, and one request more to write", async () => {
    const { story, incident } = await closedIncident(undefined, http.inFront);
    const item = await file(story, incident, { owner: null, due: "2026-01-20" });
    await look(story);
    const said = await http.of(() => look(story));
    expect(said).toEqual({ counted: [], free: ["GET repository", ...LISTS] });
    story.listens = false;
    story.github.as("carol").edit(item, { title: "Limit the pool to ten" });
    const edited = await http.of(() => look(story));
    const once = edited.counted.filter((request) => request !== "GET issues");
    const others = [...edited.counted, ...edited.free].filter((request) => request !== "GET issues");
    expect({ once, lists: edited.counted.length + edited.free.length - others.length }).toEqual({
      once: [expect.stringMatching(/^PATCH issues\/\d+$/)],
      lists: 5,
    });
  });

  it("takes none for a pull request in a repository without action items, and one in five minutes in any other", async () => {
    const { story, incident } = await closedIncident(undefined, http.inFront);
    const open = (path: string) =>
      http.of(async () => {
        story.github.as("bob").openPullRequest({ title: "Go on", body: "Words.", files: { [path]: "1" } });
        await story.settle();
      });
    const without = await open("a.ts");
    expect(without.counted).not.toContain("GET issues");
    await file(story, incident, { due: "2026-01-20", paths: ["src/"] });
    await story.advance(6 * 60_000);
    const first = await open("b.ts");
    expect([...first.counted, ...first.free].filter((request) => request === "GET issues")).toHaveLength(1);
    const second = await open("c.ts");
    expect([...second.counted, ...second.free]).not.toContain("GET issues");
  });
});
