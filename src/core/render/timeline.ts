import type { AlertsOfIncident } from "../alerts/known-alert.ts";
import { chatOf, chatTitle } from "../chat/chats.ts";
import { codeSpan, link, person, plain } from "../markdown/escape.ts";
import type { Instant } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";
import { showDuration } from "../policy/show-duration.ts";
import type { Entry, EntryOf } from "../record/entry.ts";
import type { IncidentRecord } from "../record/record.ts";
import { addressOf, linkTo } from "../words/links.ts";
import { utcOn } from "../words/time.ts";
import { declarerInWords } from "./alert-facts.ts";
import { goodName } from "./suspects.ts";

/** How much of somebody's text a line of the timeline shows; the link leads to the rest. */
const TEXT_CHARACTERS = 300;

/** A line of the timeline, and when it was. */
export interface TimelineMoment {
  readonly at: Instant;
  readonly what: string;
}

/** What the timeline is made of: of an incident, or of its record alone. */
interface TimelineView {
  readonly record: IncidentRecord;
  readonly seen: Pick<IncidentObservation, "issue" | "alerts">;
}

/** The timeline in words, oldest first, each line with a link to the comment behind it. */
export function timelineMoments({ record, seen }: TimelineView): readonly TimelineMoment[] {
  const { url } = seen.issue;
  return record.entries.flatMap((entry) => {
    const source = "source" in entry ? entry.source : null;
    const verb: Verb = (words) => (source === null ? words : `[${words}](${url}#issuecomment-${source.comment})`);
    const what = entry.kind === "declared" ? declaredSentence(entry, seen.alerts) : sentence(entry, url, verb);
    return what === null ? [] : [{ at: entry.at, what }];
  });
}

/** The same as lines of text, in UTC: each day is named once, at its first line. */
export function datedLines(moments: readonly TimelineMoment[]): readonly string[] {
  let day = "";
  return moments.map(({ at, what }) => {
    const [date, time] = new Date(at).toISOString().slice(0, 16).split("T");
    const isNew = date !== day;
    day = date!;
    return isNew ? `${date} ${time} UTC · ${what}` : `${time} · ${what}`;
  });
}

/** Whoever declared it; of an alert, its source. */
function declaredSentence({ severity, by }: EntryOf<"declared">, alerts: AlertsOfIncident | null): string {
  const who = declarerInWords(by, alerts);
  return `Declared as ${plain(severity, 32)}${who === null ? "" : ` by ${who}`}`;
}

/** The words that say what was done, linked to where it was. */
type Verb = (words: string) => string;

function sentence(entry: Exclude<Entry, { kind: "declared" }>, issueUrl: string, verb: Verb): string | null {
  const who = entry.by === null ? null : person(entry.by);
  const by = who === null ? "" : ` by ${who}`;
  const text = (words: string) => (words === "" ? "" : `: ${plain(words, TEXT_CHARACTERS)}`);
  switch (entry.kind) {
    case "acknowledged":
      return `${verb("Acknowledged")}${by}${inChat(entry)}`;
    case "handed-over":
      return `${verb("Handed over")} to ${person(entry.login)}${by}`;
    case "unacknowledged":
      return `${verb("Handed back")}${by}: nobody has it`;
    case "mitigated":
      return `${verb("Mitigated")}${by}${text(entry.text)}`;
    case "resolved":
      return `${verb("Resolved")}${by}${inChat(entry)}${text(entry.text)}`;
    case "severity-changed":
      return `${verb("Severity")} ${plain(entry.from, 32)} → ${plain(entry.to, 32)}${entry.alert === undefined ? by : `, asked for by the alert at ${codeSpan(entry.alert)}`}${text(entry.reason)}`;
    case "assigned":
      return entry.role === null
        ? `${person(entry.login)} was ${verb("assigned")}${by}`
        : `${person(entry.login)} is ${plain(entry.role, 64)}${by === "" ? "" : `, ${verb("assigned")}${by}`}`;
    case "updated":
      return `${verb("Update")}${by}${text(entry.text)}`;
    case "noted":
      return `${verb("Note")}${by}${text(entry.text)}`;
    case "ticked":
      return `${entry.items.length === 1 ? "1 box" : `${entry.items.length} boxes`} ${verb("ticked")}${by}`;
    case "linked": {
      const what = entry.evidence === "post-mortem" ? "Post-mortem" : "Runbook pull request";
      return `${what} ${linkTo(entry.target, addressOf(entry.target, issueUrl))} ${verb("linked")}${by}${text(entry.reason ?? "")}`;
    }
    case "proven":
      return `Runbook pull request ${linkTo(entry.target, addressOf(entry.target, issueUrl))} was merged`;
    case "disproven":
      return `Runbook pull request #${entry.target.number} was reverted by #${entry.revertedBy}`;
    case "time-corrected": {
      const was = entry.was === null ? "" : `, was ${utcOn(entry.was, entry.at)}`;
      const done = entry.was === null ? "Time added" : "Time corrected";
      return `${verb(done)}${by}: ${entry.time} ${utcOn(entry.to, entry.at)}${was}${text(entry.reason)}`;
    }
    case "cancelled":
      return `${verb("Cancelled")} as a false alarm${by}${text(entry.reason)}`;
    case "waived":
      return `⚠️ ${verb(entry.approvals === undefined ? "Evidence waived" : "Waiver asked for")}${by}${forHowLong(entry)}${text(entry.reason)}`;
    case "waiver-accepted":
      return `Waiver ${verb("accepted")}${by}`;
    case "waiver-ended":
      return "The time of the waiver was over";
    case "post-mortem-accepted":
      return `Post-mortem ${linkTo(entry.target, addressOf(entry.target, issueUrl))} ${verb("accepted")}${by}`;
    case "post-mortem-changed":
      return `Post-mortem ${linkTo(entry.target, addressOf(entry.target, issueUrl))} was changed after it was accepted`;
    case "items-filed": {
      const { repository } = entry.postMortem;
      const items = entry.items.map(({ number }) => {
        const target = { repository, number };
        return linkTo(target, addressOf(target, issueUrl));
      });
      return `Action ${items.length === 1 ? "item" : "items"} ${items.join(", ")} filed`;
    }
    case "item-dropped":
      return `Action item ${linkTo(entry.target, addressOf(entry.target, issueUrl))} ${verb("dropped")}${by}${text(entry.reason)}`;
    case "item-done":
      return `Action item ${linkTo(entry.target, addressOf(entry.target, issueUrl))} done`;
    case "item-reopened":
      return `Action item ${linkTo(entry.target, addressOf(entry.target, issueUrl))} is open again`;
    case "closed":
      return closedSentence(entry.how, by);
    case "reopened":
      return reopenedSentence(entry.why);
    case "locked":
      return "🔒 The issue was locked: GitHub takes no comments of mine here until it is unlocked";
    case "unlocked":
      return "🔓 The issue was unlocked: I comment here again";
    case "resumed":
      return `Reopened${by}`;
    case "reminded":
      return `Overdue: ${{ acknowledge: "nobody had acknowledged", update: "no update was given", "post-mortem": "no post-mortem was complete" }[entry.timer]} by ${utcOn(entry.due, entry.at)}`;
    case "ack-timed-out":
      return "Nothing was heard since the acknowledgment: people are paged again";
    case "unconfirmed":
      return "Declared from outside the team: nobody is paged before somebody on the team confirms it";
    case "paged":
      return pagedSentence(entry, by, text(entry.text), verb);
    case "announced": {
      const name = plain(entry.name, 80);
      const place = entry.link === null ? name : link(entry.name, entry.link, [new URL(entry.link).host]);
      return `Thread opened in ${plain(chatTitle(chatOf(entry)), 20)}: ${place}`;
    }
    case "alerted":
      return alertedSentence(entry, who);
    case "rebuilt":
      return `This record was rebuilt: ${REBUILT[entry.why]}`;
    case "known-good":
      return `${verb("Last known good")}: ${goodName(entry)}, said${by}`;
    case "revert-opened": {
      const revert = linkTo(
        { repository: null, number: entry.revert },
        addressOf({ repository: null, number: entry.revert }, issueUrl),
      );
      return `Revert ${revert} of #${entry.pullRequest} ${verb("opened")}${by}${text(entry.reason)}`;
    }
    case "fix-reverted":
      return `The fix #${entry.target.number} was reverted by #${entry.revertedBy}`;
    case "item-snoozed":
      return `Action item ${linkTo(entry.target, addressOf(entry.target, issueUrl))} ${verb("snoozed")} until ${utcOn(entry.until, entry.at)}${by}${text(entry.reason)}`;
    case "drill":
      return entry.on ? `${verb("Made a drill")}${by}` : `${verb("No drill any more")}${by}: this is real`;
    case "items-asked":
    case "suspected":
    case "confirmed":
    case "runbooks-matched":
    case "refused":
    case "answered":
      return null;
  }
}

/** `null`: it reached nobody new, and nobody was missing. */
function pagedSentence(entry: EntryOf<"paged">, by: string, words: string, verb: Verb): string | null {
  const whom = entry.targets.map(({ login, role }) => person(login) + (role === null ? "" : ` (${plain(role, 64)})`));
  const missing = [
    ...(entry.nobody.length === 0 ? [] : [`nobody is ${entry.nobody.map((role) => plain(role, 64)).join(" or ")}`]),
    ...(entry.unreachable.length === 0
      ? []
      : [
          `${entry.unreachable.map(person).join(", ")} ${entry.unreachable.length === 1 ? "has" : "have"} no role here`,
        ]),
  ].join("; ");
  if (whom.length === 0) return missing === "" ? null : `📟 Nobody was paged: ${missing}`;
  const again = entry.round > 0 ? " again" : "";
  return `📟 ${verb(`Paged${again}`)} ${whom.join(", ")}${by}${words}${missing === "" ? "" : `; ${missing}`}`;
}

function alertedSentence(entry: Extract<Entry, { kind: "alerted" }>, who: string | null): string {
  const at = codeSpan(entry.endpoint);
  const somebody = who ?? (entry.name === null ? null : plain(entry.name, 100));
  switch (entry.what) {
    case "acknowledged":
      return `Acknowledged${somebody === null ? "" : ` by ${somebody}`} where the alert comes from (${at})`;
    case "recovered":
      return `The alert (${at}) was over${somebody === null ? "" : `, ended by ${somebody}`}`;
    case "fired-again":
      return `The alert (${at}) fired again`;
    case "joined":
      return `More joined the alert (${at})${entry.name === null ? "" : `: ${plain(entry.name, 254)}`}`;
  }
}

function forHowLong({ lasts }: EntryOf<"waived">): string {
  return lasts === undefined ? "" : ` for ${showDuration(lasts)}`;
}

function reopenedSentence(why: EntryOf<"reopened">["why"]): string {
  switch (why) {
    case "gate":
      return "Closed too early and reopened";
    case "re-armed":
      return "Reopened: what it was closed with is gone";
    case "waiver-ended":
      return "Reopened: its waiver has ended";
    case "may-not-cancel":
    case "may-not-resolve":
      return "Closed by somebody whose role does not allow it, and reopened";
    case "bot-not-listed":
      return "Closed by an app the policy does not name, and reopened";
  }
}

function inChat({ via = {} }: EntryOf<"acknowledged" | "resolved">): string {
  const [chat] = Object.keys(via);
  return chat === undefined ? "" : ` in ${plain(chatTitle(chat), 20)}`;
}

const REBUILT = {
  edited: "the one in this comment had been changed",
  "rolled-back": "the one in this comment was an old one",
  "unknown-key": "the one in this comment was signed with a key that is not known",
  deleted: "the comment with it was deleted",
} as const;

function closedSentence(how: Extract<Entry, { kind: "closed" }>["how"], by: string): string {
  switch (how) {
    case "resolved":
    case "person":
      return `Closed${by}`;
    case "waived":
      return `Closed${by} without evidence`;
    case "not-planned":
      return `Closed as not planned${by}`;
    case "duplicate":
      return `Closed as a duplicate${by}`;
    case "cancelled":
      return "Closed as a false alarm";
    case "discussion":
      return `Moved to a discussion${by}: the incident ends here`;
    case "ungated":
      return `⚠️ Closed${by} without what the policy asks for`;
  }
}
