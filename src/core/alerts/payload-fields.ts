import { createHash } from "node:crypto";
import * as z from "zod";
import type { Instant } from "../model.ts";

/**
 * How fields of alert payloads are read: what does not fit is left out, and the alert is not refused, because losing an
 * alert over a strange field is worse than having one without it. Everything is capped.
 */

const MAX_KEY_CHARACTERS = 255;
const MAX_LABELS = 20;
const MAX_URL_CHARACTERS = 500;
const EARLIEST_MS = Date.UTC(2000, 0);
const LATEST_MS = Date.UTC(2100, 0);

/** Text of at most `most` characters; numbers become text; anything else is `null`. */
function text(most: number) {
  return z
    .union([z.string(), z.number(), z.boolean()])
    .transform((value) => cut(String(value), most))
    .nullish()
    .catch(null)
    .transform((value) => (value === undefined || value === "" ? null : value));
}

/** An id: text or whole number, 1 to 255 characters. Fails on anything else. */
const Id = z
  .union([z.string().min(1), z.int()])
  .transform(String)
  .transform(boundedKey);

/** A moment in RFC 3339. Go's zero time (year 1) and anything outside this century are `null`. */
const When = z
  .string()
  .max(64)
  .nullish()
  .catch(null)
  .transform((written): Instant | null => {
    const ms = Date.parse(written ?? "");
    return ms >= EARLIEST_MS && ms < LATEST_MS ? (ms as Instant) : null;
  });

/** A URL people may follow: http or https, without a password in it. */
const Address = z
  .string()
  .nullish()
  .catch(null)
  .transform((written): string | null => {
    if (!written || written.length > MAX_URL_CHARACTERS || !URL.canParse(written)) return null;
    const url = new URL(written);
    const isWeb = url.protocol === "https:" || url.protocol === "http:";
    return isWeb && url.username === "" && url.password === "" ? url.href : null;
  });

/** Maps names to texts of at most `most` characters. Made without a prototype, because names come from outside. */
function texts(most: number) {
  return z
    .record(z.string(), z.unknown())
    .nullish()
    .catch(null)
    .transform((given): Readonly<Record<string, string>> => {
      const found: Record<string, string> = Object.create(null) as Record<string, string>;
      for (const [name, value] of Object.entries(given ?? {}).slice(0, MAX_LABELS)) {
        if (name.length <= 64 && ["string", "number", "boolean"].includes(typeof value)) {
          found[name] = cut(String(value), most);
        }
      }
      return found;
    });
}

/** Labels: at most 20, of at most 200 characters. */
const Labels = texts(200);
/** Annotations: at most 20, long enough to be cut at the end of a word where they are shown. */
const Annotations = texts(4_000);

/** A key of at most 255 characters: a longer one becomes its digest, which is just as distinct. */
export function boundedKey(key: string): string {
  return key.length <= MAX_KEY_CHARACTERS ? key : `sha256:${createHash("sha256").update(key).digest("hex")}`;
}

/** The first text there is, or `fallback`. */
export function firstOf(texts: readonly (string | null | undefined)[], fallback: string): string {
  return texts.find((one) => one !== null && one !== undefined && one.trim() !== "") ?? fallback;
}

/** The latest moment; `null` when none is known. */
export function latest(moments: readonly (Instant | null)[]): Instant | null {
  const known = moments.filter((one) => one !== null);
  return known.length === 0 ? null : (Math.max(...known) as Instant);
}

/** A severity as it is compared with the policy: lower case, at most 32 characters; `null` for none. */
export function severityWord(word: string | null | undefined): string | null {
  const trimmed = word?.trim().toLowerCase().slice(0, 32) ?? "";
  return trimmed === "" ? null : trimmed;
}

/** Cuts to `most` UTF-16 code units, never through a surrogate pair. */
export function cut(value: string, most: number): string {
  return value.slice(0, most).replace(/[\uD800-\uDBFF]$/, "");
}

/** How far back a word is looked for. */
const LONGEST_WORD = 80;

/** Cuts to `most` characters at the end of a word, with "…" for what is left out. */
export function cutAtWord(value: string, most: number): string {
  const trimmed = value.trim();
  if (trimmed.length <= most) return trimmed;
  const head = cut(trimmed, most - 1);
  const tail = head.slice(-LONGEST_WORD);
  const space = Math.max(tail.lastIndexOf(" "), tail.lastIndexOf("\n"), tail.lastIndexOf("\t"));
  return `${(space === -1 ? head : head.slice(0, head.length - tail.length + space)).trimEnd()}…`;
}

/** The kinds of fields, as zod schemas. */
export const payloadFields = { text, Id, When, Address, Labels, Annotations } as const;
