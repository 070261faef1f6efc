import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { OverHttp } from "../support/over-http.ts";
import { Story } from "../support/story.ts";

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
