import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { closingReferences } from "../../../src/core/markdown/references.ts";
import { revertContent } from "../../../src/core/regressions/revert-pull-request.ts";
import { isNamed, namedFiles } from "../../../src/core/regressions/suspects.ts";
import { hostileText } from "../../support/arbitrary-entry.ts";
import { unseenIn } from "../../support/unseen-in.ts";

const PLACE = { id: 10, fullName: "acme/ops", host: "github.com" };
const closing = fc.constantFrom(
  "Fixes #1",
  "closes: acme/ops#2",
  "RESOLVED https://github.com/acme/ops/issues/3",
  "fix GH-4",
);

describe("the pull request that takes another one back", () => {
  it("closes no issue and mentions only whoever asked for it, whatever title and reason say", () => {
    fc.assert(
      fc.property(hostileText, closing, hostileText, closing, (one, first, two, second) => {
        const pullRequest = { number: 35, title: `${one} ${first} ${two} ${second}` };
        const { title, body } = revertContent(
          { pullRequest, incident: 12, by: "bob", reason: `${two} ${second}`, isDrill: two.length % 2 === 0 },
          PLACE,
        );
        for (const text of [title, body, `${title}\n\n${body}`, `${title} (#40)\n\n${body}`]) {
          expect(closingReferences(text, PLACE.fullName)).toEqual([]);
          expect(text.replace("Asked for by @bob", "")).not.toMatch(/(?<![A-Za-z0-9])@[A-Za-z0-9]/);
          expect(unseenIn(text)).toBeNull();
        }
        expect(body).toContain("Reverts acme/ops#35\n\nRefs #12\n");
        expect(body).toContain("\nAsked for by @bob");
        expect(title.length).toBeLessThanOrEqual(256);
      }),
    );
  });
});

describe("the files an incident names", () => {
  it.each([
    ["in its title", { title: "src/cart.ts throws", body: "" }, ["src/cart.ts"]],
    ["in a stack trace", { title: "x", body: "```\n  at add (/app/src/cart.ts:12:3)\n```" }, ["app/src/cart.ts"]],
    [
      "in code and words",
      { title: "x", body: "See `lib/a.rb` and .github/workflows/ci.yml." },
      ["lib/a.rb", ".github/workflows/ci.yml"],
    ],
    [
      "but no addresses, versions or sentences",
      { title: "v1.2 is down.Then", body: "https://x.example/a/b.html e.g. 10.0.0.1" },
      [],
    ],
    ["nor what is in comments", { title: "x", body: "<!-- src/cart.ts -->" }, []],
  ])("are those %s", (_, issue, files) => {
    const found = namedFiles(issue);
    expect(files.every((file) => found.includes(file))).toBe(true);
    if (files.length === 0) expect(found.filter((file) => file.includes("/"))).toEqual([]);
  });

  it("are found with less or more in front of them", () => {
    expect(isNamed("src/checkout/cart.ts", "cart.ts")).toBe(true);
    expect(isNamed("src/checkout/cart.ts", "app/src/checkout/cart.ts")).toBe(true);
    expect(isNamed("src/checkout/cart.ts", "art.ts")).toBe(false);
  });
});
