import { spawnSync } from "node:child_process";
import { describe, expect, it } from "@jest/globals";
import { oncall } from "../../src/cli/oncall.ts";

const WEEK = `zone: Europe/Berlin
rotations: { week: { start: 2026-03-23, members: [alice, bob] } }
roles: { primary: { layers: [week] }, secondary: { follow: primary }, third: { follow: primary, offset: 2 } }
`;

async function run(
  text: string | Error,
  options: Partial<Parameters<typeof oncall>[0]> = {},
  others: Readonly<Record<string, string>> = {},
) {
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
      const said = file === (options.file ?? ".github/sevgate/on-call.yml") ? text : others[file];
      if (said === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
      return new TextEncoder().encode(said);
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
  ] as const)("exits with 1 and says what to fix: %s", async (_name, text, options, expected) => {
    const { code, out } = await run(text, options);
    expect(code).toBe(1);
    expect(out).toMatch(expected);
  });

  it.each(["2026-02-30", "tomorrow", "2026-03-29T02:30+99:99"])("does not take %s for a moment", async (at) => {
    await expect(run(WEEK, { at })).rejects.toThrow(`--at "${at}" is no moment`);
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
    expect(remark).toMatchObject({ code: 0, out: ".github/sevgate/on-call.yml: nothing to fix\n" });
    const json = await run(WEEK, { lint: true, json: true });
    expect(JSON.parse(json.out)).toMatchObject({ valid: true, findings: [{ level: "warning", path: "roles.third" }] });
  });

  describe("--lint compares the escalation with", () => {
    const file = `${WEEK.replace(", third: { follow: primary, offset: 2 }", "")}escalation: { PO: [{ after: 0m, notify: [team] }], default: [{ after: 0m, notify: [team] }] }\n`;
    const policy = "severities: { P0: { label: sev:P0 } }\n";
    const found = /4:\d+ {2}escalation\.PO {2}warning: the policy has no severity "PO": it has P0/;

    it("the policy beside it", async () => {
      const { code, out, asked } = await run(file, { lint: true }, { ".github/sevgate.yml": policy });
      expect({ code, out, asked }).toEqual({
        code: 0,
        out: expect.stringMatching(found),
        asked: [".github/sevgate/on-call.yml", ".github/sevgate.yml"],
      });
    });

    it("the one that is named, wherever the schedule is", async () => {
      const options = { lint: true, file: "-", policy: "other.yml" };
      expect((await run(file, options, { "other.yml": policy })).out).toMatch(found);
      const missing = await run(file, options);
      expect(missing).toMatchObject({ code: 1, out: expect.stringMatching(/^other\.yml: .* no such file/m) });
    });

    it("the one of the repository that the schedule is in", async () => {
      const options = { lint: true, file: "../shop/.github/sevgate/on-call.yml" };
      const { out, asked } = await run(file, options, { "../shop/.github/sevgate.yml": policy });
      expect(out).toMatch(/escalation\.PO {2}warning: the policy has no severity "PO": it has P0/);
      expect(asked).toEqual([options.file, "../shop/.github/sevgate.yml"]);
    });

    it("none where there is none, or the schedule is in no repository, and says when it is broken", async () => {
      expect((await run(file, { lint: true })).out).toMatch(/nothing to fix/);
      const elsewhere = await run(file, { lint: true, file: "copy.yml" }, { ".github/sevgate.yml": policy });
      expect(elsewhere.asked).toEqual(["copy.yml"]);
      const broken = await run(file, { lint: true }, { ".github/sevgate.yml": "severities: 7\n" });
      expect(broken).toMatchObject({ code: 0, out: expect.stringMatching(/sevgate validate \.github\/sevgate\.yml/) });
    });
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

  it("takes --policy and --calendar-url as the program", () => {
    const program = (...options: readonly string[]) =>
      spawnSync(process.execPath, ["src/cli/main.ts", "oncall", "--file", "-", ...options], {
        input: `${WEEK}escalation: { PO: [{ after: 0m, notify: [team] }] }`,
        encoding: "utf8",
        env: { ...process.env, CALENDAR_SECRET: "c".repeat(32) },
      }).stdout;
    expect(program("--lint", "--policy", "templates/github/sevgate.yml")).toContain('no severity "PO"');
    expect(program("--calendar-url", "--repo", "70", "--base-url", "https://x.example")).toMatch(
      /^https:\/\/x\.example\/oncall\/70\/[\w-]{43}\/primary\.ics\n/,
    );
  });
});
