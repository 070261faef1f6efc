/** The word that everything about a drill begins with. */
const DRILL = "Drill";
const MARK = `**${DRILL}**`;

/**
 * A line of plain text as it is in a drill: it begins with `Drill: `.
 *
 * @param isDrill `false`: it stays as it is
 */
export function inDrill(isDrill: boolean, line: string): string {
  return isDrill ? `${DRILL}: ${line}` : line;
}

/** A comment as it is in a drill, in Markdown: the word stands apart from a table or a list, and before a sentence. */
export function commentInDrill(isDrill: boolean, comment: string): string {
  if (!isDrill) return comment;
  return `${MARK}${/^[|#>-]/.test(comment) ? "\n\n" : " · "}${comment}`;
}

/** Whether a comment of ours was written in a drill. In anybody else's it is just text. */
export function isSaidInDrill(body: string): boolean {
  return body.startsWith(MARK);
}
