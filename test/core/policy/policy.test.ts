import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { Ajv } from "ajv";
import fc from "fast-check";
import { load } from "js-yaml";
import picomatch from "picomatch";
import { COMMANDS_OF_LISTED_APPS } from "../../../src/core/commands/registry.ts";
import type { HeadFile } from "../../../src/core/merge/merge-observation.ts";
import { policyCheck } from "../../../src/core/plan/policy-check.ts";
import { DEFAULT_POLICY_TEXT, defaultPolicy } from "../../../src/core/policy/default-policy.ts";
import { describePolicyChange, policyChanges } from "../../../src/core/policy/describe-change.ts";
import { globProblem, matchesAny } from "../../../src/core/policy/glob.ts";
import {
  extendsOwner,
  formatProblem,
  LARGEST_POLICY_BYTES,
  type OwnerPolicy,
  type ParsedPolicy,
  parsePolicy,
} from "../../../src/core/policy/parse.ts";
import { GRANTS, type Policy } from "../../../src/core/policy/policy.ts";
import { policyJsonSchema, policyReference } from "../../../src/core/policy/reference.ts";
import { showChoice } from "../../../src/core/policy/show-value.ts";
import { unseenIn } from "../../support/unseen-in.ts";

const LISTED = COMMANDS_OF_LISTED_APPS.map((name) => `/${name}`);

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

function policyOf(text: string): Policy {
  const parsed = parsePolicy(text);
  if (parsed.kind === "invalid") throw new Error(parsed.problems.map((one) => formatProblem("policy", one)).join("\n"));
  return parsed.policy;
}

/** `line:column  path  message` of every problem. */
function problemsOf(text: string): readonly string[] {
  const parsed = parsePolicy(text);
  return parsed.kind === "valid" ? [] : parsed.problems.map((problem) => formatProblem("", problem).slice(1));
}

function repositoryFile(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
}

describe("a policy that says nothing", () => {
  it.each([
    ["an empty file", ""],
    ["blank lines", "\n \n"],
    ["comments only", "# later\n"],
    ["a byte order mark", "\uFEFF"],
    ["a document without content", "---\n# nothing\n"],
    ["null", "null"],
    ["empty sections", "post-mortem: {}\nrunbooks: {}\nclosing: {}\ncommands: { permission: {} }\npull-requests: {}\n"],
    ["the built-in default, written out", DEFAULT_POLICY_TEXT],
    ["the built-in default with Windows line ends", DEFAULT_POLICY_TEXT.replaceAll("\n", "\r\n")],
  ])("is the built-in default: %s", (_name, text) => {
    expect(policyOf(text)).toEqual(defaultPolicy());
  });

  it("has three severities whose gate is on", () => {
    expect(defaultPolicy().severities.map(({ name, label }) => [name, label])).toEqual([
      ["P0", "sev:P0"],
      ["P1", "sev:P1"],
      ["P2", "sev:P2"],
    ]);
    for (const severity of defaultPolicy().severities) {
      expect(severity["close-requires"]).toEqual({
        kind: "any-of",
        of: [
          { kind: "requirement", name: "post-mortem" },
          { kind: "requirement", name: "runbook-pr" },
        ],
      });
    }
  });
});

describe("severities", () => {
  it("stay in the order of the file, most severe first", () => {
    const policy = policyOf("severities: { zebra: {}, A1: {}, constructor: {}, b-2: {} }");
    expect(policy.severities.map(({ name }) => name)).toEqual(["zebra", "A1", "constructor", "b-2"]);
  });

  it("without a field have a label of their name, no deadline, and the gate on", () => {
    expect(policyOf("severities: { SEV1: {} }").severities).toEqual([
      {
        name: "SEV1",
        label: "sev:SEV1",
        description: "",
        examples: [],
        "acknowledge-within": null,
        "update-every": null,
        "post-mortem-within": null,
        "action-items-within": null,
        regressions: null,
        "close-requires": defaultPolicy().severities[0]!["close-requires"],
      },
    ]);
  });

  it.each([
    ["1m", MINUTE_MS],
    ["15m", 15 * MINUTE_MS],
    ["90m", 90 * MINUTE_MS],
    ["4h", 4 * HOUR_MS],
    ["3d", 3 * DAY_MS],
    ["365d", 365 * DAY_MS],
    ["8760h", 365 * DAY_MS],
    ["0s", null],
  ])("take %s as a deadline", (written, expected) => {
    const policy = policyOf(`severities: { P0: { acknowledge-within: ${written} } }`);
    expect(policy.severities[0]!["acknowledge-within"]).toBe(expected);
  });

  it.each([
    ["post-mortem", { kind: "requirement", name: "post-mortem" }],
    ["[]", { kind: "all-of", of: [] }],
    [
      "[acknowledged, fix-merged]",
      {
        kind: "all-of",
        of: [
          { kind: "requirement", name: "acknowledged" },
          { kind: "requirement", name: "fix-merged" },
        ],
      },
    ],
    [
      "{ all-of: [action-items-filed, { any-of: [post-mortem] }] }",
      {
        kind: "all-of",
        of: [
          { kind: "requirement", name: "action-items-filed" },
          { kind: "any-of", of: [{ kind: "requirement", name: "post-mortem" }] },
        ],
      },
    ],
    [
      "[[[[[acknowledged]]]]]",
      [1, 2, 3, 4, 5].reduce<unknown>((of) => ({ kind: "all-of", of: [of] }), {
        kind: "requirement",
        name: "acknowledged",
      }),
    ],
  ])("close with %s", (written, expected) => {
    expect(policyOf(`severities: { P0: { close-requires: ${written} } }`).severities[0]!["close-requires"]).toEqual(
      expected,
    );
  });
});

describe("the other fields", () => {
  it.each<[string, (policy: Policy) => unknown, unknown]>([
    ["closing: { grace: 30s }", (policy) => policy.closing.grace, 30_000],
    ["closing: { grace: 2m }", (policy) => policy.closing.grace, 2 * MINUTE_MS],
    ["closing: { grace: 30s }", (policy) => policy.closing["max-reopens-per-day"], 3],
    [
      "commands: { permission: { ack: write } }",
      (policy) => policy.commands.permission,
      { default: "triage", ack: "write", waive: "maintain" },
    ],
    [
      'commands: { bots: [renovate, "my-app[bot]"] }',
      (policy) => policy.commands.bots,
      [
        { login: "renovate[bot]", commands: null, writtenAs: "renovate" },
        { login: "my-app[bot]", commands: null, writtenAs: "my-app[bot]" },
      ],
    ],
    [
      'commands: { bots: { renovate: [note], "my-app[bot]": [cancel, lower-severity] } }',
      (policy) => policy.commands.bots,
      [
        { login: "renovate[bot]", commands: ["note"], writtenAs: "renovate" },
        { login: "my-app[bot]", commands: ["cancel", "lower-severity"], writtenAs: "my-app[bot]" },
      ],
    ],
    [
      "commands:\n  bots:\n    github-actions[bot]: [resolve]\n",
      (policy) => policy.commands.bots,
      [{ login: "github-actions[bot]", commands: ["resolve"], writtenAs: "github-actions[bot]" }],
    ],
    [
      "commands:\n  bots:\n    - github-actions[bot]\n",
      (policy) => policy.commands.bots,
      [{ login: "github-actions[bot]", commands: null, writtenAs: "github-actions[bot]" }],
    ],
    ["pull-requests: { check: off }", (policy) => policy["pull-requests"].check, "off"],
    [
      "post-mortem: { repository: octo-org/post.mortems }",
      (policy) => policy["post-mortem"].repository,
      "octo-org/post.mortems",
    ],
    ["waive: { approvals: 2 }", (policy) => policy.waive.approvals, 2],
    [
      "post-mortem: { reviewed-by: 1 }",
      (policy) => [policy["post-mortem"]["reviewed-by"], policy.waive.approvals],
      [1, 0],
    ],
    ["post-mortem: { label: learning }", (policy) => policy["post-mortem"]["action-items"], 1],
    ["runbooks: { paths: [] }", (policy) => policy.runbooks, { paths: [], "pull-request": "merged" }],
    ["roles: []", (policy) => policy.roles, []],
    ["", (policy) => policy.slack.channel, "#alert"],
    ["slack: { channel: C0123456789 }", (policy) => policy.slack.channel, "C0123456789"],
  ])("are read, and what is left out stays at its default: %s", (text, pick, expected) => {
    expect(pick(policyOf(text))).toEqual(expected);
  });
});

describe("a broken policy", () => {
  it.each<[string, string, readonly string[]]>([
    [
      "an unknown key names the nearest",
      "clsoing: {}\n",
      ['1:1  clsoing  unknown key "clsoing": did you mean closing?'],
    ],
    [
      "underscores for hyphens",
      "severities:\n  P0:\n    update_every: 1h\n",
      ['3:5  severities.P0.update_every  unknown key "update_every": did you mean update-every?'],
    ],
    [
      "an unknown key far from all names those there are",
      "closing:\n  zzz: 1\n",
      ['2:3  closing.zzz  unknown key "zzz": known here are grace, not-planned, duplicate and max-reopens-per-day'],
    ],
    [
      "two unknown keys are two problems",
      "closing: { graze: 0s, dublicate: gated }\n",
      [
        '1:12  closing.graze  unknown key "graze": did you mean grace?',
        '1:23  closing.dublicate  unknown key "dublicate": did you mean duplicate?',
      ],
    ],
    [
      "a number without unit",
      "severities:\n  P0:\n    acknowledge-within: 15\n",
      [
        "3:25  severities.P0.acknowledge-within  15 has no unit: write a whole number and m, h or d, such as 15m, 4h or 2d, or 0s for none",
      ],
    ],
    [
      "two units",
      "severities:\n  P0: { update-every: '1h30m' }\n",
      [
        '2:23  severities.P0.update-every  "1h30m" is not a duration: write a whole number and m, h or d, such as 15m, 4h or 2d, or 0s for none',
      ],
    ],
    [
      "seconds where minutes are the least",
      "severities:\n  P0: { update-every: 90s }\n",
      [
        '2:23  severities.P0.update-every  "90s" is not a duration: write a whole number and m, h or d, such as 15m, 4h or 2d, or 0s for none',
      ],
    ],
    ["more than a year", "closing:\n  grace: 366d\n", ['2:10  closing.grace  "366d" is too long: at most 365d']],
    [
      "a requirement misspelt, in a list in a group",
      "severities:\n  P0:\n    close-requires:\n      any-of:\n        - acknowledged\n        - postmortem\n",
      ['6:11  severities.P0.close-requires.any-of[1]  "postmortem" is not a requirement: did you mean post-mortem?'],
    ],
    [
      "a group of no kind",
      "severities:\n  P0:\n    close-requires: {}\n",
      [
        "3:21  severities.P0.close-requires  write one of any-of and all-of, as in { any-of: [post-mortem, runbook-pr] }",
      ],
    ],
    [
      "an any-of nothing can satisfy",
      "severities:\n  P0:\n    close-requires: { any-of: [] }\n",
      ["3:31  severities.P0.close-requires.any-of  this list is empty: name a requirement in it"],
    ],
    [
      "groups too deep",
      "severities: { P0: { close-requires: [[[[[[acknowledged]]]]]] } }",
      ["1:37  severities.P0.close-requires  groups lie too deep within each other: at most 5"],
    ],
    [
      "runbooks needed and none possible",
      "severities: { P0: { close-requires: [runbook-pr] } }\nrunbooks: { paths: [] }\n",
      [
        "1:37  severities.P0.close-requires  this can never be met: it needs runbook-pr, and runbooks.paths is empty. Add a path, or take runbook-pr out",
      ],
    ],
    [
      "no severity at all",
      "severities: {}\n",
      ["1:13  severities  0 severities are defined: write 1 to 10, or remove the key for the built-in ones"],
    ],
    [
      "a severity that is a number",
      "severities:\n  1: {}\n",
      [
        '2:3  severities.1  "1" is not a severity name: write a letter, then at most 31 letters, digits, - or _, such as P0 or critical',
      ],
    ],
    [
      "a severity without fields",
      "severities:\n  P0:\n",
      [
        "2:3  severities.P0  an empty value is not a map of keys: write label, description, examples, acknowledge-within, update-every, post-mortem-within, action-items-within, close-requires or regressions with a value, or remove the line",
      ],
    ],
    [
      "names that differ in case",
      "severities:\n  P0: {}\n  p0: { label: other }\n",
      ["3:7  severities.p0  p0 and P0 differ only in case, and /severity takes either: give one another name"],
    ],
    [
      "two severities with one label",
      "severities:\n  A: { label: Über }\n  B: { label: u\u0308BER }\n",
      [
        '3:15  severities.B.label  the label "ÜBER" is already used by severities.A.label: choose another'.replace(
          "Ü",
          "u\u0308",
        ),
      ],
    ],
    [
      "a default label somebody took",
      "severities:\n  A: { label: sev:B }\n  B: {}\n",
      ['3:3  severities.B.label  the label "sev:B" is already used by severities.A.label: choose another'],
    ],
    [
      "the post-mortem label on a severity",
      "severities:\n  A: { label: Post-Mortem }\n",
      ['1:1  post-mortem.label  the label "post-mortem" is already used by severities.A.label: choose another'],
    ],
    [
      "the label of drills on a severity",
      "severities:\n  A: { label: drill }\n",
      ['1:1  drills.label  the label "drill" is already used by severities.A.label: choose another'],
    ],
    [
      "the label of reports on post-mortems",
      "post-mortem: { label: Incident-Report }\n",
      ['1:23  post-mortem.label  the label "Incident-Report" marks reports: choose another'],
    ],
    [
      "a report of a day",
      "report: { every: day }\n",
      ['1:18  report.every  "day" is not known here: choose week, month, quarter or off'],
    ],
    [
      "the label of drills on whatever an alert opens",
      "drills: { label: Alert }\n",
      ['1:18  drills.label  the label "Alert" marks what alerts opened: choose another'],
    ],
    [
      "the label of follow-ups on whatever an alert opens",
      "follow-ups: { label: Alert }\n",
      ['1:22  follow-ups.label  the label "Alert" marks what alerts opened: choose another'],
    ],
    [
      "the label of follow-ups on post-mortems",
      "follow-ups: { label: post-mortem }\n",
      ['1:22  follow-ups.label  the label "post-mortem" is already used by post-mortem.label: choose another'],
    ],
    [
      "a word for a yes-or-no field",
      "follow-ups: { labels: sometimes }\n",
      ['1:23  follow-ups.labels  "sometimes" is not true or false: write it without quotes'],
    ],
    [
      "a label of Sevgate's own",
      "severities:\n  A: { label: Incident:open }\n",
      ['2:15  severities.A.label  labels that start with "incident:" show the state of an incident: choose another'],
    ],
    [
      "a label too long",
      `severities:\n  A: { label: ${"x".repeat(51)} }\n`,
      [
        `2:15  severities.A.label  "${"x".repeat(40)}…" is not a label: write 1 to 50 characters on one line, without spaces around them`,
      ],
    ],
    [
      "a choice misspelt",
      "closing: { not-planned: cancel }\n",
      ['1:25  closing.not-planned  "cancel" is not known here: did you mean cancels?'],
    ],
    [
      "false for off",
      "pull-requests: { check: false }\n",
      ["1:25  pull-requests.check  false is not known here: choose always, referencing or off"],
    ],
    [
      "a number in quotes",
      'post-mortem: { action-items: "1" }\n',
      ['1:30  post-mortem.action-items  "1" is not a whole number from 0 to 50: write it without quotes or unit'],
    ],
    [
      "more people than may be asked for",
      "post-mortem: { reviewed-by: 6 }\nwaive: { approval: 1 }\n",
      [
        "1:29  post-mortem.reviewed-by  6 is too large: at most 5",
        '2:10  waive.approval  unknown key "approval": did you mean approvals?',
      ],
    ],
    [
      "a number too large, one too small, and one that is not whole",
      "closing: { max-reopens-per-day: 99 }\npost-mortem: { action-items: -1 }\nalerts: { issues-per-hour: 1.5 }\n",
      [
        "1:33  closing.max-reopens-per-day  99 is too large: at most 10",
        "2:30  post-mortem.action-items  -1 is too small: at least 0",
        "3:28  alerts.issues-per-hour  1.5 is not a whole number from 1 to 100",
      ],
    ],
    [
      "triage for the command that changes code",
      "commands: { permission: { revert: triage } }\n",
      ['1:35  commands.permission.revert  "triage" is too low for /revert: choose write, maintain or admin'],
    ],
    [
      "the key that other apps extend by",
      "_extends: .github\n",
      ['1:1  _extends  unknown key "_extends": did you mean extends?'],
    ],
    [
      "something else than the owner to extend",
      "extends: acme/.github\n",
      [
        '1:10  extends  "acme/.github" cannot be extended: write owner, which is the policy in the owner\'s repository .github',
      ],
    ],
    [
      "read as a permission",
      "commands: { permission: { waive: read } }\n",
      ['1:34  commands.permission.waive  "read" is too low: choose triage, write, maintain or admin'],
    ],
    [
      "a person as a bot",
      'commands: { bots: ["@mona"] }\n',
      [
        '1:20  commands.bots[0]  "@mona" is not the login of a bot: write it as GitHub shows it, in quotes, such as "my-app[bot]"',
      ],
    ],
    [
      "a person as a bot, with commands",
      'commands:\n  bots:\n    "@mona": [ack]\n',
      [
        '3:5  commands.bots["@mona"]  "@mona" is not the login of a bot: write it as GitHub shows it, in quotes, such as "my-app[bot]"',
      ],
    ],
    [
      "unknown commands for a bot, with a slash and misspelt",
      "commands:\n  bots:\n    a: [/ack, resolv]\n    b: [delete-everything]\n",
      [
        '3:9  commands.bots.a[0]  "/ack" is not known here: did you mean ack?',
        '3:15  commands.bots.a[1]  "resolv" is not known here: did you mean resolve?',
        `4:9  commands.bots.b[0]  "delete-everything" is not known here: choose ${showChoice(GRANTS)}`,
      ],
    ],
    [
      "the command that needs no grant, for a bot",
      "commands:\n  bots:\n    a: [help]\n",
      ["3:9  commands.bots.a[0]  /help needs no grant: remove it here"],
    ],
    [
      "the login of an app without quotes, in a list",
      "commands: { bots: [github-actions[bot]] }\n",
      ['1:20  a name with a bracket in it needs quotes: write "github-actions[bot]"'],
    ],
    [
      "the login of an app without quotes, in brackets with its commands",
      "commands:\n  bots: {x[bot]: [note]}\n",
      ['2:10  a name with a bracket in it needs quotes: write "x[bot]"'],
    ],
    [
      "the login of an app without quotes, behind another",
      "commands:\n  bots: [other, my-app[bot] ]\n",
      ['2:17  a name with a bracket in it needs quotes: write "my-app[bot]"'],
    ],
    [
      "a bot without commands, and one with a word for a list",
      "commands:\n  bots:\n    a: []\n    b: ack\n",
      [
        "3:8  commands.bots.a  this list is empty: name a command in it, or remove the line",
        '4:8  commands.bots.b  "ack" is not a list: write [note, resolve]',
      ],
    ],
    [
      "a word for bots",
      "commands: { bots: deploy }\n",
      ['1:19  commands.bots  "deploy" is not a map of apps: write { "my-app[bot]": [note] }, or a list of logins'],
    ],
    [
      "a bot twice, and a command twice",
      'commands:\n  bots:\n    a: [ack, ack]\n    "A[bot]": [note]\n',
      [
        '3:14  commands.bots.a[1]  "ack" is in the list twice: remove one',
        '4:15  commands.bots["A[bot]"]  "A[bot]" is there twice, perhaps with and without [bot]: keep one line',
      ],
    ],
    [
      "a repository without owner",
      "post-mortem: { repository: docs }\n",
      [
        '1:28  post-mortem.repository  "docs" is not a repository: write same, or owner/name such as octo-org/post-mortems',
      ],
    ],
    [
      "a repository named ..",
      "post-mortem: { repository: octo/.. }\n",
      [
        '1:28  post-mortem.repository  "octo/.." is not a repository: write same, or owner/name such as octo-org/post-mortems',
      ],
    ],
    [
      "a heading with its marks",
      "post-mortem:\n  required-sections: ['# Why']\n",
      [
        '2:23  post-mortem.required-sections[0]  "# Why" is not a heading: write its text, 1 to 80 characters on one line, without the # in front',
      ],
    ],
    [
      "a heading twice",
      "post-mortem:\n  required-sections: [Why, why]\n",
      ['2:28  post-mortem.required-sections[1]  "why" is in the list twice: remove one'],
    ],
    [
      "a path out of the repository",
      "runbooks:\n  paths:\n    - ok/*.md\n    - ../x\n",
      ['4:7  runbooks.paths[1]  "../x" may not go through . or ..: write the path itself'],
    ],
    [
      "an absolute path",
      "runbooks: { paths: [/etc] }\n",
      ['1:21  runbooks.paths[0]  "/etc" starts with a slash: paths are relative to the root of the repository'],
    ],
    [
      "an example twice",
      "severities:\n  P0: { examples: [data loss, Data loss] }\n",
      ['2:31  severities.P0.examples[1]  "Data loss" is in the list twice: remove one'],
    ],
    [
      "an example without words",
      'severities:\n  P0: { examples: [" "] }\n',
      [
        '2:20  severities.P0.examples[0]  " " is not an example: write 1 to 60 characters on one line, without spaces around them',
      ],
    ],
    [
      "a contributing factor named twice",
      "contributing-factors: [fatigue, Fatigue]\n",
      ['1:33  contributing-factors[1]  "Fatigue" is in the list twice: remove one'],
    ],
    [
      "a contributing factor that is no text",
      "contributing-factors: [7]\n",
      [
        "1:24  contributing-factors[0]  7 is not a factor: write 1 to 60 characters on one line, without spaces around them",
      ],
    ],
    ["recall in quotes", 'recall: "yes"\n', ['1:9  recall  "yes" is not true or false: write it without quotes']],
    [
      "an issue type that is no text",
      "issue-type: 7\n",
      ["1:13  issue-type  7 is not an issue type: write its name, 1 to 60 characters on one line, such as Incident"],
    ],
    ["no key time", "key-times: []\n", ["1:12  key-times  this list is empty: name a time in it, or remove the line"]],
    [
      "a key time twice",
      "key-times: [started, started]\n",
      ['1:22  key-times[1]  "started" is in the list twice: remove one'],
    ],
    [
      "a misspelt key time",
      "key-times: [strated]\n",
      ['1:13  key-times[0]  "strated" is not known here: did you mean started?'],
    ],
    ["a role twice", "roles: [lead, lead]\n", ['1:15  roles[1]  "lead" is in the list twice: remove one']],
    ["another version", "version: 2\n", ["1:10  version  2 is not a version Sevgate reads: write version: 1"]],
    [
      "a list for the whole",
      "- a\n",
      [
        "1:1  a list is not a map of keys: write version, extends, runs-in, severities, post-mortem, action-items, runbooks, closing, key-times, contributing-factors, waive, commands, alerts, pull-requests, paging, drills, follow-ups, report, issue-type, recall, slack, evidence-for or roles with a value, or remove the line",
      ],
    ],
    [
      "a key twice",
      "closing: {}\nroles: []\nclosing: {}\n",
      ["3:1  closing  this key is there twice: keep one of them"],
    ],
    [
      "a second document",
      "version: 1\n---\nversion: 1\n",
      ["3:1  a second document starts here: keep one, without --- between"],
    ],
    ["an alias", "roles: &r [lead]\nx: *r\n", ["2:5  aliases such as *name are not allowed: write the value out"]],
    ["a tag", "version: !x 1\n", ["1:10  tags such as !name are not allowed: write the plain value"]],
    ["a tab", "closing:\n\tgrace: 0s\n", ["2:1  this line is indented with a tab: use spaces"]],
    [
      "a merge key",
      "<<: { version: 1 }\n",
      [
        '1:1  ["<<"]  unknown key "<<": known here are version, extends, runs-in, severities, post-mortem, action-items, runbooks, closing, key-times, contributing-factors, waive, commands, alerts, pull-requests, paging, drills, follow-ups, report, issue-type, recall, slack, evidence-for and roles',
      ],
    ],
    [
      "__proto__ as a severity",
      "severities:\n  P0: {}\n  __proto__: { label: x }\n",
      ['3:3  severities.__proto__  unknown key "__proto__": remove it'],
    ],
    [
      "an alert of a severity that is not there",
      "alerts:\n  endpoints:\n    prod:\n      severity: P7\n      severities: { critical: P9 }\n",
      [
        '4:17  alerts.endpoints.prod.severity  "P7" is not a severity of this policy: choose P0, P1 or P2',
        '5:31  alerts.endpoints.prod.severities.critical  "P9" is not a severity of this policy: choose P0, P1 or P2',
      ],
    ],
    [
      "bytes that are no UTF-8",
      "version: 1\n# caf\uFFFD\n",
      ["2:6  the text is not valid UTF-8 here: save the file as UTF-8"],
    ],
    ["an unclosed quote", "roles: ['lead]\n", ["1:9  this quote is not closed: write ' at the end of the value"]],
    [
      "a label with a comma",
      // A-055
      'severities: { P0: { label: "sev:P0,urgent" } }\npost-mortem: { label: "a,b" }\n',
      [
        '1:28  severities.P0.label  "sev:P0,urgent" has a comma, which GitHub takes for two labels when it lists issues: choose a name without',
        '2:23  post-mortem.label  "a,b" has a comma, which GitHub takes for two labels when it lists issues: choose a name without',
      ],
    ],
    [
      "a place after a byte order mark",
      "\uFEFFversion: x\n",
      ['1:10  version  "x" is not a version Sevgate reads: write version: 1'],
    ],
    [
      "places in a file with Windows line ends",
      "closing:\r\n  grace: 1\r\n",
      [
        "2:10  closing.grace  1 has no unit: write a whole number and s, m, h or d, such as 30s, 15m or 4h, or 0s for none",
      ],
    ],
  ])("is explained at its place: %s", (_name, text, expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });

  it("lists all problems of a file, in the order of the file", () => {
    const text = "roles: [Lead]\nversion: 3\nclosing:\n  grace: soon\n  dupe: 1\n";
    expect(problemsOf(text).map((line) => line.split("  ")[0])).toEqual(["1:9", "2:10", "4:10", "5:3"]);
  });

  it.each<[string, string, readonly string[]]>([
    [
      "a wrong duration beside a doubled label, a label of Sevgate's own, and an alert of an unknown severity",
      [
        "severities:",
        "  P0: { label: down, acknowledge-within: soon }",
        "  P1: { label: down }",
        "  P2: { label: incident:open }",
        "alerts: { endpoints: { prod: { severity: P9 } } }",
        "",
      ].join("\n"),
      [
        "2:42  severities.P0.acknowledge-within",
        "3:16  severities.P1.label",
        "4:16  severities.P2.label",
        "5:42  alerts.endpoints.prod.severity",
      ],
    ],
    [
      "places behind entries that are left out",
      "roles: [Lead, lead, scribe, lead]\nrunbooks: { paths: [5, ok/*.md, ../x] }\n",
      ["1:9  roles[0]", "1:29  roles[3]", "2:21  runbooks.paths[0]", "2:33  runbooks.paths[2]"],
    ],
    [
      "nothing of severities that may be there once their fields are right",
      "severities:\n  P7: 5\nalerts: { endpoints: { prod: { severity: P7 } } }\n",
      ["2:7  severities.P7"],
    ],
    [
      "nothing about labels that may be others once they are right",
      'severities:\n  A: { label: "" }\n  B: { label: sev:A }\n',
      ["2:15  severities.A.label"],
    ],
    [
      "nothing about a condition that may be met once it is right",
      "severities:\n  A: { close-requires: { any-of: [runbook-pr, postmortem] } }\nrunbooks: { paths: [] }\n",
      ["2:47  severities.A.close-requires.any-of[1]"],
    ],
    [
      "nothing of severities that cannot be read",
      "severities: [P7]\npaging: { channels: { P7: [pagerduty] } }\n",
      ["1:13  severities"],
    ],
    [
      "names that differ only in case, one of which has a wrong field",
      "severities:\n  P0: { update-every: soon }\n  p0: { label: other }\n",
      ["2:23  severities.P0.update-every", "3:7  severities.p0"],
    ],
  ])("tells all at once, and only what is certain: %s", (_name, text, expected) => {
    expect(problemsOf(text).map((line) => line.split("  ").slice(0, 2).join("  "))).toEqual(expected);
  });

  it("never brings control or direction characters of the file into a message", () => {
    const [problem] = problemsOf('"\\e[31m\\u202Eevil\\n": 1\n');
    expect(problem).toContain('unknown key "\\u001b[31m\\u202eevil\\n"');
  });

  it("shows what nobody sees in the file, so that a copied message holds none of it", () => {
    const [problem = ""] = problemsOf('"a\\u200B\\u3164\\uFEFF\\U000E0041b": 1\n');
    expect(problem).toContain('unknown key "a\\u200b\\u3164\\ufeff\\udb40\\udc41b"');
    expect(unseenIn(problem)).toBeNull();
  });

  it("leaves every object in the process as it was", () => {
    parsePolicy("__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }\n");
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  const bombs: readonly [string, string, string][] = [
    [
      "billion laughs",
      Array.from({ length: 9 }, (_, n) => `a${n}: &a${n} [${Array(9).fill(n > 0 ? `*a${n - 1}` : "x")}]`).join("\n"),
      "aliases such as *name are not allowed: write the value out",
    ],
    ["60,000 brackets", "[".repeat(60_000), "lists and maps lie too deep within each other: at most 20 levels"],
    ["60,000 dashes", "- ".repeat(30_000), "lists and maps lie too deep within each other: at most 20 levels"],
    [
      "30,000 requirements",
      `severities: { P0: { close-requires: [${"x,".repeat(30_000)}] } }`,
      "this list is too long: at most 10 entries",
    ],
    [
      "5,000 severities",
      `severities:\n${Array.from({ length: 5000 }, (_, n) => `  S${n}: {}\n`).join("")}`,
      "5000 severities are defined: write 1 to 10, or remove the key for the built-in ones",
    ],
    ["7,000 globs", `runbooks: { paths: [${"'*a*a*b',".repeat(7000)}] }`, "this list is too long: at most 20 entries"],
    ["one byte too many", `#${"x".repeat(LARGEST_POLICY_BYTES)}`, "the file is too large: at most 64 KiB"],
    ["few characters of many bytes", `#${"€".repeat(22_000)}`, "the file is too large: at most 64 KiB"],
    [
      "a very long key",
      `${"k".repeat(1000)}: 1`,
      `unknown key "${"k".repeat(40)}…": known here are version, extends, runs-in, severities, post-mortem, action-items, runbooks, closing, key-times, contributing-factors, waive, commands, alerts, pull-requests, paging, drills, follow-ups, report, issue-type, recall, slack, evidence-for and roles`,
    ],
  ];
  it.each(bombs)("is refused in one sentence, however large: %s", (_name, text, message) => {
    const parsed = parsePolicy(text);
    expect(parsed).toMatchObject({ kind: "invalid", problems: [{ message }] });
  });

  it("may hold exactly 64 KiB", () => {
    expect(policyOf(`#${"x".repeat(LARGEST_POLICY_BYTES - 1)}`)).toEqual(defaultPolicy());
  });

  /** The default with a few pieces removed, repeated or inserted: close enough to a policy to reach every check. */
  const damaged = fc
    .array(
      fc.record({
        at: fc.nat(DEFAULT_POLICY_TEXT.length),
        cut: fc.nat(30),
        put: fc.oneof(
          fc.string({ unit: "binary", maxLength: 5 }),
          fc.constantFrom(
            ": ",
            "- ",
            "[",
            "{",
            "}",
            "\n",
            "\r",
            "'",
            '"',
            "|\n",
            "? ",
            "&a ",
            "*a",
            "!!str ",
            "---\n",
            "null",
            "[]",
            "__proto__: 1\n",
            "\t",
          ),
        ),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((edits) =>
      edits.reduce((text, { at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut), DEFAULT_POLICY_TEXT),
    );

  it("is a value, never an exception, and every problem lies inside the text: any text", () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(
        fc.oneof({ weight: 3, arbitrary: damaged }, { weight: 1, arbitrary: fc.string({ unit: "binary" }) }),
        (text) => {
          const parsed = parsePolicy(text);

          kinds.add(parsed.kind);
          if (parsed.kind === "valid") return;
          const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
          expect(parsed.problems.length).toBeGreaterThan(0);
          for (const { line, column, message } of parsed.problems) {
            expect(line).toBeGreaterThanOrEqual(1);
            expect(line).toBeLessThanOrEqual(lines.length);
            expect(column).toBeGreaterThanOrEqual(1);
            expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 2);
            expect(message).toMatch(/^[^\n\r]+$/);
          }
        },
      ),
      { numRuns: 1500 },
    );
    expect(kinds).toEqual(new Set(["valid", "invalid"]));
  });
});

describe("a policy that extends its owner's", () => {
  const OWNERS = [
    "severities:",
    "  P0: { label: sev:P0, acknowledge-within: 15m, close-requires: { all-of: [acknowledged, post-mortem] } }",
    "  P1: { label: sev:P1, update-every: 4h }",
    "post-mortem: { repository: acme/post-mortems }",
    "commands: { permission: { default: triage, waive: admin }, bots: { ci: [note] } }",
    "alerts: { endpoints: { prod: { severity: P1, severities: { critical: P0 } } } }",
    "runbooks: { paths: [a/*.md] }",
    "evidence-for: [acme/shop]",
    "roles: [lead]",
    "",
  ].join("\n");
  const owner: OwnerPolicy = { kind: "text", place: "acme/.github", text: OWNERS };
  const over = (text: string, below: OwnerPolicy = owner) => parsePolicy(`extends: owner\n${text}`, below);
  function laid(text: string, below?: OwnerPolicy): Policy {
    const parsed = over(text, below);
    if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
    return parsed.policy;
  }
  const said = (parsed: ParsedPolicy) =>
    parsed.kind === "valid" ? [] : parsed.problems.map((problem) => formatProblem("", problem).slice(1));

  it("is the owner's when it says nothing else, but for whose evidence is let in", () => {
    expect(laid("")).toEqual({ ...policyOf(OWNERS), "evidence-for": [] });
    expect(laid("evidence-for: [acme/web]")["evidence-for"]).toEqual(["acme/web"]);
  });

  it.each<[string, string, (policy: Policy) => unknown, unknown]>([
    [
      "a field of a severity leaves the others",
      "severities: { P0: { acknowledge-within: 5m } }",
      ({ severities }) => severities.map((one) => [one.name, one["acknowledge-within"], one["update-every"]]),
      [
        ["P0", 5 * MINUTE_MS, null],
        ["P1", null, 4 * HOUR_MS],
      ],
    ],
    [
      "a new severity comes after the owner's",
      "severities: { P3: { label: sev:P3 } }",
      ({ severities }) => severities.map(({ name }) => name),
      ["P0", "P1", "P3"],
    ],
    [
      "what it needs to close is replaced as a whole",
      "severities: { P0: { close-requires: { any-of: [runbook-pr] } } }",
      ({ severities }) => severities[0]!["close-requires"],
      { kind: "any-of", of: [{ kind: "requirement", name: "runbook-pr" }] },
    ],
    ["key times are replaced", "key-times: [started]", (policy) => policy["key-times"], ["started"]],
    ["a list is replaced", "roles: [scribe]", ({ roles }) => roles, ["scribe"]],
    [
      "a role for one command leaves the others",
      "commands: { permission: { ack: write } }",
      ({ commands }) => commands.permission,
      { default: "triage", waive: "admin", ack: "write" },
    ],
    [
      "what apps may do is replaced as a whole",
      "commands: { bots: { deploy: [note] } }",
      ({ commands }) => commands.bots.map(({ login }) => login),
      ["deploy[bot]"],
    ],
    [
      "an endpoint keeps what it does not name",
      "alerts: { endpoints: { prod: { opens: issue } } }",
      ({ alerts }) => alerts.endpoints.map(({ name, severity, opens }) => [name, severity, opens]),
      [["prod", "P1", "issue"]],
    ],
  ])("names only what differs: %s", (_name, text, pick, expected) => {
    expect(pick(laid(text))).toEqual(expected);
  });

  it("builds on the built-in severities where the owner's names none", () => {
    const policy = laid("severities: { P2: { update-every: 1d } }", { kind: "text", place: "acme/.github", text: "" });
    expect(policy.severities.map(({ name, label }) => [name, label])).toEqual([
      ["P0", "sev:P0"],
      ["P1", "sev:P1"],
      ["P2", "sev:P2"],
    ]);
  });

  it.each<[string, OwnerPolicy, string]>([
    [
      "is missing, or may not be read",
      { kind: "missing", place: "acme/.github" },
      "there is no .github/sevgate.yml in acme/.github that Sevgate may read: write it there, or remove this line",
    ],
    [
      "is this file",
      { kind: "itself" },
      "this file is the owner's policy, and there is none above it: remove this line",
    ],
    [
      "is broken",
      { kind: "text", place: "acme/.github", text: "closing:\n  graze: 0s\n" },
      'the policy of acme/.github cannot be used: fix it there (line 2, closing.graze: unknown key "graze": did you mean grace?)',
    ],
    [
      "extends another itself",
      { kind: "text", place: "acme/.github", text: "extends: owner\n" },
      "the policy of acme/.github cannot be used: fix it there (line 1, extends: this file is the owner's policy, and there is none above it: remove this line)",
    ],
  ])("is refused on that line where the owner's %s", (_name, below, message) => {
    expect(said(over("roles: []\n", below))).toEqual([`1:10  extends  ${message}`]);
  });

  it("is refused where both together are too large", () => {
    const large = `roles: [lead]\nrunbooks: { paths: [${Array.from({ length: 20 }, (_, n) => `"${n}${"ä".repeat(190)}"`)}] }\n`;
    const below: OwnerPolicy = {
      kind: "text",
      place: "acme/.github",
      text: `evidence-for: []\nalerts: { endpoints: {${Array.from({ length: 700 }, (_, n) => ` e${n}: { severity: P0, group: each, opens: issue }`)} } }\n`,
    };
    const mine = `${large}alerts: { endpoints: {${Array.from({ length: 700 }, (_, n) => ` x${n}: { severity: P0, group: each, opens: issue }`)} } }\n`;
    expect(said(over("", below))).toEqual([]);
    expect(said(over(mine, below))).toEqual([
      "1:10  extends  together with the owner's policy this is too large: at most 64 KiB",
    ]);
  });

  it("tells of a contradiction with the owner's in this file", () => {
    expect(said(over("severities:\n  P3: { label: SEV:p0 }\npaging:\n  channels: { P7: [pagerduty] }\n"))).toEqual([
      '3:16  severities.P3.label  the label "SEV:p0" is already used by severities.P0.label: choose another',
      expect.stringMatching(/^5:19 {2}paging\.channels\.P7 {2}"P7" is not a severity of this policy/),
    ]);
    // What clashes is the owner's: the nearest place here is shown.
    expect(said(over("severities:\n  P0: { label: sev:P1 }\n"))).toEqual([
      '2:1  severities.P1.label  the label "sev:P1" is already used by severities.P0.label: choose another',
    ]);
  });

  it("is kept as a text that says the same without the owner's", () => {
    const parsed = over('post-mortem: { required-sections: ["a\\u007f\\u2028b"] }\nroles: []\n');
    expect(said(parsed)).toEqual([expect.stringContaining("is not a heading")]);
    const kept = over('severities: { P0: { description: "ends at 5\u2028" } }\nroles: []\n');
    if (kept.kind === "invalid") throw new Error(JSON.stringify(kept.problems));
    expect(policyOf(kept.text)).toEqual(kept.policy);
  });

  it("is looked at from elsewhere with what it says itself, and the rest is let pass", () => {
    const elsewhere: OwnerPolicy = { kind: "elsewhere" };
    expect(
      said(
        over("paging: { channels: { P7: [pagerduty] } }\nalerts: { endpoints: { prod: { opens: issue } } }", elsewhere),
      ),
    ).toEqual([]);
    expect(said(over("closing: { graze: 0s }", elsewhere))).toEqual([
      '2:12  closing.graze  unknown key "graze": did you mean grace?',
    ]);
  });

  it.each([
    ["extends: owner\n", true],
    ["roles: []\nextends: owner\n", true],
    ["# extends: owner\n", false],
    ["roles: [extends]\n", false],
    ["extends: acme\n", false],
    ["extends: [\n", false],
  ])("is known by its line: %j", (text, extending) => {
    expect(extendsOwner(text)).toBe(extending);
  });
});

describe("schema/sevgate.schema.json", () => {
  const conforms = new Ajv({ strict: true, allErrors: true }).compile(JSON.parse(policyJsonSchema()));

  it.each([
    ["", true],
    [DEFAULT_POLICY_TEXT, true],
    ["version: 1", true],
    ["version: 2", false],
    ["verison: 1", false],
    ["extends: acme", false],
    ["severities: {}", false],
    ["severities: { P0: {} }", true],
    ["severities: { 0P: {} }", false],
    [`severities: { ${Array.from({ length: 11 }, (_, n) => `S${n}: {}`)} }`, false],
    ["severities: { P0: { label: '' } }", false],
    ["severities: { P0: { examples: [data loss, nobody can log in] } }", true],
    ["severities: { P0: { examples: [''] } }", false],
    ["severities: { P0: { examples: [a, b, c, d, e, f, g] } }", false],
    [`severities: { P0: { label: ${"😀".repeat(50)} } }`, true],
    [`severities: { P0: { label: ${"😀".repeat(51)} } }`, false],
    ["severities: { P0: { acknowledge-within: 15m } }", true],
    ["severities: { P0: { acknowledge-within: 0s } }", true],
    ["severities: { P0: { acknowledge-within: 15 } }", false],
    ["severities: { P0: { acknowledge-within: 1.5h } }", false],
    ["severities: { P0: { acknowledge-within: 30s } }", false],
    ["severities: { P0: { close-requires: [] } }", true],
    ["severities: { P0: { close-requires: post-mortem } }", true],
    ["severities: { P0: { close-requires: [[acknowledged], {all-of: [fix-merged]}] } }", true],
    ["severities: { P0: { close-requires: [[]] } }", false],
    ["severities: { P0: { close-requires: {} } }", false],
    ["severities: { P0: { close-requires: {any-of: [acknowledged], all-of: [acknowledged]} } }", false],
    ["severities: { P0: { close-requires: {any-of: []} } }", false],
    ["severities: { P0: { close-requires: nothing } }", false],
    ["closing: { grace: 30s }", true],
    ["closing: { max-reopens-per-day: 11 }", false],
    ["closing: null", false],
    ["commands: { permission: { resolve: admin } }", true],
    ["commands: { permission: { help: admin } }", false],
    ["commands: { bots: ['a[bot]', b] }", true],
    ["commands: { bots: ['a b'] }", false],
    ["commands: { bots: { 'a[bot]': [note], b: [lower-severity] } }", true],
    ["commands: { bots: { 'a b': [note] } }", false],
    ["commands: { bots: { a: [] } }", false],
    ["commands: { bots: { a: [help] } }", false],
    ["runbooks: { paths: ['a/**/*.md'] }", true],
    ["runbooks: { paths: ['/a'] }", false],
    ["runbooks: { paths: ['{a,b}'] }", false],
    ["pull-requests: { check: off }", true],
    ["pull-requests: { check: sometimes }", false],
    ["alerts: { endpoints: { prod: { severity: P1, severities: { critical: P0 } } } }", true],
    ["alerts: { endpoints: { prod: {} } }", false],
    ["alerts: { endpoints: { prod: { severity: P1, severities: { CRITICAL: P0 } } } }", false],
    ["alerts: { endpoints: { Prod: { severity: P1 } } }", false],
    ["alerts: { issues-per-hour: 0 }", false],
    ["roles: [Lead]", false],
    ['slack: { channel: "#ops_alert-1" }', true],
    ['slack: { channel: "@channel" }', false],
    ['slack: { channel: "#General" }', false],
    ["slack:\n  channel: #alert\n", false],
    ["roles: lead", false],
  ])("tells an editor what Sevgate would say: %s", (text, valid) => {
    const document = text === "" ? {} : load(text);
    expect(conforms(document)).toBe(valid);
    expect(parsePolicy(text).kind).toBe(valid ? "valid" : "invalid");
  });

  it("lets a file that extends leave out what its owner's gives, and no other", () => {
    const endpoint = (text: string) => conforms(load(`${text}alerts: { endpoints: { prod: { opens: issue } } }`));
    expect(endpoint("extends: owner\n")).toBe(true);
    expect(endpoint("")).toBe(false);
    expect(conforms(load("extends: owner\nalerts: { endpoints: { prod: { opens: nothing } } }"))).toBe(false);
  });

  it("and docs/policy.md are those of the sources", () => {
    expect(repositoryFile("schema/sevgate.schema.json")).toBe(policyJsonSchema());
    expect(repositoryFile("docs/policy.md")).toBe(policyReference());
  });

  it("describes every field of the built-in default, and so does docs/policy.md", () => {
    const reference = policyReference();
    for (const key of DEFAULT_POLICY_TEXT.matchAll(/(?<=[\s{]|^)(?!any-of)[a-z-]+(?=:\s)/gm)) {
      expect(reference).toMatch(new RegExp(`(?:###.*[.\`]|^\\| .*[.\`])${key[0]}\``, "m"));
    }
    expect(policyJsonSchema()).not.toContain("undefined");
  });
});

describe("describePolicyChange", () => {
  const P0 = "severities: { P0: { close-requires: %, label: a } }";
  const closes = (condition: string) => P0.replace("%", condition);

  it.each<[string, string, readonly string[]]>([
    [
      "",
      "runs-in: action",
      [
        "The GitHub Action of this repository runs it, and the server does nothing here any more. Before merging, its workflow has to be on the default branch",
        "Checks come from another app then: a ruleset that names the source of sevgate/close-gate has to name the new one",
      ],
    ],
    [
      "runs-in: action",
      "runs-in: server",
      [
        "The server runs this repository, and its GitHub Action does nothing any more. Before merging, the server's app has to be installed here",
        "Checks come from another app then: a ruleset that names the source of sevgate/close-gate has to name the new one",
      ],
    ],
    [
      "severities: { P0: { acknowledge-within: 1h } }",
      "severities: { P0: { acknowledge-within: 15m } }",
      ["P0: acknowledge within 15 minutes, was 1 hour"],
    ],
    [
      "severities: { P0: {} }",
      "severities: { P0: { update-every: 90m } }",
      ["P0: update every 90 minutes, was no deadline"],
    ],
    [
      "severities: { P0: { post-mortem-within: 1d } }",
      "severities: { P0: { post-mortem-within: 0s } }",
      ['P0: no deadline any more for "post-mortem within", was 1 day'],
    ],
    [closes("[post-mortem]"), closes("[]"), ["P0 can now be closed without a post-mortem: the gate is relaxed"]],
    [
      closes("[]"),
      closes("[post-mortem, fix-merged]"),
      ["P0 can no longer be closed without a post-mortem or a merged fix: the gate is tightened"],
    ],
    [
      closes("{any-of: [post-mortem, runbook-pr]}"),
      closes("[]"),
      ["P0 now needs nothing to close, was a post-mortem or a runbook pull request: the gate is relaxed"],
    ],
    [
      closes("post-mortem"),
      closes("runbook-pr"),
      [
        "P0 now needs a runbook pull request to close, was a post-mortem: the gate is relaxed in one way and tightened in another",
      ],
    ],
    [
      closes("{any-of: [acknowledged, fix-merged]}"),
      closes("{any-of: [acknowledged, [fix-merged, action-items-filed]]}"),
      [
        "P0 now needs an acknowledgment or (a merged fix and filed action items) to close, was an acknowledgment or a merged fix: the gate is tightened",
      ],
    ],
    [
      "severities: { P0: {}, P1: {} }",
      "severities: { P0: {} }",
      ['P1 is removed: issues labeled "sev:P1" are no longer declared as incidents: the gate is relaxed'],
    ],
    [
      "severities: { P0: {} }",
      "severities: { P0: {}, P9: { close-requires: [] } }",
      ['P9 is new: issues labeled "sev:P9" need nothing to close: the gate is tightened'],
    ],
    [
      "severities: { P0: {} }",
      "severities: { SEV1: { label: sev:p0 } }",
      ["P0 is now called SEV1", 'SEV1: the label is now "sev:p0", was "sev:P0"'],
    ],
    [
      "severities: { P0: {}, P1: {} }",
      "severities: { P1: {}, P0: {} }",
      ["Severities, most severe first, are now P1, P0"],
    ],
    ["severities: { P0: {} }", "severities: { P0: { description: Bad } }", ['P0: the description is now "Bad"']],
    [
      "",
      "post-mortem: { required-sections: [What happened, Action items, Impact] }",
      [
        'A post-mortem no longer needs "Why it happened" filled in: the gate is relaxed',
        'A post-mortem now also needs "Impact" filled in: the gate is tightened',
      ],
    ],
    [
      "",
      "post-mortem: { action-items: 0 }",
      ["A post-mortem needs 0 action items at least, was 1: the gate is relaxed"],
    ],
    [
      "",
      "post-mortem: { reviewed-by: 1 }",
      ["A post-mortem counts once 1 other person accepts it, was without anybody's /accept: the gate is tightened"],
    ],
    [
      "waive: { approvals: 2 }",
      "waive: { approvals: 1 }",
      ["A waiver counts once 1 other person accepts it, was once 2 other people accept it: the gate is relaxed"],
    ],
    [
      "",
      "commands: { permission: { accept: write } }",
      ["/accept now needs write, was triage, so fewer people may use it: the gate is tightened"],
    ],
    [
      "",
      "post-mortem: { label: learning, repository: octo/learning }",
      [
        'The post-mortem label is now "learning", was "post-mortem"',
        `Post-mortems live in "octo/learning", was the incident's own repository; if that is private, its own policy has to name this one under evidence-for`,
      ],
    ],
    [
      "",
      "follow-ups: { issue: false, check: required, labels: true, label: debts }",
      [
        "No issue lists any more what is late after incidents",
        'The label of the follow-ups issue is now "debts", was "incident-follow-ups"',
        "The check sevgate/follow-ups is posted on every pull request, and fails for late action items; before, where a pull request touches files of an open action item, and holds nothing",
        "Incidents get the labels slo:missed and slo:near-miss",
      ],
    ],
    [
      "severities: { P0: { action-items-within: 7d } }",
      "severities: { P0: { action-items-within: 14d } }",
      ["P0: action items within 14 days, was 7 days"],
    ],
    ["", "report: { every: month }", ["An issue with its numbers follows each month"]],
    ["report: { every: week }", "report: { every: off }", ["No issue with the numbers of a period is opened any more"]],
    ["", "drills: { label: exercise }", ['The label that makes an incident a drill is now "exercise", was "drill"']],
    [
      "",
      'runbooks: { paths: ["runbooks/**/*.md", "*.md"] }',
      [
        'Files under "*.md" now count as runbooks: the gate is relaxed',
        'Files under "docs/runbooks/**/*.md" no longer count as runbooks: the gate is tightened',
      ],
    ],
    [
      "",
      "runbooks: { pull-request: open }",
      ["A runbook pull request counts as soon as it is open, was once it is merged: the gate is relaxed"],
    ],
    [
      "",
      "closing: { grace: 5m, not-planned: gated, duplicate: gated, max-reopens-per-day: 0 }",
      [
        "An issue is reopened at most 0 times in 24 hours, was 3: the gate is relaxed",
        "An issue closed too early is reopened after 5 minutes, was at once: the gate is relaxed",
        "Closing as not planned now needs the same as any other close: the gate is tightened",
        "Closing as duplicate now needs the same as any other close: the gate is tightened",
      ],
    ],
    [
      "",
      "commands: { permission: { waive: write, ack: write } }",
      [
        "/waive now needs write, was maintain, so more people may use it: the gate is relaxed",
        "/ack now needs write, was triage, so fewer people may use it",
      ],
    ],
    ["", "commands: { permission: { cancel: triage, note: triage } }", []],
    [
      "",
      "commands: { permission: { cancel: admin, note: admin } }",
      [
        "/cancel now needs admin, was triage, so fewer people may use it: the gate is tightened",
        "/note now needs admin, was triage, so fewer people may use it",
      ],
    ],
    ["", "commands: { bots: [my-app] }", [`The app "my-app[bot]" may now use ${showChoice(LISTED, "and")}`]],
    [
      "commands: { bots: { my-app: [note, resolve], other: [note] } }",
      "commands: { bots: { my-app: [note, waive, lower-severity] } }",
      [
        'The app "my-app[bot]" may now use /waive, and change to a severity that asks for less before closing: the gate is relaxed',
        'The app "my-app[bot]" may no longer use /resolve: the gate is tightened',
        'The app "other[bot]" may no longer use /note',
      ],
    ],
    [
      "",
      "commands: { permission: { lower-severity: triage } }",
      [
        "Changing an incident to a severity that asks for less before closing now needs triage, was maintain: the gate is relaxed",
      ],
    ],
    [
      "commands: { permission: { lower-severity: write } }",
      "",
      [
        "Changing an incident to a severity that asks for less before closing now needs maintain, was write: the gate is tightened",
      ],
    ],
    [
      "",
      "pull-requests: { check: referencing }",
      [
        "The check sevgate/close-gate is posted only on pull requests that reference an incident, was on every pull request: the gate is relaxed",
      ],
    ],
    [
      "severities: { P0: { close-requires: key-times } }",
      "severities: { P0: { close-requires: { any-of: [key-times, post-mortem] } } }",
      ["P0 can now be closed without its key times: the gate is relaxed"],
    ],
    [closes("[]"), closes("key-times"), ["P0 can no longer be closed without its key times: the gate is tightened"]],
    [
      "severities: { P0: { close-requires: [[key-times]] } }\nkey-times: [started, mitigated]",
      "severities: { P0: { close-requires: [[key-times]] } }\nkey-times: [mitigated, resolved, detected]",
      [
        'Key times no longer include "started": the gate is relaxed',
        'Key times now also include "resolved" and "detected": the gate is tightened',
      ],
    ],
    ["", "key-times: [started]", ['Key times no longer include "detected", "mitigated" and "resolved"']],
    [
      "contributing-factors: [configuration]",
      "contributing-factors: [Configuration, missing alert]",
      ['Post-mortems now also ask about "missing alert"'],
    ],
    ["", "recall: false", ["New incidents no longer name similar ones of the past"]],
    ["recall: false", "", ["New incidents name similar ones of the past"]],
    ["", "issue-type: Incident", ['Incidents now get the issue type "Incident"']],
    ["issue-type: Incident", "", ["Incidents no longer get an issue type"]],
    ["contributing-factors: [fatigue]", "", ['Post-mortems no longer ask about "fatigue"']],
    ["", "roles: [lead, scribe, liaison]", ['/assign no longer knows "comms"', '/assign now also knows "liaison"']],
  ])("says what %s becomes with %s", (before, after, expected) => {
    expect(describePolicyChange(policyOf(before), policyOf(after))).toEqual(expected);
  });

  it("says what relaxes the gate first, then what tightens it, then the rest", () => {
    const after = "severities: { P0: { acknowledge-within: 1h } }\nclosing: { duplicate: gated, grace: 1m }\n";
    const effects = policyChanges(defaultPolicy(), policyOf(after)).map(({ effect }) => effect);
    const order = ["relaxes", "both", "tightens", "neither"];
    expect(effects).toEqual(effects.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
    expect(effects).toContain("relaxes");
    expect(effects).toContain("tightens");
    expect(effects).toContain("neither");
  });

  it.each([
    ["comments and layout", "# the same\nversion: 1\n"],
    ["the order of sections", "post-mortem: { required-sections: [action items, Why it happened, What happened] }"],
    [
      "a condition said otherwise",
      DEFAULT_POLICY_TEXT.replaceAll(
        "{ any-of: [post-mortem, runbook-pr] }",
        "{ any-of: [runbook-pr, { all-of: [post-mortem] }] }",
      ),
    ],
  ])("says nothing when nothing changes in effect: %s", (_name, text) => {
    expect(describePolicyChange(defaultPolicy(), policyOf(text))).toEqual([]);
  });

  /** Policies, no two of which mean the same. */
  const policies = fc
    .record({
      severities: fc.uniqueArray(fc.constantFrom("P0", "P1", "P2"), { minLength: 1 }).chain((names) =>
        fc
          .tuple(
            ...names.map(() =>
              fc.record({
                description: fc.constantFrom("", "bad"),
                examples: fc.constantFrom([], ["data loss"]),
                "acknowledge-within": fc.constantFrom("0s", "15m", "1h"),
                "update-every": fc.constantFrom("0s", "1h"),
                "post-mortem-within": fc.constantFrom("0s", "3d"),
                "close-requires": fc.constantFrom<unknown>([], "post-mortem", ["post-mortem", "fix-merged"], {
                  "any-of": ["post-mortem", "runbook-pr"],
                }),
              }),
            ),
          )
          .map((fields) => Object.fromEntries(names.map((name, index) => [name, fields[index]]))),
      ),
      "post-mortem": fc.record({
        label: fc.constantFrom("post-mortem", "learning"),
        repository: fc.constantFrom("same", "o/r"),
        "required-sections": fc.constantFrom([], ["A"], ["A", "B"]),
        "action-items": fc.nat(2),
        "reviewed-by": fc.nat(2),
      }),
      waive: fc.record({ approvals: fc.nat(2) }),
      runbooks: fc.record({
        paths: fc.constantFrom(["a/*"], ["b/*"]),
        "pull-request": fc.constantFrom("merged", "open"),
      }),
      closing: fc.record({
        grace: fc.constantFrom("0s", "1m"),
        "not-planned": fc.constantFrom("cancels", "gated"),
        duplicate: fc.constantFrom("allowed", "gated"),
        "max-reopens-per-day": fc.nat(2),
      }),
      commands: fc.record({
        permission: fc.record({ ack: fc.constantFrom("triage", "write"), waive: fc.constantFrom("write", "admin") }),
        bots: fc.constantFrom<unknown>([], ["a"], { a: ["cancel", "note"] }, { a: ["note"] }),
      }),
      "pull-requests": fc.record({ check: fc.constantFrom("always", "referencing", "off") }),
      roles: fc.constantFrom([], ["lead"]),
    })
    .map((document) => policyOf(JSON.stringify(document)));

  it("is silent exactly when the two policies are the same", () => {
    fc.assert(
      fc.property(policies, policies, (before, after) => {
        expect(describePolicyChange(before, before)).toEqual([]);
        expect(describePolicyChange(before, after).length === 0).toBe(JSON.stringify(before) === JSON.stringify(after));
      }),
    );
  });

  it("calls relaxed in one direction what it calls tightened in the other", () => {
    fc.assert(
      fc.property(policies, policies, (before, after) => {
        const count = (from: Policy, to: Policy, wanted: string) =>
          policyChanges(from, to).filter(({ effect }) => effect === wanted).length;
        expect(count(before, after, "relaxes")).toBe(count(after, before, "tightens"));
      }),
    );
  });
});

describe("the check sevgate/policy", () => {
  const check = (
    head: HeadFile,
    isGateRequired = false,
    owner: OwnerPolicy | null = null,
    repository = { owner: "acme", name: "ops" },
  ) =>
    policyCheck({
      repository,
      owner,
      headSha: "5ca1ab1e",
      pullRequest: 7,
      path: ".github/sevgate.yml",
      base: defaultPolicy(),
      head,
      isGateRequired,
    });

  it.each(["referencing", "off"])(
    "fails for `check: %s` while a ruleset requires the close gate, on its line",
    (mode) => {
      const text = `# check: the gate\nversion: 1\npull-requests:\n  check: ${mode}\n`;
      const content = check({ kind: "text", text }, true);
      expect(content).toMatchObject({
        conclusion: "failure",
        title: "The policy takes away a check that is required",
        annotations: [{ line: 4, level: "failure" }],
      });
      expect(content.summary).toContain("Write `check: always`, or take the check out of the ruleset first");
      expect(check({ kind: "text", text })).toMatchObject({ conclusion: "success" });
      expect(check({ kind: "text", text: text.replace(mode, "always") }, true)).toMatchObject({
        conclusion: "success",
      });
    },
  );

  it("succeeds for a valid policy and says in words what changes", () => {
    expect(
      check({
        kind: "text",
        text: "severities: { P0: { acknowledge-within: 1h, update-every: 1h, post-mortem-within: 3d } }",
      }),
    ).toMatchObject({
      name: "sevgate/policy",
      headSha: "5ca1ab1e",
      externalId: "pr:7",
      status: "completed",
      conclusion: "success",
      title: "The policy is valid and relaxes the gate",
      annotations: [],
      summary: expect.stringContaining("- P0: acknowledge within 1 hour, was 15 minutes"),
    });
  });

  it("says so when nothing changes in effect", () => {
    expect(check({ kind: "text", text: DEFAULT_POLICY_TEXT })).toMatchObject({
      conclusion: "success",
      title: "The policy is valid",
      summary: "Nothing changes in effect.",
    });
  });

  it("says of the owner's that others use it and build on it, and of theirs what they build on", () => {
    const text = "closing: { duplicate: gated }\n";
    const owners = check({ kind: "text", text }, false, null, { owner: "acme", name: ".GitHub" });
    expect(owners.summary).toMatch(
      /^Every repository of `acme` without a policy of its own uses this one, and those that/,
    );
    expect(owners.summary).toContain("- Closing as duplicate now needs the same");
    const theirs = check({ kind: "text", text: `extends: owner\n${text}` }, false, {
      kind: "text",
      place: "acme/.github",
      text: "",
    });
    expect(theirs.summary).toMatch(
      /^This file extends the policy of `acme\/\.github`: what it does not name is as there/,
    );
    expect(check({ kind: "text", text }).summary).toMatch(/^This changes:/);
  });

  it("fails for a broken policy, with a remark on each line", () => {
    const content = check({ kind: "text", text: "version: 1\nclosing:\n  graze: 0s\nroles: x\n" });
    expect(content).toMatchObject({ status: "completed", conclusion: "failure", title: "The policy has 2 problems" });
    expect(content.annotations).toEqual([
      {
        path: ".github/sevgate.yml",
        line: 3,
        column: 3,
        level: "failure",
        message: 'closing.graze: unknown key "graze": did you mean grace?',
      },
      {
        path: ".github/sevgate.yml",
        line: 4,
        column: 8,
        level: "failure",
        message: 'roles: "x" is not a list: write [lead, comms, scribe]',
      },
    ]);
    expect(content.summary).toContain(".github/sevgate.yml:3:3  closing.graze  unknown key");
  });

  it("marks 50 problems in the file and counts the rest", () => {
    const text = Array.from({ length: 60 }, (_, n) => `unknown-${n}: 1\n`).join("");
    const content = check({ kind: "text", text });
    expect(content.annotations).toHaveLength(50);
    expect(content.title).toBe("The policy has 60 problems");
    expect(content.summary).toContain("The first 50 are marked in the file; 10 more are only listed here.");
    expect(content.summary).toContain("unknown-59");
  });

  it("stays within GitHub's 65,535 characters, whatever the file holds", () => {
    const text = Array.from({ length: 4000 }, (_, n) => `unknown-${n}: 1\n`).join("");
    expect(check({ kind: "text", text }).summary.length).toBeLessThan(65_535);
  });

  it("neither passes nor fails what GitHub did not give", () => {
    const content = check({ kind: "unreadable", why: "GitHub answered 502" });
    expect(content).toMatchObject({ status: "in_progress", conclusion: null, annotations: [] });
    expect(content.summary).toContain("GitHub answered 502");
  });

  it("says what takes the place of a file that is removed", () => {
    const content = policyCheck({
      headSha: "5ca1ab1e",
      pullRequest: 7,
      path: ".github/sevgate.yml",
      base: policyOf("closing: { duplicate: gated }"),
      head: { kind: "missing" },
      owner: null,
      repository: { owner: "acme", name: "ops" },
      isGateRequired: false,
    });
    expect(content).toMatchObject({ conclusion: "success", title: "The policy file is removed" });
    expect(content.summary).toContain("built-in default");
    expect(content.summary).toContain("- Closing as duplicate now needs nothing: the gate is relaxed");
  });

  it("shows what the file says as text: it mentions nobody and writes no Markdown", () => {
    const { summary } = check({ kind: "text", text: 'roles: ["````\\n@octo-org/everyone"]\n"````": 1\n' });
    const fences = summary.split("\n").filter((line) => /^`{3,}/.test(line));
    expect(fences).toEqual(["`````text", "`````"]);
    expect(summary.indexOf("@octo-org")).toBeGreaterThan(summary.indexOf("`````text"));
  });
});

describe("a glob", () => {
  it.each([
    ["runbooks/**/*.md", "runbooks/db.md", true],
    ["runbooks/**/*.md", "runbooks/a/b/c.md", true],
    ["runbooks/**/*.md", "runbooks/db.txt", false],
    ["runbooks/**/*.md", "docs/runbooks/db.md", false],
    ["runbooks/*.md", "runbooks/a/db.md", false],
    ["**/*.md", "README.md", true],
    ["**", "any/thing", true],
    ["runbooks/**", "runbooks/.hidden/x", true],
    ["runbooks/**", "runbooks", false],
    ["a?.md", "ab.md", true],
    ["a?.md", "a.md", false],
    ["a?b", "a/b", false],
    ["A.md", "a.md", false],
    ["a.md", "axmd", false],
    ["a+$^.md", "a+$^.md", true],
    ["**/a/**/b", "x/a/a/c/b", true],
    ["**/a/*/b", "a/x/a/y/b", true],
  ])("%s on %s: %s", (glob, path, expected) => {
    expect(globProblem(glob)).toBeNull();
    expect(matchesAny([glob], path)).toBe(expected);
  });

  it("matches when one of several does, and never when there is none", () => {
    expect(matchesAny(["a/*", "b/*"], "b/x")).toBe(true);
    expect(matchesAny([], "b/x")).toBe(false);
  });

  it("means what it means elsewhere: the same as picomatch", () => {
    const folder = fc
      .string({ unit: fc.constantFrom("a", "b", ".", "-"), minLength: 1, maxLength: 4 })
      // Not with a trailing dot: picomatch's shortcut for *.* requires a character after it, but its other patterns do
      // not.
      .filter((name) => !name.endsWith("."));
    const pattern = fc.oneof(
      { weight: 1, arbitrary: fc.constant("**") },
      {
        weight: 3,
        arbitrary: fc.string({ unit: fc.constantFrom("a", "b", "?", "*", "."), minLength: 1, maxLength: 4 }),
      },
    );
    const options = { dot: true, nobrace: true, noextglob: true, nobracket: true, nonegate: true };
    const outcomes = { true: 0, false: 0 };
    fc.assert(
      fc.property(
        fc
          .array(pattern, { minLength: 1, maxLength: 4 })
          .map((parts) => parts.join("/"))
          .filter((glob) => globProblem(glob) === null),
        fc.array(folder, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/")),
        (glob, path) => {
          const matches = matchesAny([glob], path);
          outcomes[`${matches}`] += 1;
          // picomatch lets docs/** match a file named docs (though */** match no file at all); here it is what is inside.
          expect(matches).toBe(picomatch.isMatch(path, glob.replace(/\*\*$/, "**/*"), options));
        },
      ),
      { numRuns: 3000 },
    );
    expect(outcomes.true).toBeGreaterThan(50);
  });

  it.each([
    ["*a*a*a*b", "a".repeat(4000)],
    ["**/a/**/a/**/b", "a/".repeat(2000)],
    ["**/*a*a*b", `${"a".repeat(200)}/`.repeat(20)],
  ])("is answered at once for a file name made to be slow: %s", (glob, path) => {
    // A matcher that goes back to every star would need minutes to hours here.
    expect(matchesAny([glob], path)).toBe(false);
  });

  it.each([
    "",
    "/a",
    "a//b",
    "a/",
    "../a",
    "a/./b",
    "a**",
    "!a",
    "a{b,c}",
    "[ab]",
    "a\\b",
    "(a)",
    "*a*b*c*d*",
    "x".repeat(201),
  ])("is refused with a remedy: %j", (glob) => {
    expect(globProblem(glob)).toMatch(/^(?:is|has|may|starts)\b.+/);
  });
});

describe("the files to copy into a repository", () => {
  const template = (name: string) => repositoryFile(`templates/github/${name}`);

  it("hold a policy that says the built-in default, so that each line can be changed or removed", () => {
    expect(policyOf(template("sevgate.yml"))).toEqual(defaultPolicy());
  });

  it.each(
    defaultPolicy().severities.map(({ name, label, description, examples }) => ({
      name,
      label,
      description,
      examples,
    })),
  )(
    "hold an issue form that declares a $name incident by its label, and shows the policy's examples of it",
    ({ name, label, description, examples }) => {
      const form = load(template(`ISSUE_TEMPLATE/incident-${name.toLowerCase()}.yml`)) as {
        name: string;
        description: string;
        labels: string[];
        body: {
          type: string;
          id?: string;
          attributes: { label?: string; value?: string };
          validations?: { required: boolean };
        }[];
      };
      expect(form).toMatchObject({
        name: `Incident ${name}`,
        description: `${description}. For example: ${examples.join(", ")}`,
        labels: [label],
      });
      expect(examples.length).toBeGreaterThan(1);
      expect(form.body.filter((field) => field.validations?.required === true)).toHaveLength(1);
      for (const field of form.body) {
        expect(field.type === "markdown" ? field.attributes.value : field.attributes.label).toMatch(/\S/);
      }
      const ids = form.body.flatMap((field) => field.id ?? []);
      expect(new Set(ids).size).toBe(ids.length);
    },
  );

  it("hold a post-mortem with the sections the policy asks for, all of them still empty", () => {
    const [, frontMatter, body] = /^---\n(.*?)\n---\n(.*)$/s.exec(template("ISSUE_TEMPLATE/post-mortem.md"))!;
    const visible = body!
      .replaceAll(/<!--.*?-->/gs, "")
      .trim()
      .split(/\n+/);

    expect(load(frontMatter!)).toMatchObject({ labels: defaultPolicy()["post-mortem"].label });
    expect(visible).toEqual(
      ["Incident:", ...defaultPolicy()["post-mortem"]["required-sections"].map((section) => `## ${section}`)].map(
        (line) => expect.stringMatching(new RegExp(`^${line}\\s*$`)),
      ),
    );
  });
});
