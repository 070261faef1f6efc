import { describe, expect, it } from "@jest/globals";
import {
  looksUsed,
  MOST_COMMITS,
  MOST_ENTRIES,
  MOST_WATCHERS,
  type RepositoryLook,
  TOPIC,
} from "../../src/rehearse/looks-used.ts";

const FRESH: RepositoryLook = {
  owner: "acme",
  name: "sevgate-scratch",
  topics: [],
  isArchived: false,
  isFork: false,
  hasIssues: true,
  mayPush: true,
  stars: 0,
  forks: 0,
  entries: 0,
  commits: 1,
  authors: 1,
  watchers: 1,
  hasOwnPolicy: false,
  isBeingRehearsed: false,
};

describe("a repository for a rehearsal", () => {
  it.each<[string, Partial<RepositoryLook>, string | null]>([
    ["is called for trials", {}, null],
    ["has the topic", { name: "payments", topics: [TOPIC] }, null],
    ["is named twice", { name: "payments" }, "acme/payments"],
    ["is named twice, in any case", { name: "payments" }, "Acme/Payments"],
    ["has a few things in it", { entries: MOST_ENTRIES, commits: MOST_COMMITS, authors: 2 }, null],
  ])("may be one that %s", (_what, more, meant) => {
    expect(looksUsed({ ...FRESH, ...more }, meant)).toEqual([]);
  });

  it.each<[string, Partial<RepositoryLook>, RegExp]>([
    ["has issues of people", { entries: MOST_ENTRIES + 1 }, /in use/],
    ["has a history", { commits: MOST_COMMITS + 1 }, /in use/],
    ["has several authors", { authors: 3 }, /in use/],
    ["has stars", { stars: 1 }, /others look/],
    ["has forks", { forks: 1 }, /others look/],
    ["is a fork", { isFork: true }, /fork/],
    ["is archived", { isArchived: true }, /archived/],
    ["has a policy of its own", { hasOwnPolicy: true }, /policy/],
    ["is rehearsed in already", { isBeingRehearsed: true }, /--clean-up acme\/sevgate-scratch/],
    ["has no issues", { hasIssues: false }, /turned off/],
    ["may not be written to", { mayPush: false }, /may not write/],
  ])("is refused, whatever anybody says, if it %s", (_what, more, why) => {
    const reasons = looksUsed({ ...FRESH, ...more }, "acme/sevgate-scratch");
    expect(reasons).toEqual([expect.stringMatching(why)]);
  });

  it.each(["trial-billing", "test-runner", "demographics", "from-scratch-guide", "contest", "sandboxing"])(
    "is not taken for one for trials by the name %s",
    (name) => {
      expect(looksUsed({ ...FRESH, name }, null)).toEqual([expect.stringContaining("--i-mean")]);
    },
  );

  it.each(["sevgate_scratch", "sandbox", "my.playground", "ops-test2", "Rehearsals", "try"])(
    "is taken for one for trials by the name %s",
    (name) => {
      expect(looksUsed({ ...FRESH, name }, null)).toEqual([]);
    },
  );

  it("is refused if more people than one would ask get its mails, unless it is named twice", () => {
    const watched = { ...FRESH, watchers: MOST_WATCHERS + 1 };
    expect(looksUsed(watched, null)).toEqual([expect.stringMatching(/^6 people watch it/)]);
    expect(looksUsed(watched, "acme/sevgate-scratch")).toEqual([]);
    expect(looksUsed({ ...FRESH, watchers: MOST_WATCHERS }, null)).toEqual([]);
  });

  it("is refused if nothing says that it is for trials, and the remedy names it", () => {
    expect(looksUsed({ ...FRESH, name: "latest-payments" }, null)).toEqual([
      expect.stringContaining("--i-mean acme/latest-payments"),
    ]);
    expect(looksUsed({ ...FRESH, name: "payments" }, "acme/payment")).toEqual([expect.stringContaining("twice")]);
  });
});
