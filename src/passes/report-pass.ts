import type { Logger } from "pino";
import { createLabel } from "../apply/create-label.ts";
import { TerminalError } from "../base/errors.ts";
import type { Trace } from "../base/trace.ts";
import type { Instant, Key, Repository } from "../core/model.ts";
import { isFormersAccount, isOwnAccount } from "../core/own.ts";
import { labelsMissing, reportLabel } from "../core/plan/labels.ts";
import type { Policy } from "../core/policy/policy.ts";
import { makeReport } from "../core/report/make-report.ts";
import { lastWholePeriod, type NamedPeriod } from "../core/report/period.ts";
import { reportIssue, reportMarker } from "../core/report/report-issue.ts";
import { readReportSource } from "../observe/read-report-source.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";
import type { PassParts } from "./pass-parts.ts";

/** The period whose report may be missing; `null`: the policy wants none, or it is there. */
export function wantedReport(
  known: PassParts["knownReports"],
  { id }: Pick<Repository, "id">,
  { report: { every } }: Policy,
  now: Instant,
): NamedPeriod | null {
  if (every === "off") return null;
  const period = lastWholePeriod(every, now);
  return known.get(id) === period.id ? null : period;
}

/**
 * One pass over the report of a repository: opens the issue of the last period that is over, unless there is one, or nothing to
 * say. Periods before that are not made up for.
 */
export async function reportPass(
  parts: PassParts & { readonly log: Logger; readonly trace: Trace },
  { repository }: Extract<Key, { kind: "report" }>,
  write: GitHubWriter,
): Promise<PassResult> {
  const { clock, read, app, index, knownReports, log, trace } = parts;
  const { policy } = (await parts.policies.rules(repository)).policy;
  const period = wantedReport(knownReports, repository, policy, clock.now());
  if (period === null) return NOTHING_MORE;
  const label = reportLabel();
  const made = await read.issuesWithLabel(repository, label.name, { state: "all", since: period.until });
  const marker = reportMarker(period);
  const isMade = made.some(
    (issue) => (isOwnAccount(app, issue.author) || isFormersAccount(app, issue.author)) && issue.body.includes(marker),
  );
  const issue = isMade
    ? null
    : reportIssue(
        makeReport([await readReportSource(parts, repository, period, true)], period, {
          open: false,
          notKnown: [],
        }),
        period,
      );
  if (issue !== null) {
    try {
      const there = (await index.repository(repository.id))?.labelsThere ?? [];
      if (labelsMissing([label], there).length > 0) {
        await trace.take(`create-label:${label.name}`, "plan:report", () =>
          createLabel({ write, index }, repository, label),
        );
      }
      await trace.take("open-issue", `plan:report:${period.id}`, () => write.createIssue(repository, issue, "upkeep"));
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      // Asked again after a restart, or for the next period: reading all incidents with each sweep would help nobody.
      log.warn({ repository: repository.id, period: period.id, err: error }, "report refused");
    }
  }
  knownReports.set(repository.id, period.id);
  return NOTHING_MORE;
}
