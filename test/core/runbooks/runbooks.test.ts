import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { derive } from "../../../src/core/derive.ts";
import { statusText } from "../../../src/core/render/status.ts";
import { NO_FRONT_MATTER, readFrontMatter } from "../../../src/core/runbooks/front-matter.ts";
import { matchRunbooks, type RunbookQuestion } from "../../../src/core/runbooks/match-runbooks.ts";
import { type Runbook, readRunbook } from "../../../src/core/runbooks/runbook.ts";
import { MOST_STEPS, runbookSteps } from "../../../src/core/runbooks/runbook-steps.ts";
import { hostileText } from "../../support/arbitrary-entry.ts";
import { buildObservation } from "../../support/build-observation.ts";
import { mentionedIn } from "../../support/mentioned-in.ts";
import { unseenIn } from "../../support/unseen-in.ts";

const QUESTION: RunbookQuestion = {
  title: "Checkout does not answer",
  text: "Alert PaymentsQueueStuck since nine. The database looks fine.",
  labels: ["sev:P0", "area:web", "service:billing"],
  severity: "P0",
};

function runbook(path: string, head: string, body = ""): Runbook {
  return { path, sha: path.padEnd(40, "0").slice(0, 40), ...readRunbook(`---\n${head}\n---\n${body}`) };
}

function stepsOf(body: string): readonly string[] {
  return runbookSteps(body).steps.map((step) =>
    step.map(({ text, isCode }) => (isCode ? `\`${text}\`` : text)).join(""),
  );
}

describe("a runbook is found", () => {
  it.each([
    ["by an alert it names, wherever the incident names it", "alerts: [PaymentsQueueStuck]", ["PaymentsQueueStuck"]],
    ["by a label of the issue, in any case", "labels: [AREA:Web]", ["AREA:Web"]],
    ["by a service in a label", "services: billing", ["billing"]],
    ["by a service in the title", "services: [Checkout]", ["Checkout"]],
    ["by a keyword in the title", "keywords: [not answer]", ["not answer"]],
    ["by a keyword in the text", "keywords: [databases]", ["databases"]],
    ["by its severities, when it names nothing else", "severities: [p0]", ["P0"]],
    ["by words of its own title", "title: Checkout in general", ["checkout"]],
  ])("%s", (_, head, because) => {
    expect(matchRunbooks([runbook("runbooks/x.md", head)], QUESTION)).toMatchObject([{ because }]);
  });

  it.each([
    ["for another severity, whatever else it names", "severities: [P2]\nkeywords: [checkout]"],
    ["by severities alone when it says more of what it is for", "severities: [P0]\nkeywords: [printer]"],
    ["by words that are in every title", "title: When it does not work"],
    ["by half a word", "keywords: [check]"],
    ["by nothing at all", "owner: team"],
  ])("but not %s", (_, head) => {
    expect(matchRunbooks([runbook("runbooks/x.md", head)], QUESTION)).toEqual([]);
  });

  it("best first, at most three, the same words once", () => {
    const found = matchRunbooks(
      [
        runbook("runbooks/checkout.md", "owner: a"),
        runbook("runbooks/keyword.md", "keywords: [checkout]"),
        runbook("runbooks/alert.md", "alerts: [PaymentsQueueStuck]"),
        runbook("runbooks/label.md", "labels: [area:web]"),
        { ...runbook("runbooks/zz-copy.md", "labels: [area:web]"), sha: runbook("runbooks/label.md", "").sha },
      ],
      QUESTION,
    );
    expect(found.map((one) => one.runbook.path)).toEqual([
      "runbooks/alert.md",
      "runbooks/label.md",
      "runbooks/keyword.md",
    ]);
  });
});

describe("the steps of a runbook", () => {
  it("are its numbered and checklist items, in order, sub-steps with their step", () => {
    const body = [
      "## Stop the impact",
      "1. Turn it off with `ops off --now`,",
      "   in *every* region",
      "   1. not a step of its own",
      "2) Tell [people](https://example.com)",
      "",
      "- just a remark",
      "- [ ] Check the graph",
      "- [x] Check it again",
      "",
      "> 1. quoted",
      "",
      "```",
      "1. code",
      "```",
    ].join("\n");
    expect(stepsOf(body)).toEqual([
      "Turn it off with `ops off --now`, in every region",
      "Tell people",
      "Check the graph",
      "Check it again",
    ]);
  });

  it("are none where the template was never filled in", () => {
    expect(stepsOf("## Stop\n\n1. <!-- The first safe thing to do. -->\n- [ ] \n")).toEqual([]);
  });

  it("are ten at most; how many more there are is known", () => {
    const { steps, leftOut } = runbookSteps(
      Array.from({ length: 14 }, (_, at) => `${at + 1}. Step ${at + 1}`).join("\n"),
    );
    expect([steps.length, leftOut]).toEqual([MOST_STEPS, 4]);
  });

  it("hurt nothing in the status comment, whatever is in them", () => {
    fc.assert(
      fc.property(hostileText, hostileText, (one, two) => {
        const text = readRunbook(`# ${one}\n\n1. ${one} \`${two}\` ${two}\n2. *${two}*${one}\n`);
        const sha = "a".repeat(40);
        const entry = { path: "runbooks/x.md", sha, changedAt: null };
        const seen = buildObservation({ runbookTexts: new Map([[sha, text]]) });
        const incident = derive(seen)!;
        const shown = statusText({ ...incident, history: { ...incident.history, runbooks: [entry] }, seen });
        expect(mentionedIn(shown)).toEqual([]);
        expect(unseenIn(shown)).toBeNull();
        expect(shown.match(/<!-- sevgate:/g)).toHaveLength(1);
        expect(shown.match(/<!-- item:thread -->/g)).toHaveLength(1);
      }),
    );
  });
});

describe("front matter", () => {
  it("is read with words or lists of words, and other tools' keys are left to them", () => {
    const head = "title: A\nseverities: P0\nkeywords: [a, 7]\nowner: [team, bob]\nreviewed: 2026-01-05\nlayout: x";
    const { frontMatter, problem, body } = readFrontMatter(`\uFEFF---\r\n${head}\r\n---\r\n# B\r\n`);
    expect(frontMatter).toEqual({
      ...NO_FRONT_MATTER,
      title: "A",
      severities: ["P0"],
      keywords: ["a", "7"],
      owner: "team, bob",
      reviewed: "2026-01-05",
    });
    expect(problem).toBeNull();
    expect(body).toBe(`${"\n".repeat(8)}# B\n`);
  });

  it.each([
    ["what is no YAML", "a: [", "the front matter is not YAML"],
    ["an alias", "a: &x [1]\nb: *x", "the front matter is not YAML"],
    ["a list", "- a", "the front matter is no map"],
    ["too much", `a: ${"x".repeat(9_000)}`, "the front matter is too long"],
    ["a map for a list", "keywords: { a: b }", "keywords is not a list of words"],
    ["a day in other words", "reviewed: yesterday", "reviewed is not a day"],
  ])("of %s hides no text, and says what to mend", (_, head, problem) => {
    const read = readFrontMatter(`---\n${head}\n---\nText\n`);
    expect(read.problem).toContain(problem);
    expect(read.body.trim()).toBe("Text");
  });

  it("never fails, whatever the text is", () => {
    fc.assert(fc.property(hostileText, (text) => void readRunbook(`---\n${text}\n---\n${text}`)));
    expect(readFrontMatter("---\nnever closed\n").body).toBe("---\nnever closed\n");
  });
});
