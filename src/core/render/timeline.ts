import { chatOf, chatTitle } from "../chat/chats.ts";
import { codeSpan, link, person, plain } from "../markdown/escape.ts";
import type { Entry, EntryOf } from "../record/entry.ts";
import type { IncidentRecord } from "../record/record.ts";
import { addressOf, linkTo } from "../words/links.ts";
import { utc } from "../words/time.ts";
import { goodName } from "./suspects.ts";

/** How much of somebody's text a line of the timeline shows; the link leads to the rest. */
const TEXT_CHARACTERS = 300;

/**
 * The timeline in words, oldest first, in UTC, each line with a link to the comment behind it.
 *
 * @param issueUrl URL of the incident, without a fragment
 */
export function timelineLines(record: IncidentRecord, issueUrl: string): readonly string[] {
  return record.entries.flatMap((entry) => {
    const what = sentence(entry, issueUrl);
    if (what === null) return [];
    const source = "source" in entry ? entry.source : null;
    const time = source === null ? utc(entry.at) : `[${utc(entry.at)}](${issueUrl}#issuecomment-${source.comment})`;
    return [`${time} · ${what}`];
  });
}

function sentence(entry: Entry, issueUrl: string): string | null {
  const who = entry.by === null ? null : person(entry.by);
  const by = who === null ? "" : ` by ${who}`;
  const text = (words: string) => (words === "" ? "" : `: ${plain(words, TEXT_CHARACTERS)}`);
  switch (entry.kind) {
    case "declared":
      return `Declared as ${plain(entry.severity, 32)}${by}`;
    case "acknowledged":
      return `Acknowledged${by}${inChat(entry)}`;
    case "handed-over":
      return `Handed over to ${person(entry.login)}${by}`;
    case "unacknowledged":
      return `Handed back${by}: nobody is on it`;
    case "mitigated":
      return `Mitigated${by}${text(entry.text)}`;
    case "resolved":
      return `Resolved${by}${inChat(entry)}${text(entry.text)}`;
    case "severity-changed":
      return `Severity ${plain(entry.from, 32)} → ${plain(entry.to, 32)}${entry.alert === undefined ? by : `, asked for by the alert at ${codeSpan(entry.alert)}`}${text(entry.reason)}`;
    case "assigned":
      return entry.role === null
        ? `${person(entry.login)} was assigned${by}`
        : `${person(entry.login)} is ${plain(entry.role, 64)}${by === "" ? "" : `, assigned${by}`}`;
    case "updated":
      return `Update${by}${text(entry.text)}`;
    case "noted":
      return `Note${by}${text(entry.text)}`;
    case "ticked":
      return `${entry.items.length === 1 ? "1 box" : `${entry.items.length} boxes`} ticked${by}`;
    case "linked": {
      const what = entry.evidence === "post-mortem" ? "Post-mortem" : "Runbook pull request";
      return `${what} ${linkTo(entry.target, addressOf(entry.target, issueUrl))} linked${by}${text(entry.reason ?? "")}`;
    }
    case "proven":
      return `Runbook pull request ${linkTo(entry.target, addressOf(entry.target, issueUrl))} was merged`;
    case "disproven":
      return `Runbook pull request #${entry.target.number} was reverted by #${entry.revertedBy}`;
    case "cancelled":
      return `Cancelled as a false alarm${by}${text(entry.reason)}`;
    case "waived":
      return `⚠️ Evidence waived${by}${text(entry.reason)}`;
    case "closed":
      return closedSentence(entry.how, by);
    case "reopened":
      return reopenedSentence(entry.why);
    case "locked":
      return "🔒 The issue was locked: GitHub takes no comments of mine here until it is unlocked";
    case "unlocked":
      return "🔓 The issue was unlocked: I comment here again";
    case "resumed":
      return "Opened again by a person";
    case "reminded":
      return `Overdue: ${{ acknowledge: "nobody had acknowledged", update: "no update was given", "post-mortem": "no post-mortem was complete" }[entry.timer]} by ${utc(entry.due)}`;
    case "ack-timed-out":
      return "Nothing was heard since the acknowledgement: somebody is looked for again";
    case "unconfirmed":
      return "Declared from outside the team: nobody is paged before somebody of the team confirms it";
    case "paged":
      return pagedSentence(entry, by, text(entry.text));
    case "announced": {
      const name = plain(entry.name, 80);
      const place = entry.link === null ? name : link(entry.name, entry.link, [new URL(entry.link).host]);
      return `Thread opened in ${plain(chatTitle(chatOf(entry)), 20)}: ${place}`;
    }
    case "alerted":
      return alertedSentence(entry, who);
    case "rebuilt":
      return `This record was made again: ${REBUILT[entry.why]}`;
    case "known-good":
      return `Last known good: ${goodName(entry)}, said${by}`;
    case "revert-opened": {
      const revert = linkTo(
        { repository: null, number: entry.revert },
        addressOf({ repository: null, number: entry.revert }, issueUrl),
      );
      return `Revert ${revert} of #${entry.pullRequest} opened${by}${text(entry.reason)}`;
    }
    case "fix-reverted":
      return `The fix #${entry.target.number} was reverted by #${entry.revertedBy}`;
    case "suspected":
    case "confirmed":
    case "runbooks-matched":
    case "refused":
    case "answered":
      return null;
  }
}

/** `null`: it reached nobody new, and nobody was missing. */
function pagedSentence(entry: Extract<Entry, { kind: "paged" }>, by: string, words: string): string | null {
  const whom = entry.targets.map(({ login, role }) => person(login) + (role === null ? "" : ` (${plain(role, 64)})`));
  const missing = [
    ...(entry.nobody.length === 0 ? [] : [`nobody is ${entry.nobody.map((role) => plain(role, 64)).join(" or ")}`]),
    ...(entry.unreachable.length === 0
      ? []
      : [`GitHub does not know ${entry.unreachable.map(person).join(", ")} here`]),
  ].join("; ");
  if (whom.length === 0) return missing === "" ? null : `📟 Nobody was paged: ${missing}`;
  const again = entry.round > 0 ? " again" : "";
  return `📟 Paged${again} ${whom.join(", ")}${by}${words}${missing === "" ? "" : `; ${missing}`}`;
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

function reopenedSentence(why: EntryOf<"reopened">["why"]): string {
  switch (why) {
    case "gate":
      return "Closed too early and reopened";
    case "re-armed":
      return "Reopened: what the team had learnt from it disappeared";
    case "may-not-cancel":
    case "may-not-resolve":
      return "Closed without the right to, and reopened";
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
