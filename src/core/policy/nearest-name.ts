import { distance } from "fastest-levenshtein";

/** Longer words are not typing slips, and comparing costs length times length. */
const LONGEST_COMPARED_CHARACTERS = 64;

/** The known name a person most likely meant; `null` when none is close. Ignores case. */
export function nearestName(written: string, known: readonly string[]): string | null {
  if (written.length > LONGEST_COMPARED_CHARACTERS) return null;
  const folded = written.toLowerCase();
  let nearest: string | null = null;
  let fewestEdits = Number.POSITIVE_INFINITY;
  for (const name of known) {
    const edits = distance(folded, name.toLowerCase());
    const allowed = Math.max(1, Math.floor(Math.max(folded.length, name.length) / 3));
    if (edits <= allowed && edits < fewestEdits) {
      nearest = name;
      fewestEdits = edits;
    }
  }
  return nearest;
}
