import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { parseOnCall } from "../../src/core/oncall/parse-on-call.ts";
import { parsePolicy } from "../../src/core/policy/parse.ts";

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

/** A file of the repository, with logins where a template leaves them to whoever copies it. */
function filledIn(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8").replaceAll(/<(\w+)-login>/g, "$1");
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
