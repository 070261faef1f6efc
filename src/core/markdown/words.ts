/** `:fire:`: GitHub shows an emoji. */
const EMOJI_CODE = /:[a-z0-9_+-]{1,50}:/gi;
/** The minutes of a time. Two emoji codes consist of digits alone. */
const MINUTES = /^:(?!100:|1234:)\d{1,50}:$/;
/** A digit in a key: `1️⃣`. */
const KEYCAP = /[\d#*]\uFE0F?\u20E3/g;

/** The words of a line: letters and digits, in lower case, separated by single spaces. Emoji count as symbols. */
export function wordsOf(line: string): string {
  const text = line.replace(KEYCAP, " ").replace(EMOJI_CODE, (code) => (MINUTES.test(code) ? code : " "));
  return (text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).join(" ");
}
