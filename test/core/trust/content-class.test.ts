import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { contentClassOf, declarerInQuestion } from "../../../src/core/judge/judge-confirmation.ts";
import { PERMISSIONS, type PermissionAnswer, type Person } from "../../../src/core/model.ts";
import { parseOnCall } from "../../../src/core/oncall/parse-on-call.ts";
import { defaultPolicy } from "../../../src/core/policy/default-policy.ts";
import type { Entry } from "../../../src/core/record/entry.ts";
import { fold } from "../../../src/core/record/history.ts";
import { isOfTheTeam } from "../../../src/core/trust/content-class.ts";
import { buildIssue, buildObservation, NINE } from "../../support/build-observation.ts";

const MALLORY: Person = { id: 66, login: "mallory", isBot: false };
const APP: Person = { id: 1, login: "sevgate[bot]", isBot: true };
const PAGES_FOR_ALL = { ...defaultPolicy(), paging: { ...defaultPolicy().paging, unconfirmed: "page" as const } };
const BOTS = [{ login: "x[bot]", commands: ["severity"] as const, writtenAs: "x[bot]" }];
const GRANTS_SEVERITY = { ...defaultPolicy(), commands: { ...defaultPolicy().commands, bots: BOTS } };
const ON_CALL = parseOnCall(
  "rotations: { first: { start: 2025-01-06, members: [carol] } }\nroles: { primary: { layers: [first] } }\n",
);

interface Case {
  readonly by: string | null;
  readonly author: Person | null;
  readonly has?: PermissionAnswer;
  readonly since?: readonly Entry[];
}

function classOf({ by, author, has, since = [] }: Case, policy = defaultPolicy()) {
  const declared: Entry = { kind: "declared", at: NINE, by, severity: "P0" };
  const history = fold([declared, ...since]);
  const seen = buildObservation({
    issue: buildIssue({ labels: ["sev:P0"], author }),
    policy: { policy, source: null, requiresLines: new Map(), trouble: null },
    onCall: { schedule: ON_CALL.kind === "valid" ? ON_CALL.schedule : null, trouble: null },
    ...(has === undefined ? {} : { declarer: has }),
  });
  return { class: contentClassOf(seen, history), asks: declarerInQuestion(seen, history) };
}

function entry(kind: "confirmed" | "unconfirmed", by: string | null): Entry {
  return { kind, at: NINE, by };
}

const NOTE: Entry = { kind: "noted", at: NINE, by: "bob", text: "Seen.", source: { comment: 7, line: 0 } };
const BUTTON: Entry = { kind: "acknowledged", at: NINE, by: "bob", source: null, via: { slack: "T1/1" } };
const LABEL: Entry = { kind: "severity-changed", at: NINE, by: "bob", from: "P0", to: "P1", reason: "", source: null };
const ALERT: Entry = { ...LABEL, by: null, alert: "prometheus" };
const HELP: Entry = { kind: "answered", at: NINE, by: "mallory", command: "help", source: { comment: 7, line: 0 } };
const REFUSED: Entry = { kind: "refused", at: NINE, by: "mallory", command: "ack", source: { comment: 7, line: 0 } };

describe("Whose budget an incident's own words come from", () => {
  it.each<[string, Case, "incident" | "untold" | "outsider"]>([
    ["the team, that declared it", { by: "bob", author: MALLORY, has: "triage" }, "incident"],
    ["an outsider, who declared it by a form", { by: "mallory", author: MALLORY, has: "read" }, "outsider"],
    ["nobody yet, whose rights GitHub does not say", { by: "bob", author: MALLORY, has: "cannot-tell" }, "untold"],
    ["nobody yet, who was not asked about", { by: "mallory", author: MALLORY }, "outsider"],
    [
      "somebody of the on-call file, whatever GitHub says",
      { by: "Carol", author: MALLORY, has: "cannot-tell" },
      "incident",
    ],
    ["the author, where nobody knows who declared it", { by: null, author: MALLORY, has: "none" }, "outsider"],
    ["the author of the team, where nobody knows that", { by: null, author: MALLORY, has: "write" }, "incident"],
    ["an account that is gone", { by: null, author: null }, "outsider"],
    ["an alert, or Sevgate itself", { by: "sevgate[bot]", author: APP }, "incident"],
    [
      "the outsider whose issue a workflow labels",
      { by: "github-actions[bot]", author: MALLORY, has: "read" },
      "outsider",
    ],
    [
      "the team, whose issue a workflow labels",
      { by: "github-actions[bot]", author: MALLORY, has: "triage" },
      "incident",
    ],
    ["an integration that opens what it labels", { by: "x[bot]", author: { ...APP, login: "x[bot]" } }, "incident"],
    ["an app, whose label nobody was seen to set", { by: null, author: APP }, "incident"],
    ["an outsider who calls themselves something else by now", { by: "old", author: MALLORY, has: "none" }, "outsider"],
    [
      "an outsider, as was said",
      { by: "mallory", author: MALLORY, since: [entry("unconfirmed", "mallory")] },
      "outsider",
    ],
    [
      "one who was known to be of the team",
      { by: "bob", author: MALLORY, since: [entry("confirmed", "bob")] },
      "incident",
    ],
    [
      "one who could not be asked about, and was let page",
      { by: "mallory", author: MALLORY, since: [entry("confirmed", null)] },
      "outsider",
    ],
    ["the team, whose command was obeyed", { by: null, author: null, since: [NOTE] }, "incident"],
    [
      "the team, whose button was",
      { by: "mallory", author: MALLORY, since: [entry("unconfirmed", "mallory"), BUTTON] },
      "incident",
    ],
    [
      "the team, who changed the label",
      { by: "mallory", author: MALLORY, since: [entry("unconfirmed", "mallory"), LABEL] },
      "incident",
    ],
    [
      "an outsider still, when an alert joins",
      { by: "mallory", author: MALLORY, has: "none", since: [ALERT] },
      "outsider",
    ],
    [
      "an outsider still, who asks for help and is refused",
      { by: "mallory", author: MALLORY, has: "none", since: [HELP, REFUSED] },
      "outsider",
    ],
  ])("is that of %s", (_, given, expected) => {
    expect(classOf(given).class).toBe(expected);
    // May it page? That is for the policy to say, and does not settle who pays.
    expect(classOf(given, PAGES_FOR_ALL).class).toBe(expected);
  });

  it("is never the team's without a right of somebody's that GitHub has told", () => {
    const person = fc.constantFrom(null, MALLORY, { id: 3, login: "bob", isBot: false });
    const has = fc.constantFrom<PermissionAnswer>("cannot-tell", ...PERMISSIONS);
    const judged = fc.constantFrom(entry("confirmed", null), entry("unconfirmed", "mallory"));
    const said = judged.chain((one) => fc.subarray([HELP, REFUSED, ALERT, one]));
    const all = fc.record({ by: fc.constantFrom(null, "mallory", "bob"), author: person, has, since: said });
    fc.assert(
      fc.property(all, (given) => {
        const found = classOf(given);
        const isTold = isOfTheTeam(given.has) && !given.since.some(({ kind }) => kind === "unconfirmed");
        const nobodyToAsk = given.by === null && given.author === null;
        const isAsked = found.asks !== null && given.has === "cannot-tell";
        expect(found.class).toBe(isTold && !nobodyToAsk ? "incident" : isAsked ? "untold" : "outsider");
      }),
    );
  });

  it("asks GitHub about nobody where that makes no difference", () => {
    expect(classOf({ by: "mallory", author: MALLORY }).asks).toBe("mallory");
    expect(classOf({ by: null, author: MALLORY }).asks).toBe("mallory");
    expect(classOf({ by: "carol", author: MALLORY }).asks).toBe(null);
    expect(classOf({ by: "sevgate[bot]", author: APP }).asks).toBe(null);
    expect(classOf({ by: "x[bot]", author: MALLORY }).asks).toBe("mallory");
    expect(classOf({ by: "x[bot]", author: MALLORY, has: "none" }, GRANTS_SEVERITY)).toEqual({
      class: "incident",
      asks: null,
    });
    expect(classOf({ by: "mallory", author: MALLORY, since: [NOTE] }).asks).toBe(null);
    expect(classOf({ by: "mallory", author: MALLORY, since: [entry("unconfirmed", "mallory")] }).asks).toBe(null);
  });
});
