/** Columns of a terminal that nothing goes beyond, but a word that is longer by itself. */
const WIDTH = 80;

/** A line in as many as it needs, those behind the first further in. */
export function wrapLine(line: string, indent: string): readonly string[] {
  const own = /^ */.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let rest = `${indent}${line}`;
  const further = `${indent}${own}    `;
  while (rest.length > WIDTH) {
    const at = rest.lastIndexOf(" ", WIDTH);
    const end = at > further.length ? at : rest.indexOf(" ", WIDTH);
    if (end === -1) break;
    lines.push(rest.slice(0, end).trimEnd());
    rest = `${further}${rest.slice(end + 1).trimStart()}`;
  }
  return [...lines, rest];
}
