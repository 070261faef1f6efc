import { createHash } from "node:crypto";
import { type ChatLine, joinLines, line, link, NO_PARTS, person, text, time, words } from "../chat/chat-line.ts";
import { assertNever, type Instant, type Millis } from "../model.ts";
import { showDuration } from "../policy/show-duration.ts";
import type { Entry, EntryOf } from "../record/entry.ts";
import { inDrill } from "../words/in-drill.ts";
import { addressOf, encodeSegment } from "../words/links.ts";
import { inWords } from "../words/time.ts";

/** One line of a thread, posted once. */
export interface ThreadReply {
  /** Identifies the entry it reports: stable when the record is compacted. */
  readonly id: string;
  readonly line: ChatLine;
  /** Also shown in the channel: how the incident ended. */
  readonly broadcast: boolean;
  /** It pages people. */
  readonly wakes: boolean;
}

/** What a reply may refer to. */
export interface ReplyFacts {
  readonly issueUrl: string;
  readonly declaredAt: Instant;
  /** Login in lower case → id in the chat, of the people whom the on-call file names: only they are ever woken there. */
  readonly idsInChat: ReadonlyMap<string, string>;
  /** What a page is about, since a phone shows nothing else. */
  readonly severity: string;
  readonly title: string;
  readonly isDrill: boolean;
  /** Whether a page still waits for an answer: an answered one, told late, wakes nobody. */
  readonly isUnanswered: (page: EntryOf<"paged">) => boolean;
  /** By blob; one that could not be read is missing. */
  readonly runbookTitles: ReadonlyMap<string, { readonly title: string | null }>;
}

/** How much of somebody's text a reply shows; the link leads to the rest. */
const TEXT_CHARACTERS = 400;

/** What the thread says about an entry of the record; `null`: nothing. */
export function threadReply(entry: Entry, facts: ReplyFacts): ThreadReply | null {
  const told = sentence(entry, facts);
  return told === null
    ? null
    : {
        id: entryId(entry),
        line: facts.isDrill ? line`${words(inDrill(true, ""))}${told}` : told,
        broadcast: ENDINGS.has(entry.kind),
        wakes: entry.kind === "paged" && facts.isUnanswered(entry),
      };
}

const ENDINGS: ReadonlySet<Entry["kind"]> = new Set(["resolved", "cancelled"]);

/** The identity of an entry: everything but its words, which compaction may remove. */
export function entryId(entry: Entry): string {
  const lasting = Object.entries(entry)
    .filter(([name]) => name !== "text" && name !== "reason")
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(lasting)).digest("base64url").slice(0, 16);
}

function sentence(entry: Entry, facts: ReplyFacts): ChatLine | null {
  const { issueUrl, declaredAt } = facts;
  const by = entry.by === null ? NO_PARTS : line` by ${text(entry.by, 64)}`;
  const source = "source" in entry ? entry.source : null;
  const more =
    source === null
      ? NO_PARTS
      : line` · ${link(`${issueUrl}#issuecomment-${source.comment}`, entry.kind === "updated" ? "see update" : "see command")}`;
  const said = (what: string) => (what === "" ? NO_PARTS : line`: ${text(what, TEXT_CHARACTERS)}`);
  const after = words(` after ${inWords(Math.max(0, entry.at - declaredAt) as Millis)}`);
  switch (entry.kind) {
    case "acknowledged":
      return line`🟠 Acknowledged${by}${after}${more}`;
    case "handed-over":
      return line`🟠 Handed over to ${person(entry.login, facts.idsInChat.get(entry.login.toLowerCase()) ?? null)}${by}${more}`;
    case "unacknowledged":
      return line`🔴 Handed back${by}: nobody has it${more}`;
    case "mitigated":
      return line`🟡 Mitigated${by}${after}${said(entry.text)}${more}`;
    case "resolved":
      return line`🟢 Resolved${by}${after}${said(entry.text)}${more}`;
    case "severity-changed":
      return line`Severity ${text(entry.from, 32)} → ${text(entry.to, 32)}${entry.alert === undefined ? by : line`, asked for by the alert (${text(entry.alert, 32)})`}${said(entry.reason)}${more}`;
    case "assigned":
      return entry.role === null
        ? line`${text(entry.login, 64)} was assigned${by}${more}`
        : line`${text(entry.login, 64)} is ${text(entry.role, 64)}${more}`;
    case "updated":
      return line`Update${by}${said(entry.text)}${more}`;
    case "linked": {
      const what = words(entry.evidence === "post-mortem" ? "📝 Post-mortem" : "📘 Runbook pull request");
      const name = `${entry.target.repository ?? ""}#${entry.target.number}`;
      return line`${what}: ${link(addressOf(entry.target, issueUrl), name)}`;
    }
    case "time-corrected": {
      const was = entry.was === null ? NO_PARTS : line`, was ${time(entry.was)}`;
      const done = words(entry.was === null ? "Time added" : "Time corrected");
      return line`🕙 ${done}${by}: ${words(entry.time)} ${time(entry.to)}${was}${said(entry.reason)}${more}`;
    }
    case "cancelled":
      return line`⚪ Cancelled as a false alarm${by}${said(entry.reason)}${more}`;
    case "waived":
      return line`⚠️ ${words(entry.approvals === undefined ? "Evidence waived" : "Waiver asked for")}${by}${forHowLong(entry)}${said(entry.reason)}${more}`;
    case "waiver-accepted":
      return line`Waiver accepted${by}${more}`;
    case "post-mortem-accepted":
      return line`Post-mortem ${postMortemLink(entry.target, issueUrl)} accepted${by}${more}`;
    case "post-mortem-changed":
      return line`Post-mortem ${postMortemLink(entry.target, issueUrl)} was changed after it was accepted: the issue says what to do`;
    case "items-filed": {
      const { repository } = entry.postMortem;
      const links = entry.items.map(({ number }) => itemLink({ repository, number }, issueUrl));
      return line`📋 Action ${words(links.length === 1 ? "item" : "items")} filed: ${joinLines(links, ", ")}`;
    }
    case "item-dropped":
      return line`Action item ${itemLink(entry.target, issueUrl)} dropped${by}${said(entry.reason)}${more}`;
    case "item-done":
      return line`✅ Action item ${itemLink(entry.target, issueUrl)} done`;
    case "item-reopened":
      return line`🔁 Action item ${itemLink(entry.target, issueUrl)} is open again`;
    case "closed":
      return closed(entry, by);
    case "reopened":
      return reopened(entry.why);
    case "locked":
      return line`🔒 The issue was locked: GitHub takes no comments of mine there, so pages go by assignment and to the other systems of the policy. Unlock it and I comment again`;
    case "unlocked":
      return line`🔓 The issue was unlocked: I comment there again`;
    case "resumed":
      return line`🔁 Reopened${by}`;
    case "reminded":
      return {
        acknowledge: line`⏰ Nobody has acknowledged this incident in time`,
        update: line`⏰ An update is due`,
        "post-mortem": line`⏰ The post-mortem is due`,
      }[entry.timer];
    case "ack-timed-out":
      return line`🔴 Nothing was heard since the acknowledgment: people are paged again`;
    case "unconfirmed":
      return line`Declared from outside the team: nobody is paged before somebody on the team confirms it`;
    case "paged":
      return paged(entry, facts);
    case "runbooks-matched": {
      const base = issueUrl.replace(/\/issues\/\d+$/, "");
      const links = entry.runbooks.map(({ path, sha }) =>
        fileLink(base, path, facts.runbookTitles.get(sha)?.title ?? null),
      );
      return links.length === 0 ? null : line`📘 Runbooks that may help: ${joinLines(links, ", ")}`;
    }
    case "alerted":
      return alerted(entry);
    case "revert-opened": {
      const revert = link(addressOf({ repository: null, number: entry.revert }, issueUrl), `#${entry.revert}`);
      return line`⏪ Revert ${revert} of #${entry.pullRequest} opened${by}${said(entry.reason)}${more}`;
    }
    case "fix-reverted":
      return line`🔁 The fix #${entry.target.number} was reverted by #${entry.revertedBy}`;
    case "known-good":
      return line`Last known good: ${text(entry.name, 100)}, said${by}${more}`;
    case "drill":
      // Of one that was declared as a drill, the head of the thread has said so from the start.
      if (entry.on) return entry.at <= declaredAt ? null : line`Made a drill${by}${more}`;
      return line`No drill any more${by}: this is real${more}`;
    case "item-snoozed":
    case "declared":
    case "suspected":
    case "items-asked":
    case "confirmed":
    case "noted":
    case "ticked":
    case "proven":
    case "disproven":
    case "refused":
    case "answered":
    case "rebuilt":
    case "announced":
    case "waiver-ended":
      return null;
    default:
      return assertNever(entry);
  }
}

function forHowLong({ lasts }: EntryOf<"waived">): ChatLine {
  return lasts === undefined ? NO_PARTS : line`${words(` for ${showDuration(lasts)}`)}`;
}

function itemLink(target: EntryOf<"item-done">["target"], issueUrl: string): ChatLine {
  return line`${link(addressOf(target, issueUrl), `${target.repository ?? ""}#${target.number}`)}`;
}

function postMortemLink(target: EntryOf<"post-mortem-accepted">["target"], issueUrl: string): ChatLine {
  return line`${link(addressOf(target, issueUrl), `${target.repository ?? ""}#${target.number}`)}`;
}

function alerted(entry: EntryOf<"alerted">): ChatLine {
  const name = entry.by ?? entry.name;
  const by = name === null ? NO_PARTS : line` by ${text(name, 100)}`;
  const endpoint = text(entry.endpoint, 32);
  return {
    acknowledged: line`🟠 Acknowledged${by} where the alert comes from (${endpoint})`,
    recovered: line`The alert (${endpoint}) is over`,
    "fired-again": line`🔁 The alert (${endpoint}) fired again`,
    joined: line`➕ More joined the alert (${endpoint})${entry.name === null ? NO_PARTS : line`: ${text(entry.name, 250)}`}`,
  }[entry.what];
}

/** The longest URL of a file: with three of them, a line stays within 3,000 characters. */
const MAX_ADDRESS = 500;

function fileLink(base: string, path: string, title: string | null): ChatLine {
  const address = `${base}/blob/HEAD/${path.split("/").map(encodeSegment).join("/")}`;
  return address.length > MAX_ADDRESS ? line`${text(title ?? path, 80)}` : line`${link(address, title ?? path, 80)}`;
}

/** How many people are named in one line. */
const MAX_SHOWN = 8;

/**
 * The one reply that notifies people personally. It is the page itself: whom, what it is about, and what to press; a
 * phone shows no more.
 */
function paged(entry: EntryOf<"paged">, { idsInChat, severity, title, isUnanswered }: ReplyFacts): ChatLine {
  const { by, targets, nobody, unreachable, text: said } = entry;
  const wakes = isUnanswered(entry);
  const idOf = (login: string) => (wakes ? (idsInChat.get(login.toLowerCase()) ?? null) : null);
  const list = (names: readonly ChatLine[]) => {
    const more = names.length > MAX_SHOWN ? line` and ${names.length - MAX_SHOWN} more` : NO_PARTS;
    return line`${joinLines(names.slice(0, MAX_SHOWN), ", ")}${more}`;
  };
  const roles = [...new Set(targets.map(({ role }) => role))];
  // A role is named once, behind everybody who has it.
  const whom = roles.map((role) => {
    const people = targets.filter((target) => target.role === role);
    const as = role === null ? NO_PARTS : role === "team" ? line` (the team)` : line` (${text(role, 32)})`;
    return line`${list(people.map(({ login }) => person(login, idOf(login))).map((part) => line`${part}`))}${as}`;
  });
  const about = line`${text(severity, 32)} · ${text(title, 150)}`;
  const asks = by === null ? NO_PARTS : line`${text(by, 64)} pages you. `;
  // Asked by somebody, the incident may long be acknowledged.
  const press = by === null && wakes ? words(" Press Acknowledge above") : NO_PARTS;
  const why = said === "" ? NO_PARTS : line` “${text(said, 200)}”`;
  const named = (names: readonly string[]) => list(names.map((name) => line`${text(name, 39)}`));
  const parts = [
    whom.length === 0
      ? line`📟 Nobody could be paged: ${about}`
      : line`📟 ${joinLines(whom, ", ")}: ${asks}${about}.${why}${press}`,
    ...(nobody.length === 0 ? [] : [line`nobody is ${named(nobody)}`]),
    ...(unreachable.length === 0 ? [] : [line`not reached: ${named(unreachable)}`]),
  ];
  return joinLines(parts, " · ");
}

function reopened(why: EntryOf<"reopened">["why"]): ChatLine {
  switch (why) {
    case "gate":
      return line`🔁 Closed too early and reopened: the issue says what is missing`;
    case "re-armed":
      return line`🔁 Reopened: what it was closed with is gone`;
    case "waiver-ended":
      return line`🔁 Reopened: the time of its waiver is over. The issue says what is missing; nobody is paged`;
    case "may-not-cancel":
    case "may-not-resolve":
      return line`🔁 Closed by somebody whose role does not allow it, and reopened`;
    case "bot-not-listed":
      return line`🔁 Closed by an app the policy does not name, and reopened`;
  }
}

function closed(entry: EntryOf<"closed">, by: ChatLine): ChatLine {
  switch (entry.how) {
    case "resolved": {
      const names = entry.evidence.slice(0, MAX_SHOWN).map(({ repository, number }) => `${repository ?? ""}#${number}`);
      return names.length === 0
        ? line`✅ The issue is closed`
        : line`✅ The issue is closed, with ${text(names.join(", "), 400)}`;
    }
    case "person":
      return line`✅ The issue was closed${by}`;
    case "waived":
      return line`✅ The issue was closed${by} without evidence`;
    case "not-planned":
      return line`⚪ The issue was closed as not planned${by}`;
    case "duplicate":
      return line`⚪ The issue was closed as a duplicate${by}`;
    case "cancelled":
      return line`⚪ The issue is closed as a false alarm`;
    case "discussion":
      return line`➡️ The issue was moved to a discussion${by}: the incident ends here`;
    case "ungated":
      return line`⚠️ The issue was closed${by} without what the policy asks for`;
  }
}
