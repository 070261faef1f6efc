const LONGEST_SHOWN_CHARACTERS = 40;

/**
 * Names a value a person wrote, for an error sentence: short, on one line, without control or invisible characters.
 *
 * Plain text. Whoever puts the sentence into Markdown escapes it.
 */
export function showValue(value: unknown): string {
  if (value === null || value === undefined) return "an empty value";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map of keys";
  if (typeof value !== "string") return String(value);
  const characters = [...value];
  const shown =
    characters.length > LONGEST_SHOWN_CHARACTERS ? `${characters.slice(0, LONGEST_SHOWN_CHARACTERS).join("")}…` : value;
  // JSON leaves C1 controls, line separators and direction marks as they are, and they mislead in a terminal or a diff.
  return JSON.stringify(shown).replace(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]/gu, escapeOf);
}

/** `a, b or c` (or `and`). */
export function showChoice(values: readonly string[], word: "or" | "and" = "or"): string {
  const last = values.at(-1) ?? "";
  return values.length < 2 ? last : `${values.slice(0, -1).join(", ")} ${word} ${last}`;
}

/** As JSON escapes a character it cannot show; in two parts beyond U+FFFF. */
function escapeOf(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
