import { person, plain } from "../markdown/escape.ts";
import type { Instant, Millis } from "../model.ts";
import { sameTarget } from "../names.ts";
import type { CloseHow, Entry } from "../record/entry.ts";
import type { Moment, Waiver } from "../record/history.ts";
import { keyTimes } from "../record/key-times.ts";
import { linkTo } from "../words/links.ts";
import { inWords, utc } from "../words/time.ts";
import { sinceDeclared } from "./correction-note.ts";
import type { StatusView } from "./status-view.ts";
import { missingSentences } from "./verdict.ts";

/** Whether the incident is over and its issue closed, so that nothing is left to do. */
export function isEnded({ seen, history }: StatusView): boolean {
  return history.cancelled !== null || (seen.issue.state === "closed" && history.closed !== null);
}

/** A closed incident in two or three lines: no boxes, and nothing to do. */
export function endingLines(view: StatusView): readonly string[] {
  const { record, history, gate } = view;
  if (history.cancelled !== null) {
    const entry = record.entries.findLast((one) => one.kind === "cancelled");
    const reason = entry?.kind === "cancelled" && entry.reason !== "" ? `: ${plain(entry.reason, 300)}` : "";
    return [
      `${CANCELLED[history.closed?.how ?? "cancelled"] ?? (history.drill === null ? "False alarm" : "Ended")}, ${who(history.cancelled)}${reason}`,
    ];
  }
  const parts = [...length(view), ...acknowledgement(view), ...reverts(view), ...evidence(view)];
  const { waived } = history;
  return [
    parts.join(" · "),
    ...(waived === null
      ? []
      : [
          `Closed without evidence${until(waived)}: ${person(waived.by)} waived it: ${plain(waived.reason, 300)}`,
          ...(waived.until === null
            ? []
            : [
                "It opens again then, unless it has what it needs. Another end: `/waive 14d REASON`, counted from then.",
              ]),
        ]),
    ...(gate.waiverAsked === null && history.accepted.length === 0 ? [] : missingSentences(gate)),
    ...(history.phase === "closed-ungated"
      ? ["Closed without what it needs. Add that, or comment `/waive REASON`."]
      : []),
  ].filter((line) => line !== "");
}

function until({ until }: Waiver): string {
  return until === null ? "" : ` until ${utc(until)}`;
}

/** How an incident ended that was cancelled. */
const CANCELLED: Partial<Readonly<Record<CloseHow, string>>> = {
  "not-planned": "Closed as not planned",
  duplicate: "Closed as a duplicate",
  discussion: "Moved to a discussion",
};

function who({ at, by }: Moment): string {
  return `${utc(at)}${by === null ? "" : ` by ${person(by)}`}`;
}

function since(from: Instant, to: Instant): string {
  return inWords(Math.max(0, to - from) as Millis);
}

/** From the declaration, as far as it was declared before its end; else from its start, if that is known. */
function length({ history }: StatusView): readonly string[] {
  const { declared, closed } = history;
  const { started, resolved } = keyTimes(history);
  if (resolved === null) return closed === null ? [] : [`**${since(declared.at, closed.at)}** from declared to closed`];
  if (resolved.at >= declared.at) return [`**${since(declared.at, resolved.at)}** from declared to resolved`];
  return started === null ? [] : [`**${since(started.at, resolved.at)}** from started to resolved`];
}

/** The first one, also where it was handed back later. */
function acknowledgement({ record, history }: StatusView): readonly string[] {
  const acknowledged = keyTimes(history).acknowledged ?? record.entries.find(isAcknowledgement);
  if (acknowledged === undefined) return ["nobody acknowledged it"];
  const by = acknowledged.by === null ? "" : ` by ${person(acknowledged.by)}`;
  const { at } = history.declared;
  return [`acknowledged ${acknowledged.at < at ? "before it was declared" : sinceDeclared(acknowledged.at, at)}${by}`];
}

function isAcknowledgement(entry: Entry): boolean {
  if (entry.kind === "alerted") return entry.what === "acknowledged";
  return entry.kind === "acknowledged" || entry.kind === "handed-over";
}

function reverts({ history }: StatusView): readonly string[] {
  return history.reverts.map(({ revert }) => `revert #${revert}`);
}

function evidence({ history: { closed, links } }: StatusView): readonly string[] {
  return (closed?.evidence ?? []).slice(0, MOST_EVIDENCE).map((target) => {
    const found = links.find((link) => sameTarget(link.target, target));
    return `${NAMES[found?.evidence ?? "other"]}${linkTo(target, null)}`;
  });
}

const MOST_EVIDENCE = 5;
const NAMES = { "post-mortem": "post-mortem ", "runbook-pr": "runbook ", other: "" } as const;
