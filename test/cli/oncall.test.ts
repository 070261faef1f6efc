import { spawnSync } from "node:child_process";
import { describe, expect, it } from "@jest/globals";
import { oncall } from "../../src/cli/oncall.ts";

const WEEK = `zone: Europe/Berlin
rotations: { week: { start: 2026-03-23, members: [alice, bob] } }
roles: { primary: { layers: [week] }, secondary: { follow: primary }, third: { follow: primary, offset: 2 } }
`;

async function run(text: string | Error, options: Partial<Parameters<typeof oncall>[0]> = {}) {
  let out = "";
  const asked: string[] = [];
  const code = await oncall({
    explain: false,
    lint: false,
    json: false,
    now: () => Date.UTC(2026, 2, 30, 6, 59, 59),
    read: async (file) => {
      asked.push(file);
      if (text instanceof Error) throw text;
      return new TextEncoder().encode(text);
    },
    write: (written) => {
      out += written;
    },
    ...options,
  });
  return { code, out, asked };
}

describe("sevgate oncall", () => {
  it("reads .github/sevgate/on-call.yml and says who is on call, until when, who comes next, and the coming week", async () => {
    const { code, out, asked } = await run(WEEK);
    expect({ code, asked }).toEqual({ code: 0, asked: [".github/sevgate/on-call.yml"] });
    expect(out).toBe(`Mon 2026-03-30 08:59 (Europe/Berlin)

primary    alice   until Mon 2026-03-30 09:00, then bob
secondary  bob     until Mon 2026-03-30 09:00, then alice
third      nobody

primary, the next 7 days
  Mon 2026-03-30 08:59  alice, 1 second
  Mon 2026-03-30 09:00  bob, 6 days 23 hours

secondary, the next 7 days
  Mon 2026-03-30 08:59  bob, 1 second
  Mon 2026-03-30 09:00  alice, 6 days 23 hours

third, the next 7 days
  Mon 2026-03-30 08:59  nobody, 7 days
`);
  });

  it("--json gives the moment and a login or null for each role", async () => {
    const { out } = await run(WEEK, { json: true, at: "2026-03-30T07:00:00Z" });
    expect(JSON.parse(out)).toEqual({
      at: "2026-03-30T07:00:00Z",
      roles: { primary: "bob", secondary: "alice", third: null },
    });
  });

  it("--json with --days and --explain adds the shifts and the reasons", async () => {
    const { out } = await run(WEEK, { json: true, at: "2026-03-30T08:00", days: 7, explain: true });
    expect(JSON.parse(out)).toMatchObject({
      at: "2026-03-30T06:00:00Z",
      why: { primary: ["week: alice, bob in turn"], secondary: ["week: comes after primary in turn"] },
      shifts: {
        primary: [
          { from: "2026-03-30T06:00:00Z", to: "2026-03-30T07:00:00Z", login: "alice" },
          { from: "2026-03-30T07:00:00Z", to: "2026-04-06T06:00:00Z", login: "bob" },
        ],
      },
    });
  });

  it.each([
    ["a broken file", "roles: {}\n", {}, /^\.github\/sevgate\/on-call\.yml:1:\d+ {2}roles {2}there is no primary/],
    ["no file", Object.assign(new Error("no"), { code: "ENOENT" }), {}, /run this in the root of a repository/],
    ["a moment no calendar has", WEEK, { at: "2026-02-30" }, /^--at "2026-02-30" is no moment/],
    ["a moment without sense", WEEK, { at: "tomorrow" }, /^--at "tomorrow" is no moment/],
  ] as const)("exits with 1 and says what to mend: %s", async (_name, text, options, expected) => {
    const { code, out } = await run(text, options);
    expect(code).toBe(1);
    expect(out).toMatch(expected);
  });

  it("--lint exits with 1 for an error, with 0 for a remark", async () => {
    const gap = await run(
      `${WEEK}unavailable: [{ user: alice, from: 2026-04-08, to: 2026-04-09 }, { user: bob, from: 2026-04-08, to: 2026-04-09 }]`,
      { lint: true },
    );
    expect(gap.code).toBe(1);
    expect(gap.out).toMatch(
      /^\.github\/sevgate\/on-call\.yml:3:10 {2}roles\.primary {2}error: nobody is primary for 1 day/,
    );
    const remark = await run(WEEK.replace(", third: { follow: primary, offset: 2 }", ""), { lint: true });
    expect(remark).toMatchObject({ code: 0, out: ".github/sevgate/on-call.yml: nothing to mend\n" });
    const json = await run(WEEK, { lint: true, json: true });
    expect(JSON.parse(json.out)).toMatchObject({ valid: true, findings: [{ level: "warning", path: "roles.third" }] });
  });

  it("is a command of the program, and reads standard input", () => {
    const { status, stdout } = spawnSync(
      process.execPath,
      ["src/cli/main.ts", "oncall", "--file", "-", "--at", "2026-03-24T12:00Z", "--json"],
      { input: WEEK, encoding: "utf8" },
    );
    expect({ status, answer: JSON.parse(stdout) }).toEqual({
      status: 0,
      answer: { at: "2026-03-24T12:00:00Z", roles: { primary: "alice", secondary: "bob", third: null } },
    });
  });
});
