import { describe, expect, it } from "@jest/globals";
import type { Archive } from "../../../src/core/archive/past-incident.ts";
import type { Instant } from "../../../src/core/model.ts";
import { defaultPolicy } from "../../../src/core/policy/default-policy.ts";
import { makeReport, type ReportSource } from "../../../src/core/report/make-report.ts";
import type { Report } from "../../../src/core/report/report.ts";
import { reportCsv } from "../../../src/core/report/report-csv.ts";
import { reportHtml } from "../../../src/core/report/report-html.ts";
import { reportMarkdown, repositoryMarkdown } from "../../../src/core/report/report-markdown.ts";
import { DAY_MS } from "../../../src/core/time-units.ts";
import { buildArchive, buildPast, past, yearOfIncidents } from "../../support/build-archive.ts";
import { NINE } from "../../support/build-observation.ts";
import { mentionedIn } from "../../support/mentioned-in.ts";
import { NAUGHTY_STRINGS } from "../../support/naughty-strings.ts";

const PERIOD = { since: NINE, until: (NINE + 365 * DAY_MS) as Instant };

function reportOf(archive: Archive, fields: Partial<ReportSource> = {}): Report {
  const source = {
    repository: "acme/ops",
    policy: defaultPolicy(),
    policySource: null,
    archive,
    sealsChecked: true,
    older: [],
  };
  return makeReport([{ ...source, factors: null, items: null, ...fields }], PERIOD, { open: false, notKnown: [] });
}

const NAUGHTY = Object.values(NAUGHTY_STRINGS).flat();
const HOSTILE = reportOf(yearOfIncidents(NAUGHTY.length, 7, NAUGHTY), {
  factors: {
    names: ["=cmd|' /C calc'!A0", 'a "quoted": factor; #1', "```\nend", "%%{init: {}}%%"],
    ticked: new Map([[1, ["=cmd|' /C calc'!A0", 'a "quoted": factor; #1', "```\nend", "%%{init: {}}%%"]]]),
    unread: new Set(),
  },
});

/** The cells of a CSV file, by RFC 4180. */
function cellsOf(csv: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  for (const [, quoted, bare, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? bare ?? "");
    if (end === "\r\n") rows.push([]);
  }
  rows.pop();
  return rows;
}

describe("A report as CSV", () => {
  it("has a line of names and one for each incident, all of them as long", () => {
    const rows = cellsOf(reportCsv(reportOf(yearOfIncidents(40, 1))));
    expect(rows[0]!.slice(0, 5)).toEqual(["repository", "number", "url", "title", "severity"]);
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([rows[0]!.length]));
    expect(rows.length - 1).toBe(reportOf(yearOfIncidents(40, 1)).repositories[0]!.incidents.length);
  });

  it("begins no cell with what a spreadsheet takes for a formula, whatever people wrote", () => {
    const formulas = [
      "=1+1",
      "+1",
      "-1",
      "@SUM(A1)",
      "\t=1",
      "\r=1",
      " =1",
      "＝1",
      '=HYPERLINK("https://evil.example")',
      "a\r\n=1",
    ];
    const csv = reportCsv(reportOf(yearOfIncidents(40, 1, formulas)));
    for (const row of cellsOf(csv)) for (const cell of row) expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠]/);
    expect(cellsOf(reportCsv(HOSTILE)).every(({ length }, _, rows) => length === rows[0]!.length)).toBe(true);
  });

  it("leaves empty what has not happened, and says how long it has not", () => {
    const [names, row] = cellsOf(reportCsv(reportOf(buildArchive(buildPast(1, {}, past.acknowledged(60_000))))));
    const of = (name: string) => row![names!.indexOf(name)];
    expect([of("seconds_to_acknowledge"), of("seconds_not_yet_acknowledge")]).toEqual(["60", ""]);
    expect([of("seconds_to_mitigate"), of("seconds_not_yet_mitigate")]).toEqual(["", String(365 * 86_400)]);
  });
});

describe("A report as Markdown", () => {
  it("mentions nobody, runs nothing and breaks no table, whatever people wrote", () => {
    const text = reportMarkdown(HOSTILE);
    expect(mentionedIn(text)).toEqual([]);
    expect(text).not.toMatch(/<(?!\/?(?:span|details|summary)>)/);
    const rows = text.split("\n").filter((line) => line.startsWith("| [<span>#</span>"));
    expect(rows.length).toBe(HOSTILE.repositories[0]!.incidents.length);
    for (const row of rows) expect(row.split(/(?<!\\)\|/).length).toBe(10);
    // Each fence that opens closes.
    expect((text.match(/^```/gm) ?? []).length % 2).toBe(0);
  });

  it("lists as many incidents as there is room for, which may be none, and says how many are left out", () => {
    const [one] = reportOf(yearOfIncidents(30, 1)).repositories;
    const period = { since: "2026-01-05T09:00:00.000Z", until: "2027-01-05T09:00:00.000Z", open: false };
    const all = one!.incidents.length;
    for (const most of [0, 5]) {
      const text = repositoryMarkdown(one!, period, most);
      expect(text.match(/^\| \[<span>/gm)?.length ?? 0).toBe(most);
      expect(text).toContain(`${all - most} older ones are left out`);
    }
  });

  it("draws nothing where there is nothing to draw", () => {
    for (const archive of [buildArchive(), buildArchive(buildPast(1, {}))]) {
      expect(reportMarkdown(reportOf(archive))).not.toMatch(/bar \[\]|line \[\]|line \[0\]/);
    }
    expect(reportMarkdown(reportOf(buildArchive()))).not.toContain("mermaid");
  });

  it("says in words what was left out, and that an open incident is not over yet", () => {
    const archive = {
      ...buildArchive(buildPast(1, {}), buildPast(2, {}, past.drill(0))),
      unreadable: [4, 9],
      unread: 3,
    };
    const text = reportMarkdown(reportOf(archive));
    expect(text).toContain("**1 incident** declared");
    expect(text).toContain("Not counted: 1 drill.");
    expect(text).toContain("2 incidents could not be read: <span>#</span>4, <span>#</span>9.");
    expect(text).toContain("The oldest 3 were not looked at");
    expect(text).toContain("| 2026-01-05 09:00 | not yet (365 d) |");
  });
});

describe("A report as a page", () => {
  const page = reportHtml(HOSTILE);

  it("has no script, loads nothing, and lets nothing that people wrote become markup", () => {
    expect(page).not.toMatch(/<script|<img|<iframe|<link|<svg\/|@import|url\(/i);
    expect([...page.matchAll(/<(\w+)[^>]*\son\w+=/g)]).toEqual([]);
    const elements = new Set([...page.matchAll(/<([a-z]\w*)/gi)].map(([, name]) => name!.toLowerCase()));
    expect([...elements].toSorted()).toEqual(
      "a body details div figcaption figure h1 h2 h3 head html li main meta p path rect section strong style summary svg table tbody td text th thead title tr ul".split(
        " ",
      ),
    );
  });

  it("has a mark of its own for each of six severities, told apart by its shape", () => {
    const names = ["S1", "S2", "S3", "S4", "S5", "S6"];
    const [model] = defaultPolicy().severities;
    const policy = { severities: names.map((name) => ({ ...model!, name, label: `sev:${name}` })) };
    const archive = buildArchive(...names.map((severity, at) => buildPast(at + 1, { severity })));
    const legend = /<ul class="legend">(.*?)<\/ul>/.exec(reportHtml(reportOf(archive, { policy })))![1]!;
    const shapes = [...legend.matchAll(/ d="([^"]+)"/g)].map(([, shape]) => shape);
    expect(new Set(shapes).size).toBe(names.length);
  });

  it("has an arrow at what still may happen, and none at what an incident ended without", () => {
    const arrows = (...entries: Parameters<typeof buildPast>[2][]) =>
      /<figure>.*?Time to acknowledge.*?<\/figure>/.exec(
        reportHtml(reportOf(buildArchive(buildPast(1, {}, ...entries)))),
      )![0];
    expect(arrows()).toMatch(/class="dot s0 open" d="[^"]*v-9m/);
    expect(arrows(past.resolved(60_000))).toMatch(/class="dot s0 open" d="(?![^"]*v-9m)/);
  });

  it("has a table with the same numbers beside every plot", () => {
    const plots = page.match(/<svg role="img"/g) ?? [];
    expect(plots.length).toBe(7);
    for (const [, label] of page.matchAll(/<svg role="img" aria-label="([^"]*)"/g))
      expect(label).toMatch(/The table below/);
  });

  it("is the same for the same report", () => {
    expect(reportHtml(reportOf(yearOfIncidents(30, 3)))).toBe(reportHtml(reportOf(yearOfIncidents(30, 3))));
  });
});
