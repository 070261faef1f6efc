import { assertNever, type Instant, type Reference } from "./model.ts";
import type { Entry, EntryOf } from "./record/entry.ts";

/** Where an incident stands. `closed-ungated`: closed past the gate, after which Sevgate stopped reopening. */
export type Phase = "declared" | "acknowledged" | "mitigated" | "resolved" | "cancelled" | "closed-ungated";

/** Something that happened, with who and when. */
export interface Moment {
  readonly at: Instant;
  /** Login; `null`: GitHub did not say, or the account is gone. */
  readonly by: string | null;
}

/** A link to evidence. One made by command stands by itself; one found in a text stands while the text says so. */
export interface Link {
  readonly evidence: "post-mortem" | "runbook-pr";
  readonly target: Reference;
  readonly byCommand: boolean;
}

/** Everything the entries of the record say, folded. */
export interface History {
  readonly declared: Moment;
  readonly severity: string;
  /** When the severity was last raised or lowered; the declaration before that. */
  readonly severitySince: Instant;
  readonly phase: Phase;
  readonly acknowledged: Moment | null;
  /** Since when somebody has to acknowledge: the declaration, `/unack`, or a change of severity. */
  readonly unacknowledgedSince: Instant;
  readonly responder: string | null;
  /** Role → login, in the order of assignment. `assignee` stands for `/assign` without a role. */
  readonly roles: ReadonlyMap<string, string>;
  readonly mitigated: Moment | null;
  readonly resolved: Moment | null;
  readonly cancelled: Moment | null;
  readonly waived: (Moment & { readonly reason: string }) | null;
  readonly lastUpdate: Moment | null;
  readonly closed: EntryOf<"closed"> | null;
  readonly reopenings: readonly EntryOf<"reopened">[];
  /** Links made by command or found before, oldest first, each once. */
  readonly links: readonly Link[];
  /** Numbers of runbook pull requests that were seen merged and stand. */
  readonly proven: ReadonlySet<number>;
  readonly disproven: ReadonlyMap<number, number>;
  readonly reminded: readonly EntryOf<"reminded">[];
}

/**
 * Folds the entries of a record, oldest first, into what they amount to.
 *
 * @throws Error when the first entry is not `declared`: no record is ever written without it
 */
export function fold(entries: readonly Entry[]): History {
  const first = entries.find((entry) => entry.kind === "declared");
  if (first === undefined) throw new Error("a record without a declaration");

  const state = {
    declared: momentOf(first),
    severity: first.severity,
    severitySince: first.at,
    acknowledged: null as Moment | null,
    unacknowledgedSince: first.at,
    responder: null as string | null,
    roles: new Map<string, string>(),
    mitigated: null as Moment | null,
    resolved: null as Moment | null,
    cancelled: null as Moment | null,
    waived: null as (Moment & { reason: string }) | null,
    lastUpdate: null as Moment | null,
    closed: null as EntryOf<"closed"> | null,
    reopenings: [] as EntryOf<"reopened">[],
    links: [] as Link[],
    proven: new Set<number>(),
    disproven: new Map<number, number>(),
    reminded: [] as EntryOf<"reminded">[],
  };

  for (const entry of entries) {
    switch (entry.kind) {
      case "declared":
        break;
      case "acknowledged":
        // The first to acknowledge is kept as the moment; a later one takes over as responder.
        state.acknowledged ??= momentOf(entry);
        state.responder = entry.by;
        break;
      case "unacknowledged":
        state.acknowledged = null;
        state.responder = null;
        state.unacknowledgedSince = entry.at;
        break;
      case "mitigated":
        state.mitigated = momentOf(entry);
        state.lastUpdate = momentOf(entry);
        break;
      case "resolved":
        state.resolved = momentOf(entry);
        state.mitigated ??= momentOf(entry);
        break;
      case "severity-changed":
        state.severity = entry.to;
        state.severitySince = entry.at;
        if (state.acknowledged === null) state.unacknowledgedSince = entry.at;
        break;
      case "assigned":
        state.roles.set(entry.role ?? "assignee", entry.login);
        break;
      case "updated":
        state.lastUpdate = momentOf(entry);
        break;
      case "linked":
        state.links = addLink(state.links, {
          evidence: entry.evidence,
          target: entry.target,
          byCommand: entry.source !== null,
        });
        break;
      case "proven":
        state.proven.add(entry.target.number);
        state.disproven.delete(entry.target.number);
        break;
      case "disproven":
        state.proven.delete(entry.target.number);
        state.disproven.set(entry.target.number, entry.revertedBy);
        break;
      case "cancelled":
        state.cancelled = momentOf(entry);
        break;
      case "waived":
        state.waived = { ...momentOf(entry), reason: entry.reason };
        state.resolved ??= momentOf(entry);
        break;
      case "closed":
        state.closed = entry;
        if (entry.how === "not-planned" || entry.how === "duplicate") state.cancelled ??= momentOf(entry);
        if (entry.how === "person") state.resolved ??= { at: entry.closedAt, by: entry.by };
        break;
      case "reopened":
        state.closed = null;
        state.reopenings.push(entry);
        break;
      case "resumed":
        // The incident is active again: what ended it no longer holds, nor does the waiver given for that ending.
        state.closed = null;
        state.resolved = null;
        state.cancelled = null;
        state.waived = null;
        break;
      case "reminded":
        state.reminded.push(entry);
        break;
      case "noted":
      case "refused":
      case "answered":
      case "rebuilt":
        break;
      default:
        assertNever(entry);
    }
  }
  return { ...state, phase: phaseOf(state) };
}

function addLink(links: readonly Link[], added: Link): Link[] {
  const known = links.find((link) => link.evidence === added.evidence && sameTarget(link.target, added.target));
  if (known === undefined) return [...links, added];
  return links.map((link) => (link === known ? { ...link, byCommand: link.byCommand || added.byCommand } : link));
}

function phaseOf(state: Pick<History, "closed" | "cancelled" | "resolved" | "mitigated" | "acknowledged">): Phase {
  if (state.closed?.how === "ungated") return "closed-ungated";
  if (state.cancelled !== null) return "cancelled";
  if (state.resolved !== null) return "resolved";
  if (state.mitigated !== null) return "mitigated";
  return state.acknowledged !== null ? "acknowledged" : "declared";
}

function momentOf(entry: Entry): Moment {
  return { at: entry.at, by: entry.by };
}

/** Whether two references mean the same thing, both seen from the incident's repository. */
export function sameTarget(a: Reference, b: Reference): boolean {
  return a.number === b.number && (a.repository?.toLowerCase() ?? null) === (b.repository?.toLowerCase() ?? null);
}
