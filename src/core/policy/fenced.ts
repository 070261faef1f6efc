/** GitHub accepts 50 annotations per request (GitHub REST, "Create a check run"); the summary counts the rest. */
export const MOST_ANNOTATIONS = 50;
/** GitHub's limit is 65,535 characters; the rest leaves room for what surrounds the list. */
const LONGEST_LIST_CHARACTERS = 60_000;

/** Paragraphs of Markdown. */
export function paragraphs(...parts: readonly string[]): string {
  return parts.join("\n\n");
}

/** Text as it is: inside a fence longer than any it contains, nothing is Markdown and nobody is mentioned. */
export function fenced(text: string): string {
  const kept = text.length > LONGEST_LIST_CHARACTERS ? `${text.slice(0, LONGEST_LIST_CHARACTERS)}…` : text;
  const longest = Math.max(2, ...Array.from(kept.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${kept}\n${fence}`;
}
