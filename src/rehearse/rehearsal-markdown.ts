import { plain } from "../core/markdown/escape.ts";
import { BELIEFS, UNTRIED } from "./beliefs.ts";
import { countWrong, isMissing, type RehearsalReport, whyNoAnswer, worstOfEach } from "./rehearsal-report.ts";
import { STEPS } from "./story-seen.ts";

/** Requests of a probe that the report lists. */
const MOST_LISTED = 20;
const LONGEST_CELL = 300;

/** The report for people, and for an issue of Sevgate's repository. */
export function rehearsalMarkdown(report: RehearsalReport): string {
  const found = worstOfEach(report.probes);
  const wrong = found.filter(({ verdict }) => verdict === "does not hold");
  const count = (verdict: string) => found.filter((one) => one.verdict === verdict).length;
  const noAnswer = whyNoAnswer(report);
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  return [
    `# Rehearsal of ${report.repository}`,
    "",
    `Sevgate ${report.sevgate} on ${report.host}, ${report.startedAt}: ${report.requests} requests in ${seconds(report.tookMs)}, ${report.pauses} pauses that GitHub asked for. The repository is ${report.isPrivate ? "private" : "public"}.`,
    "",
    `**${count("holds")} assumptions hold, ${countWrong(wrong.length)}**, ${count("unclear")} are unclear, ${count("not asked")} were not asked.`,
    ...(report.endedBecause === null ? [] : ["", `**It ended early: ${cell(report.endedBecause)}.**`]),
    ...(noAnswer === null ? [] : ["", noAnswer]),
    ...(report.withoutAppBecause === null
      ? []
      : ["", `Nothing was asked as the app: ${cell(report.withoutAppBecause)}.`]),
    "",
    ...section(
      "What is not as Sevgate assumes",
      wrong.map(
        ({ assumption, seen, probe }) =>
          `- **${assumption}** ${BELIEFS[assumption] ?? ""}. Seen (${probe}): ${cell(seen)}`,
      ),
    ),
    "## The drill",
    "",
    "How long Sevgate took, from the write on GitHub until it was seen there.",
    "",
    "| Step | Took | Seen |",
    "| --- | --- | --- |",
    ...report.steps.map((step) => {
      const took = step.ms === null ? (isMissing(step) ? "**did not come**" : "did not come") : seconds(step.ms);
      return `| ${STEPS[step.id]} | ${took} | ${cell(step.seen)} |`;
    }),
    "",
    ...section("Webhooks, in their order", webhookRows(report)),
    "## Assumptions",
    "",
    "By the numbers of docs/assumptions.md.",
    "",
    "| No | Sevgate relies on | Verdict | Seen | Test |",
    "| --- | --- | --- | --- | --- |",
    ...found.map(
      ({ assumption, verdict, seen, probe }) =>
        `| ${assumption} | ${BELIEFS[assumption] ?? ""} | ${verdict} | ${cell(seen)} | ${probe} |`,
    ),
    "",
    `It says nothing of the other ${UNTRIED.length}: ${UNTRIED.join(", ")}.`,
    "",
    "## Tests that are left to you",
    "",
    "| Test | Why no program | What to do |",
    "| --- | --- | --- |",
    ...report.manual.map(({ id, why, step }) => `| ${id} | ${why} | ${step} |`),
    "",
    "## What was asked",
    "",
    ...report.probes.flatMap(({ id, title, requests }) => [
      `- **${id}**: ${title}`,
      ...requests
        .slice(0, MOST_LISTED)
        .map(({ as, route, said, ms }) => `  - ${as}: \`${route}\` → ${cell(said)} (${ms} ms)`),
      ...(requests.length > MOST_LISTED ? [`  - and ${requests.length - MOST_LISTED} more`] : []),
    ]),
    "",
    ...section(
      "Cleaned up",
      report.cleanUp.done.map((what) => `- ${cell(what)}`),
    ),
    ...section(
      "Left in the repository",
      report.cleanUp.left.map((what) => `- ${cell(what)}`),
    ),
  ].join("\n");
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return [`## ${title}`, "", ...(lines.length === 0 ? ["Nothing."] : lines), ""];
}

/** What somebody else wrote, within a cell: it is shown, and does nothing. */
function cell(text: string): string {
  return plain(text, LONGEST_CELL);
}

function webhookRows({ webhooks }: RehearsalReport): readonly string[] {
  if (webhooks.length === 0) return ["Nobody could ask for them."];
  const rows = webhooks.map(({ name, atMs, delayMs, status }) => {
    const delay = delayMs === null ? "" : `${Math.max(0, delayMs / 1_000).toFixed(0)} s`;
    return `| ${(atMs / 1_000).toFixed(0)} s | ${cell(name)} | ${delay} | ${status} |`;
  });
  return ["| At | Event | Late by | Answered |", "| --- | --- | --- | --- |", ...rows];
}
