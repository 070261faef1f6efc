/** JSON in which a terminal takes nothing for a command, and that it shows in the order in which it is written. */
export function jsonLine(value: object): string {
  return `${safeJson(value)}\n`;
}

/** The same, over several lines when indented by `indent` columns. */
export function safeJson(value: object, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
