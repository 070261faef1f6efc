import { pageAddress, pageText } from "../markdown/escape.ts";
import { count } from "../words/time.ts";
import { shareWithin } from "./kaplan-meier.ts";
import { barPlot, curvePlot, type Dot, dotPlot, legendLine, legendMark, MOST_DOTS } from "./plots.ts";
import { MEASURES, type Measure, type Report, type ReportedIncident, type RepositoryReport } from "./report.ts";
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
  tookWords,
  UNCONFIRMED,
} from "./report-words.ts";

/* Of each colour, what it has against the ground is at least 4.5 : 1 for words and 3 : 1 for marks, light and dark. */
const STYLE = `
:root { color-scheme: light dark; --ground: #ffffff; --ink: #1f2328; --soft: #59636e; --rule: #d1d9e0; --fill: #57606a;
  --a: #b3261e; --b: #9a5b00; --c: #0b5cad; --d: #6639ba; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --ink: #e6edf3; --soft: #9da7b3; --rule: #3d444d; --fill: #9da7b3;
  --a: #ff8a80; --b: #e3b341; --c: #79c0ff; --d: #d2a8ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.25rem; margin-top: 2.5rem; } h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p, ul { max-width: 46rem; } ul { padding-left: 1.2rem; }
a { color: var(--c); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem 2rem; }
figure { margin: 0; max-width: 36rem; } figcaption { font-weight: 600; }
svg[role="img"] { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 12px; }
.grid { stroke: var(--rule); fill: none; } .bar { fill: var(--fill); }
.dot { stroke-width: 1.5; } .dot.open { fill: var(--ground); }
.s0 { fill: var(--a); stroke: var(--a); } .s1 { fill: var(--b); stroke: var(--b); } .s2 { fill: var(--c); stroke: var(--c); } .s3 { fill: var(--d); stroke: var(--d); }
.s4 { fill: var(--a); stroke: var(--a); } .s5 { fill: var(--c); stroke: var(--c); }
.dot.open.s0, .dot.open.s1, .dot.open.s2, .dot.open.s3, .dot.open.s4, .dot.open.s5 { fill: var(--ground); }
.curve { fill: none; stroke-width: 2.5; }
.c0 { stroke: var(--a); } .c1 { stroke: var(--b); stroke-dasharray: 7 3; } .c2 { stroke: var(--c); stroke-dasharray: 2 3; } .c3 { stroke: var(--d); stroke-dasharray: 9 3 2 3; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .5rem 0; padding: 0; list-style: none; }
.mark { vertical-align: middle; margin-right: .4rem; }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .7rem; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; overflow-wrap: normal; white-space: nowrap; }
th:first-child { white-space: normal; min-width: 9rem; max-width: 28rem; overflow-wrap: anywhere; } .n { text-align: right; }
.said { color: var(--soft); }
`;

/** A report as one page: no script, nothing loaded, light and dark, its plots as SVG. */
export function reportHtml(report: Report): string {
  const { since, until, open } = report.period;
  const title = `Incidents from ${since.slice(0, 10)} to ${until.slice(0, 10)}`;
  const parts = report.repositories.map((one) => repositorySection(one, { since, until, open }));
  const notKnown = report.notKnown.map((what) => `<p class="said">Not looked at: ${pageText(what)}.</p>`).join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>${pageText(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${pageText(title)}</h1>
${parts.join("\n")}
${notKnown}
</main>
</body>
</html>
`;
}

function repositorySection(report: RepositoryReport, period: Report["period"]): string {
  const isEmpty = report.curves[0]!.incidents === 0;
  const parts = [
    `<h2>${pageText(report.repository)}</h2>`,
    summary(report),
    ...(isEmpty
      ? []
      : [dots(report, period), durations(report), counts(report), levels(report), endings(report), factors(report)]),
    items(report),
    pages(report),
    incidentList(report, period.open),
  ];
  return `<section aria-label="${pageText(report.repository)}">\n${parts.filter((part) => part !== "").join("\n")}\n</section>`;
}

function summary({ leftOut, curves, sealsChecked }: RepositoryReport): string {
  const lines = [
    `<p><strong>${count(curves[0]!.incidents, "incident")}</strong> declared in this time, in UTC.</p>`,
    ...(leftOut.drills > 0 ? [`<p>Not counted: ${count(leftOut.drills, "drill")}.</p>`] : []),
    ...(leftOut.cancelled > 0 ? [`<p>Not counted: ${leftOut.cancelled} that turned out to be none.</p>`] : []),
    ...(leftOut.unconfirmed > 0 ? [`<p>Not counted: ${leftOut.unconfirmed} ${UNCONFIRMED}.</p>`] : []),
    ...(leftOut.unreadable.length > 0
      ? [
          `<p>${count(leftOut.unreadable.length, "incident")} could not be read: ${leftOut.unreadable.map((one) => `#${one}`).join(", ")}.</p>`,
        ]
      : []),
    ...(leftOut.unread > 0 ? [`<p>The oldest ${leftOut.unread} were not looked at: there are too many.</p>`] : []),
    ...(leftOut.shortened.length > 0
      ? [
          `<p>Old pages and reopenings may be missing, where the record grew too long: ${leftOut.shortened.map((one) => `#${one}`).join(", ")}.</p>`,
        ]
      : []),
    ...(sealsChecked ? [] : ["<p>Without the app's key, nobody can tell whether somebody has edited a record.</p>"]),
  ];
  return lines.join("\n");
}

function dots(
  { curves, policy, bySeverity, ...report }: RepositoryReport,
  { since, until, open }: Report["period"],
): string {
  if (report.incidents.length === 0) return "";
  const names = policy.severities;
  const used = bySeverity.filter(({ incidents }) => incidents > 0);
  const legend = used
    .map(({ severity }) => `<li>${legendMark(names.indexOf(severity))}${pageText(severity)}</li>`)
    .join("");
  const [first] = report.byWeek;
  const from = Math.max(Date.parse(since), first === undefined ? 0 : Date.parse(first.from));
  const plots = MEASURES.map((measure) => {
    const drawn = report.incidents.map((one) => dot(one, measure, names));
    const label = `${MEASURE_NAMES[measure]} of each incident over calendar time, on a log axis. The table below lists them.`;
    return `<figure><figcaption>${MEASURE_NAMES[measure]}</figcaption>${dotPlot(label, drawn, from, Date.parse(until))}</figure>`;
  });
  const more = report.incidents.length > MOST_DOTS ? ` The newest ${MOST_DOTS} are drawn.` : "";
  return [
    `<h3>Every ${open ? "open " : ""}incident</h3>`,
    `<p>A mark for each, by the day of its declaration. A hollow mark has not happened: with an arrow, it still may.${more}</p>`,
    `<ul class="legend">${legend}</ul>`,
    `<div class="plots">${plots.join("")}</div>`,
  ].join("\n");
}

function dot(one: ReportedIncident, measure: Measure, names: readonly string[]): Dot {
  const { took, notYet, ended } = one[measure];
  return {
    at: Date.parse(one.declared),
    after: took ?? notYet ?? 0,
    happened: took !== null,
    ended,
    rank: names.indexOf(one.severity),
    words: `#${one.number} ${one.title}: ${tookWords(one[measure])}`,
  };
}

function durations({ curves }: RepositoryReport): string {
  const drawn = curves.map(({ measure, steps, lookedFor }) => ({
    name: MEASURE_PARTICIPLES[measure],
    steps,
    lookedFor,
  }));
  const legend = drawn.map(({ name }, index) => `<li>${legendLine(index)}${pageText(name)}</li>`).join("");
  const head = [
    "",
    "n",
    "happened",
    "not yet",
    "half within",
    ...TABLE_TICKS.map((tick) => `within ${shortDuration(tick)}`),
  ];
  const rows = curves.map((curve) => [
    MEASURE_NAMES[curve.measure],
    String(curve.incidents),
    String(curve.happened),
    String(curve.notYet),
    curve.median === null ? "–" : shortDuration(curve.median),
    ...TABLE_TICKS.map((tick) =>
      shareWords(shareWithin(curve.steps, [{ after: curve.lookedFor, happened: false }], tick)),
    ),
  ]);
  const label =
    "Share of incidents acknowledged, mitigated, resolved and learned from within a time. The table below has the numbers.";
  return [
    "<h3>How long it took</h3>",
    `<ul class="legend">${legend}</ul>`,
    `<figure>${curvePlot(label, drawn)}</figure>`,
    table("How long it took", head, rows.map(plainCells)),
    `<ul class="said">${DEFINITIONS.map((sentence) => `<li>${pageText(sentence.replaceAll("`", ""))}</li>`).join("")}</ul>`,
  ].join("\n");
}

function counts({ policy, bySeverity, byWeek }: RepositoryReport): string {
  return [
    "<h3>How many</h3>",
    table(
      "Incidents by severity",
      ["severity", "incidents"],
      bySeverity.map((one) => plainCells([one.severity, String(one.incidents)])),
    ),
    `<figure><figcaption>Incidents by week</figcaption>${barPlot(
      "Incidents by week, from Monday on. The table below has the numbers.",
      byWeek.map(({ from, incidents }) => ({ name: from, value: incidents })),
    )}</figure>`,
    `<details><summary>The weeks in numbers</summary>${table(
      "Incidents by week",
      ["week from", "incidents", ...policy.severities],
      byWeek.map((week) => plainCells([week.from, String(week.incidents), ...week.bySeverity.map(String)])),
    )}</details>`,
  ].join("\n");
}

function levels(report: RepositoryReport): string {
  if (report.levels.length === 0) return "";
  const rows = report.levels.map(({ severity, level, within, met, missed, notYet }) => {
    const over = met + missed;
    return plainCells([
      severity,
      levelWords({ level, within }),
      over === 0 ? "–" : `${met} of ${over} (${percent(met / over)})`,
      String(notYet),
    ]);
  });
  return [
    "<h3>Service levels</h3>",
    table("Service levels", ["severity", "promised", "kept", "time not over"], rows),
    '<p class="said">One that ended without it, or was waived, is not counted. The time of a post-mortem counts from the resolution.</p>',
  ].join("\n");
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
    ...reopenings.map(({ why, times }) => [`opened again: ${reopeningWords(why)}`, `${times} ×`]),
  ];
  return ["<h3>Past the gate</h3>", table("Past the gate", ["what", "incidents"], rows.map(plainCells))].join("\n");
}

function factors({ factors: seen }: RepositoryReport): string {
  if (seen === null) return "";
  const more = seen.unread === 0 ? "" : ` ${seen.unread} could not be read, or are where not everybody may look.`;
  return [
    "<h3>Contributing factors</h3>",
    table(
      "Contributing factors",
      ["factor", "incidents"],
      seen.counts.map((one) => plainCells([one.factor, String(one.incidents)])),
    ),
    `<p class="said">Ticked in ${count(seen.postMortems, "post-mortem")}; one may have several.${more}</p>`,
  ].join("\n");
}

function items({ items: seen }: RepositoryReport): string {
  if (seen === null || seen.filed + seen.done + seen.dropped + seen.open === 0) return "";
  const rows = seen.byAge.map(({ band, open, overdue }) => plainCells([band, String(open), String(overdue)]));
  return [
    "<h3>Action items</h3>",
    `<p>In the period ${seen.filed} filed, ${seen.done} done, ${seen.dropped} dropped. At its end ${seen.open} open: ${seen.overdue} overdue, ${seen.withoutOwner} without an owner, ${seen.withoutDay} without a day.</p>`,
    table("Open action items by age", ["open for", "open", "overdue"], rows),
  ].join("\n");
}

function pages({ pages: seen }: RepositoryReport): string {
  if (seen.pages === 0) return "";
  const bands = [0, 6, 12, 18];
  const rows = seen.byPerson.map(({ login, pages: own, byHour }) =>
    plainCells([
      login,
      String(own),
      ...bands.map((from) => String(byHour.slice(from, from + 6).reduce((sum, one) => sum + one, 0))),
    ]),
  );
  const head = ["person", "pages", "00–06 UTC", "06–12 UTC", "12–18 UTC", "18–24 UTC"];
  const hours = seen.byHour.map((value, hour) => ({ name: `${String(hour).padStart(2, "0")} UTC`, value }));
  return [
    "<h3>Pages</h3>",
    `<p>${count(seen.pages, "page")}, whatever became of the incident; ${seen.reachedNobody} reached nobody.</p>`,
    `<figure><figcaption>People called, by hour of the day</figcaption>${barPlot("People called by hour of the day in UTC. The table below has them by person.", hours)}</figure>`,
    ...(rows.length === 0 ? [] : [table("Pages by person", head, rows)]),
  ].join("\n");
}

function incidentList({ incidents }: RepositoryReport, open: boolean): string {
  if (incidents.length === 0) return "";
  const rows = incidents.map((one) => {
    const address = pageAddress(one.url);
    const number = address === null ? `#${one.number}` : `<a href="${address}">#${one.number}</a>`;
    return [
      `${number} ${pageText(one.title)}`,
      ...plainCells([
        one.severity,
        one.declared.slice(0, 16).replace("T", " "),
        ...MEASURES.map((measure) => tookWords(one[measure])),
        endingWords(one),
      ]),
    ];
  });
  const head = [
    "incident",
    "severity",
    "declared (UTC)",
    "to acknowledge",
    "to mitigate",
    "to resolve",
    "to learn",
    "ended",
  ];
  return [`<h3>${open ? "Open incidents" : "The incidents in numbers"}</h3>`, table("Incidents", head, rows)].join(
    "\n",
  );
}

function plainCells(cells: readonly string[]): readonly string[] {
  return cells.map(pageText);
}

/** @param rows cells as HTML */
function table(name: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const classes = head.map((_, at) =>
    at > 0 && rows.every((row) => /^(?:\d[\d ×%()–]*|–)$/.test(row[at] ?? "")) ? ' class="n"' : "",
  );
  const heads = head.map((one, at) =>
    one === "" ? "<td></td>" : `<th scope="col"${classes[at]}>${pageText(one)}</th>`,
  );
  const lines = rows.map(([first = "", ...rest]) => {
    const cells = rest.map((one, at) => `<td${classes[at + 1]}>${one}</td>`);
    return `<tr><th scope="row">${first}</th>${cells.join("")}</tr>`;
  });
  return `<div class="scroll" role="group" tabindex="0" aria-label="${pageText(name)}"><table><thead><tr>${heads.join("")}</tr></thead><tbody>\n${lines.join("\n")}\n</tbody></table></div>`;
}
