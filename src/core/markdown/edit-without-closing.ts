/** The edit that keeps a mention and stops it from closing: `Fixes #12` becomes `Refs #12`. */
export function editWithoutClosing(matched: string): string {
  return matched.replace(/^[a-z]+/i, (keyword) => {
    if (keyword === keyword.toUpperCase()) return "REFS";
    return keyword[0] === keyword[0]!.toUpperCase() ? "Refs" : "refs";
  });
}
