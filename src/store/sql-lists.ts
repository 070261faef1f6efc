/** Lengths of lists: few, so that there are few different statements, and none longer than every database accepts. */
const LENGTHS = [1, 10, 100, 1_000];

/** A piece of a list as SQL; its placeholders are numbered from the given place on. */
export interface SqlList {
  /** `$3, $4, …`, or `($1, $2, $3), ($1, $2, $4), …` */
  readonly text: string;
  readonly values: readonly string[];
}

/** Texts for `in (…)`, from `$<first>` on. A piece is padded with its last text. */
export function listsOf(texts: readonly string[], first: number): readonly SqlList[] {
  return piecesOf(texts).map((values) => ({
    text: values.map((_, at) => `$${first + at}`).join(", "),
    values,
  }));
}

/**
 * Rows for `values …` that differ in their last column, from `$<first>` on; the placeholders before it are the same in each. A
 * piece is padded with its last row, so use `on conflict do nothing`.
 */
export function rowListsOf(texts: readonly string[], first: number): readonly SqlList[] {
  const same = Array.from({ length: first - 1 }, (_, at) => `$${at + 1}, `).join("");
  return piecesOf(texts).map((values) => ({
    text: values.map((_, at) => `(${same}$${first + at})`).join(", "),
    values,
  }));
}

function piecesOf(texts: readonly string[]): readonly (readonly string[])[] {
  const longest = LENGTHS.at(-1) ?? 1;
  const pieces: (readonly string[])[] = [];
  for (let from = 0; from < texts.length; from += longest) {
    const piece = texts.slice(from, from + longest);
    const length = LENGTHS.find((one) => one >= piece.length) ?? longest;
    pieces.push([...piece, ...Array.from({ length: length - piece.length }, () => piece.at(-1) ?? "")]);
  }
  return pieces;
}
