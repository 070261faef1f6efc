import { describe, expect, it } from "@jest/globals";
import { itemMarker } from "../../../src/core/items/item-issue.ts";
import { type HintContext, hintsOf } from "../../../src/ingress/webhooks/hints.ts";

const CONTEXT: HintContext = {
  botLogin: "sevgate[bot]",
  webHost: "github.com",
  severityLabelsOf: () => ["sev:P0"],
  postMortemLabelOf: () => "post-mortem",
  followUpsLabelsOf: () => null,
  watchesBuilds: () => false,
};
const MARKER = itemMarker({
  incident: { repositoryId: 1000, number: 12 },
  postMortem: { repositoryId: 1000, number: 13 },
  line: "0123456789abcdef",
});

function hints(name: string, action: string, body: string, more: object = {}) {
  const payload = {
    action,
    sender: { login: "bob" },
    installation: { id: 1 },
    repository: { id: 1000, full_name: "acme/ops" },
    issue: { number: 41, labels: [{ name: "action-item" }], body, user: { login: "sevgate[bot]" } },
    ...more,
  };
  const { keys, questions } = hintsOf({ name, payload }, CONTEXT);
  return { keys: keys.map(({ kind }) => kind), questions: questions.filter(({ kind }) => kind === "item-of") };
}

describe("an action item's issue", () => {
  it.each(["closed", "reopened", "deleted", "transferred", "edited"])(
    "that is %s makes its incident worth a look",
    (action) => {
      expect(hints("issues", action, `Add an alert\n\n${MARKER}\n`).questions).toEqual([
        expect.objectContaining({ kind: "item-of", incident: { repositoryId: 1000, number: 12 } }),
      ]);
    },
  );

  it("does so also when its marker has just been edited away", () => {
    const changes = { body: { from: `Add an alert\n\n${MARKER}\n` } };
    expect(hints("issues", "edited", "Add an alert", { changes }).questions).toHaveLength(1);
  });

  it.each([
    ["it only gets a label", "labeled", MARKER],
    ["its marker is not at its end", "closed", `${MARKER}\nmore`],
    ["its marker names no issue there can be", "closed", MARKER.replace("#12", "#9999999999")],
  ])("makes nothing worth a look when %s", (_, action, body) => {
    expect(hints("issues", action, body).questions).toEqual([]);
  });

  it("leads nowhere when somebody else has written its marker", () => {
    for (const user of [{ login: "mallory" }, null, "mallory"]) {
      const issue = { number: 41, labels: [], body: MARKER, user };
      expect(hints("issues", "edited", MARKER, { issue })).toEqual({ keys: [], questions: [] });
      const comment = { body: "/drop too dear" };
      expect(hints("issue_comment", "created", MARKER, { issue, comment }).keys).toEqual([]);
    }
  });

  it("is where `/drop` and `/items` are answered, and nothing else", () => {
    const says = (body: string) => hints("issue_comment", "created", MARKER, { comment: { body } }).keys;
    expect(says("/drop too dear")).toEqual(["stray-command"]);
    expect(says("/items")).toEqual(["stray-command"]);
    expect(says("/assign @bob")).toEqual([]);
    expect(says("dropped /etc/hosts")).toEqual([]);
  });
});
