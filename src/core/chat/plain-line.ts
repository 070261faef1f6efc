import { assertNever } from "../model.ts";
import { utc } from "../words/time.ts";
import type { ChatLine, ChatPart } from "./chat-line.ts";

/** A line as bare text, for places where a chat reads no markup. What people wrote is in it as they wrote it. */
export function plainLine(line: ChatLine): string {
  return line.map(bare).join("");
}

function bare(part: ChatPart): string {
  switch (part.kind) {
    case "words":
      return part.words;
    case "text":
    case "strong":
      return part.text;
    case "code":
      return part.code;
    case "link":
      return part.label;
    case "person":
      return part.login;
    case "time":
      return utc(part.at);
    case "made":
      return part.made;
    default:
      return assertNever(part);
  }
}
