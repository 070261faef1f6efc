import { bareText } from "../markdown/bare-text.ts";
import { oneLine, shorten } from "../markdown/escape.ts";
import { wrapLine } from "../words/wrap-line.ts";
import type { Explanation, NoExplanation, Receipt, VerdictNode } from "./explanation.ts";

/** Entries of the record that are shown; `--json` has them all. */
const MOST_ENTRIES = 12;

/** What `sevgate explain` prints: lines of at most 80 columns, without colours. What people wrote is in them as bare text. */
export function explanationText(explained: Explanation): string {
  const { found, timers, steps, notKnown, requests } = explained;
  return [
    ...head(explained),
    ...section("Record", recordLines(explained)),
    ...section("New since then", found.length === 0 ? ["nothing"] : found.flatMap(foundLines)),
    ...section(`Closing: ${explained.verdict.status}`, verdictLines(explained)),
    ...section("Timers", [
      ...timers.map(({ name, due, overdue }) => columns([name, 14], [`${clock(due)}${overdue ? ", overdue" : ""}`, 0])),
      columns(
        ["next look", 14],
        [explained.lookAgainAt === null ? "when something happens" : clock(explained.lookAgainAt), 0],
      ),
    ]),
    ...section("A pass would do now", [
      ...(steps.length === 0 ? ["nothing"] : steps.map(({ step, why }) => columns([oneLine(step), 36], [why, 0]))),
      ...(explained.stepsEnd ? [] : ["and more"]),
    ]),
    ...(notKnown.length === 0
      ? []
      : section(
          "Not known here",
          notKnown.map((one) => `- ${one}`),
        )),
    "",
    `${requests} ${requests === 1 ? "request" : "requests"} to GitHub; nothing was written.`,
    "",
  ].join("\n");
}

/** The same where there is nothing to explain. */
export function noExplanationText({ error }: NoExplanation): string {
  return `sevgate explain: ${oneLine(error.message)}\n`;
}

function head({ incident, state, app, seal, store, policy }: Explanation): readonly string[] {
  const responder = state.responder === null ? "nobody has it" : `${oneLine(state.responder)} has it`;
  const login = app.login === null ? "not known: it has no status comment there" : oneLine(app.login);
  const trouble = policy.trouble === null ? "" : `, but its file is ${policy.trouble} now`;
  return [
    ...wrapLine(`${oneLine(incident.repository)}#${incident.number}  ${shorten(oneLine(incident.title), 200)}`, ""),
    ...[
      `${state.drill === null ? "" : "drill, "}${incident.state}, ${oneLine(state.severity)}, ${state.phase}; ${responder}`,
      oneLine(incident.url),
      columns(["key", 8], [incident.key, 0]),
      columns(["app", 8], [`${login}${APPS[app.known]}`, 0]),
      columns(["policy", 8], [`${oneLine(policy.source ?? "the built-in one")}${trouble}`, 0]),
      ...(policy.runsIn === "server"
        ? []
        : [columns(["runs in", 8], ["its GitHub Action; a server does nothing there", 0])]),
      columns(["seal", 8], [SEALS[seal], 0]),
      columns(["store", 8], [STORES[store], 0]),
      ...correctedLines(state.times),
    ].flatMap((line) => wrapLine(line, "  ")),
  ];
}

/** What people have put right with `/time`. */
function correctedLines(times: Explanation["state"]["times"]): readonly string[] {
  return Object.entries(times).flatMap(([name, time]) => {
    if (time === null || time.corrected === null) return [];
    const { by, was } = time.corrected;
    const before = was === null ? "" : `, was ${clock(was)}`;
    return [columns(["time", 8], [`${name} ${clock(time.at)}${before}, said by ${oneLine(by ?? "-")}`, 0])];
  });
}

const APPS: Readonly<Record<Explanation["app"]["known"], string>> = {
  told: "",
  named: ", as named",
  guessed: ", guessed from the status comment",
  unknown: "",
};

const SEALS: Readonly<Record<Explanation["seal"], string>> = {
  valid: "valid",
  broken: "broken: the record was changed, is an older one, or was sealed with another key",
  none: "none: there is no record on the issue",
  unchecked: "unchecked: without the app's key nobody can tell",
};

const STORES: Readonly<Record<Explanation["store"], string>> = {
  read: "read",
  "in-use": "not read: a running server holds it",
  none: "there is none",
  "no-answer": "not read: it does not answer",
  "other-version": "not read: another version of Sevgate keeps it",
  "not-asked": "not read: it takes the server's settings",
};

function recordLines({ record, lost }: Explanation): readonly string[] {
  const why = lost === null ? [] : [`what the status comment holds does not count: ${lost}`];
  if (record === null) return [...why, "none"];
  const { revision, entries, judgedUpTo, from } = record;
  const left = Math.max(0, entries.length - MOST_ENTRIES);
  const copy = from === "store" ? ", the copy in the store" : "";
  return [
    ...why,
    `revision ${revision}${copy}`,
    ...(judgedUpTo === 0 ? [] : [`comments up to ${judgedUpTo} are judged, also those without a line here`]),
    ...(left === 0 ? [] : [`${left} earlier: see --json`]),
    ...entries.slice(left).map((entry) => entryLine(entry)),
  ];
}

function entryLine({ kind, at, by, source, detail }: Receipt): string {
  const from = source === null ? "" : `comment ${source.comment}, line ${source.line}`;
  const more = DETAILS.flatMap((name) => {
    const value = detail[name];
    return typeof value === "string" && value !== "" ? [`${name}: ${shorten(oneLine(value), 40)}`] : [];
  });
  const what = [from, ...more].filter((part) => part !== "").join("; ");
  return columns([clock(at), 18], [kind, 17], [oneLine(by ?? "-"), 12], [what, 0]);
}

/** Of the rest of an entry, what fits into a line. */
const DETAILS = [
  "severity",
  "from",
  "to",
  "login",
  "role",
  "evidence",
  "how",
  "why",
  "command",
  "timer",
  "time",
  "reason",
  "text",
];

function foundLines({ judge, entries, once }: Explanation["found"][number]): readonly string[] {
  return [
    `${judge}:`,
    ...entries.map((entry) => `  ${entryLine(entry)}`),
    ...once.map((edge) => `  once: ${oneLine(edge)}`),
  ];
}

function verdictLines({ verdict: { waivedBy, waiverAsked, tree }, state }: Explanation): readonly string[] {
  const until = state.waivedUntil === null ? "" : ` until ${clock(state.waivedUntil)}`;
  const waived = waivedBy === null ? [] : [`waived by ${oneLine(waivedBy)}${until}: no evidence is asked for`];
  const asked =
    waiverAsked === null
      ? []
      : [`a waiver waits for ${waiverAsked.missing} more to accept it, each with the ${waiverAsked.needs} role`];
  return [...waived, ...asked, ...nodeLines(tree, "")];
}

function nodeLines(node: VerdictNode, indent: string): readonly string[] {
  if (node.kind !== "requirement") {
    if (node.of.length === 0) return [`${indent}${node.status.padEnd(9)}nothing is asked for`];
    const name = node.kind === "any-of" ? "one of these" : "all of these";
    return [`${indent}${node.status.padEnd(9)}${name}`, ...node.of.flatMap((part) => nodeLines(part, `${indent}  `))];
  }
  const { status, says, found } = node;
  return [
    `${indent}${status.padEnd(9)}${bareText(says)}`,
    ...found.map(({ repository, number, status: own, lacks }) => {
      const lacking = lacks.length === 0 ? "" : `: ${lacks.join(", ")}`;
      return `${indent}  ${own.padEnd(9)}${oneLine(repository ?? "")}#${number}${lacking}`;
    }),
  ];
}

function section(heading: string, lines: readonly string[]): readonly string[] {
  return ["", heading, ...lines.flatMap((line) => wrapLine(line, "  "))];
}

/** Texts side by side, each in so many columns; a longer one moves the rest. */
function columns(...parts: readonly (readonly [text: string, width: number])[]): string {
  return parts
    .map(([text, width]) => (width === 0 ? text : `${text.padEnd(width - 1)} `))
    .join("")
    .trimEnd();
}

/** `2026-01-05 09:00`. */
function clock(at: string): string {
  return at.slice(0, 16).replace("T", " ");
}
