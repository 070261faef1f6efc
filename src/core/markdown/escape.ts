/*
 * The one place where text from people goes into Markdown that Sevgate posts.
 *
 * GitHub reads a comment twice: once as Markdown, and once more as the text of the result, where it looks for
 * mentions, references and addresses. A backslash or an entity stops only the first. So markup is escaped, and what
 * the second reading looks for is parted by an invisible character (U+200B), which stops it in every context, also in
 * the plain text of an e-mail.
 *
 * Mentions: `@` and a login, or `@` and `organization/team`, not after a letter or digit (GitHub docs, "Basic writing
 * and formatting syntax"; grammar as in jch/html-pipeline's MentionFilter: letters, digits and hyphens, first a letter
 * or digit). References: `#12`, `GH-12`, `owner/name#12`, addresses (GitHub docs, "Autolinked references and URLs").
 * A commit SHA may still become a link; it tells nobody and changes nothing.
 */

const PART = "\u200B";
const ELLIPSIS = "…";

/**
 * What is not seen and lets text look like other text: control characters, marks of direction, invisible letters.
 * Joiners and variation selectors stay: scripts and emoji need them.
 */
const UNSEEN = /(?!\u200C|\u200D|[\uFE00-\uFE0F])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/gu;

/** What is parted: mentions, references and addresses begin with these. */
const SECOND_READING = /[@#]|gh-|www(?=\.)|:(?=\/\/)/gi;

/**
 * A person's text as one line of plain text: no markup, mention, reference, link or emoji code of it takes effect, at
 * the start of a line, in a table and in HTML too.
 *
 * @param maxLength longest text shown, in UTF-16 code units before escaping, at least 1; longer text ends in `…`
 */
export function plain(text: string, maxLength: number): string {
  return (
    shorten(oneLine(text), maxLength)
      .replace(/[@#]|gh-|www(?=\.)|:(?=\/|(?:\d*[a-z_+-][\w+-]*|100|1234):)/gi, `$&${PART}`)
      .replace(/[\\`*_[\]|~]|!$/g, "\\$&")
      // Entities, not backslashes: these hold inside HTML, too.
      .replace(/&/g, "&amp;")
      .replace(/</g, "&lt;")
      .replace(/>/g, "&gt;")
      .replace(/"/g, "&quot;")
      .replace(/\$/g, "&#36;")
      // What makes a list, a heading's underline, a table or a command at the start of a line.
      .replace(/^[-+=:/]/, (first) => (first === "/" ? "&#47;" : `\\${first}`))
      .replace(/^(\d{1,9})(?=[.)])/, "$1\\")
  );
}

/**
 * A person's text for the title of an issue: GitHub shows titles as they are, and still tells people and links
 * references in e-mails, notifications and squash commits. One line; what is not seen is shown.
 *
 * @param maxLength longest title, in UTF-16 code units, at least 1; longer text ends in `…`
 */
export function titleText(text: string, maxLength: number): string {
  return shorten(oneLine(text).replace(SECOND_READING, `$&${PART}`), maxLength);
}

/** A person's name without a mention: nobody is told. A deleted account (`null`) is `somebody who left`. */
export function person(login: string | null): string {
  return login === null ? "somebody who left" : plain(login, 64);
}

/** GitHub's logins: letters, digits and single hyphens; `_` in names of managed users. */
const LOGIN = /^[a-z\d](?:[a-z\d]|[-_](?=[a-z\d])){0,38}$/i;

/**
 * A mention: it tells this person. Only for people whom the on-call file names; what is no login tells nobody.
 */
export function mention(login: string): string {
  return LOGIN.test(login) ? `@${login}` : person(login);
}

/**
 * Text in a code span, on one line, exactly as written but for invisible characters, which are shown, and mentions,
 * which are parted. Empty for empty text.
 */
export function codeSpan(text: string): string {
  const shown = oneLine(text).replace(SECOND_READING, `$&${PART}`);
  if (shown === "") return "";
  if (shown.includes("|")) return `<code>${htmlText(shown)}</code>`;
  const longest = (shown.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
  const fence = "`".repeat(longest + 1);
  const pad = /^[`]|[`]$/.test(shown) ? " " : "";
  return fence + pad + shown + pad + fence;
}

/**
 * A link, when its address is safe; otherwise the text alone.
 *
 * @param text  shown as by `plain`, at most 200 characters
 * @param url   https and one of `hosts`, without a user name; http only for a host of this machine
 * @param hosts hosts that are trusted, with a port where one is needed
 */
export function link(text: string, url: string, hosts: readonly string[] = ["github.com"]): string {
  const shown = plain(text, 200);
  const address = safeAddress(url, hosts);
  return address === null || shown === "" ? shown : `[${shown}](${address})`;
}

function safeAddress(url: string, hosts: readonly string[]): string | null {
  if (!URL.canParse(url)) return null;
  const parsed = new URL(url);
  const isLocal = /^(?:localhost|127\.0\.0\.1)$/.test(parsed.hostname);
  if (parsed.protocol !== "https:" && !(parsed.protocol === "http:" && isLocal)) return null;
  if (parsed.username !== "" || parsed.password !== "") return null;
  if (!hosts.some((host) => host.toLowerCase() === parsed.host)) return null;
  // Whatever could end the address or start markup is percent-encoded; `&` is an entity, as Markdown wants it.
  return parsed.href
    .replace(/[^\w\-.~:/?#@!$&+,;=%]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`)
    .replaceAll("&", "&amp;");
}

/** One line, well-formed, without anything invisible: `[U+202E]` stands for what would not be seen. */
export function oneLine(text: string): string {
  return text
    .replace(/\p{Cs}/gu, "\uFFFD")
    .replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, " ")
    .replace(UNSEEN, (char) => `[U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`)
    .replace(/\s+/gu, " ")
    .trim();
}

/** Cuts to `maxLength` UTF-16 code units, the ellipsis included, and never through a surrogate pair. */
export function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const kept = text.slice(0, Math.max(0, maxLength - ELLIPSIS.length));
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}${ELLIPSIS}`;
}

/** For the inside of an HTML element, where Markdown still reads its marks. */
function htmlText(text: string): string {
  return text.replace(/[^\p{L}\p{N}\s\u200B]/gu, (char) => `&#${char.codePointAt(0)!};`);
}
