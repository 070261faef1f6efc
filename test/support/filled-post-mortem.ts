/** The text of a new post-mortem with everything the default policy asks for. */
export function filledPostMortem(text: string, items = "- [ ] Limit the pool, bob, #99"): string {
  return text
    .replace(/(## What happened\n)[\s\S]*?(?=\n## )/, "$1\nThe database ran out of connections.\n")
    .replace(/(## Why it happened\n)[\s\S]*?(?=\n## )/, "$1\nA new worker opened one for each request.\n")
    .replace(/(## Action items\n)[\s\S]*$/, `$1\n${items}\n`);
}
