import { createHash } from "node:crypto";
import { mention, mrkdwn, plainText, slackLink } from "../chat/slack/mrkdwn.ts";
import { assertNever, type Instant, type Millis } from "../model.ts";
import type { Entry, EntryOf } from "../record/entry.ts";
import { addressOf, encodeSegment } from "../words/links.ts";
import { count, inWords } from "../words/time.ts";

/** One line of a thread, told once. */
export interface ThreadReply {
  /** Of the entry it tells of: stable while the record is compacted. */
  readonly id: string;
  /** mrkdwn, at most 3,000 characters. */
  readonly text: string;
  /** Shown in the channel as well: how it ended. */
  readonly broadcast: boolean;
}

/** What a reply may refer to. */
export interface ReplyFacts {
  readonly issueUrl: string;
  readonly declaredAt: Instant;
  /** Login in lower case → Slack id, of the people whom the on-call file names: only they are ever mentioned. */
  readonly slackIds: ReadonlyMap<string, string>;
}

/** How much of somebody's words a reply shows; the rest is behind the link. */
const TEXT_CHARACTERS = 400;

/** What the thread says of an entry of the record; `null`: nothing. */
export function threadReply(entry: Entry, facts: ReplyFacts): ThreadReply | null {
  const text = sentence(entry, facts);
  return text === null ? null : { id: entryId(entry), text, broadcast: ENDINGS.has(entry.kind) };
}

const ENDINGS: ReadonlySet<Entry["kind"]> = new Set(["resolved", "cancelled"]);

/** The identity of an entry: its words aside, which compaction may take away. */
export function entryId(entry: Entry): string {
  const lasting = Object.entries(entry)
    .filter(([name]) => name !== "text" && name !== "reason")
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(lasting)).digest("base64url").slice(0, 16);
}

function sentence(entry: Entry, { issueUrl, declaredAt, slackIds }: ReplyFacts): string | null {
  const by = entry.by === null ? "" : ` by ${mrkdwn(entry.by, 64)}`;
  const source = "source" in entry ? entry.source : null;
  const more = source === null ? "" : ` · ${slackLink(`${issueUrl}#issuecomment-${source.comment}`, "comment")}`;
  const words = (text: string) => (text === "" ? "" : `: ${mrkdwn(text, TEXT_CHARACTERS)}`);
  const after = ` after ${inWords(Math.max(0, entry.at - declaredAt) as Millis)}`;
  switch (entry.kind) {
    case "acknowledged":
      return `🟠 Acknowledged${by}${after}${more}`;
    case "handed-over":
      return `🟠 Handed over to ${mrkdwn(entry.login, 64)}${by}${more}`;
    case "unacknowledged":
      return `🔴 Handed back${by}: nobody is on it${more}`;
    case "mitigated":
      return `🟡 Mitigated${by}${after}${words(entry.text)}${more}`;
    case "resolved":
      return `🟢 Resolved${by}${after}${words(entry.text)}${more}`;
    case "severity-changed":
      return `Severity ${mrkdwn(entry.from, 32)} → ${mrkdwn(entry.to, 32)}${entry.alert === undefined ? by : `, asked for by the alert (${mrkdwn(entry.alert, 32)})`}${words(entry.reason)}${more}`;
    case "assigned":
      return entry.role === null
        ? `${mrkdwn(entry.login, 64)} was assigned${by}${more}`
        : `${mrkdwn(entry.login, 64)} is ${mrkdwn(entry.role, 64)}${more}`;
    case "updated":
      return `Update${by}${words(entry.text)}${more}`;
    case "linked": {
      const what = entry.evidence === "post-mortem" ? "📝 Post-mortem" : "📘 Runbook pull request";
      const name = `${entry.target.repository ?? ""}#${entry.target.number}`;
      return `${what}: ${slackLink(addressOf(entry.target, issueUrl), name)}`;
    }
    case "cancelled":
      return `⚪ Cancelled as a false alarm${by}${words(entry.reason)}${more}`;
    case "waived":
      return `⚠️ Evidence waived${by}${words(entry.reason)}${more}`;
    case "closed":
      return closed(entry, by);
    case "reopened":
      return reopened(entry.why);
    case "locked":
      return "🔒 The issue was locked: GitHub takes no comments of mine there, so pages go by assignment and by what is paged besides. Unlock it and I comment again";
    case "unlocked":
      return "🔓 The issue was unlocked: I comment there again";
    case "resumed":
      return "🔁 Opened again by a person";
    case "reminded":
      return {
        acknowledge: "⏰ Nobody has acknowledged this incident in time",
        update: "⏰ An update is due",
        "post-mortem": "⏰ The post-mortem is due",
      }[entry.timer];
    case "ack-timed-out":
      return "🔴 Nothing was heard since the acknowledgement: somebody is looked for again";
    case "unconfirmed":
      return "Declared from outside the team: nobody is paged before somebody of the team confirms it";
    case "paged":
      return paged(entry, by, slackIds);
    case "runbooks-matched": {
      const base = issueUrl.replace(/\/issues\/\d+$/, "");
      const links = entry.runbooks.map(({ path }) => fileLink(base, path));
      return links.length === 0 ? null : `📘 Runbooks that may help: ${links.join(", ")}`;
    }
    case "alerted":
      return alerted(entry);
    case "revert-opened": {
      const revert = slackLink(addressOf({ repository: null, number: entry.revert }, issueUrl), `#${entry.revert}`);
      return `⏪ Revert ${revert} of #${entry.pullRequest} opened${by}${words(entry.reason)}${more}`;
    }
    case "fix-reverted":
      return `🔁 The fix #${entry.target.number} was reverted by #${entry.revertedBy}`;
    case "known-good":
      return `Last known good: ${mrkdwn(entry.name, 100)}, said${by}${more}`;
    case "declared":
    case "suspected":
    case "confirmed":
    case "noted":
    case "ticked":
    case "proven":
    case "disproven":
    case "refused":
    case "answered":
    case "rebuilt":
    case "announced":
      return null;
    default:
      return assertNever(entry);
  }
}

function alerted(entry: Extract<Entry, { kind: "alerted" }>): string {
  const name = entry.by ?? entry.name;
  const by = name === null ? "" : ` by ${mrkdwn(name, 100)}`;
  const endpoint = mrkdwn(entry.endpoint, 32);
  return {
    acknowledged: `🟠 Acknowledged${by} where the alert comes from (${endpoint})`,
    recovered: `The alert (${endpoint}) is over`,
    "fired-again": `🔁 The alert (${endpoint}) fired again`,
    joined: `➕ More joined the alert (${endpoint})${entry.name === null ? "" : `: ${mrkdwn(entry.name, 250)}`}`,
  }[entry.what];
}

/** Longest address of a file: with three of them a line stays within what Slack takes. */
const MAX_ADDRESS = 500;

function fileLink(base: string, path: string): string {
  const address = `${base}/blob/HEAD/${path.split("/").map(encodeSegment).join("/")}`;
  return address.length > MAX_ADDRESS ? mrkdwn(path, 80) : slackLink(address, plainText(path, 80));
}

/** So many people are named in one line. */
const MAX_SHOWN = 8;

/** The one reply that tells people in person. */
function paged(
  { targets, nobody, unreachable, text }: EntryOf<"paged">,
  by: string,
  slackIds: ReadonlyMap<string, string>,
): string {
  const words = text === "" ? "" : `: ${mrkdwn(text, 200)}`;
  const who = targets.map(({ login, role }) => {
    const id = slackIds.get(login.toLowerCase());
    return `${id === undefined ? mrkdwn(login, 39) : mention(id)}${role === null ? "" : ` (${mrkdwn(role, 32)})`}`;
  });
  const more = (names: readonly unknown[]) => (names.length > MAX_SHOWN ? ` and ${names.length - MAX_SHOWN} more` : "");
  const list = (names: readonly string[]) =>
    `${names
      .slice(0, MAX_SHOWN)
      .map((name) => mrkdwn(name, 39))
      .join(", ")}${more(names)}`;
  return [
    who.length === 0
      ? `📟 Nobody could be paged${by}`
      : `📟 Paged${by}: ${who.slice(0, MAX_SHOWN).join(", ")}${more(who)}${words}`,
    ...(nobody.length === 0 ? [] : [`nobody is ${list(nobody)}`]),
    ...(unreachable.length === 0 ? [] : [`not reached: ${list(unreachable)}`]),
  ].join(" · ");
}

function reopened(why: EntryOf<"reopened">["why"]): string {
  switch (why) {
    case "gate":
      return "🔁 Closed too early and reopened: the issue says what is missing";
    case "re-armed":
      return "🔁 Reopened: what the team had learnt from it disappeared";
    case "may-not-cancel":
    case "may-not-resolve":
      return "🔁 Closed without the right to, and reopened";
    case "bot-not-listed":
      return "🔁 Closed by an app the policy does not name, and reopened";
  }
}

function closed(entry: EntryOf<"closed">, by: string): string {
  switch (entry.how) {
    case "resolved":
      return entry.evidence.length === 0
        ? "✅ The issue is closed"
        : `✅ The issue is closed, with ${count(entry.evidence.length, "piece")} of evidence`;
    case "person":
      return `✅ The issue was closed${by}`;
    case "waived":
      return `✅ The issue was closed${by} without evidence`;
    case "not-planned":
      return `⚪ The issue was closed as not planned${by}`;
    case "duplicate":
      return `⚪ The issue was closed as a duplicate${by}`;
    case "cancelled":
      return "⚪ The issue is closed as a false alarm";
    case "discussion":
      return `➡️ The issue was moved to a discussion${by}: the incident ends here`;
    case "ungated":
      return `⚠️ The issue was closed${by} without what the policy asks for`;
  }
}
