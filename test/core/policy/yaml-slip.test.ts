import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { parseOnCall } from "../../../src/core/oncall/parse-on-call.ts";
import { parsePolicy } from "../../../src/core/policy/parse.ts";

const POLICY = `# what we promised

version: 1


severities:
  P0:
    label: sev:P0
    description: Customers cannot pay
    acknowledge-within: 15m
    update-every: 1h
    close-requires:
      any-of: [post-mortem, runbook-pr]
  P1:
    label: sev:P1
    acknowledge-within: 4h
post-mortem:
  required-sections:
    - What happened
    - Action items
commands:
  permission: { default: triage, waive: maintain }
`;

const ON_CALL = `people:
  alice: { slack: U0ALICE001 }
  bob:
    slack: U0BOB00001
rotations:
  week:
    start: 2026-01-05
    members: [alice, bob]
roles:
  primary:
    layers: [week]
overrides:
  - role: primary
    user: bob
    from: 2026-02-01
    to: 2026-02-03
  - role: primary
    user: alice
    from: 2026-03-01
    to: 2026-03-03
unavailable:
  - user: alice
    from: 2026-04-01
    to: 2026-04-03
escalation:
  default:
    steps:
      - after: 0m
        notify: [primary]
      - after: 15m
        notify:
          - primary
          - team
`;

/** A whole file in JSON style. */
const JSON_STYLE = `{
  "version": 1,
  "severities": {
    "P0": {
      "label": "sev:P0",
      "description": "Down",
      "close-requires": { "any-of": ["post-mortem", "runbook-pr"] }
    },
    "P1": { "label": "sev:P1" }
  },
  "post-mortem": {
    "required-sections": [
      "What happened",
      "Action items"
    ]
  },
  "roles": ["lead"]
}
`;

/** Brackets over several lines. */
const BRACKETS = `version: 1
severities:
  P0:
    label: sev:P0
    close-requires: {
      any-of: [post-mortem, runbook-pr]
      }
  P1:
    label: sev:P1
post-mortem:
  required-sections: [
    What happened,
    Action items
    ]
commands:
  permission: { default: triage,
    waive: maintain }
  bots:
    - "my-app[bot]"
    - other
roles:
- lead
- comms
`;

const FILES = {
  on: [ON_CALL, parseOnCall],
  json: [JSON_STYLE, parsePolicy],
  mixed: [BRACKETS, parsePolicy],
} as const;

/** A file of the repository, with logins filled in where a template leaves them to whoever copies it. */
function filledIn(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8").replaceAll(/<(\w+)-login>/g, "$1");
}

function told(text: string): string {
  const parsed = parsePolicy(text);
  return parsed.kind === "valid"
    ? "valid"
    : parsed.problems.map((one) => `${one.line}:${one.column} ${one.message}`)[0]!;
}

describe("a slip in the policy is told where it is, with what to write", () => {
  it("and there is none to begin with", () => {
    expect(told(POLICY)).toBe("valid");
  });

  it.each<[string, string, string, string]>([
    ["no colon", "version: 1", "version 1", "3:1 there is no colon here: write version: 1"],
    ["no space", "version: 1", "version:1", "3:1 write a colon and a space between name and value: version: 1"],
    ["an equals sign", "version: 1", "version = 1", "3:1 write a colon and a space between name and value: version: 1"],
    [
      "no colon at a key of keys",
      "  P0:",
      "  P0",
      "7:3 this line is no entry: write it as name: value, or as - value in a list",
    ],
    ["no colon, deeper", "label: sev:P0", "label sev:P0", "8:5 there is no colon here: write label: sev:P0"],
    [
      "one space too many at a key whose neighbor stands far below",
      "  P0:",
      "   P0:",
      "7:4 this line is indented by 3 spaces, and line 14 beside it by 2 spaces: indent both alike",
    ],
    [
      "one space too many at the first of a block",
      "    label: sev:P0",
      "     label: sev:P0",
      "8:6 this line is indented by 5 spaces, and line 9 beside it by 4 spaces: indent both alike",
    ],
    [
      "one space too few",
      "    update-every",
      "   update-every",
      "11:4 this line is indented by 3 spaces, and stands beside none above: 2 puts it beside line 7, 4 beside line 10",
    ],
    [
      "one space too many",
      "    update-every",
      "     update-every",
      "11:6 this line is indented by 5 spaces, and line 8 beside it by 4 spaces: indent both alike",
    ],
    ["a tab", "    update-every", "\tupdate-every", "11:1 this line is indented with a tab: use spaces"],
    [
      "a no-break space",
      "    update-every",
      "\u00A0\u00A0\u00A0\u00A0update-every",
      "11:1 this line is indented with a space that is none, such as a no-break space: use spaces",
    ],
    [
      "a colon in a value",
      "Customers cannot",
      "Shop: customers cannot",
      '9:22 a colon in a value needs quotes, "like this", around the whole value',
    ],
    [
      "typographic quotes",
      "Customers cannot pay",
      "“Shop: customers cannot pay”",
      '9:23 a colon in a value needs straight quotes, "like this", around the whole value',
    ],
    [
      "a quote never closed",
      "Customers",
      '"Customers',
      '9:18 this quote is not closed: write " at the end of the value',
    ],
    ["a bracket never closed", "runbook-pr]", "runbook-pr", "13:15 this [ is not closed: write ] at its end"],
    ["a brace never closed", "maintain }", "maintain", "22:15 this { is not closed: write } at its end"],
    [
      "text behind a quote",
      "Customers cannot",
      '"Customers" cannot',
      "9:30 something follows the end of the value: put the whole value into one pair of quotes",
    ],
    [
      "a backslash",
      "Customers cannot",
      '"C:\\data" cannot',
      "9:21 this \\ means nothing between double quotes: use single quotes, or write \\\\",
    ],
    ["an at sign", "Customers", "@customers", '9:18 a value that begins with @ needs quotes, "like this"'],
    ["a backtick", "Customers", "`customers`", '9:18 a value that begins with ` needs quotes, "like this"'],
    [
      "an entry without dash",
      "    - Action",
      "    Action",
      "20:5 the list above goes on here without a dash: write - in front",
    ],
    [
      "a dash too many",
      "  P0:",
      "  - P0:",
      "14:3 line 7 stands beside this one and begins with a dash, and this one does not: write both alike",
    ],
    [
      "a conflict left by a merge",
      "severities:",
      "<<<<<<< ours\nseverities:",
      "6:1 a merge left this mark: keep one of the two versions, and remove the marks",
    ],
    [
      "a comma missing",
      "[post-mortem, runbook-pr]",
      "[post-mortem, 'runbook-pr' x]",
      "13:42 a comma is missing between two entries here",
    ],
    [
      "letters that cannot be seen",
      "version: 1",
      "version\u202E1",
      "3:1 this line is no entry: write it as name: value, or as - value in a list",
    ],
  ])("%s", (_, from, to, expected) => {
    expect(told(POLICY.replace(from, to))).toBe(expected);
  });

  it.each([
    ["templates/github/sevgate.yml", parsePolicy],
    [".github/sevgate.yml", parsePolicy],
    ["templates/github/sevgate/on-call.yml", parseOnCall],
  ] as const)("at every line of %s that loses its colon", (path, parse) => {
    const lines = filledIn(path).split("\n");
    const keys = lines.flatMap((line, at) => (/^ *[a-z-]+: \S/i.test(line) ? [at] : []));
    expect(keys.length).toBeGreaterThan(0);
    for (const at of keys) {
      const text = lines.with(at, lines[at]!.replace(": ", " ")).join("\n");
      const parsed = parse(text);
      const [first] = parsed.kind === "valid" ? [] : parsed.problems;
      expect([lines[at], first?.line]).toEqual([lines[at], at + 1]);
    }
  });

  it.each([
    ["templates/github/sevgate.yml", parsePolicy],
    ["templates/github/sevgate/on-call.yml", parseOnCall],
  ] as const)("at every line of %s that gains a space, or beside it with its number", (path, parse) => {
    const lines = filledIn(path).split("\n");
    let slips = 0;
    for (const [at, line] of lines.entries()) {
      if (!/^ *[-\w]/.test(line)) continue;
      const parsed = parse(lines.with(at, ` ${line}`).join("\n"));
      if (parsed.kind === "valid") continue;
      slips += 1;
      const [first] = parsed.problems;
      const says = first?.line === at + 1 || new RegExp(`\\bline ${at + 1}\\b`).test(first?.message ?? "");
      expect([line, says]).toEqual([line, true]);
    }
    expect(slips).toBeGreaterThan(20);
  });

  it.each(Object.entries(FILES))("and there is none to begin with: %s", (_, [text, parse]) => {
    expect(parse(text)).toMatchObject({ kind: "valid" });
  });

  it.each<[keyof typeof FILES, string, string, string, string]>([
    [
      "on",
      "second key of an item",
      "    user: bob",
      "    user:bob",
      "14:5 write a colon and a space between name and value: user: bob",
    ],
    [
      "on",
      "first key of an item, no colon",
      "  - role: primary\n    user: alice",
      "  - role primary\n    user: alice",
      "17:5 there is no colon here: write role: primary",
    ],
    [
      "on",
      "third key, wide colon",
      "    from: 2026-02-01",
      "    from： 2026-02-01",
      "15:5 this ： is a wide one, as some keyboards type it: write : instead",
    ],
    [
      "on",
      "semicolon",
      "    to: 2026-03-03",
      "    to; 2026-03-03",
      "20:5 write a colon and a space between name and value: to: 2026-03-03",
    ],
    [
      "on",
      "equals",
      "      - after: 15m",
      "      - after = 15m",
      "30:9 write a colon and a space between name and value: after: 15m",
    ],
    [
      "on",
      "no dash",
      "  - role: primary\n    user: bob",
      "    role: primary\n    user: bob",
      "13:5 this entry has no dash, and the one of line 17 has: write - in front",
    ],
    [
      "on",
      "dash glued",
      "  - role: primary\n    user: bob",
      "  -role: primary\n    user: bob",
      "13:3 write a space behind the dash: - role: primary",
    ],
    [
      "on",
      "bullet",
      "  - role: primary\n    user: alice",
      "  • role: primary\n    user: alice",
      "17:3 a list begins with -, and not with •: write - role: primary",
    ],
    [
      "on",
      "less space",
      "  - user: alice",
      " - user: alice",
      "22:4 this line is indented by 3 spaces, and line 23 beside it by 4 spaces: indent both alike",
    ],
    [
      "on",
      "tab in item",
      "    user: alice\n    from: 2026-03-01",
      "\tuser: alice\n    from: 2026-03-01",
      "18:1 this line is indented with a tab: use spaces",
    ],
    [
      "on",
      "quote at beginning of name",
      "    user: bob",
      '    "user: bob',
      '14:5 this quote is not closed: write " at the end of the value',
    ],
    [
      "on",
      "quote at beginning",
      "    user: bob",
      '    user: "bob',
      '14:11 this quote is not closed: write " at the end of the value',
    ],
    [
      "on",
      "quote at end",
      "    user: bob\n",
      '    user: bob"\n',
      '14:11 "bob\\"" is not a GitHub login: write it without @, and in quotes if it is a number',
    ],
    [
      "on",
      "no-break space",
      "    user: bob",
      "    user:\u00a0bob",
      "14:5 write a colon and a space between name and value: user: bob",
    ],
    ["on", "bracket open", "[alice, bob]", "[alice, bob", "8:14 this [ is not closed: write ] at its end"],
    [
      "on",
      "brace open",
      "{ slack: U0ALICE001 }",
      "{ slack: U0ALICE001",
      "2:10 this { is not closed: write } at its end",
    ],
    ["on", "wide bracket", "[alice, bob]", "［alice, bob］", '8:14 "［alice, bob］" is not a list: write [alice, bob]'],
    ["on", "slash comment", "roles:\n", "roles: // who\n", "9:8 a comment begins with #: write # instead of //"],
    ["json", "brace", '{ "label": "sev:P1" }', '{ "label": "sev:P1" ', "9:11 this { is not closed: write } at its end"],
    ["json", "inner", '"runbook-pr"] }', '"runbook-pr"]', "7:25 this { is not closed: write } at its end"],
    ["json", "comma", '"label": "sev:P0",', '"label": "sev:P0"', "5:24 a comma is missing between two entries here"],
    ["json", "quote", '"sev:P0",', '"sev:P0,', '5:16 this quote is not closed: write " at the end of the value'],
    [
      "json",
      "key quote",
      '"version": 1',
      '"version: 1',
      '2:3 this quote is not closed: write " at the end of the value',
    ],
    ["json", "bracket kind", '"P0": {', '"P0": [', "8:5 this } does not fit the [ of line 4: write ] here, or { there"],
    [
      "json",
      "value bracket",
      '"P0": {',
      '"P0": ',
      "4:9 nothing stands behind this colon: write the value, or the bracket that opens it",
    ],
    ["json", "colon lost", '"P0": {', '"P0" {', "4:10 a colon is missing between name and value here"],
    [
      "json",
      "brace line lost",
      "    },\n",
      "    ,\n",
      "8:5 the { of line 4 is not closed: write } in front of this comma",
    ],
    [
      "json",
      "wide comma",
      '"Down",',
      '"Down"，',
      "6:28 this ， is a wide one, as some keyboards type it: write , instead",
    ],
    ["json", "colon to equals", '"version": 1', '"version" = 1', "2:13 a colon is missing between name and value here"],
    [
      "mixed",
      "closing bracket not indented",
      "      }",
      "    }",
      "7:5 indent this } deeper than the key of line 5, or write it behind the line above",
    ],
    ["mixed", "tab in brackets", "      any-of", "\tany-of", "6:1 this line is indented with a tab: use spaces"],
    ["mixed", "comma lost", "triage,\n", "triage\n", "16:32 a comma is missing between two entries here"],
    [
      "mixed",
      "wide comma",
      "triage,\n",
      "triage，\n",
      "16:32 this ， is a wide one, as some keyboards type it: write , instead",
    ],
    [
      "mixed",
      "merge",
      "    What happened,",
      "=======\n    What happened,",
      "12:1 a merge left this mark: keep one of the two versions, and remove the marks",
    ],
    [
      "mixed",
      "dash beside",
      "- lead",
      " - lead",
      "22:2 this line is indented by 1 space, and line 23 beside it by 0 spaces: indent both alike",
    ],
  ])("in a file %s: %s", (file, _, from, to, expected) => {
    const [text, parse] = FILES[file];
    expect(text).toContain(from);
    const parsed = parse(text.replace(from, to));
    const [first] = parsed.kind === "valid" ? [] : parsed.problems;
    expect(`${first?.line}:${first?.column} ${first?.message}`).toBe(expected);
  });

  it("at its line, or with the lines it is between, whichever line of whichever file it slips in", () => {
    const files = [
      [filledIn("templates/github/sevgate.yml"), parsePolicy],
      [filledIn("templates/github/sevgate/on-call.yml"), parseOnCall],
      ...Object.values(FILES),
    ] as const;
    const name = /^( *(?:- )?[\w-]+):/;
    const slips: Readonly<Record<string, (line: string) => string>> = {
      "no colon": (line) => line.replace(/^( *(?:- )?[\w-]+):(?= |$)/, "$1"),
      "no space behind it": (line) => line.replace(/^( *(?:- )?[\w-]+): (?=\S)/, "$1:"),
      "a wide colon": (line) => line.replace(name, "$1："),
      "a semicolon": (line) => line.replace(/^( *(?:- )?[\w-]+): /, "$1; "),
      "an equals sign": (line) => line.replace(/^( *(?:- )?[\w-]+): /, "$1 = "),
      "a no-break space": (line) => line.replace(/^( *(?:- )?[\w-]+): /, "$1:\u00A0"),
      "a tab": (line) => line.replace(/^ +(?=[-\w])/, "\t"),
      "a space less": (line) => line.replace(/^ ( *[-\w])/, "$1"),
      "a quote at the beginning": (line) => line.replace(/^( *(?:- )?[\w-]+: )(?=[^\s"'[{#])/, '$1"'),
      "a quote in front of the name": (line) => line.replace(/^( *(?:- )?)([\w-]+: )/, '$1"$2'),
      "a quote less": (line) => line.replace(/"(,?)$/, "$1"),
      "a bracket not closed": (line) => line.replace(/^(.*[[{].*)[\]}](?=[^\]}]*$)/, "$1"),
      "a bracket of the other kind": (line) => line.replace(/[\]}](?=[^\]}]*$)/, (sign) => (sign === "]" ? "}" : "]")),
      "no dash": (line) => line.replace(/^( *)- (?=[\w-]+:)/, "$1  "),
      "no space behind the dash": (line) => line.replace(/^( *)- /, "$1-"),
      "an at sign": (line) => line.replace(/^( *(?:- )?[\w-]+: )(?=[^\s"'[{#])/, "$1@"),
      "a merge": (line) => (line === "" ? line : `<<<<<<< HEAD\n${line}`),
    };
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.constantFrom(...Object.keys(slips)),
        fc.nat(),
        ([text, parse], kind, nth) => {
          const lines = text.split("\n");
          const at = nth % lines.length;
          const slipped = slips[kind]!(lines[at]!);
          if (slipped === lines[at] || lines[at]!.trimStart().startsWith("#")) return;
          const parsed = parse(lines.with(at, slipped).join("\n"));
          // Something the file may still say was not a slip.
          if (parsed.kind === "valid") return;
          const says = ({ line, message }: (typeof parsed.problems)[number]) =>
            line === at + 1 || new RegExp(`\\bline ${at + 1}\\b`).test(message);
          expect([kind, slipped, parsed.problems.some(says) || parsed.problems]).toEqual([kind, slipped, true]);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("in our own words, whatever is typed into it", () => {
    const typed = fc.constantFrom(
      ":",
      " ",
      "-",
      "\t",
      '"',
      "'",
      "[",
      "]",
      "{",
      "}",
      "\n",
      "\n  ",
      "#",
      "&",
      "*",
      "|",
      ">",
      "%",
      "@",
      "x",
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(POLICY.length), typed), { minLength: 1, maxLength: 3 }), (slips) => {
        const text = slips.reduce((now, [at, sign]) => now.slice(0, at) + sign + now.slice(at), POLICY);
        expect(told(text)).not.toMatch(
          /flow|scalar|mapping|sequence|node|stream|document separator|implicit|not valid YAML/,
        );
      }),
      { numRuns: 500 },
    );
  });
});
