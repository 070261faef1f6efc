/** How severe a word says something is: 0 is the most severe. */
const WORDS: ReadonlyMap<string, number> = new Map([
  ["critical", 0],
  ["blocker", 0],
  ["urgent", 0],
  ["highest", 0],
  ["high", 1],
  ["major", 1],
  ["medium", 2],
  ["moderate", 2],
  ["normal", 2],
  ["minor", 3],
  ["low", 3],
  ["lowest", 4],
  ["trivial", 4],
]);
/** Words that say it without a prefix. */
const ALONE: ReadonlySet<string> = new Set(["critical", "blocker", "urgent"]);

const PREFIX = /^(?:severity|sev|priority|prio|incident)[\s:/_.-]{0,3}/;
const LEVEL = /^[ps]?([0-5])$/;
const LEVEL_ALONE = /^[ps]([0-5])$/;

/** Those of these labels that look as if they named a severity, such as `P0`, `sev1` or `severity: high`, most severe first. */
export function severityLikeLabels(labels: readonly string[]): readonly string[] {
  return labels
    .flatMap((label) => {
      const rank = rankOf(label);
      return rank === null ? [] : [{ label, rank }];
    })
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ label }) => label);
}

function rankOf(label: string): number | null {
  const name = label.trim().toLowerCase();
  const rest = name.replace(PREFIX, "");
  const hasPrefix = rest !== name;
  const level = (hasPrefix ? LEVEL : LEVEL_ALONE).exec(rest)?.[1];
  if (level !== undefined) return Number(level);
  return hasPrefix || ALONE.has(rest) ? (WORDS.get(rest) ?? null) : null;
}
