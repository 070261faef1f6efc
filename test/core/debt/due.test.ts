import { describe, expect, it } from "@jest/globals";
import { dueOf } from "../../../src/core/debt/due.ts";
import type { Instant, Millis } from "../../../src/core/model.ts";

const DAY = 86_400_000 as Millis;
const at = (text: string) => Date.parse(text) as Instant;
const filedAt = at("2026-01-05T09:00:00Z");

describe("When an action item is due", () => {
  it.each([
    [
      "on its own day, until that is over everywhere on Earth",
      { due: { day: "2026-01-20", from: "text" as const }, within: DAY },
      { day: "2026-01-20", at: at("2026-01-21T12:00:00Z"), isOwn: true },
    ],
    [
      "without a day: as long after it was filed as the policy gives its incident's severity",
      { due: null, within: (7 * DAY) as Millis },
      { day: "2026-01-12", at: at("2026-01-13T12:00:00Z"), isOwn: false },
    ],
    ["without a day and without a deadline: never", { due: null, within: null }, null],
  ])("%s", (_, { due, within }, expected) => {
    expect(dueOf({ due, filedAt }, within)).toEqual(expected);
  });
});
