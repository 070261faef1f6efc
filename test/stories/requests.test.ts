import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { OverHttp } from "../support/over-http.ts";
import { type InFront, Story } from "../support/story.ts";

/*
 * Every request that Sevgate sends to github.com, by story. What GitHub answers with "not modified" (304) does not count
 * against the limit of an installation, nor do tokens: a test says both, what counts and what is free. One request
 * more than before is a decision: change the list here, and say why in the commit.
 */

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
      number = story.github.as("bob").openPullRequest({ title: "Go on", body: "Words." }).number;
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
      story.github.as("wendy").pushToPullRequest(number, "And on", { "src/app.ts": "1" });
      await story.settle();
    });
    const pull = `GET pulls/${number}`;
    expect(counted.toSorted()).toEqual([RUNS, RUNS, pull, `${pull}/commits`, `${pull}/files`, "POST check-runs"]);
  });
});
