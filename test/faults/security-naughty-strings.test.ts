import { describe, expect, it } from "@jest/globals";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { playNaughty } from "../support/naughty-story.ts";
import { ALL_NAUGHTY_STRINGS } from "../support/naughty-strings.ts";

everyStoryEndsAtRest();

describe("whatever people write, and wherever they write it", () => {
  it.each(ALL_NAUGHTY_STRINGS)(
    "is only text in what Sevgate says, and loses nothing of the incident: %j",
    async (text) => {
      expect((await playNaughty(text)).wrong).toEqual([]);
    },
  );
});
