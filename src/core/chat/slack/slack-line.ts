import { assertNever } from "../../model.ts";
import type { ChatLine, ChatPart } from "../chat-line.ts";
import { mention, mrkdwn, slackDate, slackLink } from "./mrkdwn.ts";

/** A line as Slack's mrkdwn: everything people wrote is escaped, and whoever is to be woken is mentioned. */
export function slackLine(line: ChatLine): string {
  return line.map(marked).join("");
}

/** How much of a part is shown was decided when it was made. */
const WHOLE = Number.POSITIVE_INFINITY;

function marked(part: ChatPart): string {
  switch (part.kind) {
    case "words":
      return part.words;
    case "text":
      return mrkdwn(part.text, WHOLE);
    case "strong":
      return `*${mrkdwn(part.text, WHOLE)}*`;
    case "code":
      return `\`${mrkdwn(part.code, WHOLE)}\``;
    case "link":
      return slackLink(part.url, part.label);
    case "person":
      return part.id === null ? mrkdwn(part.login, WHOLE) : mention(part.id);
    case "time":
      return slackDate(part.at);
    case "made":
      return part.made;
    default:
      return assertNever(part);
  }
}
