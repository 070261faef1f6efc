import { markerOf } from "../words/markers.ts";
import { REPORT_LABEL } from "../words/report-label.ts";
import type { NamedPeriod } from "./period.ts";
import type { Report } from "./report.ts";
import { repositoryMarkdown } from "./report-markdown.ts";

/** GitHub takes 65,536 characters. */
const MOST_CHARACTERS = 60_000;
/** How many incidents are listed at most; fewer where their titles are long. */
const MOST_INCIDENTS = [100, 50, 20, 0] as const;

/** By which the issue of a period is found again: with its author and its label. */
export function reportMarker({ id }: Pick<NamedPeriod, "id">): string {
  return markerOf(`report-${id}`);
}

/** The issue with the numbers of a period; `null`: there is nothing to say. */
export function reportIssue(
  report: Report,
  period: NamedPeriod,
): { readonly title: string; readonly body: string; readonly labels: readonly string[] } | null {
  const [own] = report.repositories;
  if (own === undefined) return null;
  const { incidents, pages, leftOut } = own;
  if (incidents.length + pages.pages + leftOut.unreadable.length === 0) return null;
  const rest = `More, and as a page, JSON or CSV: \`sevgate report ${own.repository} --since ${report.period.since.slice(0, 10)} --until ${report.period.until.slice(0, 10)}\`. Close this issue when you have read it.`;
  const bodies = MOST_INCIDENTS.map((most) =>
    [repositoryMarkdown(own, report.period, most), rest, reportMarker(period)].join("\n\n"),
  );
  const body = bodies.find(({ length }) => length <= MOST_CHARACTERS) ?? bodies.at(-1)!;
  return { title: `Incidents in ${period.name}`, body: `${body}\n`, labels: [REPORT_LABEL] };
}
