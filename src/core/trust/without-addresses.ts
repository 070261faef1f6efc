/** How many characters GitHub, mail servers and RFC 5321 (4.5.3.1) allow before and after the `@`. */
const MOST_BEFORE = 64;
const MOST_BEHIND = 255;
const BEFORE = /[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]/u;
const BEHIND = /[\p{L}\p{N}.-]/u;

/**
 * The text with every e-mail address reduced to its host: `jane@acme.com` becomes `…@acme.com`. What other systems say
 * is shown to everybody who can see an issue, and people there have not agreed to that. Each `@` costs a bounded look
 * around it.
 */
export function withoutAddresses(text: string): string {
  let shown = "";
  let done = 0;
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    const least = Math.max(done, at - MOST_BEFORE);
    let start = at;
    while (start > least && BEFORE.test(text[start - 1]!)) start -= 1;
    const isAddress = start < at && at + 1 < text.length && BEHIND.test(text[at + 1]!);
    if (!isAddress) continue;
    let end = at + 1;
    while (end < text.length && end - at <= MOST_BEHIND && BEHIND.test(text[end]!)) end += 1;
    shown += `${text.slice(done, start)}…${text.slice(at, end)}`;
    done = end;
  }
  return shown + text.slice(done);
}

/** Whether a text contains an e-mail address. */
export function hasAddress(text: string): boolean {
  return withoutAddresses(text) !== text;
}
