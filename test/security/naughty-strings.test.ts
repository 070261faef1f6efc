import { describe, expect, it } from "@jest/globals";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { playNaughty } from "../support/naughty-story.ts";
import { NAUGHTY_STRINGS } from "../support/naughty-strings.ts";

everyStoryEndsAtRest();

/** One of each kind here; all of them in test/faults/security-naughty-strings.test.ts. */
const ONE_OF_EACH = Object.entries(NAUGHTY_STRINGS).map(([kind, strings]) => [kind, strings[0]!] as const);

describe("whatever people write, and wherever they write it", () => {
  it.each(ONE_OF_EACH)(
    "is only text in what Sevgate says, and loses nothing of the incident: %s %j",
    async (_, text) => {
      expect((await playNaughty(text)).wrong).toEqual([]);
    },
  );
});
