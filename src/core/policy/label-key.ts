/**
 * The identity of a label name: two names with the same key are the same label to GitHub, which ignores case.
 *
 * NFC first: the same letter typed on two systems may differ in bytes.
 */
export function labelKey(name: string): string {
  return name.normalize("NFC").toLowerCase();
}
