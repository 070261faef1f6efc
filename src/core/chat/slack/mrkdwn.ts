import { oneLine, shorten } from "../../markdown/escape.ts";
import type { Instant } from "../../model.ts";
import { utc } from "../../words/time.ts";

/*
 * The one place where text from people goes into what Sevgate posts in Slack.
 *
 * In Slack's mrkdwn everything with an effect beyond bold and italic is in angle brackets: mentions, groups, links,
 * dates. `&`, `<` and `>` are escaped, the ampersand first, and only they (docs.slack.dev, "Formatting message text",
 * "Escaping text"); so nothing a person wrote is a mention. Blocks are sent `verbatim`, messages with `parse` off, so
 * that Slack does not look for names and URLs by itself.
 *
 * Bold, italic, strikethrough and code are harmless, but still no text may look like our own words. Slack has no way to
 * write such a character without its effect, so where it could take effect a look-alike stands in for it. Nothing that
 * people copy contains an invisible character (docs/decisions/0027-nothing-unseen-in-what-is-copied.md).
 */

const LOOKS_LIKE: Readonly<Record<string, string>> = { "*": "∗", _: "ˍ", "~": "∼", "`": "ˋ" };
/** Between two letters or digits (`snake_case`) Slack sees no markup. */
const MARK = /(?<![\p{L}\p{N}])[*_~`]|[*_~`](?![\p{L}\p{N}])/gu;

/** A Slack user or group of users, such as `U024BE7LH`: only letters and digits, so that it can go inside brackets. */
const USER_ID = /^[UW][A-Z0-9]{1,20}$/;

/**
 * A person's text as one line of mrkdwn without any effect.
 *
 * @param maxLength longest text shown, in UTF-16 code units before escaping, at least 1; longer text ends in `…`
 */
export function mrkdwn(text: string, maxLength: number): string {
  return escaped(shorten(oneLine(text), maxLength)).replace(MARK, (mark) => LOOKS_LIKE[mark] ?? mark);
}

/** A person's text for a place where Slack reads no markup (`plain_text`): one line, nothing invisible. */
export function plainText(text: string, maxLength: number): string {
  return shorten(oneLine(text), maxLength);
}

/** A link with a label, if the URL is usable; otherwise the label alone. */
export function slackLink(url: string, label: string): string {
  // A bar would end the URL, a bracket the link.
  const shown = mrkdwn(label.replaceAll("|", "∣"), 200) || "…";
  if (!URL.canParse(url)) return shown;
  const { protocol, href } = new URL(url);
  if (!["https:", "http:"].includes(protocol) || /[<>|\s]/.test(href)) return shown;
  return `<${escaped(href)}|${shown}>`;
}

/** Notifies somebody. Only for ids that the on-call file of the repository names; anything else is shown as text. */
export function mention(slackId: string): string {
  return USER_ID.test(slackId) ? `<@${slackId}>` : mrkdwn(slackId, 64);
}

/** A moment in the reader's own time; UTC where Slack cannot show that. */
export function slackDate(at: Instant): string {
  return `<!date^${Math.floor(at / 1_000)}^{date_short_pretty} {time}|${utc(at)}>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
