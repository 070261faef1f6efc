/** GitHub takes 50 annotations a request (GitHub REST, "Create a check run"); the summary counts the rest. */
export const MOST_ANNOTATIONS = 50;
/** GitHub's limit is 65,535 characters; what surrounds the list has room in the rest. */
const LONGEST_LIST_CHARACTERS = 60_000;

/** Paragraphs of Markdown. */
export function paragraphs(...parts: readonly string[]): string {
  return parts.join("\n\n");
}

/** Text as it is: in a fence longer than any within it nothing is Markdown, and nobody is mentioned. */
export function fenced(text: string): string {
  const kept = text.length > LONGEST_LIST_CHARACTERS ? `${text.slice(0, LONGEST_LIST_CHARACTERS)}…` : text;
  const longest = Math.max(2, ...Array.from(kept.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${kept}\n${fence}`;
}
