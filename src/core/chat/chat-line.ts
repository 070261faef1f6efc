import * as z from "zod";
import { oneLine, shorten } from "../markdown/escape.ts";
import type { Instant } from "../model.ts";

const At = z
  .int()
  .nonnegative()
  .transform((ms): Instant => ms as Instant);

/**
 * A part of a line: what it means, never how a chat writes it. The set is closed: each chat's card handles them all,
 * and escapes whatever people wrote.
 */
export const ChatPart = z.discriminatedUnion("kind", [
  /** Sevgate's own words, including spaces at the ends. */
  z.strictObject({ kind: z.literal("words"), words: z.string() }),
  /** What somebody wrote, as one line that has no effect. */
  z.strictObject({ kind: z.literal("text"), text: z.string() }),
  /** The same, set off from what surrounds it. */
  z.strictObject({ kind: z.literal("strong"), text: z.string() }),
  /** A name as spelt in a file; Sevgate's own words. */
  z.strictObject({ kind: z.literal("code"), code: z.string() }),
  /** `label` is what somebody wrote; if `url` is not a URL, it is shown alone. */
  z.strictObject({ kind: z.literal("link"), url: z.string(), label: z.string() }),
  /**
   * Somebody who is to be woken. `id`: who that is in this chat, according to the on-call file; `null`: it does not
   * say.
   */
  z.strictObject({ kind: z.literal("person"), login: z.string(), id: z.string().nullable() }),
  /** A moment, in the reader's own time if the chat can show it. */
  z.strictObject({ kind: z.literal("time"), at: At }),
  /** In the chat's own markup, as an earlier version kept it (kept-thread.ts). */
  z.strictObject({ kind: z.literal("made"), made: z.string() }),
]);

export type ChatPart = z.output<typeof ChatPart>;

/** One line of what a chat shows, its parts in order. */
export const ChatLine = z.array(ChatPart).readonly();

export type ChatLine = z.output<typeof ChatLine>;

/** Nothing at all, for what is left out of a line. */
export const NO_PARTS: ChatLine = [];

/**
 * A line, written as it reads: line`Acknowledged by ${text(login, 64)}`. The template itself is Sevgate's own words;
 * what somebody wrote is inserted as a part.
 */
export function line(own: readonly string[], ...inserted: readonly (ChatPart | ChatLine | number)[]): ChatLine {
  const parts = own.flatMap((one, at) => [words(one), inserted[at] ?? NO_PARTS].flatMap(partsOf));
  return parts.reduce<readonly ChatPart[]>(joined, []);
}

function partsOf(one: ChatPart | ChatLine | number): ChatLine {
  if (typeof one === "number") return [words(String(one))];
  return "kind" in one ? [one] : one;
}

/** Consecutive words are merged into one part. */
function joined(parts: readonly ChatPart[], part: ChatPart): readonly ChatPart[] {
  const last = parts.at(-1);
  if (part.kind !== "words") return [...parts, part];
  if (part.words === "") return parts;
  return last?.kind === "words" ? [...parts.slice(0, -1), words(last.words + part.words)] : [...parts, part];
}

/** Several lines as one, with words between them. */
export function joinLines(lines: readonly ChatLine[], between: string): ChatLine {
  return lines.flatMap((one, at) => (at === 0 ? one : [words(between), ...one]));
}

/** Sevgate's own words. */
export function words(own: string): ChatPart {
  return { kind: "words", words: own };
}

/**
 * What somebody wrote.
 *
 * @param maxLength longest text shown, in UTF-16 code units, at least 1; longer text ends in `…`
 */
export function text(written: string, maxLength: number): ChatPart {
  return { kind: "text", text: shorten(oneLine(written), maxLength) };
}

/** What somebody wrote, set off. `maxLength` is as for `text`. */
export function strong(written: string, maxLength: number): ChatPart {
  return { kind: "strong", text: shorten(oneLine(written), maxLength) };
}

/** A name as spelt in a file. */
export function code(own: string): ChatPart {
  return { kind: "code", code: own };
}

/** A link; its label may be somebody's words. `maxLength` is as for `text`. */
export function link(url: string, label: string, maxLength = 200): ChatPart {
  return { kind: "link", url, label: shorten(oneLine(label), maxLength) };
}

/** Somebody who is to be woken. */
export function person(login: string, id: string | null): ChatPart {
  return { kind: "person", login: shorten(oneLine(login), 39), id };
}

/** A moment. */
export function time(at: Instant): ChatPart {
  return { kind: "time", at };
}
