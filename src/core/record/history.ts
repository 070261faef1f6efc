import { assertNever, type Instant, type Millis, type Reference } from "../model.ts";
import { isAppLogin, sameLogin, sameTarget, targetKey } from "../names.ts";
import type { Entry, EntryOf, KeyTime } from "./entry.ts";

/** Where an incident stands. `closed-ungated`: closed past the gate, after which Sevgate stopped reopening. */
export type Phase = "declared" | "acknowledged" | "mitigated" | "resolved" | "cancelled" | "closed-ungated";

/** Something that happened, with who and when. */
export interface Moment {
  readonly at: Instant;
  /** Login; `null`: GitHub did not say, or the account is gone. */
  readonly by: string | null;
}

/** Why somebody has to answer from a certain moment. */
export type EpisodeStart = "declared" | "confirmed" | "unacknowledged" | "raised" | "resumed" | "ack-timed-out";

/**
 * A stretch of an incident in which somebody is being looked for; its steps are counted from `since`
 * (core/escalation/).
 */
export interface Episode {
  readonly since: Instant;
  readonly why: EpisodeStart;
  /** Who had acknowledged and was not heard from again; else `null`. */
  readonly lastResponder: string | null;
}

/** A page nobody has answered yet: an entry of the record without its words. */
export type Page = Omit<EntryOf<"paged">, "kind" | "text">;

/** A link to evidence. One made by command stands by itself; one found in a text stands as long as the text says so. */
export interface Link {
  readonly evidence: "post-mortem" | "runbook-pr";
  readonly target: Reference;
  readonly byCommand: boolean;
  /** It has a reason, so it may be older than the incident. */
  readonly withReason: boolean;
}

/** A waiver that counts since `at`. */
export interface Waiver extends Moment {
  readonly reason: string;
  /** When its time is over; `null`: it is for good. */
  readonly until: Instant | null;
}

/** A waiver that was asked for at `at`. */
export interface AskedWaiver extends Moment {
  readonly reason: string;
  readonly lasts: Millis | null;
  /** How many other people have to accept it. */
  readonly approvals: number;
  /** Logins of those who have, each once. */
  readonly acceptedBy: readonly string[];
}

/** An action item that was filed for the incident (core/items/). */
export interface FiledItem {
  readonly target: Reference;
  /** The post-mortem it was filed from. */
  readonly postMortem: Reference;
  /** `ItemLine.digest` of the line it was. */
  readonly line: string;
  readonly filedAt: Instant;
  /** How it came to an end; `null`: it has not. `reason` of one that was dropped. */
  readonly end: (Moment & { readonly how: "done" | "dropped"; readonly reason: string | null }) | null;
}

/** Lines of a post-mortem that somebody wants filed, and that are not filed yet. */
export interface AskedItems extends Moment {
  readonly postMortem: Reference;
  readonly lines: readonly string[];
}

/** That somebody accepted a post-mortem. */
export type Acceptance = Pick<EntryOf<"post-mortem-accepted">, "target" | "digest" | "by">;

/** What `/time` said. */
export type Correction = Pick<EntryOf<"time-corrected">, "to" | "was" | "by">;

/** That an action item was put off. */
export interface Snooze {
  /** As the last `/snooze` says. */
  readonly until: Instant;
  /** How often there was one. */
  readonly times: number;
}

/**
 * Everything the entries of the record say, folded. Its moments are when things were said: escalation, timers and the
 * gate go by them. When they were, as far as people have put it right, is said by `keyTimes` (key-times.ts).
 */
export interface History {
  readonly declared: Moment;
  readonly severity: string;
  /** When the severity was last raised or lowered; the declaration before that. */
  readonly severitySince: Instant;
  /** Whether people have set the severity since alerts last did so, or since the declaration. */
  readonly severityByPeople: boolean;
  /** What the declaration and alerts have asked for so far, each once. */
  readonly asked: readonly string[];
  readonly phase: Phase;
  readonly acknowledged: Moment | null;
  /** Since when somebody has to acknowledge: the declaration, `/unack`, or a change of severity. */
  readonly unacknowledgedSince: Instant;
  readonly responder: string | null;
  /** Since when the responder has it; `null`: nobody has. */
  readonly responderSince: Instant | null;
  /** The last one that began; `isSomebodyNeeded` says whether it is still running. */
  readonly episode: Episode;
  /** Pages since the last answer, oldest first; only the last of an episode's repetitions. */
  readonly pages: readonly Page[];
  /** Whether the declaration is good enough to page people for; `unasked`: nobody has needed to know yet. */
  readonly confirmed: "yes" | "no" | "unasked";
  /**
   * Whether somebody known to have rights in the repository stands behind it: by declaring it, or by something they did
   * since.
   */
  readonly isVouchedFor: boolean;
  /** Role → login, in the order of assignment. `assignee` stands for `/assign` without a role. */
  readonly roles: ReadonlyMap<string, string>;
  readonly mitigated: Moment | null;
  readonly resolved: Moment | null;
  readonly cancelled: Moment | null;
  /** The waiver that counts; `null`: none does. */
  readonly waived: Waiver | null;
  /** A waiver that other people have yet to accept, beside the one that counts; `null`: none is waiting. */
  readonly waiverAsked: AskedWaiver | null;
  /**
   * When the time of the last waiver was over, or, later, the issue was opened again because of that; `null`: something
   * else has ended the incident since, or resumed it.
   */
  readonly waiverEnded: Instant | null;
  /** Who last accepted which post-mortem, and the digest of its text then; oldest first. */
  readonly accepted: readonly Acceptance[];
  /** Post-mortems about which people were told, since the last acceptance, that they say something else now. */
  readonly toldChanged: readonly Reference[];
  /** The action items that were filed, oldest first, each once. */
  readonly items: readonly FiledItem[];
  /** What is still to be filed, oldest first. */
  readonly itemsAsked: readonly AskedItems[];
  /** By `targetKey` of the action item. */
  readonly snoozes: ReadonlyMap<string, Snooze>;
  readonly lastUpdate: Moment | null;
  readonly closed: EntryOf<"closed"> | null;
  readonly reopenings: readonly EntryOf<"reopened">[];
  /** Links made by command or found before, oldest first, each once. */
  readonly links: readonly Link[];
  /** Numbers of runbook pull requests that were seen merged and are not reverted. */
  readonly proven: ReadonlySet<number>;
  readonly disproven: ReadonlyMap<number, number>;
  readonly reminded: readonly EntryOf<"reminded">[];
  /** The runbooks listed for it, best first; `null`: not looked for yet. */
  readonly runbooks: EntryOf<"runbooks-matched">["runbooks"] | null;
  /** Similar incidents of the past, best first; `null`: none were found, or not looked for. */
  readonly recalled: EntryOf<"recalled">["incidents"] | null;
  /** Whether its issue type is for people to change. */
  readonly isTyped: boolean;
  /** What was last named with `/good`. */
  readonly knownGood: EntryOf<"known-good"> | null;
  /** The likeliest cause at the declaration; `null`: not looked for. */
  readonly suspected: EntryOf<"suspected"> | null;
  readonly reverts: readonly EntryOf<"revert-opened">[];
  /** Fix → the merged pull request that reverted it. */
  readonly fixesReverted: ReadonlyMap<number, number>;
  /** Its root message in a chat; `null`: none yet. */
  readonly announced: EntryOf<"announced"> | null;
  /** Since when it is a drill, and by whom; `null`: it is not one. No number counts a drill. */
  readonly drill: Moment | null;
  /**
   * Whether people were paged, somebody has taken it or it has ended: from then on a drill stays one, and a real
   * incident as well.
   */
  readonly isUnderWay: boolean;
  /** Whether people have been told that nothing can be said on the issue. */
  readonly isLocked: boolean;
  /** What people have put right, by what it is about; it goes when that is undone. */
  readonly corrected: ReadonlyMap<KeyTime, Correction>;
  /** What alerts last meant; only the last of each kind. */
  readonly alerted: { readonly [What in EntryOf<"alerted">["what"]]: EntryOf<"alerted"> | null };
}

const NEVER_ALERTED: History["alerted"] = { acknowledged: null, recovered: null, "fired-again": null, joined: null };

/**
 * Folds the entries of a record, oldest first, into what they add up to.
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
    severityByPeople: false,
    asked: [first.severity],
    acknowledged: null as Moment | null,
    unacknowledgedSince: first.at,
    responder: null as string | null,
    responderSince: null as Instant | null,
    episode: { since: first.at, why: "declared", lastResponder: null } as Episode,
    pages: [] as Page[],
    confirmed: "unasked" as History["confirmed"],
    isVouchedFor: false,
    lowered: null as { readonly from: string; readonly at: Instant } | null,
    roles: new Map<string, string>(),
    mitigated: null as Moment | null,
    resolved: null as Moment | null,
    cancelled: null as Moment | null,
    waived: null as Waiver | null,
    waiverAsked: null as AskedWaiver | null,
    waiverEnded: null as Instant | null,
    accepted: [] as Acceptance[],
    toldChanged: [] as Reference[],
    items: [] as FiledItem[],
    itemsAsked: [] as AskedItems[],
    snoozes: new Map<string, Snooze>(),
    lastUpdate: null as Moment | null,
    closed: null as EntryOf<"closed"> | null,
    reopenings: [] as EntryOf<"reopened">[],
    links: [] as Link[],
    proven: new Set<number>(),
    disproven: new Map<number, number>(),
    reminded: [] as EntryOf<"reminded">[],
    runbooks: null as History["runbooks"],
    isTyped: false,
    recalled: null as History["recalled"],
    knownGood: null as EntryOf<"known-good"> | null,
    suspected: null as EntryOf<"suspected"> | null,
    reverts: [] as EntryOf<"revert-opened">[],
    fixesReverted: new Map<number, number>(),
    announced: null as EntryOf<"announced"> | null,
    drill: null as Moment | null,
    isUnderWay: false,
    isLocked: false,
    corrected: new Map<KeyTime, Correction>(),
    alerted: { ...NEVER_ALERTED },
  };

  const begin = (since: Instant, why: EpisodeStart, lastResponder: string | null = null) => {
    state.episode = { since, why, lastResponder };
  };

  /** It counts from `at` on, and so does the end it stands for. */
  const waive = (waiver: Omit<Waiver, "until">, lasts: Millis | null) => {
    state.waived = { ...waiver, until: lasts === null ? null : ((waiver.at + lasts) as Instant) };
    state.waiverAsked = null;
    state.waiverEnded = null;
    state.resolved ??= { at: waiver.at, by: waiver.by };
    state.pages = [];
    state.isUnderWay = true;
  };
  /** The incident is active again: what was waived for its ending no longer counts. */
  const takeBackWaivers = () => {
    state.waived = null;
    state.waiverAsked = null;
    state.waiverEnded = null;
  };

  for (const entry of entries) {
    if (confirms(entry) && state.confirmed !== "yes") {
      if (state.confirmed === "no") begin(entry.at, "confirmed");
      state.confirmed = "yes";
    }
    // Confirmed by nobody: GitHub did not tell the rights, and the people on call were not left to sleep because of
    // that.
    if (confirms(entry) && entry.by !== null && !isAppLogin(entry.by)) state.isVouchedFor = true;
    if (answers(entry)) state.pages = [];
    if (answers(entry) || entry.kind === "paged") state.isUnderWay = true;
    switch (entry.kind) {
      case "declared":
        break;
      case "acknowledged":
        // The first to acknowledge is kept as the moment; a later one takes over as responder.
        state.acknowledged ??= momentOf(entry);
        state.responder = entry.by;
        state.responderSince = entry.at;
        break;
      case "handed-over":
        state.acknowledged ??= momentOf(entry);
        state.responder = entry.login;
        state.responderSince = entry.at;
        break;
      case "unacknowledged":
        state.acknowledged = null;
        state.corrected.delete("acknowledged");
        state.responder = null;
        state.responderSince = null;
        state.unacknowledgedSince = entry.at;
        begin(entry.at, "unacknowledged");
        break;
      case "ack-timed-out":
        begin(entry.at, "ack-timed-out", state.responder);
        state.acknowledged = null;
        state.corrected.delete("acknowledged");
        state.responder = null;
        state.responderSince = null;
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
        if (entry.raised === true && state.acknowledged === null && !isBackAgain(state.lowered, entry)) {
          begin(entry.at, "raised");
        }
        state.lowered = entry.raised === true ? state.lowered : { from: entry.from, at: entry.at };
        state.severity = entry.to;
        state.severityByPeople = entry.alert === undefined;
        if (entry.alert !== undefined && !state.asked.includes(entry.to)) state.asked = [...state.asked, entry.to];
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
          withReason: entry.source !== null && (entry.reason ?? "") !== "",
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
      case "waived": {
        const { reason, lasts = null, approvals = 0 } = entry;
        if (approvals === 0) waive({ ...momentOf(entry), reason }, lasts);
        else state.waiverAsked = { ...momentOf(entry), reason, lasts, approvals, acceptedBy: [] };
        break;
      }
      case "waiver-accepted": {
        const asked = state.waiverAsked;
        if (asked === null || entry.by === null) break;
        const acceptedBy = [...asked.acceptedBy, entry.by];
        state.waiverAsked = { ...asked, acceptedBy };
        if (acceptedBy.length >= asked.approvals)
          waive({ at: entry.at, by: asked.by, reason: asked.reason }, asked.lasts);
        break;
      }
      case "waiver-ended":
        state.waived = null;
        state.waiverEnded = entry.at;
        break;
      case "post-mortem-accepted": {
        const { target, digest, by } = entry;
        const isEarlier = (one: Acceptance) =>
          sameTarget(one.target, target) && one.by !== null && by !== null && sameLogin(one.by, by);
        state.accepted = [...state.accepted.filter((one) => !isEarlier(one)), { target, digest, by }];
        state.toldChanged = state.toldChanged.filter((one) => !sameTarget(one, target));
        break;
      }
      case "post-mortem-changed":
        state.toldChanged = [...state.toldChanged.filter((one) => !sameTarget(one, entry.target)), entry.target];
        break;
      case "items-asked": {
        const { postMortem, lines } = entry;
        state.itemsAsked = [
          ...state.itemsAsked.filter((one) => !sameTarget(one.postMortem, postMortem)),
          { ...momentOf(entry), postMortem, lines },
        ];
        break;
      }
      case "items-filed": {
        const { postMortem, items, at } = entry;
        for (const { number, line } of items) {
          const target = { repository: postMortem.repository, number };
          if (state.items.some((one) => sameTarget(one.target, target))) continue;
          state.items = [...state.items, { target, postMortem, line, filedAt: at, end: null }];
        }
        const isFiled = new Set(items.map(({ line }) => line));
        state.itemsAsked = state.itemsAsked
          .map((asked) =>
            sameTarget(asked.postMortem, postMortem)
              ? { ...asked, lines: asked.lines.filter((line) => !isFiled.has(line)) }
              : asked,
          )
          .filter(({ lines }) => lines.length > 0);
        break;
      }
      case "item-dropped":
        state.items = endItem(state.items, entry.target, { ...momentOf(entry), how: "dropped", reason: entry.reason });
        break;
      case "item-done":
        state.items = endItem(state.items, entry.target, { ...momentOf(entry), how: "done", reason: null });
        break;
      case "item-reopened":
        state.items = endItem(state.items, entry.target, null);
        break;
      case "closed":
        state.closed = entry;
        state.waiverEnded = null;
        if (entry.how !== "waived" && entry.how !== "ungated") state.waiverAsked = null;
        if (entry.how === "not-planned" || entry.how === "duplicate") state.cancelled ??= momentOf(entry);
        if (entry.how === "discussion" && entry.as === "resolved") state.resolved ??= momentOf(entry);
        if (entry.how === "discussion" && entry.as === undefined) state.cancelled ??= momentOf(entry);
        if (entry.how === "person") state.resolved ??= { at: entry.closedAt, by: entry.by };
        break;
      case "reopened":
        state.closed = null;
        state.reopenings.push(entry);
        if (entry.why === "waiver-ended") state.waiverEnded = entry.at;
        break;
      case "resumed":
        // The incident is active again: what ended it no longer counts, nor does the waiver given for that ending.
        state.closed = null;
        state.resolved = null;
        state.cancelled = null;
        takeBackWaivers();
        state.corrected.delete("resolved");
        if (entry.restored === true) break;
        if (state.mitigated === null) state.corrected.delete("mitigated");
        // If whoever was on it reopened it, they know; anybody else is asking for somebody.
        if (entry.by === null || entry.by !== state.responder) {
          state.acknowledged = null;
          state.mitigated = null;
          state.corrected.delete("acknowledged");
          state.corrected.delete("mitigated");
          state.responder = null;
          state.responderSince = null;
          state.unacknowledgedSince = entry.at;
          begin(entry.at, "resumed");
        }
        break;
      case "locked":
        state.isLocked = true;
        break;
      case "unlocked":
        state.isLocked = false;
        break;
      case "unconfirmed":
        if (state.confirmed === "unasked") state.confirmed = "no";
        break;
      case "confirmed":
        break;
      case "paged": {
        const { kind: _, text: __, ...page } = entry;
        const isOlderRepetition = (one: Page) =>
          one.episode === page.episode && one.round > 0 && one.round < page.round;
        state.pages = [...state.pages.filter((one) => !isOlderRepetition(one)), page];
        break;
      }
      case "drill":
        state.drill = entry.on ? momentOf(entry) : null;
        break;
      case "reminded":
        state.reminded.push(entry);
        break;
      case "known-good":
        state.knownGood = entry;
        break;
      case "suspected":
        state.suspected = entry;
        break;
      case "revert-opened":
        state.reverts.push(entry);
        break;
      case "fix-reverted":
        state.fixesReverted.set(entry.target.number, entry.revertedBy);
        break;
      case "runbooks-matched":
        state.runbooks = entry.runbooks;
        break;
      case "typed":
        state.isTyped = true;
        break;
      case "recalled":
        state.recalled = entry.incidents;
        break;
      case "announced":
        state.announced = entry;
        break;
      case "alerted":
        state.alerted[entry.what] = entry;
        if (entry.what === "acknowledged") {
          state.acknowledged ??= momentOf(entry);
          if (state.responder === null) state.responderSince = entry.at;
          state.responder ??= entry.by;
        }
        if (entry.what === "fired-again" && (state.resolved ?? state.cancelled) !== null) {
          // What was over is not: somebody has to take it again.
          state.resolved = null;
          state.mitigated = null;
          state.cancelled = null;
          takeBackWaivers();
          state.acknowledged = null;
          for (const time of ["acknowledged", "mitigated", "resolved"] as const) state.corrected.delete(time);
          state.responder = null;
          state.responderSince = null;
          state.unacknowledgedSince = entry.at;
          begin(entry.at, "resumed");
        }
        break;
      case "time-corrected":
        state.corrected.set(entry.time, { to: entry.to, was: entry.was, by: entry.by });
        break;
      case "item-snoozed": {
        const item = targetKey(entry.target);
        state.snoozes.set(item, { until: entry.until, times: (state.snoozes.get(item)?.times ?? 0) + 1 });
        break;
      }
      case "noted":
      case "ticked":
      case "refused":
      case "answered":
      case "rebuilt":
        break;
      default:
        assertNever(entry);
    }
  }
  const { lowered: _, ...rest } = state;
  return { ...rest, phase: phaseOf(state) };
}

/**
 * Whether somebody is being looked for: nobody has acknowledged, and nothing else has ended it. The issue's own state
 * is not in the record: a closed issue needs nobody either.
 */
export function isSomebodyNeeded(history: History): boolean {
  const { acknowledged, mitigated, resolved, cancelled, closed } = history;
  return [acknowledged, mitigated, resolved, cancelled, closed].every((one) => one === null);
}

/** Whether somebody is looked for again after somebody had it. */
export function isBackInSearch({ episode }: History): boolean {
  return ["unacknowledged", "ack-timed-out", "resumed"].includes(episode.why);
}

/** Whether it ends the search for somebody, and answers every page. */
function answers(entry: Entry): boolean {
  if (entry.kind === "alerted") return entry.what === "acknowledged";
  return ["acknowledged", "handed-over", "mitigated", "resolved", "cancelled", "closed"].includes(entry.kind);
}

/**
 * Whether causing this entry takes rights in the repository: a command or button that was obeyed, a different severity
 * label. What an app says by its line in the policy says nothing about whoever declared the incident.
 */
function confirms(entry: Entry): boolean {
  if (entry.kind === "confirmed") return true;
  if (entry.by !== null && isAppLogin(entry.by)) return false;
  if (entry.kind === "severity-changed") return entry.alert === undefined;
  const obeyed = ("source" in entry && entry.source !== null) || ("via" in entry && entry.via !== undefined);
  return obeyed && entry.kind !== "refused" && entry.kind !== "answered";
}

/** A level that is left by mistake and restored at once is not a raise. */
const BACK_AGAIN_MS = 5 * 60_000;

function isBackAgain(
  lowered: { readonly from: string; readonly at: Instant } | null,
  raised: EntryOf<"severity-changed">,
): boolean {
  return lowered !== null && lowered.from === raised.to && raised.at - lowered.at < BACK_AGAIN_MS;
}

function endItem(items: readonly FiledItem[], target: Reference, end: FiledItem["end"]): FiledItem[] {
  return items.map((one) => (sameTarget(one.target, target) ? { ...one, end } : one));
}

function addLink(links: readonly Link[], added: Link): Link[] {
  const known = links.find((link) => link.evidence === added.evidence && sameTarget(link.target, added.target));
  if (known === undefined) return [...links, added];
  const byCommand = known.byCommand || added.byCommand;
  const withReason = known.withReason || added.withReason;
  return links.map((link) => (link === known ? { ...link, byCommand, withReason } : link));
}

function phaseOf(state: Pick<History, "closed" | "cancelled" | "resolved" | "mitigated" | "acknowledged">): Phase {
  if (state.closed?.how === "ungated" || state.closed?.as === "ungated") return "closed-ungated";
  if (state.cancelled !== null) return "cancelled";
  if (state.resolved !== null) return "resolved";
  if (state.mitigated !== null) return "mitigated";
  return state.acknowledged !== null ? "acknowledged" : "declared";
}

function momentOf(entry: Entry): Moment {
  return { at: entry.at, by: entry.by };
}

/** Whether people closed it without what the policy asks for, more often than the gate reopens. */
export function isUngated({ closed }: History): boolean {
  return closed?.how === "ungated" || closed?.as === "ungated";
}
