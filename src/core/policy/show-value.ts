const LONGEST_SHOWN_CHARACTERS = 40;

/**
 * Names a value a person wrote, for an error sentence: short, on one line, without control characters.
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
  // JSON leaves C1 controls, line separators and direction marks as they are: in a terminal or a diff they mislead.
  return JSON.stringify(shown).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** `a, b or c` (or `and`). */
export function showChoice(values: readonly string[], word: "or" | "and" = "or"): string {
  const last = values.at(-1) ?? "";
  return values.length < 2 ? last : `${values.slice(0, -1).join(", ")} ${word} ${last}`;
}
