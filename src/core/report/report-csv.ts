import { csvCell } from "../markdown/escape.ts";
import { MEASURES, type Report } from "./report.ts";

const COLUMNS = [
  "repository",
  "number",
  "url",
  "title",
  "severity",
  "state",
  "closed",
  "declared",
  "began",
  "started",
  "detected",
  "acknowledged",
  "mitigated",
  "resolved",
  "learnt",
  ...MEASURES.flatMap((measure) => [`seconds_to_${measure}`, `seconds_not_yet_${measure}`]),
  "waived",
  "closed_ungated",
  "reopenings",
  "factors",
] as const;

/**
 * The incidents of a report as CSV (RFC 4180): a line of names, then one for each incident. Times are UTC, durations seconds. What
 * is not known, or has not happened, is empty.
 */
export function reportCsv(report: Report): string {
  const rows = report.repositories.flatMap(({ repository, incidents }) =>
    incidents.map((one) => {
      const { started, detected, acknowledged, mitigated, resolved, learnt } = one.times;
      return [
        repository,
        one.number,
        one.url,
        one.title,
        one.severity,
        one.state,
        one.closed,
        one.declared,
        one.began,
        ...[started, detected, acknowledged, mitigated, resolved, learnt],
        ...MEASURES.flatMap((measure) => [one[measure].took, one[measure].notYet]),
        one.waived,
        one.closedUngated,
        one.reopenings,
        one.factors?.join("; ") ?? null,
      ];
    }),
  );
  return [COLUMNS, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function cell(value: string | number | boolean | null): string {
  return value === null ? "" : csvCell(String(value));
}
