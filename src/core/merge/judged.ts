/** What a check on a commit was about: open pull requests with that head, or a merge group. */
export type Judged =
  | { readonly kind: "pull-requests"; readonly numbers: readonly number[] }
  | { readonly kind: "merge-group"; readonly baseSha: string; readonly base: string | null };

const MAX_NUMBER = 2_147_483_647;

/**
 * Writes it as the `external_id` of a check run, by which it is found again: `pr:5`, `pr:5,6`, or
 * `merge-group:<base sha>:<branch>`.
 *
 * In this way the runs on a commit remember every pull request that was judged with it, including those of forks, which
 * GitHub does not list for a commit (GitHub REST, "List pull requests associated with a commit").
 */
export function judgedId(judged: Judged): string {
  if (judged.kind === "pull-requests") return `pr:${judged.numbers.toSorted((a, b) => a - b).join(",")}`;
  return `merge-group:${judged.baseSha}${judged.base === null ? "" : `:${judged.base}`}`;
}

/** Reads it back. `null`: it is not one of ours. */
export function readJudgedId(externalId: string | null): Judged | null {
  const numbers = /^pr:(\d{1,10}(?:,\d{1,10})*)$/
    .exec(externalId ?? "")?.[1]
    ?.split(",")
    .map(Number);
  if (numbers !== undefined) {
    return numbers.every((one) => one > 0 && one <= MAX_NUMBER) ? { kind: "pull-requests", numbers } : null;
  }
  const group = /^merge-group:([0-9a-f]{40}|[0-9a-f]{64})(?::(.+))?$/.exec(externalId ?? "");
  return group === null ? null : { kind: "merge-group", baseSha: group[1]!, base: group[2] ?? null };
}
