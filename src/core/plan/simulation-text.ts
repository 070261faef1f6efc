import { oneLine, shorten } from "../markdown/escape.ts";
import type { Millis } from "../model.ts";
import { DEADLINE_WORDS } from "../render/replay-summary.ts";
import { DEADLINES } from "../replay/missed-deadlines.ts";
import { count, inWords } from "../words/time.ts";
import { wrapLine } from "../words/wrap-line.ts";
import type { NoSimulation, Simulation } from "./simulation.ts";

/** People whose pages are shown; `--json` has them all. */
const MOST_PEOPLE = 10;

/** What `sevgate simulate` prints: lines of at most 80 columns, without colours. What people wrote is in them as bare text. */
export function simulationText(told: Simulation): string {
  const { incidents, notKnown, requests } = told;
  const changed = incidents.filter(({ effects }) => effects.length > 0);
  return [
    ...head(told),
    ...section(
      "The policy changes",
      told.changes.map((one) => `- ${oneLine(one)}`),
    ),
    ...section("Closing", closingLines(told)),
    ...section("Deadlines missed", deadlineLines(told)),
    ...section("People paged", pageLines(told)),
    ...section("Incident by incident", changed.flatMap(incidentLines)),
    ...section(
      "Not known here",
      notKnown.map((one) => `- ${one}`),
    ),
    "",
    `${count(requests, "request")} to GitHub; nothing was written.`,
    "",
  ].join("\n");
}

/** The same where there is nothing to simulate. */
export function noSimulationText({ error }: NoSimulation): string {
  const lines = error.problems.map(
    ({ file, line, column, path, message }) =>
      `${oneLine(file)}:${line}:${column}: ${[path, message]
        .filter((part) => part !== "")
        .map(oneLine)
        .join(": ")}`,
  );
  return `${[...lines, `sevgate simulate: ${oneLine(error.message)}`].join("\n")}\n`;
}

function head({ repository, since, looked, policy, onCall, sum }: Simulation): readonly string[] {
  const { incidents, drills, unreadable, older } = looked;
  const left = [
    ...(drills === 0 ? [] : [`${count(drills, "drill")} left out`]),
    ...(unreadable.length === 0
      ? []
      : [
          `no record that counts on ${unreadable
            .slice(0, 5)
            .map((one) => `#${one}`)
            .join(", ")}${unreadable.length > 5 ? " and others" : ""}`,
        ]),
    ...(older === 0 ? [] : [`${older} older not looked at`]),
  ];
  const from = ({ was, is }: Simulation["policy"], none: string) =>
    was === is ? `${oneLine(is ?? none)}, as it is` : `${oneLine(is ?? none)}, instead of ${oneLine(was ?? none)}`;
  return [
    `${repository}  ${count(incidents, "incident")} since ${since.slice(0, 10)}, ${sum.closed} closed`,
    `  policy   ${from(policy, "the built-in one")}`,
    `  on call  ${from(onCall, "nobody")}`,
    ...left.map((one) => `  ${one}`),
  ].flatMap((line) => wrapLine(line, ""));
}

function closingLines({ incidents, sum }: Simulation): readonly string[] {
  const of = (kind: Effect["kind"], isOpen: boolean) =>
    incidents.filter((one) => (one.closedAt === null) === isOpen && one.effects.some((effect) => effect.kind === kind));
  const line = (some: Simulation["incidents"], words: string): readonly string[] =>
    some.length === 0 ? [] : [`${some.length} ${words}: ${numbersOf(some)}`];
  const lines = [
    ...line(of("cannot-close", false), `of ${sum.closed} could not have closed`),
    ...line(of("cannot-close", true), "still open could not close now"),
    ...line([...of("close-unknown", false), ...of("close-unknown", true)], "may not have closed: not all is known"),
    ...line([...of("no-incident", false), ...of("no-incident", true)], "would have been no incident"),
    ...line(of("closes-later", false), "would have closed later"),
    ...line(of("closes-earlier", false), "would have closed earlier"),
    ...line(of("can-close", false), "could have closed, which cannot by the rules in force"),
    ...line(of("can-close", true), "still open could close now"),
  ];
  const without =
    sum.closedWithoutEvidence === 0
      ? []
      : [`${sum.closedWithoutEvidence} closed with what neither policy lets close now`];
  return [...(lines.length === 0 ? ["the same for all"] : lines), ...without];
}

type Effect = Simulation["incidents"][number]["effects"][number];

function numbersOf(some: Simulation["incidents"]): string {
  const shown = some.slice(0, 8).map(({ number }) => `#${number}`);
  return some.length > 8 ? `${shown.join(", ")} and ${some.length - 8} more` : shown.join(", ");
}

function deadlineLines({ sum }: Simulation): readonly string[] {
  return DEADLINES.map((name) => `${DEADLINE_WORDS[name].padEnd(16)}${wasIs(sum.deadlines[name])}`);
}

function pageLines({ sum: { calls, unheard, people } }: Simulation): readonly string[] {
  const more = people.length - MOST_PEOPLE;
  return [
    `${"all together".padEnd(16)}${wasIs(calls)}`,
    ...(unheard.was + unheard.is === 0 ? [] : [`${"nobody there".padEnd(16)}${wasIs(unheard)}`]),
    ...people.slice(0, MOST_PEOPLE).map((one) => `${oneLine(one.login).padEnd(15)} ${wasIs(one)}`),
    ...(more > 0 ? [`and ${more} more: see --json`] : []),
  ];
}

function wasIs({ was, is }: { readonly was: number; readonly is: number }): string {
  return was === is ? `${is}, as before` : `${is}, was ${was}`;
}

function incidentLines(one: Simulation["incidents"][number]): readonly string[] {
  const { number, title, was, is, effects } = one;
  const severity = is === null || is.severity === was.severity ? was.severity : `${was.severity}, now ${is.severity}`;
  return [
    `#${number}  ${oneLine(severity)}  ${shorten(oneLine(title), 100)}`,
    ...effects.map((effect) => `    ${effectWords(effect, one)}`),
  ];
}

function effectWords({ kind, deadline, byMs }: Effect, { was, is, closedAt }: Simulation["incidents"][number]): string {
  const lacks = (is?.closing.lacks ?? []).join("; ");
  switch (kind) {
    case "cannot-close":
      return closedAt === null ? `could not close now: ${lacks}` : `could not have closed: ${lacks}`;
    case "close-unknown":
      return `may not have closed: ${lacks}`;
    case "no-incident":
      return `no incident: no severity of the policy has the name ${was.severity}, or its label`;
    case "can-close":
      return `could close; by the rules in force: ${was.closing.lacks.join("; ")}`;
    case "closes-later":
      return byMs === null
        ? "would have closed later: what it needs was not there yet"
        : `would have closed ${inWords(byMs as Millis)} later`;
    case "closes-earlier":
      return `would have closed ${inWords((byMs ?? 0) as Millis)} earlier`;
    case "deadline": {
      const name = deadline ?? "update";
      const [before, now] = [was.deadlines[name].surely, is?.deadlines[name].surely ?? 0];
      return `deadline missed, ${DEADLINE_WORDS[name]}: ${wasIs({ was: before, is: now })}`;
    }
    case "pages": {
      const [before, now] = [was.pages.count, is?.pages.count ?? 0];
      const who = before === now ? `: ${namesOf(is)} instead of ${namesOf(was)}` : "";
      return `people paged: ${before === now ? now : wasIs({ was: before, is: now })}${who}`;
    }
  }
}

function namesOf(under: Simulation["incidents"][number]["is"]): string {
  const logins = [...new Set((under?.pages.calls ?? []).map(({ login }) => oneLine(login)))];
  return logins.length > 4 ? `${logins.slice(0, 4).join(", ")} and others` : logins.join(", ");
}

function section(heading: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", heading, ...lines.flatMap((line) => wrapLine(line, "  "))];
}
