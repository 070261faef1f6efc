import { describe, expect, it } from "@jest/globals";
import { COMMAND_NAMES } from "../../../src/core/commands/registry.ts";
import { defaultPolicy } from "../../../src/core/policy/default-policy.ts";
import { type OnboardingFound, onboardingBody } from "../../../src/core/render/onboarding-pull-request.ts";
import { mentionedIn } from "../../support/mentioned-in.ts";
import { ALL_NAUGHTY_STRINGS } from "../../support/naughty-strings.ts";
import { unseenIn } from "../../support/unseen-in.ts";

const FOUND: OnboardingFound = {
  policy: defaultPolicy(),
  labelCount: 12,
  severityLike: [],
  wouldBecome: [],
  check: "can-be-required",
  added: [".github/sevgate.yml"],
  kept: [],
};

describe("The text of the onboarding pull request", () => {
  it("lets no name of a label take effect, whatever people call their labels", () => {
    const url = "https://github.com/acme/ops/issues?q=x";
    const lines = onboardingBody({ ...FOUND, kept: ["a"] }).split("\n").length;
    for (const label of ALL_NAUGHTY_STRINGS) {
      const wouldBecome = [{ label, open: 2, url }];
      const body = onboardingBody({ ...FOUND, severityLike: [label], wouldBecome, kept: [label] });
      expect([label, mentionedIn(body)]).toEqual([label, []]);
      expect([label, unseenIn(body)]).toEqual([label, null]);
      // One line more would be a command, a heading or a list of its own.
      expect([label, body.split("\n").length]).toEqual([label, lines]);
    }
  });

  it("names every command once, with the role it needs", () => {
    const body = onboardingBody(FOUND);
    for (const name of COMMAND_NAMES) expect(body.split(`\`/${name}\``).length).toBe(2);
  });

  it("counts what there is one of as one", () => {
    const wouldBecome = [
      { label: "P0", open: 1, url: null },
      { label: "P1", open: 0, url: null },
      { label: "P2", open: 3, url: null },
    ];
    const body = onboardingBody({ ...FOUND, labelCount: 1, severityLike: ["P0", "P1", "P2"], wouldBecome });
    expect(body).toContain("of 1 label, these look");
    expect(body).toContain("1 open issue with `P0` and 3 open issues with `P2` would, at once.");
  });
});
