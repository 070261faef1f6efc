const GRAPHEMES = new Intl.Segmenter("en", { granularity: "grapheme" });
/** Letters of scripts that are joined, separated or varied by characters that are not drawn themselves. */
const JOINING_LETTER = /(?!\p{Script=Latin}|\p{Script=Greek}|\p{Script=Cyrillic})[\p{L}\p{M}]/u;
const UNSEEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800\u00A0]/u;

/**
 * The first character of a text that a person would copy without seeing it, as `U+200B`; `null`: none. The parts of an
 * emoji, and what joins the letters of a script, count as seen.
 */
export function unseenIn(text: string): string | null {
  for (const { segment } of GRAPHEMES.segment(text)) {
    const found = UNSEEN.exec(segment);
    if (found === null || /\p{Extended_Pictographic}|^[\d#*]\uFE0F\u20E3$/u.test(segment)) continue;
    if (JOINING_LETTER.test(segment) && /\u200C|\u200D|[\uFE00-\uFE0E]|\uFE0F/.test(found[0])) continue;
    return `U+${found[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
  }
  return null;
}
