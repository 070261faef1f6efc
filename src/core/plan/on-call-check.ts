import type { HeadFile } from "../merge/merge-observation.ts";
import type { CheckAnnotation, CheckRunContent, Instant } from "../model.ts";
import { lintOnCall, type OnCallFinding } from "../oncall/lint-on-call.ts";
import { ON_CALL_PATH, parseOnCall } from "../oncall/parse-on-call.ts";
import type { OnCallSchedule } from "../oncall/schedule.ts";
import { startOfDay } from "../oncall/wall-clock.ts";
import { whoChanges } from "../oncall/who-changes.ts";
import { fenced, MOST_ANNOTATIONS, paragraphs } from "../policy/fenced.ts";
import { formatProblem } from "../policy/read-document.ts";
import { changeLines, findingCounts, findingLine } from "../render/on-call-changes.ts";
import { count } from "../words/time.ts";

export interface OnCallCheckInput {
  readonly headSha: string;
  readonly pullRequest: number;
  /** The schedule in force; `null`: none. */
  readonly base: OnCallSchedule | null;
  readonly head: HeadFile;
  /** Names from the policy in force. */
  readonly severities: readonly string[];
  readonly at: Instant;
}

type Said = Pick<CheckRunContent, "title" | "summary"> &
  Partial<Pick<CheckRunContent, "status" | "conclusion" | "annotations">>;

/** Of the summary; the counts are in the title. */
const MOST_LINES = 100;
/** GitHub's limit is 65,535 characters. */
export const LONGEST_SUMMARY_CHARACTERS = 65_000;
const LEVELS = { error: "failure", warning: "warning", notice: "notice" } as const;

/**
 * The check `sevgate/policy` for a pull request that touches the on-call file: what is wrong with it, and whose time on
 * call changes.
 *
 * It fails when the file cannot be used or leaves primary empty. What could not be read stays in progress: unknown is
 * neither pass nor fail.
 */
export function onCallCheck(input: OnCallCheckInput): CheckRunContent {
  const { head, base, at } = input;
  if (head.kind === "unreadable") {
    return content(input, {
      status: "in_progress",
      conclusion: null,
      title: "The on-call file could not be read yet",
      summary: paragraphs(
        "GitHub did not give Sevgate the on-call file of this pull request:",
        fenced(head.why),
        "Sevgate tries again by itself. If this stays, push again.",
      ),
    });
  }
  if (head.kind === "missing") {
    return content(input, {
      title: "The on-call file is removed",
      summary: paragraphs("After the merge nobody is on call, and nobody is paged.", changes(base, null, at)),
    });
  }
  const parsed = parseOnCall(head.text);
  if (parsed.kind === "invalid") {
    const { problems } = parsed;
    return content(input, {
      conclusion: "failure",
      title: `The on-call file has ${count(problems.length, "problem")}`,
      summary: paragraphs(
        "Put these right and push again. Merged as it is, this file would not be used: the last good one stays in force.",
        fenced(
          problems
            .slice(0, MOST_LINES)
            .map((problem) => formatProblem(ON_CALL_PATH, problem))
            .join("\n"),
        ),
      ),
      annotations: problems.map((problem) => annotation({ ...problem, level: "error" })).slice(0, MOST_ANNOTATIONS),
    });
  }
  const findings = lintOnCall(parsed, at, input.severities);
  const fails = findings.some(({ level }) => level === "error");
  const changed = changesFrom(base, parsed.schedule, at).length > 0;
  return content(input, {
    conclusion: fails ? "failure" : "success",
    title: fails
      ? `The on-call file has ${findingCounts(findings)}`
      : changed
        ? "The on-call file is valid and changes who is on call"
        : "The on-call file is valid",
    summary: paragraphs(
      ...(findings.length === 0
        ? []
        : [
            fenced(
              findings
                .slice(0, MOST_LINES)
                .map((finding) => findingLine(ON_CALL_PATH, finding))
                .join("\n"),
            ),
          ]),
      changes(base, parsed.schedule, at),
    ),
    annotations: findings.map(annotation).slice(0, MOST_ANNOTATIONS),
  });
}

function changes(before: OnCallSchedule | null, after: OnCallSchedule | null, at: Instant): string {
  const zone = after?.zone ?? before?.zone ?? "Etc/UTC";
  const lines = changeLines(changesFrom(before, after, at), zone);
  if (lines.length === 0) return "In the next four weeks, nobody is on call at another time than before.";
  return paragraphs(`**Who changes** in the next four weeks (times of ${zone}):`, fenced(lines.join("\n")));
}

/** From the start of the day, without what has ended: another look on the same day says the same. */
function changesFrom(before: OnCallSchedule | null, after: OnCallSchedule | null, at: Instant) {
  return whoChanges(before, after, startOfDay(at)).filter(({ to }) => to > at);
}

function annotation({ line, column, level, path, message }: OnCallFinding): CheckAnnotation {
  const text = [path, message].filter((part) => part !== "").join(": ");
  return { path: ON_CALL_PATH, line, column, level: LEVELS[level], message: text };
}

function content({ headSha, pullRequest }: OnCallCheckInput, said: Said): CheckRunContent {
  return {
    name: "sevgate/policy",
    headSha,
    status: "completed",
    conclusion: "success",
    annotations: [],
    actions: [],
    externalId: `pr:${pullRequest}`,
    ...said,
  };
}

/** Two checks of the same name in one: it fails if either does, and waits if either does. */
export function joinChecks(one: CheckRunContent, other: CheckRunContent): CheckRunContent {
  const both = [one, other];
  const fails = both.some(({ conclusion }) => conclusion === "failure");
  const waits = !fails && both.some(({ status }) => status === "in_progress");
  const summary = paragraphs(`### ${one.title}`, one.summary, `### ${other.title}`, other.summary);
  const fits = summary.length <= LONGEST_SUMMARY_CHARACTERS;
  return {
    ...one,
    status: waits ? "in_progress" : "completed",
    conclusion: fails ? "failure" : waits ? null : "success",
    title: `${one.title}. ${other.title}`,
    summary: fits
      ? summary
      : paragraphs(`### ${other.title}`, other.summary, `### ${one.title}`, "Too much to list here."),
    annotations: both.flatMap(({ annotations }) => annotations).slice(0, MOST_ANNOTATIONS),
  };
}
