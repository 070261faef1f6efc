import type { IssueFacts, Reference } from "../model.ts";
import { fullName, sameName } from "../names.ts";
import type { EvidenceFacts, IncidentObservation } from "../observation.ts";

type Seen = Pick<IncidentObservation, "repository" | "policy" | "postMortemPlace">;

/** `owner/name` of the repository where the policy wants post-mortems. */
export function placeWanted({ repository, policy }: Pick<Seen, "repository" | "policy">): string {
  const { repository: wanted } = policy.policy["post-mortem"];
  return wanted === "same" ? fullName(repository) : wanted;
}

/** The same, as in a reference: `null` is the incident's own repository. */
export function placeFromHere(seen: Pick<Seen, "repository" | "policy">): string | null {
  const wanted = placeWanted(seen);
  return sameName(wanted, fullName(seen.repository)) ? null : wanted;
}

/** Whether `target` is where the policy wants post-mortems: a link to anywhere else costs the incident nothing. */
export function isPlaceWanted(seen: Pick<Seen, "repository" | "policy">, target: Reference): boolean {
  return sameName(target.repository ?? fullName(seen.repository), placeWanted(seen));
}

/**
 * The post-mortem the app has created for the incident, as evidence: it counts for no more than any other issue in its
 * place.
 */
export function draftEvidence(seen: Seen, issue: IssueFacts): EvidenceFacts {
  const target = { repository: placeFromHere(seen), number: issue.number };
  const base = { kind: "issue", target, via: "command", trust: null, movedTo: null } as const;
  const place = seen.postMortemPlace;
  if (place?.access === "closed") return { ...base, answer: "cannot-read", sealedBy: null };
  return { ...base, answer: issue, sealedBy: place?.access === "sealed" ? place.rules : null };
}
