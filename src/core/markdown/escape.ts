/*
 * The one place where text from people goes into Markdown that Sevgate posts.
 *
 * GitHub reads a comment twice: once as Markdown, and once more as the text of the result, where it looks for mentions,
 * references and addresses. A backslash or an entity stops only the first. So markup is escaped, and the sign that the
 * second reading goes by gets an element of its own: `<span>@</span>octocat`. The second reading looks at one text at a
 * time and finds none there, while a reader sees and copies `@octocat`, letter by letter: nothing copied from Sevgate
 * contains an invisible character (docs/decisions/0027-nothing-unseen-in-what-is-copied.md). GitHub does not read code
 * a second time, so code stays as written.
 *
 * Mentions: `@` and a login, or `@` and `organization/team`, not after a letter or digit (GitHub docs, "Basic writing
 * and formatting syntax"; grammar as in jch/html-pipeline's MentionFilter: letters, digits and hyphens, beginning with
 * a letter or digit). References: `#12`, `GH-12`, `owner/name#12`, addresses (GitHub docs, "Autolinked references and
 * URLs"). A commit SHA may still become a link; that notifies nobody and changes nothing.
 */

const ELLIPSIS = "…";

/**
 * What cannot be seen and makes text look like other text: control characters, direction marks, invisible letters, a
 * Braille pattern without dots.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]/gu;

/**
 * After these, a joiner or a variation selector is part of what is seen: an emoji with its modifiers, a letter of a
 * script that uses them. What is invisible itself takes nothing more.
 */
const TAKES_MORE =
  /\p{Extended_Pictographic}\uFE0F?\p{Emoji_Modifier}?\uFE0F?$|(?!\p{Script=Latin}|\p{Script=Greek}|\p{Script=Cyrillic}|\p{Default_Ignorable_Code_Point})[\p{L}\p{M}]$/u;
/** The longest of them, in UTF-16 code units: an emoji, its skin tone, and a selector after each. */
const TAKES_MORE_LENGTH = 6;

/** How GitHub's second reading recognises mentions, references, URLs and emoji codes. */
const SIGN = /@(?=[\w.-]|$)|#(?=\d|$)|gh-(?=\d|$)|www(?=\.)|:(?=\/|(?:\d*[a-z_+-][\w+-]*|100|1234):)/gi;

/**
 * A person's text as one line of plain text: no markup, mention, reference, link or emoji code in it takes effect, not
 * even at the start of a line, in a table or in HTML. The only tags in it are those of `<span>`s around single signs.
 *
 * @param maxLength longest text shown, in UTF-16 code units before escaping, at least 1; longer text ends in `…`
 *
 * (A-083)
 */
export function plain(text: string, maxLength: number): string {
  const shown = shorten(oneLine(text), maxLength);
  return withSignsApart(shown, (part, at) => {
    const written = part
      .replace(/[\\`*_[\]|~]/g, "\\$&")
      // Entities, not backslashes: they work inside HTML, too.
      .replace(/&/g, "&amp;")
      .replace(/</g, "&lt;")
      .replace(/>/g, "&gt;")
      .replace(/"/g, "&quot;")
      .replace(/\$/g, "&#36;")
      // What would turn a link after it into an image.
      .replace(/!$/, "\\!");
    if (at > 0) return written;
    // What makes a heading, a list, a heading's underline, a table or a command at the start of a line.
    return written
      .replace(/^[-+=:/#]/, (first) => (first === "/" ? "&#47;" : `\\${first}`))
      .replace(/^(\d{1,9})(?=[.)])/, "$1\\");
  });
}

/** Text with each sign the second reading goes by in an element of its own, and the rest written by `write`. */
function withSignsApart(text: string, write: (part: string, at: number) => string): string {
  let done = "";
  let at = 0;
  for (const sign of text.matchAll(SIGN)) {
    if (sign.index > at) done += write(text.slice(at, sign.index), at);
    done += `<span>${sign[0]}</span>`;
    at = sign.index + sign[0].length;
  }
  return at < text.length ? done + write(text.slice(at), at) : done;
}

/**
 * A person's text for the title of an issue, which GitHub shows as plain text: it looks for nothing in it. One line;
 * invisible characters are made visible.
 *
 * @param maxLength longest title, in UTF-16 code units, at least 1; longer text ends in `…`
 *
 * (A-082)
 */
export function titleText(text: string, maxLength: number): string {
  return shorten(oneLine(text), maxLength);
}

/** A person's name without a mention: nobody is notified. A deleted account (`null`) is `somebody who left`. */
export function person(login: string | null): string {
  return login === null ? "somebody who left" : plain(login, 64);
}

/** GitHub's logins: letters, digits and single hyphens; `_` in names of managed users. */
const LOGIN = /^[a-z\d](?:[a-z\d]|[-_](?=[a-z\d])){0,38}$/i;

/**
 * A mention: it notifies this person. Only for people whom the on-call file names, and for whoever asked for what
 * they are told of; a text that is not a login notifies
 * nobody.
 */
export function mention(login: string): string {
  return LOGIN.test(login) ? `@${login}` : person(login);
}

/**
 * Text in a code span, on one line, exactly as written but for invisible characters, which are shown. GitHub looks for no
 * mentions, references or addresses in code. Empty for empty text.
 */
export function codeSpan(text: string): string {
  const shown = oneLine(text);
  if (shown === "") return "";
  // A bar would end the cell of a table. Markdown reads what is between these tags, and finds URLs there.
  if (shown.includes("|")) return `<code>${withSignsApart(shown, htmlText)}</code>`;
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
 * @param hosts trusted hosts, with a port where one is needed
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
  // Whatever could end the URL or start markup is percent-encoded; `&` becomes an entity, as Markdown expects.
  return parsed.href
    .replace(/[^\w\-.~:/?#@!$&+,;=%]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`)
    .replaceAll("&", "&amp;");
}

/**
 * A text for a quoted word of a Mermaid diagram, such as the name of a bar: on one line, and every sign that Mermaid or a fence
 * could take for its own as an entity of Mermaid's (its docs, "Entity codes to escape characters"). GitHub reads a diagram as code:
 * it looks for no mentions or references in it.
 *
 * @param maxLength as for `plain`
 */
export function mermaidText(text: string, maxLength: number): string {
  return shorten(oneLine(text), maxLength).replace(
    /[^\p{L}\p{M}\p{N} .,()/-]/gu,
    (char) => `#${char.codePointAt(0)!};`,
  );
}

/** A text between the tags of HTML, or in quotes as the value of an attribute: nothing in it takes effect. On one line. */
export function pageText(text: string): string {
  return oneLine(text)
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&#39;");
}

/** An address for the value of an attribute in HTML; `null`: it is not one on the web. */
export function pageAddress(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, username, password, href } = new URL(url);
  if ((protocol !== "https:" && protocol !== "http:") || username !== "" || password !== "") return null;
  return pageText(href);
}

/**
 * A text for a cell of a CSV file, in quotes where it needs them (RFC 4180). What a spreadsheet would take for a formula begins with
 * an apostrophe: `=`, `+`, `-`, `@`, a tab, a carriage return, and their full-width forms (OWASP, "CSV Injection").
 */
export function csvCell(text: string): string {
  const shown = /^[\s]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n;\t']/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}

/** One line, well-formed, with nothing invisible: `[U+202E]` stands for a character that would not be seen. */
export function oneLine(text: string): string {
  return text
    .replace(/\p{Cs}/gu, "\uFFFD")
    .replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, " ")
    .replace(UNSEEN, (char, at: number, whole: string) =>
      isSeen(char, at, whole) ? char : `[U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`,
    )
    .replace(/\s+/gu, " ")
    .trim();
}

/** Whether a joiner or a variation selector belongs to an emoji or to the letter in front of it. */
function isSeen(char: string, at: number, whole: string): boolean {
  const isJoiner = char === "\u200C" || char === "\u200D";
  if (!isJoiner && !(char >= "\uFE00" && char <= "\uFE0F")) return false;
  return TAKES_MORE.test(whole.slice(Math.max(0, at - TAKES_MORE_LENGTH), at)) || whole.startsWith("\uFE0F\u20E3", at);
}

/** Cuts to `maxLength` UTF-16 code units, the ellipsis included, and never through a surrogate pair. */
export function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const kept = text.slice(0, Math.max(0, maxLength - ELLIPSIS.length));
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}${ELLIPSIS}`;
}

/** For the inside of an HTML element, where Markdown still reads its marks. */
function htmlText(text: string): string {
  return text.replace(/[^\p{L}\p{N}\s]/gu, (char) => `&#${char.codePointAt(0)!};`);
}
