import { editWithoutClosing } from "../markdown/edit-without-closing.ts";
import { closingReferences } from "../markdown/references.ts";
import type { Reference, Repository } from "../model.ts";
import { fullName, sameTarget } from "../names.ts";
import type { ClosingSource, MergeObservation } from "./merge-observation.ts";

/** One thing that would close an issue on merging, and the edit that clears it. */
export interface Closer {
  readonly target: Reference;
  readonly source: {
    readonly kind: "title" | "body" | "commit" | "sidebar";
    readonly sha: string | null;
    readonly pullRequest: number | null;
  };
  /** As written: `Fixes #12`; `null` for a link in the sidebar. */
  readonly matched: string | null;
  /** What to write instead; `null` for a link in the sidebar. */
  readonly instead: string | null;
}

/** Everything that closes an issue when this merge lands on the default branch. */
export function closersOf(
  seen: Pick<MergeObservation, "sources" | "linked" | "repository" | "host" | "toDefaultBranch" | "pullRequest">,
): readonly Closer[] {
  if (!seen.toDefaultBranch) return [];
  const closers = seen.sources.flatMap((source) => closersIn(source, seen.repository, seen.host));
  for (const target of seen.linked === "unsupported" ? [] : seen.linked) {
    // GitHub also lists what a keyword links; the keyword is what people can edit.
    if (closers.some((closer) => sameTarget(closer.target, target))) continue;
    const source = { kind: "sidebar", sha: null, pullRequest: seen.pullRequest } as const;
    closers.push({ target, source, matched: null, instead: null });
  }
  return closers;
}

function closersIn(source: ClosingSource, repository: Repository, host: string): Closer[] {
  return closingReferences(source.text, fullName(repository), host).map((found) => ({
    target: found.reference,
    source: {
      kind: source.kind,
      sha: source.kind === "commit" ? source.sha : null,
      pullRequest: source.kind === "commit" ? null : source.pullRequest,
    },
    matched: found.matched,
    instead: editWithoutClosing(found.matched),
  }));
}
