import { link, mermaidText, person, plain } from "../markdown/escape.ts";
import { count } from "../words/time.ts";
import { shareWithin } from "./kaplan-meier.ts";
import { type Curve, MEASURES, type Measure, type Report, type RepositoryReport } from "./report.ts";
import {
  DEFINITIONS,
  endingWords,
  levelWords,
  MEASURE_NAMES,
  MEASURE_PARTICIPLES,
  percent,
  reopeningWords,
  shareWords,
  shortDuration,
  TABLE_TICKS,
  TICKS,
  tookWords,
  UNCONFIRMED,
} from "./report-words.ts";

/** As many bars have room for their names beside each other: of a longer time, a bar is for several weeks. */
const MOST_BARS = 14;
const WEEKS_OF_A_YEAR = 53;
/** As many people are listed at most. */
const MOST_PEOPLE = 50;

/** A report as Markdown, with diagrams that GitHub draws and a table beside each of them. */
export function reportMarkdown(report: Report): string {
  const parts = report.repositories.map(
    (one) => `# Incidents of ${plain(one.repository, 150)}\n\n${repositoryMarkdown(one, report.period)}`,
  );
  const notKnown = report.notKnown.map((what) => `- Not looked at: ${plain(what, 300)}.`).join("\n");
  return `${[...parts, ...(notKnown === "" ? [] : [notKnown])].join("\n\n")}\n`;
}

/**
 * The report of one repository, without a heading of its own.
 *
 * @param mostIncidents as many are listed at most, the newest
 */
export function repositoryMarkdown(
  report: RepositoryReport,
  { since, until, open }: Report["period"],
  mostIncidents = Number.POSITIVE_INFINITY,
): string {
  const sections = [
    summary(report, { since, until }),
    ...(report.curves[0]!.incidents === 0
      ? []
      : [durations(report), counts(report), levels(report), endings(report), factors(report)]),
    items(report),
    pages(report),
    incidentList(report, open, mostIncidents),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

function summary(report: RepositoryReport, { since, until }: Pick<Report["period"], "since" | "until">): string {
  const { leftOut, curves, sealsChecked } = report;
  const all = curves[0]!.incidents;
  const lines = [
    `**${count(all, "incident")}** declared from ${dayOrTime(since)} to before ${dayOrTime(until)}, in UTC.`,
    ...(leftOut.drills > 0 ? [`Not counted: ${count(leftOut.drills, "drill")}.`] : []),
    ...(leftOut.cancelled > 0 ? [`Not counted: ${leftOut.cancelled} that turned out to be none.`] : []),
    ...(leftOut.unconfirmed > 0 ? [`Not counted: ${leftOut.unconfirmed} ${UNCONFIRMED}.`] : []),
    ...(leftOut.unreadable.length > 0
      ? [`${count(leftOut.unreadable.length, "incident")} could not be read: ${numbers(leftOut.unreadable)}.`]
      : []),
    ...(leftOut.unread > 0 ? [`The oldest ${leftOut.unread} were not looked at: there are too many.`] : []),
    ...(leftOut.shortened.length > 0
      ? [`Old pages and reopenings may be missing, where the record grew too long: ${numbers(leftOut.shortened)}.`]
      : []),
    ...(sealsChecked ? [] : ["Without the app's key, nobody can tell whether somebody has edited a record."]),
  ];
  return lines.join("\n");
}

/** A whole day without its time. */
function dayOrTime(at: string): string {
  return at.endsWith("T00:00:00.000Z") ? at.slice(0, 10) : `${at.slice(0, 16).replace("T", " ")}`;
}

const MOST_NUMBERS = 20;

function numbers(them: readonly number[]): string {
  const shown = them.slice(0, MOST_NUMBERS).map((number) => plain(`#${number}`, 12));
  return [...shown, ...(them.length > MOST_NUMBERS ? [`${them.length - MOST_NUMBERS} more`] : [])].join(", ");
}

function durations(report: RepositoryReport): string {
  const rows = report.curves.map((curve) => [
    MEASURE_NAMES[curve.measure],
    String(curve.incidents),
    String(curve.happened),
    String(curve.notYet),
    curve.median === null ? "–" : shortDuration(curve.median),
    ...TABLE_TICKS.map((tick) => shareWords(shareAt(curve, tick))),
  ]);
  const head = [
    "",
    "n",
    "happened",
    "not yet",
    "half within",
    ...TABLE_TICKS.map((tick) => `within ${shortDuration(tick)}`),
  ];
  const definitions = DEFINITIONS.map((sentence) => `- ${sentence}`).join("\n");
  const plots = report.curves.flatMap(curvePlot);
  return ["## How long it took", table(head, rows), definitions, ...plots].join("\n\n");
}

/** What a curve says at a time, and how long anybody has looked, by the curve itself and its incidents. */
function shareAt(curve: Curve, tick: number) {
  return shareWithin(curve.steps, [{ after: curve.lookedFor, happened: false }], tick);
}

function curvePlot(curve: Curve): readonly string[] {
  const known = TICKS.flatMap((tick) => {
    const within = shareAt(curve, tick);
    return within === null ? [] : [{ tick, share: within.share }];
  });
  // After it has happened to all, nothing more is to be seen.
  const all = known.findIndex(({ share }) => share === 1);
  const shown = all === -1 ? known : known.slice(0, all + 1);
  if (curve.happened === 0 || shown.length < 2) return [];
  const what = `Share ${MEASURE_PARTICIPLES[curve.measure]} within a time, of ${count(curve.incidents, "incident")}`;
  return [
    diagram([
      "xychart-beta",
      `  accTitle: ${what}`,
      "  accDescr: Open incidents count as not yet. The table above has the same numbers.",
      `  title "${mermaidText(what, 80)}"`,
      `  x-axis [${shown.map(({ tick }) => `"${mermaidText(shortDuration(tick), 20)}"`).join(", ")}]`,
      '  y-axis "percent" 0 --> 100',
      `  line [${shown.map(({ share }) => Math.round(share * 1_000) / 10).join(", ")}]`,
    ]),
  ];
}

function counts({ policy, bySeverity, byWeek }: RepositoryReport): string {
  const severities = table(
    ["severity", "incidents"],
    bySeverity.map((one) => [plain(one.severity, 40), String(one.incidents)]),
  );
  const weeks = table(
    ["week from", "incidents", ...policy.severities.map((name) => plain(name, 40))],
    byWeek.map((week) => [week.from, String(week.incidents), ...week.bySeverity.map(String)]),
  );
  const size = Math.max(1, Math.ceil(byWeek.length / MOST_BARS));
  const bars = Array.from({ length: Math.ceil(byWeek.length / size) }, (_, at) => {
    const weeks = byWeek.slice(at * size, (at + 1) * size);
    const from = weeks[0]!.from;
    return [byWeek.length > WEEKS_OF_A_YEAR ? from : from.slice(5), sum(weeks.map((week) => week.incidents))] as const;
  });
  const plot = barPlot(`Incidents by ${size === 1 ? "week" : `${size} weeks`}, from the day below`, bars);
  return ["## How many", severities, ...plot, folded("The weeks in numbers", weeks)].join("\n\n");
}

function barPlot(
  title: string,
  bars: readonly (readonly [name: string, value: number])[],
  direction: "" | " horizontal" = "",
): readonly string[] {
  const most = Math.max(0, ...bars.map(([, value]) => value));
  if (most === 0) return [];
  return [
    diagram([
      `xychart-beta${direction}`,
      `  accTitle: ${title}`,
      "  accDescr: The table beside it has the same numbers.",
      `  title "${mermaidText(title, 80)}"`,
      `  x-axis [${bars.map(([name]) => `"${mermaidText(name, 40) || "-"}"`).join(", ")}]`,
      `  y-axis "incidents" 0 --> ${most}`,
      `  bar [${bars.map(([, value]) => value).join(", ")}]`,
    ]),
  ];
}

function levels(report: RepositoryReport): string {
  if (report.levels.length === 0) return "";
  const rows = report.levels.map(({ severity, level, within, met, missed, notYet }) => {
    const over = met + missed;
    return [
      plain(severity, 40),
      levelWords({ level, within }),
      over === 0 ? "–" : `${met} of ${over} (${percent(met / over)})`,
      String(notYet),
    ];
  });
  const note =
    "One that ended without it, or was waived, is not counted. The time of a post-mortem counts from the resolution.";
  return ["## Service levels", table(["severity", "promised", "kept", "time not over"], rows), note].join("\n\n");
}

function endings({
  endings: { waived, waivedUntil, waivedAccepted, closedUngated, reopened, reopenings },
}: RepositoryReport): string {
  const rows = [
    ["waived", String(waived)],
    ["of these, for a time", String(waivedUntil)],
    ["of these, accepted by somebody else", String(waivedAccepted)],
    ["closed past the gate", String(closedUngated)],
    ["opened again", String(reopened)],
    ...reopenings.map(({ why, times }) => [`opened again: ${plain(reopeningWords(why), 80)}`, `${times} ×`]),
  ];
  return ["## Past the gate", table(["", "incidents"], rows)].join("\n\n");
}

function factors({ factors: seen }: RepositoryReport): string {
  if (seen === null) return "";
  const { postMortems, unread, counts: counted } = seen;
  const note = `Ticked in ${count(postMortems, "post-mortem")}; one may have several.${
    unread === 0 ? "" : ` ${unread} could not be read, or are where not everybody may look.`
  }`;
  const rows = counted.map((one) => [plain(one.factor, 100), String(one.incidents)]);
  const plot = barPlot(
    "Contributing factors",
    counted.filter((one) => one.incidents > 0).map((one) => [one.factor, one.incidents]),
    " horizontal",
  );
  return ["## Contributing factors", table(["factor", "incidents"], rows), ...plot, note].join("\n\n");
}

function items({ items: seen }: RepositoryReport): string {
  if (seen === null || seen.filed + seen.done + seen.dropped + seen.open === 0) return "";
  const said = `In the period ${seen.filed} filed, ${seen.done} done, ${seen.dropped} dropped. At its end ${seen.open} open: ${seen.overdue} overdue, ${seen.withoutOwner} without an owner, ${seen.withoutDay} without a day.`;
  const rows = seen.byAge.map(({ band, open, overdue }) => [band, String(open), String(overdue)]);
  return ["## Action items", said, table(["open for", "open", "overdue"], rows)].join("\n\n");
}

const HOURS_OF_A_BAND = 6;

function pages({ pages: seen }: RepositoryReport): string {
  if (seen.pages === 0) return "";
  const bands = [0, 6, 12, 18].map((from) => ({
    name: `${String(from).padStart(2, "0")}–${String(from + HOURS_OF_A_BAND).padStart(2, "0")} UTC`,
    of: (byHour: readonly number[]) => sum(byHour.slice(from, from + HOURS_OF_A_BAND)),
  }));
  const rows = seen.byPerson
    .slice(0, MOST_PEOPLE)
    .map(({ login, pages: own, byHour }) => [person(login), String(own), ...bands.map(({ of }) => String(of(byHour)))]);
  const more = seen.byPerson.length - MOST_PEOPLE;
  const said = `${count(seen.pages, "page")}, whatever became of the incident; ${seen.reachedNobody} reached nobody.`;
  return [
    "## Pages",
    said,
    ...(rows.length === 0 ? [] : [table(["person", "pages", ...bands.map(({ name }) => name)], rows)]),
    ...(more > 0 ? [`And ${more} more people.`] : []),
  ].join("\n\n");
}

function incidentList({ incidents }: RepositoryReport, open: boolean, most: number): string {
  if (incidents.length === 0) return "";
  const shown = incidents.slice(Math.max(0, incidents.length - most));
  const rows = shown.map((one) => [
    `${link(`#${one.number}`, one.url, [hostOf(one.url)])} ${plain(one.title, 80)}`,
    plain(one.severity, 40),
    one.declared.slice(0, 16).replace("T", " "),
    ...MEASURES.map((measure) => tookWords(one[measure])),
    endingWords(one),
  ]);
  const head = ["incident", "severity", "declared (UTC)", ...MEASURES.map(shortName), "ended"];
  const left = incidents.length - shown.length;
  const note = left > 0 ? `\n\n${left} older ones are left out; \`sevgate report\` lists them all.` : "";
  const title = open ? "## Open incidents" : "## Each incident";
  const rest = rows.length === 0 ? note.trim() : `${table(head, rows)}${note}`;
  return [title, shown.length > 10 ? folded(count(shown.length, "incident"), rest) : rest].join("\n\n");
}

function shortName(measure: Measure): string {
  return MEASURE_NAMES[measure].replace("Time to ", "to ");
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "github.com";
}

function sum(numbersToAdd: readonly number[]): number {
  return numbersToAdd.reduce((total, one) => total + one, 0);
}

/** @param rows cells as Markdown, in which no bar ends a cell */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const isNumber = (at: number) => at > 0 && rows.every((row) => /^(?:\d[\d ×]*|–)$/.test(row[at] ?? ""));
  return [line(head), line(head.map((_, at) => (isNumber(at) ? "--:" : "---"))), ...rows.map(line)].join("\n");
}

function folded(words: string, content: string): string {
  return `<details><summary>${words}</summary>\n\n${content}\n\n</details>`;
}

function diagram(lines: readonly string[]): string {
  return ["```mermaid", ...lines, "```"].join("\n");
}
